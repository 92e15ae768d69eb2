"""From evaluated dialogues to numbers: shares and means with intervals over seeds, over repeats, by task. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from proutt.evaluation.clusters import clustered_mean, clustered_share
from proutt.evaluation.pointwise import estimated, rounded
from proutt.evaluation.significance import Comparison, adjusted, compared
from proutt.evaluation.synpt.record import EvaluatedDialogue, Failed

#: The difference that a comparison should be able to find: of shares 0.1, of turns a half.
MATTERS_SHARE, MATTERS_TURNS = 0.1, 0.5


@dataclass(frozen=True)
class Metric:
    """A number of one dialogue. value: None where the dialogue says nothing of it; share: whether it is yes or no."""

    name: str
    title: str
    value: Callable[[EvaluatedDialogue], float | None]
    share: bool = True


def _options(record: EvaluatedDialogue) -> float | None:
    scores = [each.score for each in record.options or () if each.score is not None]
    return math.fsum(scores) / len(scores) if scores else None


#: In the order of Table III, then what this evaluation adds.
METRICS = (
    Metric("vagueness", "VJ Acc.", lambda each: float(each.vagueness_right)),
    Metric("mining", "IIM Acc.", lambda each: None if each.mined is None else float(each.mined)),
    Metric("mining-vague", "IIM Acc., vague only",
           lambda each: None if each.mined is None or not each.vague else float(each.mined)),
    Metric("summary", "IS Acc.", lambda each: float(each.summary_right)),
    Metric("turns-a", "Turns A", lambda each: float(len(each.turns)), share=False),
    Metric("turns-b", "Turns B", lambda each: float(len(each.turns)) if each.all_right else None, share=False),
    Metric("tokens", "Tokens a dialogue",
           lambda each: float(each.usage.prompt_tokens + each.usage.completion_tokens), share=False),
    Metric("emotion", "Emotion Acc.", lambda each: None if each.emotion is None else float(each.emotion.stopped)),
    Metric("goes-on", "Goes on with the willing",
           lambda each: None if each.emotion is None or not each.emotion.missing else float(each.emotion.went_on)),
    Metric("options", "Options, 0 to 3", _options, share=False),
)  # fmt: skip
#: What systems are compared by.
COMPARED = ("vagueness", "mining", "summary", "turns-a")


@dataclass(frozen=True)
class Evaluation:
    """The dialogues of one run of one system. name: of the run, for messages."""

    name: str
    dialogues: Sequence[EvaluatedDialogue]


def results_of(evaluations: Sequence[Evaluation], failed: Failed = "wrong") -> dict[str, Any]:
    """Every system's numbers, and their comparisons. Several evaluations of one system are repeats of it.

    failed  how dialogues count in which the model under test failed; a system that always did has no numbers if they
            are left out
    """
    systems: dict[str, list[tuple[tuple[str, int], EvaluatedDialogue]]] = {}
    failures: dict[str, Counter[str]] = {}
    for evaluation in evaluations:
        for each in evaluation.dialogues:
            if each.failure is not None:
                failures.setdefault(each.system, Counter())[each.failure] += 1
            if each.failure is None or failed == "wrong":
                systems.setdefault(each.system, []).append(((evaluation.name, each.repeat), each))
    return {
        "failed": {
            "counted": failed,
            "by_system": {name: dict(counts.most_common()) for name, counts in failures.items()},
        },
        "systems": [_system(name, dialogues) for name, dialogues in systems.items()],
        "comparisons": [
            {"metric": metric.name, **_told(each)}
            for metric in METRICS
            if metric.name in COMPARED
            for each in _comparisons(metric, {name: [one for _, one in of] for name, of in systems.items()})
        ],
    }


def _system(name: str, dialogues: Sequence[tuple[tuple[str, int], EvaluatedDialogue]]) -> dict[str, Any]:
    records = [each for _, each in dialogues]
    tasks = {(each.language, each.task): None for each in records}
    return {
        "system": name,
        "subject": records[0].subject,
        "models": {role: sorted({each.models[role] for each in records}) for role in records[0].models},
        "seeds": len({each.seed_id for each in records}),
        "repeats": len({repeat for repeat, _ in dialogues}),
        "metrics": {metric.name: _measured(metric, dialogues) for metric in METRICS},
        "by_task": [
            {
                "task": task,
                "language": language,
                "metrics": {
                    metric.name: _measured(
                        metric, [each for each in dialogues if (each[1].language, each[1].task) == (language, task)]
                    )
                    for metric in METRICS
                },
            }
            for language, task in tasks
        ],
        "ends": dict(Counter(each.end for each in records).most_common()),
        "mining_decided_by": dict(
            Counter(each.decided_by or "nobody" for each in records if each.vague and each.failure is None)
        ),
    }


def _measured(metric: Metric, dialogues: Sequence[tuple[tuple[str, int], EvaluatedDialogue]]) -> dict[str, Any] | None:
    """Mean with its 95% interval over seeds, and the mean and standard error over repeats; None without a number."""
    by_repeat: dict[tuple[str, int], list[float]] = {}
    values: list[tuple[str, float]] = []
    for repeat, each in dialogues:
        value = metric.value(each)
        if value is not None:
            values.append((each.seed_id, value))
            by_repeat.setdefault(repeat, []).append(value)
    if metric.share:
        found = estimated(clustered_share((seed, value > 0) for seed, value in values))
    else:
        found = estimated(clustered_mean(values))
    return None if found is None else found | {"over_repeats": _over_repeats(list(by_repeat.values()))}


def _over_repeats(repeats: Sequence[Sequence[float]]) -> dict[str, float] | None:
    """The paper's "mean ± standard error": of the repeats' means; None of one repeat."""
    if len(repeats) < 2:
        return None
    means = [math.fsum(each) / len(each) for each in repeats]
    mean = math.fsum(means) / len(means)
    spread = math.sqrt(math.fsum((each - mean) ** 2 for each in means) / (len(means) - 1))
    return {"mean": rounded(mean), "error": rounded(spread / math.sqrt(len(means)))}


def _comparisons(metric: Metric, systems: Mapping[str, Sequence[EvaluatedDialogue]]) -> list[Comparison]:
    """Systems two by two on the same first words, by Holm among the pairs."""
    scores = {name: _by_inquiry(metric, records) for name, records in systems.items()}
    matters = MATTERS_SHARE if metric.share else MATTERS_TURNS
    found = []
    for a, b in combinations(scores, 2):
        common = [key for key in scores[a] if key in scores[b]]
        made = compared(a, b, ((key[0], scores[a][key], scores[b][key]) for key in common), matters=matters)
        if made is not None:
            found.append(made)
    return adjusted(found)


def _by_inquiry(metric: Metric, records: Iterable[EvaluatedDialogue]) -> dict[tuple[str, str], float]:
    """(seed, first words) → the mean over repeats."""
    values: dict[tuple[str, str], list[float]] = {}
    for each in records:
        value = metric.value(each)
        if value is not None:
            values.setdefault((each.seed_id, each.turns[0].user), []).append(value)
    return {key: math.fsum(of) / len(of) for key, of in values.items()}


def _told(comparison: Comparison) -> dict[str, Any]:
    return {name: _plain(getattr(comparison, name)) for name in comparison.__slots__}


def _plain(value: Any) -> Any:
    return rounded(value) if isinstance(value, float) else value
