"""SynPT's agent workflow (VII-A, VII-B): every reply answers what is known, then asks for one thing that is missing.

    which task → A^M: intention thinking ∥ emotion thinking (18) → A^L: the larger model (19) ∥ the question → both (20)

Where nothing is missing, or the user wants no more questions, the intentions are summed up, and the larger model does
the task once the user says so (`Workflow.execute`). What is said before that puts the summary right. A chat about no
known task gets the larger model's plain answer. What has to be remembered between two replies is a value that the
caller keeps (`Memory`); without it the chat is read anew. Knows no server and no page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from proutt.dialogue import Context, Turn
from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.llm import ChatModel, Message, Request, Said, Sampling, spoken
from proutt.methods.synpt.steps import AssistantSteps, Emotion, Exchange, Options, Reply, Thinking
from proutt.methods.synpt.summary import summary_text
from proutt.methods.together import together
from proutt.prediction.fitting import fitted, room_for
from proutt.prediction.trained_assistant import Mined, TrainedAssistant
from proutt.prompts import Ask
from proutt.prompts.step import language_name
from proutt.prompts.synpt.material import behind_marks
from proutt.prompts.template import fill, prompt_language, template
from proutt.prompts.workflow.which_task import NONE, WhichTask

#: Room for what the larger model says of what is known, for its plain answers, and for a task that it does.
_KNOWN_TOKENS, _PLAIN_TOKENS, _DONE_TOKENS = 500, 1500, 2000
_TEMPERATURE = 0.7
#: Most tokens of the chat in the question which task it is; of the last message in a question to the larger model.
_BUDGET, _UTTERANCE_TOKENS = 2000, 1000
_FRAME_TOKENS = 300
#: A user who never said anything yet is willing.
_WILLING = Emotion("", willing=True)
#: Why a reply says what it says: no known task; something is missing; nothing is; the user wants no more questions.
Kind = Literal["plain", "asking", "complete", "unwilling"]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is carried from one reply to the next.

    since     turns of the chat, from its beginning, that are done with: a task was carried out, or left
    thinking  S_{i-1} and T_{i-1} of the task that is at work; None where the next utterance begins one
    question  what the assistant agent asked (A^M without A^L): the part of the last reply that thinking reads; empty
              where the intentions were summed up
    willing   whether the user may be asked further questions of this task
    """

    since: int = 0
    thinking: Thinking | None = None
    question: str = ""
    willing: bool = True

    @property
    def summed_up(self) -> IntentionState | None:
        """What may be done now; None where the intentions are not summed up."""
        return self.thinking.state if self.thinking is not None and not self.question else None


