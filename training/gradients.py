"""``python -m training.gradients``: methods that need gradients of the network, beside those of :mod:`xai.methods`.

What serves the app runs forwards alone. Here the Keras model behind a shipped checkpoint takes the gradients; maps,
figures and options are those of ``python -m xai methods``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

import keras
import numpy as np
import tensorflow as tf

from training.restore import restore
from xai import WeightsError
from xai.__main__ import common, loaded
from xai.lab.regions import cell_areas
from xai.lab.subject import BATCH, Subject
from xai.methods import METHODS, Method, Progress
from xai.methods.command import add_arguments, run
from xai.methods.spread import gather

# Points along the way from black; copies, and their noise as a share of the grey range; the last layer of 35 × 35 cells.
POINTS, COPIES, NOISE, FINER = 64, 32, 0.15, "mixed2"


def integrated_gradients(model: keras.Model, subject: Subject, name: str, points: int = POINTS) -> Iterator[Progress]:
    """Integrated gradients (Sundararajan et al. 2017) from a black film, summed over every cell's pixels.

    Args:
        model: canvas ``(B, size, size, 1)`` → ``{"logits": (B, c)}``.
        subject: the film.
        name: of the finding.
        points: of the midpoint rule; the more, the more exactly the map adds up.

    Yields:
        ``(h, w)`` signed, in log-odds; it adds up to the logit less that of a black film.
    """
    sums, done = np.zeros(subject.film.shape), 0
    for films in _batches(subject.film * ((i + 0.5) / points) for i in range(points)):
        sums += _gradients(model, subject, name, films).sum(0)
        done += len(films)
        yield Progress(_summed(subject, subject.film * sums / done), done, points)


def smooth_grad(
    model: keras.Model, subject: Subject, name: str, copies: int = COPIES, noise: float = NOISE, seed: int = 0
) -> Iterator[Progress]:
    """SmoothGrad (Smilkov et al. 2017): size of the mean gradient over noisy copies, mean over every cell's pixels.

    Args:
        model, subject, name: as for :func:`integrated_gradients`.
        copies: of the film.
        noise: standard deviation, as a share of the film's range of grey.
        seed: of the noise.

    Yields:
        ``(h, w)`` ≥ 0, in log-odds per full range of grey in one pixel.
    """
    rng = np.random.default_rng(seed)
    scale = noise * np.ptp(subject.film)
    sums, done = np.zeros(subject.film.shape), 0
    noisy = (subject.film + scale * rng.standard_normal(subject.film.shape) for _ in range(copies))
    for films in _batches(noisy):
        sums += _gradients(model, subject, name, films).sum(0)
        done += len(films)
        yield Progress(gather(subject, np.abs(sums / done)).astype(np.float32), done, copies)


def finer_grad_cam(model: keras.Model, subject: Subject, name: str, layer: str = FINER) -> Iterator[Progress]:
    """Grad-CAM of an earlier layer, of ``2 h + 1`` cells a side, brought to the evidence grid.

    Args:
        model, subject, name: as for :func:`integrated_gradients`.
        layer: its name.

    Yields:
        ``(h, w)`` ≥ 0, relative.
    """
    both = keras.Model(model.input, [model.get_layer(layer).output, model.output["logits"]])
    canvas = tf.constant(subject.on_canvas(subject.film)[None, ..., None])
    with tf.GradientTape() as tape:
        tape.watch(canvas)  # so that what lies between is on the tape even where no layer is trainable
        features, logits = both(canvas, training=False)
        logit = logits[0, subject.names.index(name)]
    weights = tf.reduce_mean(tape.gradient(logit, features), axis=(1, 2))
    fine = tf.nn.relu(tf.einsum("bhwk,bk->hw", features, weights)).numpy()
    yield Progress(halved(halved(fine).T).T.astype(np.float32), 1, 1)


def halved(fine: np.ndarray) -> np.ndarray:
    """``(2 h + 1, w)`` → ``(h, w)``: sums over the fine rows that each coarse one covers.

    An unpadded 3 × 3 step of 2, as leads from 35 × 35 to 17 × 17 cells, puts a coarse cell's centre on every second
    fine one's: it covers that one and half of either neighbour.
    """
    return fine[:-1:2] / 2 + fine[1::2] + fine[2::2] / 2


NAMES = ("integrated-gradients", "smooth-grad", "grad-cam-finer")


def methods(model: keras.Model) -> dict[str, Method]:
    """The methods of this module, by :data:`NAMES`, for one checkpoint from :func:`training.restore.restore`."""
    integrated = Method(
        "Integrated gradients",
        "What every place adds to the logit while the film is faded in from black; it adds up to the logit's change.",
        "log-odds",
        "Sundararajan, Taly & Yan 2017, Axiomatic Attribution for Deep Networks",
        "https://arxiv.org/abs/1703.01365",
        POINTS,
        partial(integrated_gradients, model),
    )
    smooth = Method(
        "SmoothGrad",
        "How strongly the logit answers to small changes in the place, whichever way; over noisy copies of the film.",
        "log-odds per grey",
        "Smilkov et al. 2017, SmoothGrad",
        "https://arxiv.org/abs/1706.03825",
        COPIES,
        partial(smooth_grad, model),
    )
    finer = Method(
        f"Grad-CAM of {FINER}",
        "Grad-CAM of an earlier layer, whose cells are half as wide and know less of what lies around them.",
        "relative",
        "Selvaraju et al. 2017, Grad-CAM",
        "https://arxiv.org/abs/1610.02391",
        1,
        partial(finer_grad_cam, model),
    )
    return dict(zip(NAMES, (integrated, smooth, finer)))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.gradients", parents=[common()], description=__doc__.partition(": ")[2].split(".")[0]
    )
    add_arguments(parser, [*METHODS, *NAMES])
    options = parser.parse_args(arguments)
    try:
        classifier = loaded(options)
        model = restore(classifier.name, options.weights)
    except (WeightsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return run(options, classifier, METHODS | methods(model))


def _batches(films: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    waiting = iter(films)
    while some := list(islice(waiting, BATCH)):
        yield np.stack(some).astype(np.float32)


def _gradients(model: keras.Model, subject: Subject, name: str, films: np.ndarray) -> np.ndarray:
    """``(B, H, W)``: how the logit of each film changes with each of its pixels."""
    canvases = tf.constant(np.stack([subject.on_canvas(film) for film in films])[..., None])
    with tf.GradientTape() as tape:
        tape.watch(canvases)
        logits = model(canvases, training=False)["logits"][:, subject.names.index(name)]
    return tape.gradient(logits, canvases).numpy()[:, *subject.where.window, 0]


def _summed(subject: Subject, pixels: np.ndarray) -> np.ndarray:
    """The sum of the film's pixels that belong to each cell, ``(h, w)`` float32."""
    return (gather(subject, pixels) * cell_areas(subject).reshape(subject.grid)).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
