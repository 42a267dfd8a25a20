"""Fits one checkpoint: batches, schedule, resume, validation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from scipy.special import expit
from tqdm import tqdm

from training import augment, backbone
from training.data import CHILD, FINDINGS, Film, load, targets
from training.metrics import auc
from training.model import EvidenceModel, classification_loss, from_arrays, to_arrays


@dataclass(frozen=True)
class Recipe:
    """All that tells one checkpoint from another.

    Attributes:
        start: name of the checkpoint to continue from, or None for ImageNet weights.
        steps, epochs: optimiser steps in an epoch, and epochs.
        boxed: share of a batch that is boxed films (0: films are drawn whether boxed or not).
        box, pointing, absence: weights of the losses on the evidence map.
        erase: probability that a boxed finding is blurred away and its label taken back.
        flip: probability that a film is mirrored left to right.
        rough: multiplies the ranges of the random geometry and exposure.
        shade: probability that a film is lit unevenly.
        average: momentum of the exponential moving average of the weights, which is what is kept.
        head_rate: multiplies the learning rate of the head's kernel.
        anchor: if not 0, the head is fitted once more after training, held to its kernel by so strong a ridge.
        framed: if not 0, so strong a ridge for the children's findings, which are then fitted to films framed at random
            as well.
        hold_bias: whether the head's bias stays where the start has it; if not, the head is settled after training, with
            each finding's log-odds among the films that were drawn as its bias.
    """

    start: str | None
    epochs: int
    steps: int = 170
    batch: int = 32
    rate: float = 1.5e-4
    decay: float = 0.02
    children: float = 0.5
    boxed: float = 0.0
    box: float = 0.0
    pointing: float = 0.0
    absence: float = 0.0
    erase: float = 0.0
    average: float = 0.997
    flip: float = 0.0
    rough: float = 1.0
    shade: float = 0.0
    head_rate: float = 1.0
    anchor: float = 0.0
    framed: float = 0.0
    hold_bias: bool = False
    size: int = 299
    cut: str = "mixed7"
    frozen: str = "max_pooling2d_1"
    seed: int = 20261121


# What a stranger's film may look like, beyond the films that are here.
STRANGE = {"flip": 0.5, "rough": 1.5, "shade": 0.3, "hold_bias": True}
RECIPES = {
    "first": Recipe(start=None, epochs=3),
    # Most of the way on small canvases, where a step costs half.
    "coarse": Recipe(start="first", epochs=6, size=224, head_rate=10, **STRANGE),
    "plain": Recipe(start="coarse", epochs=1, steps=250, rate=7.5e-5, average=0.99, head_rate=10, **STRANGE),
    "guided": Recipe(
        start="first",
        epochs=6,
        children=0.25,
        boxed=0.25,
        box=0.3,
        pointing=0.1,
        absence=0.1,
        erase=0.15,
        flip=0.5,
        anchor=0.01,
        framed=0.003,
        hold_bias=True,
    ),
}


# For settling the head: how many films, and the ridge beside their mean square feature.
SETTLING_FILMS, RIDGE = 3000, 1e-2


class Batches(keras.utils.PyDataset):
    """Random batches; batch ``i`` of epoch ``e`` is a function of (seed, e, i) alone, so a resumed run repeats it."""

    def __init__(self, recipe: Recipe, films: list[Film], pixels: list[np.ndarray], cells: int, epoch: int = 0):
        super().__init__(workers=3, max_queue_size=6)
        self.recipe, self.films, self.pixels, self.cells, self.epoch = recipe, films, pixels, cells, epoch
        adults = np.array([f.population == "adult" for f in films])
        boxed = np.array([bool(f.boxes) for f in films])
        boxes_count = round(recipe.boxed * recipe.batch)
        child_count = round(recipe.children * recipe.batch)
        pools = [(adults, recipe.batch - boxes_count - child_count), (~adults, child_count), (boxed, boxes_count)]
        label, mask = targets(films)
        share = (label * mask).sum(0) / np.maximum(mask.sum(0), 1)
        # Rare findings are drawn more often, by the square root of their rarity.
        rarity = np.sqrt(0.25 / np.maximum(share, 1e-3))
        weight = np.maximum(1, (label * rarity).max(1))
        # How many films of a batch come from each pool, and each film's chance there.
        self.draws = [(count, weight * pool / (weight * pool).sum()) for pool, count in pools if count]

    def prior(self) -> np.ndarray:
        """Log-odds of each finding among the labelled films that are drawn, ``(findings,)``."""
        label, mask = targets(self.films)
        drawn = sum(count * chance for count, chance in self.draws)
        share = drawn @ (label * mask) / np.maximum(drawn @ mask, 1e-9)
        share = np.clip(share, 1e-3, 1 - 1e-3)
        return np.log(share / (1 - share)).astype(np.float32)

    def __len__(self) -> int:
        return self.recipe.steps

    def on_epoch_end(self) -> None:
        self.epoch += 1

    def __getitem__(self, index: int):
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, self.epoch, index])
        rows = []
        for count, chance in self.draws:
            rows += list(rng.choice(len(self.films), count, p=chance))
        examples = [
            augment.sample(
                self.pixels[i], self.films[i], recipe.size, self.cells, rng, recipe.erase, recipe.flip, recipe.rough, recipe.shade
            )
            for i in rows
        ]
        canvas, label, mask, box = (np.stack(part) for part in zip(*examples))
        return canvas, {"label": label, "mask": mask, "box": box}


def pooled_features(
    model: EvidenceModel,
    films: list[Film],
    pixels: list[np.ndarray],
    size: int,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """The backbone's features of films averaged over the grid, ``(n, k)``: as they are, or with ``rng`` framed at random."""

    def canvas(grey: np.ndarray, film: Film) -> np.ndarray:
        if rng is None:
            return augment.sample(grey, film, size, 1, None)[0]
        return augment.sample(augment.reframed(grey, rng), film, size, 1, rng, flip=0.5)[0]

    pool = keras.Model(model.input, keras.ops.mean(model.get_layer("head").input, axis=(1, 2)))
    pooled = []
    for i in tqdm(range(0, len(films), 32), desc="features for the head", mininterval=10):
        batch = [canvas(p, f) for p, f in zip(pixels[i : i + 32], films[i : i + 32])]
        pooled.append(pool.predict_on_batch(np.stack(batch)))
    return np.concatenate(pooled)


