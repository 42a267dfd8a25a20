"""The same backbone through ONNX Runtime, LiteRT and OpenVINO: time, start, size, and distance to Keras."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import xai
from benchmarks import films, machine
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.server import Contestant
from benchmarks.settings import ROOT, Settings
from benchmarks.wheels import wheels
from xai.geometry import letterbox

SIZE, CUT, BATCH = 299, "mixed7", 16
ROUNDS, BATCH_ROUNDS, STARTS, WARM_UP = 60, 10, 5, 3
# Row → runtime of benchmarks.runtimes, and the file of it that `export` writes.
ROWS = {
    "ONNX Runtime": ("onnxruntime", "backbone.onnx"),
    "ONNX Runtime, 12-bit file as shipped": ("onnxruntime", "shipped.onnx"),
    "LiteRT": ("litert", "backbone.tflite"),
    "OpenVINO, float32": ("openvino_f32", "backbone.xml"),
    "OpenVINO, default precision": ("openvino_default", "backbone.xml"),
}
PACKAGES = ("onnxruntime", "ai-edge-litert", "openvino")


def export(settings: Settings, folder: Path, canvases: np.ndarray) -> np.ndarray:
    """Write one Keras backbone in every format.

    Returns:
        Keras's own features of the canvases, ``(B, h, w, k)``.
    """
    import keras
    import onnx

    from training import backbone
    from training.compression import compress, to_onnx

    keras.utils.set_random_seed(0)
    model = backbone.build(SIZE, CUT)
    if settings.init:
        backbone.initialise(model, str(settings.init))
    graph = to_onnx(model)
    onnx.save(graph, folder / "backbone.onnx")
    onnx.save(compress(graph), folder / "shipped.onnx")
    model.export(str(folder / "backbone.tflite"), format="litert", verbose=False)
    signature = [keras.InputSpec(shape=(None, *canvases.shape[1:]), dtype="float32", name="canvas")]
    model.export(str(folder / "backbone.xml"), format="openvino", input_signature=signature, verbose=False)
    return np.concatenate([np.asarray(model(canvas[None])) for canvas in canvases])


def megabytes(path: Path) -> float:
    """Size of a model; OpenVINO keeps the weights in a second file."""
    files = (path, path.with_suffix(".bin")) if path.suffix == ".xml" else (path,)
    return sum(file.stat().st_size for file in files) / 1e6


def run(settings: Settings) -> Result:
    """Latency at batch 1 and 16, start of a fresh process, file and wheel sizes, largest difference to Keras."""
    result = Result(raw={"runtimes": {}, "wheels": {}, "imagenet": settings.init is not None})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = films.paths(settings.films, BATCH, folder)
        canvases = np.stack([letterbox(xai.read(path).pixels, SIZE)[0] for path in paths])
        np.save(folder / "canvases.npy", canvases[..., None])
        expected = export(settings, folder, canvases[..., None])

        def start(row: str) -> Contestant:
            runtime, file = ROWS[row]
            arguments = [runtime, str(folder / file), str(settings.threads), str(folder / "canvases.npy")]
            return Contestant(
                sys.executable,
                "benchmarks.runtimes",
                [*arguments, str(folder / f"{row}.npy")],
                ROOT,
                folder / f"{row}.log",
            )

        def fresh_start(row: str) -> float:
            contestant = start(row)
            contestant.close()
            return 1e3 * contestant.about["load_s"]

        starts = interleave({row: partial(fresh_start, row) for row in ROWS}, settings.repeats(STARTS))
        contestants: dict[str, Contestant] = {}
        try:
            for row in ROWS:
                contestants[row] = start(row)
                contestants[row].run("save")
            samples = {}
            for size, rounds in ((1, ROUNDS), (BATCH, BATCH_ROUNDS)):
                calls = {row: partial(contestants[row].run, str(size)) for row in ROWS}
                interleave(calls, WARM_UP)
                samples[size] = interleave(calls, settings.repeats(rounds))
        finally:
            for contestant in contestants.values():
                contestant.close()
        for row, (_, file) in ROWS.items():
            difference = float(np.abs(np.load(folder / f"{row}.npy") - expected).max())
            about = {key: value for key, value in contestants[row].about.items() if key != "load_s"}
            result.raw["runtimes"][row] = about | {
                "batch_1_ms": summary(samples[1][row]),
                f"batch_{BATCH}_ms": summary(samples[BATCH][row]),
                "start_ms": summary(starts[row]),
                "file_mb": round(megabytes(folder / file), 1),
                "max_difference": difference,
                "max_feature": float(expected.max()),
            }
            result.figures += [
                Figure(f"{row}: batch 1", summary(samples[1][row])["median"], "ms"),
                Figure(f"{row}: batch {BATCH}", summary(samples[BATCH][row])["median"], "ms"),
                Figure(f"{row}: start", summary(starts[row])["median"], "ms"),
                Figure(f"{row}: difference / largest feature", difference / expected.max()),
            ]
    result.raw["wheels"] = {name: wheels(name, version) for name, version in machine.versions(PACKAGES).items()}
    return result
