"""Finding, verifying and loading checkpoints, from folders and from a stand-in for the Hub."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest

import xai
from tests import checkpoint, hub
from xai import weights
from xai.classifier import Foreign

REPO = "owner/cxr-lens"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny checkpoint folder; nothing else can be found from this process."""
    monkeypatch.delenv(weights.VARIABLE, raising=False)
    monkeypatch.setattr(weights, "BESIDE", tmp_path / "nothing beside")
    monkeypatch.setattr(xai.hub, "PIN", tmp_path / "hub.json")
    (tmp_path / "hub.json").write_text('{"repo": null, "revision": null, "manifest_sha256": null}')
    return checkpoint.write(tmp_path / "checkpoint")


def edit(folder: Path, change: Callable[[dict], object]) -> None:
    """Apply ``change`` to the folder's manifest."""
    document = json.loads((folder / "manifest.json").read_text())
    change(document)
    (folder / "manifest.json").write_text(json.dumps(document))


def refusal(*arguments: object) -> str:
    """The one sentence of the WeightsError that :func:`xai.load` raises."""
    with pytest.raises(xai.WeightsError) as caught:
        xai.load(*arguments)
    return one_sentence(str(caught.value))


def one_sentence(message: str) -> str:
    """The message, after a check that it is one sentence on one line."""
    assert re.fullmatch(r"[^\n]+[^.]\.", message), message
    assert not re.search(r"\. [A-Z]", message), message
    return message


# Folders


def test_the_given_path_may_be_the_folder_or_its_manifest(folder):
    assert xai.load(weights=folder).name == "guided"
    assert xai.load("plain", str(folder / "manifest.json")).name == "plain"


def test_order_given_path_then_variable_then_beside_the_package(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "BESIDE", checkpoint.write(tmp_path / "beside", version="beside"))
    assert xai.load().version == "beside"
    monkeypatch.setenv(weights.VARIABLE, str(checkpoint.write(tmp_path / "variable", version="variable")))
    assert xai.load().version == "variable"
    assert xai.load(weights=folder).version == "1.0"


def test_a_given_path_that_holds_nothing_is_an_error_and_not_passed_over(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "BESIDE", folder)
    assert "manifest.json" in refusal(None, tmp_path / "elsewhere")
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "elsewhere"))
    assert "elsewhere" in refusal()


def test_nothing_anywhere_says_how_to_get_a_checkpoint(folder):
    message = refusal()
    assert "CXR_WEIGHTS" in message and "python -m deploy weights" in message


def test_only_the_chosen_models_files_are_touched(folder):
    (folder / "plain.onnx").unlink()
    (folder / "plain.npz").write_bytes(b"junk")
    assert xai.load("guided", folder).features(np.zeros((1, 33, 33), np.float32)).shape == (1, 4, 4, 4)
    assert "plain.onnx is missing" in refusal("plain", folder)


@pytest.mark.parametrize("name", ["guided.onnx", "guided.npz"])
def test_one_changed_byte_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    expected = checkpoint.sha256(folder / name)
    (folder / name).write_bytes(content)
    message = refusal("guided", folder)
    assert name in message and expected[:12] in message and checkpoint.sha256(folder / name)[:12] in message


def test_a_file_that_cannot_be_read(folder, monkeypatch):
    def no_disk(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(weights, "_digest", no_disk)
    assert "cannot be read (Input/output error)" in refusal("guided", folder)


def test_a_file_changed_after_it_was_verified_is_noticed(folder):
    xai.load("guided", folder)
    with np.load(folder / "guided.npz") as arrays:
        np.savez(folder / "guided.npz", **dict(arrays) | {"bias": np.zeros(2, np.float32)})
    assert "guided.npz" in refusal("guided", folder)


def test_loading_twice_hashes_once(folder):
    xai.load("guided", folder)
    before = weights._digest.cache_info()
    xai.load("guided", folder)
    after = weights._digest.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 2)


def test_threads_load_together(folder):
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda index: xai.load(("guided", "plain")[index % 2], folder), range(16)))
    assert [classifier.name for classifier in loaded] == ["guided", "plain"] * 8


def test_models_lists_titles_default_first_and_opens_no_model_file(folder):
    for file in [*folder.glob("*.onnx"), *folder.glob("*.npz")]:
        file.unlink()
    edit(folder, lambda document: document.update(default="plain"))
    listed = xai.weights.models(folder)
    assert {name: (model.title, model.description) for name, model in listed.items()} == {
        "plain": ("Plain", "The plain one."),
        "guided": ("Guided", "The guided one."),
    }
    assert list(listed) == ["plain", "guided"]


