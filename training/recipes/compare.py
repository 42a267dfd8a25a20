"""Puts the reports of all recipes, and of our own checkpoints, beside each other: ``docs/recipes.md``, README's table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from training.card import CHECKPOINTS, LABELS, fill, ranged, table, versions
from training.recipes.baseline import same, to_json
from training.recipes.catalogue import RECIPES
from training.recipes.claims import CLAIMS, EVERYWHERE

FOLDER, PAGE, PICTURE = Path("reports/recipes"), Path("docs/recipes.md"), Path("docs/figures/recipes.svg")
README = Path("README.md")
# The findings that the seeds have, in the order of the tables.
COMPARED = ("cardiomegaly", "pneumonia_child", "bacterial_child")
MISSING = "—"


@dataclass(frozen=True)
class Line:
    """One network on one finding.

    Attributes:
        name: of the recipe or checkpoint.
        ours: whether it is one of the checkpoints that ship.
        finding: of :data:`COMPARED`.
        figures: the finding's entry of the report.
        boxes: the entry of its maps against boxes, or None where there are no boxes.
        boxed: the finding that these boxes are of.
    """

    name: str
    ours: bool
    finding: str
    figures: dict
    boxes: dict | None
    boxed: str


def read(root: Path) -> tuple[dict[str, dict], dict[str, dict]]:
    """The reports of the recipes that have one of what they are now, and of our checkpoints, by name."""
    recipes, ours = _reports(root / FOLDER, RECIPES), _reports(root / "reports", CHECKPOINTS)
    return {name: report for name, report in recipes.items() if _is_current(name, report, recipes)}, ours


def _reports(folder: Path, names: Iterable[str]) -> dict[str, dict]:
    paths = {name: folder / f"{name}.json" for name in names}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}


def _is_current(name: str, report: dict, recipes: dict[str, dict]) -> bool:
    """Whether a report is of the recipe as it is declared, or of its members as they are reported.

    A report that does not say is taken at its word.
    """
    members = report["training"].get("members")
    if isinstance(members, dict):
        return all(recipes.get(member, {}).get("training") == state for member, state in members.items())
    declared = report.get("declared")
    return declared is None or same(declared, to_json(RECIPES[name]))


def lines(recipes: dict[str, dict], ours: dict[str, dict]) -> list[Line]:
    """Every network on every finding of :data:`COMPARED` that it has, finding by finding, our checkpoints last."""
    found = []
    for finding in COMPARED:
        # No child's film has a box: there the maps are judged on adults' pneumonia.
        boxed = "pneumonia" if finding == "pneumonia_child" else finding
        for reports, own in ((recipes, False), (ours, True)):
            for name, report in reports.items():
                if finding in report["findings"]:
                    entry = report["findings"][finding]
                    entry = _complete(entry) if own else entry
                    found.append(Line(name, own, finding, entry, report["localisation"].get(boxed), boxed))
    return found


def blocks(root: Path) -> dict[str, str]:
    """The generated text of every block of the page, by name."""
    recipes, ours = read(root)
    found = lines(recipes, ours)
    return {
        "films": _films(recipes, ours),
        "results": _results(found),
        "localisation": _localisation(found),
        "claims": _claims(recipes),
        "scaling": _scaling(recipes),
        "unknown": _unknown(recipes),
        "cost": _cost(root, recipes, ours),
        "recipes": f"{_summary(recipes, ours, found)}\n\n{_cut_short(recipes)}".rstrip(),
    }


def write(root: Path, check: bool = False) -> list[str]:
    """Bring the pages, and unless ``check`` is set the figure, up to date; returns the pages that were not."""
    generated, stale = blocks(root), []
    # README's other blocks bear some of the same names, and are the card's.
    for page, own in ((PAGE, generated), (README, {"recipes": generated["recipes"]})):
        text = (root / page).read_text(encoding="utf-8")
        new = fill(text, own)
        if new != text:
            stale.append(str(page))
        if not check:
            (root / page).write_text(new, encoding="utf-8")
    if not check:
        from training.recipes.picture import draw

        draw(lines(*read(root)), root / PICTURE)
    return stale


def rates(films: int, positive: int, sensitivity: float, specificity: float) -> dict[str, float]:
    """Accuracy, precision and F1 that follow from a sensitivity and a specificity."""
    hit, spared = sensitivity * positive, specificity * (films - positive)
    marked = hit + films - positive - spared
    return {
        "accuracy": (hit + spared) / films,
        "precision": hit / marked if marked else float("nan"),
        "f1": 2 * hit / (marked + positive),
    }


def _complete(entry: dict) -> dict:
    """An entry of our own reports with what the recipes' reports hold besides."""
    share = entry["positive"] / entry["films"]
    derived = rates(entry["films"], entry["positive"], entry["sensitivity"], entry["specificity"])
    return derived | {"commoner_answer": max(share, 1 - share)} | entry


