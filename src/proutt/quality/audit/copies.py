"""What was said before: truths that a student could copy from the dialogue, predictions that do copy, and loops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from proutt.intent import near, normal
from proutt.prompts.proutt.wording import repeats
from proutt.quality.audit.check import Check, Finding, Look, Need, Options, Severity, each_row
from proutt.quality.audit.pieces import sides
from proutt.quality.audit.subject import Side, Subject
from proutt.quality.similarity import alike


def _said_before(subject: Subject) -> list[str]:
    """What the user said in the context."""
    if subject.context is not None:
        return [turn.user for turn in subject.context.turns]
    return [] if subject.record is None else [turn.user for turn in subject.record.context.turns]


def copyable_truth(options: Options) -> Look:
    """Truths that repeat what the user said before: predicting them is copying."""
    least = options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        if subject.record is None:
            return
        truth = normal(subject.record.truth.utterance)
        for turn, said in enumerate(_said_before(subject), start=1):
            if truth and alike(truth, normal(said), least):
                yield Finding("truth", f"the user said it, or nearly, in turn {turn}", subject.record.truth.utterance)
                return

    return look


def copied_prediction(options: Options) -> Look:
    """Predictions that repeat what the user said before."""
    least = options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        before = [normal(said) for said in _said_before(subject)]
        for name, side in sides(subject):
            for number, utterance in enumerate(side.utterances, start=1):
                own = normal(utterance)
                turn = next((at for at, said in enumerate(before, 1) if own and alike(own, said, least)), None)
                if turn is not None:
                    reason = f"the user said it, or nearly, in turn {turn}"
                    yield Finding(f"{name} prediction {number}", reason, utterance)

    return look


def repetition(subject: Subject) -> Iterator[Finding]:
    """Loops, and a side that says one thing twice."""
    seen: set[str] = set()  # the sides share most of their lines
    for name, side in sides(subject):
        for number, utterance in enumerate(side.utterances, start=1):
            if repeats(utterance) or _ZH_LOOP.search(utterance):
                yield Finding(f"{name} prediction {number}", "it repeats itself", utterance)
        yield from _twice(name, side)
        text, place = (side.text, "completion") if side.reasoning is None else (side.reasoning, "reasoning")
        lines = [line for line in dict.fromkeys(text.splitlines()) if line not in seen]
        seen.update(lines)
        looping = next((line for line in lines if _loops(line)), None) or _repeated_lines(text)
        if looping is not None:
            yield Finding(f"{name} {place}", "it repeats itself", looping)


def _twice(name: str, side: Side) -> Iterator[Finding]:
    for (first, one), (second, other) in combinations(enumerate(side.utterances, start=1), 2):
        if near(one, other) or (normal(one) and normal(one) == normal(other)):
            yield Finding(f"{name} prediction {second}", f"it is prediction {first} again, or nearly", other)


#: Lines of prose; what is longer is looked at in pieces, for a search for loops takes the square of the length.
_PIECE = 600
#: Chinese says in four characters what other scripts need a line for.
_ZH_LOOP = re.compile(
    r"([\u3400-\u9fff，。、；！？]{4,40}?)\1\1"
    r"|(([\u3400-\u9fff])(?!\3)[\u3400-\u9fff]{1,2}?)\2{3}"  # two or three characters, four times; laughter is one
)
_RULE = re.compile(r"[\s\-=_*|.:+#~]+")


def _loops(line: str) -> bool:
    """Whether a line of prose loops; rules and tables are no prose."""
    if sum(map(str.isalpha, line)) * 2 < len(line):
        return False
    pieces = (line[at : at + _PIECE] for at in range(0, len(line), _PIECE // 2))
    return any(repeats(piece) or _ZH_LOOP.search(piece) for piece in pieces)


def _repeated_lines(text: str) -> str | None:
    """A long line that a text has three times in a row."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _RULE.fullmatch(line)]
    return next(
        (line for at, line in enumerate(lines[2:]) if len(line) >= 20 and line == lines[at] == lines[at + 1]), None
    )


COPIES = (
    Check(
        name="copyable-truth",
        title="truths that repeat what the user said before",
        severity=Severity.WARNING,
        limit=0.02,
        source="seen in the released ProUtt data; similarity from 0.9 on",
        start=copyable_truth,
        needs=(Need.RECORD,),
        parameters={"similarity": 0.9},
    ),
    Check(
        name="copied-prediction",
        title="predictions that repeat what the user said before",
        severity=Severity.ERROR,
        limit=0.01,
        source="as copyable-truth, on the predicted side",
        start=copied_prediction,
        needs=(Need.CONTEXT, Need.UTTERANCES),
        unit="utterances",
        parameters={"similarity": 0.9},
    ),
    Check(
        name="repetition",
        title="texts that loop, sides that predict one thing twice",
        severity=Severity.ERROR,
        limit=0.005,
        source="degenerate text of small models (ours)",
        start=each_row(repetition),
    ),
)
