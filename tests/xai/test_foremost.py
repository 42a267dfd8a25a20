"""Which finding is shown first, on readings made up for the purpose."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from xai.explain import Reading
from xai.foremost import foremost, unmet


def explanation(population: str, **logits: float):
    """Readings of these logits, with operating points of one half; children's are called ``…_child``."""
    readings = {}
    for name, logit in logits.items():
        finding = SimpleNamespace(population="child" if name.endswith("_child") else "adult", operating_point=0.5)
        readings[name] = Reading(finding, logit, 0.0, 0.0, np.zeros((1, 1)), np.zeros((1, 1)))
    return SimpleNamespace(readings=readings, gate=SimpleNamespace(population=population))


@pytest.mark.parametrize(
    "population, logits, first",
    [
        ("adult", {"mass": -1, "effusion": 0.5, "pneumonia_child": 3}, "effusion"),
        ("child", {"mass": 3, "pneumonia_child": 1, "bacterial_child": 2}, "bacterial_child"),
        # Bacterial or viral is no question where there is no pneumonia.
        ("child", {"mass": 3, "pneumonia_child": -1, "bacterial_child": 2}, "pneumonia_child"),
        ("child", {"mass": 3, "bacterial_child": -2}, "bacterial_child"),
        ("child", {"mass": -3, "effusion": -1}, "effusion"),
    ],
)
def test_the_highest_above_its_operating_point_among_those_that_are_meant(population, logits, first):
    assert foremost(explanation(population, **logits)) == first


def test_what_an_output_presupposes():
    one = explanation("child", pneumonia_child=-1, bacterial_child=2)
    assert unmet(one, "bacterial_child") is one.readings["pneumonia_child"]
    assert unmet(one, "pneumonia_child") is None
    assert unmet(explanation("child", pneumonia_child=0, bacterial_child=2), "bacterial_child") is None
