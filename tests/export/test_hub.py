"""Publishing: what goes up is the export and nothing else, private unless asked; refusals say what to do.

The hub's own library talks over real sockets to a server of ours that answers as the hub does.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from proutt.errors import UserError
from proutt.export import ExportSettings, export_pairs
from proutt.export.hub import checked_name, plan_push, push
from records import a_pair

TOKEN = "hf_aSecretThatNobodyMaySee"


class Hub:
    """A hub of one data set.

    refuse: the status of every answer; public: the data set is there, seen by all; bad_card: no card is good enough
    """

    address = ""

    def __init__(self, *, refuse: int | None = None, public: bool = False, bad_card: bool = False) -> None:
        self.refuse, self.public, self.bad_card = refuse, public, bad_card
        self.cards: list[str] = []
        self.created: list[dict] = []
        self.commits: list[dict[str, bytes]] = []
        self.tokens: set[str | None] = set()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict]:
        path = path.partition("?")[0]
        if self.refuse:
            return self.refuse, {"error": "not for you"}
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            if self.public:
                return 409, {
                    "error": "You already created this dataset repo",
                    "url": f"{self.address}/datasets/me/data",
                }
            return 200, {"url": f"{self.address}/datasets/me/data", "name": "me/data", "id": "1"}
        if path == "/api/datasets/me/data" or path.startswith("/api/datasets/me/data/revision"):
            private = not self.public and self.created[0]["visibility"] == "private"
            return 200, {"_id": "1", "id": "me/data", "private": private, "sha": "0" * 40, "siblings": [], "tags": []}
        if path == "/api/validate-yaml":
            self.cards.append(json.loads(body)["content"])
            problem = {"message": '"license" must be one of [mit]'}
            return (
                (400, {"errors": [problem], "warnings": []}) if self.bad_card else (200, {"errors": [], "warnings": []})
            )
        if "/preupload/" in path:
            files = [{"path": each["path"], "uploadMode": "regular"} for each in json.loads(body)["files"]]
            return 200, {"files": [{**each, "shouldIgnore": False} for each in files]}
        if "/commit/" in path:
            lines = [json.loads(line) for line in body.splitlines()]
            values = [line["value"] for line in lines if line["key"] == "file"]
            self.commits.append({each["path"]: base64.b64decode(each["content"]) for each in values})
            return 200, {
                "commitUrl": f"{self.address}/datasets/me/data/commit/{1:040}",
                "commitOid": "1" * 40,
                "hookOutput": "",
                "success": True,
            }
        return 404, {"error": f"nothing at {method} {path}"}


class Server(ThreadingHTTPServer):
    hub: Hub
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        self.server.hub.tokens.add(self.headers.get("Authorization"))
        status, answer = self.server.hub.answer(self.command, self.path, body)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_HEAD = do_PUT = _handle

    def _chunks(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return b""
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def serve() -> Iterator:
    """Starts a hub; gives its address."""
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: pip install 'proutt[hub]'")
    servers = []

    def start(hub: Hub) -> str:
        server = Server(("127.0.0.1", 0), Handler)
        server.hub = hub
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        hub.address = f"http://127.0.0.1:{server.server_port}"
        return hub.address

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with one pair."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/pairs.jsonl").write_text(a_pair().model_dump_json() + "\n", encoding="utf-8")
    return tmp_path / "run"


def export(run: Path, endpoint: str, *options: str, token: str | None = TOKEN) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, with the hub's library pointed at our server."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    env |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(run.parent / "home"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    env |= {"HF_TOKEN": token} if token else {}
    code = "from proutt.cli import main; main()"
    arguments = ["export", str(run), "--to", "trl-preference", "--push", "me/data", *options]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, env=env, timeout=120
    )


def test_an_export_goes_up_whole_and_private(run, serve):
    """One commit with the files that the manifest lists and the manifest, and nothing else that lies in the folder."""
    folder = run / "export/trl-preference"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    hub = Hub()
    done = export(run, serve(hub))
    assert done.returncode == 0, done.stderr
    (made,) = hub.created
    assert (made["name"], made["type"], made["visibility"]) == ("data", "dataset", "private")
    (commit,) = hub.commits
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(commit) == {*manifest["files"], "manifest.json"}
    for name, data in commit.items():
        assert data == (folder / name).read_bytes()
    assert hub.cards == [commit["README.md"].decode()]
    assert "private" in done.stdout
    assert "proutt audit" in done.stdout


def test_the_token_is_used_and_never_shown(run, serve):
    """It goes to the hub, and to no output, file or error."""
    hub = Hub()
    done = export(run, serve(hub))
    refused = export(run, serve(Hub(refuse=403)))
    assert hub.tokens - {None} == {f"Bearer {TOKEN}"}
    for each in (done, refused):
        assert TOKEN not in each.stdout + each.stderr
    assert not [path for path in run.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_public_is_asked_for(run, serve):
    """`--public` makes it so, and the plan says it before anything goes up."""
    hub = Hub()
    done = export(run, serve(hub), "--public")
    assert done.returncode == 0, done.stderr
    assert hub.created[0]["visibility"] == "public"
    assert "for everybody to see" in done.stdout


def test_nothing_goes_into_a_public_data_set_by_accident(run, serve):
    """A data set that is there already and public is refused without --public."""
    hub = Hub(public=True)
    done = export(run, serve(hub))
    assert done.returncode == 2
    assert "public already" in done.stderr
    assert "--public" in done.stderr
    assert hub.commits == []


@pytest.mark.parametrize(("status", "remedy"), [(401, "hf auth login"), (403, "may not write there")])
def test_a_refusal_says_what_to_do(run, serve, status, remedy):
    """One line with the hub's status, what to do, and where the files are; they are kept."""
    done = export(run, serve(Hub(refuse=status)))
    assert done.returncode == 2
    assert remedy in done.stderr
    assert str(status) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert (run / "export/trl-preference/manifest.json").exists()


