"""What the Compare methods tab is sent, answer by answer, what it is refused, and the ``/methods`` endpoint."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError

import xai
from tests import page
from tests.files import phantom
from ui.asking import RequestError
from ui.methods import CLOSED_FORMS, KIN, answers, checked, outcome
from xai.lab.subject import Subject
from xai.methods import METHODS, Progress, differentiable, integrated_gradients, rise
from xai.methods.trial import document
from xai.radiograph import Radiograph

FILM = Radiograph(phantom(300, 260), source="a.png")


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    weights = page.write(tmp_path_factory.mktemp("methods") / "weights")
    return {name: xai.load(name, weights, threads=1) for name in ("guided", "strict")}


@pytest.fixture(autouse=True)
def quick_rise(monkeypatch):
    quick = replace(METHODS["rise"], steps=lambda subject, name: rise.rise(subject, name, masks=8))
    monkeypatch.setitem(METHODS, "rise", quick)


@pytest.fixture
def two_points(monkeypatch):
    """Integrated gradients in two steps."""
    steps = partial(integrated_gradients.integrated_gradients, points=2)
    monkeypatch.setitem(METHODS, "integrated-gradients", replace(METHODS["integrated-gradients"], steps=steps))


def asked(classifiers, *methods, model="guided", finding="cardiomegaly"):
    return checked(classifiers, model, finding, list(methods))


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(17, 17)


def test_every_method_answers_in_json_and_comes_to_its_end(classifiers):
    methods = (*CLOSED_FORMS, "rise")
    sent = list(answers(asked(classifiers, *methods), FILM))
    assert all(json.loads(json.dumps(answer, allow_nan=False)) == answer for answer in sent)
    done = [answer["done"] for answer in sent]
    assert done == sorted(done) and done[-1] == sent[-1]["of"]
    last = sent[-1]["methods"]
    assert list(last) == list(methods)
    for figures in last.values():
        assert figures["state"] == "done" and figures["verdict"].endswith(".") and figures["outside"].endswith("%")
        assert all(0 <= area <= 1 for kind in ("deletion", "insertion") for area in figures[kind])
    assert (last["evidence"]["films"], last["grad-cam"]["films"], last["rise"]["films"]) == (0, 1, 8)


def test_closed_forms_are_drawn_before_any_is_tested(classifiers, monkeypatch):
    looks = []
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, films: looks.append(1) or look(self, films))
    running = answers(asked(classifiers, "rise", *CLOSED_FORMS), FILM)
    first = next(running)
    assert not looks
    assert {key for key, shown in first["methods"].items() if "map" in shown} == set(CLOSED_FORMS)
    assert first["agreement"]["hires-cam"]["evidence"] == pytest.approx(1)
    running.close()


def test_the_maps_are_those_of_the_library(classifiers):
    *_, last = answers(asked(classifiers, "evidence", "grad-cam", "rise"), FILM)
    subject = Subject.of(classifiers["guided"], xai.explain(classifiers["guided"], FILM))
    for key, shown in last["methods"].items():
        assert (floats(shown["map"]) == METHODS[key].map(subject, "cardiomegaly")).all()


def test_the_page_a_program_and_the_command_line_are_told_the_same(classifiers):
    request = asked(classifiers, "rise", "evidence", "eigen-cam", finding="")
    *_, last = answers(request, FILM)
    told = json.loads(json.dumps(outcome(request, FILM), allow_nan=False))
    assert list(told) == [*document("a.png", xai.explain(classifiers["guided"], FILM), "effusion", {})]
    assert (told["film"], told["model"], list(told["methods"])) == (
        "a.png",
        "guided",
        ["evidence", "eigen-cam", "rise"],
    )
    for key, figures in told["methods"].items():
        shown = last["methods"][key]
        assert shown["verdict"] == figures["hide"]["verdict"]
        assert shown["deletion"][0] == figures["curves"]["deletion"]["area"]
        assert shown["insertion"][1] == pytest.approx(np.mean(figures["curves"]["insertion"]["random_areas"]))
    # Of the page's maps every two are compared as they come, by the same rule.
    assert last["agreement"] == told["agreement"]


def test_what_the_page_says_of_two_maps_is_so(classifiers):
    subject = Subject.of(classifiers["guided"], xai.explain(classifiers["guided"], FILM))
    maps = {key: METHODS[key].map(subject, "cardiomegaly") for key in CLOSED_FORMS}
    assert "one map" in KIN["evidence", "hires-cam"]
    np.testing.assert_allclose(maps["hires-cam"], maps["evidence"], atol=1e-6)
    assert "positive part" in KIN["evidence", "grad-cam"] and (maps["evidence"] < 0).any()
    np.testing.assert_allclose(maps["grad-cam"], np.maximum(maps["evidence"], 0), atol=1e-6)
    assert {key for pair in KIN for key in pair} <= set(METHODS)


def test_closing_stops_the_work_and_leaves_no_thread(classifiers, monkeypatch):
    before = threading.active_count()
    looks, go = [], threading.Semaphore(2)
    look = Subject.look
    monkeypatch.setattr(Subject, "look", lambda self, films: looks.append(go.acquire(timeout=10)) or look(self, films))
    running = answers(asked(classifiers, "rise"), FILM)
    next(running), next(running)
    running.close()
    go.release(100)
    for thread in threading.enumerate():
        if thread.name.startswith("watched"):
            thread.join(10)
    assert threading.active_count() == before
    assert all(looks) and len(looks) <= 3  # that which was under way
    assert list(running) == []


def test_integrated_gradients_add_up_on_the_page_too(classifiers, two_points):
    """The checkpoint is linear, so that two steps are enough, and a black film leaves its bias alone."""
    *_, last = answers(asked(classifiers, "evidence", "integrated-gradients"), FILM)
    maps = {key: floats(shown["map"]).sum() for key, shown in last["methods"].items()}
    assert maps["integrated-gradients"] == pytest.approx(maps["evidence"], rel=1e-4)
    assert "Both add up" in KIN["evidence", "integrated-gradients"]


def test_tensorflow_is_loaded_for_who_asks_and_the_page_says_so(classifiers, monkeypatch):
    """The state comes before the work, in which nothing can be reported."""
    begun = []
    slow = replace(METHODS["smooth-grad"], prepare=begun.append, steps=lambda *_: iter([Progress(np.eye(17), 1, 1)]))
    monkeypatch.setitem(METHODS, "smooth-grad", slow)
    for loaded, state in ((False, "loading"), (True, "drawing")):
        monkeypatch.setattr(differentiable, "loaded", lambda loaded=loaded: loaded)
        running = answers(asked(classifiers, "evidence", "smooth-grad"), FILM)
        states = []
        for answer in running:
            states.append(answer["methods"]["smooth-grad"]["state"])
            if states[-1] == state:
                assert answer["methods"]["evidence"]["state"] == "done" and not begun
                break
        assert set(states[:-1]) == {"waiting"}
        assert [answer["methods"]["smooth-grad"]["state"] for answer in running][-1] == "done"
        assert begun.pop() is classifiers["guided"]


def test_an_error_while_it_works_is_not_swallowed(classifiers, monkeypatch):
    def fails(subject, name):
        yield from ()
        raise MemoryError("no room")

    monkeypatch.setitem(METHODS, "rise", replace(METHODS["rise"], steps=fails))
    with pytest.raises(MemoryError, match="no room"):
        list(answers(asked(classifiers, "rise"), FILM))


def test_no_methods_are_the_closed_forms(classifiers):
    assert asked(classifiers).methods == checked(classifiers, "guided", None, None).methods == CLOSED_FORMS
    assert asked(classifiers, "rise", "evidence", "rise").methods == ("evidence", "rise")


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"model": "oracle"}, "guided, strict"),
        ({"finding": "gout"}, "cardiomegaly"),
        ({"methods": ["tea-leaves"]}, "evidence, grad-cam"),
        ({"methods": [["evidence"]]}, "evidence, grad-cam"),
        ({"methods": "evidence"}, "give some of evidence"),
        ({"methods": {"evidence": 1}}, "give some of evidence"),
    ],
)
def test_what_is_no_comparison_is_refused_with_a_mend(classifiers, wrong, mend):
    with pytest.raises(RequestError, match=mend) as refused:
        checked(classifiers, **{"model": "guided", "finding": "", "methods": [], **wrong})
    assert "\n" not in str(refused.value)


# ---- over the network


def test_methods_are_compared_over_the_network(client, film):
    answer = client.predict(handle_file(film), "guided", "effusion", ["evidence", "grad-cam"], api_name="/methods")
    assert (answer["film"], answer["model"], answer["finding"]) == ("a film.png", "guided", "effusion")
    assert list(answer["methods"]) == ["evidence", "grad-cam"] and set(answer["agreement"]) == {"evidence", "grad-cam"}


def test_integrated_gradients_over_the_network(client, film, two_points):
    pair = ["evidence", "integrated-gradients"]
    answer = client.predict(handle_file(film), "guided", "cardiomegaly", pair, api_name="/methods")
    told = answer["methods"]["integrated-gradients"]
    assert (told["films"], told["unit"]) == (2, "log-odds")
    assert -1 <= answer["agreement"]["evidence"]["integrated-gradients"] <= 1


def test_a_method_that_a_checkpoint_cannot_have_is_one_sentence(client, film):
    with pytest.raises(AppError, match="no layer of 35 × 35 cells.*choose other methods") as refused:
        client.predict(handle_file(film), "guided", "", ["grad-cam-finer"], api_name="/methods")
    assert "\n" not in str(refused.value)


def test_a_comparison_needs_no_more_than_a_film(client, film):
    answer = client.predict(handle_file(film), api_name="/methods")
    assert answer["finding"] in page.FINDINGS
    assert tuple(answer["methods"]) == CLOSED_FORMS


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [({"finding": "gout"}, "choose one of cardiomegaly"), ({"methods": ["luck"]}, "choose one of evidence"),
     ({"methods": {"a": 1}}, "give some of evidence"), ({"model": "nobody"}, "guided"), ({"film": None}, "no film")],
)  # fmt: skip
def test_a_comparison_that_cannot_be_made_is_one_sentence(client, film, wrong, mend):
    with pytest.raises(AppError, match=mend) as refused:
        client.predict(**{"film": handle_file(film), **wrong}, api_name="/methods")
    assert "\n" not in str(refused.value)
