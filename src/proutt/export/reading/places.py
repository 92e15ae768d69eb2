"""Which files a path names, and what their names and the files beside them tell about their rows.

A path is a run, an export of ours (its manifest and side files tell each row's dialogue), a folder of LLaMA-Factory
(`dataset_info.json` names files and columns), any other folder of data files, one file, a URL,
`-`, or `hf:owner/name`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from proutt.dialogue.sources import Source, is_url, named, records, shown
from proutt.errors import UserError
from proutt.runs.pairs import JOURNAL, PAIRS, pairs_file

MANIFEST = "manifest.json"
DATASET_INFO = "dataset_info.json"
SIDE_FILE = ".meta.jsonl"

_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "eval"), "validation"),
    "test": "test",
}
_PART = re.compile(rf"(?:^|[-_.])({'|'.join(_PARTS)})(?:$|[-_.])")
#: how a part is called in `export/parts.py`
_IN_PARTS = re.compile(r"-\d{5,}-of-\d{5,}-[0-9a-f]{12}\.(?:jsonl|parquet|meta\.jsonl)$")
#: what LLaMA-Factory calls columns → what its rows call them when nothing is renamed
_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output"}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of rows.

    format   the shape of its rows where the place tells it
    part     which part of a split it is, by its name
    side     the file that tells the dialogue and K of each row
    columns  what its columns are called → what the readers call them
    may_be_empty  no row is no error: a run may have made no pair
    """

    source: Source
    format: str | None = None
    part: str | None = None
    side: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    may_be_empty: bool = False


def data_files(path: str | Path) -> list[DataFile]:
    """The files that a path names, in order. Raises UserError where there are none."""
    if is_url(str(path)):
        return _behind_url(str(path))
    place = Path(path)
    if str(path) == "-" or str(path).startswith("hf:"):
        return [DataFile(source) for source in named([str(path)])]
    if place.is_dir():
        return _in_folder(place)
    if place.name == PAIRS:
        return [DataFile(Source("file", str(pairs_file(place))), "pairs", may_be_empty=True)]
    return [_beside_manifest(place, source) for source in named([str(path)])]


def _behind_url(url: str) -> list[DataFile]:
    """Objects of rows: of an export of ours those that its manifest lists, else all that are no side file."""
    by_name = {os.path.basename(source.name.partition("?")[0]): source for source in named([url])}
    own = os.path.basename(url.partition("?")[0].rstrip("/"))
    if own in by_name or re.search(r"[*?\[]", own):  # named one by one
        return [DataFile(source, part=part_of(source.stem)) for source in by_name.values()]
    listed = _listed_in(by_name[MANIFEST]) if MANIFEST in by_name else None
    _refuse_half(by_name, listed, url)
    rows = _files_of_rows([name for name in by_name if listed is None or name in listed])
    if not rows:
        raise UserError("holds no rows.", where=shown(url), remedy="Name an export, or a data file.")
    return [DataFile(by_name[name], part=part_of(by_name[name].stem)) for name in rows]


def _listed_in(source: Source) -> Collection[str] | None:
    """The files that a manifest of ours lists; None where it is another tool's."""
    first = next(records(source, BytesIO(), whole=True), None)
    value = first.value if first is not None and isinstance(first.value, dict) else {}
    return value["files"].keys() if "proutt" in value and isinstance(value.get("files"), dict) else None


def is_part(name: str) -> bool:
    """Whether a file is called as those of an export in parts are."""
    return _IN_PARTS.search(name) is not None


def _refuse_half(names: Collection[str], listed: Collection[str] | None, where: str) -> None:
    """Parts of an export without the manifest that comes last are not all of it, nor is less than it lists of them."""
    lost = names if listed is None else [each for each in listed if each not in names and not each.endswith(SIDE_FILE)]
    if any(is_part(name) for name in lost):
        remedy = f"Give its `proutt export --parts-to` again, which writes {MANIFEST} at its end; or name a part."
        raise UserError("holds parts of an export that is not whole.", where=shown(where), remedy=remedy)


