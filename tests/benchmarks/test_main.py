"""The command, and the page made of its report."""

from __future__ import annotations

import json

import pytest

from benchmarks import page
from benchmarks.__main__ import main, table

REPORT = {
    "results": {
        "runtimes": {
            "date": "2026-11-21T00:00:00+00:00",
            "machine": {
                "cpu": "A CPU",
                "cores": 4,
                "threads": 2,
                "packages": {"onnxruntime": "1", "ai-edge-litert": "2", "openvino": "3"},
            },
            "raw": {
                "runtimes": {
                    "LiteRT": {
                        "batch_1_ms": {"median": 17.6},
                        "batch_16_ms": {"median": 250.0},
                        "start_ms": {"median": 220.0},
                        "file_mb": 35.8,
                        "max_difference": 2e-5,
                        "max_feature": 10.0,
                    }
                },
                "wheels": {"openvino": {"Linux": {"file": "a.whl", "megabytes": 59.1}, "macOS": {"error": "none"}}},
            }
        }
    },
}
MARKERS = "".join(f"<!-- {name} -->\n<!-- /{name} -->\n" for name in ("wheels", "machine"))
TEXT = f"<!-- latencies -->\nold\n<!-- /latencies -->\n{MARKERS}"


def test_the_table_shows_missed_targets_and_what_could_not_be_measured():
    figures = [
        {"what": "ratio", "value": 2.0, "unit": "×", "target": "≤ 1.3", "met": False},
        {"what": "peer", "value": None, "unit": "ms", "target": "", "met": None},
    ]
    shown = table({"peers": {"seconds": 1.0, "figures": figures, "errors": {"tf_explain": "ImportError: no keras"}}})
    assert "2 ×        ≤ 1.3     MISSED" in shown
    assert "— ms" in shown
    assert "tf_explain: could not be measured: ImportError: no keras" in shown


def test_the_page_says_what_the_report_says():
    text = page.PAGE.read_text()
    assert page.write(text, json.loads(page.REPORT.read_text())) == text, "run `python -m benchmarks.page`"


def test_an_unknown_name_is_wrong_usage(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "no benchmark named speed" in capsys.readouterr().err


def test_a_benchmark_taken_again_replaces_its_own_figures_only(monkeypatch, tmp_path):
    out = tmp_path / "benchmarks.json"
    monkeypatch.setattr("benchmarks.machine.hold", lambda *_: None)
    for names, value in ((["memory", "threads"], 1.0), (["threads"], 2.0)):
        figures = [{"what": "peak", "value": value, "unit": "MB", "target": "", "met": None}]
        monkeypatch.setattr("benchmarks.__main__.measure", lambda *_: {"figures": figures, "raw": {}, "errors": {}})  # noqa: B023
        monkeypatch.setattr("sys.argv", ["benchmarks", *names, "--out", str(out)])
        assert main() == 0
    results = json.loads(out.read_text())["results"]
    assert {name: entry["figures"][0]["value"] for name, entry in results.items()} == {"memory": 1.0, "threads": 2.0}
    assert results["memory"]["command"].startswith("python -m benchmarks memory threads")
    assert all(entry["machine"]["threads"] == 2 for entry in results.values())


def test_the_page_takes_its_tables_from_the_report():
    written = page.write(TEXT, REPORT)
    assert "old" not in written
    assert "| LiteRT | 18 ms | 250 ms | 220 ms | 35.8 MB | 2e-06 |" in written
    assert "| OpenVINO | 59 MB | — |" in written
    assert "A CPU, 2 of 4 cores, 2026-11-21: ONNX Runtime 1, LiteRT 2, OpenVINO 3." in written
    assert page.write(written, REPORT) == written
