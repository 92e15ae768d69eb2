"""What every method of a dialogue is given, and how what was said and thought becomes turns of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Seed
from proutt.methods.synpt.record import (
    AssistantRecord,
    EmotionRecord,
    OptionsRecord,
    ReflectionRecord,
    SimulatedTurn,
    StateRecord,
    UserRecord,
)
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.steps import Emotion, Options, Said, Steps, Thinking
from proutt.methods.synpt.summary import summary_text
from proutt.prompts import Ask


@dataclass(frozen=True, slots=True)
class Making:
    """One dialogue at work.

    place   names it within a run; chance is keyed by it
    budget  most tokens of what was said before in a prompt
    """

    seed: Seed
    settings: SynPTSettings
    steps: Steps
    ask: Ask
    place: str
    budget: int


def asking_turn(
    said: Said,
    thinking: Thinking,
    reply: str,
    *,
    options: Options | None = None,
    emotion: Emotion | None = None,
    reflection: ReflectionRecord | None = None,
) -> SimulatedTurn:
    """A turn in which the assistant asks for T_i."""
    assistant = AssistantRecord(
        state=_state_record(thinking.state),
        ask=thinking.ask,
        reflection=reflection,
        emotion=_emotion_record(emotion),
        options=None if options is None else _options_record(options),
        reply=reply,
    )
    return SimulatedTurn(user=_user_record(said), assistant=assistant)


def summing_turn(
    said: Said,
    state: IntentionState,
    *,
    emotion: Emotion | None = None,
    reflection: ReflectionRecord | None = None,
) -> SimulatedTurn:
    """The last turn: the assistant says what it knows. The summary is a rendering of S_i and takes no call."""
    assistant = AssistantRecord(
        state=_state_record(state),
        reflection=reflection,
        emotion=_emotion_record(emotion),
        reply=summary_text(state.task, state.values),
        summary=_in_order(state.task.keys, state.values),
    )
    return SimulatedTurn(user=_user_record(said), assistant=assistant)


def _in_order(keys: Sequence[str], values: dict[str, str]) -> dict[str, str]:
    return {key: values[key] for key in keys if key in values}


def _user_record(said: Said) -> UserRecord:
    told = None if said.told is None else list(said.told)
    return UserRecord(utterance=said.utterance, told=told, reasoning=said.reasoning, unwilling=said.unwilling)


def _state_record(state: IntentionState) -> StateRecord:
    return StateRecord(given=state.values, missing=list(state.missing))


def _emotion_record(emotion: Emotion | None) -> EmotionRecord | None:
    return None if emotion is None else EmotionRecord(reasoning=emotion.reasoning, willing=emotion.willing)


def _options_record(options: Options) -> OptionsRecord:
    return OptionsRecord(reasoning=options.reasoning, options=list(options.options))
