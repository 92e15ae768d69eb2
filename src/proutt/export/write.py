"""Writing an export: rows, a side file of metadata for each part, what trainers need beside them, a card, a manifest.

Pairs stream through once: rows are written aside in the order in which they come, then, when every dialogue's part is
known, dealt out to the parts. Memory does not grow with the rows; a split keeps about 3 KB a dialogue.
"""

from __future__ import annotations

import contextlib
import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt import __version__
from proutt.errors import UserError
from proutt.export.card import CARD, card_text
from proutt.export.example import Example, example_of
from proutt.export.folder import MANIFEST, HashedFile, aside, earlier_files, file_hash, put_in_place
from proutt.export.formats import FORMATS, Format
from proutt.export.left_out import ONE_SIDE, TAKEN_BY, left_out_reason
from proutt.export.manifest import Tally
from proutt.export.neutral import without_surrogates
from proutt.export.parquet import write_parquet
from proutt.export.prompt import Instruction, instruction_version
from proutt.export.reading.textpair import TextPair
from proutt.export.sides import Sides
from proutt.export.split import PARTS, Split
from proutt.export.trainers import Training, enough_tokens
from proutt.methods.record import PreferencePair
from proutt.quality.tokens import ESTIMATE, TokenCounter

#: Line ends that JSON allows inside a string but that line-based readers trip over.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What is exported and how.

    format       a key of FORMATS
    split        None: rows stay in the part that their file was; those of a run are all "train"
    parquet      every part as a table, too
    base_model   fills the model's field in trainer configurations; None leaves it to be filled in
    tokens       counts the longest row, which decides the length to train with
    """

    format: str
    instruction: Instruction = "structured"
    split: Split | None = None
    include_unverified: bool = False
    include_personal: bool = False
    parquet: bool = False
    base_model: str | None = None
    tokens: TokenCounter = ESTIMATE


def export_pairs(pairs: Iterable[PreferencePair | TextPair], out: Path, settings: ExportSettings) -> dict[str, Any]:
    """Write the pairs into the folder `out` and return the manifest that was written beside them.

    Raises UserError where a file would have no row, or where `out` holds files of these names that are no export or
    that were changed since.
    """
    target = FORMATS[settings.format]
    if settings.parquet and target.records:
        raise UserError(
            f"rows of {settings.format!r} make no table: topics are keys there, other ones in each row.",
            where="--parquet",
            remedy="Leave it out, or export another format.",
        )
    about = {"instruction": settings.instruction, "instruction_version": instruction_version()}
    marked = ((example_of(pair, settings.instruction), ()) for pair in pairs)
    return export_examples(marked, out, settings, lambda: about)


def export_examples(
    examples: Iterable[tuple[Example, Sequence[str]]],
    out: Path,
    settings: ExportSettings,
    about: Callable[[], Mapping[str, Any]],
) -> dict[str, Any]:
    """The same of examples, those of one dialogue one after the other.

    examples  each with marks of its dialogue: dialogues with a mark in common stay on one side of a split
    about     what the manifest says of how rows were made; asked when all examples have gone by
    """
    target = FORMATS[settings.format]
    earlier = earlier_files(out, [*_data_files(), *target.file_names, CARD, MANIFEST], every_name())
    with aside(out) as folder:
        with _Draft(folder, target, settings) as draft:
            for example, marks in examples:
                draft.add(example, marks)
        manifest = draft.finish(about())
        put_in_place(folder, out, earlier, manifest)
    return manifest


def every_name() -> frozenset[str]:
    """Every file name that an export of any format gives; nothing else is ever removed."""
    beside = (name for each in FORMATS.values() for name in each.file_names)
    return frozenset([*_data_files(), *beside, CARD])


def _data_files() -> list[str]:
    endings = (".jsonl", ".meta.jsonl", ".parquet", ".meta.parquet")
    return [f"{part}{ending}" for part in PARTS for ending in endings]


class _Draft:
    """Rows on their way: `rows` and `meta` hold them line by line as they came, `_of` the number of their dialogue."""

    def __init__(self, folder: Path, target: Format, settings: ExportSettings) -> None:
        self._folder, self._target, self._settings = folder, target, settings
        self._tally = Tally(settings.tokens.tokens)
        self._sides = None if settings.split is None else Sides(settings.split)
        self._of: array[int] = array("I")
        self._keys: dict[str, int] = {}
        self._files: dict[str, HashedFile] = {}
        self._last_only = False

    def __enter__(self) -> _Draft:
        self._rows = (self._folder / "rows").open("w", encoding="utf-8", newline="\n")
        self._meta = (self._folder / "meta").open("w", encoding="utf-8", newline="\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._meta.close()

    def add(self, example: Example, marks: Sequence[str] = ()) -> None:
        tally = self._tally
        tally.read += 1
        reason = left_out_reason(
            example,
            self._target,
            include_unverified=self._settings.include_unverified,
            include_personal=self._settings.include_personal,
        )
        if reason is not None:
            tally.left_out[reason] += 1
            return
        texts = example.texts
        key = f"dialogue {texts.dialogue_id}" if texts.dialogue_id is not None else f"row {tally.read}"
        side = key if self._sides is not None else (texts.part or "train")
        if self._sides is not None:
            self._sides.add(key, example, marks)
        number = self._keys.setdefault(side, len(self._keys))
        tally.count(key, example)
        self._last_only = self._last_only or example.last_only
        for row in self._target.rows(example):
            self._rows.write(json_line(row))
            self._meta.write(json_line(_meta(example, row)))
            self._of.append(number)

    def finish(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Deal the rows out, write what stands beside them, and return the manifest; about: its part on how."""
        _refuse_empty(self._tally)
        parts = self._deal()
        _refuse_empty_part(self._settings.split, self._tally)
        tables = [f"{part}{kind}" for part in parts for kind in ("", ".meta")] if self._settings.parquet else []
        for name in tables:
            write_parquet(self._folder / f"{name}.jsonl", self._folder / f"{name}.parquet")
        estimated, longest = self._settings.tokens.estimated, self._tally.longest_tokens
        training = Training(
            enough_tokens(longest, estimated=estimated),
            longest,
            estimated,
            self._settings.base_model,
            parts,
            self._last_only,
        )
        manifest = self._manifest(training, about)
        beside = self._target.files(training)
        for name, text in {**beside, CARD: card_text(manifest, sorted(beside))}.items():
            with HashedFile(self._folder / name) as file:
                file.write(text)
            manifest["files"][name] = {"sha256": file.sha256}
        manifest["files"] = dict(sorted(manifest["files"].items()))
        return manifest

    def _deal(self) -> tuple[str, ...]:
        """Every row into the file of its part; the parts that have one, in their order."""
        part_of = [key if self._sides is None else self._sides.part_of(key) for key in self._keys]
        with contextlib.ExitStack() as stack:
            rows = stack.enter_context((self._folder / "rows").open(encoding="utf-8", newline="\n"))
            meta = stack.enter_context((self._folder / "meta").open(encoding="utf-8", newline="\n"))
            for part in PARTS:
                if part in part_of:
                    for name in (f"{part}.jsonl", f"{part}.meta.jsonl"):
                        self._files[name] = stack.enter_context(HashedFile(self._folder / name))
            for number, row, line in zip(self._of, rows, meta, strict=True):
                part = part_of[number]
                place = {"row": self._tally.rows[part]}
                self._files[f"{part}.jsonl"].write(row)
                self._files[f"{part}.meta.jsonl"].write(json_line(place | json.loads(line)))
                self._tally.rows[part] += 1
        for name in ("rows", "meta"):
            (self._folder / name).unlink()
        return tuple(part for part in PARTS if part in part_of)

    def _manifest(self, training: Training, about: Mapping[str, Any]) -> dict[str, Any]:
        settings, counter = self._settings, self._settings.tokens
        files = {name: {"rows": file.lines, "sha256": file.sha256} for name, file in self._files.items()}
        for name in [each.replace(".jsonl", ".parquet") for each in files] if settings.parquet else []:
            lines = files[name.replace(".parquet", ".jsonl")]
            files[name] = {"rows": lines["rows"], "sha256": file_hash(self._folder / name)}
        manifest: dict[str, Any] = {
            "proutt": __version__,
            "format": settings.format,
            "license": None,
            **about,
            "split": self._split(),
            **self._tally.as_json(),
            "tokens": {
                "counted_with": counter.name,
                "longest_row": training.longest,
                "max_length": training.max_length,
            },
            "files": files,
        }
        return {**manifest, **about}  # what dialogues say of their models stands where pairs say it

    def _split(self) -> dict[str, Any] | None:
        split = self._settings.split
        if split is None or self._sides is None:
            return None
        return {
            "shares": list(split.shares),
            "seed": split.seed,
            "by": "dialogue",
            "near_duplicates": self._sides.summary(),
        }