def _summary(recipes: dict, ours: dict, found: list[Line]) -> str:
    """One row per network: AUC of every finding compared, and how often the hottest cell of its first one is in the box."""
    rows = []
    for name in dict.fromkeys(line.name for line in found):
        own = {line.finding: line for line in found if line.name == name}
        boxes = next(
            (f"{_figure(line.boxes, 'argmax_in_box')} ({line.boxed})" for line in own.values() if line.boxes), MISSING
        )
        aucs = [_figure(own[finding].figures, "auc") if finding in own else MISSING for finding in COMPARED]
        rows.append([f"**{name}**" if name in ours else name, *aucs, boxes])
    return table(["recipe", *(LABELS.get(finding, finding) for finding in COMPARED), "hottest cell in box"], rows)


def _figure(entry: dict | None, key: str) -> str:
    return MISSING if entry is None or entry.get(key) is None else f"{entry[key]:.2f}"


def _named(line: Line) -> str:
    return f"**{line.name}**" if line.ours else line.name


def _films(recipes: dict, ours: dict) -> str:
    missing = [name for name in RECIPES if name not in recipes]
    words = "All on the same validation patients, one in five by hash; 95 % intervals from resampled patients."
    if ours:
        words += f" In bold, our checkpoints: {versions(ours)}."
    if missing:
        words += f" Without a report yet (`python -m training run NAME`): {_listed(missing)}."
    return f"{words} {_cut_short(recipes)}".rstrip()


