"""What the numbers say, in plain words: how a logit adds up, how strong evidence is and where it lies.

The words describe the model's output. They never say what a patient has.
"""

from __future__ import annotations

import math
import re

import numpy as np

from xai import evidence as maps
from xai.classifier import Finding
from xai.explain import Explanation, Reading
from xai.foremost import unmet
from xai.gate import Verdict

NOT_A_DEVICE = "Not a medical device, not for diagnosis."
REFUSAL = (
    "This does not look like a frontal chest X-ray: the model has seen nothing like it, "
    "so its numbers mean nothing here."
)

TRAINED_ON = {"adult": "adults", "child": "children aged 1–5"}
_PEOPLE = {"adult": "adults", "child": "children"}
_LOOKS_LIKE = {"adult": "an adult’s", "child": "a small child’s"}

# Zones of an average thorax on a frontal film, as fractions of the film's width and height: (x0, y0, x1, y1). The
# left of the picture is the patient's right. A cell belongs to the first zone that holds its centre, so the heart
# takes precedence over the lung behind it; but for its foot, its zone lies inside the median box that radiologists drew
# for cardiomegaly on training films, (0.34, 0.38, 0.81, 0.74).
ZONES = {
    "over the heart": (0.42, 0.48, 0.74, 0.82),
    "over the right upper lung zone": (0.08, 0.08, 0.46, 0.36),
    "over the right middle lung zone": (0.08, 0.36, 0.46, 0.60),
    "over the right lower lung zone": (0.08, 0.60, 0.46, 0.88),
    "over the left upper lung zone": (0.54, 0.08, 0.92, 0.36),
    "over the left middle lung zone": (0.54, 0.36, 0.92, 0.60),
    "over the left lower lung zone": (0.54, 0.60, 0.92, 0.88),
}
OUTSIDE = "outside the lungs and the heart"

# "moderate" and "strong" begin where the odds are so many times those at the upper end of the unsure zone: there about
# one film in ten, and one in a hundred, of the films without the finding is left.
MODERATE_ODDS, STRONG_ODDS = 2.0, 8.0


def share(value: float) -> str:
    """A share in whole per cent."""
    return f"{100 * value:.0f} %"


def percent(probability: float) -> str:
    """A probability in whole per cent that never claims certainty: ``<1 %``, ``76 %``, ``>99 %``."""
    whole = round(100 * probability)
    return "<1 %" if whole < 1 else ">99 %" if whole > 99 else f"{whole} %"


def adds_up(reading: Reading, reference: bool = False) -> str:
    """The line that shows how a logit adds up, in figures that do so as shown.

    ``bias −2.31 + evidence for +4.02 − evidence against 0.55 = logit 1.16 → 76 %``

    Args:
        reading: of one finding.
        reference: start from the typical normal film instead of the bias.
    """
    values, start = reading.above_reference() if reference else (reading.evidence, reading.bias)
    more, less = maps.sides(values)
    a, b, c, total = (figure / 100 for figure in _balanced(start, more, -less, reading.logit))
    names = (
        ("typical normal film", "more than it", "less than it")
        if reference
        else ("bias", "evidence for", "evidence against")
    )
    return (
        f"{names[0]} {_number(a)} + {names[1]} +{b:.2f} − {names[2]} {c:.2f} "
        f"= logit {_number(total)} → {percent(reading.probability)}"
    )


def _number(value: float) -> str:
    return f"{value + 0.0:.2f}".replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """Log-odds with their sign, which 0 as shown has not."""
    shown = f"{value:+.{digits}f}".replace("-", "−")
    return shown if float(f"{value:.{digits}f}") else shown[1:]


def _balanced(start: float, more: float, less: float, total: float) -> tuple[int, int, int, int]:
    """``start + more − less = total`` rounded to whole hundredths that still add up.

    Rounding four figures can leave one or two hundredths over. They go to the parts that were rounded furthest the
    other way; the logit keeps its own rounding.
    """
    exact = np.array([start, more, -less]) * 100
    whole, goal = np.rint(exact).astype(int), round(total * 100)
    while (left := goal - whole.sum()) != 0:
        step = int(np.sign(left))
        error = (exact - whole) * step
        # Evidence for stays ≥ 0 and evidence against ≤ 0.
        if whole[1] + step < 0:
            error[1] = -np.inf
        if whole[2] + step > 0:
            error[2] = -np.inf
        whole[error.argmax()] += step
    return int(whole[0]), int(whole[1]), -int(whole[2]), goal


def strength(probability: float, finding: Finding) -> str:
    """``"little"`` below the unsure zone, ``"unsure"`` in it, then ``"some"``, ``"moderate"`` and ``"strong"``."""
    low, high = finding.unsure
    if probability < low:
        return "little"
    if probability < high:
        return "unsure"
    if _odds(probability) >= STRONG_ODDS * _odds(high):
        return "strong"
    return "moderate" if _odds(probability) >= MODERATE_ODDS * _odds(high) else "some"


