"""What each experiment asks, how to read it, what it cannot show, and who thought of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guide:
    """The words that stand beside one experiment, one sentence each.

    Attributes:
        title: of the experiment.
        asks: the question.
        read: how to read the answer.
        cannot: what the answer does not show.
        paper, link: where the idea comes from.
    """

    title: str
    asks: str
    read: str
    cannot: str
    paper: str
    link: str


GUIDES = {
    "hide": Guide(
        "Hide and look again",
        "Does the model need the part of the film that the map calls hot?",
        "If hiding the hot region lowers the evidence by more than hiding any of 20 random regions of the same area "
        "and shape, the model uses what lies there.",
        "A hidden region is itself something the model has never seen, so try all three fills; and what the model uses "
        "need not be what a radiologist would look at.",
        "Fong & Vedaldi 2017, Interpretable Explanations of Black Boxes by Meaningful Perturbation",
        "https://arxiv.org/abs/1704.03296",
    ),
    "curves": Guide(
        "Insertion and deletion",
        "Does the map put the cells in the order in which the model needs them?",
        "Taken away hottest first, a good map's probability falls sooner than in random order (a smaller area); "
        "brought back hottest first, it rises sooner (a larger area). The sentence goes by the log-odds, which still "
        "move where a probability is near 0 or 1: the map must do better than every random order.",
        "Half-empty films are unlike any film the model was trained on, and three random orders are few.",
        "Petsiuk, Das & Saenko 2018, RISE",
        "https://arxiv.org/abs/1806.07421",
    ),
    "shortcuts": Guide(
        "Shortcut bench",
        "Does something that is not anatomy change what the model says?",
        "A marker, a border or a disc should hardly move the probability; where it does, the model has learnt from "
        "things that merely go along with a finding.",
        "A model that ignores these few may follow others, and a cropped or flipped film is a different view of the "
        "anatomy too.",
        "Zech et al. 2018, Variable generalization performance of a deep learning model to detect pneumonia",
        "https://doi.org/10.1371/journal.pmed.1002683",
    ),
    "meter": Guide(
        "Shortcut meter",
        "How much of the positive evidence lies where neither lungs nor heart are?",
        "Compare each share with that of evidence spread evenly over the film: well above it is a warning.",
        "It knows an average thorax, not this one, and evidence in the right place can be there for a wrong reason.",
        "DeGrave, Janizek & Lee 2021, AI for radiographic COVID-19 detection selects shortcuts over signal",
        "https://doi.org/10.1038/s42256-021-00338-7",
    ),
    "compare": Guide(
        "Two checkpoints, one film",
        "Do two models that say nearly the same say it for the same reason?",
        "Compare the shares of the positive evidence over heart and lungs, on the border and in the corners.",
        "One film shows that two models can differ, not which of them is right more often.",
        "DeGrave, Janizek & Lee 2021, AI for radiographic COVID-19 detection selects shortcuts over signal",
        "https://doi.org/10.1038/s42256-021-00338-7",
    ),
    "stability": Guide(
        "Stability strip",
        "Does the map stay where it was when the film changes in ways that should not matter?",
        "The maps, brought back to the film's frame, should agree (correlation near 1), and the probability stay.",
        "A map can be stable and wrong; and a mirrored chest has its heart on the other side, so some change is fair.",
        "Alvarez-Melis & Jaakkola 2018, On the Robustness of Interpretability Methods",
        "https://arxiv.org/abs/1806.08049",
    ),
    "cascade": Guide(
        "Randomised twin",
        "Does the map depend on what the model has learnt?",
        "With its weights shuffled the model knows nothing any more; a map that survives was never about the model.",
        "A map that changes has passed a test that a useful map must pass, and nothing more: it may still mislead.",
        "Adebayo et al. 2018, Sanity Checks for Saliency Maps",
        "https://arxiv.org/abs/1810.03292",
    ),
}
