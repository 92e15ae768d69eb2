"""What an assistant agent thinks, as the text that a model learns to write; `reading.py` reads it again. Pure.

Blocks in a fixed order, those of intention, reflection, emotion and options; a block that a method has not is left out.
Every value is one line, and no text of a dialogue can pass for a heading or close the thinking: reading gives back what
was written, but for strings that a chat template takes for its own marks, which are broken by a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proutt.dialogue.control_text import CONTROL
from proutt.methods.synpt.record import (
    AssistantRecord,
    EmotionRecord,
    OptionsRecord,
    ReflectionRecord,
    StateRecord,
)

OPEN, CLOSE = "<think>", "</think>"
_SUMMARY = re.compile(r"<(?=/?summary\s*>)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Stands for a value that says nothing.
_EMPTY = "–"
#: Before a line of somebody's text that would read as a heading of ours.
QUOTE = "› "


@dataclass(frozen=True, slots=True)
class Thought:
    """What an answer was thought out with; None is what its method does not think.

    ask      T_i; None where nothing is asked for
    settled  whether it says in a line that nothing is asked for: before a summary, not where T_i is not known
    """

    state: StateRecord | None = None
    ask: str | None = None
    reflection: ReflectionRecord | None = None
    emotion: EmotionRecord | None = None
    options: OptionsRecord | None = None
    settled: bool = False

    @classmethod
    def of(cls, answer: AssistantRecord) -> Thought:
        settled = answer.state is not None and answer.ask is None and answer.summary is not None
        return cls(answer.state, answer.ask, answer.reflection, answer.emotion, answer.options, settled)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's fixed words: headings of the blocks, labels of their lines."""

    intention: str
    reflection: str
    emotion: str
    options: str
    task: str
    given: str
    missing: str
    ask: str
    changed: str
    willing: str
    list: str
    none: str
    yes: str
    no: str
    colon: str

    def said(self, label: str, value: str) -> str:
        return f"{label}{self.colon}{value}"

    def which(self, yes: bool) -> str:
        return self.yes if yes else self.no


_ENGLISH = Words(
    intention="[Intention]",
    reflection="[Reflection]",
    emotion="[Emotion]",
    options="[Options]",
    task="Task",
    given="Given",
    missing="Missing",
    ask="Ask for",
    changed="Put right",
    willing="Willing to go on",
    list="Reference options",
    none="none",
    yes="yes",
    no="no",
    colon=": ",
)
_CHINESE = Words(
    intention="【意图】",
    reflection="【反思】",
    emotion="【情绪】",
    options="【选项】",
    task="咨询任务",
    given="已提供",
    missing="未提供",
    ask="本轮询问",
    changed="已更正",
    willing="愿意继续",
    list="参考选项",
    none="无",
    yes="是",
    no="否",
    colon="：",
)
BOTH_LANGUAGES = (_ENGLISH, _CHINESE)


def words_of(language: str) -> Words:
    """Chinese for "zh", English for every other language (ISO 639-1)."""
    return _CHINESE if language == "zh" else _ENGLISH


def answer_text(thinking: str, reply: str) -> str:
    """An answer as a model writes it: its thinking between `<think>` and `</think>`, then what the user reads."""
    return f"{OPEN}\n{thinking}\n{CLOSE}\n\n{reply.strip()}" if thinking else reply.strip()


def thinking_text(thought: Thought, *, task: str, names: Mapping[str, str], language: str) -> str:
    """The blocks of a thought, an empty line between two; "" where there is none.

    task   its name; names: intention → what people call it. Raises KeyError for an intention that has no name.
    """
    words = words_of(language)
    blocks = [
        _intention(thought, task, names, words),
        _judged(words.reflection, thought.reflection, words.changed, words),
        _judged(words.emotion, thought.emotion, words.willing, words),
        _options(thought.options, words),
    ]
    return "\n\n".join(block for block in blocks if block)


def _intention(thought: Thought, task: str, names: Mapping[str, str], words: Words) -> str:
    if thought.state is None and thought.ask is None:
        return ""
    lines = [words.intention, words.said(words.task, one_line(task))]
    state = thought.state
    if state is not None:
        given = [words.said(one_line(names[key]), one_line(value)) for key, value in state.given.items()]
        missing = [one_line(names[key]) for key in state.missing]
        lines += [*_listed(words.given, given, words), *_listed(words.missing, missing, words)]
    if thought.ask is not None:
        lines.append(words.said(words.ask, one_line(names[thought.ask])))
    elif thought.settled and not _called_none(names):
        lines.append(words.said(words.ask, words.none))
    return "\n".join(lines)


def _called_none(names: Mapping[str, str]) -> bool:
    """Whether an intention is called what stands for none, so that a line with it would ask for that."""
    nothing = {plain(words.none) for words in BOTH_LANGUAGES}
    return any(plain(each) in nothing for pair in names.items() for each in pair)


def _listed(label: str, entries: Sequence[str], words: Words) -> list[str]:
    """A label with a line for each entry, or with the word for none."""
    if not entries:
        return [words.said(label, words.none)]
    return [words.said(label, "").rstrip(), *(f"- {entry}" for entry in entries)]


def _judged(heading: str, found: ReflectionRecord | EmotionRecord | None, label: str, words: Words) -> str:
    """A block of reasoning that ends with a yes or a no."""
    if found is None:
        return ""
    verdict = found.willing if isinstance(found, EmotionRecord) else found.changed
    return "\n".join([heading, *_prose(found.reasoning), words.said(label, words.which(verdict))])


def _options(found: OptionsRecord | None, words: Words) -> str:
    if found is None:
        return ""
    label = words.said(words.list, "").rstrip()
    return "\n".join(
        [words.options, *_prose(found.reasoning), label, *(f"- {one_line(each)}" for each in found.options)]
    )


def harmless(text: str) -> str:
    """The text with every string broken that would end the thinking, begin a summary or forge a turn."""
    whole = CONTROL.sub(lambda match: match[0] + " ", _SURROGATE.sub("\ufffd", text))
    return _SUMMARY.sub("< ", whole)


def one_line(value: str) -> str:
    """A value as one line that is never empty."""
    return " ".join(harmless(" ".join(value.split())).split()) or _EMPTY


def _prose(reasoning: str) -> list[str]:
    """The lines of a reasoning; none of them reads as a heading."""
    lines = [line.rstrip() for line in harmless(reasoning).strip().splitlines()]
    return [QUOTE + line if block_opened(line) else line for line in lines]


def block_opened(line: str) -> str | None:
    """Which block a line opens, if it does."""
    told = plain(line)
    for words in BOTH_LANGUAGES:
        for name in ("intention", "reflection", "emotion", "options"):
            if told == plain(getattr(words, name)) and line.lstrip()[:1] in "[【":
                return name
    return None


def plain(name: str) -> str:
    """A word or a name as it is compared: without case, width and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
