"""Trained recipes as predictors: what the report, and ``python -m training evaluate``, read films with.

Both classes implement :class:`~training.evaluation.predictor.Predictor`. Their logits are the networks' own: the seeds
do not calibrate, and the reports show what their confidence is worth.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from scipy.special import expit
from scipy.special import logit as log_odds

from training import calibrate
from training.evaluation.predictor import Answer
from training.recipes import grid, network
from training.recipes.baseline import Baseline, Ensemble, from_json
from training.recipes.errors import RecipeError
from training.recipes.films import canvases
from training.recipes.grad_cam import GradCam
from training.recipes.train import RECIPE, SETTLED, STATE, WEIGHTS
from xai.geometry import place
from xai.localisation import on_film

BATCH = 32
SIDE = 64  # samples along a side of an ensemble's map, which its members' grids are brought to


class Trained:
    """One trained network.

    Attributes:
        name, version, findings, thresholds, unsure: see the protocol.
        parameters: number of the network's weights.
    """

    def __init__(self, name: str, version: str, baseline: Baseline, model: keras.Model):
        self.name, self.version, self.baseline, self.model = name, version, baseline, model
        self.findings, self.parameters = baseline.findings, model.count_params()
        self.thresholds = {finding: 0.5 for finding in baseline.findings}
        self.unsure: dict[str, tuple[float, float]] = {}
        self.grad_cam, self.grid = GradCam(model), grid.of(model.get_layer("features"))

    def logits(self, pixels: list[np.ndarray]) -> np.ndarray:
        """Logits alone, ``(n, c)``."""
        parts = [canvases(pixels[i : i + BATCH], self.baseline.size) for i in range(0, len(pixels), BATCH)]
        return np.concatenate([self.model.predict_on_batch(part) for part in parts])

    def read(self, pixels: list[np.ndarray]) -> Answer:
        """Logits and Grad-CAM of films ``(H, W)`` uint8; the maps are in log-odds, and never negative."""
        size = self.baseline.size
        answers = [self.grad_cam(canvases(pixels[i : i + BATCH], size)) for i in range(0, len(pixels), BATCH)]
        logits, maps = (np.concatenate(parts) for parts in zip(*answers))
        return Answer(logits, maps, np.array([self.grid.extent(place(*grey.shape, size)) for grey in pixels]))

    def served(self) -> Trained:
        """The same weights with the scaling of pixels that the seed serves films with."""
        baseline = replace(self.baseline, scaling=self.baseline.served_scaling)
        model = network.build(baseline)
        model.set_weights(self.model.get_weights())
        other = Trained(self.name, self.version, baseline, model)
        other.thresholds, other.unsure = self.thresholds, self.unsure
        return other


class Committee:
    """An ensemble of trained networks with the same findings; attributes as of :class:`Trained`."""

    def __init__(self, name: str, members: list[Trained]):
        self.name, self.members = name, members
        self.version, self.findings = max(m.version for m in members), members[0].findings
        self.parameters = sum(m.parameters for m in members)
        self.thresholds = {finding: 0.5 for finding in self.findings}
        self.unsure: dict[str, tuple[float, float]] = {}

    def logits(self, pixels: list[np.ndarray]) -> np.ndarray:
        """Log-odds of the mean probability, ``(n, c)``."""
        return _combine([member.logits(pixels) for member in self.members])

    def read(self, pixels: list[np.ndarray]) -> Answer:
        """As for :meth:`Trained.read`; each member's map counts alike, whatever the size of its numbers."""
        answers = [member.read(pixels) for member in self.members]
        maps = np.mean([_on_films(answer) for answer in answers], axis=0)
        return Answer(_combine([a.logits for a in answers]), maps, np.tile([0.0, 0.0, 1.0, 1.0], (len(pixels), 1)))


def load(folder: Path, settled: bool = False) -> Trained | Committee:
    """A trained recipe from its run.

    Args:
        folder: ``runs/RECIPE``; an ensemble's members lie beside it.
        settled: whether its thresholds must have been fixed, for whoever judges by them.

    Raises:
        RecipeError: nothing is trained there yet, its thresholds are not fixed though they must be, or its weights
            cannot be read.
    """
    if not (folder / RECIPE).exists():
        raise RecipeError(f"{folder} holds no trained recipe: train it with `python -m training run {folder.name}`.")
    recipe = from_json(json.loads((folder / RECIPE).read_text()))
    if isinstance(recipe, Ensemble):
        predictor = Committee(folder.name, [load(folder.parent / member) for member in recipe.members])
    else:
        if not (folder / STATE).exists():
            raise RecipeError(f"{folder} is not trained to its end: go on with `python -m training run {folder.name}`.")
        model = network.build(recipe)
        try:
            model.load_weights(folder / WEIGHTS)
        except (OSError, ValueError) as error:  # a run that was killed while it wrote them
            raise RecipeError(f"{folder / WEIGHTS} cannot be read: remove {folder} and train anew.") from error
        predictor = Trained(folder.name, json.loads((folder / STATE).read_text())["date"], recipe, model)
    if (folder / SETTLED).exists():
        fixed = json.loads((folder / SETTLED).read_text())
        predictor.thresholds = fixed["thresholds"]
        predictor.unsure = {finding: tuple(edges) for finding, edges in fixed["unsure"].items()}
    elif settled:
        raise RecipeError(f"{folder} has no thresholds yet: go on with `python -m training run {folder.name}`.")
    return predictor


def settle(
    predictor: Trained | Committee,
    recipe: Baseline | Ensemble,
    pixels: list[np.ndarray],
    label: np.ndarray,
    folder: Path,
) -> None:
    """Fix thresholds and the band of the unknown, in place, and keep them beside the run.

    Args:
        predictor: whose readings are taken.
        recipe: what it promises.
        pixels, label: of held-out training patients, never of validation; labels ``(n, c)``, −1 where unknown.
        folder: of the run.
    """
    probability = np.clip(expit(predictor.logits(pixels).astype(float)), 1e-9, 1 - 1e-9)
    band = getattr(recipe, "unsure", None)
    for column, finding in enumerate(predictor.findings):
        known = label[:, column] >= 0
        p, y = probability[known, column], label[known, column]
        target = recipe.sensitivity or calibrate.SENSITIVITY.get(finding, calibrate.OTHERWISE)
        predictor.thresholds[finding] = threshold = calibrate.at_sensitivity(p, y, target)
        if band:
            edges = calibrate.at_sensitivity(p, y, band[0]), calibrate.at_specificity(p, y, band[1]), threshold
            predictor.unsure[finding] = (min(edges), max(edges))
    settled = {"thresholds": predictor.thresholds, "unsure": predictor.unsure}
    (folder / SETTLED).write_text(json.dumps(settled, indent=1) + "\n")


def _combine(logits: list[np.ndarray]) -> np.ndarray:
    mean = np.mean([expit(one.astype(float)) for one in logits], axis=0)
    return log_odds(np.clip(mean, 1e-9, 1 - 1e-9))


def _on_films(answer: Answer) -> np.ndarray:
    """Maps ``(n, SIDE, SIDE, c)`` on whole films, each of sum 1, or of zeros where nothing speaks for the finding."""
    films = [
        np.stack([on_film(one[..., c], tuple(extent), SIDE) for c in range(one.shape[-1])], axis=-1)
        for one, extent in zip(answer.maps, answer.extent)
    ]
    total = np.sum(films, axis=(1, 2), keepdims=True)
    return np.array(films) / np.where(total > 0, total, 1)
