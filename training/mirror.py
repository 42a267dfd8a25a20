"""``python -m training.mirror``: the small network by which :mod:`xai.mirror` tells a film from its mirror image.

It learns that films should score above their mirror images. They are jittered, and their corners covered and specks
strewn, so that it reads the chest and not the letter beside it. Fitted on training patients; the threshold is set by a
fifth of them that it has not seen; the report's figures are of validation patients.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import onnx
import onnxruntime
from keras import layers, ops
from tqdm import tqdm

from training.augment import cut_out, exposure, shaded
from training.compression import compress, to_onnx
from training.data import VALIDATION_FOLDS, Film, load, read_split
from training.polarity import even_weights, jittered, of_children, parse, random_field, squeezed
from xai import mirror
from xai.mirror import FILE, SIDE, mirrored, scores, seems_mirrored, thumbnail

WIDTHS, STRIDES = (16, 32, 48, 64), (2, 1, 2, 2)
EPOCHS, BATCH, RATE, DECAY, SEED = 12, 64, 3e-3, 1e-2, 0
FIELDS = 3000
# Mirrored in the archive, as the patient's three other films show: no film to set the threshold by.
REALLY_MIRRORED = ("00000449_003.jpg",)


def is_set_aside(film: Film) -> bool:
    """Whether a training film's patient is of the fifth by which the threshold is set: a hash, as for validation."""
    return int(hashlib.sha256(film.patient.encode()).hexdigest(), 16) // VALIDATION_FOLDS % VALIDATION_FOLDS == 0


def disguised(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square film in [0, 1] jittered, lit and exposed otherwise, partly covered, its markers hidden."""
    copy = jittered(film, rng)
    if rng.random() < 0.5:
        copy = shaded(copy, rng)
    copy = exposure(copy, rng)
    if rng.random() < 0.5:
        copy = cut_out(copy, np.zeros(copy.shape, bool), rng)
    if rng.random() < 0.5:
        copy = corners_covered(copy, *rng.uniform(0.08, 0.3, 2), float(rng.random()))
    return specked(copy, rng)


def corners_covered(film: np.ndarray, height: float, width: float, grey: float = 0.0) -> np.ndarray:
    """The upper corners, where markers lie, covered alike; ``height`` and ``width`` as shares of the film."""
    out = film.copy()
    rows, columns = round(height * film.shape[0]), round(width * film.shape[1])
    out[:rows, :columns] = out[:rows, film.shape[1] - columns :] = grey
    return out


def specked(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Up to three bright or dark specks of a marker's size, on either side."""
    out = film.copy()
    for _ in range(rng.integers(4)):
        height, width = (rng.uniform(0.02, 0.07, 2) * film.shape).astype(int) + 1
        # Mostly in the upper third, as markers are.
        top = rng.integers(film.shape[0] // (1 if rng.random() < 0.3 else 3) - height)
        left = rng.integers(film.shape[1] - width)
        out[top : top + height, left : left + width] = rng.uniform(0.8, 1) if rng.random() < 0.7 else 0
    return out


class Copies(keras.utils.PyDataset):
    """Batches of disguised films, as many as there are films, of both populations alike."""

    def __init__(self, films: list[np.ndarray], children: np.ndarray):
        super().__init__()
        self.films, self.weight, self.epoch = films, even_weights(children), 0

    def __len__(self) -> int:
        return len(self.films) // BATCH

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((SEED, self.epoch, index))
        chosen = rng.choice(len(self.films), BATCH, p=self.weight)
        copies = [thumbnail(disguised(self.films[i], rng)) for i in chosen]
        return np.stack(copies)[..., None], np.ones((BATCH, 1), np.float32)

    def on_epoch_end(self) -> None:
        self.epoch += 1


def network() -> keras.Model:
    """Thumbnail ``(B, SIDE, SIDE, 1)`` → how much it looks like a film as it should be, ``(B, 1)``."""
    given = keras.Input((SIDE, SIDE, 1))
    found = given
    for depth, (width, stride) in enumerate(zip(WIDTHS, STRIDES)):
        found = layers.Conv2D(width, 3 if depth else 5, stride, "same", use_bias=False)(found)
        found = layers.ReLU()(layers.BatchNormalization()(found))
    # Where something lies is what matters, so it is not averaged away.
    found = layers.Flatten()(layers.Dropout(0.2)(found))
    return keras.Model(given, layers.Dense(1, use_bias=False)(found))


def fit(films: list[np.ndarray], children: np.ndarray, epochs: int = EPOCHS) -> keras.Model:
    """Train a :func:`network` so that films score above their mirror images.

    Args:
        films: as :func:`training.polarity.squeezed` makes them.
        children: ``(n,)`` bool.
        epochs: each of as many copies as there are films.
    """
    keras.utils.set_random_seed(SEED)
    copies, net, film = Copies(films, children), network(), keras.Input((SIDE, SIDE, 1))
    both = ops.split(net(ops.concatenate([film, ops.flip(film, 2)])), 2)
    model = keras.Model(film, both[0] - both[1])
    rate = keras.optimizers.schedules.CosineDecay(RATE, epochs * len(copies))
    model.compile(keras.optimizers.AdamW(rate, weight_decay=DECAY), lambda _, margin: ops.softplus(-margin))
    model.fit(copies, epochs=epochs, verbose=2, shuffle=False)
    return net


def write(net: keras.Model, films: list[np.ndarray], path: Path) -> float:
    """Write a network as :mod:`xai.mirror` reads it, with a threshold that accuses none of these unseen films.

    A few hundred films tell no share of a per cent; but of ``n`` such films and one more, each is as likely as the
    others to be the worst, so that the next is accused with a chance of ``1 / (n + 1)``. Returns the threshold.
    """
    model = compress(to_onnx(net))
    found = scores(
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]),
        np.stack([thumbnail(film) for film in films]),
    )
    threshold = round(max(0.0, -float(found.min())) + 0.005, 2)
    onnx.helper.set_model_props(model, {"threshold": str(threshold)})
    onnx.save(model, path)
    return threshold


