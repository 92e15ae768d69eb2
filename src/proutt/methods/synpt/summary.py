"""The assistant's last answer as text, and read again: what the user wants of a task.

A model under test writes such a text, so reading forgives what does not matter: case, width, order, an intention by its
key or its name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from proutt.intent.task import Task

OPEN, CLOSE = "<summary>", "</summary>"
_TASK = {"en": "Task", "zh": "任务"}
_COLON = {"en": ": ", "zh": "："}
_BLOCK = re.compile(rf"{OPEN}(.*?)(?:{CLOSE}|\Z)", re.DOTALL | re.IGNORECASE)
_LINE = re.compile(r"^[\s\-*•]*(.+?)\s*[:：]\s*(.*?)\s*$")


def summary_text(task: Task, values: Mapping[str, str]) -> str:
    """The summary of what is known, a line each in the task's order; what is not known has no line.

    A value is one line and can't close the block, whatever it holds.
    """
    language = "zh" if task.language == "zh" else "en"
    colon = _COLON[language]
    lines = [f"{_TASK[language]}{colon}{task.name}"]
    lines += [f"{task.name_of(key)}{colon}{_one_line(values[key])}" for key in task.keys if key in values]
    return "\n".join([OPEN, *lines, CLOSE])


def read_summary(text: str, task: Task) -> dict[str, str] | None:
    """Intention → value of a text's summary; None of a text that has none. Lines of no intention are passed over."""
    block = _BLOCK.search(text)
    if block is None:
        return None
    keys = {_plain(each.name): each.key for each in task.intentions} | {_plain(each): each for each in task.keys}
    found: dict[str, str] = {}
    for line in block[1].splitlines():
        match = _LINE.match(line)
        key = keys.get(_plain(match[1])) if match else None
        if match and key and match[2]:
            found.setdefault(key, match[2])
    return found


def _one_line(value: str) -> str:
    return " ".join(value.replace("<", "‹").replace(">", "›").split())


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
