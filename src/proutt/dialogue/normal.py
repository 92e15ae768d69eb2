"""The rules that bring a raw dialogue to normal form. Pure; `docs/dialogues.md` states them for users.

No text is ever rewritten, except that lone surrogates become U+FFFD and NUL characters go: they could not be stored.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from proutt.dialogue.dialogue import Dialogue, Turn
from proutt.dialogue.raw import RawDialogue, RawMessage, Speaker, bad_record
from proutt.dialogue.readers.fields import sound_text

#: between texts that were joined
JOINT = "\n\n"

#: characters of other categories that show nothing: joiner, fillers, blank Braille, variation selectors
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}

#: what a note of each kind means, for people
NOTES = {
    "system": "system messages kept apart",
    "system-as-assistant": "dialogues whose assistant is called system",
    "opening": "dialogues that the assistant begins",
    "last-utterance": "dialogues that end with the user",
    "joined": "messages joined to the one before, by the same speaker",
    "empty": "messages without visible text dropped",
    "tool": "tool messages dropped",
    "parts": "content parts without text dropped",
    "repaired-text": "messages with characters that cannot be stored",
    "made-id": "ids made from file name and position",
    "suffixed-id": "ids that another dialogue had before, now with ~2, ~3, ...",
}


class Normal(NamedTuple):
    """A dialogue in normal form and the oddities that were repaired on the way, by kind (`NOTES`)."""

    dialogue: Dialogue
    notes: Counter[str]


def is_invisible(text: str) -> bool:
    """Nothing in the text shows: white space, control and format characters, marks without a body."""
    return all(char in _BLANK or unicodedata.category(char) in _UNSEEN for char in text)


_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def normal_form(raw: RawDialogue, *, id: str, source: str = "") -> Normal:
    """The dialogue in normal form, its language not yet told.

    Raises ItemFailed ("no-user-utterance") where the user says nothing.
    """
    notes = Counter(raw.notes)
    spoken, system = _by_speaker(raw, notes)
    merged = _joined(spoken, notes)
    if not any(message.speaker is Speaker.USER for message in merged):
        raise bad_record("no-user-utterance", "the user says nothing in it.")
    opening, merged = (merged[0].text, merged[1:]) if merged[0].speaker is Speaker.ASSISTANT else (None, merged)
    last, merged = (merged[-1].text, merged[:-1]) if merged[-1].speaker is Speaker.USER else (None, merged)
    turns = tuple(Turn(user.text, reply.text) for user, reply in zip(merged[::2], merged[1::2], strict=True))
    notes.update({"opening": int(opening is not None), "last-utterance": int(last is not None)})
    dialogue = Dialogue(
        id=id,
        turns=turns,
        last_utterance=last,
        opening=opening,
        system=JOINT.join(system) if system else None,
        source=source,
    )
    return Normal(dialogue, +notes)


def _by_speaker(raw: RawDialogue, notes: Counter[str]) -> tuple[list[RawMessage], list[str]]:
    """What user and assistant say, in order, and the system messages; nothing invisible, no tools."""
    messages = raw.messages if raw.system is None else (RawMessage(Speaker.SYSTEM, raw.system), *raw.messages)
    visible = []
    for message in messages:
        text = sound_text(message.text)
        notes["repaired-text"] += text != message.text
        if message.speaker is Speaker.TOOL:
            notes["tool"] += 1
        elif is_invisible(text):
            notes["empty"] += 1
        else:
            visible.append(RawMessage(message.speaker, text))
    visible = _with_an_assistant(visible, notes)
    system = [message.text for message in visible if message.speaker is Speaker.SYSTEM]
    notes["system"] += len(system)
    return [message for message in visible if message.speaker is not Speaker.SYSTEM], system


def _with_an_assistant(messages: list[RawMessage], notes: Counter[str]) -> list[RawMessage]:
    """Where nobody answers the user but "system", as in task-oriented corpora, that is the assistant's name."""
    speakers = [message.speaker for message in messages]
    if Speaker.ASSISTANT in speakers or Speaker.USER not in speakers:
        return messages
    first = speakers.index(Speaker.USER)
    if Speaker.SYSTEM not in speakers[first:]:
        return messages
    notes["system-as-assistant"] += 1
    return messages[:first] + [
        RawMessage(Speaker.ASSISTANT, message.text) if message.speaker is Speaker.SYSTEM else message
        for message in messages[first:]
    ]


def _joined(messages: Sequence[RawMessage], notes: Counter[str]) -> list[RawMessage]:
    """The messages with neighbours by the same speaker made one."""
    groups: list[list[RawMessage]] = []
    for message in messages:
        if groups and groups[-1][0].speaker is message.speaker:
            groups[-1].append(message)
            notes["joined"] += 1
        else:
            groups.append([message])
    return [RawMessage(group[0].speaker, JOINT.join(each.text for each in group)) for group in groups]


def to_messages(dialogue: Dialogue) -> dict[str, object]:
    """The normal form as a record that `read_dialogues` brings back to an equal dialogue (its source aside)."""
    messages = []
    if dialogue.system is not None:
        messages.append({"role": "system", "content": dialogue.system})
    if dialogue.opening is not None:
        messages.append({"role": "assistant", "content": dialogue.opening})
    for turn in dialogue.turns:
        messages += [{"role": "user", "content": turn.user}, {"role": "assistant", "content": turn.assistant}]
    if dialogue.last_utterance is not None:
        messages.append({"role": "user", "content": dialogue.last_utterance})
    return {"id": dialogue.id, "messages": messages}
