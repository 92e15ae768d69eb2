"""Predictions over a stream of dialogues: keeps some at work, writes down how each test case ends.

One case's failure is recorded and never stops the run. Whatever order the answers come in, what is written is the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from proutt.dialogue import Dialogue
from proutt.dialogue.writing import messages_line
from proutt.errors import AnswerError, ModelError, UserError
from proutt.methods.record import ContextRecord, LeafRecord, PathRecord, TurnRecord, UsageRecord
from proutt.prediction.asking import ModelAsking
from proutt.prediction.cases import case_of, selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.prediction import Prediction, Predictor
from proutt.prediction.record import PredictionRecord, SuggestionRecord, TestCase
from proutt.runs.calls import Calls, Stopped
from proutt.runs.journal import Item, Journal
from proutt.runs.reading import ReadAhead
from proutt.runs.stopping import interruptible


@dataclass
class Progress:
    """What a display may show, changed as the run goes on. problems: predictions by what was repaired."""

    predicted: int = 0
    failed: int = 0
    stopped: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Predictions:
    """One method over a stream of dialogues.

    window   dialogues at work at once
    on_stop  told when the run is asked to stop
    """

    calls: Calls
    config: PredictConfig
    predictor: Predictor
    identity: str
    window: int
    progress: Progress = field(default_factory=Progress)
    on_stop: Callable[[], None] = lambda: None

    @property
    def journal(self) -> Journal:
        return self.calls.journal

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
                        task = working.create_task(self._dialogue(count, dialogue))
                        task.add_done_callback(lambda _: room.release())
                        count += 1
                        await asyncio.sleep(0)
                cut = cut or reading.left
        except BaseExceptionGroup as failures:
            raise _first_of(failures) from None  # the first of them stopped the others
        if cut or self.progress.stopped:
            return False
        self._refuse_fewer(count)
        return True

    def _done(self, number: int, dialogue: Dialogue) -> bool:
        """Whether nothing of a dialogue is left to do."""
        ks = selected(dialogue, self.config.turns, self.config.seed)
        return self.journal.fingerprint(number) is not None and self.journal.decided(number) >= set(ks)

    def _stop(self, reading: ReadAhead[Dialogue]) -> None:
        self.calls.stop()
        reading.leave()
        self.on_stop()

    async def _dialogue(self, number: int, dialogue: Dialogue) -> None:
        """All test cases of one dialogue, side by side."""
        ks = selected(dialogue, self.config.turns, self.config.seed)
        decided = self._begun(number, dialogue, len(ks))
        async with asyncio.TaskGroup() as working:
            for k in ks:
                if k not in decided:
                    working.create_task(self._case(number, case_of(dialogue, k)))

    def _begun(self, number: int, dialogue: Dialogue, cases: int) -> set[int]:
        """The K that an earlier session has decided. Raises UserError where the input is not the same now."""
        fingerprint = hashlib.sha256(messages_line(dialogue).encode()).hexdigest()[:32]
        before = self.journal.fingerprint(number)
        if before is None:
            self.journal.add_dialogue(number, dialogue.id, fingerprint, cases)
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

    async def _case(self, number: int, case: TestCase) -> None:
        rounds = self.journal.rounds(number)
        ask = ModelAsking(lambda role: self.calls.behind(role, (number, case.k)), seed=self.config.seed, rounds=rounds)
        try:
            prediction = await self.predictor(case.context, ask, self._chance(case))
        except Stopped:
            self.progress.stopped += 1
        except AnswerError as error:
            self._failed(Item(number, case.k, "failed", error.kind, error.step, str(error), error.raw))
        except ModelError as error:
            if error.fatal:
                raise
            self._failed(Item(number, case.k, "failed", error.kind, error.step, str(error)))
        else:
            record = record_of(prediction, case, self.config, self.identity, ask.usage)
            self.journal.add_item(Item(number, case.k, "predicted", record=record.model_dump_json()))
            self.progress.predicted += 1
            self.progress.problems.update(prediction.problems)

    def _chance(self, case: TestCase) -> Callable[[str], Random]:
        return lambda what: Random(f"{self.config.seed}/{case.context.dialogue_id}/{case.k}/{what}")

    def _failed(self, item: Item) -> None:
        self.journal.add_item(item)
        self.progress.failed += 1
        self.progress.failures[item.reason] += 1


def record_of(
    prediction: Prediction, case: TestCase, config: PredictConfig, identity: str, usage: UsageRecord
) -> PredictionRecord:
    """The line of `predictions.jsonl`; the only place where prediction and truth meet."""
    context = case.context
    return PredictionRecord(
        dialogue_id=context.dialogue_id,
        k=case.k,
        language=context.language,
        source=case.source,
        context=ContextRecord(
            opening=context.opening,
            turns=[TurnRecord(user=turn.user, assistant=turn.assistant) for turn in context.turns],
        ),
        truth=case.truth,
        system=config.system or config.method,
        method=config.method,
        model=identity,
        suggestions=[
            SuggestionRecord(
                text=each.text,
                perspective=each.perspective,
                sentence_type=each.sentence_type,
                path=None if each.path is None else PathRecord.of(each.path),
            )
            for each in prediction.suggestions
        ],
        reasoning=prediction.reasoning,
        tree=None
        if prediction.tree is None
        else {
            topic: {name: LeafRecord(value=leaf.value, turn=leaf.turn) for name, leaf in leaves.items()}
            for topic, leaves in prediction.tree.topics.items()
        },
        problems=list(prediction.problems),
        raw=prediction.raw,
        usage=usage,
    )


def _first_of(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure itself, out of however many groups."""
    first = failures.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
