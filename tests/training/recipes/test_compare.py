"""The page that puts all networks beside each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from training.evaluation.judgement import rates
from training.recipes import compare
from training.recipes.baseline import to_json
from training.recipes.catalogue import RECIPES
from training.recipes.claims import CLAIMS
from training.recipes.picture import draw

ROOT = Path(__file__).parents[3]
BOXES = {
    "boxed_films": 20,
    **{f"{key}_interval": [0.3, 0.7] for key in ("argmax_in_box", "share_in_box", "iou")},
    **{key: 0.5 for key in ("argmax_in_box", "share_in_box", "iou")},
    **{other: {"argmax_in_box": 0.25, "iou": 0.125} for other in ("centre", "random")},
}


def report(name: str, finding: str, **changes) -> dict:
    """A recipe's report, as :func:`training.recipes.report.report` writes it."""
    return {
        "recipe": name,
        "parameters": 12345,
        "seconds_per_film": {"logits": 0.004, "with_grad_cam": 0.016},
        "training": {"epochs": 3, "ended": "early stopping", "start": "It starts from random weights."},
        "findings": {
            finding: {"films": 100, "positive": 25, "auc": 0.75, "auc_interval": [0.5, 0.875], "commoner_answer": 0.75}
            | {
                "accuracy": 0.5,
                "precision": None,
                "sensitivity": 0.625,
                "specificity": 0.375,
                "f1": 0.25,
                "ece": 0.0625,
            }
        },
        "localisation": {},
    } | changes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two recipes' reports, and none of our own."""
    folder = tmp_path / compare.FOLDER
    folder.mkdir(parents=True)
    served = {"learnt": "symmetric", "served": "unit", "findings": report("", "cardiomegaly")["findings"]}
    served["findings"]["cardiomegaly"] = served["findings"]["cardiomegaly"] | {"auc": 0.53, "auc_interval": [0.5, 0.6]}
    inception = report(
        "cardiomegaly-inception", "cardiomegaly", localisation={"cardiomegaly": BOXES}, served_scaling=served
    )
    unsure = report("pneumonia-cnn-150", "pneumonia_child")
    unsure["findings"]["pneumonia_child"] |= {
        "unsure": [0.2, 0.7],
        "share_unsure": 0.25,
        "error_rate_outside_unsure": 0.1,
    }
    for one in (inception, unsure):
        (folder / f"{one['recipe']}.json").write_text(json.dumps(one))
    (tmp_path / "docs").mkdir()
    (tmp_path / compare.PAGE).write_text("# Page\n<!-- results -->\nold\n<!-- /results -->\n")
    (tmp_path / "README.md").write_text("<!-- recipes -->\n<!-- /recipes -->\n<!-- films -->\nstays\n<!-- /films -->\n")
    return tmp_path


def test_the_page_says_what_the_reports_say():
    assert not compare.write(ROOT, check=True), "run `python -m training compare`"


def test_tables(root: Path):
    blocks = compare.blocks(root)
    row = "| 25 / 100 | 0.75 (0.50–0.88) | — | 0.50 | — | 0.62 | 0.38 | 0.25 | 0.75 | 0.06 |"
    assert blocks["results"].splitlines()[2:] == [
        f"| cardiomegaly | cardiomegaly-inception {row}",
        f"| pneumonia (children) | pneumonia-cnn-150 {row}",
    ]
    row = "| 0.50 (0.30–0.70) | 0.50 | 0.50 | 0.25 / 0.12 | 0.25 / 0.12 |"
    assert blocks["localisation"].splitlines()[2:] == [f"| cardiomegaly, 20 films | cardiomegaly-inception {row}"]
    assert "| cardiomegaly-inception | served: unit | 0.53 (0.50–0.60) |" in blocks["scaling"]
    assert blocks["unknown"].splitlines()[2] == "| pneumonia-cnn-150 | 0.20–0.70 | 75% | 0.90 | 0.50 |"
    assert "| cardiomegaly-inception | 12,345 | 4 ms | 16 ms | 3, early stopping |" in blocks["cost"]
    assert "`small`" in blocks["films"] and "`pneumonia-cnn-150`" not in blocks["films"]


