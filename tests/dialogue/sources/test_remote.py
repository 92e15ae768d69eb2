"""Objects behind URLs are read as files are; a table only in the pieces that are wanted; no secret is shown."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from proutt.dialogue import read_dialogues
from proutt.dialogue.sources import is_url, named, records, shown, shown_in
from proutt.dialogue.sources.remote import our_errors
from proutt.errors import UserError
from servers.objects import Objects, serving

fsspec = pytest.importorskip("fsspec")
LINES = b"".join(json.dumps({"id": each, "n": each}).encode() + b"\n" for each in range(5))


def read(url, **options):
    return [record for source in named([url]) for record in records(source, io.BytesIO(), whole=True, **options)]


@pytest.fixture
def memory():
    """An empty file system in memory."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    return system


def wide_table():
    """100 rows in row groups of 10, of which nearly all bytes are in a column that no dialogue needs."""
    message = {"role": "user", "content": "Hi"}
    rows = [{"id": str(each), "messages": [message], "picture": f"{each:05}" * 20_000} for each in range(100)]
    out = io.BytesIO()
    options = {"row_group_size": 10, "compression": "none", "use_dictionary": False}
    parquet.write_table(pa.Table.from_pylist(rows), out, **options)
    return out.getvalue()


# What a URL names


def test_a_url_names_an_object_a_pattern_or_a_folder(memory):
    """A folder's objects come by name, hidden ones and other kinds left out; a pattern's whatever their endings."""
    for name in ("b.jsonl", "a.jsonl.gz", "sub/c.parquet", ".d.jsonl", ".hidden/e.jsonl", "f.txt", "_SUCCESS"):
        memory.pipe(f"/logs/{name}", b"{}")
    inside = ["memory://logs/a.jsonl.gz", "memory://logs/b.jsonl", "memory://logs/sub/c.parquet"]
    assert [source.name for source in named(["memory://logs"])] == inside
    assert [source.name for source in named(["memory://logs/"])] == inside
    assert [source.stem for source in named(["memory://logs/*.txt", "memory://logs/b.jsonl"])] == ["f.txt", "b"]
    assert named(["memory://logs/a.jsonl.gz"])[0].stem == "a"


def test_a_local_file_by_its_url(tmp_path):
    """`file://` is the same bytes as the path."""
    (tmp_path / "chats.jsonl.gz").write_bytes(gzip.compress(LINES))
    url = f"file://{tmp_path}/chats.jsonl.gz"
    assert [record.value["n"] for record in read(url)] == [0, 1, 2, 3, 4]
    assert read(url)[4].place == f"{url}:5"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("memory://nothing.jsonl", "memory://nothing.jsonl: there is no such object"),
        ("nowhere://bucket/x.jsonl", "nowhere://bucket/x.jsonl: there is no such protocol"),
        ("memory://empty", "holds nothing that ends in .json, .jsonl, .ndjson, .parquet"),
        ("memory://nothing/*.jsonl", "there is no such object"),
        ("http://127.0.0.1:9/x.jsonl?token=SECRET", r"x.jsonl\?token=…: can't be read \(ClientConnectorError"),
    ],
)
def test_what_is_not_there_is_said_at_once(memory, url, says):
    """With a remedy, before anything is read."""
    memory.mkdir("/empty")
    with pytest.raises(UserError, match=says) as error:
        named([url])
    assert error.value.remedy
    assert "SECRET" not in str(error.value)


def test_a_protocol_whose_library_is_missing_says_which(monkeypatch):
    """fsspec's own word for it, and how it is installed."""

    def without(*_, **__):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", without)
    with pytest.raises(UserError, match=r"Install s3fs to access S3.*pip install s3fs"):
        named(["s3://bucket/x.jsonl"])


def test_without_fsspec_the_extra_is_named(monkeypatch):
    """Who has the core alone learns what to install."""
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(UserError, match=r"pip install 'proutt\[cloud\]'"):
        named(["s3://bucket/x.jsonl"])


# How it is read


