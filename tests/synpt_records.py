"""SynPT dialogues for tests: English and Chinese, every end, every method's gaps, hostile text."""

from __future__ import annotations

from typing import Any

from proutt.methods.record import UsageRecord
from proutt.methods.synpt.record import (
    AssistantRecord,
    EmotionRecord,
    OptionsRecord,
    ReflectionRecord,
    SimulatedTurn,
    StateRecord,
    SynPTDialogue,
    UserRecord,
)

TRIP = {
    "en": {"destination": "Destination", "days": "Days", "month": "Month"},
    "zh": {"destination": "目的地（城市名称）", "days": "游玩天数", "month": "时间（月份）"},
}
_SAID: dict[str, dict[str, Any]] = {
    "en": {
        "task": "Trip",
        "values": {"destination": "Lyon", "days": "3 days", "month": "May"},
        "utterances": ["I'd like to see Lyon.", "For 3 days.", "In May."],
        "replies": ["Lovely! For how long: 2 days, 3 days or 5 days?", "Good. In which month: April, May or June?"],
        "options": [["2 days", "3 days", "5 days"], ["April", "May", "June"]],
        "calm": "The user writes calmly and answers.",
        "tired": "The user is short and wants an answer now.",
        "why": "A trip there mostly takes this long.",
        "stop": "Just tell me now.",
    },
    "zh": {
        "task": "旅行计划",
        "values": {"destination": "北京", "days": "3天", "month": "5月"},
        "utterances": ["我想去北京玩。", "3天。", "5月去。"],
        "replies": ["好呀！打算玩几天？2天、3天还是5天？", "明白了。几月去呢？4月、5月还是6月？"],
        "options": [["2天", "3天", "5天"], ["4月", "5月", "6月"]],
        "calm": "用户语气平和，愿意回答。",
        "tired": "用户回复简短，想马上得到答案。",
        "why": "去那里一般要玩这么久。",
        "stop": "别问了，直接告诉我吧。",
    },
}


def a_dialogue(*, language: str = "en", end: str = "nothing-missing", **changes: Any) -> SynPTDialogue:
    """A whole dialogue of three turns (two where the user is reluctant or it was cut off)."""
    said, names = _SAID[language], TRIP[language]
    keys, values = list(names), said["values"]
    turns = []
    for at in range(2):
        given = {key: values[key] for key in keys[: at + 1]}
        turns.append(
            SimulatedTurn(
                user=_user(said, at, keys),
                assistant=AssistantRecord(
                    state=StateRecord(given=given, missing=keys[at + 1 :]),
                    ask=keys[at + 1],
                    emotion=EmotionRecord(reasoning=said["calm"], willing=True),
                    options=OptionsRecord(reasoning=said["why"], options=said["options"][at]),
                    reply=said["replies"][at],
                ),
            )
        )
    if end == "nothing-missing":
        state = StateRecord(given=dict(values), missing=[])
        turns.append(SimulatedTurn(user=_user(said, 2, keys), assistant=_summary(language, state)))
    elif end == "reluctant":
        state = StateRecord(given={keys[0]: values[keys[0]]}, missing=keys[1:])
        last = _summary(language, state, EmotionRecord(reasoning=said["tired"], willing=False))
        user = UserRecord(utterance=said["stop"], told=[], reasoning=said["tired"], unwilling=True)
        turns[1] = SimulatedTurn(user=user, assistant=last)
    fields = {
        "method": "synpt",
        "seed_id": "s1",
        "task": said["task"],
        "language": language,
        "source": "seeds.jsonl:1",
        "names": names,
        "any_value": "不限" if language == "zh" else "any",
        "values": values,
        "reluctant": end == "reluctant",
        "inquiry": [keys[0]],
        "turns": turns,
        "end": end,
        "models": {"user": "m1", "assistant": "m2"},
        "prompt_version": "p1",
        "seed": 0,
        "settings": {"method": "synpt"},
        "usage": UsageRecord(calls=9, prompt_tokens=900, completion_tokens=300),
        "usage_by_module": {
            "intention": UsageRecord(calls=3, prompt_tokens=300, completion_tokens=100),
            "emotion": UsageRecord(calls=2, prompt_tokens=600, completion_tokens=200),
        },
    }
    return SynPTDialogue(**(fields | changes))


def without_thinking(dialogue: SynPTDialogue) -> SynPTDialogue:
    """The same as a method makes it that thinks nothing."""
    blank = {"state": None, "ask": None, "emotion": None, "options": None, "reflection": None}
    turns = [turn.model_copy(update={"assistant": turn.assistant.model_copy(update=blank)}) for turn in dialogue.turns]
    return dialogue.model_copy(update={"method": "dual-agent", "turns": turns})


def changed_turn(dialogue: SynPTDialogue, at: int, *, user: Any = None, assistant: Any = None) -> SynPTDialogue:
    """The same with fields of one turn's speakers changed; turns count from 0."""
    turn = dialogue.turns[at]
    new = SimulatedTurn(
        user=turn.user.model_copy(update=user or {}), assistant=turn.assistant.model_copy(update=assistant or {})
    )
    return dialogue.model_copy(update={"turns": [*dialogue.turns[:at], new, *dialogue.turns[at + 1 :]]})


def reflected(dialogue: SynPTDialogue) -> SynPTDialogue:
    """The same with a reflection in its first turn."""
    reasoning = "判断正确。" if dialogue.language == "zh" else "It is right."
    return changed_turn(dialogue, 0, assistant={"reflection": ReflectionRecord(reasoning=reasoning, changed=False)})


def _user(said: dict[str, Any], at: int, keys: list[str]) -> UserRecord:
    return UserRecord(utterance=said["utterances"][at], told=[keys[at]], reasoning=None if at == 0 else said["calm"])


def _summary(language: str, state: StateRecord, emotion: EmotionRecord | None = None) -> AssistantRecord:
    from proutt.intent.task import IntentionType, Task
    from proutt.methods.synpt.summary import summary_text

    names = TRIP[language]
    types = tuple(IntentionType(key, name, name) for key, name in names.items())
    task = Task(_SAID[language]["task"], language, types, "any", turns=7, mean=1.5)
    return AssistantRecord(state=state, emotion=emotion, reply=summary_text(task, state.given), summary=state.given)
