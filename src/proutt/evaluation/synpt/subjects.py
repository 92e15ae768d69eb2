"""The model under test, three ways: as it was trained, with an instruction, or as SynPT's own assistant agent (V-A).

A subject answers the last utterance of a dialogue and keeps nothing: what an answer needs of earlier ones is in them.
So a dialogue can be taken up at any turn with other words, as the evaluation of emotions does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from proutt.errors import AnswerError, ModelError
from proutt.intent.task import Task
from proutt.llm import ChatModel, Message, Request, Sampling, Usage
from proutt.llm import Reply as ModelReply
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.steps import AssistantSteps, Emotion, Exchange, Thinking
from proutt.methods.synpt.summary import CLOSE, OPEN, summary_text
from proutt.methods.synpt.trained import read_answer
from proutt.prompts.template import fill, prompt_language, template

SubjectKind = Literal["plain", "prompted", "assistant-agent"]
#: Room for a reply with a thinking text before it, as SynPT's training rows have one.
REPLY_TOKENS = 1200
#: What a model fails at by itself, and not its endpoint: the dialogue has outgrown it.
OWN_FAILURES = ("context-too-long",)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model under test says.

    text      what the user reads, without reasoning; empty where it said nothing
    summary   what it sums up; None where it does not
    asked     the intention it asks for, where it says so itself
    options   the options it offers, where it says so itself
    thinking  what its next answer needs to know of this one
    failure   where it gave no answer that can be used: why, as a short slug; then the rest is empty
    """

    text: str
    summary: dict[str, str] | None = None
    asked: str | None = None
    options: tuple[str, ...] | None = None
    thinking: Thinking | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: an utterance of the user and the answer to it."""

    utterance: str
    answer: Answer

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.utterance, self.answer.text)


class Subject(Protocol):
    """A model under test.

    place      names the answer within a run: chance is keyed by it
    past       the turns before, without the utterance that is answered

    Raises ModelError where no answer could be had, AnswerError where an agent's question was answered unusably.
    """

    async def __call__(self, place: str, task: Task, past: Sequence[Turn], utterance: str) -> Answer: ...


@dataclass(frozen=True)
class UnderTest:
    """A subject whose own failures are answers, since they are what it would do to a user: unusable answers to the
    steps of an agent, a dialogue that its context does not hold. Errors of an endpoint are raised as they are."""

    subject: Subject

    async def __call__(self, place: str, task: Task, past: Sequence[Turn], utterance: str) -> Answer:
        try:
            return await self.subject(place, task, past, utterance)
        except AnswerError as error:
            return Answer("", failure=error.kind)
        except ModelError as error:
            if error.kind not in OWN_FAILURES:
                raise
            return Answer("", failure=error.kind)


@dataclass(frozen=True)
class Chatting:
    """A model that is simply talked to.

    instruction  system prompt of a task, or None: a model that was trained to mine intentions needs none
    on_reply     told of every call
    """

    model: ChatModel
    seed: int
    temperature: float
    instruction: Callable[[Task], str] | None
    on_reply: Callable[[ModelReply], None]

    async def __call__(self, place: str, task: Task, past: Sequence[Turn], utterance: str) -> Answer:
        said = [] if self.instruction is None else [Message("system", self.instruction(task))]
        for turn in past:
            said += [Message("user", turn.utterance), Message("assistant", turn.answer.text)]
        said.append(Message("user", utterance))
        digest = hashlib.sha256(f"{self.seed}/{place}".encode()).digest()
        sampling = Sampling(
            max_tokens=min(REPLY_TOKENS, self.model.context_tokens // 2),
            temperature=self.temperature,
            seed=int.from_bytes(digest[:4], "big") >> 1,
        )
        try:
            reply = await self.model.reply(Request(tuple(said), sampling, None, 0, "subject", "assistant-agent"))
        except ModelError as error:
            error.step = "subject"
            raise
        self.on_reply(reply)
        answer = read_answer(reply.text, task)
        return Answer(answer.text, summary=answer.summary)


def instruction(task: Task) -> str:
    """What a model is told that was not trained to mine intentions ("w/ Prompt" of Table III): the task, what has to be
    known for it, and how a summary is written."""
    language = prompt_language(task.language)
    colon = "：" if language == "zh" else ": "
    listed = "\n".join(f"- {each.name}{colon}{each.description}" for each in task.intentions)
    form = summary_text(task, {each.key: "…" for each in task.intentions})
    return fill(
        template("synpt_evaluation/instruction", language),
        task=task.name, intentions=listed, any=task.any_value, form=form, open=OPEN, close=CLOSE,
    )  # fmt: skip


@dataclass(frozen=True)
class AssistantAgent:
    """SynPT's own assistant agent, without a user agent that helps it: what trained models are distilled from."""

    steps: AssistantSteps

    async def __call__(self, place: str, task: Task, past: Sequence[Turn], utterance: str) -> Answer:
        before = past[-1].answer.thinking if past else None
        reply = past[-1].answer.text if past else None
        thinking = await self.steps.think(f"{place}/think", task, utterance, before, reply)
        emotion = await self.steps.feel(f"{place}/feel", task, utterance) if past else Emotion("", willing=True)
        if thinking.ask is None or not emotion.willing:
            values = thinking.state.values
            return Answer(summary_text(task, values), summary=values, thinking=thinking)
        said = await self.steps.answer(f"{place}/answer", thinking, emotion, utterance)
        return Answer(said.text, asked=thinking.ask, options=said.options.options, thinking=thinking)


@dataclass
class Counted:
    """Calls and tokens of a model that is asked without steps."""

    calls: int = 0
    usage: Usage = field(default_factory=Usage)

    def add(self, reply: ModelReply) -> None:
        self.calls += 1
        self.usage += reply.usage

    @property
    def record(self) -> UsageRecord:
        return UsageRecord(
            calls=self.calls,
            prompt_tokens=self.usage.prompt_tokens,
            completion_tokens=self.usage.completion_tokens,
        )
