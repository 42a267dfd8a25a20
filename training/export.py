"""Writes a calibrated model as the files that :mod:`xai` serves: an ONNX backbone, a head, a manifest."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from training import calibrate, served, trained
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
        "description": "Seven convolutions that never saw another picture than these films: what size and a start are worth.",
    },
}

# The first convolutions hold 2 % of the weights and their rounding passes through all later layers: half precision.
HALF = 5


def _half(name: str, kernel: np.ndarray) -> tuple[list, list]:
    stored = numpy_helper.from_array(kernel.astype(np.float16), name + "/half")
    return [stored], [helper.make_node("Cast", [stored.name], [name], to=TensorProto.FLOAT)]


def _twelve_bit(name: str, kernel: np.ndarray) -> tuple[list, list]:
    """``kernel ≈ scale · (16 · high + low)``: a signed byte and an unsigned half byte, one scale per output channel."""
    scale = np.maximum(np.abs(kernel).max((1, 2, 3), keepdims=True) / 2047, 1e-12).astype(np.float32)
    codes = np.clip(np.round(kernel / scale), -2047, 2047).astype(np.int16)
    low = (codes & 15).astype(np.uint8).ravel()
    low = np.append(low, np.zeros(low.size % 2, np.uint8))
    stored = [
        numpy_helper.from_array((codes >> 4).astype(np.int8), name + "/high"),
        helper.make_tensor(
            name + "/low", TensorProto.UINT4, kernel.shape, (low[0::2] | low[1::2] << 4).tobytes(), raw=True
        ),
        numpy_helper.from_array(16 * scale, name + "/scale_high"),
        numpy_helper.from_array(scale, name + "/scale_low"),
    ]
    nodes = []
    for part in ("high", "low"):
        nodes += [
            helper.make_node("Cast", [f"{name}/{part}"], [f"{name}/{part}_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}/{part}_float", f"{name}/scale_{part}"], [f"{name}/{part}_scaled"]),
        ]
    nodes.append(helper.make_node("Add", [f"{name}/high_scaled", f"{name}/low_scaled"], [name]))
    return stored, nodes


def compress(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the convolution kernels in fewer bits, in place; a runtime widens them once, when it loads the file.

    Args:
        model: an exported backbone with float32 kernels ``(out, in, h, w)``.
    """
    graph = model.graph
    kernels = [node.input[1] for node in graph.node if node.op_type == "Conv"]
    initialisers, nodes = [], []
    for tensor in graph.initializer:
        if tensor.name not in kernels:
            initialisers.append(tensor)
            continue
        store = _half if kernels.index(tensor.name) < HALF else _twelve_bit
        stored, widen = store(tensor.name, numpy_helper.to_array(tensor))
        initialisers += stored
        nodes += widen
    nodes += graph.node
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(initialisers)
    graph.node.extend(nodes)
    # 4-bit tensors came with operator set 21; the operators that a convolutional network uses mean the same in it.
    next(o for o in model.opset_import if o.domain == "").version = 21
    model.ir_version = 10
    onnx.checker.check_model(model)
    return model


def to_onnx(backbone: keras.Model) -> onnx.ModelProto:
    """A Keras backbone as ONNX, any batch size, float32."""
    signature = [keras.InputSpec(shape=(None, *backbone.input_shape[1:]), dtype="float32", name="canvas")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "backbone.onnx"
        backbone.export(path, format="onnx", input_signature=signature, verbose=False)
        return onnx.load(path)


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
    kernel, bias = network.kernel.copy(), network.bias.copy()

    pixels = load(validation, "validation films")
    features = served.features(session, pixels, network.size, f"{name}: calibrating")
    held_back, held_back_parts = (np.stack(column) for column in zip(*((f.mean((0, 1)), parts(f)) for f in features)))
    label, mask = targets(validation)
    raw = held_back @ kernel + bias
    normal, adult = (np.array(column) for column in zip(*((f.normal, f.population == "adult") for f in validation)))
    findings = {}
    for column, finding in enumerate(FINDINGS):
        known = mask[:, column] > 0
        slope, offset = calibrate.platt(raw[known, column], label[known, column])
        kernel[:, column] *= slope
        bias[column] = slope * bias[column] + offset
        probability = 1 / (1 + np.exp(-(held_back @ kernel[:, column] + bias[column])))
        fixed = calibrate.operating_point(finding, probability[known], label[known, column])
        own = adult == (finding in ADULT)
        findings[finding] = {
            "label": LABELS[finding],
            "population": "adult" if finding in ADULT else "child",
            "calibration": {"slope": round(slope, 5), "offset": round(offset, 5)},
            **fixed,
            "foreign": calibrate.foreign(probability, fixed["operating_point"], normal, own),
        }
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
        adult,
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
    path = out / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {}
    models = manifest.get("models", {}) | {name: entry}
    manifest = {
        "format": 1,
        "default": "guided",
        "licence": "Apache-2.0",
        "input": {
            "size": network.size,
            "channels": 1,
            "range": [0, 1],
            "percentiles": [LOW, HIGH],
            "fit": "letter-boxed, black, centred",
        },
        "models": {key: models[key] for key in CARDS if key in models},
    }
    path.write_text(json.dumps(manifest, indent=1) + "\n")
