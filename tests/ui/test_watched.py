"""Work that is watched: what it reports, what it returns, and that its silence keeps nobody waiting."""

from __future__ import annotations

import threading

import pytest

from ui.watched import watched


def test_reports_in_order_and_what_the_work_returns():
    def work(watch):
        return sum(watch(iter(range(5)), None, "numbers"))

    reports, told = watched(work), []
    while True:
        try:
            told += next(reports)
        except StopIteration as end:
            assert (told, end.value) == ([0, 1, 2, 3, 4], 10)
            return


def test_work_that_says_nothing_yet_can_be_stopped():
    """As TensorFlow while it is being loaded."""
    heard, ended = threading.Event(), threading.Event()

    def work(watch):
        heard.wait(60)
        try:
            for _ in watch(iter([1, 2]), None, "numbers"):
                pass
        finally:
            ended.set()

    reports = watched(work)
    assert next(reports) == next(reports) == []
    reports.close()  # does not wait
    assert not ended.is_set()
    heard.set()
    assert ended.wait(10)


def test_what_the_work_raises():
    def work(watch):
        raise ValueError("no film")

    with pytest.raises(ValueError, match="no film"):
        next(watched(work))
