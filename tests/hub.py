"""A stand-in for the Hugging Face Hub on a local port: what ``huggingface_hub`` asks for downloads and commits.

The real client talks to it from a process of its own (:func:`python`): it reads its environment when it is imported.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parent.parent
TOKEN = "hf_stand_in"


@dataclass
class Repo:
    """One repository: commits by their 40-hex id, each a whole tree ``path → content``; the last one is ``main``."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"0" * 40: {}})
    private: bool = False
    gated: bool = False

    def commit(self, tree: dict[str, bytes]) -> str:
        """Add a commit; returns its id."""
        revision = hashlib.sha1(repr((len(self.commits), sorted(tree.items()))).encode()).hexdigest()
        self.commits[revision] = dict(tree)
        return revision

    @property
    def head(self) -> str:
        """Id of the last commit."""
        return list(self.commits)[-1]


@dataclass
class Hub:
    """The stand-in's state, for tests to arrange and to look at.

    Attributes:
        url: to be used as ``HF_ENDPOINT``.
        repos: ``"models/OWNER/NAME"`` or ``"spaces/OWNER/NAME"`` → :class:`Repo`.
        requests: ``"METHOD path"`` of every request so far.
        created: payloads of the repositories created.
        lfs: which file endings go through large file storage.
        objects: what large file storage holds, by SHA-256.
    """

    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    created: list[dict] = field(default_factory=list)
    lfs: tuple[str, ...] = (".onnx", ".npz", ".png")
    objects: dict[str, bytes] = field(default_factory=dict)

    def downloads(self) -> set[str]:
        """Names of the files asked for so far."""
        return {line.rsplit("/", 1)[1] for line in self.requests if "/resolve/" in line}


class _Refusal(Exception):
    def __init__(self, status: int, code: str = ""):
        self.status, self.code = status, code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Tests look at ``Hub.requests`` instead."""

    def _answer(self) -> None:
        self.hub: Hub = self.server.hub
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.signed_in = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(f"{self.command} {path}")
        try:
            self._route(path)
        except _Refusal as refusal:
            headers = {"X-Error-Code": refusal.code} if refusal.code else {}
            self._send(b'{"error": "refused"}', refusal.status, headers)

    def _route(self, path: str) -> None:
        if self.command in ("HEAD", "GET") and "/resolve/" in path:
            return self._resolve(path)
        # The address that the batch answer gives out is its own permission.
        if path.startswith("/objects/"):
            self.hub.objects[path.removeprefix("/objects/")] = self.body
            return self._json({})
        if not self.signed_in:
            raise _Refusal(401)
        if path == "/api/whoami-v2":
            return self._json({"name": "owner", "type": "user"})
        if path == "/api/repos/create":
            return self._create(json.loads(self.body))
        if path == "/api/validate-yaml":
            return self._json({"errors": [], "warnings": []})
        if path.endswith("/info/lfs/objects/batch"):
            return self._batch(json.loads(self.body))
        kind, owner, name, action, revision = (*path.removeprefix("/api/").split("/"), "info", "main")[:5]
        key = f"{kind}/{owner}/{name}"
        repo = self._repo(key)
        if action == "preupload":
            return self._preupload(repo, json.loads(self.body))
        if action == "commit":
            revision = self._commit(repo, [json.loads(line) for line in self.body.splitlines()])
            return self._json({"commitUrl": f"{self._page(key)}/commit/{revision}", "commitOid": revision})
        if action == "tree":
            return self._json([_described(path, content) for path, content in repo.commits[repo.head].items()])
        if action == "revision" and revision not in ("main", *repo.commits):
            raise _Refusal(404, "RevisionNotFound")
        return self._json({"id": f"{owner}/{name}", "sha": repo.head, "private": repo.private, "tags": []})

    def _repo(self, key: str) -> Repo:
        repo = self.hub.repos.get(key)
        if repo is None or (repo.private and not self.signed_in):
            raise _Refusal(401 if not self.signed_in else 404, "RepoNotFound")
        return repo

    def _resolve(self, path: str) -> None:
        name, _, rest = path.strip("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        repo = self._repo(name if name.startswith("spaces/") else f"models/{name}")
        if repo.gated:
            raise _Refusal(403, "GatedRepo")
        tree = repo.commits.get(repo.head if revision == "main" else revision)
        if tree is None:
            raise _Refusal(404, "RevisionNotFound")
        if file not in tree:
            raise _Refusal(404, "EntryNotFound")
        etag = hashlib.sha256(tree[file]).hexdigest()
        self._send(tree[file], 200, {"ETag": f'"{etag}"', "X-Repo-Commit": revision})

    def _create(self, payload: dict) -> None:
        key = f"{payload.get('type', 'model')}s/{payload.get('organization') or 'owner'}/{payload['name']}"
        answer = {"url": self._page(key)}
        if key in self.hub.repos:
            return self._json(answer, 409)
        self.hub.created.append(payload)
        self.hub.repos[key] = Repo(private=payload.get("visibility") == "private")
        return self._json(answer)

    def _preupload(self, repo: Repo, payload: dict) -> None:
        files = []
        for path in (file["path"] for file in payload["files"]):
            large, there = path.endswith(self.hub.lfs), repo.commits[repo.head].get(path)
            answer = {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
            if there is not None:
                answer["oid"] = hashlib.sha256(there).hexdigest() if large else _git_hash(there)
            files.append(answer)
        self._json({"files": files})

    def _batch(self, payload: dict) -> None:
        self._json(
            {
                "objects": [
                    {**wanted, "actions": {"upload": {"href": f"{self.hub.url}/objects/{wanted['oid']}"}}}
                    for wanted in payload["objects"]
                ]
            }
        )

    def _commit(self, repo: Repo, lines: list[dict]) -> str:
        tree = dict(repo.commits[repo.head])
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                tree[value["path"]] = self.hub.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                del tree[value["path"]]
        return repo.commit(tree)

    def _page(self, key: str) -> str:
        return f"{self.hub.url}/{key.removeprefix('models/')}"

    def _json(self, answer: object, status: int = 200) -> None:
        self._send(json.dumps(answer).encode(), status, {"Content-Type": "application/json"})

    def _send(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _described(path: str, content: bytes) -> dict:
    return {"type": "file", "path": path, "size": len(content), "oid": _git_hash(content)}


@contextmanager
def serve() -> Iterator[Hub]:
    """A running stand-in; its port is closed on exit."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.hub = Hub(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def nobody() -> Iterator[str]:
    """The address of a port that refuses connections: bound, so that no one else takes it, but not listening."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unheard.getsockname()[1]}"


def python(
    code: str, *arguments: object, home: Path, endpoint: str, project: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python code as on a fresh machine that knows this Hub only.

    Args:
        code, arguments: as after ``python -c``.
        home: the user's folder, which is also the working folder.
        endpoint: of the Hub.
        project: where packages are imported from.
        environment: further variables, ``HF_TOKEN`` for instance.
    """
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    # Without Xet the client falls back on large file storage over HTTP, which a stand-in can serve.
    fresh = {"HOME": str(home), "HF_HOME": str(home / "hf"), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=kept | fresh | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "2"} | environment,
        cwd=home,
        capture_output=True,
        text=True,
    )
