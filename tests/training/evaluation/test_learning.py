"""Logs of trainings that were interrupted, or are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.evaluation.errors import EvaluationError
from training.evaluation.learning import read_log


def test_an_epoch_written_twice_counts_as_written_last(tmp_path: Path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,val_loss\n0,3,4\n1,2,3\n1,1.5,2.5\n")
    log = read_log(path)
    assert {name: column.tolist() for name, column in log.items()} == {
        "epoch": [1, 2],
        "loss": [3, 1.5],
        "val_loss": [4, 2.5],
    }


@pytest.mark.parametrize("text", ["", "epoch,loss\n", "step,loss\n0,1\n", "epoch,loss\n0,much\n", "epoch,loss\n0\n"])
def test_what_is_no_log_names_the_mend(tmp_path: Path, text: str):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=r"no log of a training .*: name the run's log.csv"):
        read_log(path)


def test_no_log_at_all(tmp_path: Path):
    with pytest.raises(EvaluationError, match="name the run's log.csv"):
        read_log(tmp_path / "log.csv")
