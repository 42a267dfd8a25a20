"""The served app without a browser: its API, its limits, its command line."""

from __future__ import annotations

import base64
import io
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio.data_classes import FileData
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

import app
import xai
from tests import page
from tests.files import encoded, levels
from ui.document import document
from ui.incoming import received
from ui.scene import scene
from xai.errors import FilmError
from xai.limits import MAX_BYTES

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def url(folder):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        environment.setattr("ui.page.DELETE", (1, 6))
        with page.serving(page.write(folder / "weights"), page.films(folder / "examples")) as address:
            yield address


def ask(url: str, *data) -> tuple[str, object]:
    """One call of ``/explain`` as curl makes it: the last event and its data."""
    answer = httpx.post(f"{url}/gradio_api/call/explain", json={"data": data}, timeout=60)
    answer.raise_for_status()
    stream = httpx.get(f"{url}/gradio_api/call/explain/{answer.json()['event_id']}", timeout=60).text
    event, _, body = stream.strip().split("\n\n")[-1].partition("\n")
    return event.removeprefix("event: "), json.loads(body.removeprefix("data: "))


def test_the_answer_is_the_contract_and_adds_up(client, film):
    answer = client.predict(handle_file(film), "guided", api_name="/explain")
    assert (answer["film"], answer["model"], answer["version"]) == ("a film.png", "guided", "1.0-test")
    assert answer["gate"] == {"chest_film": True, "population": "adult", "noticed": []}
    assert list(answer["findings"]) == list(page.FINDINGS)
    for name, finding in answer["findings"].items():
        evidence = np.array(answer["evidence"][name])
        assert evidence.shape == (17, 17)
        assert finding["bias"] + evidence.sum() == pytest.approx(finding["logit"], abs=1e-4)
        assert 1 / (1 + math.exp(-finding["logit"])) == pytest.approx(finding["probability"])
        assert finding["population"] == page.FINDINGS[name][1]
    assert len(answer["extent"]) == 4


def test_the_api_says_what_the_library_says(client, film, folder):
    answer = client.predict(handle_file(film), "guided", api_name="/explain")
    explanation = xai.explain(xai.load("guided", folder / "weights"), film)
    for name, reading in explanation.readings.items():
        assert (np.float32(answer["evidence"][name]) == reading.evidence).all()


def test_the_default_model_needs_no_name(client, film):
    assert client.predict(handle_file(film), api_name="/explain")["model"] == "guided"


def test_curl_gets_the_same(url, film):
    path = httpx.post(f"{url}/gradio_api/upload", files={"files": film.open("rb")}).json()[0]
    event, data = ask(url, {"path": path, "meta": {"_type": "gradio.FileData"}}, "guided")
    assert event == "complete"
    assert data[0]["film"] == "a film.png"


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"no picture at all"), ("empty.png", b""), ("cut.png", encoded(levels(64, 64))[:200]),
     ("dot.png", encoded(np.zeros((1, 1), np.uint8))), ("flat.png", encoded(np.full((64, 64), 9, np.uint8)))],
)  # fmt: skip
def test_a_bad_file_gets_the_library_s_sentence(client, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FilmError) as expected:
        xai.read(path)
    with pytest.raises(AppError) as refused:
        client.predict(handle_file(path), "guided", api_name="/explain")
    assert str(refused.value) == str(expected.value)


def test_no_film_and_no_such_model_are_refused(client, film):
    with pytest.raises(AppError, match="no film"):
        client.predict(None, "guided", api_name="/explain")
    with pytest.raises(AppError, match="guided"):
        client.predict(handle_file(film), "nobody", api_name="/explain")


def test_a_path_of_the_server_s_own_is_not_read(url, folder):
    own = str(folder / "examples" / "square.png")
    assert ask(url, {"path": own, "meta": {"_type": "gradio.FileData"}}, "guided")[0] == "error"


@pytest.mark.parametrize("wrong", ["oracle", None])
def test_a_model_that_is_not_there_is_one_sentence_at_every_endpoint(client, film, wrong):
    for name, more in (("/explain", ()), ("/test", ("", "hide", 20, "blur")), ("/methods", ("", []))):
        with pytest.raises(AppError, match=r"^there is no such model: choose one of guided, strict$"):
            client.predict(handle_file(film), wrong, *more, api_name=name)


def test_a_film_inside_json_is_refused_as_it_arrives_when_it_is_too_large(url):
    """Gradio's own limit does not see a ``data:`` URL."""
    film = {"url": "data:image/png;base64," + base64.b64encode(bytes(MAX_BYTES + 2**20)).decode()}
    answer = httpx.post(f"{url}/gradio_api/call/explain", json={"data": [film, "guided"]})
    assert answer.status_code == 413
    assert "size limit of 20 MB" in answer.text


