"""``python -m deploy weights|space|front-matter``. Exit status: 0 done, 1 the Hub failed, 2 refused or wrong usage."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy import checkpoint, metadata, space
from deploy.upload import Failed, Refused

ROOT = Path(__file__).parent.parent


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="python -m deploy", description="Publish CXR Lens on the Hugging Face Hub.")
    commands = top.add_subparsers(dest="command", required=True)
    sending = {
        "weights": "upload weights/ with its model card, and pin the revision",
        "space": "upload the Space, which pulls the pinned weights",
    }
    for name, summary in sending.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("--repo", required=True, metavar="OWNER/NAME", help="repository on the Hub")
        command.add_argument("--dry-run", action="store_true", help="print what would go up, and touch nothing")
        if name == "weights":
            command.add_argument("--private", action="store_true", help="create a private repository")
    summary = "copy spaces.yaml into README.md's front matter"
    command = commands.add_parser("front-matter", help=summary, description=summary)
    command.add_argument("--check", action="store_true", help="write nothing; exit with 2 if they differ")
    return top


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run one command on the project in ``root``; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        {"weights": _weights, "space": _space, "front-matter": _front_matter}[options.command](options, root)
    except (Refused, Failed) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, Refused) else 1
    return 0


def _weights(options: argparse.Namespace, root: Path) -> None:
    upload = checkpoint.prepare(root, options.repo)
    print(upload.describe())
    if options.dry_run:
        print("Dry run: nothing was sent or changed.")
        return
    pin = checkpoint.publish(root, upload, options.private)
    print(f"Published and pinned at {pin.revision}: commit xai/hub.json, spaces.yaml and README.md.")


def _space(options: argparse.Namespace, root: Path) -> None:
    upload = space.prepare(root, options.repo)
    obstacle = space.obstacle(root)
    if obstacle and not options.dry_run:
        raise Refused(obstacle)
    print(upload.describe())
    if options.dry_run:
        if obstacle:
            print(f"Not ready: {obstacle}")
        print("Dry run: nothing was sent or changed.")
        return
    print(f"Published at {space.publish(root, upload)}.")


def _front_matter(options: argparse.Namespace, root: Path) -> None:
    present, wanted = metadata.readme(root)
    if present == wanted:
        print("README.md agrees with spaces.yaml.")
    elif options.check:
        raise Refused("README.md's front matter differs from spaces.yaml: run `python -m deploy front-matter`.")
    else:
        metadata.refresh(root)
        print("README.md's front matter was rewritten from spaces.yaml.")


if __name__ == "__main__":
    sys.exit(main())
