"""SynPT's criteria for one dialogue (IV-C): vagueness judgement, implicit intention mining, intention summary. Pure.

What the user wants is known, so two of the three are computed. Mining needs to know which intention each reply asks
for; where neither the model's own fields nor names in its words tell, that alone is asked of a judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.record import Decided
from proutt.evaluation.synpt.subjects import Turn
from proutt.intent.task import Task
from proutt.intent.values import agrees

#: A sentence that asks, to its question mark.
_QUESTION = re.compile(r"[^.!?。！？\n]*[?？]")


def vagueness_right(case: Case, turns: Sequence[Turn]) -> bool:
    """Whether the first answer sums up where nothing was missing, and asks where something was.

    A first answer that says nothing is right about nothing.
    """
    first = turns[0].answer
    return (first.summary is None) == case.vague and (first.summary is not None or bool(first.text))


def summary_right(case: Case, summary: Mapping[str, str] | None) -> bool:
    """Whether a summary has every intention with the value that the user wants (`intent.values.agrees`)."""
    if summary is None:
        return False
    seed = case.seed
    return all(key in summary and agrees(seed.task, summary[key], seed.values[key]) for key in seed.task.keys)


def mined(case: Case, asked: Sequence[Sequence[str]] | None) -> bool | None:
    """Whether everything that was missing was asked for; true where nothing was.

    asked: for each reply the intentions that it asks for; None where nobody could tell, and then neither can this.
    """
    if not case.vague:
        return True
    return None if asked is None else set(case.missing) <= {key for each in asked for key in each}


def asked_by_itself(task: Task, turns: Sequence[Turn]) -> tuple[list[list[str]], Decided] | None:
    """What each reply asks for, where it can be told without a judge, and by what; None where a judge has to.

    Names decide a reply whose one question names one intention and no other: all replies must be such. A summary asks
    for nothing.
    """
    questions = [turn.answer for turn in turns if turn.answer.summary is None]
    if questions and all(answer.asked is not None for answer in questions):
        return [[] if turn.answer.asked is None else [turn.answer.asked] for turn in turns], "fields"
    named = [None if turn.answer.summary is not None else _named(task, turn.answer.text) for turn in turns]
    if all(key is not None or turn.answer.summary is not None for key, turn in zip(named, turns, strict=True)):
        return [[] if key is None else [key] for key in named], "names"
    return None


def _named(task: Task, text: str) -> str | None:
    """The intention that a reply's only question names, where it names one only; None where that can't be told."""
    questions = [each for each in _QUESTION.findall(text) if each.strip()]
    if len(questions) != 1:
        return None
    asked = questions[0].casefold()
    found = [each.key for each in task.intentions if _has(asked, each.name.casefold())]
    return found[0] if len(found) == 1 else None


def _has(text: str, name: str) -> bool:
    """Latin names stand alone; Chinese has no spaces to go by."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None if name.isascii() else name in text


def known_at(case: Case, asked: Sequence[Sequence[str]] | None, turn: int) -> frozenset[str] | None:
    """What the user has told by the utterance of that turn (from 1): the first words, and what was asked before it.

    None where nobody could tell what was asked for.
    """
    if asked is None:
        return None
    return frozenset(case.told).union(*asked[: turn - 1])
