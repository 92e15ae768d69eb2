"""Rows that are there twice, or nearly, and dialogues on both sides of a split.

Rows of one dialogue share most of their text on purpose (K = 1, 2, ...): they are told by their dialogue's id or, where
there is none, by how their dialogue begins. The index keeps about 1.5 KB a row; everything else of an audit is flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from proutt.quality.audit.check import Check, Finding, Look, Need, Options, Severity
from proutt.quality.audit.subject import Subject
from proutt.quality.duplicates import NearDuplicates


def _dialogue(subject: Subject) -> str:
    """Which dialogue a row is of: its id, else the first turn of its context, else the row alone."""
    if subject.dialogue_id is not None:
        return f"id {subject.dialogue_id}"
    if subject.context is not None and subject.context.turns:
        first = subject.context.turns[0]
        beginning = f"{first.user}\0{first.assistant}".encode("utf-8", "surrogatepass")
        return f"begins {blake2b(beginning, digest_size=12).hexdigest()}"
    return f"row {subject.id}"


def _dialogue_text(subject: Subject) -> str:
    """What was said: the context without anything that all rows share, such as the instruction."""
    if subject.context is None:
        return subject.prompt
    opening = [subject.context.opening or ""]
    return "\n".join(opening + [f"{turn.user}\n{turn.assistant}" for turn in subject.context.turns])


def near_duplicates(options: Options) -> Look:
    """Rows whose dialogue and chosen answer are those of an earlier row of another dialogue, or nearly."""
    known: dict[str | None, NearDuplicates] = {}
    rows: dict[str, tuple[str, str, str]] = {}

    def look(subject: Subject) -> Iterator[Finding]:
        if subject.part not in known:
            known[subject.part] = NearDuplicates(options.parameters["similarity"])
        index = known[subject.part]
        key, dialogue = str(len(rows)), _dialogue(subject)
        answer = "\n".join(subject.chosen.utterances) or subject.chosen.text
        earlier = index.add_linked(key, f"{_dialogue_text(subject)}\n{answer}")
        rows[key] = (dialogue, subject.id, subject.where)
        other = next((rows[each] for each in earlier if rows[each][0] != dialogue or rows[each][1] == subject.id), None)
        if other is not None:
            yield Finding("row", f"it reads like row {other[1]}", other[2])

    return look


def across_parts(options: Options) -> Look:
    """Rows whose dialogue another part has, nearly word for word, under another id."""
    indexes: dict[str, NearDuplicates] = {}
    rows: dict[str, tuple[str, str]] = {}

    def look(subject: Subject) -> Iterator[Finding]:
        if subject.part is None:
            return
        if subject.part not in indexes:
            indexes[subject.part] = NearDuplicates(options.parameters["similarity"])
        own = indexes[subject.part]
        text, key, dialogue = _dialogue_text(subject), str(len(rows)), _dialogue(subject)
        for part, index in indexes.items():
            near = None if part == subject.part else index.near(text)
            if near is not None and rows[near][0] != dialogue:
                yield Finding("row", f"its dialogue reads like that of row {rows[near][1]} in {part}", rows[near][1])
                break
        own.add(key, text)
        rows[key] = (dialogue, subject.id)

    return look


def dialogue_in_parts(_: Options) -> Look:
    """Dialogues that rows of several parts are from: what a test part measures was trained on."""
    parts: dict[str, str] = {}

    def look(subject: Subject) -> Iterator[Finding]:
        if subject.part is None:
            return
        first = parts.setdefault(_dialogue(subject), subject.part)
        if first != subject.part:
            yield Finding("row", f"its dialogue is in {first}, too", subject.dialogue_id or "")

    return look


DUPLICATES = (
    Check(
        name="near-duplicates",
        title="rows that are there twice, or nearly",
        severity=Severity.WARNING,
        limit=0.01,
        source="practice: MinHash over 5-grams, similarity from 0.8 on within a split",
        start=near_duplicates,
        level="dataset",
        parameters={"similarity": 0.8},
    ),
    Check(
        name="split-near-duplicates",
        title="dialogues that another part of the split has, nearly",
        severity=Severity.ERROR,
        limit=0.0,
        source="practice: similarity from 0.7 on across parts",
        start=across_parts,
        needs=(Need.PARTS,),
        level="dataset",
        parameters={"similarity": 0.7},
    ),
    Check(
        name="dialogue-in-two-parts",
        title="dialogues that are in several parts of the split",
        severity=Severity.ERROR,
        limit=0.0,
        source="practice: split by dialogue before rows are made",
        start=dialogue_in_parts,
        needs=(Need.PARTS,),
        level="dataset",
    ),
)