def test_an_unknown_model_lists_the_known_ones(folder):
    assert "guided, plain" in refusal("grad", folder)


def test_a_folder_needs_no_hub_client(folder):
    code = "import sys, xai; xai.load(weights=sys.argv[1]); print('huggingface_hub' in sys.modules)"
    run = hub.python(code, folder, home=folder, endpoint="http://127.0.0.1:1")
    assert run.stdout.strip() == "False", run.stderr


def test_what_ships_verifies_loads_and_is_small():
    folder = hub.ROOT / "weights"
    assert list(xai.weights.models(folder)) == ["guided", "plain", "small"]
    for name in xai.weights.models(folder):
        assert xai.load(name, folder).name == name
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 30_000_000


# Manifests


def test_a_newer_format_asks_for_an_update(folder):
    edit(folder, lambda document: document.update(format=2, models="something new"))
    assert "update CXR Lens" in refusal(None, folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}', b'{"format": "1"}', b"[" * 10**5]
)
def test_a_damaged_manifest(folder, content):
    (folder / "manifest.json").write_bytes(content)
    assert "is damaged" in refusal(None, folder)


@pytest.mark.parametrize(
    "name",
    ["../guided.onnx", "/etc/guided.onnx", "a/guided.onnx", "a\\guided.onnx", "C:guided.onnx", "..", "", ".onnx", 7],
)
def test_a_manifest_cannot_point_outside_its_folder(folder, name):
    edit(folder, lambda document: document["models"]["guided"]["files"]["backbone"].update(name=name))
    assert "file name" in refusal("guided", folder)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda guided: guided["files"].pop("head"), "head"),
        (lambda guided: guided["files"]["head"].update(sha256="abc"), "SHA-256"),
        (lambda guided: guided["files"]["head"].update(name="guided.pkl"), "guided.pkl"),
        (lambda guided: guided["findings"]["cardiomegaly"].update(population="dog"), "population"),
        (lambda guided: guided["findings"]["cardiomegaly"].update(operating_point=float("nan")), "operating point"),
        (lambda guided: guided["findings"]["cardiomegaly"].update(unsure=[0.6, 0.4]), "unsure"),
        (lambda guided: guided["findings"]["cardiomegaly"]["foreign"].update(reach=1.2), "share of foreign films"),
        (lambda guided: guided["findings"]["cardiomegaly"]["foreign"].update(films=0), "foreign films"),
        (lambda guided: guided["findings"]["cardiomegaly"]["foreign"].pop("own"), "own"),
        (lambda guided: guided.update(findings={}), "findings"),
        (lambda guided: guided.update(title=None), "title"),
        (lambda guided: guided.pop("gate"), "gate"),
    ],
)
def test_every_entry_is_checked(folder, change, word):
    edit(folder, lambda document: change(document["models"]["guided"]))
    message = refusal("guided", folder)
    assert "is damaged" in message and word in message


def test_a_manifest_need_not_say_how_foreign_films_fare(folder):
    assert xai.load("guided", folder).findings["cardiomegaly"].foreign == Foreign(250, 0.61, 0.18)
    edit(folder, lambda document: document["models"]["guided"]["findings"]["cardiomegaly"].pop("foreign"))
    assert xai.load("guided", folder).findings["cardiomegaly"].foreign is None


# Nothing that is loaded can execute code