def test_the_size_limit_holds_for_a_file_however_it_came(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(gr.Error, match="size limit of 20 MB"):
        received(FileData(path=str(path), meta={"_type": "gradio.FileData"}))


def test_larger_uploads_are_refused(url):
    answer = httpx.post(f"{url}/gradio_api/upload", files={"files": ("film.png", bytes(MAX_BYTES + 2**16))})
    assert answer.status_code == 413


def test_only_what_is_promised_is_in_the_api(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/explain", "/test", "/methods"]


def test_a_map_can_be_tested(client, film):
    answer = client.predict(handle_file(film), "guided", "effusion", "hide", 10, "mean", api_name="/test")
    assert (answer["film"], answer["model"], answer["finding"]) == ("a film.png", "guided", "effusion")
    assert len(answer["experiments"]["hide"]["effects"]["effusion"]["random_drops"]) == 20
    assert answer["experiments"]["hide"]["fill"] == "mean"


def test_a_test_needs_no_more_than_a_film(client, film):
    answer = client.predict(handle_file(film), api_name="/test")
    assert answer["finding"] in page.FINDINGS
    assert answer["experiments"]["hide"]["share"] == pytest.approx(0.10, abs=0.01)


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [({"finding": "gout"}, "choose one of cardiomegaly"), ({"share": 50}, "choose 5 to 40 %"),
     ({"experiment": "luck"}, "hide"), ({"model": "nobody"}, "guided"), ({"film": None}, "no film")],
)  # fmt: skip
def test_a_test_that_cannot_be_made_is_one_sentence(client, film, wrong, mend):
    with pytest.raises(AppError, match=mend) as refused:
        client.predict(**{"film": handle_file(film), **wrong}, api_name="/test")
    assert "\n" not in str(refused.value)


def test_uploads_through_the_api_do_not_stay(client, folder, tmp_path):
    path = tmp_path / "unmistakable.png"
    path.write_bytes(encoded(levels(77, 99)))
    client.predict(handle_file(path), "guided", api_name="/explain")
    deadline = time.monotonic() + 60
    while left := list((folder / "uploads").rglob("unmistakable.png")):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_a_class_may_ask_at_once(url, film):
    clients = [Client(url, verbose=False) for _ in range(6)]
    jobs = [client.submit(handle_file(film), "guided", api_name="/explain") for client in clients]
    answers = [job.result(timeout=60) for job in jobs]
    assert all(answer == answers[0] for answer in answers)


def python(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_without_weights_it_says_so_in_one_line(tmp_path):
    ended = python("app.py", "--weights", str(tmp_path))
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "manifest.json" in ended.stderr


def test_a_film_that_waited_too_long_is_asked_for_again(tmp_path):
    with pytest.raises(gr.Error, match="no longer here: send the film again"):
        received(FileData(path=str(tmp_path / "gone.png"), meta={"_type": "gradio.FileData"}))


@pytest.mark.parametrize("port", ["0", "65536", "-1", "²", "http"])
def test_what_is_no_port_is_wrong_usage(port, capsys):
    with pytest.raises(SystemExit) as stopped:
        app.main([f"--port={port}"])
    assert stopped.value.code == 2
    assert f"{port} is no port: choose one from 1 to 65535" in capsys.readouterr().err


def test_a_host_that_is_not_there_is_named(capsys):
    assert app.main(["--host", "no.such.host.invalid"]) == 1
    assert capsys.readouterr().err == (
        "There is no host no.such.host.invalid on this machine: choose another with --host.\n"
    )


def test_a_taken_port_is_named(url, folder, capsys):
    port = url.rsplit(":", 1)[1]
    assert app.main(["--weights", str(folder / "weights"), "--port", port]) == 1
    assert capsys.readouterr().err.strip().splitlines() == [f"Port {port} is taken: choose another with --port."]


def test_serving_and_the_command_line_import_no_tensorflow_and_no_matplotlib(folder):
    """With a film explained, as the page's first example and by the shipped checkpoint, and drawn by other methods."""
    code = (
        "import sys, numpy as np, app, xai, xai.__main__; from pathlib import Path; from ui import page;"
        "from xai.lab import Subject; from xai.methods import METHODS; import xai.restore;"
        f"page.build(Path({str(folder / 'weights')!r}), Path({str(folder / 'examples')!r}));"
        "classifier = xai.load(); film = np.add.outer(np.arange(64.), np.arange(64.));"
        "subject = Subject.of(classifier, xai.explain(classifier, film));"
        "[one.map(subject, 'effusion') for one in METHODS.values() if one.films < 100 and not one.gradients];"
        "heavy = ('tensorflow', 'keras', 'onnx', 'torch', 'jax', 'matplotlib.pyplot');"
        "print([name for name in heavy if name in sys.modules])"
    )
    ended = python("-c", code)
    assert ended.stdout.strip().splitlines()[-1] == "[]", ended.stderr


def test_the_page_of_one_film_says_what_the_api_says(folder):
    """What the browser is given for a film holds the API's document, byte for byte."""
    classifiers = {"guided": xai.load("guided", folder / "weights")}
    radiograph = xai.read(io.BytesIO(encoded(levels(300, 300))))
    sent = scene(classifiers, radiograph, "film.png")
    assert json.loads(sent["models"]["guided"]["files"]["json"]) == document(
        xai.explain(classifiers["guided"], radiograph), "film.png"
    )
    assert (sent["film"]["height"], sent["film"]["width"]) == (300, 300)