def rates(films: list[np.ndarray]) -> dict:
    """How often films are accused, and how often their mirror images are noticed."""
    return {
        "films": len(films),
        "accused": round(float(np.mean([seems_mirrored(film) for film in films])), 5),
        "mirrored_noticed": round(float(np.mean([seems_mirrored(mirrored(film)) for film in films])), 5),
    }


def main() -> None:
    arguments = parse("mirror", __doc__)
    training, validation = read_split(arguments.data)
    training = [film for film in training if film.path.name not in REALLY_MIRRORED]
    fitted, aside = ([f for f in training if is_set_aside(f) == set_aside] for set_aside in (False, True))
    net = fit(squeezed(load(fitted, "training films")), of_children(fitted))
    threshold = write(net, squeezed(load(aside, "films set aside")), FILE)
    mirror._network.cache_clear()
    report: dict = {
        "command": "python -m training.mirror",
        "parameters": net.count_params(),
        "bytes": FILE.stat().st_size,
        "films": {"fitted": len(fitted), "set_aside": len(aside)},
        "threshold": threshold,
    }
    for population in ("adult", "child"):
        films = [film for film in validation if film.population == population]
        pixels = [film.astype(np.float32) / 255 for film in load(films, f"validation films, {population}")]
        report[f"validation_{population}"] = rates(pixels)
        report[f"validation_{population}_corners_covered"] = rates([corners_covered(p, 0.25, 0.25) for p in pixels])
        report[f"accused_{population}"] = [
            str(film.path.relative_to(arguments.data)) for film, p in zip(films, pixels) if seems_mirrored(p)
        ]
    rng = np.random.default_rng(SEED)
    fields = [random_field(rng) for _ in tqdm(range(FIELDS), desc="random fields", mininterval=2)]
    report["random_fields_accused"] = rates(fields)["accused"]
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")
    print(arguments.report.read_text())


if __name__ == "__main__":
    main()
