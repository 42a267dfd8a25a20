"""What a picture's pixels show at a glance that those of a chest film do not."""

from __future__ import annotations

import cv2
import numpy as np

from xai.radiograph import Radiograph

SIDE = 256
COLOUR = "it is in colour"
LIES = "it seems to lie on its side or on its head"
ONE_GREY = "nearly all of it is one grey"
TWO_TONES = "nearly all of it is plain black or white, as print and drawings are"
ROUGH = "its neighbouring pixels hardly resemble each other, as in noise or fine print"


def noticed(radiograph: Radiograph) -> tuple[str, ...]:
    """Short clauses on a decoded picture; none of them is said of an ordinary film."""
    small = cv2.resize(radiograph.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    greys = np.bincount(np.rint(small * 63).astype(int).ravel(), minlength=64) / small.size
    # Two neighbouring bins, because one grey with a little noise may straddle them.
    if (greys[1:] + greys[:-1]).max() > 0.75:
        tone = (ONE_GREY,)
    elif greys[:4].sum() + greys[-4:].sum() > 0.85:
        tone = (TWO_TONES,)
    else:
        tone = ()
    step = ((small[:, 1:] - small[:, :-1]) ** 2).mean() / max(2 * float(small.var()), 1e-9)
    said = {COLOUR: radiograph.coloured, LIES: radiograph.turn != 0, ROUGH: step > 0.35}
    return (*(clause for clause, holds in said.items() if holds), *tone)
