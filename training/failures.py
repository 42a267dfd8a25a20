"""Shows both checkpoints failing, on composites of the validation films on which the default one is most wrong.

Averages again, as in :mod:`training.composites`: no patient's film is shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np
from scipy.special import logit as log_odds
from tqdm import tqdm

import xai
from training.card import CHECKPOINTS
from training.composites import SHARE, average, places
from training.data import Film, load
from xai import overlay, words
from xai.classifier import Classifier
from xai.explain import Explanation
from xai.radiograph import Radiograph

# The composite of SHARE films is made of the POOL worst ones, or as many more as it takes for so many to align; the seed
# whose composite is read worst is shown.
POOL = 24
LINE = 46  # characters above a picture


@dataclass(frozen=True)
class Case:
    """One way to be wrong.

    Attributes:
        title: what the composite shows.
        finding: that is asked for.
        population: of the films.
        missed: films with the finding that are rated lowest; otherwise films published as normal, rated highest.
    """

    title: str
    finding: str
    population: str
    missed: bool

    def takes(self, film: Film) -> bool:
        """Whether a film can fail in this way."""
        return film.population == self.population and (
            film.labels.get(self.finding, False) if self.missed else film.normal
        )


CASES = (
    Case("Labelled cardiomegaly, rated low", "cardiomegaly", "adult", True),
    Case("Published as normal, rated high for cardiomegaly", "cardiomegaly", "adult", False),
    Case("Labelled nodule, rated low", "nodule", "adult", True),
    Case("Labelled pneumonia, rated low", "pneumonia", "adult", True),
    Case("Normal child, rated high for pneumonia", "pneumonia_child", "child", False),
    Case("Normal child under an output for adults", "infiltration", "child", False),
)


def wrongness(case: Case, explanation: Explanation) -> float:
    """How far a reading lies on the wrong side of its operating point, in log-odds."""
    reading = explanation.readings[case.finding]
    above = reading.logit - float(log_odds(reading.finding.operating_point))
    return -above if case.missed else above


def worst_composite(case: Case, films: list[Film], classifier: Classifier) -> tuple[np.ndarray, int]:
    """The composite, ``(SIDE, SIDE)`` float32 in [0, 1], that is read most wrongly, and of how many worst films.

    Raises:
        ValueError: too few films can fail in this way, or they do not align.
    """
    chosen = [film for film in films if case.takes(film)]
    pixels = load(chosen, case.title)
    wrong = [
        wrongness(case, xai.explain(classifier, Radiograph(grey.astype(np.float32) / 255)))
        for grey in tqdm(pixels, desc=case.title, mininterval=5)
    ]
    worst = np.argsort(wrong)[::-1]
    for pool in range(min(POOL, len(worst)), len(worst) + 1):
        rows = worst[:pool]
        composites = _composites([chosen[i] for i in rows], [pixels[i] for i in rows])
        if composites:
            return max(composites, key=lambda c: wrongness(case, xai.explain(classifier, Radiograph(c)))), pool
    raise ValueError(f"{case.title}: fewer than {SHARE} films of as many patients align; give more films")


def _composites(films: list[Film], pixels: list[np.ndarray]) -> list[np.ndarray]:
    """One around each film that enough others align to."""
    place = places(pixels)
    found = (average(seed, films, pixels, place) for seed in range(len(films)))
    return [composite for composite in found if composite is not None]


def show(films: list[Film], picture: Path, report: Path, weights: Path | None = None) -> None:
    """Write the picture of all cases, and what the checkpoints say of them as JSON.

    Args:
        films: validation films, from :func:`training.data.split`.
        picture, report: the files to write.
        weights: folder to load from; None resolves as for visitors.
    """
    from matplotlib.figure import Figure

    classifiers = {name: xai.load(name, weights, threads=2) for name in CHECKPOINTS}
    figure = Figure(figsize=(8.4, 2.75 * len(CASES)), layout="constrained", dpi=100)
    axes = figure.subplots(len(CASES), 1 + len(CHECKPOINTS))
    cases = []
    for case, row in zip(CASES, axes):
        composite, pool = worst_composite(case, films, classifiers[CHECKPOINTS[0]])
        grey = np.round(composite * 255).astype(np.uint8)
        row[0].imshow(grey, cmap="gray", vmin=0, vmax=255)
        row[0].set_title(fill(case.title, LINE), fontsize=8)
        said = {}
        for name, axis in zip(CHECKPOINTS, row[1:]):
            explanation = xai.explain(classifiers[name], Radiograph(composite))
            reading = explanation.readings[case.finding]
            view = overlay.View()
            rgba = overlay.render(reading, explanation.extent, grey.shape, view)
            axis.imshow(overlay.compose(grey, rgba, view.opacity))
            point = words.percent(reading.finding.operating_point)
            axis.set_title(
                f"{name}: {words.percent(reading.probability)} (operating point {point})\n"
                + fill(words.location(reading.evidence, explanation.extent), LINE),
                fontsize=8,
            )
            said[name] = {
                "probability": reading.probability,
                "operating_point": reading.finding.operating_point,
                "evidence": words.location(reading.evidence, explanation.extent),
            }
        cases.append({"title": case.title, "finding": case.finding, "films": SHARE, "of_the_worst": pool, "said": said})
    for axis in axes.flat:
        axis.axis("off")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, pil_kwargs={"quality": 88})
    document = {
        "command": "python -m training failures",
        "versions": {name: classifier.version for name, classifier in classifiers.items()},
        "cases": cases,
    }
    report.write_text(json.dumps(document, indent=1) + "\n")
