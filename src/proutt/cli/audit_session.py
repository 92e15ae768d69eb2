"""One `proutt audit`: rows in, flags and summary out; a second judge and a clean copy where they are wanted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proutt.dialogue import Problem
from proutt.dialogue.sources import shown
from proutt.errors import UserError
from proutt.quality.audit import Audit, Check, Flag, Measure, Result, Setup, Severity, failed
from proutt.quality.audit.cleaning import clean_copy
from proutt.quality.audit.judging import JudgeNoise, Sample, judge_noise, measures_of, second_opinions
from proutt.quality.audit.report import FOLDER, Report, summary_of
from proutt.quality.tokens import ESTIMATE

if TYPE_CHECKING:
    from proutt.cli.audit_rows import Looked
    from proutt.export.reading.places import DataFile
    from proutt.llm import ModelSpec

UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SecondJudge:
    """Who judges a sample again, and which."""

    model: str
    base_url: str | None
    api_key_env: str | None
    sample: int
    seed: int

    def spec(self) -> ModelSpec:
        from proutt.llm import ModelSpec

        return ModelSpec(model=self.model, base_url=self.base_url, api_key_env=self.api_key_env)


@dataclass(frozen=True)
class LookingEngine:
    """Who looks at rows: so many workers, "processes" of this machine or of a cluster of "ray"."""

    name: str
    workers: int


@dataclass(frozen=True)
class Order:
    """What the user asked for; the options of the command.

    dialogues  the path names SynPT's or UPC's
    engine     None: this process alone looks at rows
    """

    path: str
    format: str | None
    checks: Mapping[str, Check]
    levels: Mapping[str, Mapping[str, float]]
    include_unverified: bool
    tokenizer: str | None
    max_length: int | None
    embeddings: bool
    judge: SecondJudge | None
    out: Path | None
    write_clean: Path | None
    quiet: bool
    dialogues: bool = False
    engine: LookingEngine | None = None

    def takes(self, row: Looked) -> bool:
        """Whether a row is looked at."""
        return row.left_out is None or self.include_unverified

    @property
    def shown(self) -> str:
        """The path for people: of a URL, what is no secret."""
        return shown(self.path)

    @property
    def folder(self) -> Path | None:
        """Where flags and summary go: into the run, or where the user said; None where that is nowhere."""
        if self.out is not None:
            return self.out
        place = Path(self.path)
        from proutt.runs.directory import DIALOGUES
        from proutt.runs.pairs import PAIRS

        made = DIALOGUES if self.dialogues else PAIRS
        if place.is_dir() and (place / made).is_file():
            return place / FOLDER
        return place.parent / FOLDER if place.name == made and place.is_file() else None


@dataclass
class Done:
    """An audit that ran through. examples: the first flag of each check; cleaned: a line on each clean copy."""

    summary: dict[str, Any]
    results: Sequence[Result]
    folder: Path | None
    examples: dict[str, Flag]
    cleaned: list[str] = field(default_factory=list)


@dataclass
class _Seen:
    """What is kept while rows go by. dropped: by a row's place, its id and why a clean copy is without it."""

    dropped: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Flag] = field(default_factory=dict)
    unreadable: list[Problem] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    judges: Counter[str] = field(default_factory=Counter)

    def drop(self, where: str, id: str, reasons: list[str]) -> None:
        self.dropped[where] = (id, reasons)


def audit(order: Order) -> Done:
    """Do it. Raises UserError for what the user can mend."""
    from proutt.cli.audit_rows import counter_of
    from proutt.export.reading.dialogues import data_files_of
    from proutt.export.reading.places import data_files

    files = data_files_of(order.path) if order.dialogues else data_files(order.path)
    targets = _targets(order, files)
    counter = counter_of(order.tokenizer)
    work = Audit(Setup(counter, order.max_length, _embedded(order), order.levels), order.checks)
    seen, sample = _Seen(), None if order.judge is None else Sample(order.judge.sample, order.judge.seed)
    with ExitStack() as opened:
        report = None if order.folder is None else opened.enter_context(Report(order.folder))
        _look_at_all(order, files, work, seen, sample, report)
        if not work.rows and not seen.left_out:
            raise UserError("there are no rows to audit.", where=order.shown, remedy="Was the run finished?")
        noise = None if order.judge is None or sample is None else _judged_again(order, order.judge, sample)
        results = work.results(_measures(noise, work))
        summary = summary_of(results, _facts(order, work, seen, results, noise))
        if report is not None:
            report.finish(summary)
    cleaned = [_clean(source, copy, seen) for source, copy in targets]
    return Done(summary, results, order.folder, seen.examples, cleaned)


def _look_at_all(
    order: Order, files: Sequence[DataFile], work: Audit, seen: _Seen, sample: Sample | None, report: Report | None
) -> None:
    from proutt.cli.audit_progress import Ticker, rows_of
    from proutt.cli.audit_rows import rows_known

    with Ticker(rows_of(files), quiet=order.quiet) as ticker, closing(rows_known(order)) as rows:
        for each, known in rows:
            if isinstance(each, Problem):
                seen.left_out[UNREADABLE] += 1
                seen.drop(each.place, "", [UNREADABLE])
                if len(seen.unreadable) < 5:
                    seen.unreadable.append(each)
                continue
            ticker.tick()
            seen.formats[each.format] += 1
            if not order.takes(each):
                seen.left_out[str(each.left_out)] += 1
                seen.drop(each.where, each.subject.id, [str(each.left_out)])
                continue
            if each.pair is not None:
                seen.judges[each.pair.models.get("judge", each.pair.judge)] += 1
                if sample is not None:
                    sample.add(each.pair)
            flags = work.look(each.subject, known)
            for flag in flags:
                seen.examples.setdefault(flag.check, flag)
            errors = [flag.check for flag in flags if flag.severity == Severity.ERROR]
            if errors:
                seen.drop(each.where, each.subject.id, list(dict.fromkeys(errors)))
            if report is not None:
                report.add(flags)


