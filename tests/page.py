"""The page as tests see it: a checkpoint with weights chosen by hand, phantoms as examples, served in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tests import checkpoint, gates
from tests.files import phantom

from ui import page, record

SIZE, CELLS, WINDOW, STRIDE = 299, 17, 43, 16
FINDINGS = {
    "cardiomegaly": ("Cardiomegaly", "adult"),
    "effusion": ("Effusion", "adult"),
    "pneumonia_child": ("Pneumonia (children)", "child"),
}
# Rows: brightness of a cell, brighter below than above, brighter right than left. Effusion has evidence against alone.
KERNEL = np.array([[6, -30, 10], [90, 0, 60], [60, 0, -90]], np.float32)
BIAS = np.array([0.4, -0.2, -1.0], np.float32)


def backbone() -> onnx.ModelProto:
    """``(B, 299, 299, 1)`` → ``(B, 17, 17, 3)``: three windows as large and as far apart as InceptionV3's first cells."""
    ramp = np.linspace(-1, 1, WINDOW, dtype=np.float32)
    windows = [np.ones((WINDOW, WINDOW), np.float32), np.tile(ramp[:, None], WINDOW), np.tile(ramp, (WINDOW, 1))]
    weight = np.stack(windows)[:, None] / WINDOW**2
    nodes = [
        helper.make_node("Transpose", ["canvas"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["first", "weight"], ["activations"], strides=[STRIDE, STRIDE]),
        helper.make_node("Transpose", ["activations"], ["features"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "backbone",
        [helper.make_tensor_value_info("canvas", TensorProto.FLOAT, ["B", SIZE, SIZE, 1])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["B", CELLS, CELLS, 3])],
        [numpy_helper.from_array(weight, "weight")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def head(knows: bool) -> dict[str, np.ndarray]:
    """The arrays of a head; its gate takes every film for an adult's, or for no chest film at all."""
    return {
        "kernel": KERNEL,
        "bias": BIAS,
        "reference": np.full((CELLS, CELLS, len(FINDINGS)), 0.004, np.float32),
    } | gates.arrays(3, knows)


def write(folder: Path) -> Path:
    """Two checkpoints, of which the second knows no film. Returns the folder."""
    folder.mkdir()
    entries = {}
    for name, knows in (("guided", True), ("strict", False)):
        onnx.save(backbone(), folder / f"{name}.onnx")
        np.savez(folder / f"{name}.npz", **head(knows))
        entries[name] = {
            "title": name.title(),
            "description": f"The {name} <one> & only.",
            "report": f"reports/{name}.json",
            "files": {"backbone": {"name": f"{name}.onnx"}, "head": {"name": f"{name}.npz"}},
            "findings": {
                key: {
                    "label": label,
                    "population": population,
                    "operating_point": 0.4,
                    "promise": "85 % sensitivity",
                    "unsure": [0.3, 0.5],
                    "foreign": {"films": 250, "reach": 0.61, "own": 0.18},
                }
                for key, (label, population) in FINDINGS.items()
            },
            "gate": {"threshold": 2.0},
            "version": "1.0-test",
        }
    manifest = {
        "format": 1,
        "default": "guided",
        "input": {"size": SIZE},
        "models": entries,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return checkpoint.seal(folder)


def films(folder: Path) -> Path:
    """A folder of two examples, square and portrait. Returns the folder."""
    folder.mkdir()
    listed = []
    for name, shape in (("square", (400, 400)), ("portrait", (460, 300))):
        Image.fromarray(np.round(phantom(*shape) * 255).astype(np.uint8)).save(folder / f"{name}.png")
        listed.append({"file": f"{name}.png", "title": f"A {name} phantom", "intended": [], "population": "adult"})
    (folder / "examples.json").write_text(json.dumps(listed))
    return folder


@contextmanager
def serving(weights: Path | None, examples: Path, maps: Path = record.PATH) -> Iterator[str]:
    """Serve the page as :mod:`app` does; yields its URL without a slash at the end."""
    blocks = page.build(weights, examples, maps)
    try:
        yield page.serve(blocks, "127.0.0.1", None).rstrip("/")
    finally:
        blocks.close(verbose=False)
