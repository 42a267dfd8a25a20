"""Writes every figure of the model card and the README from the committed reports."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

CHECKPOINTS = ("guided", "plain")
LABELS = {"pneumonia_child": "pneumonia (children)", "bacterial_child": "bacterial, not viral (children)"}
METADATA = {
    "license": "apache-2.0",
    "library_name": "onnx",
    "pipeline_tag": "image-classification",
    "tags": ["chest-x-ray", "explainability", "grad-cam", "evidence-map", "radiology", "education"],
    "datasets": ["alkzar90/NIH-Chest-X-ray-dataset", "hf-vision/chest-xray-pneumonia"],
    "metrics": ["roc_auc"],
}


def blocks(root: Path) -> dict[str, str]:
    """The generated text of every block, by name, from ``root/reports`` and ``root/weights/manifest.json``."""
    reports = {name: _read(root / "reports" / f"{name}.json") for name in CHECKPOINTS}
    fidelity = {}
    for name in CHECKPOINTS:
        path = root / "reports" / f"{name}.fidelity.json"
        if path.exists():
            fidelity[name] = _read(path)
    manifest = _read(root / "weights" / "manifest.json")
    speed = root / "reports" / "benchmarks.json"
    return {
        "films": _films(reports),
        "findings": _findings(reports, manifest),
        "localisation": _localisation(reports),
        "fidelity": _fidelity(fidelity, manifest),
        "foreign": _foreign(manifest),
        "failures": _failures(root / "reports" / "failures.json"),
        "gate": _gate(reports, root / "reports" / "gate.json"),
        "framing": _framing(root / "reports" / "framing.json"),
        "maps": _maps(root / "reports" / "maps.json"),
        "benchmarks": _benchmarks(_read(speed), manifest)
        if speed.exists()
        else "Speed: not measured yet (`python -m benchmarks`).",
    }


def fill(text: str, generated: dict[str, str]) -> str:
    """Replace what stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` by the block of that name, if it is given."""

    def block(match: re.Match) -> str:
        if match[1] not in generated:
            return match[0]
        return f"<!-- {match[1]} -->\n{generated[match[1]]}\n<!-- /{match[1]} -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", block, text, flags=re.DOTALL)


def metadata(root: Path) -> str:
    """The model card's YAML front matter, with a ``model-index`` of the headline figures."""
    index = []
    for name in CHECKPOINTS:
        report = _read(root / "reports" / f"{name}.json")
        results = []
        for finding, entry in report["findings"].items():
            child = finding.endswith("_child")
            results.append(
                {
                    "task": {"type": "image-classification", "name": LABELS.get(finding, finding)},
                    "dataset": {
                        "type": "kermany" if child else "nih-chestx-ray14",
                        "name": f"{'Kermany' if child else 'ChestX-ray14 subset'}, validation patients",
                    },
                    "metrics": [{"type": "roc_auc", "value": round(entry["auc"], 3), "name": "AUC"}],
                }
            )
        index.append({"name": f"cxr-lens-{name}", "results": results})
    body = yaml.safe_dump(METADATA | {"model-index": index}, sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{body}---\n"


def main(arguments: argparse.Namespace) -> int:
    """Run the command line; returns the exit status: 0 up to date or brought there, 1 out of date."""
    return told(write(Path(), arguments.check), arguments.check)


def told(stale: list[str], check: bool) -> int:
    """Say which files were out of date; returns the exit status: 1 if any was and there was only a look."""
    print("out of date: " + ", ".join(stale) if stale else "up to date")
    return int(bool(stale and check))


def write(root: Path, check: bool = False) -> list[str]:
    """Bring ``model_card.md`` and ``README.md`` up to date; returns the files that were not.

    Args:
        root: of the repository.
        check: only look.
    """
    generated = blocks(root)
    stale = []
    for name, finish in (("model_card.md", _with_metadata(metadata(root))), ("README.md", lambda text: text)):
        path = root / name
        text = path.read_text()
        new = finish(fill(text, generated))
        if new != text:
            stale.append(name)
            if not check:
                path.write_text(new)
    return stale


def versions(reports: dict[str, dict]) -> str:
    """Which weights reports are of: ``guided 2026.…, plain 2026.…``."""
    return ", ".join(f"{name} {report['version']}" for name, report in reports.items())


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ranged(entry: dict, key: str) -> str:
    """A figure of a report's entry with its 95 % interval: ``0.84 (0.75–0.90)``."""
    low, high = entry[f"{key}_interval"]
    return f"{entry[key]:.2f} ({low:.2f}–{high:.2f})"


def _with_metadata(front: str) -> Callable[[str], str]:
    return lambda text: front + re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)


def _read(path: Path) -> dict:
    return json.loads(path.read_text())


def _films(reports: dict) -> str:
    report = reports["guided"]
    films = report["films"]
    return (
        f"Validation: {films['adult']} films of adults and {films['child']} of children, {films['patients']} patients "
        f"(one in five, by hash). Report of {report['date']}: {versions(reports)}."
    )


def _findings(reports: dict, manifest: dict) -> str:
    rows = []
    for finding in reports["guided"]["findings"]:
        for name in CHECKPOINTS:
            entry = reports[name]["findings"][finding]
            served = manifest["models"][name]["findings"][finding]
            rows.append(
                [
                    LABELS.get(finding, finding) if name == "guided" else "",
                    name,
                    f"{entry['positive']} / {entry['films']}",
                    ranged(entry, "auc"),
                    f"{entry['auc_against_no_finding']:.2f}" if "auc_against_no_finding" in entry else "—",
                    f"{served['operating_point']:.2f}, {served['promise']}",
                    f"{entry['sensitivity']:.2f} / {entry['specificity']:.2f}",
                    f"{entry['ece']:.3f}",
                    f"{entry['share_unsure']:.0%}",
                    _bought(entry),
                ]
            )
    head = "finding,checkpoint,positive / films,AUC (95 %),AUC against no finding,operating point"
    figures = table(
        [*head.split(","), "sensitivity / specificity", "ECE", "unsure", "balanced error: all → sure (95 %)"], rows
    )
    return (
        f"{figures}\n\nBalanced error: the mean of the share of films with the finding that are missed and of films "
        "without it that are\nmarked; *sure*: with the films left out that are read as *unsure*."
    )


def _bought(entry: dict) -> str:
    """What leaving the unsure readings open buys; a dash after the arrow where that was not measured."""
    every = 1 - (entry["sensitivity"] + entry["specificity"]) / 2
    sure = ranged(entry, "balanced_error_sure") if entry.get("balanced_error_sure") is not None else "—"
    return f"{every:.2f} → {sure}"


def _foreign(manifest: dict) -> str:
    models = [manifest["models"][name]["findings"] for name in CHECKPOINTS]
    rows = []
    for finding in models[0]:
        shares = [model[finding].get("foreign") for model in models]
        cells = [f"{share['reach']:.0%} / {share['own']:.0%}" if share else "—" for share in shares]
        rows.append([LABELS.get(finding, finding), *cells])
    return table(["finding", *CHECKPOINTS], rows)


def _localisation(reports: dict) -> str:
    rows = []
    for finding, guided in reports["guided"]["localisation"].items():
        if "boxed_films" not in guided:
            continue
        plain = reports["plain"]["localisation"][finding]
        cells = [finding, str(guided["boxed_films"])]
        for key in ("argmax_in_box", "share_in_box", "iou"):
            cells.append(f"{guided[key]:.2f} / {plain[key]:.2f}")
        cells += [f"{guided[base]['argmax_in_box']:.2f}" for base in ("centre", "random")]
        blur = [reports[name]["blur"].get(finding) for name in CHECKPOINTS]
        cells.append(" / ".join(f"{b['box_lowers_more']:.2f}" for b in blur) if all(blur) else "—")
        rows.append(cells)
    head = ["finding", "boxed films", "hottest cell in box", "share in box", "IoU at equal area"]
    return "Each cell: guided / plain.\n\n" + table(
        [*head, "centre in box", "random in box", "blurred box lowers more (chance .50)"], rows
    )


def _fidelity(fidelity: dict, manifest: dict) -> str:
    rows = []
    for name, entry in fidelity.items():
        size = sum(file["bytes"] for file in manifest["models"][name]["files"].values())
        rows.append(
            [
                name,
                f"{size / 1e6:.1f} MB",
                f"{entry['largest_auc_difference']:.4f}",
                f"{entry['largest_probability_difference']:.4f}",
                f"{entry['map_correlation']['median']:.5f} / {entry['map_correlation']['lowest 1 %']:.5f}",
            ]
        )
    head = [
        "checkpoint",
        "size",
        "largest AUC change",
        "largest probability change",
        "map correlation: median / lowest 1 %",
    ]
    return table(head, rows)


def _gate(reports: dict, path: Path) -> str:
    if not path.exists():
        return "Not measured yet (`python -m training.gate`)."
    rows, kinds = [], {}
    for name, entry in _read(path)["models"].items():
        films, others, kinds = entry["films"], entry["others"], entry["kinds"]
        worst = ", ".join(f"{kind} {kinds[kind]['refused']:.0%}" for kind in entry["worst"])
        rows.append(
            [
                name,
                " / ".join(f"{films[population]['refused']:.1%}" for population in ("adult", "child")),
                " / ".join(f"{films[change]['refused']:.1%}" for change in ("mirrored", "reshaped")),
                f"{others['refused']:.1%} of {others['pictures']}",
                worst or "—",
                f"{entry['refused_unmet']:.1%}",
                f"{reports[name]['gate']['population_right']:.1%}" if name in reports else "—",
            ]
        )
    head = ["checkpoint", "films refused: adults / children", "the same mirrored / reshaped", "other pictures refused"]
    figures = table([*head, "least often", "of kinds not met in fitting", "population told right"], rows)
    return f"{figures}\n\nOther pictures: {', '.join(kinds)}."


def _failures(path: Path) -> str:
    if not path.exists():
        return "Not made yet (`python -m training failures`)."
    lines = []
    for case in _read(path)["cases"]:
        said = "; ".join(
            f"`{name}` says {one['probability']:.0%} (operating point {one['operating_point']:.0%}), {one['evidence']}"
            for name, one in case["said"].items()
        )
        lines.append(f"- **{case['title']}** (ten of the {case['of_the_worst']} worst): {said}.")
    return "\n".join(lines)


def _framing(path: Path) -> str:
    """Children's films cut otherwise, both checkpoints."""
    if not path.exists():
        return "Not measured yet (`python -m training.framing`)."
    report = _read(path)
    models = report["models"]
    rows = [
        [
            name,
            *(
                f"{model[name]['auc']:.3f}, {model[name]['sensitivity']:.2f} / {model[name]['specificity']:.2f}"
                for model in (models[checkpoint] for checkpoint in CHECKPOINTS)
            ),
        ]
        for name in models["guided"]
    ]
    films = report["films"]
    head = ["film", *(f"{name}: AUC, sensitivity / specificity" for name in CHECKPOINTS)]
    return f"{table(head, rows)}\n\n{films['normal']} normal films and {films['pneumonia']} with pneumonia."


def _maps(path: Path) -> str:
    """Every method on both checkpoints, baselines last."""
    models = _read(path)["models"] if path.exists() else {}
    if not set(CHECKPOINTS) <= set(models):
        return "Not measured yet (`python -m training maps`)."

    def both(key: str, block: str, figure: str, shown: str) -> str:
        entries = [models[name]["methods"][key][block] for name in CHECKPOINTS]
        return " / ".join("—" if entry is None else format(entry[figure], shown) for entry in entries)

    methods = models["guided"]["methods"]
    rows = [
        [
            f"*{entry['label']}*" if entry["baseline"] else entry["label"],
            both(key, "localisation", "argmax_in_box", ".2f"),
            both(key, "hide", "above_random", ".2f"),
            both(key, "deletion", "log_odds", ".2f"),
            both(key, "insertion", "log_odds", ".2f"),
            both(key, "stability", "spearman", ".2f"),
            both(key, "randomised", "head", ".2f"),
            f"{entry['passes']:.0f}",
        ]
        for key, entry in methods.items()
    ]
    head = ["method", "hottest point in box", "hiding it lowers more than hiding at random", "deletion", "insertion",
            "stability", "head shuffled", "films per map"]  # fmt: skip
    films = models["guided"]["films"]
    true = " / ".join(f"{models[name]['true_positives']['above_random']:.2f}" for name in CHECKPOINTS)
    fewer: dict[int, list[str]] = {}
    for entry in methods.values():
        if entry["localisation"] and entry["localisation"]["films"] < films["boxed"]:
            fewer.setdefault(entry["localisation"]["films"], []).append(entry["label"])
    few = "".join(f"; {count} for {', '.join(labels)}" for count, labels in fewer.items())
    fewest = "".join(
        f" ({entry['hide']['films']} for {entry['label']})"
        for entry in methods.values()
        if entry["hide"]["films"] < films["sample"]
    )
    return (
        table(head, rows) + f"\n\nEach cell: guided / plain. Boxes: {films['boxed']} boxed findings{few}; "
        f"all else on a sample of {films['sample']}{fewest}. Deletion and insertion: the mean logit along the curve, lower and higher is better. "
        "Stability and head shuffled: rank correlation with the map of the changed film, and of a model that has forgotten "
        f"what it learnt. *In italics*: what a map must beat. On true positives, hiding the hottest tenth of the evidence lowers the "
        f"logit more than hiding at random does on {true} of the films; the head of `guided` was fitted to do so on training "
        "patients, that of `plain` was not."
    )


def _benchmarks(report: dict, manifest: dict) -> str:
    shipped = {name: entry["version"] for name, entry in manifest["models"].items()}
    rows, places = [], {}
    for name, result in report["results"].items():
        label = name if result.get("versions") == shipped else f"{name} †"
        for figure in result["figures"]:
            if figure["target"]:
                value = "not measured" if figure["value"] is None else f"{figure['value']:.3g} {figure['unit']}".strip()
                rows.append(
                    [
                        label,
                        figure["what"].replace("|", "\\|"),
                        value,
                        figure["target"],
                        "met" if figure["met"] else "**missed**",
                    ]
                )
        rows += [[label, who, "not measured", "", why.splitlines()[0]] for who, why in result["errors"].items()]
        place = result["machine"]
        places.setdefault(f"{place['cpu']}, {place['threads']} of {place['cores']} cores", []).append(name)
    earlier = any("†" in label for label, *_ in rows)
    note = " †: with earlier weights of the same architectures." if earlier else ""
    where = "; ".join(f"{place} ({', '.join(names)})" for place, names in places.items())
    return f"{table(['benchmark', 'what', 'value', 'target', ''], rows)}\n\n`python -m benchmarks`: {where}.{note}"
