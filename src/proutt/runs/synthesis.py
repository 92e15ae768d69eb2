"""ProUtt as a run: which K of a dialogue are worked on, what its annotation and its turns ask, and the record of each.

The scheduler is `Stream`; here is what the work on one dialogue is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from proutt.dialogue import Dialogue
from proutt.errors import AnswerError, ModelError
from proutt.judge import Judge, LLMJudge, SimilarityJudge
from proutt.llm import ChatModel
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
from proutt.runs.calls import Calls, ItemAsk
from proutt.runs.journal import Item
from proutt.runs.stream import NOT_SELECTED, Stream, entry_of

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


@dataclass(frozen=True)
class Synthesis:
    """ProUtt over a stream of dialogues.

    embedding  what judges in place of a model
    """

    stream: Stream
    settings: Settings
    embedding: SimilarityJudge | None = None

    @property
    def calls(self) -> Calls:
        return self.stream.calls

    @property
    def budget(self) -> int:
        return dialogue_budget(self._context_tokens, self.settings.q)

    @property
    def _context_tokens(self) -> int:
        return min(model.context_tokens for model in self._roles().values())

    async def run(self, dialogues: Iterable[Dialogue]) -> bool:
        """Work through the dialogues, as `Stream.run` does."""
        return await self.stream.run((entry_of(each, each.ks) for each in dialogues), self._dialogue)

    async def _dialogue(self, number: int, dialogue: Dialogue, missing: Sequence[int]) -> None:
        """Annotate one dialogue, then all its K side by side."""
        selected = selected_ks(dialogue, self.settings)
        for k in missing:
            if k not in selected:
                self.stream.decide(Item(number, k, "skipped", NOT_SELECTED))
        wanted = [k for k in missing if k in selected]
        if not wanted:
            return
        try:
            annotation = await self._annotated(number, dialogue)
        except (AnswerError, ModelError) as error:
            self.stream.fail(number, wanted, error)
        else:
            await self.stream.items(number, {k: self._turn(number, k, annotation) for k in wanted})

    async def _annotated(self, number: int, dialogue: Dialogue) -> Annotation:
        """Raises AnswerError or ModelError where it can't be had."""
        return await annotate(dialogue, self.settings, self._steps(self._ask(number, 0)))

    async def _turn(self, number: int, k: int, annotation: Annotation) -> Item:
        try:
            record = await self._record(annotation, k, self._ask(number, k))
        except Skipped as skip:
            return Item(number, k, "skipped", skip.reason)
        self.stream.progress.marks[record.branch] += 1
        return Item(number, k, "paired", record=record.model_dump_json())

    def _ask(self, number: int, k: int) -> ItemAsk:
        """Who is asked for one K; 0 for the dialogue's annotation."""
        return self.calls.for_item((number, k), rounds=self.stream.journal.rounds(number))

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
