"""xplique's insertion and deletion of our maps: ``folder model.onnx steps threads`` → areas of each film.

In the folder: ``head.npz`` with ``kernel`` ``(k, c)`` and ``bias`` ``(c,)``, and one ``film-….npz`` each with ``film``,
``empty`` (what stands where the film is gone) and ``heat``, all ``(H, W)``, the ``column`` of the finding, and
``canvas`` (side), ``top`` and ``left``, where the film lies on the model's input.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.server import serve

Model = Callable[[np.ndarray], np.ndarray]


def black_box(model: str, threads: int, head: dict[str, np.ndarray]) -> Model:
    """Canvases ``(B, size, size, 1)`` → logits ``(B, c)``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda canvases: session.run(None, {name: canvases})[0].mean((1, 2)) @ head["kernel"] + head["bias"]


def whole(heat: np.ndarray, steps: int) -> list[int]:
    """How many pixels are gone after each step where equally hot ones go together: at least an equal share each."""
    falling = np.sort(heat.ravel())[::-1]
    return [int((heat >= falling[-(-heat.size * step // steps) - 1]).sum()) for step in range(1, steps + 1)]


def areas(model: Model, job: dict[str, np.ndarray], steps: int) -> dict[str, dict[str, float]]:
    """Under the probability, as pixels are taken away or brought back, hottest first.

    Returns:
        Of either kind, with ``whole`` cells at every step, and ``split``, with as many pixels at one as at another.
    """
    from sklearn.metrics import auc
    from xplique.metrics import Deletion, Insertion

    size, top, left = (int(job[key]) for key in ("canvas", "top", "left"))
    film, empty = (job[key].astype(np.float32)[None, ..., None] for key in ("film", "empty"))
    heat = job["heat"]
    bottom, right = size - top - heat.shape[0], size - left - heat.shape[1]

    def padded(films: np.ndarray) -> np.ndarray:
        return model(np.pad(films, ((0, 0), (top, bottom), (left, right), (0, 0))))

    target = np.eye(padded(film).shape[1], dtype=np.float32)[[int(job["column"])]]
    options = {"batch_size": 1, "baseline_mode": lambda _: empty, "activation": "sigmoid"}
    found: dict[str, dict[str, float]] = {"whole": {}, "split": {}}
    for name, kind in (("deletion", Deletion), ("insertion", Insertion)):
        found["split"][name] = float(kind(padded, film, target, steps=steps, **options)(heat[None]))
        scores: dict[int, float] = {}
        for count in whole(heat, steps):
            # Half a pixel more than the count, which xplique rounds down.
            most = min(1.0, (count + 0.5) / heat.size)
            metric = kind(padded, film, target, steps=1, max_percentage_perturbed=most, **options)
            scores |= {int(gone): float(score) for gone, score in metric.detailed_evaluate(heat[None]).items()}
        gone = np.array(sorted(scores))
        found["whole"][name] = float(auc(gone / heat.size, [scores[each] for each in gone]))
    return found


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`; all is told when it is ready, and there is no job."""
    folder, steps, threads = Path(given[0]), int(given[2]), int(given[3])
    with np.load(folder / "head.npz", allow_pickle=False) as head:
        model = black_box(given[1], threads, dict(head))
    found = []
    for path in sorted(folder.glob("film-*.npz")):
        with np.load(path, allow_pickle=False) as job:
            found.append(areas(model, dict(job), steps))
    versions = {name: importlib.metadata.version(name) for name in ("xplique", "tensorflow", "onnxruntime")}
    return {"versions": versions, "areas": found}, None


if __name__ == "__main__":
    serve(load)
