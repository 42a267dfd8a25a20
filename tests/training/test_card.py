"""No figure in the README or the model card without a committed report behind it."""

from __future__ import annotations

from pathlib import Path

from training import card

ROOT = Path(__file__).parents[2]


def test_readme_and_model_card_say_what_the_reports_say():
    assert card.write(ROOT, check=True) == [], "run `python -m training card`"


def test_a_block_is_replaced_and_the_rest_stays():
    text = "before\n<!-- films -->\nold\n<!-- /films -->\nafter"
    assert card.fill(text, {"films": "new"}) == "before\n<!-- films -->\nnew\n<!-- /films -->\nafter"


def test_metadata_names_every_finding_of_both_checkpoints():
    front = card.metadata(ROOT)
    assert front.startswith("---\n") and front.endswith("---\n")
    assert front.count("type: roc_auc") == 24
