"""What an assistant agent thinks, as the text that a model learns to write, and read again. Pure.

Blocks in a fixed order, those of intention, reflection, emotion and options; a block that a method has not is left out.
Every value is one line, and no text of a dialogue can pass for a heading or close the thinking: reading gives back what
was written, but for strings that a chat template takes for its own marks, which are broken by a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
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
_QUOTE = "› "
_COLONS = ":："


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
_BOTH = (_ENGLISH, _CHINESE)


def words_of(language: str) -> Words:
    """Chinese for "zh", English for every other language (ISO 639-1)."""
    return _CHINESE if language == "zh" else _ENGLISH


# Written --------------------------------------------------------------------------------------------------------------


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
    nothing = {_plain(words.none) for words in _BOTH}
    return any(_plain(each) in nothing for pair in names.items() for each in pair)


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
    return [_QUOTE + line if _heading(line) else line for line in lines]


# Read -----------------------------------------------------------------------------------------------------------------


def parted(text: str) -> tuple[str, str]:
    """An answer's thinking and what the user reads; the thinking is "" where it has none, or never ends."""
    before, closed, after = text.partition(CLOSE)
    if not closed:
        return "", text.strip()
    return before.strip().removeprefix(OPEN).strip("\n"), after.strip()


def read_thinking(text: str, names: Mapping[str, str]) -> Thought:
    """The thought that a text says, in either language; None is what it does not say.

    names: intention → what people call it. A model under test writes such a text, so case and width don't matter, an
    intention is known by its key as well, and one that the task has not is passed over.
    """
    blocks = dict(_blocks(text))
    state, ask, settled = _read_intention(blocks.get("intention", []), names)
    reflection = _read_verdict(blocks.get("reflection", []), "changed")
    emotion = _read_verdict(blocks.get("emotion", []), "willing")
    return Thought(
        state,
        ask,
        None if reflection is None else ReflectionRecord(reasoning=reflection[0], changed=reflection[1]),
        None if emotion is None else EmotionRecord(reasoning=emotion[0], willing=emotion[1]),
        _read_options(blocks.get("options", [])),
        settled,
    )


def _heading(line: str) -> str | None:
    """Which block a line opens, if it does."""
    told = _plain(line)
    for words in _BOTH:
        for name in ("intention", "reflection", "emotion", "options"):
            if told == _plain(getattr(words, name)) and line.lstrip()[:1] in "[【":
                return name
    return None


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each block with its lines, blank ones at its ends left out."""
    name, lines = None, list[str]()
    for line in [*text.splitlines(), None]:
        opened = None if line is None else _heading(line)
        if line is None or opened:
            if name is not None:
                yield name, "\n".join(lines).strip("\n").split("\n")
            name, lines = opened, []
        elif line is not None:
            lines.append(line)


def _labelled(line: str, label: str) -> str | None:
    """What a line says under a label of either language."""
    for words in _BOTH:
        match = re.match(rf"\s*{re.escape(getattr(words, label))}\s*[{_COLONS}]\s*(.*?)\s*$", line, re.IGNORECASE)
        if match:
            return match[1]
    return None


def _read_intention(lines: Sequence[str], names: Mapping[str, str]) -> tuple[StateRecord | None, str | None, bool]:
    """State, what is asked for, and whether a line says that nothing is. Texts without that line are read as well."""
    given: dict[str, str] | None = None
    missing: list[str] | None = None
    ask: str | None = None
    settled = False
    reading = ""
    for line in lines:
        entry = re.match(r"\s*-\s+(.*?)\s*$", line)
        if entry and reading == "given" and given is not None:
            key, value = _pair(entry[1], names)
            if key is not None:
                given.setdefault(key, value)
        elif entry and reading == "missing" and missing is not None:
            key = _key(entry[1], names)
            if key is not None and key not in missing:
                missing.append(key)
        elif _labelled(line, "given") is not None:
            given, reading = {}, "given"
        elif _labelled(line, "missing") is not None:
            missing, reading = [], "missing"
        elif (asked := _labelled(line, "ask")) is not None:
            ask, reading = _key(asked, names), ""
            settled = ask is None and any(_plain(asked) == _plain(words.none) for words in _BOTH)
    if given is None or missing is None:
        return None, ask, False
    return StateRecord(given=given, missing=missing), ask, settled


def _pair(entry: str, names: Mapping[str, str]) -> tuple[str | None, str]:
    """Intention and value of "name: value"; a name may hold a colon itself, so the longest that fits is taken."""
    for key, name in sorted(names.items(), key=lambda each: -len(each[1])):
        told = one_line(name)
        rest = entry.removeprefix(told).lstrip()
        if entry.startswith(told) and rest[:1] in _COLONS and rest:
            return key, rest[1:].strip()
    name, _, value = entry.replace("：", ":", 1).partition(":") if ":" not in entry else entry.partition(":")
    return _key(name, names), value.strip()


def _key(name: str, names: Mapping[str, str]) -> str | None:
    exact = next((key for key, each in names.items() if one_line(each) == name.strip()), None)
    if exact is not None:
        return exact
    return next(
        (key for key, each in names.items() if _plain(name) in (_plain(each), _plain(key)) and _plain(name)), None
    )


def _read_verdict(lines: Sequence[str], label: str) -> tuple[str, bool] | None:
    """The reasoning above the last line with the label, and its yes or no; None where there is no such line."""
    for at in range(len(lines) - 1, -1, -1):
        told = _labelled(lines[at], label)
        if told is None:
            continue
        for words in _BOTH:
            for word, verdict in ((words.yes, True), (words.no, False)):
                if _plain(told) == _plain(word):
                    return _unquoted(lines[:at]), verdict
    return None


def _read_options(lines: Sequence[str]) -> OptionsRecord | None:
    """The list under the last line with its label, and the reasoning above."""
    labels = [at for at, line in enumerate(lines) if _labelled(line, "list") == ""]
    if not labels:
        return None
    listed = [match[1] for line in lines[labels[-1] + 1 :] if (match := re.match(r"\s*-\s+(.*?)\s*$", line))]
    return OptionsRecord(reasoning=_unquoted(lines[: labels[-1]]), options=listed)


def _unquoted(lines: Sequence[str]) -> str:
    """Reasoning as it was: lines that were kept from being headings are themselves again."""
    return "\n".join(
        line.removeprefix(_QUOTE) if line.startswith(_QUOTE) and _heading(line.removeprefix(_QUOTE)) else line
        for line in lines
    ).strip()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
