"""Inputs and exports on an S3 server (moto) over s3fs; where both are installed (make cloud)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("moto.server")
s3fs = pytest.importorskip("s3fs")
boto3 = pytest.importorskip("boto3")

from cloud.held import DIALOGUES, IDS, LINES, fill, objects_below  # noqa: E402
from proutt.dialogue import read_dialogues  # noqa: E402
from proutt.errors import UserError  # noqa: E402
from proutt.export.parts import put_in_parts  # noqa: E402
from proutt.export.reading import pairs_in  # noqa: E402
from runs.command import at, started, written  # noqa: E402
from runs.here import proutt  # noqa: E402
from servers.relay import Relay, relaying  # noqa: E402
from servers.scripted import ScriptedServer  # noqa: E402

SECRET = "canary7f3a90"


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """s3fs, as the environment has it; a store with one bucket, which takes any credentials."""
    _tell(s3_server, "reset-auth", b"inf")
    _tell(s3_server, "reset")
    told = {"AWS_ENDPOINT_URL": s3_server, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": SECRET}
    for name, value in {**told, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem()
    system.mkdir("logs")
    fill(system, "logs")
    yield system
    s3fs.S3FileSystem.clear_instance_cache()


def _tell(server: str, what: str, data: bytes = b"") -> None:
    headers = {"Content-Type": "text/plain"}
    with urlopen(Request(f"{server}/moto-api/{what}", data=data, headers=headers, method="POST")):
        pass


@pytest.mark.parametrize("name", ["a.jsonl", "b.jsonl.gz", "t.parquet", "*.parquet", "**/c.*", "sub", "sub/"])
def test_objects_patterns_and_folders_are_read(s3: Any, name: str) -> None:
    """In every shape, and hidden things left out."""
    assert [each.id for each in read_dialogues([f"s3://logs/{name}"])] == IDS


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://logs/none.jsonl", "no such object"),
        ("s3://logs/none/*.jsonl", "no such object"),
        ("s3://none/a.jsonl", "no such object"),
        (f"s3://testing:{SECRET}@logs/a.jsonl", "s3://logs/a.jsonl: such a URL holds no credentials"),
    ],
)
def test_what_is_not_there_is_an_error_with_a_remedy(s3: Any, url: str, says: str) -> None:
    """Exit code 2, one line, no secret."""
    done = proutt("dialogues", url)
    assert (done.returncode, says in done.stderr, done.stderr.count("\n")) == (2, True, 1)
    assert SECRET not in done.stderr


def test_wrong_credentials_are_an_error_with_a_remedy(s3: Any, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For objects, patterns, folders and parts; with the right ones it goes."""
    iam = boto3.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(allowed))
    _tell(s3_server, "reset-auth", b"0")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    for secret, code in ((key["SecretAccessKey"], 0), (SECRET, 2)):
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        s3fs.S3FileSystem.clear_instance_cache()
        for name in ("a.jsonl", "*.jsonl", "sub"):
            done = proutt("dialogues", f"s3://logs/{name}")
            assert (done.returncode, "there is no permission" in done.stderr) == (code, code == 2)
            assert not any(each in done.stderr for each in (secret, key["AccessKeyId"]))


