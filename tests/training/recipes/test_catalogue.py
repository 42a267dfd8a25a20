"""The recipes as declared, and how a command names them."""

from __future__ import annotations

import json

import pytest

from training.data import FINDINGS
from training.recipes.baseline import from_json, to_json
from training.recipes.catalogue import BASELINES, ENSEMBLES, RECIPES, names
from training.recipes.errors import RecipeError


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_the_passage_through_a_file(name: str):
    once = json.dumps(to_json(RECIPES[name]))
    assert json.dumps(to_json(from_json(json.loads(once)))) == once
    assert type(from_json(json.loads(once))) is type(RECIPES[name])


def test_every_recipe_has_features_or_a_backbone_and_known_findings():
    for name, baseline in BASELINES.items():
        assert bool(baseline.features) != bool(baseline.backbone), name
        assert set(baseline.findings) <= set(FINDINGS), name


def test_members_of_an_ensemble_come_before_it_and_agree_on_the_findings():
    order = list(RECIPES)
    for name, ensemble in ENSEMBLES.items():
        assert len({BASELINES[member].findings for member in ensemble.members}) == 1
        assert all(order.index(member) < order.index(name) for member in ensemble.members)


def test_names():
    assert names(["all"]) == list(RECIPES)
    assert names(["transfer"]) == ["transfer-inception_v3"]
    assert names(["transfer", "small", "small"], "vgg16") == ["transfer-vgg16", "small"]


def test_an_unknown_recipe_is_answered_with_the_known_ones():
    with pytest.raises(RecipeError, match="`lenet`: choose one of cardiomegaly-cnn-128"):
        names(["lenet"])
    with pytest.raises(RecipeError, match="run transfer --backbone vgg16"):
        names(["small"], "vgg16")
