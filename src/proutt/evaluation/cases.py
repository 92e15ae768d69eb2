"""Stored predictions as an evaluation takes them: test cases, and what each system suggests for each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pydantic import ValidationError

from proutt.dialogue import Context, Turn
from proutt.errors import UserError
from proutt.prediction.record import PredictionRecord

PREDICTIONS = "predictions.jsonl"

#: (dialogue, K).
CaseKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One test case with its truth.

    dataset  the stem of the file that the dialogue came from; the tables have a column group for each
    """

    context: Context
    truth: str
    dataset: str

    @property
    def key(self) -> CaseKey:
        return (self.context.dialogue_id, self.context.k)

    @property
    def place(self) -> str:
        return f"{self.context.dialogue_id}/{self.context.k}"


@dataclass
class System:
    """What one system suggests.

    runs    one mapping per evaluation of it (the paper has five): case → suggestions in rank order
    models  the models behind it
    """

    name: str
    runs: list[dict[CaseKey, tuple[str, ...]]] = field(default_factory=list)
    models: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Bench:
    """All of it. untold: predictions whose dialogue does not tell what came next; they can't be scored."""

    cases: dict[CaseKey, Case]
    systems: dict[str, System]
    untold: int = 0

    def of_all(self) -> list[Case]:
        """The test cases that every run of every system has, in the order of the input."""
        runs = [run for system in self.systems.values() for run in system.runs]
        return [case for key, case in self.cases.items() if all(key in run for run in runs)]


def prediction_file(path: Path) -> Path:
    """The file of an output directory, or the file itself. Raises UserError where there is none."""
    found = path / PREDICTIONS if path.is_dir() else path
    if not found.is_file():
        raise UserError("there are no predictions here.", where=str(found), remedy="Name what proutt predict wrote.")
    return found


def digest_of(paths: Iterable[Path]) -> list[str]:
    """What the files hold, a hash each: an evaluation of other predictions is another evaluation."""
    return [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths]


def bench(paths: Sequence[Path], *, limit: int | None = None) -> Bench:
    """The predictions of these files. Two files of one system are two evaluations of it.

    limit  most test cases of each file

    Raises UserError where a line is no prediction, a file has a case twice, or two files do not agree on a test case.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise UserError("a file is named twice.", remedy="Name each file of predictions once.")
    cases: dict[CaseKey, Case] = {}
    systems: dict[str, System] = {}
    untold = 0
    for path in paths:
        runs: dict[str, dict[CaseKey, tuple[str, ...]]] = {}
        for number, record in enumerate(_records(path), start=1):
            where = f"{path}:{number}"
            if record.truth is None or not record.truth.strip():
                untold += 1
                continue
            run = runs.setdefault(record.system, {})
            if limit is not None and len(run) >= limit:
                continue
            key = (record.dialogue_id, record.k)
            if key in run:
                raise UserError(f"{record.system!r} has {key[0]}:{key[1]} twice.", where=where, remedy="Keep one line.")
            run[key] = tuple(each.text for each in record.suggestions)
            _add_case(cases, _case_of(record, record.truth), where)
            systems.setdefault(record.system, System(record.system)).models.add(record.model)
        for name, run in runs.items():
            systems[name].runs.append(run)
    return Bench(cases, systems, untold)


def _records(path: Path) -> Iterator[PredictionRecord]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield PredictionRecord.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"])
                what = f"not a prediction: {f'{place}: ' if place else ''}{first['msg']}."
                remedy = "Give the predictions.jsonl of proutt predict."
                raise UserError(what, where=f"{path}:{number}", remedy=remedy) from None


def _case_of(record: PredictionRecord, truth: str) -> Case:
    turns = tuple(Turn(turn.user, turn.assistant) for turn in record.context.turns)
    context = Context(record.dialogue_id, record.language, turns, record.context.opening)
    return Case(context, truth, dataset_of(record.source))


def _add_case(cases: dict[CaseKey, Case], case: Case, where: str) -> None:
    known = cases.setdefault(case.key, case)
    if (known.truth, known.context.turns) != (case.truth, case.context.turns):
        raise UserError(
            f"{case.place} is not the same dialogue as in an earlier file.",
            where=where,
            remedy="Compare predictions of the same test cases.",
        )


def dataset_of(source: str) -> str:
    """The data set's name in tables: "lmsys" of "data/lmsys.jsonl.gz:12", "owner/name" of "hf:owner/name:test:3"."""
    if source.startswith("hf:"):
        return source.removeprefix("hf:").partition(":")[0]
    drive = 2 if source[1:2] == ":" else 0  # of Windows
    file = source[:drive] + source[drive:].partition(":")[0]
    return PurePath(file).name.partition(".")[0] or "data"


def lengths(cases: Iterable[Case], systems: Mapping[str, System]) -> Iterator[dict[str, object]]:
    """One line of `cases.jsonl` per case: what tables need to know of it besides scores; characters a suggestion."""
    for case in cases:
        yield {
            "dialogue_id": case.context.dialogue_id,
            "k": case.context.k,
            "language": case.context.language,
            "dataset": case.dataset,
            "lengths": {
                system.name: [[len(text) for text in run.get(case.key, ())] for run in system.runs]
                for system in systems.values()
            },
        }
