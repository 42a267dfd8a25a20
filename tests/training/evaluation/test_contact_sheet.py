"""The contact sheet never gets where it could be committed, and shows the films that it says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from training.evaluation import contact_sheet
from training.evaluation.errors import EvaluationError
from training.evaluation.judgement import Judgement


def test_a_repository_must_ignore_the_folder(tmp_path: Path):
    contact_sheet.check(tmp_path / "out")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with pytest.raises(EvaluationError, match="name an --out outside it"):
        contact_sheet.check(tmp_path / "out" / "deeper")
    (tmp_path / ".gitignore").write_text("out/\n")
    contact_sheet.check(tmp_path / "out" / "deeper")
    with pytest.raises(EvaluationError):
        contact_sheet.check(tmp_path)


def chosen(label: list[int], logit: list[float], unsure: tuple[float, float] | None) -> list[list[int]]:
    n = len(label)
    rows = np.arange(n) + 10
    nothing = np.zeros(n, bool)
    judgement = Judgement("mass", rows, np.array(label), np.array(logit), rows.astype(str), nothing, 0.5, unsure)
    return [kind.tolist() for kind in contact_sheet.choose(judgement)]


def test_the_best_the_worst_and_the_confidently_wrong():
    label, logit = [1, 1, 1, 0, 0, 0], [0.5, 3.0, -3.0, -1, 0.1, 4.0]
    assert chosen(label, logit, (0.4, 0.6)) == [[11, 10], [12], [15]]
    # Who always commits himself is confident from the operating point on.
    assert chosen(label, logit, None)[2] == [15, 14]


def test_no_film_is_both_best_and_worst_and_a_kind_may_be_empty():
    assert chosen([1, 0], [1.0, -1], None) == [[10], [], []]
