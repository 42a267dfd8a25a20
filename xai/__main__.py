"""``python -m xai``: explain films, test their maps, and compare methods, from the command line.

Exit status: 0 all films done, 1 some films failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from xai import Explanation, WeightsError, explain, load, words
from xai.classifier import Classifier
from xai.console import each
from xai.figure import figure_png
from xai.foremost import foremost
from xai.lab import command as laboratory
from xai.methods import command as methods


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    root = argparse.ArgumentParser(prog="python -m xai", description="Show what a chest X-ray model does, and why.")
    commands = root.add_subparsers(dest="command", required=True)
    one = commands.add_parser("explain", parents=[common()], help="findings and evidence maps of one or more films")
    one.add_argument(
        "--finding", action="append", metavar="NAME", help="only this finding; repeat for more (default: all)"
    )
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="write evidence (.npz), numbers (.json) and pictures (.png)"
    )
    laboratory.add_arguments(
        commands.add_parser("test", parents=[common()], help="experiments that find out whether a map tells the truth")
    )
    methods.add_arguments(
        commands.add_parser(
            "methods", parents=[common()], help="attribution methods side by side, each put to the test"
        )
    )
    return root


def common() -> argparse.ArgumentParser:
    """The arguments that all commands on films share."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("films", nargs="+", metavar="FILES", help="PNG, JPEG, TIFF, WebP or DICOM")
    shared.add_argument("--model", help="checkpoint (default: the manifest's)")
    shared.add_argument("--json", action="store_true", help="one JSON object per film and line instead of text")
    shared.add_argument("--weights", type=Path, metavar="PATH", help="folder of another manifest and its checkpoints")
    return shared


def loaded(options: argparse.Namespace) -> Classifier:
    """The checkpoint that the options name.

    Raises:
        WeightsError: there is none, or it has not the finding asked for.
    """
    classifier = load(options.model, options.weights)
    unknown = set(options.finding or ()) - set(classifier.findings)
    if unknown:
        known = ", ".join(classifier.findings)
        raise WeightsError(f"no finding named {', '.join(sorted(unknown))}; this model has: {known}")
    return classifier


class OutError(Exception):
    """Nothing can be written where it was asked for. The message is one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        classifier = loaded(options)
        if options.command == "test":
            other = load(options.against, options.weights) if options.against else None
            return laboratory.run(options, classifier, other)
        if options.command == "methods":
            return methods.run(options, classifier)
        return run(options, classifier)
    except (WeightsError, OutError) as error:
        print(error, file=sys.stderr)
        return 2


def run(options: argparse.Namespace, classifier: Classifier) -> int:
    """Explain films; returns the exit status.

    Raises:
        OutError: the folder for the files cannot be made, or a file not written.
    """
    try:
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"cannot write to --out {options.out} ({error.strerror}): name a folder that you may write"
        raise OutError(sentence) from error
    stems: set[str] = set()

    def answer(name: str) -> str:
        stem = _unused(Path(name).stem, stems)
        explanation = explain(classifier, name)
        chosen = [key for key in explanation.readings if not options.finding or key in options.finding]
        found = {"film": name, **numbers(explanation, chosen), "evidence": None}
        try:
            if options.out:
                found["evidence"] = write(explanation, chosen, found, options.out, stem, bool(options.finding))
        except OSError as error:
            raise OutError(f"cannot write to {options.out}: {error.strerror}") from error
        return json.dumps(found) if options.json else table(name, explanation, chosen, bool(options.finding))

    # The bar shows on a terminal alone, and only where there is something to wait for.
    films = tqdm(options.films, unit="film", disable=True if len(options.films) < 2 else None)
    return each(films, answer, options.json)


def numbers(explanation: Explanation, chosen: list[str]) -> dict:
    """The contract's object with the chosen findings alone."""
    answer = explanation.to_dict()
    return answer | {"findings": {name: answer["findings"][name] for name in chosen}}


def write(explanation: Explanation, chosen: list[str], answer: dict, out: Path, stem: str, all_pictures: bool) -> str:
    """Write a film's evidence, numbers and pictures; returns the path of the evidence.

    Pictures are of the findings asked for by name or, where none was, of the one that stands highest above its
    operating point among those of the film's population; of none for a picture that the gate refuses.
    """
    arrays = explanation.arrays()
    path = out / f"{stem}.evidence.npz"
    np.savez_compressed(path, **{name: arrays[name] for name in [*chosen, "extent"]})
    (out / f"{stem}.json").write_text(json.dumps(answer | {"evidence": str(path)}, indent=1) + "\n")
    unasked = [foremost(explanation)] if explanation.gate.chest_film else []
    for name in chosen if all_pictures else unasked:
        (out / f"{stem}.{name}.png").write_bytes(figure_png(explanation, name))
    return str(path)


def table(name: str, explanation: Explanation, chosen: list[str], asked: bool) -> str:
    """What a person reads on screen for one film: findings, of a picture that the gate refuses only if ``asked`` for."""
    lines = [f"{name}  (model {explanation.model} {explanation.version})"]
    lines += [f"  {notice}" for notice in explanation.radiograph.notices]
    if not explanation.gate.chest_film:
        lines += [f"  {words.REFUSAL}", f"  {words.because(explanation.gate)}"]
        if not asked:
            return "\n".join([*lines, "  Name one with --finding to see its numbers all the same, or all with --json."])
    for key in chosen:
        reading = explanation.readings[key]
        finding = reading.finding
        mark = words.caution(explanation, key)
        text = words.plain(reading, explanation.extent) + (f" ({mark})" if mark else "")
        lines.append(
            f"  {finding.label:<40} {reading.probability:6.1%}  point {finding.operating_point:6.1%}"
            f"  logit {reading.logit:+6.2f}  {text}"
        )
    return "\n".join(lines)


def _unused(stem: str, taken: set[str]) -> str:
    """A stem for output files that no earlier film of this run has: ``a``, ``a-2``, ``a-3``, …"""
    candidate, count = stem, 1
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{stem}-{count}"
    taken.add(candidate.casefold())
    return candidate


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has seen enough, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
