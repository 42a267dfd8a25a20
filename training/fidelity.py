"""What storing the weights in fewer bits costs, against the float32 model that was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from training import trained
from training.data import FINDINGS, Film, load, targets
from training.metrics import auc
from training.model import EvidenceModel
from training.report import read_films
from xai import evidence
from xai import load as load_checkpoint
from xai.geometry import letterbox

BATCH = 32


def float32_outputs(name: str, runs: Path, pixels: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``(n, c)`` and evidence ``(n, h, w, c)`` of the Keras float32 model with its calibrated head."""
    network = trained.load(name, runs)
    model = EvidenceModel(network.backbone, len(FINDINGS), name="evidence_model")
    with np.load(runs / name / "calibrated.npz") as head:
        model.get_layer("head").set_weights([head["kernel"], head["bias"]])
    logits, maps = [], []
    for i in tqdm(range(0, len(pixels), BATCH), desc=f"{name}: float32", mininterval=5):
        canvas = [letterbox(grey.astype(np.float32) / 255, network.size)[0] for grey in pixels[i : i + BATCH]]
        out = model.predict_on_batch(np.stack(canvas)[..., None])
        logits.append(out["logits"])
        maps.append(out["evidence"])
    return np.concatenate(logits), np.concatenate(maps)


def compare(name: str, films: list[Film], runs: Path, weights: Path | None = None) -> dict:
    """Differences between the shipped checkpoint and the float32 model it came from, over validation films."""
    pixels = load(films, "validation films")
    classifier = load_checkpoint(name, weights)
    served = read_films(classifier, pixels, f"{name}: served")
    logits, maps = float32_outputs(name, runs, pixels)
    label, mask = targets(films)
    auc_difference = []
    for column in range(len(FINDINGS)):
        known = mask[:, column] > 0
        y = label[known, column]
        auc_difference.append(abs(auc(y, logits[known, column]) - auc(y, served.logits[known, column])))
    probability = np.vectorize(evidence.probability)
    correlation = [
        np.corrcoef(a[..., c].ravel(), b[..., c].ravel())[0, 1]
        for a, b in zip(maps, served.evidence)
        for c in range(len(FINDINGS))
    ]
    return {
        "version": classifier.version,
        "films": len(films),
        "command": f"python -m training fidelity {name}",
        "largest_auc_difference": max(auc_difference),
        "largest_probability_difference": float(np.abs(probability(logits) - probability(served.logits)).max()),
        "map_correlation": {
            "median": float(np.median(correlation)),
            "lowest 1 %": float(np.quantile(correlation, 0.01)),
            "lowest": float(np.min(correlation)),
        },
    }
