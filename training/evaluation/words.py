"""What a report says in words. They describe the model's output; they never say what a patient has."""

from __future__ import annotations

from training.card import LABELS


def label(finding: str) -> str:
    """A finding as shown: ``pneumonia_child`` → ``Pneumonia (children)``."""
    text = LABELS.get(finding, finding)
    return text[:1].upper() + text[1:]


def plural(count: int, thing: str) -> str:
    """``1 film``, ``1,012 films``."""
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


def spaced(text: str) -> str:
    """With a space before every per cent sign, at which no line breaks."""
    return text.replace("%", "\N{NO-BREAK SPACE}%")


def subject(report: dict) -> str:
    """What was read by whom."""
    films = report["films"]
    return (
        f"{report['checkpoint']} ({report['version']}) read {plural(films['total'], 'film')} of "
        f"{plural(films['patients'], 'patient')}: {report['source']}."
    )


def headline(finding: str, entry: dict) -> tuple[str, str]:
    """One finding's result: the name, and a sentence or two in figures."""
    low, high = entry["auc_interval"]
    with_it, without = entry["positive"], entry["films"] - entry["positive"]
    return label(finding), spaced(
        f"AUC {entry['auc']:.3f} (95% interval {low:.3f}–{high:.3f}). At its operating point of "
        f"{entry['operating_point']:.1%} it marks {entry['true_positive']} of {plural(with_it, 'film')} with the label "
        f"(sensitivity {entry['sensitivity']:.1%}), leaves {entry['true_negative']} of {without} without it unmarked "
        f"(specificity {entry['specificity']:.1%}), and is right on {entry['accuracy']:.1%} of all."
    )


def cautions(report: dict) -> list[str]:
    """What a reader must know before believing the figures."""
    found = []
    seen = report["films"]["seen_in_training"]
    if seen:
        found.append(
            f"{seen:,} of these films, or others of the same patients, belong to the training data of this project: "
            "for checkpoints trained on it, these figures flatter."
        )
    if seen is None:
        found.append(
            "It was not checked whether these films belong to the training data: name it in --data, or set CXR_DATA."
        )
    fixed = report["films"]["seen_in_validation"]
    if fixed:
        found.append(
            f"{fixed:,} of these films are among those on which calibration and operating points of this project’s "
            "checkpoints were fixed: all but AUC is a little too good."
        )
    if report["not_judged"]:
        names = ", ".join(label(name) for name in report["not_judged"])
        found.append(f"Not judged, since no film, or every film, has the label: {names}.")
    few = [name for name, e in report["findings"].items() if min(e["positive"], e["films"] - e["positive"]) < 30]
    if few:
        found.append(
            "Fewer than 30 films with, or without, the label, so that the intervals say more than the figures: "
            f"{', '.join(label(name) for name in few)}."
        )
    return found
