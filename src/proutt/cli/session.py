"""One session of a run: begin or resume it, work, write what follows from its journal, say what was made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.terminal import plain
from proutt.errors import ModelError, UserError

if TYPE_CHECKING:
    from proutt.llm import ChatModel, Usage
    from proutt.llm.batch import BatchModel
    from proutt.llm.pool import Pool
    from proutt.prompts import Role
    from proutt.runs.ceiling import Ceiling
    from proutt.runs.config import SynthesisConfig
    from proutt.runs.directory import RunDirectory
    from proutt.runs.prices import Price

#: Inputs up to this size are counted first, so that progress can say how much is left.
COUNTED_BYTES = 64 * 2**20

DONE, SOME_FAILED, LATER, STOPPED = 0, 1, 3, 130

#: Dialogues at work at once where calls go as batches: so many, that a stage of them fills a batch.
BATCH_WINDOW = 5000


def run(
    config: SynthesisConfig,
    out: Path,
    *,
    shown: Shown,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    batch: str | None = None,
) -> int:
    """Do or resume a run; the exit code.

    reuse         older runs whose answers are taken where the question is the same
    retry_failed  the reason whose failed turns are taken up again, "*" for all, None for none
    batch         "api" or "files": calls go as batches
    """
    from proutt.runs.directory import RunDirectory

    config.settings()  # what contradicts itself fails before anything is made
    _check_models(config)
    total = _counted(config)
    directory = RunDirectory(out)
    try:
        for older in reuse:
            directory.reuse(older)
        decided = config.resolved().model_dump(mode="json")
        resumed = directory.begin({**decided, "prompt_version": _prompt_version()})
        if retry_failed is not None:
            _retry(directory, retry_failed, shown)
        elif resumed:
            shown.note(f"Going on with {out}.")
        return _work(Session(config, directory, shown, total, batch))
    finally:
        directory.close()


def _check_models(config: SynthesisConfig) -> None:
    """Refuse a model's name or address that can't be right before anything is written down: it may hold a secret."""
    from proutt.llm.address import base_urls_of
    from proutt.llm.weights import weights_of
    from proutt.prompts import Role

    for role in Role:
        spec = config.spec(role)
        if spec.base_url is not None:
            base_urls_of(spec.base_url)
        elif spec.embedded:
            weights_of(spec.model)


def _prompt_version() -> str:
    from proutt.prompts import prompt_version

    return prompt_version("proutt")


def _counted(config: SynthesisConfig) -> int | None:
    """The (dialogue, K) to work on where counting is quick; an unreadable input fails here, before any work."""
    from proutt.dialogue import ReadingReport

    files = [Path(name) for name in config.inputs]
    if any(name == "-" or name.startswith("hf:") for name in config.inputs):
        return None
    if any(file.exists() and not file.is_file() for file in files):  # a folder, or a pipe that can be read but once
        return None
    if sum(file.stat().st_size for file in files if file.is_file()) > COUNTED_BYTES:
        return None
    report = ReadingReport()
    with_pairs = sum(1 for dialogue in config.dialogues(report, language="en") if dialogue.ks)
    return report.pairs if config.turns == "all" else with_pairs


def _retry(directory: RunDirectory, reason: str, shown: Shown) -> None:
    """Make failed turns undecided again. Raises UserError where none has failed for that reason."""
    failed = directory.journal.failed_by_reason()
    if reason != "*" and reason not in failed and not directory.journal.undecided:
        there = ", ".join(f"{name} ({count})" for name, count in failed.items()) or "none at all"
        raise UserError(
            f"no turn of this run has failed for {reason!r}; failed: {there}.",
            where=str(directory.path),
            remedy="Write --retry-failed=REASON, or --retry-failed alone after the files for all.",
        )
    count = directory.journal.retry_failed(None if reason == "*" else reason)
    shown.note(f"Taking {count} failed turns up again." if count else f"Going on with {directory.path}.")


@dataclass
class Session:
    """What one session of a run works with.

    batch               "api" or "files", or None
    later               what is to be done before the same command goes on
    identities, prices  role → its model's name, and its price where it is known
    """

    config: SynthesisConfig
    directory: RunDirectory
    shown: Shown
    total: int | None
    batch: str | None = None
    later: list[str] = field(default_factory=list)
    identities: dict[str, str] = field(default_factory=dict)
    prices: dict[str, Price | None] = field(default_factory=dict)
    currency: str = ""


def _work(session: Session) -> int:
    """Work, then derive the run's files from its journal; the exit code."""
    from proutt.dialogue import ReadingReport

    journal = session.directory.journal
    report = ReadingReport()
    began = time.monotonic()
    spent = float(journal.meta("seconds") or 0.0)
    ceiling = _ceiling(session)
    complete, failure = False, None
    before = journal.changes
    try:
        complete = asyncio.run(_session(session, report, ceiling))
    except ModelError as error:
        failure = error
    finally:
        if journal.changes != before:  # a run that had nothing to do changes no byte
            journal.set_meta("seconds", str(spent + time.monotonic() - began))
    summary = _derived(session, report, ceiling, complete=complete)
    if failure is not None:
        raise UserError(str(failure), remedy="Nothing finished is lost: mend it and run the same command.") from failure
    _say(session, summary, report, ceiling)
    if not complete:
        return LATER if ceiling.reached or session.later else STOPPED
    return SOME_FAILED if summary["turns"]["failed"] else DONE


