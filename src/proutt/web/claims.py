"""Dialogues of `proutt evaluate synpt` for people to judge: was all asked for, is the summary right (SynPT IV-D); pure.

Two people answer each question, a third where they disagree, as of comparisons. Beside their agreement stands theirs
with what was computed or judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any

from pydantic import Field

from proutt.dialogue import Context, Turn
from proutt.errors import UserError
from proutt.evaluation.agreement import kappa_interval
from proutt.evaluation.cases import Case
from proutt.evaluation.clusters import clustered_share
from proutt.evaluation.pointwise import estimated, rounded
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.evaluation.synpt.results import Evaluation
from proutt.methods.record import Record
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, observed_agreement
from proutt.web.items import Claim, Item, Plan
from proutt.web.results import decided
from proutt.web.turns import Batch

MINING, SUMMARY = "mining", "summary"
_QUESTIONS = {
    MINING: "Marked lines were left out of the user's first words. Did the assistant ask for every one of them? "
    "Asking for more than that, or again, does not count against it.",
    SUMMARY: "Does the assistant's last reply sum up everything that the user wants, each with the right value? Other "
    "words for the same are right.",
}
#: Before a line that the first words leave out, and before any other.
_MISSING, _TOLD = "(left out) ", ""


class ClaimRecord(Record):
    """What one person said of one criterion of one dialogue: a line of `claims.jsonl`."""

    version: int = 1
    seed_id: str
    repeat: int
    system: str
    criterion: str = Field(description="mining or summary")
    verdict: bool
    rater: str
    adjudicating: bool = Field(description="whether this person was asked since two others disagreed")
    seconds: float
    batch: int


#: What tells a claim: system, seed, repeat, criterion.
ClaimKey = tuple[str, str, int, str]


def planned_claims(evaluations: Sequence[Evaluation], *, seed: int, size: int, limit: int | None) -> Plan:
    """The batches of these evaluations: of each dialogue whether its summary is right, and where something was missing
    whether all was asked for.

    size: claims a batch; limit: first dialogues of each evaluation. Raises UserError where one system's dialogue is
    there twice.
    """
    items: list[Item] = []
    known: set[ClaimKey] = set()
    for evaluation in evaluations:
        for record in evaluation.dialogues[:limit]:
            for claim in _claims(record):
                if _key(claim) in known:
                    remedy = "Give one evaluation a system, or name systems apart."
                    raise UserError(f"two evaluations are of {record.system!r}.", where=evaluation.name, remedy=remedy)
                known.add(_key(claim))
                items.append(claim)
    Random(f"{seed}/claims").shuffle(items)
    starts = range(0, len(items), size)
    return Plan(tuple(items), tuple(range(at, min(at + size, len(items))) for at in starts))


def _claims(record: EvaluatedDialogue) -> Iterator[Claim]:
    turns = tuple(Turn(turn.user, turn.reply.text) for turn in record.turns)
    case = Case(Context(record.seed_id, record.language, turns), "", record.task)
    colon = "：" if record.language == "zh" else ": "
    wanted = tuple(
        f"{_TOLD if key in record.told else _MISSING}{record.names[key]}{colon}{value}"
        for key, value in record.values.items()
    )
    for criterion in (MINING, SUMMARY) if record.vague else (SUMMARY,):
        yield Claim(case, _QUESTIONS[criterion], wanted, record.system, record.repeat, criterion)


def _key(claim: Claim) -> ClaimKey:
    return (claim.system, claim.case.context.dialogue_id, claim.repeat, claim.criterion)


def claim_records(plan: Plan, batches: Sequence[Batch]) -> Iterator[ClaimRecord]:
    """Every answer: by batch, then person, then claim."""
    for place, batch in enumerate(batches, start=1):
        for name, said in batch.said.items():
            for number, answer in sorted(said.items()):
                system, seed_id, repeat, criterion = _key(_claim(plan, number))
                yield ClaimRecord(
                    seed_id=seed_id, repeat=repeat, system=system, criterion=criterion,
                    verdict=answer.winner == "a", rater=name, adjudicating=name not in batch.two,
                    seconds=round(answer.seconds, 1), batch=place,
                )  # fmt: skip


def decided_claims(records: Iterable[ClaimRecord]) -> dict[ClaimKey, bool]:
    """What people decided: the third's word where there is one, else what two agree on. Open claims are not there."""
    said: dict[ClaimKey, dict[bool, list[bool]]] = {}
    for each in records:
        key = (each.system, each.seed_id, each.repeat, each.criterion)
        said.setdefault(key, {True: [], False: []})[each.adjudicating].append(each.verdict)
    found: dict[ClaimKey, bool] = {}
    for key, by in said.items():
        final = by[True] or (by[False] if len(by[False]) > 1 else [])
        if final and len(set(final)) == 1:
            found[key] = final[0]
    return found


def claim_results(plan: Plan, batches: Sequence[Batch], evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """By system and criterion: the share that people found right (IIM and IS of Table III, "(H)"), the automatic one of
    the same dialogues, and how far the two agree. What people have not decided does not count."""
    automatic = {key: verdict for each in evaluations for record in each.dialogues for key, verdict in _found(record)}
    people: dict[tuple[str, str], list[tuple[str, bool, bool | None]]] = {}
    for batch in batches:
        for number, winner in decided(batch).items():
            claim = _claim(plan, number)
            key = _key(claim)
            people.setdefault((claim.system, claim.criterion), []).append((key[1], winner == "a", automatic.get(key)))
    return [
        {
            "system": system,
            "criterion": criterion,
            "decided": len(said),
            "people": estimated(clustered_share((seed, verdict) for seed, verdict, _ in said)),
            "automatic": estimated(clustered_share((seed, found) for seed, _, found in said if found is not None)),
            **_agreement([(seed, verdict, found) for seed, verdict, found in said if found is not None]),
        }
        for (system, criterion), said in sorted(people.items())
    ]


def _found(record: EvaluatedDialogue) -> Iterator[tuple[ClaimKey, bool]]:
    place = (record.system, record.seed_id, record.repeat)
    yield (*place, SUMMARY), record.summary_right
    if record.mined is not None:
        yield (*place, MINING), record.mined


def _agreement(said: Sequence[tuple[str, bool, bool]]) -> dict[str, Any]:
    clusters: dict[str, list[tuple[bool, bool]]] = {}
    for seed, verdict, found in said:
        clusters.setdefault(seed, []).append((verdict, found))
    pairs = [pair for cluster in clusters.values() for pair in cluster]
    alone = len(pairs) == len(clusters)
    interval = kappa_interval(pairs) if alone else bootstrap_interval(list(clusters.values()), cohen_kappa)
    kappa, same = cohen_kappa(pairs), observed_agreement(pairs)
    return {
        "agreement": None if same is None else rounded(same),
        "kappa": None if kappa is None else rounded(kappa),
        "kappa_interval": None if kappa is None or interval is None else [rounded(end) for end in interval],
    }


def _claim(plan: Plan, number: int) -> Claim:
    item = plan.items[number]
    if not isinstance(item, Claim):
        raise TypeError(f"item {number} is no claim")
    return item
