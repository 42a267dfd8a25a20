"""``python -m benchmarks``: take the project's figures in one run."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

from benchmarks import machine
from benchmarks.settings import ROOT, Settings

NAMES = (
    "exactness", "faithfulness", "explain", "hide", "peers", "score_cam", "runtimes", "startup", "memory", "threads",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command line."""
    films = os.environ.get("CXR_DATA")
    out = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    out.add_argument("names", nargs="*", metavar="NAME", help=f"which to run, of {', '.join(NAMES)} (default: all)")
    out.add_argument(
        "--films",
        type=Path,
        default=Path(films) if films else None,
        help="folder with nih/ and kermany/ (default: $CXR_DATA; phantoms without)",
    )
    out.add_argument(
        "--out", type=Path, default=ROOT / "reports" / "benchmarks.json", help="JSON (default: %(default)s)"
    )
    out.add_argument("--weights", type=Path, help="folder of checkpoints (default: as the library finds them)")
    out.add_argument("--init", type=Path, help="ImageNet .npz for the backbone in `runtimes` (default: random weights)")
    out.add_argument("--runs", type=Path, default=ROOT / "runs", help="training runs, if any (default: %(default)s)")
    out.add_argument("--peers", type=Path, default=ROOT / ".venv-peers", help="peers' environment, built if absent")
    out.add_argument("--threads", type=int, default=2, help="cores for every contestant (default: 2, as on a Space)")
    out.add_argument("--quick", action="store_true", help="a tenth of the repeats: does everything run?")
    return out


def table(results: dict[str, dict]) -> str:
    """The figures of all results, one per line, with targets and whether they are met."""
    width = max((len(figure["what"]) for result in results.values() for figure in result["figures"]), default=0)
    lines = []
    for name, result in results.items():
        lines.append(f"\n{name} ({result['seconds']:.0f} s)")
        for figure in result["figures"]:
            number = "—" if figure["value"] is None else f"{figure['value']:.4g}"
            mark = {True: "met", False: "MISSED", None: ""}[figure["met"]]
            line = f"  {figure['what']:<{width}} {number:>10} {figure['unit']:<8} {figure['target']:<9} {mark}"
            lines.append(line.rstrip())
        lines += [f"  {contestant}: could not be measured: {why}" for contestant, why in result["errors"].items()]
    return "\n".join(lines)


def measure(name: str, settings: Settings) -> dict:
    """Run one benchmark; one that breaks becomes an error of the report and does not take the others with it."""
    from benchmarks.result import Result  # imports numpy, whose pool must find the cores that are ours

    try:
        return importlib.import_module(f"benchmarks.measures.{name}").run(settings).to_dict()
    except Exception as error:
        traceback.print_exc()
        return Result(errors={name: f"{type(error).__name__}: {error}"}).to_dict()


def main() -> int:
    """Run, print, write; 0 if all was measured and every target met, 1 if not."""
    command = parser()
    arguments = command.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        command.error(f"no benchmark named {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    machine.hold(arguments.threads, os.environ)
    settings = Settings(
        films=arguments.films,
        weights=arguments.weights,
        init=arguments.init,
        runs=arguments.runs,
        peers=arguments.peers.absolute(),
        threads=arguments.threads,
        quick=arguments.quick,
    )
    from xai.weights import models  # imports numpy, see above

    versions = {name: model.version for name, model in models(settings.weights).items()}
    # A benchmark taken again replaces its own figures; each is one run, and says which, and on what machine.
    taken = json.loads(arguments.out.read_text())["results"] if arguments.names and arguments.out.exists() else {}
    report, place = {"results": taken}, machine.describe(arguments.threads)
    command_line = " ".join(["python", "-m", "benchmarks", *sys.argv[1:]])
    run = {"command": command_line, "date": place.pop("date"), "machine": place}
    load = place["load_before"]
    if load and load > 0.25 * (os.cpu_count() or 1):
        print(f"The machine is busy (load {load}): times will mean little.", file=sys.stderr)
    for name in arguments.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        started = time.perf_counter()
        result = measure(name, settings)
        seconds = round(time.perf_counter() - started, 1)
        report["results"][name] = result | run | {"seconds": seconds, "versions": versions}
        # After each, so that an interrupted run keeps what it has.
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    results = {name: report["results"][name] for name in arguments.names or NAMES}
    print(table(results))
    return int(any(r["errors"] or any(figure["met"] is False for figure in r["figures"]) for r in results.values()))


if __name__ == "__main__":
    sys.exit(main())
