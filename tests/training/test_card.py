"""No figure in the README or the model card without a committed report behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training import card

ROOT = Path(__file__).parents[2]


def test_readme_and_model_card_say_what_the_reports_say():
    assert card.write(ROOT, check=True) == [], "run `python -m training card`"


@pytest.mark.parametrize("name", json.loads((ROOT / "weights" / "manifest.json").read_text())["models"])
def test_reports_are_of_the_weights_that_ship(name):
    version = json.loads((ROOT / "weights" / "manifest.json").read_text())["models"][name]["version"]
    for report in (f"{name}.json", f"{name}.fidelity.json"):
        assert json.loads((ROOT / "reports" / report).read_text())["version"] == version, (
            f"{report} is of other weights"
        )
    assert json.loads((ROOT / "reports" / "maps.json").read_text())["models"][name]["version"] == version
    for report in ("gate.json", "framing.json", "failures.json"):
        versions = json.loads((ROOT / "reports" / report).read_text())["versions"]
        assert versions.get(name, version) == version, f"{report} is of other weights"


def test_a_benchmark_of_other_weights_is_marked():
    figure = {"what": "explain()", "value": 5.0, "unit": "ms", "target": "≤ 6", "met": True}
    here, there = ({"cpu": cpu, "threads": 2, "cores": 4} for cpu in ("one CPU", "another"))
    results = {
        "explain": {"figures": [figure], "errors": {}, "versions": {"guided": "2"}, "machine": here},
        "peers": {"figures": [figure], "errors": {}, "versions": {"guided": "1"}, "machine": there},
    }
    manifest = {"models": {"guided": {"version": "2"}}}
    text = card._benchmarks({"results": results}, manifest)
    assert "| explain |" in text and "| peers † |" in text and "†: with earlier weights" in text
    assert "one CPU, 2 of 4 cores (explain); another, 2 of 4 cores (peers)." in text
    assert "†" not in card._benchmarks({"results": {"explain": results["explain"]}}, manifest)


def test_a_block_is_replaced_and_the_rest_stays():
    text = "before\n<!-- films -->\nold\n<!-- /films -->\nafter"
    assert card.fill(text, {"films": "new"}) == "before\n<!-- films -->\nnew\n<!-- /films -->\nafter"


def test_metadata_names_every_finding_of_both_checkpoints():
    front = card.metadata(ROOT)
    assert front.startswith("---\n") and front.endswith("---\n")
    assert front.count("type: roc_auc") == 24


def test_the_gates_block_is_filled_from_its_report(tmp_path):
    share = {"pictures": 200, "refused": 0.995}
    model = {
        "films": dict.fromkeys(("all", "adult", "child", "mirrored", "reshaped"), {"pictures": 100, "refused": 0.01}),
        "others": share,
        "worst": ["hand"],
        "kinds": {"hand": {"pictures": 48, "refused": 0.9}, "plot": {"pictures": 48, "refused": 1.0}},
        "refused_unmet": 0.98,
    }
    path = tmp_path / "gate.json"
    reports = {"guided": {"gate": {"population_right": 0.99}}}
    assert "python -m training.gate" in card._gate(reports, path)
    path.write_text(json.dumps({"models": {"guided": model}}))
    row = card._gate(reports, path).splitlines()[2]
    assert row == "| guided | 1.0% / 1.0% | 1.0% / 1.0% | 99.5% of 200 | hand 90% | 98.0% | 99.0% |"


def test_the_maps_block_sets_both_checkpoints_side_by_side(tmp_path):
    def entry(label: str, hit: float, baseline: bool = False) -> dict:
        measured = {"above_random": 0.9, "log_odds": -1.0, "head": 0.2, "spearman": 0.8, "films": 24}
        blocks = dict.fromkeys(("hide", "deletion", "insertion", "stability", "randomised"), measured)
        boxes = {"localisation": {"films": 24, "argmax_in_box": hit}}
        without = {"stability": None, "randomised": None} if baseline else {}
        return {"label": label, "baseline": baseline, "passes": 1, **blocks, **boxes, **without}

    def model(hit: float) -> dict:
        methods = {"occlusion": entry("Occlusion", hit), "edges": entry("Edge detector", 0.1, True)}
        films = {"boxed": 190, "sample": 24}
        return {"methods": methods, "films": films, "true_positives": {"above_random": hit}}

    path = tmp_path / "maps.json"
    assert "python -m training maps" in card._maps(path)
    path.write_text(json.dumps({"models": {"guided": model(0.6), "plain": model(0.25)}}))
    lines = card._maps(path).splitlines()
    assert (
        lines[2]
        == "| Occlusion | 0.60 / 0.25 | 0.90 / 0.90 | -1.00 / -1.00 | -1.00 / -1.00 | 0.80 / 0.80 | 0.20 / 0.20 | 1 |"
    )
    assert lines[3].startswith("| *Edge detector* | 0.10 / 0.10 |") and "| — / — | — / — |" in lines[3]
    assert "on 0.60 / 0.25 of the films" in lines[5]


def test_the_framing_block_has_a_row_for_every_frame(tmp_path):
    path = tmp_path / "framing.json"
    assert "python -m training.framing" in card._framing(path)
    frames = {name: {"auc": 0.99, "sensitivity": 0.95, "specificity": 0.6} for name in ("as published", "cut")}
    report = {"films": {"normal": 3, "pneumonia": 4}, "models": {"guided": frames, "plain": frames}}
    path.write_text(json.dumps(report))
    lines = card._framing(path).splitlines()
    assert lines[3] == "| cut | 0.990, 0.95 / 0.60 | 0.990, 0.95 / 0.60 |"
    assert lines[-1] == "3 normal films and 4 with pneumonia."
