"""One backbone through one runtime, as a server (see :mod:`benchmarks.server`).

Command line: ``runtime model threads canvases.npy features.npy``. The server's ``load_s`` is what a fresh process
waits for: import, load, first forward pass. Jobs: a batch size, or ``save`` to leave the features of all canvases in
``features.npy``. Every batch size is compiled for itself: fixed shapes are what all runtimes are fastest with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.server import serve

Forward = Callable[[np.ndarray], np.ndarray]


def onnxruntime(model: str, threads: int, _shape: tuple[int, ...]) -> tuple[Forward, dict]:
    """ONNX Runtime."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda canvases: session.run(None, {name: canvases})[0], {"version": ort.__version__}


def litert(model: str, threads: int, shape: tuple[int, ...]) -> tuple[Forward, dict]:
    """LiteRT's interpreter (XNNPACK)."""
    import importlib.metadata

    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model, num_threads=threads)
    source, target = (side()[0]["index"] for side in (interpreter.get_input_details, interpreter.get_output_details))
    interpreter.resize_tensor_input(source, shape)
    interpreter.allocate_tensors()

    def forward(canvases: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(source, canvases)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return forward, {"version": importlib.metadata.version("ai-edge-litert")}


def _openvino(model: str, threads: int, shape: tuple[int, ...], hints: dict[str, str]) -> tuple[Forward, dict]:
    import openvino

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape(list(shape))
    options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", **hints}
    compiled = core.compile_model(network, "CPU", options)
    precision = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    about = {"version": openvino.__version__, "precision": precision}
    return lambda canvases: compiled(canvases)[0].copy(), about


def openvino_f32(model: str, threads: int, shape: tuple[int, ...]) -> tuple[Forward, dict]:
    """OpenVINO, held to float32."""
    return _openvino(model, threads, shape, {"INFERENCE_PRECISION_HINT": "f32"})


def openvino_default(model: str, threads: int, shape: tuple[int, ...]) -> tuple[Forward, dict]:
    """OpenVINO in the precision that it chooses on this processor."""
    return _openvino(model, threads, shape, {})


RUNTIMES = {each.__name__: each for each in (onnxruntime, litert, openvino_f32, openvino_default)}


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    runtime, model, threads, canvases_file, features_file = given
    canvases = np.load(canvases_file, allow_pickle=False)

    def compile_for(size: int) -> tuple[Forward, dict]:
        return RUNTIMES[runtime](model, int(threads), (size, *canvases.shape[1:]))

    forward, about = compile_for(1)
    forward(canvases[:1])
    compiled = {1: forward}

    def call(job: str):
        if job == "save":
            return np.save(features_file, call(str(len(canvases))))
        size = int(job)
        if size not in compiled:
            compiled[size], _ = compile_for(size)
        return compiled[size](canvases[:size])

    return about, call


if __name__ == "__main__":
    serve(load)
