"""What a recipe is: declarations only; :mod:`training.recipes.network` and ``train`` make Keras objects of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Part:
    """A layer, callback or optimiser by its Keras class, e.g. ``Part("Dropout", {"rate": 0.5})``."""

    kind: str
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline:
    """A whole network, as one of the seed systems describes its own.

    Attributes:
        findings: what its outputs stand for, names out of :data:`training.data.FINDINGS`; one logit each.
        size: side of the square canvas, in pixels; films are letter-boxed onto it.
        features: layers up to the feature map that Grad-CAM looks at; empty where a backbone takes their place.
        head: layers from that map to the last hidden one; one linear unit per finding follows.
        backbone: name of a network of :data:`training.recipes.network.BACKBONES` instead of ``features``.
        frozen: whether the backbone keeps its initial weights.
        channels: in which the grey film is repeated.
        scaling: of the pixels, a key of :data:`training.recipes.network.SCALINGS`.
        served_scaling: another scaling that the seed uses when it reads a visitor's film; None where it does not.
        against: films without the finding that it learns from, ``"all"`` or ``"no finding"`` (published as normal).
        balanced: whether films with and without a finding weigh the same in the loss.
        augmentation: preprocessing layers for pixels in [0, 1].
        optimiser, batch, epochs, callbacks: of the training. One training patient in six is held out; on their films
            callbacks may watch ``val_loss``, ``val_accuracy`` and ``val_recall``.
        sensitivity: that the operating point reaches on the held-out patients; None for what our own checkpoints
            promise for the finding.
        unsure: sensitivity and specificity, on the held-out patients, of the edges of a band of readings that are
            called unknown; None where it always commits itself.
        boxes: adults' finding on whose boxes its maps are judged, where its own finding has none.
        seed: of weights, order and augmentation.
    """

    findings: tuple[str, ...]
    size: int
    features: tuple[Part, ...] = ()
    head: tuple[Part, ...] = ()
    backbone: str | None = None
    frozen: bool = False
    channels: int = 3
    scaling: str = "unit"
    served_scaling: str | None = None
    against: str = "all"
    balanced: bool = False
    augmentation: tuple[Part, ...] = ()
    optimiser: Part = Part("Adam", {"learning_rate": 1e-3})
    batch: int = 32
    epochs: int = 20
    callbacks: tuple[Part, ...] = ()
    sensitivity: float | None = None
    unsure: tuple[float, float] | None = None
    boxes: str | None = None
    seed: int = 20261121


@dataclass(frozen=True)
class Ensemble:
    """The mean probability of recipes for the same findings, and the mean of their maps.

    Attributes:
        members: names of recipes.
        sensitivity: as in :class:`Baseline`.
    """

    members: tuple[str, ...]
    sensitivity: float | None = None


def to_json(recipe: Baseline | Ensemble) -> dict:
    """A recipe as plain dicts and lists."""
    return asdict(recipe)


def same(one: dict, other: dict) -> bool:
    """Whether two declarations, of :func:`to_json` or from a file, are of one recipe; more epochs are still the same."""
    # Through JSON, so that tuples compare.
    first, second = (json.dumps(part | {"epochs": None}, sort_keys=True) for part in (one, other))
    return first == second


def from_json(document: dict) -> Baseline | Ensemble:
    """The inverse of :func:`to_json`, also after a passage through a file."""

    def plain(value):
        if isinstance(value, dict) and value.keys() == {"kind", "options"}:
            return Part(**value)
        return tuple(plain(item) for item in value) if isinstance(value, list) else value

    kind = Ensemble if "members" in document else Baseline
    return kind(**{name: plain(value) for name, value in document.items()})