@pytest.mark.parametrize("ranged", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_over_http(ranged, pack):
    """Whether or not the server gives pieces, packed or not."""
    with serving(Objects({"/logs/chats.jsonl": pack(LINES)}, ranged)) as server:
        found = read(f"{server.url}/logs/chats.jsonl")
    assert [record.value["n"] for record in found] == [0, 1, 2, 3, 4]
    assert found[0].place.endswith("/logs/chats.jsonl:1")


def test_a_folder_of_a_web_server():
    """A URL that ends in a slash is a page of links."""
    held = {"/logs/b.jsonl": LINES, "/logs/a.jsonl": LINES, "/logs/c.txt": b"x"}
    with serving(Objects(held)) as server:
        assert [source.stem for source in named([f"{server.url}/logs/"])] == ["a", "b"]


def test_of_a_table_only_the_wanted_columns_are_fetched():
    """Row group by row group; never the whole."""
    data = wide_table()
    with serving(Objects({"/t.parquet": data})) as server:
        (source,) = named([f"{server.url}/t.parquet"])
        found = list(records(source, io.BytesIO()))
        sent = server.sent
    assert [record.value["id"] for record in found] == [str(each) for each in range(100)]
    assert len(data) > 9_000_000
    assert sent < len(data) * 0.75  # one block to look at its beginning, then the columns alone


def test_a_table_of_a_server_that_gives_no_pieces():
    """It goes through a temporary file."""
    data = wide_table()
    with serving(Objects({"/t.parquet": data}, ranged=False)) as server:
        assert len(read(f"{server.url}/t.parquet")) == 100


def test_a_cut_table_is_an_error_of_ours(memory):
    """As in a file."""
    memory.pipe("/t.parquet", wide_table()[:-100])
    with pytest.raises(UserError, match="the Parquet data is damaged"):
        read("memory://t.parquet")


@pytest.mark.parametrize("name", ["t.parquet", "chats.jsonl"])
def test_an_object_that_goes_away_while_it_is_read(memory, monkeypatch, name):
    """What the file system raises at a read is an error of ours, and its secrets stay out."""
    memory.pipe(f"/{name}", wide_table() if name == "t.parquet" else LINES)
    (source,) = named([f"memory://{name}"])

    def gone(*_):
        raise RuntimeError("lost https://user:pass@host/x?sig=SECRET at once")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.read", gone, raising=False)
    with pytest.raises(UserError, match=r"lost https://host/x\?sig=… at once") as error:
        list(records(source, io.BytesIO(), whole=True))
    assert error.value.__cause__ is None


def test_dialogues_of_a_key_that_is_wrong_and_of_one_that_is_right(chat):
    """A signed URL is read; refused, it is shown without its signature."""
    with serving(Objects({"/chats.jsonl": json.dumps(chat()).encode()}, key="SECRET")) as server:
        (dialogue,) = read_dialogues([f"{server.url}/chats.jsonl?token=SECRET"])
        with pytest.raises(UserError, match="can't be read: there is no permission") as error:
            list(read_dialogues([f"{server.url}/chats.jsonl?token=STALE"]))
    assert dialogue.id == "a"
    assert "SECRET" not in dialogue.source
    assert "STALE" not in str(error.value)


def test_credentials_in_the_url_of_a_bucket_are_refused():
    """s3fs and gcsfs take them for the bucket's name; the protocol of a chain is its last."""
    for url in ("s3://key:SECRET@bucket/x.jsonl", "simplecache::gs://SECRET@bucket/x.jsonl"):
        with pytest.raises(UserError, match="such a URL holds no credentials") as error:
            named([url])
        assert error.value.where.endswith("://bucket/x.jsonl")


def test_a_request_that_nobody_waits_for_is_not_logged(memory, caplog):
    """s3fs leaves some behind when a server goes away; asyncio would show a traceback of each."""
    memory.pipe("/chats.jsonl", LINES)
    assert len(read("memory://chats.jsonl")) == 5
    fsspec.asyn.get_loop().call_exception_handler({"message": "Task exception was never retrieved"})
    assert caplog.text == ""


class HttpError(Exception):
    """As gcsfs has it."""

    code = 401


@pytest.mark.parametrize(
    "error", [HttpError("Anonymous caller"), OSError("Forbidden: https://x\nno"), PermissionError()]
)
def test_refusals_by_any_name(error):
    """Each library has its own."""
    with (
        pytest.raises(UserError, match="can't be read: there is no permission"),
        our_errors("gs://b/x"),
    ):
        raise error


# What is shown


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://user:pass@host/a.jsonl?token=x&part=1", "https://host/a.jsonl?token=…&part=…"),
        ("https://ghp_key@host/a.jsonl?KEY", "https://host/a.jsonl?…"),
        ("sftp://user:pass@host/a.jsonl", "sftp://host/a.jsonl"),
        ("simplecache::https://user:pass@host/a?sig=x", "simplecache::https://host/a?sig=…"),
        ("s3://bucket/part-?.parquet", "s3://bucket/part-?.parquet"),
        ("abfs://container@account.dfs.core.windows.net/x", "abfs://container@account.dfs.core.windows.net/x"),
        ("logs/a=b?c=d.jsonl", "logs/a=b?c=d.jsonl"),
    ],
)
def test_what_of_a_url_is_shown(url, seen):
    """No password, no value of a query; what is no secret stays."""
    assert shown(url) == seen
    assert shown(seen) == seen


_WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1)


@given(_WORDS, _WORDS, st.lists(st.tuples(_WORDS, _WORDS), max_size=3))
def test_no_secret_is_ever_shown(user, password, query):
    """Whatever the secrets are."""
    secret = [f"<{each}>" for each in (password, *(value for _, value in query))]
    asked = "&".join(f"{name}={value}" for (name, _), value in zip(query, secret[1:], strict=True))
    url = f"https://{user}:{secret[0]}@host/a.jsonl?{asked}"
    assert is_url(url)
    assert not any(each in shown(url) for each in secret)


def test_what_of_urls_in_a_text_is_shown():
    """A place after a URL stays; a URL that was taken for a path, and lost a slash, is one all the same."""
    assert shown_in("https://h/a.jsonl?token=…:12: bad") == "https://h/a.jsonl?token=…:12: bad"
    assert shown_in("https:/u:p@h/a.jsonl?token=x is no file") == "https://h/a.jsonl?token=… is no file"
    assert shown_in("run:/a and 3:/4 are no URLs") == "run:/a and 3:/4 are no URLs"
