"""A run, whatever it makes: begin or resume it, do one session's work, write what follows from its journal."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from proutt.dialogue import ReadingReport
from proutt.dialogue.sources import is_url
from proutt.errors import UserError
from proutt.llm.address import NotServed
from proutt.runs.deaths import NONE, Deaths, deaths_before
from proutt.runs.directory import JOURNAL, SHARDS, RunDirectory
from proutt.runs.session import Ended, Observer, Session, Terms, check_models, run_session
from proutt.runs.sharding import WHOLE, Shard
from proutt.runs.standing import Words, standing, stopping
from proutt.runs.stream import NOT_SELECTED, Stream

if TYPE_CHECKING:
    from proutt.runs.model_servers import Servers
    from proutt.runs.sharded import Workers

#: Inputs up to this size are counted first, so that progress can say how much is left.
COUNTED_BYTES = 64 * 2**20

#: Records at work at once where calls go as batches: so many, that a stage of them fills a batch.
BATCH_WINDOW = 5000


@dataclass(frozen=True)
class Made:
    """What a run has come to.

    summary  the content of summary.json; report  what of the input was left out
    why      what stopped this session short, a matter each; empty where it is complete or the user stopped it
    """

    summary: dict[str, Any]
    report: ReadingReport
    why: list[str]

    @property
    def complete(self) -> bool:
        return bool(self.summary["complete"])


class Making(Protocol):
    """What of a run is its verb's own.

    config  what run.yaml says; a run is resumed with the same, and only then
    terms   what a session needs of it
    report  what of the input is left out, filled while it is read
    words   what its items are called
    """

    @property
    def config(self) -> Mapping[str, Any]: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def report(self) -> ReadingReport: ...

    @property
    def words(self) -> Words: ...

    def count(self) -> int | None:
        """The items to work on where counting is quick; an unreadable input fails here, before any work."""
        ...

    def session(self, session: Session) -> Session:
        """The session that the work is given: the same, but for a method that needs other models."""
        ...

    async def work(self, session: Session, stream: Stream) -> bool:
        """Do what is left to do, through the stream. True where nothing is left for a later session."""
        ...

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        """Write the files that follow from the journal; the summary."""
        ...


def make(
    making: Making,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    workers: Workers | None = None,
    taken_over: bool = False,
) -> Made:
    """Do or resume a run in the directory `out`, and write its files.

    reuse         older runs whose answers are taken where the question is the same
    retry_failed  the reason whose failed items are taken up again, "*" for all, None for none
    taken_over    whoever dies over it is followed by another one: what it died of counts (`deaths.py`)
    workers       let them do it shard by shard; a run that has come to its end is one as any other

    Raises UserError where there is something to mend; nothing finished is lost, and the files say what was finished.
    """
    check_models(making.terms.specs)
    if workers is not None and not (out / JOURNAL).is_file():
        from proutt.runs.sharded import joined_at_last, make_sharded

        if not joined_at_last(making, out):
            return make_sharded(making, out, observer, workers, reuse=reuse)
    total = making.count()
    directory = RunDirectory(out)
    deaths = NONE
    try:
        for older in reuse:
            directory.reuse(older)
        resumed = directory.begin(making.config)
        if making.words.verb and not resumed:
            directory.journal.set_meta("verb", making.words.verb)
        if retry_failed is not None:
            observer.note(taken_up(directory, retry_failed, making.words.items))
        elif resumed:
            observer.note(f"Going on with {out}.")
        if taken_over:
            deaths = deaths_before(out, directory.journal)
        servers = None if workers is None else workers.engine.servers
        making, ended = _session(making, directory, total, observer, servers, deaths)
        summary = making.derive(directory, ended)
        if ended.failure is not None:
            remedy = "Nothing finished is lost: mend it and run the same command."
            raise UserError(str(ended.failure), remedy=remedy) from ended.failure
        return Made(summary, making.report, ended.why)
    finally:
        deaths.ended()
        directory.close()


def _session(
    making: Making,
    directory: RunDirectory,
    total: int | None,
    observer: Observer,
    servers: Servers | None,
    deaths: Deaths,
) -> tuple[Making, Ended]:
    """One session of the work, and what it was the work of. servers: begun where there is something to ask them."""
    try:
        work = _work(making, directory, total, observer, deaths)
        return making, run_session(directory, making.terms, work, observer)
    except NotServed:
        if servers is None:
            raise
    from proutt.runs.model_servers import served_here

    again = importlib.import_module(type(making).__module__).making_of(settings_of(making))  # what is read counts anew
    with served_here(servers, directory.path / SHARDS, observer.note):
        work = _work(again, directory, total, observer, deaths)
        return again, run_session(directory, again.terms, work, observer)


def _work(
    making: Making, directory: RunDirectory, total: int | None, observer: Observer, deaths: Deaths
) -> Callable[[Session], Awaitable[bool]]:
    """The work of one session, shown to the observer. total: items of the whole input, where they were counted."""
    shard = shard_of(making.config)

    async def work(given: Session) -> bool:
        session = making.session(given)
        ((before,),) = directory.journal.rows("SELECT COUNT(*) FROM items WHERE reason != ?", (NOT_SELECTED,))
        window = BATCH_WINDOW if session.terms.batch else max(2, session.terms.limit)

        def on_stop() -> None:
            observer.note(stopping(session.calls, session.waiting))

        stream = Stream(session.calls, window, on_stop=on_stop, noun=making.words.record, shard=shard, deaths=deaths)

        def now(seconds: float) -> dict[str, Any]:
            facts = {
                "total": None if total is None else shard.share(total),
                "before": before,
                "currency": session.currency,
                "waiting": session.waiting,
            }
            return standing(stream.progress, session.calls, seconds=seconds, words=making.words, **facts)

        async with observer.working(now):
            return await making.work(session, stream)

    return work


def settings_of(making: Making) -> dict[str, Any]:
    """What its verb's `making_of` makes it of: run.yaml's values, without what is no setting."""
    return {key: value for key, value in making.config.items() if key != "prompt_version"}


def shard_of(config: Mapping[str, Any]) -> Shard:
    """The share of the input that a configuration names; without one, all of it."""
    return Shard.named(config["shard"]) if config.get("shard") else WHOLE


def countable(inputs: Sequence[str]) -> bool:
    """Whether the inputs can be read twice, and the first time quickly."""
    if any(name == "-" or name.startswith("hf:") or is_url(name) for name in inputs):
        return False
    files = [Path(name) for name in inputs]
    if any(file.exists() and not file.is_file() for file in files):  # a folder, or a pipe that can be read but once
        return False
    return sum(file.stat().st_size for file in files if file.is_file()) <= COUNTED_BYTES


def taken_up(directory: RunDirectory, reason: str, items: str = "turns") -> str:
    """Make failed items undecided again; what to tell. Raises UserError where none has failed for that reason."""
    failed = directory.journal.failed_by_reason()
    if reason != "*" and reason not in failed and not directory.journal.undecided:
        there = ", ".join(f"{name} ({count})" for name, count in failed.items()) or "none at all"
        raise UserError(
            f"no {items} of this run have failed for {reason!r}; failed: {there}.",
            where=str(directory.path),
            remedy="Write --retry-failed=REASON, or --retry-failed alone after the files for all.",
        )
    count = directory.journal.retry_failed(None if reason == "*" else reason)
    return f"Taking {count} failed {items} up again." if count else f"Going on with {directory.path}."