def test_a_report_of_what_a_recipe_was_is_none(root: Path):
    path = root / compare.FOLDER / "pneumonia-cnn-150.json"
    document, declared = json.loads(path.read_text()), to_json(RECIPES["pneumonia-cnn-150"])
    for changes, current in (({}, True), ({"epochs": 99}, True), ({"size": 99}, False)):
        path.write_text(json.dumps(document | {"declared": declared | changes}))
        assert ("pneumonia-cnn-150" in compare.read(root)[0]) == current


def test_a_report_of_members_as_they_were_is_none(root: Path):
    inception = json.loads((root / compare.FOLDER / "cardiomegaly-inception.json").read_text())
    cnn = report("cardiomegaly-cnn-128", "cardiomegaly")
    members = {one["recipe"]: one["training"] for one in (inception, cnn)}
    both = report("cardiomegaly-ensemble", "cardiomegaly", training={"members": members, "start": "Theirs."})
    for one in (cnn, both):
        (root / compare.FOLDER / f"{one['recipe']}.json").write_text(json.dumps(one))
    assert "cardiomegaly-ensemble" in compare.read(root)[0]
    cnn["training"]["epochs"] += 1
    (root / compare.FOLDER / "cardiomegaly-cnn-128.json").write_text(json.dumps(cnn))
    assert "cardiomegaly-ensemble" not in compare.read(root)[0]


def test_a_training_that_was_cut_short_is_said(root: Path):
    path = root / compare.FOLDER / "pneumonia-cnn-150.json"
    document = json.loads(path.read_text())
    assert "time budget" not in compare.blocks(root)["films"]
    document["training"]["ended"] = "time budget"
    path.write_text(json.dumps(document))
    words = "A time budget ended the training of `pneumonia-cnn-150`: read"
    assert words in compare.blocks(root)["films"] and words in compare.blocks(root)["recipes"]


def test_a_network_worse_than_chance_is_drawn_whole(root: Path):
    worse = report("transfer-resnet50", "cardiomegaly")
    worse["findings"]["cardiomegaly"] |= {"auc": 0.4, "auc_interval": [0.3, 0.5]}
    (root / compare.FOLDER / "transfer-resnet50.json").write_text(json.dumps(worse))
    compare.write(root)
    assert re.search(r"<!-- 0\.3 -->", (root / compare.PICTURE).read_text())  # the axis reaches its interval's end


def test_the_page_and_its_figure_are_written(root: Path):
    assert compare.write(root, check=True) == ["docs/recipes.md", "README.md"]
    assert not (root / compare.PICTURE).exists()
    assert compare.write(root)
    assert not compare.write(root, check=True)
    readme = (root / "README.md").read_text()
    assert "| pneumonia-cnn-150 | — | 0.75 | — | " in readme and "\nstays\n" in readme
    first = (root / compare.PICTURE).read_bytes()
    draw(compare.lines(*compare.read(root)), root / compare.PICTURE)
    assert (root / compare.PICTURE).read_bytes() == first


def test_a_seed_has_a_claim_and_a_sentence_on_what_it_hides():
    assert set(CLAIMS) <= set(RECIPES)
    assert all(claim.words and claim.hides.endswith(".") for claim in CLAIMS.values())


def test_rates_follow_from_sensitivity_and_specificity():
    rng = np.random.default_rng(0)
    label, above = rng.random(200) < 0.3, rng.random(200) < 0.4
    expected = rates(label, above)
    derived = compare.rates(200, int(label.sum()), expected["sensitivity"], expected["specificity"])
    assert derived == pytest.approx({key: expected[key] for key in derived})


@pytest.mark.parametrize("name", ["guided", "plain"])
def test_parameters_of_a_shipped_checkpoint(name):
    # 70 convolutions and their biases (the first on one channel), 768 features to 12 findings.
    assert compare.parameters(ROOT / "weights", name) == 8_956_448 - 2 * 9 * 32 + 768 * 12 + 12