def _in_folder(folder: Path) -> list[DataFile]:
    if (folder / PAIRS).is_file() or (folder / JOURNAL).exists():
        return [DataFile(Source("file", str(pairs_file(folder))), "pairs", may_be_empty=True)]
    if manifest := export_manifest(folder):
        _refuse_half({path.name for path in folder.iterdir()}, manifest["files"], str(folder))
    listed = _exported(folder)
    if listed:
        return [_exported_file(folder / name) for name in listed]
    if (folder / DATASET_INFO).is_file():
        return _of_dataset_info(folder)
    own = {MANIFEST, DATASET_INFO}
    sources = [
        source
        for source in named([str(folder)])
        if Path(source.name).name not in own and not source.name.endswith(SIDE_FILE)
    ]
    _refuse_half({Path(source.name).name for source in sources}, None, str(folder))
    if not sources:
        raise UserError("the folder holds no rows.", where=str(folder), remedy="Name a run, an export, or a data file.")
    return [DataFile(source, part=part_of(source.stem)) for source in sources]


def part_of(stem: str) -> str | None:
    """Which part of a split a file holds by its name: `test`, `train-00000-of-00002`, `pref_val`, ..."""
    match = _PART.search(stem.casefold())
    return _PARTS[match[1]] if match else None


def _beside_manifest(place: Path, source: Source) -> DataFile:
    """A file named directly: what its own folder's manifest tells of it holds here too."""
    if place.name in _exported(place.parent):
        return _exported_file(place)
    return DataFile(source, part=part_of(source.stem))


def _exported_file(place: Path) -> DataFile:
    source = Source("file", str(place))
    side = place.with_name(source.stem + SIDE_FILE)
    return DataFile(source, part=part_of(source.stem), side=side if side.is_file() else None)


def export_manifest(path: Path) -> dict[str, Any] | None:
    """The manifest of an export of ours, of its folder or of a file in it; None where there is no such manifest."""
    manifest = _json((path if path.is_dir() else path.parent) / MANIFEST)
    ours = isinstance(manifest, dict) and "proutt" in manifest and isinstance(manifest.get("files"), dict)
    return manifest if ours else None


def _exported(folder: Path) -> list[str]:
    """The files of rows of an export of ours, by its manifest; none where there is no such manifest.

    Where a part was written twice, as lines and as a table, the lines are read.
    """
    manifest = export_manifest(folder)
    if manifest is None:
        return []
    return _files_of_rows([name for name in manifest["files"] if "/" not in name and (folder / name).is_file()])


def _files_of_rows(names: Iterable[str]) -> list[str]:
    """Of an export's files those of rows, in the order of the parts."""
    rows = [
        name
        for name in names
        if name.endswith((".jsonl", ".json", ".parquet"))
        and not name.endswith(SIDE_FILE)
        and name not in {DATASET_INFO, MANIFEST}
    ]
    by_stem: dict[str, str] = {}
    for name in sorted(rows, key=lambda name: name.endswith(".parquet")):
        by_stem.setdefault(name.split(".")[0], name)
    order = list(dict.fromkeys(_PARTS.values()))
    return sorted(by_stem.values(), key=lambda name: (_position(order, part_of(name.split(".")[0])), name))


def _position(order: list[str], part: str | None) -> int:
    return order.index(part) if part in order else len(order)


def _of_dataset_info(folder: Path) -> list[DataFile]:
    info = _json(folder / DATASET_INFO)
    if not isinstance(info, dict):
        raise UserError("is no JSON object.", where=str(folder / DATASET_INFO), remedy="Mend it, or name a data file.")
    files: dict[str, DataFile] = {}
    for entry in info.values():
        name = entry.get("file_name") if isinstance(entry, dict) else None
        if isinstance(name, str) and _inside(name) and (folder / name).is_file():
            source = Source("file", str(folder / name))
            files.setdefault(name, DataFile(source, part=part_of(source.stem), columns=_renamed(entry.get("columns"))))
    if not files:
        raise UserError(
            "names no file that is here.", where=str(folder / DATASET_INFO), remedy="Name the data file itself."
        )
    return list(files.values())


def _inside(name: str) -> bool:
    """Whether a name stays in its folder: a data set from elsewhere doesn't get to name other files of this machine."""
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _renamed(columns: Any) -> dict[str, str]:
    """The file's own column names → those that the readers know."""
    if not isinstance(columns, dict):
        return {}
    return {own: _COLUMNS.get(str(name), str(name)) for name, own in columns.items() if isinstance(own, str)}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
