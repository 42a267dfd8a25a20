"""``python app.py``: serve CXR Lens on a local port (on all interfaces of a Hugging Face Space)."""

from __future__ import annotations

import argparse
import ctypes
import os
import socket
import sys

from ui.page import build, serve
from xai.errors import WeightsError


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, serve until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(prog="app.py", description="Serve CXR Lens.")
    parser.add_argument("--host", default="0.0.0.0" if os.environ.get("SPACE_ID") else "127.0.0.1")
    parser.add_argument("--port", type=_port, help="1 to 65535; default: the first free one from 7860")
    parser.add_argument("--weights", help="folder with manifest.json; default: as the README says")
    options = parser.parse_args(arguments)
    try:
        socket.getaddrinfo(options.host, None)
    except OSError:
        print(f"There is no host {options.host} on this machine: choose another with --host.", file=sys.stderr)
        return 1
    give_back()
    try:
        page = build(options.weights)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        url = serve(page, options.host, options.port)
    except OSError:
        print(
            f"Port {options.port or '7860 and the next hundred'} is taken: choose another with --port.", file=sys.stderr
        )
        return 1
    print(f"CXR Lens is at {url} (Ctrl+C stops it)", flush=True)
    page.block_thread()
    return 0


def give_back() -> None:
    """Let glibc hand every large array back to the system once it is free.

    Left to itself it raises the size from which it does so with every large film (mallopt(3)), and keeps 50 MB more.
    """
    try:
        ctypes.CDLL(None).mallopt(-3, 1 << 20)  # M_MMAP_THRESHOLD of malloc.h
    except (OSError, AttributeError, TypeError):
        pass  # another system's C library, which has no such setting


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: choose one from 1 to 65535")
    return int(text)


def __getattr__(name: str):
    # `demo` is what `gradio app.py` looks for; built on demand, so that importing this file loads no weights.
    if name == "demo":
        return build()
    raise AttributeError(name)


if __name__ == "__main__":
    sys.exit(main())
