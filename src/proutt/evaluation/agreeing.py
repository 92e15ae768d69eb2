"""`proutt evaluate agreement`: files of verdicts and of scores in, agreement of their raters out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.agreement_tables import agreement_tables
from proutt.evaluation.people import BatchKey, Item, item_of, raters_of
from proutt.evaluation.raters import verdict_agreement
from proutt.evaluation.record import ScoreRecord, VerdictRecord
from proutt.evaluation.scorers import Suggestion, of_first_run, score_agreement, scorers_of, suggestion_of
from proutt.evaluation.stored import AGREEMENT, CASES, SCORES, VERDICTS, read_lines
from proutt.evaluation.tables import Table, as_csv, as_latex, as_markdown


@dataclass
class _Read:
    """What the files hold, and what data set each thing that was judged is of."""

    verdicts: list[VerdictRecord] = field(default_factory=list)
    scores: list[ScoreRecord] = field(default_factory=list)
    compared: dict[Item, str] = field(default_factory=dict)
    scored: dict[Suggestion, str] = field(default_factory=dict)
    batches: dict[Item, BatchKey] = field(default_factory=dict)


def agreement_of(paths: Sequence[Path], *, gate: float) -> tuple[dict[str, Any], list[Table]]:
    """Agreement over the verdicts and scores of these files, or of those in these folders.

    Raises UserError where fewer than two raters judged one thing, or a line is neither verdict nor score.
    """
    read = _Read()
    for path in paths:
        for file in _files(path):
            _add(read, file)
    raters, scorers = raters_of(read.verdicts), scorers_of(read.scores)
    results: dict[str, Any] = {
        "gate": gate,
        "groups": verdict_agreement(raters, read.compared, read.batches, gate=gate),
        "scores": score_agreement(scorers, read.scored),
    }
    if not any(group["pairs"] for name in ("groups", "scores") for group in results[name]):
        names = dict.fromkeys([*(each.name for each in raters), *(each.name for each in scorers)])
        raise UserError(
            f"no two raters have judged the same (there are: {', '.join(names) or 'nobody'}).",
            where=", ".join(str(path) for path in paths),
            remedy="Give verdicts, or scores, of two or more on the same predictions.",
        )
    return results, agreement_tables(results)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [path / name for name in (VERDICTS, SCORES) if (path / name).is_file()]
    return found or [path / VERDICTS]


def _add(read: _Read, file: Path) -> None:
    known, runs = _cases(file.parent / CASES)
    other = file.parent.resolve().name
    if _holds_scores(file):
        for score in of_first_run(list(read_lines(file, ScoreRecord)), runs):
            read.scores.append(score)
            read.scored.setdefault(suggestion_of(score), known.get((score.dialogue_id, score.k), other))
        return
    for verdict in read_lines(file, VerdictRecord):
        item = item_of(verdict)
        read.verdicts.append(verdict)
        read.compared.setdefault(item, known.get((verdict.dialogue_id, verdict.k), other))
        if verdict.batch is not None:
            read.batches.setdefault(item, (str(file), verdict.batch))


def _holds_scores(file: Path) -> bool:
    """By its first line. A file that can't be read is left to those who read it."""
    try:
        with file.open(encoding="utf-8") as lines:
            first = json.loads(next(lines, "null"))
    except (OSError, ValueError):
        return file.name == SCORES
    return isinstance(first, dict) and "score" in first


def _cases(path: Path) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], dict[str, int]]]:
    """Of each test case, its data set, and how many evaluations of each system there are."""
    rows = list(_rows(path)) if path.is_file() else []
    datasets = {(row["dialogue_id"], row["k"]): row["dataset"] for row in rows}
    runs = {
        (row["dialogue_id"], row["k"]): {name: max(1, len(each)) for name, each in row.get("lengths", {}).items()}
        for row in rows
    }
    return datasets, runs


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def agreement_in(folder: Path) -> dict[str, Any]:
    """What `write_agreement` wrote. Raises UserError where it is not that."""
    path = folder / AGREEMENT
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        agreement_tables(found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        remedy = "Run proutt evaluate agreement again."
        raise UserError("is not what proutt evaluate agreement writes.", where=str(path), remedy=remedy) from error
    return found


def write_agreement(folder: Path, results: Mapping[str, Any], tables: Sequence[Table]) -> None:
    """Write results and tables into a folder. Raises UserError where that can't be done."""
    files = {
        AGREEMENT: json.dumps(results, ensure_ascii=False, indent=2) + "\n",
        "agreement.md": as_markdown(tables),
        "agreement.tex": as_latex(tables),
        **{f"{table.name}.csv": as_csv(table) for table in tables},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error
