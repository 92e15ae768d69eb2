"""What every small question of SynPT is, and how its facts and texts are written.

As in `prompts/proutt/small_step.py`: a short system prompt, worked examples on far-away subjects as chat turns, then
the question; the grammar of an answer keeps a small model to its form (docs/embedded.md says why).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from proutt.intent.task import Task
from proutt.prompts.proutt.small_step import ANY, NONE, SmallStep, quoted
from proutt.prompts.template import prompt_language

#: Tokens of what somebody said that a question shows.
SAID_TOKENS = 300

_COLON = {"en": ": ", "zh": "："}
_BETWEEN = {"en": "; ", "zh": "；"}
_REASONING = {"en": rf"^{ANY}{{20,200}}\.$", "zh": rf"^{ANY}{{8,90}}。$"}
_OTHER_REASONING = rf"^{ANY}{{12,200}}[.。]$"
_FREE = r'[^"\\\n>…*{}☀-⟿🀀-🫿]'
_UTTERANCE = {"en": rf"^{_FREE}{{2,200}}[.?!]$", "zh": rf"^{_FREE}{{2,80}}[。？！]$"}
_OTHER_UTTERANCE = rf"^{_FREE}{{2,200}}$"
#: Between values that have to be told there is no digit, or a model writes a date or a price its own way first; and no
#: end of a sentence, or it loses the thread.
_GAP = r'[^"\\\n>…*{}0-9.?!。？！☀-⟿🀀-🫿]'
#: Nor is there a capital letter in English but at the beginning and in "I": a small model names a place of its own.
_WORDS = r"[a-zß-ɏI ,;:'’-]"
_CLAUSE = r"[a-zß-ɏI '’]"
#: Before the first value, between two, and after the last one.
_GAPS = {
    "zh": (f"{_GAP}{{0,8}}", f"{_GAP}{{0,8}}", f"{_GAP}{{0,10}}[。！]"),
    "en": (f"([A-Z]{_WORDS}{{0,40}} )?", f",? ({_WORDS}{{1,28}} )?", f"(,? {_WORDS}{{2,28}})?[.!]"),
}
_OTHER_GAPS = (f"{_GAP}{{0,40}}", f"{_GAP}{{0,40}}", f"{_GAP}{{0,40}}")
#: How an inquiry says that something does not matter: by its name, so that it is clear what.
_WAIVED = {
    "en": "(any NAME|no preference for the NAME|the NAME does not matter|I don't mind the NAME)",
    "zh": "NAME(不限|无所谓|都可以|没有要求)",
}
#: A first message that tells nothing.
_BARE = {"en": rf"^[A-Z]{_WORDS}{{6,120}}[.?!]$", "zh": rf"^{_GAP}{{4,40}}[。？！]$"}
#: Words of a user who has had enough: nothing is asked. Held, they hold a phrase that says so beyond doubt.
_REFUSAL = {"en": rf"^[A-Z][^?{_FREE[2:]}{{8,140}}[.!]$", "zh": rf"^[^？?{_FREE[2:]}{{4,50}}[。！]$"}
_HELD_REFUSAL = {
    "en": (
        rf"^([A-Z]{_CLAUSE}{{1,30}}, (no more questions|that is enough questions|please stop asking|stop asking me)"
        "|No more questions|That is enough questions|Please stop asking|You ask too many questions)"
        rf"(, {_WORDS}{{4,50}})?[.!]$"
    ),
    "zh": rf"^({_GAP}{{1,10}}，)?(别再问了|不想再回答了|问题太多了|已经问够了|不用再问了)(，{_GAP}{{2,14}})?[。！]$",
}
_SPECIAL = re.compile(r"([\^$.\[\]()|{}*+?])")


@dataclass(frozen=True, kw_only=True)
class SmallQuestion(SmallStep):
    """A small question about a task."""

    folder: ClassVar[str] = "synpt/small"
    system: ClassVar[str] = "synpt/small/system"

    task: Task
    budget: int = SAID_TOKENS

    @property
    def language(self) -> str:
        return self.task.language


def facts(pairs: Iterable[tuple[str, str]], language: str) -> str:
    """What is known, on one line: "day: 4 days; month: May", or the mark for nothing."""
    code = prompt_language(language)
    flat = (f"{name}{_COLON[code]}{' '.join(value.split())}" for name, value in pairs)
    return _BETWEEN[code].join(flat) or NONE[code]


def points(pairs: Iterable[tuple[str, str]], language: str) -> str:
    """Names with their meaning, a line each."""
    return "\n".join(f"- {name}{_COLON[prompt_language(language)]}{meaning}" for name, meaning in pairs)


def said(utterances: Sequence[str], budget: int) -> str:
    """Utterances in quotation marks, the last ones where there is not room for all."""
    share = max(budget // max(len(utterances), 1), 40)
    return " ".join(quoted(each, share) for each in utterances)


def reasoning_pattern(language: str) -> str:
    """One sentence."""
    return _REASONING.get(language, _OTHER_REASONING)


def telling_pattern(language: str, told: Sequence[tuple[str, str | None]]) -> str | None:
    """An utterance that states values, each as it stands, in their order; None where a pattern can't say so.

    told  (name, value); what has no preference (None) is said by its name, and so is a single Chinese character
    """
    stated = []
    for name, value in told:
        if value is None and language not in _WAIVED:
            return None
        text = name if value is None else value
        if value is not None and len(value) == 1 and language == "zh":
            text = f"{name}{value}"  # 低 alone says little
        if re.search(r'["\\\n]', text):
            return None
        plain = _SPECIAL.sub(r"\\\1", text)
        stated.append(_WAIVED[language].replace("NAME", plain) if value is None else plain)
    before, between, after = _GAPS.get(language, _OTHER_GAPS)
    return f"^{before}{between.join(stated)}{after}$" if stated else None


def bare_pattern(language: str) -> str:
    """A first message that tells no value: no number, and no name where capital letters mark one."""
    return _BARE.get(language, utterance_pattern(language))


def refusal_pattern(language: str, *, held: bool) -> str:
    """Words of a user who wants no more questions. held: they say it in one of some clear phrases."""
    return (_HELD_REFUSAL if held else _REFUSAL).get(language, utterance_pattern(language))


def utterance_pattern(language: str) -> str:
    """A sentence or two, plain words."""
    return _UTTERANCE.get(language, _OTHER_UTTERANCE)
