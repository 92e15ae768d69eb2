"""What a prompt of SynPT quotes: the task, what is known of it, what was said. All of it is material, never a text to
be obeyed, so what somebody said stands behind "> " and a value stays on its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proutt.dialogue import Turn
from proutt.intent.task import Task
from proutt.prompts.context import estimated_tokens
from proutt.prompts.template import prompt_language

_TASK = {"en": "# Task: {}\nIt needs these intentions:\n{}", "zh": "# 任务：{}\n需要了解的意图：\n{}"}
_SPEAKERS = {"en": ("User:", "Assistant:"), "zh": ("用户：", "助手：")}
_NONE = {"en": "(nothing)", "zh": "（无）"}
_COLON = {"en": ": ", "zh": "："}
_NAMED = {"en": "`{0}` ({1})", "zh": "`{0}`（{1}）"}
_COMMA = {"en": ", ", "zh": "、"}


def task_text(task: Task) -> str:
    """The task and its intention types, a line each: key, name, what it means. Of no seed."""
    language = prompt_language(task.language)
    lines = [
        f"- {named(task, each.key)}{_COLON[language]}{one_line(each.description or each.name)}"
        for each in task.intentions
    ]
    return _TASK[language].format(one_line(task.name), "\n".join(lines))


def values_text(task: Task, values: Iterable[tuple[str, str]], *, keys: bool = False) -> str:
    """A line per intention and its value, or the word for none; with the intentions' keys where answers name them."""
    language = prompt_language(task.language)
    name = named if keys else plainly_named
    lines = [f"- {name(task, key)}{_COLON[language]}{one_line(value)}" for key, value in values]
    return "\n".join(lines) or _NONE[language]


def meaning_text(task: Task, key: str) -> str:
    """An intention by name, and what it means."""
    intention = task.intention(key)
    meaning = f"{_COLON[prompt_language(task.language)]}{one_line(intention.description)}"
    return plainly_named(task, key) + (meaning if intention.description else "")


def names_text(task: Task, keys: Sequence[str]) -> str:
    """Intentions by what people call them, on one line."""
    language = prompt_language(task.language)
    return _COMMA[language].join(plainly_named(task, key) for key in keys) or _NONE[language]


def keys_text(task: Task, keys: Sequence[str]) -> str:
    """Intentions by key and name, on one line."""
    language = prompt_language(task.language)
    return _COMMA[language].join(named(task, key) for key in keys) or _NONE[language]


def plainly_named(task: Task, key: str) -> str:
    return one_line(task.name_of(key))


def named(task: Task, key: str) -> str:
    """By key and name."""
    return _NAMED[prompt_language(task.language)].format(key, one_line(task.name_of(key)))


def said_text(past: Sequence[Turn], utterance: str | None, *, language: str, budget: int) -> str:
    """What both have said, in order, and the user's last words where there are some that nobody answered yet.

    The oldest turns leave where all of it would take more than `budget` tokens.
    """
    user, assistant = _SPEAKERS[prompt_language(language)]
    most = budget // 8
    parts = [
        f"{user}\n{behind_marks(each.user, most)}\n{assistant}\n{behind_marks(each.assistant, most)}" for each in past
    ]
    if utterance is not None:
        parts.append(f"{user}\n{behind_marks(utterance, most)}")
    while len(parts) > 1 and estimated_tokens("\n".join(parts)) > budget:
        del parts[0]
    return "\n".join(parts)


def behind_marks(text: str, most: int) -> str:
    """The text behind "> ", line by line; its middle is left out where it has more than `most` tokens."""
    if estimated_tokens(text) > most:
        kept = len(text)
        while kept and estimated_tokens(text[:kept] + text[-kept:]) > most:
            kept = kept * 3 // 4
        text = f"{text[:kept]} … {text[len(text) - kept :]}"
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])


def one_line(text: str) -> str:
    return " ".join(text.split())
