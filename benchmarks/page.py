"""``python -m benchmarks.page``: write the table of ``docs/runtime.md`` from ``reports/benchmarks.json``."""

from __future__ import annotations

import json

from benchmarks.settings import ROOT
from training.card import fill, table

REPORT, PAGE = ROOT / "reports" / "benchmarks.json", ROOT / "docs" / "runtime.md"
PACKAGES = {"onnxruntime": "ONNX Runtime", "ai-edge-litert": "LiteRT", "openvino": "OpenVINO"}


def latencies(raw: dict) -> str:
    """One row per runtime, from the report's ``results.runtimes.raw``."""
    rows = []
    for name, entry in raw["runtimes"].items():
        times = [f"{entry[key]['median']:.0f} ms" for key in ("batch_1_ms", "batch_16_ms", "start_ms")]
        precision = entry["max_difference"] / entry["max_feature"]
        rows.append([name, *times, f"{entry['file_mb']:.1f} MB", f"{precision:.0e}"])
    head = ["", "one film", "16 films", "fresh process to first output", "model file", "largest difference to Keras"]
    return table(head, rows)


def wheels(raw: dict) -> str:
    """One row per package: the wheel's size on every platform, or a dash."""
    platforms = list(next(iter(raw["wheels"].values())))
    rows = []
    for package, found in raw["wheels"].items():
        sizes = [f"{found[each]['megabytes']:.0f} MB" if "file" in found[each] else "—" for each in platforms]
        rows.append([PACKAGES[package], *sizes])
    return table(["wheel for Python 3.11", *platforms], rows)


def write(text: str, report: dict) -> str:
    """The page ``text`` with its tables, and the line that says where they were taken, as in ``report``."""
    taken = report["results"]["runtimes"]
    raw, machine = taken["raw"], taken["machine"]
    versions = ", ".join(f"{label} {machine['packages'][package]}" for package, label in PACKAGES.items())
    place = f"{machine['cpu']}, {machine['threads']} of {machine['cores']} cores, {taken['date'][:10]}: {versions}."
    return fill(text, {"latencies": latencies(raw), "wheels": wheels(raw), "machine": place})


if __name__ == "__main__":
    PAGE.write_text(write(PAGE.read_text(encoding="utf-8"), json.loads(REPORT.read_text())), encoding="utf-8")
