"""The agent workflow over HTTP: what is asked, what comes back, and the state that the client keeps in between.

The service remembers no chat. What the workflow carries from one reply to the next goes to the client, and comes back
with the next request as plain data. It is not signed: it says nothing that the client could not say in a message, and a
key for it would have to be shared by all processes and outlive each. So it is held to its task instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.methods.synpt.steps import Exchange, Thinking
from proutt.prediction.workflow import Answered, Memory
from proutt.serving.chats import Refused, dialogue_of
from proutt.serving.shapes import MOST_MESSAGES, Asked, ChatMessage, Messages, Text

_MOST_VALUES = 256
_LONGEST_VALUE, _LONGEST_QUESTION = 10_000, 20_000

Value = Annotated[Text, Field(max_length=_LONGEST_VALUE)]


class AskState(Asked):
    """What is known of the task that is at work. Send it back with the next message, as it came."""

    since: int = Field(0, ge=0, le=MOST_MESSAGES, description="rounds of the chat that are done with")
    task: Value | None = Field(None, description="by name; null where none is at work")
    given: dict[str, Value] = Field({}, max_length=_MOST_VALUES, description="intention → value, in the user's words")
    missing: list[str] = Field([], max_length=_MOST_VALUES, description="intentions that nobody has given yet")
    ask: str | None = Field(None, max_length=_LONGEST_VALUE, description="the one asked for, or to be asked for next")
    question: Annotated[Text, Field(max_length=_LONGEST_QUESTION)] = Field(
        "", description="what was asked; empty where the intentions are summed up, and can be executed"
    )
    willing: bool = Field(True, description="whether the user may be asked further questions of this task")


class AskAsked(Asked):
    """A chat that ends with the user; or, to execute, one that ends with the assistant."""

    messages: Messages
    state: AskState | None = Field(None, description="of the last answer; null: it is read from the chat")
    execute: bool = Field(False, description="do the task that the state sums up")
    stream: bool = Field(False, description="as server-sent events; so does Accept: text/event-stream")


class AskAnswer(BaseModel):
    """One reply of the workflow.

    kind  asking: something is missing; complete, unwilling: summed up; plain: about no known task; done: executed
    """

    kind: Literal["asking", "complete", "unwilling", "plain", "done"]
    text: str = Field(description="all of it, as the assistant's message to be sent back")
    answer: str = Field(description="what the larger model says; empty of a summary")
    question: str | None = None
    options: list[str] = Field([], description="three values that may be the answer to the question")
    ask: str | None = Field(None, description="the intention asked for")
    summary: dict[str, str] | None = Field(None, description="intention → value, where they were summed up")
    state: AskState = Field(description="to be sent back with the next message")
    finish: str = Field(description="stop, or length where the answer was cut off")
    model: str = Field(description="the larger model")
    took_ms: float


def chat_of(messages: Sequence[ChatMessage]) -> tuple[tuple[Exchange, ...], str | None]:
    """The rounds of a chat, and what the user says that nobody answered yet. Raises Refused."""
    dialogue = dialogue_of(messages)
    if dialogue is None:
        return (), None
    return tuple(Exchange(turn.user, turn.assistant) for turn in dialogue.turns), dialogue.last_utterance


def memory_of(state: AskState | None, tasks: Sequence[Task], rounds: int) -> Memory | None:
    """What the client hands back. Raises Refused (422) where it can't be of this service and this chat."""
    if state is None:
        return None
    if state.since > rounds:
        raise _wrong("since", "the chat has fewer rounds")
    if state.task is None:
        if state.given or state.missing or state.ask or state.question:
            raise _wrong("task", "it is null, and something is known of it")
        return Memory(state.since)
    task = next((each for each in tasks if each.name == state.task), None)
    if task is None:
        raise _wrong("task", "this service knows no such task")
    try:
        known = IntentionState(task, tuple(state.given.items()))
        thinking = Thinking(known, state.ask)
    except ValueError:
        raise _wrong("given, ask", "these are not the task's intentions") from None
    if tuple(state.missing) != known.missing:
        raise _wrong("missing", "it is not what is left of the task")
    if (state.question or state.willing) and bool(state.question) == known.complete:
        raise _wrong("question", "there is one exactly where something is missing and the user may be asked")
    return Memory(state.since, thinking, state.question, state.willing)


def state_of(memory: Memory) -> AskState:
    """What the client keeps."""
    if memory.thinking is None:
        return AskState(since=memory.since)
    state = memory.thinking.state
    return AskState(
        since=memory.since,
        task=state.task.name,
        given=state.values,
        missing=list(state.missing),
        ask=memory.thinking.ask,
        question=memory.question,
        willing=memory.willing,
    )


def answer_of(answered: Answered, model: str, took_ms: float) -> AskAnswer:
    """A reply as our own path gives it."""
    return AskAnswer(
        kind=answered.kind,
        text=answered.text,
        answer=answered.known,
        question=answered.question or None,
        options=list(answered.options),
        ask=answered.ask,
        summary=answered.summary,
        state=state_of(answered.memory),
        finish=answered.finish,
        model=model,
        took_ms=took_ms,
    )


def _wrong(field: str, why: str) -> Refused:
    return Refused(422, "state", f"state.{field}: {why}. Send the state of the last answer as it came, or none.")
