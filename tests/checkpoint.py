"""Writes checkpoints small enough for any test: one convolution, two findings, and a manifest with true hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tests import gates

SIZE, CELLS, CHANNELS = 33, 4, 4
FINDINGS = {"cardiomegaly": "adult", "pneumonia_child": "child"}


def backbone(seed: int = 0, operator: str = "Conv", domain: str = "") -> onnx.ModelProto:
    """``(B, 33, 33, 1)`` → ``(B, 9, 9, 4)`` → ``(B, 4, 4, 4)``."""
    kernel = np.random.default_rng(seed).normal(size=(CHANNELS, 1, 9, 9)).astype(np.float32)
    nodes = [
        helper.make_node("Transpose", ["canvas"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node(operator, ["first", "kernel"], ["fine"], domain=domain, strides=[3, 3]),
        helper.make_node("MaxPool", ["fine"], ["activations"], kernel_shape=[3, 3], strides=[2, 2]),
        helper.make_node("Transpose", ["activations"], ["features"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "backbone",
        [helper.make_tensor_value_info("canvas", TensorProto.FLOAT, ["B", SIZE, SIZE, 1])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", CELLS, CELLS, CHANNELS])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    sets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=sets, ir_version=9)


def head(seed: int = 0) -> dict[str, np.ndarray]:
    """The arrays that a head's ``.npz`` holds."""
    rng = np.random.default_rng(seed)
    shapes = {
        "kernel": (CHANNELS, len(FINDINGS)),
        "bias": (len(FINDINGS),),
        "reference": (CELLS, CELLS, len(FINDINGS)),
    }
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return arrays | gates.arrays(CHANNELS)


def write(folder: Path, names: tuple[str, ...] = ("guided", "plain"), version: str = "1.0") -> Path:
    """A folder of checkpoints; its first model is the default. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        onnx.save(backbone(seed), folder / f"{name}.onnx")
        np.savez(folder / f"{name}.npz", **head(seed))
    document = {
        "format": 1,
        "default": names[0],
        "input": {"size": SIZE},
        "models": {name: _entry(name) | {"version": version} for name in names},
    }
    (folder / "manifest.json").write_text(json.dumps(document))
    return seal(folder)


def seal(folder: Path) -> Path:
    """Write the hashes and sizes of the files as they are now into the manifest. Returns the folder."""
    document = json.loads((folder / "manifest.json").read_text())
    for entry in document["models"].values():
        for file in entry["files"].values():
            content = (folder / file["name"]).read_bytes()
            file |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "manifest.json").write_text(json.dumps(document))
    return folder


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _entry(name: str) -> dict:
    return {
        "title": name.title(),
        "description": f"The {name} one.",
        "report": f"reports/{name}.json",
        "files": {"backbone": {"name": f"{name}.onnx"}, "head": {"name": f"{name}.npz"}},
        "findings": {
            finding: {
                "label": finding.replace("_", " "),
                "population": population,
                "operating_point": 0.4,
                "promise": "85 % sensitivity",
                "unsure": [0.3, 0.5],
                "foreign": {"films": 250, "reach": 0.61, "own": 0.18},
            }
            for finding, population in FINDINGS.items()
        },
        "gate": {"threshold": 2.0},
    }
