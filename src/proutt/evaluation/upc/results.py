"""From evaluated dialogues to numbers: scores by critic, by turn, with intervals; perplexity; comparisons. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.pointwise import estimated, rounded
from proutt.evaluation.significance import adjusted
from proutt.evaluation.upc.averaging import Groups, difference_of, mean_of, persona_means
from proutt.evaluation.upc.perplexity import perplexity_of
from proutt.evaluation.upc.record import Failed, UPCEvaluated
from proutt.prompts.upc.heard import ASPECTS

#: The mean of the three scores, beside them.
MEAN = "mean"
#: In the paper's order.
METRICS = ("relevance", "interest", "value", MEAN)
#: The difference of mean scores, 1..5, that a comparison should be able to find.
MATTERS = 0.2


@dataclass(frozen=True)
class Evaluation:
    """The dialogues of one run of one system. name: of the run, for messages."""

    name: str
    dialogues: Sequence[UPCEvaluated]


@dataclass(frozen=True)
class System:
    """A chatbot under one critic. dialogues: of all its runs; runs of one system are repeats of it."""

    name: str
    critic: str
    dialogues: tuple[tuple[str, UPCEvaluated], ...]

    @property
    def records(self) -> list[UPCEvaluated]:
        return [each for _, each in self.dialogues]

    @property
    def groups(self) -> Groups:
        return Groups({each.dialogue.persona_id: each.dialogue.group for each in self.records})

    def means(self, metric: str, failed: Failed, turn: int | None = None) -> dict[str, float]:
        """Persona id → its mean score over turns, or of one turn, and over repeats."""
        return persona_means(
            (each.dialogue.persona_id, value)
            for each in self.records
            if (value := _score(each, metric, failed, turn)) is not None
        )


def results_of(evaluations: Sequence[Evaluation], *, failed: Failed = "lowest") -> dict[str, Any]:
    """Every system's numbers under every critic, and their comparisons.

    failed: what turns count as that a chatbot failed to answer. Raises UserError where evaluations can't stand beside
    each other: other numbers of turns, or another persona under the same id.
    """
    _comparable(evaluations)
    systems = _systems(evaluations)
    return {
        "failed_turns_count": failed,
        "systems": [_told(each, failed) for each in systems],
        "comparisons": [
            found for critic in dict.fromkeys(each.critic for each in systems) for metric in METRICS
            for found in _compared(metric, [each for each in systems if each.critic == critic], failed)
        ],
    }  # fmt: skip


def _systems(evaluations: Sequence[Evaluation]) -> list[System]:
    found: dict[tuple[str, str], list[tuple[str, UPCEvaluated]]] = {}
    for evaluation in evaluations:
        for each in evaluation.dialogues:
            found.setdefault((each.system, each.critic), []).append((evaluation.name, each))
    return [System(name, critic, tuple(of)) for (name, critic), of in found.items()]


def _score(record: UPCEvaluated, metric: str, failed: Failed, turn: int | None) -> float | None:
    """A dialogue's mean over its turns, or its score in one; None where it has none."""
    of: Callable[[Mapping[str, int]], float]
    of = (lambda each: sum(each.values()) / len(ASPECTS)) if metric == MEAN else (lambda each: float(each[metric]))
    values = [of(each) for number, each in record.scores_by_turn(failed).items() if turn in (None, number)]
    return math.fsum(values) / len(values) if values else None


def _told(system: System, failed: Failed) -> dict[str, Any]:
    records = system.records
    first = records[0]
    return {
        "system": system.name,
        "critic": system.critic,
        "baseline": first.baseline,
        "models": {role: sorted({each.dialogue.models[role] for each in records}) for role in first.dialogue.models},
        "personas": len({each.dialogue.persona_id for each in records}),
        "groups": len({each.dialogue.group for each in records} - {None}),
        "repeats": len({(run, each.repeat) for run, each in system.dialogues}),
        "dialogues": len(records),
        "turns": first.turns,
        "scores": {metric: _estimate(system.means(metric, failed), system.groups) for metric in METRICS},
        "by_turn": [
            {"turn": turn, "scores": {m: _estimate(system.means(m, failed, turn), system.groups) for m in METRICS}}
            for turn in range(2, first.turns + 1)
        ],
        "perplexity": perplexity_of(records),
        "chatbot_failed": dict(Counter(each.failure.reason for each in records if each.failure).most_common()),
        "flags": dict(Counter(flag for each in records for flag in each.dialogue.flags).most_common()),
    }


def _estimate(means: Mapping[str, float], groups: Groups) -> dict[str, Any] | None:
    found = mean_of(means, groups)
    if found is None:
        return None
    estimate, by = found
    return {**(estimated(estimate) or {}), "clustered_by": by}


def _compared(metric: str, systems: Sequence[System], failed: Failed) -> list[dict[str, Any]]:
    """Systems of one critic two by two on the same personas, by Holm among the pairs."""
    found = []
    for a, b in combinations(systems, 2):
        groups = Groups({**a.groups.of, **b.groups.of})
        made = difference_of(a.name, b.name, a.means(metric, failed), b.means(metric, failed), groups, matters=MATTERS)
        if made is not None:
            found.append((made, a.critic))
    corrected = adjusted([comparison for (comparison, _), _ in found])
    return [
        {"metric": metric, "critic": critic, "clustered_by": by, **{k: _plain(v) for k, v in asdict(each).items()}}
        for each, ((_, by), critic) in zip(corrected, found, strict=True)
    ]


def _plain(value: Any) -> Any:
    return rounded(value) if isinstance(value, float) else value


def _comparable(evaluations: Iterable[Evaluation]) -> None:
    known: dict[str, tuple[str, str]] = {}
    turns: tuple[int, str] | None = None
    for evaluation in evaluations:
        for each in evaluation.dialogues:
            turns = turns or (each.turns, evaluation.name)
            if each.turns != turns[0]:
                raise UserError(
                    f"its dialogues have {each.turns} turns, those of {turns[1]} {turns[0]}.",
                    where=evaluation.name,
                    remedy="Compare evaluations of the same --turns.",
                )
            background, before = known.setdefault(each.dialogue.persona_id, (each.dialogue.background, evaluation.name))
            if background != each.dialogue.background:
                raise UserError(
                    f"persona {each.dialogue.persona_id} is another one than in {before}.",
                    where=evaluation.name,
                    remedy="Compare evaluations on the same personas.",
                )
