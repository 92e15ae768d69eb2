"""SynPT's agent workflow (VII-A, VII-B): every reply answers what is known, then asks for one thing that is missing.

    which task → A^M: intention thinking ∥ emotion thinking (18) → A^L: the larger model (19) ∥ the question → both (20)

Where nothing is missing, or the user wants no more questions, the intentions are summed up and the larger model does
the task. A chat that is about no known task gets the larger model's plain answer. What has to be remembered between two
replies is a value that the caller keeps (`Memory`); without it the chat is read anew. Knows no server and no page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.llm import ChatModel, Message, Request, Sampling, without_reasoning
from proutt.methods.proutt.algorithm import together
from proutt.methods.synpt.steps import AssistantSteps, Emotion, Exchange, Thinking
from proutt.methods.synpt.summary import summary_text
from proutt.prompts import Ask
from proutt.prompts.step import language_name
from proutt.prompts.template import fill, prompt_language, template
from proutt.prompts.workflow.which_task import NONE, WhichTask

#: Room for what the larger model says of what is known, for its plain answers, and for a task that it does.
_KNOWN_TOKENS, _PLAIN_TOKENS, _DONE_TOKENS = 500, 1500, 2000
_TEMPERATURE = 0.7
#: Most tokens of the chat in the question which task it is.
_BUDGET = 2000
#: A user who never said anything yet is willing.
_WILLING = Emotion("", willing=True)
#: Why a reply says what it says: no known task; something is missing; nothing is; the user wants no more questions.
Kind = Literal["plain", "asking", "complete", "unwilling"]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is carried from one reply to the next.

    since     turns of the chat, from its beginning, that are done with: a task was carried out
    thinking  S_{i-1} and T_{i-1} of the task that is at work; None where the next utterance begins one
    question  what the assistant agent asked (A^M without A^L): the part of the last reply that thinking reads
    """

    since: int = 0
    thinking: Thinking | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A_i of equation (20), in its parts.

    known     A^L: what the larger model says; of "complete" and "unwilling" the task that it did
    question  what is asked for, in words; empty where nothing is
    options   three values that may be the answer; empty where nothing is asked for
    state     S_i: task, given values, missing types; None of a plain answer
    ask       the key of the intention asked for
    summary   intention → value, where the intentions were summed up; the truth that the task was done by
    memory    to be given with the next utterance
    """

    kind: Kind
    known: str
    memory: Memory
    question: str = ""
    options: tuple[str, ...] = ()
    state: IntentionState | None = None
    ask: str | None = None
    summary: dict[str, str] | None = None

    @property
    def text(self) -> str:
        """What the user reads: A^L, then the question."""
        return "\n\n".join(part for part in (self.known, self.question) if part)


@dataclass(frozen=True)
class Workflow:
    """The workflow over two models.

    tasks      that it knows, of different names
    assistant  the assistant agent's questions, over the model that mines intentions
    ask        puts the one question of this module's own (`WhichTask`) to the same model
    larger     says what is known and does the task
    seed       keys all chance
    """

    tasks: tuple[Task, ...]
    assistant: AssistantSteps
    ask: Ask
    larger: ChatModel
    seed: int = 0

    async def reply(
        self, place: str, past: Sequence[Exchange], utterance: str, *, language: str, memory: Memory | None = None
    ) -> Answered:
        """The reply to what the user says now.

        place     names the chat: chance is keyed by it
        past      every turn of the chat so far, as it was shown
        language  of the chat (ISO 639-1)
        memory    of the last reply; None: the chat is read from its beginning, as one task

        Raises AnswerError where a model says nothing usable, ModelError where none answers.
        """
        here = f"{place}/{len(past)}"
        known = memory if memory is not None and memory.since <= len(past) else Memory()
        own = past[known.since :]
        if known.thinking is None:
            task = await self._task(here, own, utterance, language)
            if task is None:
                said = await self._said("plain", here, _chat(past, utterance), _PLAIN_TOKENS)
                return Answered("plain", said, Memory(known.since))  # what it tells may count for a later task
        else:
            task = known.thinking.state.task
        asked = bool(known.question) if memory is known else bool(past)
        thinking, emotion = await self._understood(here, task, own, utterance, known, asked=asked)
        if thinking.ask is None or not emotion.willing:
            return await self._done(here, thinking.state, language, len(past) + 1, willing=emotion.willing)
        said, reply = await together(
            self._said("known", here, _asked("known", thinking.state, language, utterance), _KNOWN_TOKENS),
            self.assistant.answer(f"{here}/answer", thinking, emotion, utterance),
        )
        return Answered(
            "asking",
            said,
            Memory(known.since, thinking, reply.text),
            question=reply.text,
            options=reply.options.options,
            state=thinking.state,
            ask=thinking.ask,
        )

    async def _task(self, here: str, own: Sequence[Exchange], utterance: str, language: str) -> Task | None:
        past = tuple((each.utterance, each.reply) for each in own)
        step = WhichTask(tasks=self.tasks, past=past, utterance=utterance, spoken=language, budget=_BUDGET)
        name = (await self.ask(step, f"{here}/which-task")).task
        return None if name == NONE else next(task for task in self.tasks if task.name == name)

    async def _understood(
        self, here: str, task: Task, own: Sequence[Exchange], utterance: str, known: Memory, *, asked: bool
    ) -> tuple[Thinking, Emotion]:
        """A^M of equation (18) without its words: by the memory stack where there is one, else from the chat."""
        if known.thinking is None and own:
            thinking = self.assistant.think_over(f"{here}/think", task, own, utterance)
        else:
            reply = known.question if known.thinking is not None else None
            thinking = self.assistant.think(f"{here}/think", task, utterance, known.thinking, reply)
        if not asked:  # who was asked nothing yet is not tired of questions
            return await thinking, _WILLING
        understood, emotion = await together(thinking, self.assistant.feel(f"{here}/feel", task, utterance))
        return understood, emotion

    async def _done(self, here: str, state: IntentionState, language: str, turns: int, *, willing: bool) -> Answered:
        """The summary, and the task done by it (VII-A)."""
        did = await self._said("execute", here, _asked("execute", state, language), _DONE_TOKENS)
        kind: Kind = "complete" if state.complete or willing else "unwilling"
        return Answered(kind, did, Memory(since=turns), state=state, summary=state.values)

    async def _said(self, step: str, here: str, messages: tuple[Message, ...], most: int) -> str:
        """The larger model's text, without its reasoning. Raises AnswerError where it says nothing."""
        digest = hashlib.sha256(f"{self.seed}/{here}/{step}".encode()).digest()
        room = min(most, self.larger.context_tokens // 2)
        sampling = Sampling(max_tokens=room, temperature=_TEMPERATURE, seed=int.from_bytes(digest[:4], "big") >> 1)
        reply = await self.larger.reply(Request(messages, sampling, None, 0, step, "larger"))
        text = without_reasoning(reply.text)
        if not text:
            raise AnswerError("the larger model said nothing", step=step, kind="empty", raw=reply.text)
        return text


def summary_of(answered: Answered) -> str | None:
    """The summary as trained models write it, a line for each intention; None where nothing was summed up."""
    if answered.summary is None or answered.state is None:
        return None
    return summary_text(answered.state.task, answered.summary)


def _asked(step: Literal["known", "execute"], state: IntentionState, language: str, *said: str) -> tuple[Message, ...]:
    """The question to the larger model: thought(A^M), the intentions that are known (equation 19)."""
    written = prompt_language(language)
    colon, nothing = ("：", "（还没有）") if written == "zh" else (": ", "(nothing yet)")
    lines = [f"> {state.task.name_of(key)}{colon}{_flat(value)}" for key, value in state.given]
    fields = {"task": state.task.name, "known": "\n".join(lines) or nothing, "language": language_name(language)}
    fields |= {"utterance": "\n".join(f"> {_flat(each)}" for each in said)} if said else {}
    return (Message("user", fill(template(f"workflow/{step}", written), **fields)),)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _chat(past: Sequence[Exchange], utterance: str) -> tuple[Message, ...]:
    """The chat as the larger model's own."""
    turns = [
        message for each in past for message in (Message("user", each.utterance), Message("assistant", each.reply))
    ]
    return (*turns, Message("user", utterance))
