"""What the experiments found, in plain words. They describe the model, never a patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai.explain import Reading
from xai.lab import shortcuts as bench
from xai.lab import stability as strip
from xai.lab.cascade import Step
from xai.lab.compare import Side
from xai.lab.curves import Curves
from xai.lab.hide import Effect, Hidden
from xai.lab.meter import Meter
from xai.words import percent, share, signed, subject

# Conventions, not results: a permutation p at or below ALPHA counts as shown (of 20 random regions none may do as
# much), maps that agree by FIRM count as steady and below LOOSE as unsteady, and the odds' factor e^0.5 as noticeable:
# what differs by less is nearly the same.
ALPHA, FIRM, LOOSE, NOTICEABLE = 0.05, 0.8, 0.5, 0.5


def hide(reading: Reading, hidden: Hidden, region: str = "the hot region") -> str:
    """The verdict on one finding, or how far the comparison has come.

    Args:
        reading: of the unchanged film.
        hidden: what is known so far.
        region: as in "hiding … lowers the evidence".
    """
    effect = hidden.effect(reading.finding.name)
    done = (
        f"Hiding {region} ({share(hidden.share)} of the film) {_does(effect.drop)} the evidence for "
        f"{subject(reading.finding)} by {abs(effect.drop):.1f}"
    )
    if not effect.complete:
        return f"{done}; {len(effect.random)} of {hidden.controls} random regions looked at."
    if not len(effect.random):
        return f"{done}."
    return f"{done}; hiding a random one {_random(effect)}: {_verdict(effect, bool((reading.evidence > 0).any()))}."


def _verdict(effect: Effect, positive: bool) -> str:
    count, as_much = len(effect.random), int((effect.random >= effect.drop).sum())
    if not positive:
        return "the map showed no evidence for it, so there was nothing hot to hide"
    if effect.drop <= 0:
        return "the model does not need it"
    if effect.p <= ALPHA:
        return f"the model does use it (none of {count} random regions does as much, p = {effect.p:.2f})"
    if effect.drop <= np.median(effect.random):
        return f"the model needs it no more than any other part ({as_much} of {count} do as much)"
    return f"more than most, but {as_much} of {count} random regions do as much, so this does not settle it"


def _does(drop: float) -> str:
    return "lowers" if drop >= 0 else "raises"


def _random(effect: Effect) -> str:
    """``by 0.2 ± 0.3``, or ``raises it by …`` where most random regions do the other thing than the region itself."""
    mean = effect.random.mean()
    same = (mean >= 0) == (effect.drop >= 0)
    return f"{'' if same else _does(mean) + ' it '}by {abs(mean):.1f} ± {effect.random.std():.1f}"


def curves(reading: Reading, drawn: Curves) -> str:
    """Whether the map's order beats every random order of the same cells, by the mean log-odds along the way."""
    name = reading.finding.name
    if not drawn.begun:
        return ""
    parts, better = [], []
    for kind, does in (("deletion", "taking cells away"), ("insertion", "bringing them back")):
        own, random = drawn.of_map(kind, name).log_odds, [curve.log_odds for curve in drawn.at_random(kind, name)]
        better.append(bool(own < min(random) if kind == "deletion" else own > max(random)))
        chance = f"random order: {signed(np.mean(random))} ± {np.std(random):.2f}"
        parts.append(f"{does} hottest first, the log-odds are {signed(own)} in the mean ({chance})")
    text = f"{parts[0][:1].upper()}{parts[0][1:]}; {parts[1]}: "
    if not drawn.complete:
        return text[:-2] + ", so far."
    if all(better):
        return text + "the map finds what the model needs sooner than chance does."
    if any(better):
        return text + "the two curves disagree, so this does not settle it."
    return text + "the map finds what the model needs no sooner than chance does."


def shortcut(reading: Reading, logit: float, probability: float, trial: bench.Trial) -> str:
    """One line: ``“PORTABLE”: 12 % → 17 % (log-odds +0.4), crosses the operating point``.

    Args:
        reading: of the unchanged film.
        logit, probability: of the changed one.
        trial: the change.
    """
    point = reading.finding.operating_point
    crosses = (reading.probability >= point) != (probability >= point)
    return (
        f"{trial.shortcut.label}: {percent(reading.probability)} → {percent(probability)} "
        f"(log-odds {signed(logit - reading.logit, 1)})"
        f"{', crosses the operating point' if crosses else ''}"
    )


