"""An export in parts of so many rows, in a folder or behind a URL, for data that no reader takes in one piece.

    train-00000-of-00003-1f0c5a7be2d4.parquet    rows; train-00000-of-00003-1f0c5a7be2d4.meta.jsonl  a line for each
    manifest.json                                last: which parts there are, their rows and SHA-256

A part's name has a hash of what is in it: a part that is there is not sent again, after a kill too. Where there is no
manifest, or one that lists other parts, the export is not whole.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from proutt.dialogue.sources import shown
from proutt.errors import UserError
from proutt.export.folder import MANIFEST, HashedFile, file_hash
from proutt.export.reading.places import is_part
from proutt.export.split import PARTS
from proutt.export.store import Store, store_of

#: Rows of a part where nothing else is asked for.
PART_ROWS = 100_000
#: Characters of the hash in a part's name.
_HASH_CHARS = 12


@dataclass(frozen=True, slots=True)
class Put:
    """What came of it. sent: files that were not there before; kept: those that were."""

    manifest: dict[str, Any]
    sent: int
    kept: int


def put_in_parts(folder: Path, manifest: Mapping[str, Any], to: str, *, rows: int = PART_ROWS) -> Put:
    """Write an export's rows as parts of at most so many rows, the manifest last; then remove all other parts, those of
    an earlier export and of a killed one.

    folder, manifest  an export as `export_pairs` wrote it; where it has tables, the parts are tables
    to                a folder, or a URL
    Raises UserError where `to` holds a manifest that is of no export in parts, or can't be written to.
    """
    store = store_of(to)
    _refuse_foreign(store, to)
    files: dict[str, dict[str, Any]] = {}
    sent = 0
    with tempfile.TemporaryDirectory(prefix="proutt-parts-") as place:
        for part in (part for part in PARTS if f"{part}.jsonl" in manifest["files"]):
            for names in _cut(folder, part, manifest["files"], Path(place), rows):
                for name, (file, entry) in names.items():
                    files[name] = entry
                    if store.size(name) != file.stat().st_size:
                        store.put(file, name)
                        sent += 1
                    file.unlink()
        whole = {**manifest, "part_rows": rows, "files": dict(sorted(files.items()))}
        listed = Path(place) / MANIFEST
        listed.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
        store.put(listed, MANIFEST)
    for name in store.names():
        if is_part(name) and name not in files:
            store.remove(name)
    return Put(whole, sent, len(files) - sent)


def _refuse_foreign(store: Store, to: str) -> None:
    """Raise UserError where the manifest that is there is of no export in parts."""
    text = store.text(MANIFEST)
    if text is None:
        return
    try:
        found = json.loads(text)
        ours = "proutt" in found and "part_rows" in found
    except (ValueError, TypeError, RecursionError):
        ours = False
    if not ours:
        remedy = "Name another folder with --parts-to."
        raise UserError(f"{MANIFEST} is there already and is of no export in parts.", where=shown(to), remedy=remedy)


def _cut(
    folder: Path, part: str, files: Mapping[str, Any], place: Path, rows: int
) -> Iterator[dict[str, tuple[Path, dict[str, Any]]]]:
    """The files of one part after the other, by their names: the local file, and what the manifest says of it."""
    total = -(-files[f"{part}.jsonl"]["rows"] // rows)
    table = f"{part}.parquet" in files
    ending = ".parquet" if table else ".jsonl"
    with ExitStack() as opened:
        lines = opened.enter_context((folder / f"{part}.jsonl").open(encoding="utf-8", newline="\n"))
        meta = opened.enter_context((folder / f"{part}.meta.jsonl").open(encoding="utf-8", newline="\n"))
        tables = _tables(folder / f"{part}.parquet", rows) if table else iter(())
        for number in range(total):
            data, beside = place / f"rows{ending}", place / "meta"
            with HashedFile(beside) as side:
                for row, line in enumerate(islice(meta, rows)):
                    side.write(json.dumps({**json.loads(line), "row": row}, ensure_ascii=False) + "\n")
            if table:
                _write_table(data, next(tables))
            else:
                with HashedFile(data) as file:
                    file.write("".join(islice(lines, rows)))
            hashes = (file_hash(data), side.sha256)
            key = sha256("".join(hashes).encode()).hexdigest()[:_HASH_CHARS]
            stem = f"{part}-{number:05}-of-{total:05}-{key}"
            yield {
                f"{stem}{ending}": (data, {"rows": side.lines, "sha256": hashes[0]}),
                f"{stem}.meta.jsonl": (beside, {"rows": side.lines, "sha256": hashes[1]}),
            }


def _tables(path: Path, rows: int) -> Iterator[Any]:
    """The rows of a table, so many at a time, under the schema of the whole."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as table:
        held = table.schema_arrow.empty_table()
        for batch in table.iter_batches(batch_size=min(rows, 1000)):
            held = pyarrow.concat_tables([held, pyarrow.Table.from_batches([batch])])
            while held.num_rows >= rows:
                yield held.slice(0, rows)
                held = held.slice(rows)
        if held.num_rows:
            yield held


def _write_table(path: Path, table: Any) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path, compression="zstd", row_group_size=1000)