def probe(model: EvidenceModel, films: list[Film], pixels: list[np.ndarray], size: int) -> None:
    """Fit the head alone on the backbone's features, before both are fine-tuned together.

    Fine-tuning from an untrained head first bends the features towards noise (Kumar et al. 2022, LP-FT).
    """
    pooled = pooled_features(model, films, pixels, size)
    mean, deviation = pooled.mean(0), pooled.std(0) + 1e-3
    label, mask = targets(films)
    inputs = keras.Input((pooled.shape[1],))
    dense = keras.layers.Dense(label.shape[1], kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L2(3e-4))
    linear = keras.Model(inputs, dense(inputs))
    linear.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=lambda y, z: classification_loss(z, y[:, : label.shape[1]], y[:, label.shape[1] :]),
        jit_compile=False,
    )
    linear.fit((pooled - mean) / deviation, np.hstack([label, mask]), batch_size=256, epochs=60, verbose=0)
    kernel, bias = (np.asarray(w) for w in dense.get_weights())
    kernel = kernel / deviation[:, None]
    model.get_layer("head").set_weights([kernel, bias - mean @ kernel])


def settle(model: EvidenceModel, prior: np.ndarray, films: list[Film], pixels: list[np.ndarray], size: int) -> float:
    """Give the head the bias ``prior`` ``(findings,)`` and the smallest kernel that still says what it said.

    The probe leans on features that hardly vary, with large weights that cancel over the film but not in a cell, and it
    balances an arbitrary bias by an even layer of evidence. Ridge regression onto the head's own logits undoes both.

    Returns:
        How far the logits moved: the root mean square over films and findings, in log-odds.
    """
    rows = np.random.default_rng(0).permutation(len(films))[:SETTLING_FILMS]
    pooled = pooled_features(model, [films[i] for i in rows], [pixels[i] for i in rows], size).astype(np.float64)
    kernel, bias = (np.asarray(w) for w in model.get_layer("head").get_weights())
    logits = pooled @ kernel + bias
    gram = pooled.T @ pooled
    ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    kernel = np.linalg.solve(gram + ridge, pooled.T @ (logits - prior))
    model.get_layer("head").set_weights([kernel, prior])
    return float(np.sqrt(np.mean((pooled @ kernel + prior - logits) ** 2)))


