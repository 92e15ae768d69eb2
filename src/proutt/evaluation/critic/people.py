"""How far people and critics agree on responses, aspect by aspect, as people and judges of suggestions do. Pure.

Scores from 1 to 5 become 0 to 1, so that one step is 0.25; weighted κ, α and correlations don't change by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from proutt.evaluation.agreement_tables import agreement_tables
from proutt.evaluation.critic.probes import PLAIN
from proutt.evaluation.critic.record import CheckRecord, RatingRecord
from proutt.evaluation.critic.responses import Response, ResponseKey
from proutt.evaluation.scorers import Scorer, Suggestion, score_agreement
from proutt.evaluation.tables import Table

#: critic → response → aspect → its score, 1..5.
CriticScores = Mapping[str, Mapping[ResponseKey, Mapping[str, int]]]

_WORDS = {"data set": "aspect", "suggestions": "scores"}
_NOTE = (
    "95% intervals over personas. people: the mean of two or more. one − other: how much higher the first scores on "
    "average; 25 is one step of the scale from 1 to 5."
)


def scores_of_runs(responses: Iterable[Response]) -> CriticScores:
    """What the critics said that the runs had."""
    found: dict[str, dict[ResponseKey, Mapping[str, int]]] = {}
    for each in responses:
        if each.scores is not None:
            found.setdefault(each.critic or "critic", {})[each.key] = each.scores.by_aspect()
    return found


def scores_of_checks(records: Iterable[CheckRecord]) -> CriticScores:
    """What checked critics said, asked as in a run."""
    found: dict[str, dict[ResponseKey, Mapping[str, int]]] = {}
    for each in records:
        if each.probe == PLAIN:
            found.setdefault(each.critic, {})[each.key] = each.scores.by_aspect()
    return found


def agreement_with_people(ratings: Sequence[RatingRecord], critics: CriticScores) -> list[dict[str, Any]]:
    """Agreement by aspect and over all three: of people with each other and with each critic (`score_agreement`)."""
    aspects: dict[Suggestion, str] = {}
    people: dict[str, dict[Suggestion, float]] = {}
    rated: set[tuple[ResponseKey, str]] = set()
    for each in ratings:
        what = _suggestion(each.key, each.aspect)
        aspects[what] = each.aspect
        rated.add((each.key, each.aspect))
        people.setdefault(each.rater, {})[what] = _unit(each.score)
    scorers = [Scorer(name, "person", said) for name, said in sorted(people.items())]
    for name, said in sorted(critics.items()):
        both = {_suggestion(key, aspect): _unit(said[key][aspect]) for key, aspect in sorted(rated) if key in said}
        scorers.append(Scorer(name, "model", both))
    return score_agreement(scorers, aspects)


def people_tables(groups: Sequence[Mapping[str, Any]]) -> list[Table]:
    """The same as tables."""
    made = agreement_tables({"groups": (), "scores": groups})
    worded = [replace(each, header=tuple(_WORDS.get(name, name) for name in each.header)) for each in made]
    return [replace(each, note=_NOTE) if each.note else each for each in worded]


def _suggestion(key: ResponseKey, aspect: str) -> Suggestion:
    persona, turn, system, repeat, attempt = key
    return (persona, turn, f"{system}\n{repeat}\n{aspect}", attempt)


def _unit(score: int) -> float:
    return (score - 1) / 4
