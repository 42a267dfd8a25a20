"""``python -m training``: prepare films, train, export, report, evaluate, survey."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from training.data import DATA, SHARED, read_all, split
from training.evaluation.options import add_arguments
from training.recipes.errors import RecipeError
from training.recipes.options import COMMANDS, add_commands
from xai.errors import Mendable, WeightsError

SHIPPED = ("plain", "guided", "small")
# Each after what it starts from.
FITTED = ("first", "coarse", "plain", "early", "later", "guided", "small")
INIT = SHARED / "weights" / "inception_v3_imagenet_2015_to_mixed7.npz"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    out = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = out.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "names", nargs="*", help="checkpoints (default: all that ship, and for fit what they start from)"
    )
    common.add_argument("--data", type=Path, default=DATA, help="nih/ and kermany/train/")
    common.add_argument("--runs", type=Path, default=Path("runs"), help="training state (default: runs)")
    common.add_argument("--weights", type=Path, default=Path("weights"), help="what is shipped (default: weights)")
    common.add_argument("--reports", type=Path, default=Path("reports"), help="figures (default: reports)")

    everything = commands.add_parser("all", parents=[common], help="fit, export, report and fidelity, in that order")
    fit = commands.add_parser("fit", parents=[common], help="train, or go on where an interrupted training stopped")
    for command in (everything, fit):
        command.add_argument(
            "--init", default=str(INIT), help="ImageNet weights: an .npz, or `imagenet` for the download by Keras"
        )
    commands.add_parser("export", parents=[common], help="calibrate on validation films and write the shipped files")
    commands.add_parser("report", parents=[common], help="measure the shipped checkpoints on validation films")
    commands.add_parser("fidelity", parents=[common], help="compare the shipped checkpoints with the trained float32")
    examples = commands.add_parser("examples", parents=[common], help="make the composite films that ship")
    examples.add_argument("--out", type=Path, default=Path("examples"), help="folder (default: examples)")
    failures = commands.add_parser("failures", parents=[common], help="picture both checkpoints failing, on composites")
    failures.add_argument("--out", type=Path, default=Path("docs/figures/failures.jpg"), help="the picture")
    commands.add_parser("maps", parents=[common], help="survey every attribution method on validation films")
    card = commands.add_parser("card", help="write the figures of model_card.md and README.md from the reports")
    card.add_argument("--check", action="store_true", help="only say what is out of date; exit status 1 if anything is")
    prepare = commands.add_parser("prepare", help="turn NIH's or Kermany's own download into the layout that fit reads")
    prepare.add_argument("source", type=Path, help="the unpacked download")
    prepare.add_argument("--out", type=Path, required=True, help="folder that will hold nih/ or kermany/")
    evaluation = commands.add_parser(
        "evaluate", help="measure a checkpoint on any labelled films: a report and figures"
    )
    add_arguments(evaluation, DATA)
    add_commands(commands, DATA, INIT)
    return out


def main() -> int:
    """Run the command line; returns the exit status: 0 done, 1 out of date, 2 asked for what cannot be done."""
    arguments = parser().parse_args()
    try:
        if arguments.command in COMMANDS:
            from training.recipes.command import main as run
        elif arguments.command == "evaluate":
            from training.evaluation.run import main as run
        elif arguments.command == "prepare":
            from training.prepare import main as run
        elif arguments.command == "card":
            from training.card import main as run
        else:
            run = _with_films
        return run(arguments)
    except (FileNotFoundError, Mendable, WeightsError) as error:
        print(error, file=sys.stderr)
        return 2


def _with_films(arguments: argparse.Namespace) -> int:
    known = FITTED if arguments.command == "fit" else SHIPPED
    for name in arguments.names:
        if name not in known:
            raise RecipeError(
                f"There is no checkpoint `{name}` to {arguments.command}: choose from {', '.join(known)}."
            )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    films, validation = split(read_all(arguments.data))
    if arguments.command == "examples":
        from training.composites import make

        make(films, arguments.out, arguments.weights)
    elif arguments.command == "failures":
        from training.failures import show

        show(validation, arguments.out, arguments.reports / "failures.json", arguments.weights)
    elif arguments.command == "maps":
        from training.maps.command import report

        names = arguments.names or list(SHIPPED)
        report(names, validation, arguments.weights, arguments.runs, arguments.reports / "maps.json")
    else:
        steps = ("fit", "export", "report", "fidelity") if arguments.command == "all" else (arguments.command,)
        for step in steps:
            for name in arguments.names or (FITTED if step == "fit" else SHIPPED):
                _step(step, name, films, validation, arguments)
    return 0


def _step(step: str, name: str, films: list, validation: list, arguments: argparse.Namespace) -> None:
    if step == "fit":
        print(_fit(name, films, validation, arguments))
    elif step == "export":
        from training.export import checkpoint

        checkpoint(name, arguments.runs, films, validation, arguments.weights)
    elif step == "report":
        from training.report import report

        _write(arguments.reports / f"{name}.json", report(name, validation, arguments.weights))
    else:
        from training.fidelity import compare

        _write(
            arguments.reports / f"{name}.fidelity.json",
            compare(name, validation, arguments.runs, arguments.weights),
        )


def _fit(name: str, films: list, validation: list, arguments: argparse.Namespace) -> Path:
    from training import fit
    from training.recipes.catalogue import BASELINES
    from training.recipes.train import train

    if name in fit.RECIPES:
        return fit.train(name, films, validation, arguments.init, arguments.runs, fit.RECIPES[name])
    return train(name, BASELINES[name], films, arguments.runs, arguments.init)


def _write(path: Path, figures: dict) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n")
    print(path)


if __name__ == "__main__":
    sys.exit(main())
