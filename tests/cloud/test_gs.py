"""Inputs and exports on a server of Google's protocol over gcsfs; where both are installed (make cloud)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gcp_storage_emulator")
gcsfs = pytest.importorskip("gcsfs")

from cloud.held import IDS, fill, objects_below  # noqa: E402
from proutt.dialogue import read_dialogues  # noqa: E402
from proutt.errors import UserError  # noqa: E402
from proutt.export.parts import put_in_parts  # noqa: E402
from proutt.export.reading import pairs_in  # noqa: E402
from runs.command import proutt as in_a_process  # noqa: E402
from runs.here import proutt  # noqa: E402
from servers.objects import Objects, serving  # noqa: E402


@pytest.fixture
def gs(gs_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """gcsfs, as the environment has it, and a bucket with dialogues. Nobody is asked for credentials."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gs_server)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    gcsfs.GCSFileSystem.clear_instance_cache()
    system = gcsfs.GCSFileSystem()
    if not system.exists("logs"):
        system.mkdir("logs")
        fill(system, "logs")
    yield system
    gcsfs.GCSFileSystem.clear_instance_cache()


@pytest.mark.parametrize("name", ["a.jsonl", "b.jsonl.gz", "t.parquet", "*.parquet", "**/c.*", "sub", "sub/"])
def test_objects_patterns_and_folders_are_read(gs: Any, name: str) -> None:
    """As on S3."""
    assert [each.id for each in read_dialogues([f"gs://logs/{name}"])] == IDS


@pytest.mark.parametrize("url", ["gs://logs/none.jsonl", "gs://logs/none/*.jsonl", "gs://none/a.jsonl"])
def test_what_is_not_there_is_an_error_with_a_remedy(gs: Any, url: str) -> None:
    """Exit code 2, one line."""
    done = proutt("dialogues", url)
    assert (done.returncode, f"{url}: there is no such object" in done.stderr) == (2, True)


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_refused_is_an_error_and_no_traceback(status: int) -> None:
    """gcsfs calls one an HttpError, which it logs with its traceback, and the other an OSError."""
    with serving(Objects({}, key="another", refusal=status)) as refusing:
        told = {"STORAGE_EMULATOR_HOST": refusing.url, "NO_GCE_CHECK": "true"}
        done = in_a_process("dialogues", "gs://logs/a.jsonl", **told)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: gs://logs/a.jsonl: can't be read: there is no permission. Give credentials")
    assert done.stderr.count("\n") == 1


def test_an_export_goes_out_in_parts_and_is_read_from_there(gs: Any, exported: Path) -> None:
    """Nothing but the parts and their manifest is there; of a misspelt bucket none is made."""
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    assert put_in_parts(exported, manifest, "gs://logs/pairs", rows=2).sent == 10
    put = put_in_parts(exported, manifest, "gs://logs/pairs", rows=3)
    assert objects_below(gs, "logs/pairs").keys() == {*put.manifest["files"], "manifest.json"}
    assert [each.chosen for each in pairs_in("gs://logs/pairs")] == [each.chosen for each in pairs_in(exported)]
    with pytest.raises(UserError, match="gs://lugs/pairs: there is no such bucket or folder"):
        put_in_parts(exported, manifest, "gs://lugs/pairs")
    assert not gs.exists("lugs")