def _odds(probability: float) -> float:
    return math.inf if probability >= 1 else probability / (1 - probability)


def shares(evidence: np.ndarray, extent: tuple[float, float, float, float]) -> dict[str, float]:
    """Share of the positive evidence in every zone of an average thorax, and outside them; sums to 1, or all 0.

    Args:
        evidence: ``(h, w)``, in log-odds.
        extent: of the grid on the film.
    """
    positive = maps.grad_cam(evidence).astype(np.float64)
    x0, y0, x1, y1 = extent
    h, w = positive.shape
    x = (x0 + (x1 - x0) * (np.arange(w) + 0.5) / w)[None, :]
    y = (y0 + (y1 - y0) * (np.arange(h) + 0.5) / h)[:, None]
    free = np.ones((h, w), bool)
    found = {}
    for zone, (left, top, right, bottom) in ZONES.items():
        held = free & (x >= left) & (x < right) & (y >= top) & (y < bottom)
        found[zone] = float(positive[held].sum())
        free &= ~held
    found[OUTSIDE] = float(positive[free].sum())
    total = sum(found.values())
    return {zone: value / total if total else 0.0 for zone, value in found.items()}


def location(evidence: np.ndarray, extent: tuple[float, float, float, float]) -> str:
    """Where the positive evidence lies: ``"mostly over the heart"``, … or ``"spread over the film"``."""
    first, second = sorted(shares(evidence, extent).items(), key=lambda item: -item[1])[:2]
    if first[1] == 0:
        return "no positive evidence on the map"
    if first[1] >= 0.5:
        return f"mostly {first[0]}"
    if first[1] + second[1] >= 0.5:
        if OUTSIDE in (first[0], second[0]):
            return f"partly {first[0]}, partly {second[0]}"
        return f"mostly {_both(first[0], second[0])}"
    return "spread over the film"


def _both(first: str, second: str) -> str:
    """Two zones in one phrase: ``over the left lower and middle lung zones``, ``over both lower lung zones``, …"""
    if first.endswith("lung zone") and second.endswith("lung zone"):
        (side, level), (other_side, other_level) = first.split()[2:4], second.split()[2:4]
        if side == other_side:
            return f"over the {side} {level} and {other_level} lung zones"
        if level == other_level:
            return f"over both {level} lung zones"
    return f"{first} and {second}"


def plain(reading: Reading, extent: tuple[float, float, float, float]) -> str:
    """One line: ``evidence for cardiomegaly: moderate, mostly over the heart``."""
    level = strength(reading.probability, reading.finding)
    about = f"evidence for {subject(reading.finding)}: "
    if level == "little":
        return about + level
    return f"{about}{level}, {location(reading.evidence, extent)}"


def subject(finding: Finding) -> str:
    """A finding inside a sentence: lower case, without the population in brackets."""
    label = re.sub(r"\s*\(.*\)$", "", finding.label)
    return label[:1].lower() + label[1:]


def mismatch(finding: Finding, gate: Verdict) -> str:
    """A mark for an output that was trained on another population than the film's; empty if it was not."""
    if finding.population == gate.population:
        return ""
    return f"trained on {TRAINED_ON[finding.population]}; this film looks like {_LOOKS_LIKE[gate.population]}"


def because(gate: Verdict) -> str:
    """What the gate noticed in a picture that it refuses, in one sentence; empty for a film that passes."""
    return f"What was noticed: {'; '.join(gate.noticed)}." if gate.noticed else ""


def reach(finding: Finding, gate: Verdict) -> str:
    """Why the mark matters, in one figure: how readily normal films like this one reach the output's operating point.

    Empty if the output was trained on the film's population, or if its manifest does not say.
    """
    foreign = finding.foreign
    if finding.population == gate.population or foreign is None:
        return ""
    return (
        f"of {foreign.films} normal films of {_PEOPLE[gate.population]}, {percent(foreign.reach)} reach this operating "
        f"point; of {_PEOPLE[finding.population]}, {percent(foreign.own)}"
    )


def presupposes(explanation: Explanation, name: str) -> str:
    """What an output means nothing without, where the film does not show enough of it; else empty."""
    premise = unmet(explanation, name)
    if premise is None:
        return ""
    return f"means something only with {subject(premise.finding)}, whose operating point this film does not reach"


def caution(explanation: Explanation, name: str) -> str:
    """Why an output means little on this film, on one line: the mark and its figure, and an unmet premise; else empty."""
    finding, gate = explanation.readings[name].finding, explanation.gate
    mark = ": ".join(filter(None, (mismatch(finding, gate), reach(finding, gate))))
    return "; ".join(filter(None, (mark, presupposes(explanation, name))))
