"""The columns of the table of all methods: what each measure asks, how to read it, and what it cannot show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from xai.lab.guide import GUIDES, Guide
from xai.words import share


@dataclass(frozen=True)
class Measure:
    """One column.

    Attributes:
        group: heading that it shares with its neighbours.
        guide: its words.
        block, figure: where in the report the means of one method are.
        show: a value as text.
        better: ``"higher"`` or ``"lower"``.
        beside: another figure of the block, shown under the mean, and what it is called.
    """

    group: str
    guide: Guide
    block: str
    figure: str
    show: Callable[[float], str]
    better: Literal["higher", "lower"]
    beside: tuple[str, str] | None = None


def decimal(value: float) -> str:
    """A number of log-odds, or a correlation."""
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _of(experiment: str) -> tuple[str, str]:
    """The paper behind an experiment on one film, which is the same over many."""
    return GUIDES[experiment].paper, GUIDES[experiment].link


_BOXES = "Against radiologists’ boxes"
_USED = "Does the model use it?"
_FIRM = "Does it hold up?"

MEASURES = (
    Measure(
        _BOXES,
        Guide(
            "Hottest point in box",
            "How often does the hottest cell lie inside a box that a radiologist drew for the finding?",
            "Compare it with a random cell and with the middle of the film: where films are centred on the chest, the "
            "middle alone hits the heart.",
            "One point says nothing of the rest of the map, and a large box is easy to hit.",
            "Zhang et al. 2016, Top-down Neural Attention by Excitation Backprop (the pointing game)",
            "https://arxiv.org/abs/1608.00507",
        ),
        "localisation",
        "argmax_in_box",
        share,
        "higher",
    ),
    Measure(
        _BOXES,
        Guide(
            "Share in box",
            "How much of the positive map lies inside the box?",
            "100 % if nothing is hot elsewhere; a map spread evenly scores the box’s share of the film.",
            "A model may have good reasons outside the box: where the heart is large, fluid around the lungs is likelier.",
            "Wang et al. 2020, Score-CAM (the energy-based pointing game)",
            "https://arxiv.org/abs/1910.01279",
        ),
        "localisation",
        "share_in_box",
        share,
        "higher",
    ),
    Measure(
        _BOXES,
        Guide(
            "Overlap (IoU)",
            "Do the hottest part of the map, cut off at the box’s own area, and the box cover the same place?",
            "1 if they coincide, 0 if they do not touch; half of each outside the other gives 0.33.",
            "Boxes are rectangles and findings are not, so even a perfect map stays below 1.",
            "Saporta et al. 2022, Benchmarking saliency methods for chest X-ray interpretation",
            "https://doi.org/10.1038/s42256-022-00536-x",
        ),
        "localisation",
        "iou",
        decimal,
        "higher",
    ),
    Measure(
        _USED,
        Guide(
            "Fall when hidden",
            "By how much does the logit fall when the hottest tenth of the film is hidden?",
            "In log-odds, beside the same for random regions of its shape: only what goes beyond those counts.",
            "A hidden region is itself something that the model has never seen.",
            *_of("hide"),
        ),
        "hide",
        "drop",
        decimal,
        "higher",
        ("random", "random"),
    ),
    Measure(
        _USED,
        Guide(
            "Beyond random",
            "On how many of the films does hiding the hottest tenth do more than random regions do on average?",
            "A map that knows nothing gets about half of them.",
            "It counts by how many films, not by how much; what a model uses need not be what it should use; and a model "
            "that was trained to pass this test (guided was, on other patients) has an advantage here over one that was not.",
            "Samek et al. 2017, Evaluating the Visualization of What a Deep Neural Network Has Learned",
            "https://arxiv.org/abs/1509.06321",
        ),
        "hide",
        "above_random",
        share,
        "higher",
    ),
    Measure(
        _USED,
        Guide(
            "Deletion",
            "With the film taken away hottest cells first, how soon does the logit fall?",
            "The mean logit along the way: the lower, the sooner.",
            "Half-empty films are unlike any that the model was trained on.",
            *_of("curves"),
        ),
        "deletion",
        "log_odds",
        decimal,
        "lower",
    ),
    Measure(
        _USED,
        Guide(
            "Insertion",
            "With the film brought back hottest cells first, how soon does the logit rise?",
            "The mean logit along the way: the higher, the sooner.",
            "It rewards a map that gathers everything in one place, wherever that is.",
            *_of("curves"),
        ),
        "insertion",
        "log_odds",
        decimal,
        "higher",
    ),
    Measure(
        _FIRM,
        Guide(
            "Stability",
            "Does the map stay where it was under small shifts, turns, contrast, noise and compression?",
            "Mean rank correlation with the map of the unchanged film: 1 if it stays, 0 if it has nothing to do with it.",
            "A map can be stable and wrong: one that is the same on every film is the most stable of all.",
            *_of("stability"),
        ),
        "stability",
        "spearman",
        decimal,
        "higher",
    ),
    Measure(
        _FIRM,
        Guide(
            "Shuffled twin",
            "How much of the map is left when the weights of the head are shuffled, so that the model knows no finding?",
            "The size of the rank correlation with the real map: near 0 it was about what the model learnt, near 1 it "
            "never was. Under it, the same with all weights shuffled.",
            "To change with the weights is the least that a map must do; it may still mislead.",
            *_of("cascade"),
        ),
        "randomised",
        "head",
        decimal,
        "lower",
        ("all", "all weights"),
    ),
)
