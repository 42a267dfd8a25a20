"""A checkpoint ready to run: film on a canvas → features, through ONNX Runtime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from xai.gate import Gate


@dataclass(frozen=True)
class Foreign:
    """What one output does with normal films of the population that it was not trained on.

    Attributes:
        films: how many such validation films were read.
        reach: share of them that reaches the output's operating point.
        own: the same share among normal validation films of the output's own population.
    """

    films: int
    reach: float
    own: float


@dataclass(frozen=True)
class Finding:
    """What one output stands for.

    Attributes:
        name: as in files and the API (``"pneumonia_child"``).
        label: as shown ("Pneumonia (children)").
        population: ``"adult"`` or ``"child"``: whose films the output was trained on.
        operating_point: threshold on the calibrated probability, fixed on validation films.
        promise: what the operating point was fixed for ("85 % sensitivity").
        unsure: ``(low, high)`` probabilities between which the reading is called unsure.
        foreign: what it does on the other population's films; None where the manifest does not say.
    """

    name: str
    label: str
    population: str
    operating_point: float
    promise: str
    unsure: tuple[float, float]
    foreign: Foreign | None = None


class Classifier:
    """One loaded checkpoint. Stateless after construction and safe under threads.

    Attributes:
        name, title, version: of the checkpoint.
        findings: by name, in the order of the head's outputs.
        size: side of the square canvas, in pixels.
        kernel, bias: the linear layer, calibrated: ``(k, c)`` and ``(c,)`` float32.
        reference: ``(h, w, c)`` float32, each finding's mean evidence on normal training films of its population.
        gate: says whether features look like a frontal chest film, and of which population.
        backbone: path of the ``.onnx`` file, from which the laboratory makes randomised twins.
    """

    def __init__(self, name: str, entry: dict, version: str, size: int, backbone: Path, head: Path, threads: int = 0):
        """Load the files of one manifest entry (see :mod:`xai.weights`).

        Args:
            name, entry, version, size: from the manifest.
            backbone: ``.onnx``, canvas ``(B, size, size, 1)`` → features ``(B, h, w, k)``.
            head: ``.npz`` with ``kernel``, ``bias``, ``reference`` and the gate's arrays.
            threads: for one forward pass; 0 lets ONNX Runtime choose.
        """
        self.name, self.title, self.version, self.size = name, entry["title"], version, size
        self.description = entry["description"]
        self.backbone = backbone
        self.findings = {
            key: Finding(
                key,
                value["label"],
                value["population"],
                value["operating_point"],
                value["promise"],
                tuple(value["unsure"]),
                _foreign(value["foreign"]) if "foreign" in value else None,
            )
            for key, value in entry["findings"].items()
        }
        with np.load(head, allow_pickle=False) as arrays:
            self.kernel, self.bias, self.reference = arrays["kernel"], arrays["bias"], arrays["reference"]
            self.gate = Gate(
                {key.removeprefix("gate_"): arrays[key] for key in arrays if key.startswith("gate_")},
                entry["gate"]["threshold"],
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(backbone), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def features(self, canvases: np.ndarray) -> np.ndarray:
        """The forward pass: ``(B, size, size)`` float32 in [0, 1] → ``(B, h, w, k)`` float32."""
        return self._session.run(None, {self._input: canvases[..., None]})[0]


def _foreign(value: dict) -> Foreign:
    return Foreign(value["films"], value["reach"], value["own"])
