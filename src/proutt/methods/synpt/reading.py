"""An assistant agent's answer read again: its thinking, as `wording.py` writes it, and what the user reads. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from proutt.methods.synpt.record import EmotionRecord, OptionsRecord, ReflectionRecord, StateRecord
from proutt.methods.synpt.wording import BOTH_LANGUAGES, CLOSE, OPEN, QUOTE, Thought, block_opened, one_line, plain

_COLONS = ":："


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


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each block with its lines, blank ones at its ends left out."""
    name, lines = None, list[str]()
    for line in [*text.splitlines(), None]:
        opened = None if line is None else block_opened(line)
        if line is None or opened:
            if name is not None:
                yield name, "\n".join(lines).strip("\n").split("\n")
            name, lines = opened, []
        elif line is not None:
            lines.append(line)


def _labelled(line: str, label: str) -> str | None:
    """What a line says under a label of either language."""
    for words in BOTH_LANGUAGES:
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
            settled = ask is None and any(plain(asked) == plain(words.none) for words in BOTH_LANGUAGES)
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
    return next((key for key, each in names.items() if plain(name) in (plain(each), plain(key)) and plain(name)), None)


def _read_verdict(lines: Sequence[str], label: str) -> tuple[str, bool] | None:
    """The reasoning above the last line with the label, and its yes or no; None where there is no such line."""
    for at in range(len(lines) - 1, -1, -1):
        told = _labelled(lines[at], label)
        if told is None:
            continue
        for words in BOTH_LANGUAGES:
            for word, verdict in ((words.yes, True), (words.no, False)):
                if plain(told) == plain(word):
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
        line.removeprefix(QUOTE) if line.startswith(QUOTE) and block_opened(line.removeprefix(QUOTE)) else line
        for line in lines
    ).strip()