def _cut_short(recipes: dict) -> str:
    """Which recipes were stopped before they had learnt what they could, in one sentence."""
    stopped = [name for name, report in recipes.items() if report["training"].get("ended") == "time budget"]
    if not stopped:
        return ""
    return (
        f"A time budget ended the training of {_listed(stopped)}: read their figures, and those of ensembles that they "
        "are in, as what they had learnt by then, not as what the project can do."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _results(found: list[Line]) -> str:
    rows = []
    for line in found:
        e = line.figures
        cells = [
            _figure(e, key)
            for key in ("accuracy", "precision", "sensitivity", "specificity", "f1", "commoner_answer", "ece")
        ]
        rows.append(
            [
                LABELS.get(line.finding, line.finding),
                _named(line),
                f"{e['positive']} / {e['films']}",
                ranged(e, "auc"),
                _figure(e, "auc_against_no_finding"),
                *cells,
            ]
        )
    head = "finding,recipe,positive / films,AUC (95 %),AUC against no finding,accuracy,precision,recall,specificity,F1"
    return table([*head.split(","), "accuracy of always giving the commoner answer", "ECE"], rows)


def _localisation(found: list[Line]) -> str:
    rows = []
    # The same boxes have the same chance level, whoever is judged by them.
    chance = {line.boxed: line.boxes for line in found if line.boxes}
    for line in found:
        if line.boxes:
            cells = [
                ranged(line.boxes, "argmax_in_box"),
                *(_figure(line.boxes, key) for key in ("share_in_box", "iou")),
            ]
            for other in ("centre", "random"):
                cells.append(" / ".join(_figure(chance[line.boxed][other], key) for key in ("argmax_in_box", "iou")))
            rows.append([f"{line.boxed}, {line.boxes['boxed_films']} films", _named(line), *cells])
    if not rows:
        return "No report with boxes yet."
    head = ["boxes", "recipe", "arg-max in box (95 %)", "share in box", "IoU at equal area"]
    return table([*head, "centre: arg-max / IoU", "random: arg-max / IoU"], rows)


def _claims(recipes: dict) -> str:
    rows = []
    for name, claim in CLAIMS.items():
        here = "not run yet"
        if name in recipes:
            e = next(iter(recipes[name]["findings"].values()))
            keys = {
                "accuracy": "accuracy",
                "precision": "precision",
                "recall": "sensitivity",
                "specificity": "specificity",
            }
            here = ", ".join(f"{words} {_figure(e, key)}" for words, key in keys.items())
        rows.append([name, claim.words, here, claim.hides])
    return f"{table(['recipe', 'the seed’s own words', 'here', 'what the claim hides'], rows)}\n\n{EVERYWHERE}"


def _scaling(recipes: dict) -> str:
    rows = []
    for name, report in recipes.items():
        for how, findings in (
            ("learnt", report["findings"]),
            ("served", report.get("served_scaling", {}).get("findings")),
        ):
            if "served_scaling" in report:
                e = next(iter(findings.values()))
                cells = [_figure(e, key) for key in ("sensitivity", "specificity", "ece")]
                rows.append([name, f"{how}: {report['served_scaling'][how]}", ranged(e, "auc"), *cells])
    head = ["recipe", "scaling of pixels", "AUC (95 %)", "recall", "specificity", "ECE"]
    return table(head, rows) if rows else "Not measured yet."


def _unknown(recipes: dict) -> str:
    rows = []
    for name, report in recipes.items():
        for entry in report["findings"].values():
            if "unsure" in entry:
                low, high = entry["unsure"]
                wrong = entry["error_rate_outside_unsure"]
                right = MISSING if wrong is None else f"{1 - wrong:.2f}"
                answered = 1 - entry["share_unsure"]
                rows.append([name, f"{low:.2f}–{high:.2f}", f"{answered:.0%}", right, _figure(entry, "accuracy")])
    head = ["recipe", "Unknown between", "films answered", "accuracy on these", "accuracy on all"]
    return table(head, rows) if rows else "Not measured yet."


def _cost(root: Path, recipes: dict, ours: dict) -> str:
    rows = []
    for name, report in recipes.items():
        taken, training = report["seconds_per_film"], report["training"]
        rows.append(
            [
                name,
                f"{report['parameters']:,}",
                f"{1000 * taken['logits']:.0f} ms",
                f"{1000 * taken['with_grad_cam']:.0f} ms",
                f"{training['epochs']}, {training['ended']}" if "epochs" in training else "its members’",
                training["start"],
            ]
        )
    speed = root / "reports" / "benchmarks.json"
    timed = json.loads(speed.read_text())["results"]["explain"]["raw"] if speed.exists() else {}
    for name in ours:
        ms = timed.get(f"{name}, film", {}).get("ms")
        times = [f"{ms[key]['median']:.0f} ms" for key in ("forward", "explain")] if ms else [MISSING, MISSING]
        rows.append([f"**{name}**", f"{parameters(root / 'weights', name):,}", *times, MISSING, "See the model card."])
    head = ["recipe", "parameters", "one film: logits", "with its map", "epochs", "start"]
    return table(head, rows)


def parameters(weights: Path, name: str) -> int:
    """How many numbers a shipped checkpoint holds: the backbone's kernels and biases, and the head's."""
    backbone = onnx.load(weights / f"{name}.onnx").graph.initializer
    # A 12-bit kernel is stored as two tensors of its shape, and two of scales (see training/compression.py).
    stored = [t for t in backbone if not t.name.endswith(("/high", "/scale_high", "/scale_low"))]
    # Shapes, and the factor that averages cells with their neighbours, are not learnt.
    stored = [t for t in stored if t.dims and t.data_type != onnx.TensorProto.INT64]
    with np.load(weights / f"{name}.npz", allow_pickle=False) as head:
        return sum(int(np.prod(t.dims)) for t in stored) + head["kernel"].size + head["bias"].size
