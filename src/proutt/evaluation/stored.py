"""An evaluation's folder: what was judged, and everything that follows from it without a call.

scores.jsonl or verdicts.jsonl  every judgement; failures.jsonl: questions without one
cases.jsonl, evaluation.json    the test cases, and what was evaluated by whom
results.json, tables.md, tables.tex, *.csv   rebuilt from these, the same to the last byte
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from proutt.errors import UserError
from proutt.evaluation import pairwise, pointwise
from proutt.evaluation.pointwise import CaseLine
from proutt.evaluation.record import ScoreRecord, VerdictRecord
from proutt.evaluation.tables import Table, as_csv, as_latex, as_markdown, tables_of

SCORES, VERDICTS, CASES, FACTS, FAILURES = (
    *("scores.jsonl", "verdicts.jsonl", "cases.jsonl"),
    *("evaluation.json", "failures.jsonl"),
)
RESULTS, MARKDOWN, LATEX = "results.json", "tables.md", "tables.tex"
#: What `proutt evaluate agreement` writes.
AGREEMENT = "agreement.json"

RecordT = TypeVar("RecordT", bound=BaseModel)


class _CaseRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dialogue_id: str
    k: int
    language: str
    dataset: str
    lengths: dict[str, list[list[int]]]


def derived(folder: Path) -> tuple[dict[str, Any], list[Table], dict[str, str]]:
    """Results, tables and the files that hold them (name → text), from what is stored. Raises UserError."""
    facts = facts_in(folder)
    lines = [CaseLine(**row.model_dump()) for row in read_lines(folder / CASES, _CaseRow)]
    if facts["kind"] == "pointwise":
        scores = read_lines(folder / SCORES, ScoreRecord)
        found = pointwise.results(lines, scores, matters=facts["matters"], hit=facts["hit"])
    else:
        verdicts = read_lines(folder / VERDICTS, VerdictRecord)
        found = pairwise.results(lines, verdicts, both=facts["orders"] == "both", matters=facts["matters"])
    results = {"evaluation": facts, "results": found}
    tables = tables_of(facts["kind"], found)
    return results, tables, files_of(results, tables)


def files_of(results: Mapping[str, Any], tables: Sequence[Table]) -> dict[str, str]:
    """The files that hold results and tables: name → text."""
    return {
        RESULTS: json.dumps(results, ensure_ascii=False, indent=2) + "\n",
        MARKDOWN: as_markdown(tables),
        LATEX: as_latex(tables),
        **{f"{table.name}.csv": as_csv(table) for table in tables},
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write derived files into a folder. Raises UserError where that can't be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error


def rebuilt(folder: Path) -> tuple[dict[str, Any], list[Table]]:
    """Write results and tables anew from what is stored; no call is made. Raises UserError."""
    results, tables, files = derived(folder)
    for name, text in files.items():
        draft = folder / f".{name}.new"
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(folder / name)
    return results, tables


def facts_in(folder: Path) -> dict[str, Any]:
    """What was evaluated by whom. Raises UserError where the folder is no evaluation's."""
    try:
        found: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Name the --out of proutt evaluate, pointwise or pairwise."
        if (folder / AGREEMENT).is_file():
            remedy = "It holds an agreement: run proutt evaluate agreement again."
        raise UserError("is no evaluation.", where=str(folder), remedy=remedy) from error
    return found


def read_lines(path: Path, kind: type[RecordT]) -> Iterator[RecordT]:
    """The records of a JSON Lines file. Raises UserError, naming file and line, where a line is none."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield kind.model_validate_json(line)
                except ValidationError as error:
                    first = error.errors()[0]
                    place = ".".join(str(part) for part in first["loc"])
                    what = f"not a line of {path.name}: {place} {first['msg']}."
                    raise UserError(what, where=f"{path}:{number}", remedy="Give the file as it was written.") from None
    except OSError as error:
        raise UserError(f"can't be read ({error.strerror}).", where=str(path), remedy="Name an evaluation.") from error


def object_in(path: Path) -> dict[str, Any]:
    """The JSON object of a file that may be missing; an empty one where it is, or holds none."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def first_fields(path: Path) -> frozenset[str]:
    """The fields of the first line of a JSON Lines file; none where there is no such line."""
    try:
        with path.open(encoding="utf-8") as lines:
            found: Any = json.loads(lines.readline())
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()


def as_lines(rows: Iterable[Mapping[str, Any] | BaseModel]) -> Callable[[], Iterator[str]]:
    """Rows as JSON Lines."""
    kept = list(rows)

    def lines() -> Iterator[str]:
        for row in kept:
            yield (row.model_dump_json() if isinstance(row, BaseModel) else json.dumps(row, ensure_ascii=False)) + "\n"

    return lines
