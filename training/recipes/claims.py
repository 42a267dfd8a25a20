"""What each seed says of itself, in its own words, and what that leaves out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One seed's claim.

    Attributes:
        words: the seed's own.
        hides: one sentence, to be read beside our figures for its recipe.
    """

    words: str
    hides: str


CLAIMS = {
    "cardiomegaly-cnn-128": Claim(
        "Normal / Cardiomegaly with confidence",
        "Its question leaves out every film with another finding, which a clinic would not; and what it calls "
        "confidence is a sigmoid that nobody calibrated (see its ECE).",
    ),
    "cardiomegaly-inception": Claim(
        "ROC, sensitivity, specificity, confidence histogram",
        "They are taken with the scaling of pixels that it was trained with; a visitor's film is scaled differently "
        "(see the table of what that costs).",
    ),
    "pneumonia-cnn-224": Claim(
        "> 90 %",
        "Three in four of these films show pneumonia, so that always answering “pneumonia” comes within reach of an "
        "accuracy that sounds high.",
    ),
    "pneumonia-cnn-150": Claim(
        "96 / 95 / 97 / 96 (accuracy, precision, recall, F1), with Unknown as a third answer",
        "Films that are answered Unknown may drop out of all four figures: without the share that is answered, they "
        "can be made as high as one likes.",
    ),
    "pneumonia-recall": Claim(
        "94.35 %, recall first",
        "Recall alone is 100 % for whoever always answers pneumonia: it means nothing without the specificity that was "
        "paid for it.",
    ),
}
EVERYWHERE = (
    "One thing is hidden by all of them: on which patients. Kermany's file names repeat their `personN`, so a random "
    "split of images puts films of one child on both sides, and a claim on such a split cannot be checked by anyone."
)