def refit(model: EvidenceModel, recipe: Recipe, films: list[Film], pixels: list[np.ndarray]) -> None:
    """Fit the kernel once more on the final features, near where it is: logistic regression, its ridge around it.

    Steps that suit the convolutions hardly move a kernel of this size (its features are small), so that training leaves
    the head behind the features. What is fitted to films as they are learns how they were cut, too: Kermany's normal
    films and those with pneumonia were framed differently.

    Args:
        recipe: with the strength of the ridge beside the mean square feature, ``anchor``, and for the children's
            findings ``framed``.
        films, pixels: to learn from; as many of each population as the smaller one has, for ``framed`` all children's.
    """
    rng = np.random.default_rng(0)
    adult = np.array([f.population == "adult" for f in films])
    count = min(adult.sum(), (~adult).sum())
    rows = np.concatenate([rng.permutation(np.flatnonzero(group))[:count] for group in (adult, ~adult)])
    kernel, bias = (np.asarray(w, np.float64) for w in model.get_layer("head").get_weights())

    def fitted(rows: np.ndarray, sources: list, anchor: float) -> np.ndarray:
        chosen = [films[i] for i in rows]
        drawn = [pooled_features(model, chosen, [pixels[i] for i in rows], recipe.size, rng) for rng in sources]
        label, mask = (np.tile(part, (len(sources), 1)) for part in targets(chosen))
        return anchored_fit(np.concatenate(drawn).astype(np.float64), label, mask, kernel, bias, anchor)

    new = fitted(rows, [None], recipe.anchor)
    if recipe.framed:
        own = [FINDINGS.index(name) for name in CHILD]
        new[:, own] = fitted(np.flatnonzero(~adult), [None, rng], recipe.framed)[:, own]
    model.get_layer("head").set_weights([new, bias])


def anchored_fit(pooled, label, mask, kernel, bias, anchor: float, rounds: int = 15) -> np.ndarray:
    """The kernel that minimises each finding's cross-entropy plus a ridge around the kernel given, by Newton's method.

    Args:
        pooled: ``(n, k)`` float64.
        label, mask: ``(n, c)``; a finding that nothing is known of keeps its kernel.
        kernel, bias: ``(k, c)`` and ``(c,)``; the bias stays.
        anchor: strength of the ridge beside the mean square feature.
    """
    fitted = kernel.copy()
    for column in range(kernel.shape[1]):
        known = mask[:, column] > 0
        if not known.any():
            continue
        x, y, start = pooled[known], label[known, column], kernel[:, column]
        ridge = anchor * (x**2).sum() / x.shape[1]

        def cost(at: np.ndarray) -> float:
            z = x @ at + bias[column]
            return float((np.logaddexp(0, z) - y * z).sum() + ridge / 2 * ((at - start) ** 2).sum())

        k = start.copy()
        for _ in range(rounds):
            p = expit(x @ k + bias[column])
            hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(k))
            step = np.linalg.solve(hessian, x.T @ (p - y) + ridge * (k - start))
            # Where the films are nearly told apart, a full step overshoots: halve it until it helps.
            while cost(k - step) > cost(k) and np.abs(step).max() > 1e-9:
                step /= 2
            k -= step
        fitted[:, column] = k
    return fitted