def test_workers_read_from_the_store(s3: Any, server: ScriptedServer, tmp_path: Path) -> None:
    """Three processes make of it what one makes of the file; no file and no output holds a secret."""
    chats = written(tmp_path / "chats.jsonl", DIALOGUES)
    assert proutt("synthesize", chats, *at(server), "--out", tmp_path / "file").returncode == 0
    order = ("synthesize", "s3://logs/a.jsonl", *at(server), "--out", tmp_path / "url")
    done = proutt(*order, "--engine", "processes", "--workers", "3")
    assert (done.returncode, SECRET in done.stdout + done.stderr) == (0, False)
    assert _pairs(tmp_path / "url") == _pairs(tmp_path / "file") != []
    holding = [
        path for path in (tmp_path / "url").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    assert holding == []


def _pairs(run: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (run / "pairs.jsonl").read_text("utf-8").splitlines()]
    return [{key: value for key, value in row.items() if key != "source"} for row in rows]


def test_a_server_that_goes_away_while_it_is_read(s3: Any, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read has been delivered; then an error names the object, and the same command goes on."""
    long = LINES.replace(b"Sure", b"Sure, " * 60_000)
    s3.pipe({"logs/long/1.jsonl": long, "logs/long/2.jsonl": long.replace(b'"d', b'"e')})
    with relaying(Relay(s3_server, cut_fetched=len(long) * 3 // 2)) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
        s3fs.S3FileSystem.clear_instance_cache()
        dialogues = read_dialogues(["s3://logs/long"])
        assert [next(dialogues).id for _ in IDS] == IDS
        with pytest.raises(UserError, match=r"s3://logs/long/2.jsonl: can't be read \(\w+: .*the same command goes on"):
            list(dialogues)
        relay.mend()
        assert [each.id for each in read_dialogues(["s3://logs/long"])] == [*IDS, "e0", "e1", "e2"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_an_export_goes_out_in_parts_and_is_read_from_there(
    s3: Any, exported: Path, tmp_path: Path, ending: str
) -> None:
    """Nothing but the parts and their manifest is there; other parts than its own are removed, other files are not."""
    stale = f"train-00000-of-00009-0123456789ab.{ending}"
    s3.pipe_file(f"logs/pairs/{stale}", b"half")
    s3.pipe_file("logs/pairs/README", b"theirs")
    more = ["--parquet"] if ending == "parquet" else []
    order = ("export", exported, "--to", "trl-preference", "--out", tmp_path / "rows", *more)
    for sent in ("8 files and", "8 files (8 were there already)"):
        done = proutt(*order, "--parts-to", "s3://logs/pairs", "--part-rows", "3")
        assert (done.returncode, sent in done.stdout) == (0, True)
        found = objects_below(s3, "logs/pairs")
        listed = json.loads(found["manifest.json"])["files"]
        assert found.keys() == {*listed, "manifest.json", "README"}
        assert len([name for name in found if name.endswith(f".{ending}") and ".meta." not in name]) == 4
    assert [each.chosen for each in pairs_in("s3://logs/pairs")] == [each.chosen for each in pairs_in(exported)]


def test_no_bucket_is_made_of_a_misspelt_name(s3: Any, exported: Path) -> None:
    """s3fs would."""
    with pytest.raises(UserError, match="s3://lugs/pairs: there is no such bucket or folder"):
        put_in_parts(exported, json.loads((exported / "manifest.json").read_text("utf-8")), "s3://lugs/pairs")
    assert [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]] == ["logs"]


@pytest.mark.parametrize("code", [-9, 2])
def test_an_upload_that_is_cut_in_its_middle(
    s3: Any, s3_server: str, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Killed, or left by its server: what is there is whole parts alone, nobody takes them for the export, and again
    it is as if undisturbed. Of the libraries' tracebacks none is shown."""
    order = ("export", exported, "--to", "trl-preference", "--part-rows", "2", "--out")
    assert proutt(*order, tmp_path / "calm", "--parts-to", "s3://logs/calm").returncode == 0
    calm = objects_below(s3, "logs/calm")
    order = (*order, tmp_path / "rows", "--parts-to", "s3://logs/pairs")
    with relaying(Relay(s3_server, cut_sent=1_000_000)) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
        process = started(*order)
        if code == -9:
            relay.at_cut = process.kill
        _, complained = process.communicate()
    assert (process.returncode, relay.is_cut) == (code, True)
    if code == 2:
        assert complained.startswith("Error: s3://logs/pairs: can't be written (")
        assert complained.count("\n") == 1
    found = objects_below(s3, "logs/pairs")
    assert 0 < len(found) < len(calm)
    assert found.items() <= calm.items()
    with pytest.raises(UserError, match="parts of an export that is not whole"):
        list(pairs_in("s3://logs/pairs"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    s3fs.S3FileSystem.clear_instance_cache()
    again = proutt(*order)
    assert (again.returncode, f"({len(found)} were there already)" in again.stdout) == (0, True)
    assert objects_below(s3, "logs/pairs") == calm
