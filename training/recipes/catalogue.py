"""The recipes, from the cheapest to train to the dearest; ensembles come last, since they need their members."""

from __future__ import annotations

from training.data import FINDINGS
from training.recipes.baseline import Baseline, Ensemble, Part
from training.recipes.errors import RecipeError

POOL, FLATTEN, AVERAGE, NORM = (
    Part(kind) for kind in ("MaxPooling2D", "Flatten", "GlobalAveragePooling2D", "BatchNormalization")
)
PLATEAU = Part("ReduceLROnPlateau", {"monitor": "val_loss", "factor": 0.3, "patience": 2, "min_lr": 1e-6})


def convolution(filters: int) -> Part:
    """3×3, padded, followed by ReLU."""
    return Part("Conv2D", {"filters": filters, "kernel_size": 3, "padding": "same", "activation": "relu"})


def bare(filters: int, padding: str = "same", stride: int = 1) -> tuple[Part, ...]:
    """A 3×3 convolution without bias, batch-norm and ReLU."""
    shape = {"filters": filters, "kernel_size": 3, "padding": padding, "strides": stride, "use_bias": False}
    return Part("Conv2D", shape), NORM, Part("Activation", {"activation": "relu"})


def dense(units: int) -> Part:
    """Fully connected, followed by ReLU."""
    return Part("Dense", {"units": units, "activation": "relu"})


def dropout(rate: float) -> Part:
    """Dropout of a share ``rate`` of the units."""
    return Part("Dropout", {"rate": rate})


def stopping(patience: int) -> Part:
    """Stop after ``patience`` epochs in which the loss on held-out patients did not fall."""
    return Part("EarlyStopping", {"monitor": "val_loss", "patience": patience})


def rotation(degrees: float) -> Part:
    """Turn by up to ``degrees`` either way."""
    return Part("RandomRotation", {"factor": degrees / 360, "fill_mode": "nearest"})


def shift(share: float) -> Part:
    """Move by up to ``share`` of the canvas."""
    return Part("RandomTranslation", {"height_factor": share, "width_factor": share, "fill_mode": "nearest"})


def shear(share: float) -> Part:
    """Shear along x by up to ``share``."""
    return Part("RandomShear", {"x_factor": share, "fill_mode": "nearest"})


def zoom(share: float) -> Part:
    """Enlarge or shrink by up to ``share``."""
    return Part("RandomZoom", {"height_factor": share, "fill_mode": "nearest"})


def exposure(share: float) -> tuple[Part, Part]:
    """Brightness and contrast by up to ``share``."""
    return tuple(
        Part(kind, {"factor": share, "value_range": (0, 1)}) for kind in ("RandomBrightness", "RandomContrast")
    )


FLIP = Part("RandomFlip", {"mode": "horizontal"})

# What fine-tuning has in common, whatever the backbone, so that only the backbone differs.
TRANSFER = {
    "findings": ("cardiomegaly",),
    "size": 224,
    # Pooled features are small: as they come, a head at the convolutions' rate had learnt nothing after four epochs.
    "head": (AVERAGE, Part("BatchNormalization", {"momentum": 0.9}), dropout(0.3)),
    "balanced": True,
    "augmentation": (rotation(10), shift(0.06), zoom(0.12), *exposure(0.1)),
    "optimiser": Part("AdamW", {"learning_rate": 1e-4, "weight_decay": 0.02}),
    "epochs": 10,
    "callbacks": (stopping(4), PLATEAU),
}
# Backbone → the scaling of pixels that it was published with.
TRANSFERRED = {"inception_v3": "symmetric", "resnet50": "caffe", "densenet121": "torch", "vgg16": "caffe"}

