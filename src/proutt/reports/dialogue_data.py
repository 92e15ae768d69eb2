"""What the page needs of one dialogue: its record laid out for reading, and an entry for list and filters. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proutt.intent.task import IntentionType, Task
from proutt.intent.values import agrees
from proutt.methods.synpt.record import AssistantRecord, SimulatedTurn, SynPTDialogue
from proutt.reports.pair_data import Flag, snippet

#: What stands where in an entry.
ENTRY = ("name", "task", "language", "method", "end", "reluctant", "turns", "flags", "snippet")


def run_flags(dialogue: SynPTDialogue) -> list[Flag]:
    """What the run's own checks found; it keeps a dialogue out of exports."""
    return [Flag(check=name, severity="error", reason="found when it was made") for name in dialogue.flags]


def entry(dialogue: SynPTDialogue, flags: Iterable[Flag]) -> list[Any]:
    """The dialogue in the list, by the places that `ENTRY` names."""
    first = dialogue.turns[0].user.utterance if dialogue.turns else ""
    return [
        dialogue.seed_id,
        dialogue.task,
        dialogue.language,
        dialogue.method,
        dialogue.end,
        dialogue.reluctant,
        len(dialogue.turns),
        list(dict.fromkeys(flag.check for flag in flags)),
        snippet(first),
    ]


def dialogue_data(dialogue: SynPTDialogue, flags: Iterable[Flag]) -> dict[str, Any]:
    """Everything of a dialogue that its page shows; intentions by the names that people know."""
    names = dialogue.names
    exchanges, before = [], dict[str, str]()
    for turn in dialogue.turns:
        exchanges.append(_exchange(turn, before, dialogue))
        before = turn.assistant.state.given if turn.assistant.state is not None else before
    return {
        "seed": [[names.get(key, key), value] for key, value in dialogue.values.items()],
        "inquiry": None if dialogue.inquiry is None else [names.get(key, key) for key in dialogue.inquiry],
        "exchanges": exchanges,
        "flags": [flag.as_data() for flag in flags],
        "source": dialogue.source,
        "made": {
            "models": dialogue.models,
            "prompt_version": dialogue.prompt_version,
            "settings": dialogue.settings,
            "attempts": dialogue.attempts,
            "modules": {
                name: [each.calls, each.prompt_tokens, each.completion_tokens]
                for name, each in dialogue.usage_by_module.items()
            },
        },
    }


def _exchange(turn: SimulatedTurn, before: Mapping[str, str], dialogue: SynPTDialogue) -> dict[str, Any]:
    """One turn. before: what was given before it, so that what is new in it can be told."""
    user, answer, names = turn.user, turn.assistant, dialogue.names
    state = answer.state
    given = {} if state is None else state.given
    return {
        "utterance": user.utterance,
        "told": None if user.told is None else [names.get(key, key) for key in user.told],
        "why": user.reasoning,
        "unwilling": user.unwilling,
        "state": state is not None,
        "given": [[names.get(key, key), value, before.get(key) != value] for key, value in given.items()],
        "missing": [] if state is None else [names.get(key, key) for key in state.missing],
        "ask": None if answer.ask is None else names.get(answer.ask, answer.ask),
        "reflection": None if answer.reflection is None else answer.reflection.model_dump(),
        "emotion": None if answer.emotion is None else answer.emotion.model_dump(),
        "options": None if answer.options is None else answer.options.model_dump(),
        "reply": answer.reply,
        "summary": _summary(answer, dialogue),
    }


def _summary(answer: AssistantRecord, dialogue: SynPTDialogue) -> list[list[Any]] | None:
    """Name, value, and whether it is the seed's; null where no seed is known."""
    if answer.summary is None:
        return None
    types = tuple(IntentionType(key, name, name) for key, name in dialogue.names.items())
    task = Task(dialogue.task, dialogue.language, types, dialogue.any_value, turns=1, mean=0) if types else None
    return [
        [
            dialogue.names.get(key, key),
            value,
            agrees(task, value, dialogue.values[key]) if task is not None and key in dialogue.values else None,
        ]
        for key, value in answer.summary.items()
    ]