def _meta(example: Example, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the side file says of a row; where a pair has two, whether it is the chosen side's."""
    texts, record = example.texts, example.record
    label = row.get("label", row.get("kto_tag"))
    return {
        "id": texts.id,
        "dialogue_id": texts.dialogue_id,
        "k": texts.k,
        "language": texts.language,
        "branch": None if record is None else record.branch,
        "j_max": None if record is None else record.j_max,
        "verified": None if record is None else record.verified,
        **({} if label is None else {"label": label}),
    }


def json_line(row: Mapping[str, Any]) -> str:
    """One object as one line that every reader takes: no lone surrogate, nothing inside that ends a line."""
    line = without_surrogates(json.dumps(row, ensure_ascii=False))
    return (line if line.isascii() else line.translate(_LINE_ENDS)) + "\n"


def _refuse_empty(tally: Tally) -> None:
    """A file without a row trains nothing and says nothing: say here why it would have none."""
    if tally.read == 0:
        raise UserError(
            "nothing to export: the run has no pairs.", remedy="See its summary.json for what became of them."
        )
    if tally.exported == 0:
        reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(tally.left_out.items()))
        options = " ".join(option for reason, option in TAKEN_BY.items() if tally.left_out[reason])
        for_sft = "They are for SFT only: --to trl-sft, or another SFT format."
        others = for_sft if tally.left_out[ONE_SIDE] == tally.read else "Read them with `proutt show`."
        remedy = f"Take them with {options}." if options else others
        raise UserError(f"nothing to export: {tally.read} pairs were read and all left out ({reasons}).", remedy=remedy)


def _refuse_empty_part(split: Split | None, tally: Tally) -> None:
    for part in () if split is None else split.parts:
        if not tally.rows[part]:
            raise UserError(
                f"no dialogue fell into {part!r} of {tally.exported} pairs.",
                where="--split",
                remedy="Whole dialogues are split, near-duplicates together: give it a larger share, another --seed, "
                "or leave --split out.",
            )