def _embedded(order: Order) -> Any:
    """Likeness by the embedding judge, or None where it was not asked for."""
    if not order.embeddings:
        return None
    from proutt.judge.embedding import EmbeddingJudge

    judge = EmbeddingJudge()

    def likeness(truth: str, language: str, utterances: Sequence[str]) -> list[float]:
        return asyncio.run(judge.scores(truth, language, utterances))

    return likeness


# A second judge -------------------------------------------------------------------------------------------------------


def _judged_again(order: Order, second: SecondJudge, sample: Sample) -> JudgeNoise | None:
    """What the second judge says of the sample; its answers are kept in the audit's folder, and paid once."""
    if order.folder is None:
        remedy = "Give --out: the answers are kept there, so that a second audit does not pay them again."
        raise UserError("--rejudge needs a folder.", where=order.shown, remedy=remedy)
    if not sample.pairs:
        raise UserError(
            "there is nothing to judge again: no row has a record with scores.",
            where="--rejudge",
            remedy="It needs a run, or a released raw file.",
        )
    return asyncio.run(_second_judge(second, sample, order.folder / "rejudge.sqlite"))


async def _second_judge(second: SecondJudge, sample: Sample, journal_path: Path) -> JudgeNoise:
    from proutt.judge import LLMJudge
    from proutt.llm import open_model
    from proutt.prompts import Role
    from proutt.runs.calls import Calls
    from proutt.runs.journal import Journal
    from proutt.runs.synthesis import dialogue_budget

    spec = second.spec()
    model = open_model(spec)
    journal = Journal(journal_path)
    try:
        calls = Calls({Role.JUDGE: model}, journal, spec.slots if spec.embedded else spec.concurrency, second.seed)
        budget = dialogue_budget(model.context_tokens)
        opinions, unanswered = await second_opinions(sample.pairs, lambda at: LLMJudge(calls.for_item((at, 0)), budget))
    finally:
        await model.close()
        journal.close()
    return judge_noise(opinions, unanswered, seed=second.seed)


def _measures(noise: JudgeNoise | None, work: Audit) -> dict[str, Measure]:
    return {} if noise is None else measures_of(noise, work.limits())


# Summary --------------------------------------------------------------------------------------------------------------


def _facts(order: Order, work: Audit, seen: _Seen, results: list[Result], noise: JudgeNoise | None) -> dict[str, Any]:
    counter = ESTIMATE.name if order.tokenizer is None else order.tokenizer
    return {
        "audited": order.shown,
        "formats": dict(sorted(seen.formats.items())),
        "rows": work.rows,
        "rows_with_errors": work.flagged_rows,
        "left_out": dict(sorted(seen.left_out.items())),
        "unreadable": [{"where": problem.place, "reason": problem.message} for problem in seen.unreadable],
        "passed": not failed(results) and not seen.left_out[UNREADABLE],
        "tokens": {"tokenizer": counter, "estimated": order.tokenizer is None, "max_length": order.max_length},
        "embeddings": order.embeddings,
        "judged_again": None if noise is None or order.judge is None else _noise(noise, order.judge, seen),
    }


def _noise(noise: JudgeNoise, second: SecondJudge, seen: _Seen) -> dict[str, Any]:
    return {"judge": second.model, "first_judges": dict(sorted(seen.judges.items())), **asdict(noise)}


# The clean copy -------------------------------------------------------------------------------------------------------


def _targets(order: Order, files: Sequence[DataFile]) -> list[tuple[Path, Path]]:
    """Source and copy of each file, known before anything is done: one file to a file, several into a folder."""
    out = order.write_clean
    if out is None:
        return []
    sources = [Path(file.source.name) for file in files]
    for file in files:
        if file.source.kind != "file":
            remedy = "Save the rows to a file first."
            raise UserError("a clean copy is made of files only.", where=file.source.name, remedy=remedy)
    if len(sources) == 1 and not out.is_dir() and out.suffix:
        return [(sources[0], out)]
    if out.exists() and not out.is_dir():
        raise UserError(
            "is a file.", where=str(out), remedy="Name a folder with --write-clean: there are several files."
        )
    return [(source, out / source.name) for source in sources]


def _clean(source: Path, copy: Path, seen: _Seen) -> str:
    """Write the copy and, beside it, what was left out and why; a line on both."""
    written = clean_copy(source, copy, lambda place: place not in seen.dropped)
    listed = copy.with_name(f"{copy.name}.left-out.jsonl")
    own = dict(_of_file(seen.dropped, source))
    with listed.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for where, (id, reasons) in own.items():
            file.write(json.dumps({"where": where, "id": id, "reasons": reasons}, ensure_ascii=False) + "\n")
    return f"{copy}: {written:,} rows; {len(own):,} left out, listed in {listed.name}"


def _of_file(dropped: Mapping[str, Any], source: Path) -> Iterator[tuple[str, Any]]:
    name = str(source)
    return ((where, why) for where, why in dropped.items() if where.startswith((f"{name}:", f"{name}[")))
