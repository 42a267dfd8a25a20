"""Fits one checkpoint: batches, schedule, resume, validation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from training import augment, backbone, head
from training.data import FINDINGS, Film, load, targets
from training.metrics import auc
from training.model import EvidenceModel, from_arrays, to_arrays
from training.recipes.errors import RecipeError


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
        spread: side of the neighbourhood that every cell is averaged with (:func:`training.backbone.spread`); 0: with none.
        teacher: name of the checkpoint whose probabilities are learnt beside the labels, or None.
        taught: how much of the target is the teacher's.
        fitted: how the head is fitted once more after training, if it is.
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
    spread: int = 0
    teacher: str | None = None
    taught: float = 0.0
    fitted: head.Fitted | None = None
    hold_bias: bool = False
    size: int = 299
    cut: str = "mixed7"
    frozen: str = "max_pooling2d_1"
    seed: int = 20261121


# What a stranger's film may look like, beyond the films that are here.
STRANGE = {"flip": 0.5, "rough": 1.5, "shade": 0.3, "hold_bias": True}
# What radiologists' boxes ask of the evidence.
GUIDED = {
    "epochs": 6,
    "children": 0.25,
    "boxed": 0.25,
    "box": 0.3,
    "pointing": 0.1,
    "absence": 0.1,
    "flip": 0.5,
    "hold_bias": True,
}
# Where its head should find the evidence.
PAIRED = head.Fitted(anchor={"adult": 0.01, "child": 0.001}, hidden=0.04, pointed=0.04)
RECIPES = {
    "first": Recipe(start=None, epochs=3),
    # Most of the way on small canvases, where a step costs half.
    "coarse": Recipe(start="first", epochs=6, size=224, head_rate=10, **STRANGE),
    # Kermany's normal films and those with pneumonia were framed differently: its head had learnt how.
    "plain": Recipe(
        start="coarse",
        epochs=1,
        steps=250,
        rate=7.5e-5,
        average=0.99,
        head_rate=10,
        fitted=head.Fitted(anchor={"child": 0.01}),
        **STRANGE,
    ),
    "early": Recipe(start="first", erase=0.15, **GUIDED),
    "later": Recipe(
        start="early",
        erase=0.2,
        fitted=PAIRED,
        seed=20261122,
        **GUIDED,
    ),
    # Boxes cost some of what labels teach: `plain` keeps it, and tells.
    "guided": Recipe(
        start="later",
        erase=0.2,
        spread=5,
        teacher="plain",
        taught=0.5,
        fitted=PAIRED,
        seed=20261123,
        **GUIDED | {"epochs": 4, "rough": 1.5, "shade": 0.3},
    ),
}


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
                self.pixels[i],
                self.films[i],
                recipe.size,
                self.cells,
                rng,
                recipe.erase,
                recipe.flip,
                recipe.rough,
                recipe.shade,
            )
            for i in rows
        ]
        canvas, label, mask, box = (np.stack(part) for part in zip(*examples))
        # Of a film whose finding was blurred away the teacher knows less than the label.
        whole = np.array([not self.films[i].boxes or own.any() for i, own in zip(rows, box)], np.float32)
        return canvas, {"label": label, "mask": mask, "box": box, "whole": whole[:, None]}


class LayerwiseAdamW(keras.optimizers.AdamW):
    """AdamW whose steps of the head's kernel are ``head_rate`` times as long.

    The pooled features are small and the kernel large: at the convolutions' rate it would stay where it was.
    """

    def __init__(self, *args, head_rate: float = 1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.head_rate = head_rate

    def update_step(self, gradient, variable, learning_rate):
        path = self._trainable_variables[self._get_variable_index(variable)].path
        super().update_step(
            gradient, variable, learning_rate * (self.head_rate if path.endswith("head/kernel") else 1.0)
        )


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
    if recipe.spread:
        base = backbone.spread(base, recipe.spread)
    return EvidenceModel(
        base,
        len(FINDINGS),
        box=recipe.box,
        pointing=recipe.pointing,
        absence=recipe.absence,
        hold_bias=recipe.hold_bias,
        name="evidence_model",
    )


def kept(recipe: Recipe, folder: Path) -> EvidenceModel:
    """The model that :func:`train` left in a folder, ``runs/name``, after the recipe."""
    model = create(recipe)
    take_up(model, folder)
    return model


def take_up(model: EvidenceModel, folder: Path) -> None:
    """Give a model the weights of the checkpoint in a folder.

    Raises:
        FileNotFoundError: there is none yet; the message is one sentence that names the mend.
    """
    path = folder / "checkpoint.npz"
    if not path.exists():
        raise FileNotFoundError(f"There is no {path}: train it first, by `python -m training fit {folder.name}`.")
    with np.load(path, allow_pickle=False) as arrays:
        from_arrays(model, arrays)


def epochs_done(backup: Path) -> int:
    """After how many epochs :class:`keras.callbacks.BackupAndRestore` will go on from its folder."""
    state = backup / "training_metadata.json"
    return json.loads(state.read_text())["epoch"] if state.exists() else 0


def train(name: str, films: list[Film], validation: list[Film], init: str, runs: Path, recipe: Recipe) -> Path:
    """Train one checkpoint, or go on where an interrupted run of it stopped.

    Args:
        name: of the checkpoint; its folder is ``runs/name``.
        films, validation: from :func:`training.data.split`.
        init: ImageNet weights, for a recipe that starts from them.
        recipe: what to do.

    Returns:
        The path of ``checkpoint.npz``: the exponential moving average of the weights.

    Raises:
        RecipeError: it learns from boxes, and there are none.
    """
    if recipe.boxed and not any(film.boxes for film in films):
        raise RecipeError(
            f"{name} learns from boxes, and no film has any: add NIH's BBox_List_2017.csv and prepare anew."
        )
    keras.utils.set_random_seed(recipe.seed)
    teacher = kept(RECIPES[recipe.teacher], runs / recipe.teacher) if recipe.teacher else None
    folder = runs / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")
    model = create(recipe)
    if teacher:
        model.learn_from(lambda canvas: teacher(canvas)["logits"], recipe.taught)
    pixels = load(films, "training films")
    backup = folder / "backup"
    if recipe.start:
        take_up(model, runs / recipe.start)
    else:
        backbone.initialise(keras.Model(model.input, model.get_layer(recipe.cut).output), init)
        if not backup.exists():
            head.probe(model, films, pixels, recipe.size)
    cells = model.output["evidence"].shape[1]
    batches = Batches(recipe, films, pixels, cells, epochs_done(backup))
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
        moved = head.settle(model, batches.prior(), films, pixels, recipe.size)
        print(f"head settled; logits moved by {moved:.2f} (RMS)")
    if recipe.fitted:
        head.refit(model, recipe.fitted, films, pixels, recipe.size)
    print(f"{name}: as kept, mean AUC {validate.judge():.3f}")
    path = folder / "checkpoint.npz"
    np.savez(path, **to_arrays(model))
    return path