class Trap:
    """Unpickling this creates a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickled_objects_are_refused_and_not_run(folder, tmp_path):
    sprung = tmp_path / "sprung"
    np.savez(folder / "guided.npz", **checkpoint.head() | {"kernel": np.array([Trap(sprung)], dtype=object)})
    (folder / "plain.npz").write_bytes(pickle.dumps(Trap(sprung)))
    checkpoint.seal(folder)
    assert "does not load" in refusal("guided", folder)
    assert "does not load" in refusal("plain", folder)
    assert not sprung.exists()


def test_operators_from_outside_are_refused(folder):
    onnx.save(checkpoint.backbone(operator="Run", domain="from.outside"), folder / "guided.onnx")
    assert "does not load" in refusal("guided", checkpoint.seal(folder))


def test_a_backbone_that_keeps_tensors_in_an_unverified_file_is_refused(folder):
    onnx.save(
        checkpoint.backbone(),
        folder / "guided.onnx",
        save_as_external_data=True,
        location="kernels.bin",
        size_threshold=0,
    )
    assert "refers to another file" in refusal("guided", checkpoint.seal(folder))


def test_arrays_that_lack_something_are_refused(folder):
    arrays = checkpoint.head()
    del arrays["bias"]
    np.savez(folder / "guided.npz", **arrays)
    assert "does not load" in refusal("guided", checkpoint.seal(folder))


# The Hub, through the real client in a process of its own: it reads its environment when it is imported

LOAD = """
import json, sys, time
from pathlib import Path
import xai, xai.hub, xai.weights
xai.hub.PIN = Path(sys.argv[1])
xai.weights.BESIDE = Path("nothing beside")
started = time.monotonic()
try:
    classifier = xai.load(sys.argv[2])
    answer = {"loaded": classifier.name, "bias": classifier.bias.tolist()}
except xai.WeightsError as error:
    answer = {"error": str(error)}
