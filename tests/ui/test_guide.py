"""What the How to read it tab says of the films is what the report says."""

from __future__ import annotations

import json

import pytest

from tests.hub import ROOT
from ui.guide import TEXT


def test_how_common_findings_are_among_the_films():
    found = json.loads((ROOT / "reports" / "guided.json").read_text())["findings"]
    shares = {name: entry["positive"] / entry["films"] for name, entry in found.items()}
    text = " ".join(TEXT.split())
    assert "Three in four of the children’s show pneumonia" in text
    assert shares["pneumonia_child"] == pytest.approx(3 / 4, abs=0.01)
    assert "one in fourteen of the adults’ shows a large heart" in text
    assert 1 / shares["cardiomegaly"] == pytest.approx(14, abs=0.6)