class LayerwiseAdamW(keras.optimizers.AdamW):
    """AdamW whose steps of the head's kernel are ``head_rate`` times as long.

    The pooled features are small and the kernel large: at the convolutions' rate it would stay where it was.
    """

    def __init__(self, *args, head_rate: float = 1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.head_rate = head_rate

    def update_step(self, gradient, variable, learning_rate):
        path = self._trainable_variables[self._get_variable_index(variable)].path
        super().update_step(gradient, variable, learning_rate * (self.head_rate if path.endswith("head/kernel") else 1.0))


class Validate(keras.callbacks.Callback):
    """Adds the validation AUC of every finding to an epoch's logs, and the weights as they are to ``latest.npz``."""

    def __init__(self, films: list[Film], pixels: list[np.ndarray], folder: Path, size: int, limit: int = 700):
        super().__init__()
        adults = [i for i, f in enumerate(films) if f.population == "adult"]
        children = [i for i, f in enumerate(films) if f.population == "child"]
        rows = adults + children[:: max(1, len(children) // max(1, limit - len(adults)))]
        self.canvas = np.stack([augment.sample(pixels[i], films[i], size, 1, None)[0] for i in rows])
        self.label, self.mask = targets([films[i] for i in rows])
        self.folder = folder

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        logs = logs if logs is not None else {}
        logs["val_auc"] = self.judge()
        np.savez(self.folder / "latest.npz", **to_arrays(self.model))

    def judge(self) -> float:
        """The mean AUC of the model as it is; prints every finding's."""
        logits = np.concatenate(
            [self.model.predict_on_batch(self.canvas[i : i + 32])["logits"] for i in range(0, len(self.canvas), 32)]
        )
        scores = {}
        for column, name in enumerate(FINDINGS):
            known = self.mask[:, column] > 0
            scores[name] = auc(self.label[known, column], logits[known, column])
        print("\n  " + "  ".join(f"{name} {value:.3f}" for name, value in scores.items()), flush=True)
        return float(np.nanmean(list(scores.values())))


def create(recipe: Recipe) -> EvidenceModel:
    """An untrained model after the recipe."""
    base = backbone.build(recipe.size, recipe.cut)
    backbone.freeze(base, recipe.frozen)
    return EvidenceModel(
        base,
        len(FINDINGS),
        box=recipe.box,
        pointing=recipe.pointing,
        absence=recipe.absence,
        hold_bias=recipe.hold_bias,
        name="evidence_model",
    )


def train(name: str, films: list[Film], validation: list[Film], init: str, runs: Path, recipe: Recipe) -> Path:
    """Train one checkpoint, or go on where an interrupted run of it stopped.

    Args:
        name: of the checkpoint; its folder is ``runs/name``.
        films, validation: from :func:`training.data.split`.
        init: ImageNet weights, for a recipe that starts from them.
        recipe: what to do.

    Returns:
        The path of ``checkpoint.npz``: the exponential moving average of the weights.
    """
    keras.utils.set_random_seed(recipe.seed)
    folder = runs / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")
    model = create(recipe)
    pixels = load(films, "training films")
    backup = folder / "backup"
    if recipe.start:
        with np.load(runs / recipe.start / "checkpoint.npz", allow_pickle=False) as arrays:
            from_arrays(model, arrays)
    else:
        backbone.initialise(keras.Model(model.input, model.get_layer(recipe.cut).output), init)
        if not backup.exists():
            probe(model, films, pixels, recipe.size)
    cells = model.output["evidence"].shape[1]
    batches = Batches(recipe, films, pixels, cells)
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 10,
        recipe.epochs * recipe.steps,
        alpha=0.1,
        warmup_target=recipe.rate,
        warmup_steps=60,
    )
    optimiser = LayerwiseAdamW(
        schedule, weight_decay=recipe.decay, use_ema=True, ema_momentum=recipe.average, head_rate=recipe.head_rate
    )
    model.compile(optimizer=optimiser, jit_compile=False)
    validate = Validate(validation, load(validation, "validation films"), folder, recipe.size)
    resume = keras.callbacks.BackupAndRestore(backup, delete_checkpoint=False)
    log = keras.callbacks.CSVLogger(folder / "log.csv", append=True)
    model.fit(batches, epochs=recipe.epochs, callbacks=[resume, validate, log], verbose=2, shuffle=False)
    if not recipe.hold_bias:
        moved = settle(model, batches.prior(), films, pixels, recipe.size)
        print(f"head settled; logits moved by {moved:.2f} (RMS)")
    if recipe.anchor:
        refit(model, recipe, films, pixels)
    print(f"{name}: as kept, mean AUC {validate.judge():.3f}")
    path = folder / "checkpoint.npz"
    np.savez(path, **to_arrays(model))
    return path
