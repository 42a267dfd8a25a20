"""On which films."""

from __future__ import annotations

from training.maps.cases import Case, boxed, sampled


def test_only_findings_that_the_model_knows_are_asked_for(film):
    films = [film("a.png"), film("b.png", finding="nodule")]
    assert [case.key for case in boxed(films, ["cardiomegaly"])] == ["a.png cardiomegaly"]


def test_a_sample_takes_so_many_of_each_finding_and_a_smaller_one_is_part_of_it(film):
    cases = [Case(film(f"{i}.png", finding=name), name) for i in range(9) for name in ("mass", "nodule")]
    large, small = sampled(cases, 4), sampled(cases, 2)
    assert sorted(case.finding for case in large) == ["mass"] * 4 + ["nodule"] * 4
    assert {case.key for case in small} < {case.key for case in large}
    assert sampled(cases, 4) == large
    assert sampled(cases, 4, seed=1) != large
