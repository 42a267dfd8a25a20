"""The main findings over all films, in words that the figures choose. They describe models and maps, never a patient."""

from __future__ import annotations

from ui.measures import decimal
from ui.record import Figure, Measured
from xai.lab.words import LOOSE
from xai.words import share

# Half of the films is what a map that knows nothing would get.
HALF = 0.5


def across(models: dict[str, Measured]) -> list[str]:
    """How the checkpoints compare, one sentence each on where their evidence points and whether they use it.

    Args:
        models: name → what was measured; the first is the one that the others are compared with.
    """
    return list(filter(None, (_places(models), _uses(models))))


def within(measured: Measured) -> list[str]:
    """How the methods compare on one checkpoint: with baselines that know no model, and with a shuffled twin."""
    return list(filter(None, (_best(measured), _edges(measured), _survivors(measured))))


def listed(names: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _pointing(measured: Measured, method: str) -> Figure | None:
    return measured.of_method(method, "localisation", "argmax_in_box")


def _places(models: dict[str, Measured]) -> str:
    found = {name: figure for name, measured in models.items() if (figure := _pointing(measured, "evidence"))}
    if not found:
        return ""
    (first, best), *rest = found.items()
    said = listed([f"{share(figure.value)} of the time for {name}" if name == first else f"{share(figure.value)} for {name}"
                   for name, figure in found.items()])  # fmt: skip
    chance = [
        f"{words}: {share(figure.value)}"
        for key, words in (("random", "a random cell"), ("centre", "the middle of the film"))
        if (figure := _pointing(models[first], key))
    ]
    beside = f" ({'; '.join(chance)})" if chance else ""
    more = [name for name, figure in rest if best.clearly_above(figure)]
    less = [name for name, figure in rest if figure.clearly_above(best)]
    same = [name for name, _ in rest if name not in (*more, *less)]
    compared = [
        words.format(listed(names))
        for words, names in (
            ("clearly more often than {}", more),
            ("clearly less often than {}", less),
            ("not clearly more or less often than {}", same),
        )
        if names
    ]
    end = f": {first} {listed(compared)}" if compared else ""
    return (
        f"Over {best.films} boxed findings the hottest point of the evidence lay in the radiologist’s box {said}{beside}"
        f"{end}."
    )


def _uses(models: dict[str, Measured]) -> str:
    found = {
        name: figure
        for name, measured in models.items()
        if (figure := measured.figure("true_positives", "above_random"))
    }
    if not found:
        return ""
    said = listed([f"{share(figure.value)} of {figure.films} for {name}" for name, figure in found.items()])
    unclear = [name for name, figure in found.items() if not (figure.interval and figure.interval[0] > HALF)]
    end = (
        f"for {listed(unclear)} that is not clearly more than the half that chance gives"
        if unclear
        else "on the whole the models use what their evidence maps call hot"
    )
    return (
        "On films that show a finding and reach its operating point, hiding the hottest tenth of the evidence lowers the "
        f"logit more than hiding random regions does on {said}: {end}."
    )


def _methods(measured: Measured) -> list[tuple[str, Figure]]:
    """Every method's label and how often it points into a box; those seen on fewer films say on how many."""
    labels = measured.methods(baseline=False)
    found = [(label, figure) for key, label in labels.items() if (figure := _pointing(measured, key))]
    most = max((figure.films for _, figure in found), default=0)
    return [(label if figure.films == most else f"{label} (over {figure.films})", figure) for label, figure in found]


def _best(measured: Measured) -> str:
    methods, centre = _methods(measured), _pointing(measured, "centre")
    if not methods:
        return ""
    most = max(figure.films for _, figure in methods)
    fair = [(label, figure) for label, figure in methods if figure.films == most]
    top = max(figure.value for _, figure in fair)
    winners = [(label, figure) for label, figure in fair if share(figure.value) == share(top)]
    labels = [label for label, _ in winners]
    over = f"Of the methods seen on all {most} boxed findings, hottest point in the box most often"
    said = f"{over}: {listed(labels)}, {share(top)} of the time"
    if centre is None:
        return f"{said}."
    middle = f"a map that is hottest in the middle of every film ({share(centre.value)})"
    if any(centre.clearly_above(figure) for _, figure in winners):
        return f"{said}, which is clearly less than {middle}."
    if not any(figure.clearly_above(centre) for _, figure in winners):
        return f"{said}, which is not clearly more than {middle}."
    return f"{said}, clearly more than {middle}{_others(methods, centre)}."


def _others(methods: list[tuple[str, Figure]], centre: Figure) -> str:
    weak = [label for label, figure in methods if not figure.clearly_above(centre)]
    return (
        f"; {listed(weak)} {'does' if len(weak) == 1 else 'do'} not clearly beat it" if weak else "; so do all others"
    )


def _edges(measured: Measured) -> str:
    methods, edges = _methods(measured), _pointing(measured, "edges")
    if not methods or edges is None:
        return ""
    weak = [label for label, figure in methods if not figure.clearly_above(edges)]
    said = f"An edge detector, which knows no model at all, points into the box {share(edges.value)} of the time"
    if not weak:
        return f"{said}: every method does clearly better."
    if len(weak) == len(methods):
        return f"{said}, and no method does clearly better."
    return (
        f"{said}, and {listed(weak)} {'does' if len(weak) == 1 else 'do'} not clearly better: that a map looks like "
        "anatomy proves nothing."
    )


def _survivors(measured: Measured) -> str:
    labels = measured.methods(baseline=False)
    found = {
        label: figure.value
        for key, label in labels.items()
        if (figure := measured.of_method(key, "randomised", "head"))
    }
    if not found:
        return ""
    stay = [f"{label} ({decimal(value)})" for label, value in found.items() if value >= LOOSE]
    if not stay:
        return (
            "With the head’s weights shuffled no method’s map stays: the rank correlation with the real one is "
            f"{decimal(max(found.values()))} at most."
        )
    whose = "this map" if len(stay) == 1 else "these maps"
    return (
        f"With the head’s weights shuffled much of {whose} stays, by rank correlation: {listed(stay)}. What stays was "
        "never about the finding."
    )