print(json.dumps(answer | {"seconds": time.monotonic() - started}))
"""


class Visitor:
    """A machine with a pin and an empty Hub cache."""

    def __init__(self, home: Path, files: dict[str, bytes]):
        self.home, self.files = home, files
        self.remote = hub.Repo()
        self.pin(self.remote.commit(files))

    def pin(self, revision: str) -> None:
        """Pin a revision, with the hash of the true manifest."""
        (self.home / "manifest.json").write_bytes(self.files["manifest.json"])
        digest = checkpoint.sha256(self.home / "manifest.json")
        content = {"repo": REPO, "revision": revision, "manifest_sha256": digest}
        (self.home / "hub.json").write_text(json.dumps(content))
        self.revision = revision

    def load(self, endpoint: str, model: str = "guided", before: str = "", **environment: str) -> dict:
        """``xai.load(model)`` in a process of its own, after other code: ``loaded`` or ``error``, and ``seconds``."""
        run = hub.python(before + LOAD, self.home / "hub.json", model, home=self.home, endpoint=endpoint, **environment)
        assert run.returncode == 0, run.stderr
        answer = json.loads(run.stdout)
        if "error" in answer:
            one_sentence(answer["error"])
        return answer

    def cached(self, name: str, cache: str = "hf/hub") -> Path:
        """Where a file of the pinned revision lies in the cache."""
        return self.home / cache / f"models--{REPO.replace('/', '--')}" / "snapshots" / self.revision / name


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """A machine with a pin and an empty Hub cache."""
    made = checkpoint.write(tmp_path / "published")
    return Visitor(tmp_path, {file.name: file.read_bytes() for file in made.iterdir()})


@pytest.fixture
def served(visitor: Visitor):
    """The Hub's stand-in, which holds the visitor's pinned repository."""
    with hub.serve() as server:
        server.repos[f"models/{REPO}"] = visitor.remote
        yield server


def test_first_download_then_the_cache_without_a_request(visitor):
    with hub.serve() as server:
        server.repos[f"models/{REPO}"] = visitor.remote
        first = visitor.load(server.url)
        assert first["loaded"] == "guided"
        assert server.downloads() == {"manifest.json", "guided.onnx", "guided.npz"}
        server.requests.clear()
        assert visitor.load(server.url)["bias"] == first["bias"]
        assert server.requests == []
    assert visitor.load(server.url)["loaded"] == "guided"
    assert "plain.onnx" in visitor.load(server.url, "plain")["error"]


def test_a_branch_that_moved_on_changes_nothing(visitor, served):
    visitor.remote.commit({"manifest.json": b"something else"})
    assert visitor.load(served.url)["loaded"] == "guided"


def test_offline_mode_uses_the_cache_and_sends_nothing(visitor, served):
    error = visitor.load(served.url, HF_HUB_OFFLINE="1")["error"]
    assert "offline mode" in error and "HF_HUB_OFFLINE" in error
    assert served.requests == []
    visitor.load(served.url)
    served.requests.clear()
    assert visitor.load(served.url, HF_HUB_OFFLINE="1")["loaded"] == "guided"
    assert served.requests == []


def test_what_a_space_preloaded_is_found_although_hf_home_points_elsewhere(visitor, served):
    visitor.load(served.url, HF_HOME=str(visitor.home / ".cache/huggingface"))
    assert visitor.cached("guided.onnx", ".cache/huggingface/hub").exists()
    served.requests.clear()
    assert visitor.load(served.url)["loaded"] == "guided"
    assert served.requests == []


@pytest.mark.parametrize("name", ["manifest.json", "guided.onnx", "guided.npz"])
def test_a_published_file_with_a_wrong_hash_is_refused(visitor, served, name):
    visitor.pin(visitor.remote.commit(visitor.files | {name: visitor.files[name] + b" "}))
    error = visitor.load(served.url)["error"]
    assert name in error and "SHA-256" in error


def test_a_damaged_cached_file_is_fetched_once_more(visitor, served):
    visitor.load(served.url)
    visitor.cached("guided.npz").resolve().write_bytes(b"damaged")
    served.requests.clear()
    assert visitor.load(served.url)["loaded"] == "guided"
    assert served.downloads() == {"guided.npz"}
    assert visitor.cached("guided.npz").read_bytes() == visitor.files["guided.npz"]


def test_a_damaged_cached_file_is_named_and_kept_where_no_other_can_be_had(visitor, served):
    visitor.load(served.url)
    visitor.cached("guided.npz").resolve().write_bytes(b"damaged")
    error = visitor.load(served.url, HF_HUB_OFFLINE="1")["error"]
    assert str(visitor.cached("guided.npz")) in error and "offline mode" in error
    assert visitor.cached("guided.npz").read_bytes() == b"damaged"


@pytest.mark.parametrize("name", ["manifest.json", "guided.onnx"])
def test_a_missing_file(visitor, served, name):
    visitor.pin(visitor.remote.commit({key: value for key, value in visitor.files.items() if key != name}))
    assert f"has no {name}" in visitor.load(served.url)["error"]


def test_a_missing_revision(visitor, served):
    visitor.pin("f" * 40)
    assert "has no revision ffffffffff" in visitor.load(served.url)["error"]


def test_a_missing_repository(visitor, served):
    served.repos.clear()
    assert f"{REPO} is private or not on the Hub" in visitor.load(served.url)["error"]


def test_a_private_repository_opens_with_a_token_only(visitor, served):
    visitor.remote.private = True
    assert "hf auth login" in visitor.load(served.url)["error"]
    assert visitor.load(served.url, HF_TOKEN=hub.TOKEN)["loaded"] == "guided"


def test_a_gated_repository(visitor, served):
    visitor.remote.gated = True
    error = visitor.load(served.url)["error"]
    assert "is gated" in error and "ask for access" in error


@pytest.mark.parametrize("network", [hub.nobody, hub.black_hole])
def test_a_missing_network_is_noticed_in_under_three_seconds(visitor, network):
    with network() as endpoint:
        answer = visitor.load(endpoint)
    assert "check the network" in answer["error"] and "CXR_WEIGHTS" in answer["error"]
    assert answer["seconds"] < 3


def test_a_name_server_that_never_answers_is_noticed_too(visitor):
    hang = "import socket, threading; socket.getaddrinfo = lambda *_, **__: threading.Event().wait()"
    answer = visitor.load("https://huggingface.co", before=hang)
    assert "check the network" in answer["error"]
    assert answer["seconds"] < 3


def test_something_else_that_answers_in_the_hubs_place(visitor, served, monkeypatch):
    monkeypatch.setattr(
        hub._Handler, "_route", lambda self, path: self._send(b"<h1>Welcome to our Wi-Fi</h1>", 200, {})
    )
    assert "not the Hub" in visitor.load(served.url)["error"]


@pytest.mark.parametrize(
    "change", [{"repo": "cxr-lens"}, {"repo": None}, {"revision": "main"}, {"revision": 7}, {"manifest_sha256": "0"}]
)
def test_a_damaged_pin(folder, change):
    pin = {"repo": REPO, "revision": "0" * 40, "manifest_sha256": "0" * 64}
    xai.hub.PIN.write_text(json.dumps(pin | change))
    assert "hub.json is missing or damaged" in refusal()


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_pin_that_is_no_pin(folder, content):
    xai.hub.PIN.write_text(content)
    assert "hub.json is missing or damaged" in refusal()


def test_a_cache_that_cannot_be_written(visitor, served):
    (visitor.home / "hf").write_text("a file where the cache's folder should be")
    error = visitor.load(served.url)["error"]
    assert "cannot be stored in the Hub cache" in error and "HF_HOME" in error