def _derived(session: Session, report: Any, ceiling: Ceiling, *, complete: bool) -> dict[str, Any]:
    """The summary, after the files that follow from the journal are written."""
    from proutt.runs.summary import summary_of

    journal = session.directory.journal
    summary = summary_of(
        journal,
        complete=complete,
        seconds=float(journal.meta("seconds") or 0.0),
        models=session.identities,
        skipped_records=report.skipped,
        cost=ceiling.spent,
        currency=session.currency,
    )
    session.directory.derive(summary)
    return summary


def _say(session: Session, summary: Mapping[str, Any], report: Any, ceiling: Ceiling) -> None:
    if session.shown.as_json:
        session.shown.event("summary", summary)
    elif not session.shown.quiet:
        from proutt.cli.run_summary import as_text

        why = [f"{ceiling.reached}; raise it"] if ceiling.reached else session.later
        click.echo(plain(as_text(summary, session.directory.path, report, why=why)))


def _ceiling(session: Session) -> Ceiling:
    """What the run may spend. Raises UserError where a cost is limited and a price is not known."""
    from proutt.prompts import Role
    from proutt.runs.ceiling import Ceiling
    from proutt.runs.prices import cost, price_of, read_prices

    config, table = session.config, read_prices()
    for role in Role:
        if role is Role.JUDGE and config.resolved().judge == "embedding":
            continue
        spec = config.spec(role)
        price = price_of(spec, table)
        if price is None and config.max_cost is not None:
            raise UserError(
                f"--max-cost is given, but the price of {spec.model} is not known.",
                remedy=f"proutt models prices --set {spec.model} --input PRICE --output PRICE (per million tokens)",
            )
        session.prices[role.value] = price

    currencies = {price.currency for price in session.prices.values() if price and (price.input or price.output)}
    if len(currencies) > 1 and config.max_cost is not None:
        raise UserError(
            f"--max-cost is given, but the models are paid in {', '.join(sorted(currencies))}.",
            remedy="Give --max-tokens instead.",
        )
    session.currency = min(currencies, default="")

    def cost_of(usage: Usage, identity: str) -> float | None:
        roles = [role for role, known in session.identities.items() if known == identity]
        price = session.prices.get(roles[0]) if roles else None
        return None if price is None or len(currencies) > 1 else cost(usage, price)

    before = session.directory.journal.usage_by_model()
    return Ceiling(max_tokens=config.max_tokens, max_cost=config.max_cost, cost=cost_of, before=before)


async def _session(session: Session, report: Any, ceiling: Ceiling) -> bool:
    """Open the models, work, close them. True where the run is complete."""
    from proutt.cli.progress import progressing, state
    from proutt.judge import SimilarityJudge
    from proutt.judge.embedding import EmbeddingJudge
    from proutt.llm.batch import CAPACITY
    from proutt.runs.calls import Calls
    from proutt.runs.synthesis import NOT_SELECTED, Synthesis

    decided, journal = session.config.resolved(), session.directory.journal
    models, opened = _open_models(session)
    session.identities.update({role.value: model.identity for role, model in models.items()})
    limit = CAPACITY if session.batch else decided.concurrency or 1
    calls = Calls(models, journal, limit, decided.seed, ceiling=ceiling)
    synthesis = Synthesis(
        calls,
        decided.settings(),
        decided.judge or "llm",
        window=BATCH_WINDOW if session.batch else max(2, limit),
        embedding=SimilarityJudge(EmbeddingJudge()) if decided.judge == "embedding" else None,
        on_stop=lambda: session.shown.note(
            f"Stopping once the {calls.tally.in_flight} calls in flight are answered. Ctrl-C again stops at once."
        ),
    )
    ((before,),) = journal.rows("SELECT COUNT(*) FROM items WHERE reason != ?", (NOT_SELECTED,))

    def now(seconds: float) -> dict[str, Any]:
        return state(
            synthesis.progress,
            calls,
            total=session.total,
            seconds=seconds,
            before=before,
            currency=session.currency,
        )

    try:
        async with progressing(now, session.shown):
            return await synthesis.run(decided.dialogues(report))
    finally:
        session.later += [model.postponed for model in opened if getattr(model, "postponed", None)]
        for model in opened:
            await model.close()


def _open_models(session: Session) -> tuple[dict[Role, ChatModel], list[Any]]:
    """The model of each role, and each model once; weights that are not here come first, with a progress bar."""
    from proutt.cli.models import ProgressBar
    from proutt.llm import open_model
    from proutt.prompts import Role

    config, shown = session.config.resolved(), session.shown
    opened: dict[Any, ChatModel] = {}
    models = {}
    for role in Role:
        spec = config.spec(role)
        if spec not in opened:
            with ProgressBar(quiet=shown.quiet or shown.as_json) as progress:
                pool = open_model(spec, progress=progress, on_note=shown.note)
            opened[spec] = pool if session.batch is None or spec.embedded else _in_batches(pool, spec.model, session)
        models[role] = opened[spec]
    return models, list(opened.values())


def _in_batches(pool: Pool, model: str, session: Session) -> BatchModel:
    """The model behind a Batch API (what is no matter for a batch goes live), or behind files (then all goes there)."""
    from proutt.llm.batch import BatchModel
    from proutt.llm.batch_api import BatchApi
    from proutt.llm.batch_files import FilesBackend
    from proutt.runs.batches import BatchLedger

    ledger, note = BatchLedger(session.directory.journal), session.shown.note
    first: Any = pool.members[0].model
    if session.batch == "files":
        backend = FilesBackend(session.directory.path / "batch", model, safe=ledger.safe)
        return BatchModel(first, backend, live=None, on_note=note)
    return BatchModel(first, BatchApi(first, ledger, on_note=note), live=pool, on_note=note)
