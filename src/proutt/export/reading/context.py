"""The context D^(K) read out of a prompt: in our layout exactly, in the released one as far as it can be told. Pure.

Our prompts quote every line that was said, so headings can't be forged; texts come back neutralised and with plain line
ends. The released ones quote nothing: where a round holds more than one place at which the assistant could begin, there
is no telling, and no context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from proutt.dialogue import Context, Turn
from proutt.export.wording import Wording, wording

_QUOTE = "> "
#: the fence that the released prompt puts around the history, at its end
_RELEASED_HISTORY = re.compile(r"\[user-assistant conversation history\]:\s*```\n(.*)\n```\s*\Z", re.DOTALL)
_RELEASED_ROUND = re.compile(r"(?:\A|\n)\n?\[Round (\d{1,5})\]\nUser: ")
_ASSISTANT = "\nAssistant: "


@dataclass(frozen=True, slots=True)
class Said:
    """What a prompt tells was said: K turns, and what the assistant said before them."""

    turns: tuple[Turn, ...]
    opening: str | None = None

    def context(self, dialogue_id: str, language: str) -> Context:
        """The same as a context."""
        return Context(dialogue_id, language, self.turns, self.opening)


def said_in(prompt: str) -> Said | None:
    """The dialogue that a prompt holds; None where it holds none in a layout that is known."""
    return _canonical(prompt) or _released(prompt)


def _canonical(prompt: str) -> Said | None:
    for words in (wording("en"), wording("zh")):
        _, heading, history = f"\n{prompt}".rpartition(f"\n{words.history}\n\n")
        said = _rounds(history.split("\n\n"), words) if heading else None
        if said is not None:
            return said
    return None


def _rounds(blocks: list[str], words: Wording) -> Said | None:
    """The rounds of quoted blocks; None where one is not as `history_text` writes it."""
    opening = None
    if blocks and blocks[0].startswith(f"{words.opening}\n"):
        opening = _quoted_after(blocks[0], f"{words.opening}\n{words.assistant}\n")
        if opening is None:
            return None
        blocks = blocks[1:]
    turns = []
    for number, block in enumerate(blocks, start=1):
        heading = words.round.replace("{n}", str(number))
        asked, speaker, answered = block.partition(f"\n{words.assistant}\n")
        user = _quoted_after(asked, f"{heading}\n{words.user}\n")
        assistant = _quoted_after(answered, "")
        if not speaker or user is None or assistant is None:
            return None
        turns.append(Turn(user, assistant))
    return Said(tuple(turns), opening) if turns else None


def _quoted_after(block: str, heading: str) -> str | None:
    """The text whose quoted lines follow the heading; None where there is no such heading, or a line is not quoted."""
    lines = block.removeprefix(heading).split("\n")
    if not block.startswith(heading) or not all(line.startswith(_QUOTE) for line in lines):
        return None
    return "\n".join(line.removeprefix(_QUOTE) for line in lines)


def _released(prompt: str) -> Said | None:
    found = _RELEASED_HISTORY.search(prompt)
    return None if found is None else released_rounds(found[1])


def released_rounds(history: str) -> Said | None:
    """The turns of a released `chat_history`; None where it can't be told who said what."""
    starts = list(_RELEASED_ROUND.finditer(history))
    if not starts or [int(start[1]) for start in starts] != list(range(1, len(starts) + 1)):
        return None
    ends = [start.start() for start in starts[1:]] + [len(history)]
    turns = []
    for start, end in zip(starts, ends, strict=True):
        said = history[start.end() : end].split(_ASSISTANT)
        if len(said) != 2:
            return None
        turns.append(Turn(said[0].strip("\n"), said[1].strip("\n")))
    return Said(tuple(turns))
