"""Predictions over a stream of dialogues: what the work on one dialogue is, and the record of a test case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random

from proutt.dialogue import Context, Dialogue
from proutt.methods.record import ContextRecord, LeafRecord, PathRecord, TurnRecord, UsageRecord
from proutt.prediction.asking import ModelAsking
from proutt.prediction.cases import case_of, selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.prediction import Prediction, Predictor
from proutt.prediction.record import PredictionRecord, SuggestionRecord, TestCase
from proutt.runs.journal import Item
from proutt.runs.stream import Stream, entry_of


@dataclass(frozen=True)
class Predictions:
    """One method over a stream of dialogues. identity: of the model that it asks."""

    stream: Stream
    config: PredictConfig
    predictor: Predictor
    identity: str

    async def run(self, dialogues: Iterable[Dialogue]) -> bool:
        """Work through the dialogues, as `Stream.run` does."""
        config = self.config
        entries = (entry_of(each, selected(each, config.turns, config.seed)) for each in dialogues)
        return await self.stream.run(entries, self._dialogue)

    async def _dialogue(self, number: int, dialogue: Dialogue, missing: Sequence[int]) -> None:
        """Test cases of one dialogue, side by side."""
        await self.stream.items(number, {k: self._case(number, case_of(dialogue, k)) for k in missing})

    async def _case(self, number: int, case: TestCase) -> Item:
        calls, rounds = self.stream.calls, self.stream.journal.rounds(number)
        ask = ModelAsking(lambda role: calls.behind(role, (number, case.k)), seed=self.config.seed, rounds=rounds)
        prediction = await self.predictor(case.context, ask, chance_of(case.context, self.config.seed))
        record = record_of(prediction, case, self.config, self.identity, ask.usage)
        self.stream.progress.marks.update(prediction.problems)
        return Item(number, case.k, "predicted", record=record.model_dump_json())


def chance_of(context: Context, seed: int) -> Callable[[str], Random]:
    """A case's chance, the same in every session and in a rehearsal."""
    return lambda what: Random(f"{seed}/{context.dialogue_id}/{context.k}/{what}")


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
