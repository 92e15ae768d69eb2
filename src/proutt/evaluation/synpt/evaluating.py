"""The work of an evaluation: every test case's inquiry, its dialogues, what is judged of each, and its record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from proutt.errors import AnswerError, ModelError
from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.examining import Examining
from proutt.evaluation.synpt.judging import Mining
from proutt.evaluation.synpt.loop import Talk, talk
from proutt.evaluation.synpt.record import EvaluatedDialogue, ReplyRecord, TurnRecord
from proutt.evaluation.synpt.subjects import AssistantAgent, Chatting, Counted, Subject, UnderTest, instruction
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.steps import Steps
from proutt.prompts import Ask, Role
from proutt.runs.calls import ItemAsk
from proutt.runs.journal import Item
from proutt.runs.stream import Entry, Stream
from proutt.runs.synthesis import dialogue_budget

#: Makes an agent's questions of whoever is asked; role: whose agent it is.
MakeSteps = Callable[[Ask, Role], Steps]


@dataclass(frozen=True)
class Evaluating:
    """A model under test over test cases.

    inquiries  seed id → the first words, where an earlier evaluation wrote them; filled with those written now
    """

    stream: Stream
    config: EvaluateConfig
    steps: MakeSteps
    inquiries: dict[str, str] = field(default_factory=dict)

    async def run(self, cases: Sequence[Case]) -> bool:
        """Work through the cases, as `Stream.run` does."""
        return await self.stream.run(self._entries(cases), self._case)

    def _entries(self, cases: Sequence[Case]) -> Iterator[Entry[Case]]:
        for case in cases:
            digest = fingerprint(case, self.inquiries.get(case.seed.id))
            repeats = tuple(range(1, self.config.repeats + 1))
            yield Entry(case, case.seed.id, digest, repeats, case.seed.source or case.seed.id)

    async def _case(self, number: int, case: Case, missing: Sequence[int]) -> None:
        """The inquiry first, once for all repeats; then the repeats side by side."""
        if not missing:
            return
        try:
            inquiry = await self._inquiry(number, case)
        except (AnswerError, ModelError) as error:
            self.stream.fail(number, missing, error)
        else:
            await self.stream.items(number, {k: self._dialogue(number, k, case, inquiry) for k in missing})

    async def _inquiry(self, number: int, case: Case) -> str:
        known = self.inquiries.get(case.seed.id)
        if known is None:
            user = self.steps(self._ask(number, 0), Role.USER_AGENT)
            known = (await user.inquire(f"{case.seed.id}/1/inquire", case.seed, case.told)).utterance
            self.inquiries[case.seed.id] = known
        return known

    async def _dialogue(self, number: int, repeat: int, case: Case, inquiry: str) -> Item:
        place = f"{case.seed.id}/{repeat}"
        others = self._ask(number, repeat)
        subject, used = self._subject(number, repeat)
        held = await talk(place, case, inquiry, subject, self.steps(others, Role.USER_AGENT))
        talked = used()
        found = await Examining(self.config, subject, others, self._budget).examined(place, case, held)
        record = EvaluatedDialogue(
            **_about(case, self.config),
            repeat=repeat,
            turns=[_turn(held, found.mining, at) for at in range(len(held.turns))],
            end=held.end,
            failure=held.failure,
            decided_by=found.mining.by,
            vagueness_right=found.vagueness_right,
            mined=found.mined,
            summary_right=found.summary_right,
            emotion=found.emotion,
            options=found.options,
            models={role.value: model.identity for role, model in self.stream.calls.models.items()},
            usage=talked,
            usage_of_others=others.usage,
        )
        self.stream.progress.marks[held.end] += 1
        return Item(number, repeat, "evaluated", record=record.model_dump_json())

    def _subject(self, number: int, repeat: int) -> tuple[Subject, Callable[[], UsageRecord]]:
        """The model under test, and what tells what it has used so far."""
        config, calls = self.config, self.stream.calls
        if config.subject == "assistant-agent":
            ask = self._ask(number, repeat)
            return UnderTest(AssistantAgent(self.steps(ask, Role.ASSISTANT_AGENT))), lambda: ask.usage
        used = Counted()
        model = calls.behind(Role.ASSISTANT_AGENT, (number, repeat))
        told = instruction if config.subject == "prompted" else None
        return UnderTest(Chatting(model, config.seed, config.temperature, told, used.add)), lambda: used.record

    def _ask(self, number: int, repeat: int) -> ItemAsk:
        return self.stream.calls.for_item((number, repeat), rounds=self.stream.journal.rounds(number))

    def _budget(self, role: Role) -> int:
        return dialogue_budget(self.stream.calls.models[role].context_tokens) if role in self.stream.calls.models else 0


def fingerprint(case: Case, inquiry: str | None) -> str:
    """A short hash of all of a test case that its dialogues depend on. inquiry: where it is known before."""
    parts = [case.seed.task.name, dict(case.seed.values), case.told, inquiry]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


def _about(case: Case, config: EvaluateConfig) -> Mapping[str, object]:
    task = case.seed.task
    return {
        "seed_id": case.seed.id,
        "system": config.system or config.subject,
        "subject": config.subject,
        "task": task.name,
        "language": task.language,
        "part": case.part,
        "told": list(case.told),
        "values": dict(case.seed.values),
        "names": {each.key: each.name for each in task.intentions},
        "any_value": task.any_value,
    }


def _turn(held: Talk, found: Mining, at: int) -> TurnRecord:
    turn = held.turns[at]
    answer = turn.answer
    asked = None if found.asked is None or answer.summary is not None else found.asked[at]
    options = None if answer.options is None else list(answer.options)
    return TurnRecord(
        user=turn.utterance, reply=ReplyRecord(text=answer.text, summary=answer.summary, asked=asked, options=options)
    )
