"""Checkpoints on the Hugging Face Hub: the pinned revision, its cache, and downloads that fail fast and clearly."""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from xai.errors import WeightsError
from xai.manifest import SHA256

PIN = Path(__file__).with_name("hub.json")
# Spaces preload files here, whatever HF_HOME says.
PRELOADED = Path("~/.cache/huggingface/hub").expanduser()
PUBLISH = "python -m deploy weights --repo OWNER/NAME"

_DISK = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EEXIST, errno.ENOTDIR)

T = TypeVar("T")


@dataclass(frozen=True)
class Pin:
    """The one published checkpoint folder that this package trusts.

    Attributes:
        repo: ``OWNER/NAME`` on the Hub.
        revision: full commit hash, 40 hex digits.
        manifest_sha256: of the manifest there, which in turn holds the hash of every other file.
    """

    repo: str
    revision: str
    manifest_sha256: str


def read_pin(path: Path | None = None) -> Pin | None:
    """The pin in ``path`` (this package's own by default), or None where nothing has been published yet.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    path = path or PIN
    try:
        content = json.loads(path.read_bytes())
        pin = Pin(content["repo"], content["revision"], content["manifest_sha256"])
        if pin.revision is None:
            return None
        for value, pattern in (
            (pin.repo, r"[\w.-]+/[\w.-]+"),
            (pin.revision, r"[0-9a-f]{40}"),
            (pin.manifest_sha256, SHA256),
        ):
            if not re.fullmatch(pattern, value):
                raise ValueError(f"{value!r} does not fit")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path} is missing or damaged ({reason(error)}): restore it, or run `{PUBLISH}`."
        ) from error
    return pin


def patience() -> float:
    """Seconds to wait for the Hub's first answer: 2, or ``HF_HUB_ETAG_TIMEOUT`` on a slow network."""
    return float(os.environ.get("HF_HUB_ETAG_TIMEOUT") or 2)


def promptly(ask: Callable[[], T]) -> T:
    """``ask()``, given up after :func:`patience` seconds.

    The client's own timeout holds for each phase of a request and not at all for the look-up of a host name, so the
    whole is put under one clock. The thread is left to end by itself.

    Raises:
        TimeoutError: no answer in time.
    """
    outcome: list[Callable[[], T]] = []

    def run() -> None:
        try:
            answer = ask()
        except Exception as error:
            outcome.append(lambda error=error: _raise(error))
        else:
            outcome.append(lambda: answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience())
    if not outcome:
        raise TimeoutError(f"no answer within {patience():g} s")
    return outcome[0]()


def reason(error: BaseException) -> str:
    """The first sentence of a library's error, to stand in the middle of one of ours."""
    return re.split(r"\n|\.\s", str(error).strip())[0].rstrip(".") or type(error).__name__


def _raise(error: Exception) -> None:
    raise error


def cached(pin: Pin, name: str) -> Path | None:
    """The file in the Hub cache (or where a Space preloads it), or None. No network."""
    # `hf_hub_download(local_files_only=True)` would still send a telemetry request and wait 3 s for its answer.
    from huggingface_hub import constants, try_to_load_from_cache

    for cache in (constants.HF_HUB_CACHE, PRELOADED):
        found = try_to_load_from_cache(pin.repo, name, revision=pin.revision, cache_dir=cache)
        if isinstance(found, str):
            return Path(found)
    return None


def download(pin: Pin, name: str, damaged: Path | None = None) -> Path:
    """Fetch a file of the pinned revision into the Hub cache.

    Args:
        damaged: a cached copy with a wrong hash, removed once the Hub is known to have another.

    Raises:
        WeightsError: offline, unreachable, not there, or not allowed.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    try:
        # `hf_hub_download` retries for 23 s before it gives up on a missing network; one request of ours tells at once.
        url = hf_hub_url(pin.repo, name, revision=pin.revision)
        if promptly(lambda: get_hf_file_metadata(url, timeout=patience())).commit_hash is None:
            raise ConnectionError("what answers there is not the Hub")
        if damaged is not None:
            damaged.resolve().unlink(missing_ok=True)
            damaged.unlink(missing_ok=True)
        return Path(hf_hub_download(pin.repo, name, revision=pin.revision, etag_timeout=patience()))
    except Exception as error:
        raise WeightsError(_sentence(error, pin, name)) from error


def _sentence(error: Exception, pin: Pin, name: str) -> str:
    """What went wrong on the way to a file of the pinned revision, and what to do about it."""
    from huggingface_hub import constants, errors

    what, elsewhere = f"{name} of {pin.repo}", "or name a folder that holds the checkpoint in CXR_WEIGHTS"
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else None
    if isinstance(error, errors.OfflineModeIsEnabled):
        return f"{what} is not in the Hub cache and offline mode is on: unset HF_HUB_OFFLINE once, {elsewhere}."
    if isinstance(error, errors.GatedRepoError):
        return f"{what} is gated: ask for access on its page, log in with `hf auth login`, {elsewhere}."
    if isinstance(error, errors.RepositoryNotFoundError) or status in (401, 403):
        return (
            f"{pin.repo} is private or not on the Hub: log in with `hf auth login`, correct xai/hub.json, {elsewhere}."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{pin.repo} has no revision {pin.revision[:10]}: update CXR Lens, correct xai/hub.json, {elsewhere}."
    if isinstance(error, errors.EntryNotFoundError) and not isinstance(error, errors.LocalEntryNotFoundError):
        return (
            f"{pin.repo} has no {name} at revision {pin.revision[:10]}: publish it again with `{PUBLISH}`, {elsewhere}."
        )
    why = f"status {status}" if status else reason(error.__cause__ or error)
    if isinstance(error, OSError) and error.errno in _DISK:
        return f"{what} cannot be stored in the Hub cache ({why}): mend it, choose another in HF_HOME, {elsewhere}."
    return f"{constants.ENDPOINT} did not deliver {what} ({why}): check the network and try again, {elsewhere}."
