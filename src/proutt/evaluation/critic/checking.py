"""`proutt evaluate upc-critic`: every critic over the same responses, a run each, and what follows from them.

OUT/critics/NAME/   one critic's run: run.yaml, journal.sqlite, checks.jsonl, failures.jsonl, summary.json
OUT/results.json, tables.md, tables.tex, *.csv   of all critics
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.critic.config import CriticConfig, CriticsConfig
from proutt.evaluation.critic.record import CheckRecord, RatingRecord
from proutt.evaluation.critic.responses import Response, drawn, responses_in
from proutt.evaluation.critic.results import results_of, tables_of
from proutt.evaluation.critic.run import CHECKS, check_critic
from proutt.evaluation.stored import files_of, read_lines, write
from proutt.evaluation.tables import Table
from proutt.prompts import Role
from proutt.runs.directory import JOURNAL, SUMMARY
from proutt.runs.run import Made
from proutt.runs.session import Observer, check_models

CRITICS = "critics"
#: People's answers, as `proutt annotate` writes them.
RATINGS = "ratings.jsonl"


@dataclass(frozen=True)
class Checked:
    """What has come of it. made: each critic's run, as far as they were begun; why: what stopped it short."""

    results: dict[str, Any]
    tables: list[Table]
    made: Sequence[Made]
    complete: bool
    why: Sequence[str]

    @property
    def failed(self) -> int:
        return sum(each.summary["questions"]["failed"] for each in self.made)


def check(
    config: CriticsConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Checked:
    """Do or resume all of it. Raises UserError where there is something to mend, before anything is asked."""
    critics = config.critics_asked()
    for each in critics:
        check_models({Role.CRITIC: each.model_of_all})
    responses = chosen(config)
    ratings = [rating for folder in config.people for rating in ratings_in(Path(folder))]
    _own(out)
    folders = {each.model: out / CRITICS / each.folder for each in critics}
    retried = _retried(folders, retry_failed)
    older = [run for path in reuse for run in _runs_in(path)]
    spent = _Spent(config.max_cost, config.max_tokens)
    made: list[Made] = []
    for critic in critics:
        if spent.all:
            break
        observer.note(f"{critic.model}: {len(responses)} responses.")
        made.append(
            check_critic(
                spent.bounded(critic), responses, folders[critic.model], observer,
                reuse=older, retry_failed=retry_failed if critic.model in retried else None,
            )
        )  # fmt: skip
        spent.add(made[-1].summary)
        if not made[-1].complete:
            break
    records = [
        record
        for critic in critics
        if (folders[critic.model] / CHECKS).is_file()
        for record in read_lines(folders[critic.model] / CHECKS, CheckRecord)
    ]
    results, tables, files = derived(records, ratings)
    write(out, files)
    why = [each for run in made for each in run.why]
    if spent.all and len(made) < len(critics) and not why:
        why = ["the ceiling is reached before the last critic; raise it"]
    return Checked(results, tables, made, len(made) == len(critics) and all(each.complete for each in made), why)


def chosen(config: CriticsConfig) -> list[Response]:
    """The responses that are asked about, in their order. Raises UserError."""
    return drawn(responses_in([Path(each) for each in config.inputs]), config.limit, config.seed)


def ratings_in(path: Path) -> list[RatingRecord]:
    """What people gave, of a folder of `proutt annotate` or its file. Raises UserError where there is none."""
    file = path / RATINGS if path.is_dir() else path
    found = list(read_lines(file, RatingRecord))
    if not found:
        raise UserError("holds no rating yet.", where=str(file), remedy="Let people answer first, or leave it out.")
    return found


def derived(
    records: Sequence[CheckRecord], ratings: Sequence[RatingRecord]
) -> tuple[dict[str, Any], list[Table], Mapping[str, str]]:
    """Results, tables, and the files that hold them (name → text)."""
    results = results_of(records, ratings)
    tables = tables_of(results)
    return results, tables, files_of({"kind": "upc-critic", **results}, tables)


@dataclass
class _Spent:
    """What the critics before have cost, and what of the ceilings that leaves."""

    max_cost: float | None
    max_tokens: int | None
    cost: float = field(default=0.0, init=False)
    tokens: int = field(default=0, init=False)

    @property
    def all(self) -> bool:
        money = self.max_cost is not None and self.cost >= self.max_cost
        return money or (self.max_tokens is not None and self.tokens >= self.max_tokens)

    def bounded(self, critic: CriticConfig) -> CriticConfig:
        return critic.model_copy(
            update={
                "max_cost": None if self.max_cost is None else self.max_cost - self.cost,
                "max_tokens": None if self.max_tokens is None else self.max_tokens - self.tokens,
            }
        )

    def add(self, summary: Mapping[str, Any]) -> None:
        self.cost += summary["cost"] or 0.0
        self.tokens += summary["calls"]["prompt_tokens"] + summary["calls"]["completion_tokens"]


def _own(out: Path) -> None:
    """Raises UserError where a folder holds other things."""
    if out.exists() and not out.is_dir():
        raise UserError("is a file, not a directory.", where=str(out), remedy="Give another --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / CRITICS).is_dir():
        remedy = "Give a new or empty directory as --out."
        raise UserError("holds files that are not of a check of critics.", where=str(out), remedy=remedy)


def _retried(folders: Mapping[str, Path], reason: str | None) -> set[str]:
    """The critics whose failures are to be taken up; all of them where none has failed so, for they say that."""
    if reason is None:
        return set()
    having = {
        name
        for name, folder in folders.items()
        if (folder / SUMMARY).is_file()
        and reason in json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["failed"]
    }
    return having or set(folders)


def _runs_in(path: Path) -> list[Path]:
    """The runs of an earlier check, or the one that a path is."""
    if not (path / CRITICS).is_dir():
        return [path]
    return sorted(each for each in (path / CRITICS).iterdir() if (each / JOURNAL).is_file())
