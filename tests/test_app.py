"""The app over the network: the documented endpoint, bad films, and what is kept."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from pathlib import Path

import cv2
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from tests.files import phantom
from tests.serving import running_app

from xai.limits import MAX_BYTES


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        with running_app() as address:
            yield address


@pytest.fixture(scope="module")
def client(url, tmp_path_factory):
    return Client(url, verbose=False, download_files=str(tmp_path_factory.mktemp("client")))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.png"
    cv2.imwrite(str(path), np.round(phantom(400, 320) * 255).astype(np.uint8))
    return path


@pytest.mark.parametrize("model", ["guided", "plain"])
def test_the_endpoint_adds_up(client, film, model):
    answer = client.predict(handle_file(film), model, api_name="/explain")
    assert (answer["film"], answer["model"]) == ("film.png", model)
    assert set(answer["evidence"]) == set(answer["findings"])
    for name, entry in answer["findings"].items():
        grid = np.array(answer["evidence"][name])
        assert entry["bias"] + grid.sum() == pytest.approx(entry["logit"], abs=1e-4)
        assert entry["probability"] == pytest.approx(1 / (1 + np.exp(-entry["logit"])))


def test_only_the_documented_endpoint_is_named(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/explain"]


def test_the_page_and_the_library_say_the_same(client, film):
    import xai

    answer = client.predict(handle_file(film), "guided", api_name="/explain")
    expected = xai.explain(xai.load("guided"), film)
    assert {n: f["logit"] for n, f in answer["findings"].items()} == pytest.approx(
        {n: r.logit for n, r in expected.readings.items()}, abs=1e-6
    )


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("notes.png", b"these are notes, no film", "not an image"),
        ("empty.png", b"", "empty"),
        ("half.png", None, "truncated|incomplete|ends|cut"),
    ],
)
def test_a_bad_film_is_one_sentence(client, film, tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(film.read_bytes()[:2000] if content is None else content)
    with pytest.raises(AppError, match=sentence) as error:
        client.predict(handle_file(path), "guided", api_name="/explain")
    assert "Traceback" not in str(error.value)
    # The app is as ready as before.
    assert client.predict(handle_file(film), "guided", api_name="/explain")["model"] == "guided"


def _post(url: str, body: dict) -> str:
    request = urllib.request.Request(
        f"{url}/gradio_api/call/explain", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{url}/gradio_api/call/explain/{event}", timeout=60) as answer:
        return answer.read().decode()


def test_the_size_limit_holds_through_the_raw_api(url):
    payload = base64.b64encode(b"\x89PNG" + bytes(MAX_BYTES + 1)).decode()
    film = {"url": f"data:image/png;base64,{payload}", "meta": {"_type": "gradio.FileData"}}
    try:
        answer = _post(url, {"data": [film, "guided"]})
    except (urllib.error.HTTPError, ConnectionError, urllib.error.URLError) as refusal:
        assert getattr(refusal, "code", 413) in (400, 413)
    else:
        assert "event: error" in answer


def test_a_path_on_the_server_is_not_a_film(url):
    film = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    try:
        answer = _post(url, {"data": [film, "guided"]})
    except urllib.error.HTTPError as refusal:
        assert 400 <= refusal.code < 500
    else:
        assert "event: error" in answer and "root:" not in answer