@dataclass(frozen=True, slots=True)
class Answered:
    """A_i of equation (20), in its parts.

    known     A^L: what the larger model says; empty of "complete" and "unwilling"
    question  what is asked for, in words; empty where nothing is
    options   three values that may be the answer; empty where nothing is asked for
    state     S_i: task, given values, missing types; None of a plain answer
    ask       the key of the intention asked for
    summary   intention → value, where the intentions were summed up: what the task can be done by
    memory    to be given with the next utterance
    finish    how A^L ended: "stop", or "length" where it was cut off
    """

    kind: Kind
    known: str
    memory: Memory
    question: str = ""
    options: tuple[str, ...] = ()
    state: IntentionState | None = None
    ask: str | None = None
    summary: dict[str, str] | None = None
    finish: str = "stop"

    @property
    def text(self) -> str:
        """What the user reads: A^L, then the question; or the summary, a line for each intention."""
        if self.summary is not None and self.state is not None:
            return "\n".join(summary_text(self.state.task, self.summary).splitlines()[1:-1])
        return "\n\n".join(part for part in (self.known, self.question) if part)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who wants to know what comes before the whole reply has come.

    understood  is told S_i and T_i; T_i is None where nothing is asked for
    said        is told A^L so far, again and again
    """

    understood: Callable[[IntentionState, str | None], None] = lambda _state, _ask: None
    said: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True)
class Workflow:
    """The workflow over two models.

    tasks      that it knows, of one language and different names
    assistant  mines intentions: the assistant agent's questions to a model, or a model that was trained to (one call)
    ask        puts the one question of this module's own (`WhichTask`)
    larger     says what is known and does the task
    seed       keys all chance
    """

    tasks: tuple[Task, ...]
    assistant: AssistantSteps | TrainedAssistant
    ask: Ask
    larger: ChatModel
    seed: int = 0

    async def reply(
        self,
        place: str,
        past: Sequence[Exchange],
        utterance: str,
        *,
        memory: Memory | None = None,
        hearing: Hearing | None = None,
    ) -> Answered:
        """The reply to what the user says now.

        place   names the chat: chance is keyed by it
        past    every turn of the chat so far, as it was shown
        memory  of the last reply; None: the chat is read from its beginning, as one task

        Raises AnswerError where a model says nothing usable, ModelError where none answers.
        """
        here, heard = f"{place}/{len(past)}", hearing or Hearing()
        trusted = memory is not None and memory.since <= len(past)
        known = memory if memory is not None and trusted else Memory()
        begun, summed_up = known.thinking, known.summed_up is not None
        if begun is None or summed_up:
            task = await self._task(here, past[known.since :], utterance)
            if task is None:
                said = await self._said("plain", here, self._chat(past, utterance), _PLAIN_TOKENS, heard)
                return Answered("plain", said.text, known, finish=said.finish or "stop")  # what it tells counts later
            if begun is not None and begun.state.task != task:
                known, begun = Memory(len(past)), None
        else:
            task = begun.state.task
        asked = bool(known.question) if trusted else bool(past)
        mined = await self._mined(here, task, past[known.since :], utterance, known, asked=asked)
        thinking, emotion = mined.thinking, mined.emotion
        asks = thinking.ask is not None and emotion.willing
        heard.understood(thinking.state, thinking.ask if asks else None)
        if not asks:
            return _summed_up(thinking, known.since, willing=emotion.willing)
        said, reply = await together(
            self._said("known", here, _asked("known", thinking.state, utterance), _KNOWN_TOKENS, heard),
            self._question(here, mined, utterance),
        )
        return Answered(
            "asking",
            said.text,
            Memory(known.since, thinking, reply.text),
            question=reply.text,
            options=reply.options.options,
            state=thinking.state,
            ask=thinking.ask,
            finish=said.finish or "stop",
        )

    async def execute(self, place: str, state: IntentionState, *, hearing: Hearing | None = None) -> Said:
        """The task, done by the larger model from the summary alone (VII-A). Raises AnswerError, ModelError."""
        return await self._said("execute", place, _asked("execute", state), _DONE_TOKENS, hearing or Hearing())

    async def _task(self, here: str, own: Sequence[Exchange], utterance: str) -> Task | None:
        past = tuple((each.utterance, each.reply) for each in own)
        spoken_in = self.tasks[0].language
        step = WhichTask(tasks=self.tasks, past=past, utterance=utterance, spoken=spoken_in, budget=_BUDGET)
        name = (await self.ask(step, f"{here}/which-task")).task
        return None if name == NONE else next(task for task in self.tasks if task.name == name)

    async def _mined(
        self, here: str, task: Task, own: Sequence[Exchange], utterance: str, known: Memory, *, asked: bool
    ) -> Mined:
        """A^M of equation (18); of the assistant agent without its words, which it is asked for apart."""
        before, summed_up = known.thinking, known.summed_up is not None
        if isinstance(self.assistant, TrainedAssistant):
            state = None if before is None else before.state
            mined = await self.assistant.mined(here, task, own, utterance, state)
            if summed_up and not known.willing:  # who had enough is asked nothing more
                return Mined(mined.thinking, replace(mined.emotion, willing=False), None)
            return mined
        if before is not None and summed_up:
            thinking = await self._put_right(self.assistant, here, before, utterance)
            return Mined(thinking, Emotion("", willing=known.willing), None)
        return await self._understood(self.assistant, here, task, own, utterance, known, asked=asked)

    async def _question(self, here: str, mined: Mined, utterance: str) -> Reply:
        if mined.reply is not None or isinstance(self.assistant, TrainedAssistant):
            return mined.reply or Reply(Options("", ()), "")
        return await self.assistant.answer(f"{here}/answer", mined.thinking, mined.emotion, utterance)

    async def _understood(
        self,
        assistant: AssistantSteps,
        here: str,
        task: Task,
        own: Sequence[Exchange],
        utterance: str,
        known: Memory,
        *,
        asked: bool,
    ) -> Mined:
        """The assistant agent's thinking: by the memory stack where there is one, else from the chat."""
        if known.thinking is None and own:
            thinking = assistant.think_over(f"{here}/think", task, own, utterance)
        else:
            reply = known.question if known.thinking is not None else None
            thinking = assistant.think(f"{here}/think", task, utterance, known.thinking, reply)
        if not asked:  # who was asked nothing yet is not tired of questions
            return Mined(await thinking, _WILLING, None)
        return Mined(*await together(thinking, assistant.feel(f"{here}/feel", task, utterance)), None)

    async def _put_right(self, assistant: AssistantSteps, here: str, summed: Thinking, utterance: str) -> Thinking:
        """A summary with what the user says to it: the values of these words alone (equation 13) replace others."""
        state = summed.state
        news = (await assistant.think(f"{here}/think", state.task, utterance, None, None)).state.values
        state = state.updated(news)
        ask = summed.ask if summed.ask in state.missing else next(iter(state.missing), None)
        return Thinking(state, ask)

    def _chat(self, past: Sequence[Exchange], utterance: str) -> tuple[Message, ...]:
        """The chat as the larger model's own: its last turns, as many as there is room for."""
        room = room_for(self.larger.context_tokens, min(_PLAIN_TOKENS, self.larger.context_tokens // 2), _FRAME_TOKENS)
        turns = tuple(Turn(each.utterance, each.reply) for each in past)
        kept = fitted(Context("chat", "und", turns), room // 2).turns if turns else ()
        said = [each for turn in kept for each in (Message("user", turn.user), Message("assistant", turn.assistant))]
        return (*said, Message("user", utterance))

    async def _said(self, step: str, here: str, messages: tuple[Message, ...], most: int, heard: Hearing) -> Said:
        """The larger model's text, without its reasoning. Raises AnswerError where it says nothing."""
        digest = hashlib.sha256(f"{self.seed}/{here}/{step}".encode()).digest()
        room = min(most, self.larger.context_tokens // 2)
        sampling = Sampling(max_tokens=room, temperature=_TEMPERATURE, seed=int.from_bytes(digest[:4], "big") >> 1)
        said = Said("")
        async for said in spoken(self.larger, Request(messages, sampling, None, 0, step, "larger")):
            heard.said(said.text)
        if not said.text:
            raise AnswerError("the larger model said nothing", step=step, kind="empty", raw="")
        return said


def _summed_up(thinking: Thinking, since: int, *, willing: bool) -> Answered:
    """The summary. It takes no call: the state is what was understood."""
    state = thinking.state
    kind: Kind = "complete" if state.complete else "unwilling"
    memory = Memory(since, thinking, willing=willing)
    return Answered(kind, "", memory, state=state, summary=state.values)


def _asked(step: Literal["known", "execute"], state: IntentionState, said: str | None = None) -> tuple[Message, ...]:
    """The question to the larger model: thought(A^M), the intentions that are known (equation 19)."""
    task = state.task
    written = prompt_language(task.language)
    colon, nothing = ("：", "（还没有）") if written == "zh" else (": ", "(nothing yet)")
    lines = [f"> {task.name_of(key)}{colon}{_flat(value)}" for key, value in state.given]
    fields = {"task": task.name, "known": "\n".join(lines) or nothing, "language": language_name(task.language)}
    if said is not None:
        fields["utterance"] = behind_marks(said, _UTTERANCE_TOKENS)
    return (Message("user", fill(template(f"workflow/{step}", written), **fields)),)


def _flat(text: str) -> str:
    return " ".join(text.split())