def test_a_hub_that_is_not_there_is_said_so(run):
    """Nobody listens: the export is written and the error says so."""
    done = export(run, "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "Connection refused" in done.stderr
    assert "Check your network" in done.stderr
    assert (run / "export/trl-preference/manifest.json").exists()


def test_a_card_that_the_hub_refuses_is_said_so(run, serve):
    """The hub's own words, in one line."""
    hub = Hub(bad_card=True)
    done = export(run, serve(hub))
    assert done.returncode == 2
    assert '"license" must be one of' in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert hub.commits == []


def test_without_a_token_nothing_is_tried(run, serve):
    """The error names both ways to give one."""
    hub = Hub()
    done = export(run, serve(hub), token=None)
    assert done.returncode == 2
    assert "hf auth login" in done.stderr
    assert "HF_TOKEN" in done.stderr
    assert hub.tokens == set()


@pytest.mark.parametrize("name", ["data", "a/b/c", "a/", "/b", "a b/c", "../x", "a/..", "a/b--c", "ä/b", "a/b\n"])
def test_a_name_that_the_hub_cannot_have_is_refused_first(name):
    """Before anything is read or written."""
    with pytest.raises(UserError, match=r"--push.*owner/name"):
        checked_name(name)


def test_patterns_in_file_names_match_only_themselves(tmp_path):
    """The upload is told exactly the files of the plan."""
    export_pairs([a_pair()], tmp_path, ExportSettings("trl-sft"))
    sent = {}

    class Api:
        def create_repo(self, name, **options):
            return f"http://hub/{name}"

        def repo_info(self, name, **options):
            return type("Info", (), {"private": True})

        def upload_folder(self, **options):
            sent.update(options)

    plan = plan_push(tmp_path, "me/data")
    assert push(plan, api=Api) == "http://hub/me/data"
    assert sent["allow_patterns"] == list(plan.files)
    assert plan.size == sum(path.stat().st_size for path in tmp_path.iterdir())
