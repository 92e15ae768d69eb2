"""From critics' answers to what may be said of each critic, and to tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proutt.evaluation.critic.people import agreement_with_people, people_tables, scores_of_checks
from proutt.evaluation.critic.preference import mean_scores, self_preferences
from proutt.evaluation.critic.probes import BY_NAME, PLAIN
from proutt.evaluation.critic.record import CheckRecord, RatingRecord
from proutt.evaluation.critic.shifts import FOUND, length, said_by, shifts
from proutt.evaluation.tables import Table
from proutt.prompts.upc.heard import ASPECTS


def results_of(records: Sequence[CheckRecord], ratings: Sequence[RatingRecord] = ()) -> dict[str, Any]:
    """Every critic's measures; self-preference and agreement where there is what they need, else empty."""
    by_critic: dict[str, list[CheckRecord]] = {}
    for each in records:
        by_critic.setdefault(each.critic, []).append(each)
    return {
        "critics": [_critic(name, found) for name, found in sorted(by_critic.items())],
        "mean_scores": mean_scores(records),
        "self_preference": self_preferences(records),
        "agreement": agreement_with_people(ratings, scores_of_checks(records)) if ratings else [],
    }


def _critic(name: str, records: Sequence[CheckRecord]) -> dict[str, Any]:
    said = said_by(records)
    plain = said[PLAIN].values()
    return {
        "critic": name,
        "responses": len(plain),
        "personas": len({each.persona_id for each in plain}),
        "suspected": sum(each.suspected for each in plain),
        "shifts": shifts(said),
        "length": length(said),
    }


def tables_of(results: Mapping[str, Any]) -> list[Table]:
    """The tables of `results_of`; those without rows are left out."""
    made = [_shifts(results), _length(results), _systems(results), _preference(results)]
    made += people_tables(results["agreement"])
    return [table for table in made if table.rows]


def _shifts(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            critic["critic"],
            BY_NAME[row["probe"]].title,
            *(_signed(row["aspects"][aspect]) for aspect in ASPECTS),
            _share(row["same"]) if "same" in row else "",
            ", ".join(row["moved"]) if row["finding"] == FOUND else row["finding"],
        )
        for critic in results["critics"]
        for row in critic["shifts"]
    ]
    return Table(
        "critic-shifts",
        "What moves a critic's scores",
        ("critic", "asked", *ASPECTS, "same score", "found"),
        tuple(rows),
        "Points of the scale from 1 to 5, against the plain question; the demand against the polite sentence. In "
        "brackets intervals over personas, which hold for the three aspects together at 95%. Same score: percent, by "
        "aspect.",
    )


def _length(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            each["critic"],
            _signed(each["length"]["doubled"]),
            _percent(each["length"]["longer_wins"]),
            each["length"]["finding"],
            str(each["responses"]),
            str(each["personas"]),
        )
        for each in results["critics"]
    ]
    return Table(
        "critic-length",
        "Length and scores",
        ("critic", "twice as long", "longer is better", "found", "responses", "personas"),
        tuple(rows),
        "Twice as long: points of the mean score that go with it, persona, turn and system held fixed; longer "
        "responses may be better ones, so read it with the polite sentence above. Longer is better: of two attempts at "
        "one turn, in percent: how often length alone is right.",
    )


def _systems(results: Mapping[str, Any]) -> Table:
    rows = [
        (each["critic"], each["system"], each["chatbot"], _number(each["score"]), "yes" if each["same_family"] else "")
        for each in results["mean_scores"]
    ]
    return Table(
        "critic-systems",
        "Mean scores by critic and system",
        ("critic", "system", "chatbot", "score", "own family"),
        tuple(rows),
        "1 to 5, the mean of the three aspects, with 95% intervals over personas.",
    )


def _preference(results: Mapping[str, Any]) -> Table:
    rows = [
        (each["critic"], each["family"], _signed(each["beyond_others"]), each["finding"])
        for each in results["self_preference"]
    ]
    return Table(
        "critic-preference",
        "Self-preference",
        ("critic", "family", "own − others', beyond other critics", "found"),
        tuple(rows),
        "Points of the scale from 1 to 5, with 95% intervals over personas: how much more the critic gives what its "
        "family wrote than what others wrote, less the same difference by critics of other families, the middle one. "
        "With two critics, a preference of "
        "one shows in both rows.",
    )


def _signed(estimate: Mapping[str, Any] | None) -> str:
    return _shown(estimate, "+.2f")


def _number(estimate: Mapping[str, Any] | None) -> str:
    return _shown(estimate, ".2f")


def _percent(estimate: Mapping[str, Any] | None) -> str:
    return _shown(estimate, ".0f", 100)


def _shown(estimate: Mapping[str, Any] | None, form: str, scale: int = 1) -> str:
    if estimate is None:
        return ""
    mean, low, high = (None if estimate[name] is None else estimate[name] * scale for name in ("mean", "low", "high"))
    shown = f"{mean + 0.0:{form}}" if mean is not None else ""
    return shown if low is None or high is None else f"{shown} [{low:{form}}, {high:{form}}]"


def _share(same: Mapping[str, Any]) -> str:
    return " / ".join("" if each is None else f"{each['mean'] * 100:.0f}" for each in same.values())