def shortcuts(reading: Reading, column: int, trials: Sequence[bench.Trial]) -> str:
    """What the whole bench found; views of the anatomy that change with the film do not count."""
    still = [trial for trial in trials if not trial.shortcut.moves]
    moved = [trial for trial in still if abs(trial.logits[column] - reading.logit) >= NOTICEABLE]
    about = subject(reading.finding)
    if not moved:
        return f"Nothing that was added moves the log-odds for {about} by {NOTICEABLE} or more."
    labels = ", ".join(trial.shortcut.label for trial in moved)
    return (
        f"{len(moved)} of {len(still)} additions that show no anatomy move the log-odds for {about} by {NOTICEABLE} or "
        f"more: {labels}."
    )


def meter(reading: Reading, shares: Meter, even: Meter) -> str:
    """Where the positive evidence lies, beside what even spreading would give."""
    if not (reading.evidence > 0).any():
        return f"There is no positive evidence for {subject(reading.finding)} on this film."
    border, corners, outside = (
        f"{share(here)} {place} (spread evenly: {share(there)})"
        for place, here, there in (
            ("lies in the outer 8 % of the film", shares.border, even.border),
            ("in the corners", shares.corners, even.corners),
            ("outside an average thorax’s lungs and heart", shares.outside, even.outside),
        )
    )
    return f"Of the positive evidence for {subject(reading.finding)}, {border}, {corners}, and {outside}."


def stability(reading: Reading, column: int, trials: Sequence[strip.Trial]) -> str:
    """Whether map and probability stay."""
    ranks = np.array([trial.spearman(column) for trial in trials])
    probabilities = 1 / (1 + np.exp(-np.array([reading.logit, *(trial.logits[column] for trial in trials)])))
    low, high = percent(probabilities.min()), percent(probabilities.max())
    span = f"the probability lies between {low} and {high}" if low != high else f"the probability stays {low}"
    if not np.isfinite(ranks).all():
        return f"A map that is the same everywhere cannot be compared; {span}."
    worst = int(ranks.argmin())
    if ranks[worst] >= FIRM:
        held = "stays where it was"
    elif ranks[worst] >= LOOSE:
        held = "mostly stays where it was"
    else:
        held = "does not stay where it was"
    agreement = f"rank correlation {ranks.mean():.2f} on average, {ranks[worst]:.2f} at worst".replace("-", "−")
    return f"The map {held}: {agreement} ({trials[worst].change.name}); {span}."


def cascade(column: int, step: Step) -> str:
    """Whether the map survives one step; by the size of the correlation, for the negative of a map is the same map."""
    size = np.abs(step.spearman(column))
    if not np.isfinite(size).all():
        return f"With {step.label} shuffled, the twin draws nothing at all: the map did not survive."
    agreement = (
        f"the map’s rank correlation with the real one is {size.mean():.2f} ± {size.std():.2f}, whatever its sign"
    )
    if size.mean() >= FIRM:
        end = "it survives, so it says little about what was learnt"
    elif size.mean() >= LOOSE:
        end = "much of it survives: part of it comes from the film, not from what was learnt there"
    else:
        end = "it does not survive, so it depends on what was learnt"
    return f"With {step.label} shuffled, {agreement}: {end}."


def compare(first: Side, second: Side) -> str:
    """How alike two checkpoints' probabilities and reasons are."""
    near = abs(first.logit - second.logit) <= NOTICEABLE
    alike = "nearly the same probability" if near else "different probabilities"
    sides = "; ".join(
        f"of {side.model}’s positive evidence {share(side.meter.heart + side.meter.lungs)} lies over the heart and "
        f"lungs, {share(side.meter.border)} on the border and {share(side.meter.corners)} in the corners"
        for side in (first, second)
    )
    both = f"{first.model} {percent(first.probability)}, {second.model} {percent(second.probability)}"
    return f"{both[:1].upper()}{both[1:]}: {alike}; {sides}."
