"""Dialogues of a chatbot under test as HTML to read one by one, folded, the lowest scores first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from proutt.evaluation.upc.record import Likelihood, UPCEvaluated
from proutt.evaluation.upc.results import METRICS
from proutt.evaluation.upc.tables import TITLES
from proutt.methods.upc.record import ScoresRecord, UPCTurn
from proutt.prompts.upc.heard import ASPECTS
from proutt.reports.folded_dialogues import dialogue, fact, group, notes, paragraphs, user
from proutt.reports.markup import text

#: In the order of the tables.
_ASPECTS = tuple(metric for metric in METRICS if metric in ASPECTS)


def scored_dialogues(dialogues: Sequence[UPCEvaluated]) -> str:
    """All of them, "" where there are none."""
    if not dialogues:
        return ""
    ordered = sorted(dialogues, key=_total)
    failed = [_dialogue(each) for each in ordered if each.failure is not None]
    whole = [_dialogue(each) for each in ordered if each.failure is None]
    return (
        "<h3>Dialogues</h3>\n"
        + group("The chatbot failed to answer", failed)
        + group("Whole, the lowest scores first", whole)
    )


def _total(record: UPCEvaluated) -> float:
    """The mean sum of the three scores over the turns that have some; 0 where none has."""
    totals = [turn.scores.total for turn in record.dialogue.turns if turn.scores is not None]
    return sum(totals) / len(totals) if totals else 0.0


def _dialogue(record: UPCEvaluated) -> str:
    held = record.dialogue
    about = f"{held.persona_id}, {held.name}" + (f", repeat {record.repeat}" if record.repeat > 1 else "")
    ended = f"{len(held.turns) + bool(held.introduction)} of {record.turns} turns"
    broken = ""
    if record.failure is not None:  # its message may hold the address of a server, its reason does not
        ended += f", failed at turn {record.failure.turn} ({record.failure.reason})"
        broken = f'<li><div class="model"><b>Chatbot</b>{notes([f"(no answer: {record.failure.reason})"])}</div></li>\n'
    measured = [*(record.perplexity or ()), *[None] * len(held.turns)]
    said = "".join(_turn(turn, likelihood) for turn, likelihood in zip(held.turns, measured, strict=False))
    first = f"<li>{_chatbot(held.greeting)}{user(held.introduction)}</li>\n" if held.introduction else ""
    return dialogue(about, "".join(_means(record)), ended, _facts(record), first + said + broken)


def _means(record: UPCEvaluated) -> Iterator[str]:
    """The dialogue's own scores, of the turns that have some."""
    scored = [turn.scores.by_aspect() for turn in record.dialogue.turns if turn.scores is not None]
    for aspect in _ASPECTS if scored else ():
        mean = sum(each[aspect] for each in scored) / len(scored)
        yield f'<span class="verdict">{TITLES[aspect]} {mean:.2f}</span>'


def _facts(record: UPCEvaluated) -> Iterator[str]:
    """What the user agent was told and the chatbot was not; what the chatbot was to lead to."""
    held = record.dialogue
    yield fact("background (not told to the chatbot)", text(held.background))
    if held.group is not None:
        yield fact("occupation group", text(held.group))
    if record.target is not None:
        yield fact("topic to lead to", text(record.target))
    if held.flags:
        yield fact("what checks found", text(", ".join(held.flags)))


def _turn(turn: UPCTurn, likelihood: Likelihood | None) -> str:
    found = [] if turn.scores is None else list(_reasons(turn.scores))
    if likelihood is not None:
        found.append(f"perplexity {math.exp(likelihood.nll / likelihood.tokens):.2f}")
    return f"<li>{_chatbot(turn.response, found)}{user(turn.user)}</li>\n"


def _reasons(scores: ScoresRecord) -> Iterator[str]:
    reasons = {"relevance": scores.relevance, "value": scores.value, "interest": scores.interest}
    for aspect in _ASPECTS:
        yield f"{aspect} {reasons[aspect].score}: {reasons[aspect].reason}"


def _chatbot(said: str, found: Sequence[str] = ()) -> str:
    return f'<div class="model"><b>Chatbot</b>{paragraphs(said)}{notes(found)}</div>'