BASELINES = {
    "cardiomegaly-cnn-128": Baseline(
        ("cardiomegaly",),
        size=128,
        features=(convolution(32), POOL, convolution(64), POOL, convolution(128)),
        head=(POOL, FLATTEN, dense(128), dropout(0.5)),
        against="no finding",
        balanced=True,
        augmentation=(rotation(10), zoom(0.1)),
        epochs=25,
        callbacks=(stopping(6),),
    ),
    "bacterial-vs-viral": Baseline(
        ("bacterial_child",),
        size=150,
        features=(
            convolution(32),
            NORM,
            POOL,
            convolution(64),
            NORM,
            POOL,
            convolution(128),
            NORM,
            POOL,
            convolution(128),
        ),
        head=(NORM, AVERAGE, dense(128), dropout(0.5)),
        balanced=True,
        augmentation=(rotation(10), shift(0.06), zoom(0.12), FLIP, *exposure(0.1)),
        epochs=25,
        callbacks=(stopping(6), PLATEAU),
    ),
    "pneumonia-cnn-150": Baseline(
        ("pneumonia_child",),
        size=150,
        features=(convolution(32), POOL, convolution(64), POOL, convolution(128)),
        head=(POOL, FLATTEN, dense(128), dropout(0.5)),
        augmentation=(rotation(10), zoom(0.1)),
        epochs=25,
        unsure=(0.98, 0.98),
        boxes="pneumonia",
    ),
    "pneumonia-recall": Baseline(
        ("pneumonia_child",),
        size=150,
        features=(convolution(32), NORM, POOL, convolution(64), NORM, POOL, convolution(128)),
        head=(NORM, POOL, FLATTEN, dense(512), dropout(0.5)),
        augmentation=(shear(0.2), zoom(0.2), FLIP),
        epochs=25,
        callbacks=(stopping(6), PLATEAU),
        sensitivity=0.98,
        boxes="pneumonia",
    ),
    "pneumonia-cnn-224": Baseline(
        ("pneumonia_child",),
        size=224,
        features=(
            *(convolution(32), NORM, POOL),
            *(convolution(64), NORM, POOL, dropout(0.2)),
            *(convolution(128), NORM, POOL, dropout(0.2)),
            convolution(256),
        ),
        head=(NORM, POOL, FLATTEN, dense(128), dropout(0.5)),
        augmentation=(rotation(10), shift(0.06), zoom(0.12), FLIP),
        epochs=20,
        callbacks=(stopping(5), PLATEAU),
        boxes="pneumonia",
    ),
    # Unpadded where InceptionV3's stem is, so that its 17×17 cells lie where those of our checkpoints do.
    "small": Baseline(
        FINDINGS,
        size=299,
        features=(
            *bare(16, "valid", stride=2),
            *bare(24, "valid"),
            Part("MaxPooling2D", {"pool_size": 3, "strides": 2}),
            *bare(48, "valid"),
            Part("MaxPooling2D", {"pool_size": 3, "strides": 2}),
            *bare(96),
            *bare(192, "valid", stride=2),
            *bare(224),
            *bare(224),
        ),
        head=(AVERAGE,),
        channels=1,
        balanced=True,
        augmentation=(rotation(10), shift(0.06), zoom(0.12), FLIP, *exposure(0.15)),
        optimiser=Part("AdamW", {"learning_rate": 1e-3, "weight_decay": 0.02}),
        epochs=40,
        callbacks=(stopping(8), PLATEAU),
    ),
    "cardiomegaly-inception": Baseline(
        ("cardiomegaly",),
        size=256,
        backbone="inception_v3",
        frozen=True,
        head=(FLATTEN, dense(1024), dropout(0.2)),
        scaling="symmetric",
        served_scaling="unit",
        against="no finding",
        balanced=True,
        augmentation=(rotation(40), shift(0.2), shear(0.2), zoom(0.2)),
        optimiser=Part("Adam", {"learning_rate": 1e-4}),
        epochs=15,
        callbacks=(stopping(5),),
    ),
    **{
        f"transfer-{backbone}": Baseline(backbone=backbone, scaling=scaling, **TRANSFER)
        for backbone, scaling in TRANSFERRED.items()
    },
}
ENSEMBLES = {
    "pneumonia-ensemble": Ensemble(("pneumonia-cnn-150", "pneumonia-recall", "pneumonia-cnn-224")),
    "cardiomegaly-ensemble": Ensemble(("cardiomegaly-cnn-128", "cardiomegaly-inception")),
}
RECIPES = BASELINES | ENSEMBLES


def names(asked: list[str], backbone: str | None = None) -> list[str]:
    """The recipes that a command names.

    Args:
        asked: names; ``"all"`` for every recipe in its order, ``"transfer"`` for the transfer recipe of ``backbone``.
        backbone: of :data:`TRANSFERRED`; InceptionV3 if None.

    Raises:
        RecipeError: a name is unknown, or a backbone is given without ``"transfer"``.
    """
    if backbone and "transfer" not in asked:
        raise RecipeError(
            f"--backbone {backbone} goes with the recipe `transfer`: write `run transfer --backbone {backbone}`."
        )
    found = []
    for name in asked:
        if name == "transfer":
            name = f"transfer-{backbone or 'inception_v3'}"
        if name not in RECIPES and name != "all":
            raise RecipeError(f"There is no recipe `{name}`: choose one of {', '.join(RECIPES)}, or `all`.")
        found += RECIPES if name == "all" else [name]
    return list(dict.fromkeys(found))
