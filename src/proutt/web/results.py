"""What the answers say: records for `proutt evaluate`, agreement of the two, wins after the third; pure.

The paper drops a batch whose two annotators agree in less than 0.75 of it. That selects by the outcome, so everything
is given of all batches and of those that pass. In both, where the two disagree the third's word is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from proutt.evaluation.agreement import kappa_interval, krippendorff_alpha, weighted_kappa
from proutt.evaluation.clusters import clustered_share
from proutt.evaluation.pointwise import estimated, rounded
from proutt.evaluation.record import PERSON, ScoreRecord, VerdictRecord, Winner
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, observed_agreement
from proutt.web.items import Claim, Comparison, Opinion, Plan, Rating
from proutt.web.turns import Batch

Record = VerdictRecord | ScoreRecord


def records(plan: Plan, batches: Iterable[Batch]) -> Iterator[Record]:
    """Every answer as `proutt evaluate` reads it: by batch, then person, then item."""
    for place, batch in enumerate(batches, start=1):
        for name, said in batch.said.items():
            for number, answer in sorted(said.items()):
                item = plan.items[number]
                if isinstance(item, (Claim, Opinion)):
                    continue  # `claims.py` and `opinions.py` write those
                context = item.case.context
                about = {"dialogue_id": context.dialogue_id, "k": context.k, "language": context.language}
                if isinstance(item, Rating):
                    for system, rank in item.said_by:
                        yield ScoreRecord(
                            **about, system=system, rank=rank, metric=PERSON, rater=name, score=answer.score or 0.0
                        )
                elif answer.winner is not None and answer.first is not None:
                    yield VerdictRecord(
                        **about, a=item.a, b=item.b, first=answer.first, winner=answer.winner,
                        rater=name, kind="person", seconds=round(answer.seconds, 1),
                        batch=place, adjudicating=name not in batch.two,
                    )  # fmt: skip


def agreement(plan: Plan, batches: Sequence[Batch], *, gate: float) -> dict[str, Any]:
    """How far annotators agree, by batch, and over all batches and the valid ones. Says nothing of which system won.

    Only batches that both annotators have finished count.
    """
    judged = [(number, batch) for number, batch in enumerate(batches, start=1) if batch.judged]
    kept = [batch for _, batch in judged if valid(batch, gate)]
    return {
        "gate": gate,
        "pairwise": plan.pairwise,
        "batches": [
            {
                "batch": number,
                "items": len(batch.items),
                "valid": valid(batch, gate) if plan.pairwise else None,
                "disagreements": len(batch.disagreed),
                "undecided": len(batch.undecided),
                **_agreement(plan, [batch]),
            }
            for number, batch in judged
        ],
        "batches_open": len(batches) - len(judged),
        "all": _agreement(plan, [batch for _, batch in judged]),
        "gated": _agreement(plan, kept) if plan.pairwise else None,
    }


def wins(plan: Plan, batches: Sequence[Batch], *, gate: float) -> list[dict[str, Any]]:
    """How often each of two systems won, of all batches and of the valid ones. What is undecided doesn't count."""
    pairs = sorted({(item.a, item.b) for item in plan.items if isinstance(item, Comparison)})
    found = []
    for a, b in pairs:
        for group, chosen in (("all", batches), ("gated", [each for each in batches if valid(each, gate)])):
            said = [
                (item.case.context.dialogue_id, winner)
                for batch in chosen
                for number, winner in decided(batch).items()
                if isinstance(item := plan.items[number], Comparison) and (item.a, item.b) == (a, b)
            ]
            shares = {
                name: estimated(clustered_share((dialogue, winner == wanted) for dialogue, winner in said))
                for name, wanted in (("win", "a"), ("tie", "tie"), ("loss", "b"))
            }
            found.append({"a": a, "b": b, "batches": group, "cases": len(said), **shares})
    return found


def valid(batch: Batch, gate: float) -> bool:
    """Both are done and agree in at least this share of the batch."""
    return batch.judged and len(batch.items) - len(batch.disagreed) >= gate * len(batch.items)


def decided(batch: Batch) -> dict[int, Winner]:
    """What the two agree on, and what the third decided."""
    if not batch.judged:
        return {}
    first, disagreed = batch.said[batch.two[0]], set(batch.disagreed)
    third = batch.said[batch.third] if batch.third else {}
    found = {}
    for item in batch.items:
        answer = third.get(item) if item in disagreed else first[item]
        if answer is not None and answer.winner is not None:
            found[item] = answer.winner
    return found


def _agreement(plan: Plan, batches: Sequence[Batch]) -> dict[str, Any]:
    if plan.pairwise:
        return _of_verdicts(plan, batches)
    pairs = [
        (one[item].score or 0.0, other[item].score or 0.0)
        for batch in batches
        for one, other in [[batch.said[name] for name in batch.two]]
        for item in batch.items
    ]
    same = observed_agreement(pairs)
    return {
        "agreement": None if same is None else rounded(same),
        "weighted_kappa": _rounded(weighted_kappa(pairs, plan.scale, power=2)),
        "alpha": _rounded(krippendorff_alpha(pairs, scale="interval")),
        "difference": rounded(sum(abs(one - other) for one, other in pairs) / len(pairs)) if pairs else None,
    }


def _of_verdicts(plan: Plan, batches: Sequence[Batch]) -> dict[str, Any]:
    clusters: dict[str, list[tuple[Winner | None, Winner | None]]] = {}
    for batch in batches:
        one, other = (batch.said[name] for name in batch.two)
        for item in batch.items:
            dialogue = plan.items[item].case.context.dialogue_id
            clusters.setdefault(dialogue, []).append((one[item].winner, other[item].winner))
    pairs = [pair for cluster in clusters.values() for pair in cluster]
    alone = len(pairs) == len(clusters)
    interval = kappa_interval(pairs) if alone else bootstrap_interval(list(clusters.values()), cohen_kappa)
    kappa, same = cohen_kappa(pairs), observed_agreement(pairs)
    known = kappa is not None and interval is not None
    return {
        "agreement": None if same is None else rounded(same),
        "kappa": _rounded(kappa),
        "kappa_interval": [rounded(end) for end in interval] if known and interval else None,
        "ac1": _rounded(gwet_ac1(pairs)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)
