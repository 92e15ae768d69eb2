"""Runs a method over dialogues: streams them in, keeps some of them at work, writes down how each (dialogue, K) ends.

    run → dialogue → turn → step → call

One item's failure is recorded and never stops the run. Whatever order the answers come in, what is written is the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proutt.dialogue import Dialogue
from proutt.dialogue.writing import messages_line
from proutt.errors import AnswerError, ItemFailed, ModelError, UserError
from proutt.judge import Judge, LLMJudge, SimilarityJudge
from proutt.llm import ChatModel
from proutt.llm.batch_job import Postponed
from proutt.methods.proutt import (
    Annotation,
    Settings,
    Skipped,
    SmallSteps,
    Steps,
    WholeSteps,
    annotate,
    record_of,
    selected_ks,
    synthesize_turn,
)
from proutt.methods.record import PreferencePair
from proutt.prompts import Role
from proutt.runs.calls import Calls, ItemAsk, Stopped
from proutt.runs.journal import Item, Journal
from proutt.runs.reading import ReadAhead
from proutt.runs.stopping import interruptible

#: Tokens of a prompt that are neither dialogue nor tree.
_PROMPT_TOKENS = 700
_LEAST_BUDGET = 128
#: Room that answers are given (`Step.max_tokens`): an annotated round, a candidate, what is around them.
_ROUND_TOKENS, _CANDIDATE_TOKENS, _FRAME_TOKENS = 260, 200, 60


def answer_tokens(context_tokens: int, q: int = 2) -> int:
    """Room kept for an answer: what 2Q candidates need, and a fifth of the context (1000 to 3200) for annotations."""
    return max(_FRAME_TOKENS + 2 * q * _CANDIDATE_TOKENS, min(max(context_tokens // 5, 1000), 3200))


def dialogue_budget(context_tokens: int, q: int = 2) -> int:
    """Most tokens of a dialogue in a prompt, for a model with that context; its tree may take half as many on top."""
    return max((context_tokens - _PROMPT_TOKENS - answer_tokens(context_tokens, q)) * 2 // 3, _LEAST_BUDGET)


def rounds_per_annotation(context_tokens: int, q: int = 2) -> int:
    """Most rounds that one answer has room to annotate."""
    return (answer_tokens(context_tokens, q) - _FRAME_TOKENS) // _ROUND_TOKENS


#: Why a K is skipped that the setting `turns` leaves out.
NOT_SELECTED = "turn-not-selected"


@dataclass
class Progress:
    """What a display may show, changed as the run goes on."""

    dialogues: int = 0
    paired: int = 0
    skipped: int = 0
    failed: int = 0
    branches: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    postponed: int = 0
    stopped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """(dialogue, K) decided."""
        return self.paired + self.skipped + self.failed

    @property
    def not_selected(self) -> int:
        """Of those skipped, those that `turns` left out: no work was done for them."""
        return self.reasons.get(NOT_SELECTED, 0)


@dataclass(frozen=True)
class Synthesis:
    """ProUtt over a stream of dialogues.

    judge_kind  "llm" or "embedding"
    window      dialogues at work at once
    on_stop     told when the run is asked to stop
    """

    calls: Calls
    settings: Settings
    judge_kind: str
    window: int
    progress: Progress = field(default_factory=Progress)
    embedding: SimilarityJudge | None = None
    on_stop: Callable[[], None] = lambda: None

    @property
    def journal(self) -> Journal:
        return self.calls.journal

    @property
    def budget(self) -> int:
        return dialogue_budget(self._context_tokens, self.settings.q)

    @property
    def _context_tokens(self) -> int:
        return min(model.context_tokens for model in self._roles().values())

    async def run(self, dialogues: Iterable[Dialogue]) -> bool:
        """Work through the dialogues, which are read in a thread. False where it was stopped before the end.

        Raises UserError or ModelError where nothing more can be done (a bad key, a full disk); what was finished is
        in the journal.
        """
        count, cut = 0, False
        room = asyncio.Semaphore(self.window)
        try:
            with ReadAhead(dialogues) as reading, interruptible(lambda: self._stop(reading)):
                async with asyncio.TaskGroup() as working:
                    async for dialogue in reading:
                        await room.acquire()
                        if self.calls.stopped and not self._done(count, dialogue):
                            cut = True
                            break
                        task = working.create_task(self._at_work(count, dialogue))
                        task.add_done_callback(lambda _: room.release())
                        count += 1
                        await asyncio.sleep(0)
                cut = cut or reading.left
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the first of them stopped the others
        if cut or self.progress.stopped:
            return False
        self._refuse_fewer(count)
        return not self.progress.postponed

    def _done(self, number: int, dialogue: Dialogue) -> bool:
        """Whether nothing of a dialogue is left to do."""
        return self.journal.fingerprint(number) is not None and self.journal.decided(number) >= set(dialogue.ks)

    def _stop(self, reading: ReadAhead[Dialogue]) -> None:
        self.calls.stop()
        reading.leave()
        self.on_stop()

    async def _at_work(self, number: int, dialogue: Dialogue) -> None:
        try:
            await self._dialogue(number, dialogue)
        except Stopped:
            self.progress.stopped += 1

    async def _dialogue(self, number: int, dialogue: Dialogue) -> None:
        """Annotate one dialogue, then all its K side by side."""
        decided = self._begun(number, dialogue)
        selected = selected_ks(dialogue, self.settings)
        for k in dialogue.ks:
            if k not in selected and k not in decided:
                self._decide(Item(number, k, "skipped", NOT_SELECTED))
        missing = [k for k in selected if k not in decided]
        if missing:
            annotation = await self._annotated(number, dialogue, missing)
            if annotation is not None:
                await _all(self._turn(number, k, annotation) for k in missing)
        self.progress.dialogues += 1

    def _begun(self, number: int, dialogue: Dialogue) -> set[int]:
        """The K that an earlier session has decided, counted. Raises UserError where the input is not the same now."""
        fingerprint = hashlib.sha256(messages_line(dialogue).encode()).hexdigest()[:32]
        before = self.journal.fingerprint(number)
        if before is None:
            self.journal.add_dialogue(number, dialogue.id, fingerprint, len(dialogue.ks))
            return set()
        if before != fingerprint:
            raise UserError(
                f"dialogue {number + 1} of the input is not the one that this run has seen at that place.",
                where=dialogue.source or dialogue.id,
                remedy="Give the same files in the same order to resume, or another --out for a new run.",
            )
        return self.journal.decided(number)

    def _refuse_fewer(self, dialogues: int) -> None:
        """Raises UserError where the input has come to an end before dialogues that an earlier session has seen."""
        ((seen,),) = self.journal.rows("SELECT COUNT(*) FROM dialogues")
        if dialogues < seen:
            raise UserError(
                f"the input has {dialogues} dialogues now; this run has seen {seen}.",
                remedy="Give the same files in the same order to resume, or another --out for a new run.",
            )

    async def _annotated(self, number: int, dialogue: Dialogue, missing: list[int]) -> Annotation | None:
        """The dialogue's annotation; None, with every missing K failed, where it can't be had."""
        ask = self.calls.for_item((number, 0), rounds=self.journal.rounds(number))
        try:
            return await annotate(dialogue, self.settings, self._steps(ask))
        except AnswerError as error:
            failure = Item(number, 0, "failed", error.kind, error.step, str(error), error.raw)
        except ModelError as error:
            if error.fatal:
                raise
            failure = Item(number, 0, "failed", error.kind, error.step, str(error))
        except Postponed:
            self.progress.postponed += 1
            return None
        for k in missing:
            values = (failure.reason, failure.stage, failure.message, failure.raw)
            self._decide(Item(number, k, "failed", *values))
        return None

    async def _turn(self, number: int, k: int, annotation: Annotation) -> None:
        ask = self.calls.for_item((number, k), rounds=self.journal.rounds(number))
        try:
            record = await self._record(annotation, k, ask)
        except Postponed:  # a batch has the question: a later session decides
            self.progress.postponed += 1
        except Skipped as skip:
            self._decide(Item(number, k, "skipped", skip.reason))
        except ItemFailed as failure:
            self._decide(Item(number, k, "failed", failure.reason, failure.stage, failure.message, failure.raw))
        else:
            self.progress.branches[record.branch] = self.progress.branches.get(record.branch, 0) + 1
            self._decide(Item(number, k, "paired", record=record.model_dump_json()))

    async def _record(self, annotation: Annotation, k: int, ask: ItemAsk) -> PreferencePair:
        """What the method makes of one turn. Raises Skipped, ItemFailed, or a ModelError that ends the run."""
        judge = self._judge(ask)
        pair = await synthesize_turn(annotation, k, settings=self.settings, steps=self._steps(ask), judge=judge)
        return record_of(
            pair,
            settings=self.settings,
            models=self._identities,
            judge=judge.name,
            source=annotation.dialogue.source,
            usage=ask.usage,
        )

    @property
    def _identities(self) -> dict[str, str]:
        return {role.value: model.identity for role, model in self._roles().items()}

    def _decide(self, item: Item) -> None:
        self.journal.add_item(item)
        setattr(self.progress, item.state, getattr(self.progress, item.state) + 1)
        if item.state == "failed":
            self.progress.failures[item.reason] = self.progress.failures.get(item.reason, 0) + 1
        if item.reason:
            self.progress.reasons[item.reason] = self.progress.reasons.get(item.reason, 0) + 1

    def _steps(self, ask: ItemAsk) -> Steps:
        kind = SmallSteps if self.settings.small_steps else WholeSteps
        most = min(self.settings.rounds_per_annotation, rounds_per_annotation(self._context_tokens, self.settings.q))
        return kind(ask, self.settings.model_copy(update={"rounds_per_annotation": most}), self.budget)

    def _judge(self, ask: ItemAsk) -> Judge:
        return self.embedding if self.embedding is not None else LLMJudge(ask, self.budget)

    def _roles(self) -> Mapping[Role, ChatModel]:
        """The models that this run uses; a judge by embeddings needs none."""
        return {
            role: model for role, model in self.calls.models.items() if role is not Role.JUDGE or self.embedding is None
        }


async def _all(turns: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Await all; the first error that stops a run cancels the rest."""
    tasks = [asyncio.ensure_future(turn) for turn in turns]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
