"""Pictures that are no frontal chest film, by kind: what the gate is measured against.

Made in memory from a seed, of drawings, of pictures that packages ship, and of pieces of training films; none is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from training.strangers import drawn, films, phantoms, photographs

COUNT = 48

KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "page of text": drawn.page,
    "screenshot": drawn.screenshot,
    "plot": drawn.plot,
    "noise": drawn.noise,
    "gradient": drawn.gradient,
    "shapes": drawn.shapes,
    "photograph, colour": photographs.colour,
    "photograph, grey": photographs.grey,
    "CT, MR or microscope": photographs.medical,
    "hand": phantoms.hand,
    "knee": phantoms.knee,
    "skull": phantoms.skull,
    "lateral chest": phantoms.lateral_chest,
    "abdomen": phantoms.abdomen,
    "slice of the trunk": phantoms.axial,
    "ultrasound": phantoms.ultrasound,
}
FILM_KINDS: dict[str, Callable[[np.random.Generator, list[np.ndarray]], np.ndarray]] = {
    "corner of a film": films.corner,
    "half of a film": films.half,
    "several films": films.several,
    "film on a page": films.on_a_page,
    "film cut in tiles": films.tiles,
    "film with its phase lost": films.phase,
}


def pictures(
    of_films: list[np.ndarray], count: int = COUNT, kinds: tuple[str, ...] | None = None, seed: int = 0
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ``(kind, picture)``, ``count`` of each kind, the same for the same arguments.

    Args:
        of_films: ``(H, W)`` uint8 training films, for the kinds that are pieces of films.
        count: pictures of each kind.
        kinds: only these; every kind if None. What a kind yields does not depend on which others are asked for.
        seed: of all of them.

    Yields:
        Pictures ``(H, W)`` grey or ``(H, W, 3)`` RGB, uint8.
    """
    for number, (kind, make) in enumerate({**KINDS, **FILM_KINDS}.items()):
        if kinds is not None and kind not in kinds:
            continue
        for index in range(count):
            rng = np.random.default_rng((seed, number, index))
            yield kind, make(rng, of_films) if kind in FILM_KINDS else make(rng)


def as_file(picture: np.ndarray) -> bytes:
    """A picture as a PNG file, as a visitor would bring it."""
    return cv2.imencode(".png", picture if picture.ndim == 2 else picture[..., ::-1])[1].tobytes()
