"""Writes a calibrated model as the files that :mod:`xai` serves: an ONNX backbone, a head, a manifest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from training import calibrate, served, trained
from training.compression import compress, to_onnx
from training.data import ADULT, FINDINGS, Film, load, targets
from training.gate import NORMAL_FILMS, fit_served, sample
from xai.evidence import evidence
from xai.gate import parts
from xai.radiograph import HIGH, LOW
from xai.weights import digest

LABELS = {
    "cardiomegaly": "Cardiomegaly",
    "effusion": "Effusion",
    "atelectasis": "Atelectasis",
    "infiltration": "Infiltration",
    "pneumothorax": "Pneumothorax",
    "nodule": "Nodule",
    "mass": "Mass",
    "pneumonia": "Pneumonia (adults)",
    "consolidation": "Consolidation",
    "edema": "Oedema",
    "pneumonia_child": "Pneumonia (children)",
    "bacterial_child": "Bacterial rather than viral (children)",
}
CARDS = {
    "guided": {
        "title": "Guided by radiologists' boxes",
        "description": "Fine-tuned with the radiologists' boxes: its evidence was asked to lie where they drew them, and to fall "
        "when the place that it points at is hidden. Half of every cell is the mean of the 5 × 5 cells around it.",
    },
    "plain": {
        "title": "Plain fine-tuning",
        "description": "Fine-tuned on labels alone, as most demos are: nothing told it where to look.",
    },
    "small": {
        "title": "Small, from scratch",
        "description": "Seven convolutions that never saw another picture than these films, trained for six of 40 epochs so far.",
    },
}


def checkpoint(name: str, runs: Path, films: list[Film], validation: list[Film], out: Path) -> None:
    """Calibrate a trained checkpoint on validation films and write it, with its manifest entry, to ``out``.

    Reads ``runs/name``. Writes ``name.onnx`` (backbone), ``name.npz`` (head, reference, gate) and the
    entry in ``manifest.json``; the float32 head, calibrated, stays beside the checkpoint as ``calibrated.npz``.
    """
    network = trained.load(name, runs)
    backbone_path, head_path = out / f"{name}.onnx", out / f"{name}.npz"
    out.mkdir(exist_ok=True)
    onnx.save(compress(to_onnx(network.backbone)), backbone_path)
    session = onnxruntime.InferenceSession(str(backbone_path), providers=["CPUExecutionProvider"])
    pixels = load(validation, "validation films")
    features = served.features(session, pixels, network.size, f"{name}: calibrating")
    held_back, held_back_parts = (np.stack(column) for column in zip(*((f.mean((0, 1)), parts(f)) for f in features)))
    kernel, bias, findings = calibrated(network.kernel, network.bias, held_back, validation)
    np.savez(runs / name / "calibrated.npz", kernel=kernel, bias=bias)

    # Normal films give the reference, all films the gate; a few hundred of each are enough for a mean.
    chosen = sample(films)
    mean = {population: np.zeros(network.backbone.output.shape[1:], np.float64) for population in ("adult", "child")}
    pictures = []
    pixels = load(chosen, "training films")
    for film, feature in zip(chosen, served.features(session, pixels, network.size, f"{name}: reference, gate")):
        pictures.append(parts(feature))
        if film.normal:
            mean[film.population] += feature / NORMAL_FILMS
    gate, gate_entry = fit_served(
        lambda more, what: served.features(session, more, network.size, f"{name}: {what}"),
        network.size,
        pixels,
        np.stack(pictures),
        np.array([f.population == "adult" for f in chosen]),
        held_back_parts,
        np.array([f.population == "adult" for f in validation]),
    )
    reference = {key: evidence(value.astype(np.float32), kernel) for key, value in mean.items()}
    np.savez(
        head_path,
        kernel=kernel,
        bias=bias,
        reference=np.stack([reference[f["population"]][..., i] for i, f in enumerate(findings.values())], axis=-1),
        **{f"gate_{key}": value for key, value in gate.items()},
    )
    files = {
        kind: {"name": path.name, "sha256": digest(path), "bytes": path.stat().st_size}
        for kind, path in (("backbone", backbone_path), ("head", head_path))
    }
    entry = {
        **CARDS[name],
        "version": served.version(files),
        "architecture": f"{network.architecture}, average pooling, one linear layer, sigmoid per finding",
        "report": f"reports/{name}.json",
        "files": files,
        "findings": findings,
        "gate": gate_entry,
    }
    _enter(name, entry, network.size, out / "manifest.json")


def calibrated(
    kernel: np.ndarray, bias: np.ndarray, pooled: np.ndarray, films: list[Film]
) -> tuple[np.ndarray, np.ndarray, dict]:
    """A head whose probabilities are calibrated, and what the manifest says of its findings.

    Args:
        kernel, bias: as trained, ``(k, c)`` and ``(c,)``.
        pooled: ``(n, k)`` features of validation films as the shipped backbone computes them, averaged over the grid.
        films: these films.

    Returns:
        kernel, bias, and finding → label, population, calibration, operating point, unsure zone, foreign films.
    """
    kernel, bias = kernel.copy(), bias.copy()
    label, mask = targets(films)
    raw = pooled @ kernel + bias
    normal, adult = (np.array(column) for column in zip(*((f.normal, f.population == "adult") for f in films)))
    findings = {}
    for column, finding in enumerate(FINDINGS):
        known = mask[:, column] > 0
        slope, offset = calibrate.platt(raw[known, column], label[known, column])
        kernel[:, column] *= slope
        bias[column] = slope * bias[column] + offset
        probability = 1 / (1 + np.exp(-(pooled @ kernel[:, column] + bias[column])))
        fixed = calibrate.operating_point(finding, probability[known], label[known, column])
        own = adult == (finding in ADULT)
        findings[finding] = {
            "label": LABELS[finding],
            "population": "adult" if finding in ADULT else "child",
            "calibration": {"slope": round(slope, 5), "offset": round(offset, 5)},
            **fixed,
            "foreign": calibrate.foreign(probability, fixed["operating_point"], normal, own),
        }
    return kernel, bias, findings


def _enter(name: str, entry: dict, size: int, path: Path) -> None:
    """Write a checkpoint's entry into a manifest, among the others' that are there."""
    manifest = json.loads(path.read_text()) if path.exists() else {}
    models = manifest.get("models", {}) | {name: entry}
    manifest = {
        "format": 1,
        "default": "guided",
        "licence": "Apache-2.0",
        "input": {
            "size": size,
            "channels": 1,
            "range": [0, 1],
            "percentiles": [LOW, HIGH],
            "fit": "letter-boxed, black, centred",
        },
        "models": {key: models[key] for key in CARDS if key in models},
    }
    path.write_text(json.dumps(manifest, indent=1) + "\n")
