"""Pairwise judging: two systems' suggestions side by side, by default in both orders."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Literal

from proutt.errors import AnswerError, ModelError
from proutt.evaluation.cases import Case, System
from proutt.evaluation.guard import Guard
from proutt.evaluation.injection import CONTEXT_FLAG, FLAG
from proutt.evaluation.judging import guarded_context
from proutt.evaluation.record import VerdictRecord, Winner
from proutt.prompts.evaluation import Compare
from proutt.runs.calls import Calls, Stopped

#: both: each comparison is asked in both orders. one: in one order, drawn by chance, as the paper does.
Orders = Literal["both", "one"]


@dataclass(frozen=True)
class Match:
    """One question: a and b on one case, with one of them shown first. a < b by name."""

    case: Case
    a: System
    b: System
    first: Literal["a", "b"]
    repeat: int
    run: int

    def said(self, side: Literal["a", "b"]) -> tuple[str, ...]:
        runs = (self.a if side == "a" else self.b).runs
        return runs[self.run % len(runs)].get(self.case.key, ())

    @property
    def shown(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The two lists in the order in which the judge reads them."""
        return (self.said("a"), self.said("b")) if self.first == "a" else (self.said("b"), self.said("a"))

    def verdict(self, nearer: str, *, rater: str, reason: str, flags: list[str]) -> VerdictRecord:
        """What the judge's word means, whatever was shown first."""
        second: Winner = "b" if self.first == "a" else "a"
        winner: Winner = "tie" if nearer == "tie" else self.first if nearer == "first" else second
        return VerdictRecord(
            dialogue_id=self.case.context.dialogue_id,
            k=self.case.context.k,
            language=self.case.context.language,
            a=self.a.name,
            b=self.b.name,
            first=self.first,
            winner=winner,
            rater=rater,
            kind="model",
            repeat=self.repeat,
            reason=reason,
            flags=flags,
        )


def matches(
    cases: Sequence[Case], systems: Iterable[System], *, orders: Orders, draws: int, seed: int
) -> Iterator[Match]:
    """Every question of every pair of systems, in the order in which verdicts are written down."""
    for a, b in combinations(sorted(systems, key=lambda system: system.name), 2):
        for repeat in range(1, draws * max(len(a.runs), len(b.runs)) + 1):
            for case in cases:
                yield from _orders(case, a, b, orders, repeat, (repeat - 1) // draws, seed)


def _orders(case: Case, a: System, b: System, orders: Orders, repeat: int, run: int, seed: int) -> Iterator[Match]:
    if orders == "both":
        yield Match(case, a, b, "a", repeat, run)
        yield Match(case, a, b, "b", repeat, run)
    else:
        first: Literal["a", "b"] = Random(f"{seed}/{case.place}/{a.name}/{b.name}/{repeat}/order").choice(("a", "b"))
        yield Match(case, a, b, first, repeat, run)


@dataclass
class Compared:
    """What has come of the questions: verdicts by place in the order asked, failures with a slug and a message."""

    verdicts: dict[int, VerdictRecord] = field(default_factory=dict)
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    stopped: bool = False


async def ask_all(
    questions: Sequence[Match], calls: Calls, budget: int, rater: str, guard: Guard, found: Compared
) -> None:
    """Ask the judge; what it can't answer is a failure, never a tie. Raises ModelError where no call can succeed."""
    places: dict[tuple[str, int], int] = {}
    try:
        async with asyncio.TaskGroup() as working:
            for at, match in enumerate(questions):
                number = places.setdefault(match.case.key, len(places))
                working.create_task(_ask(at, match, number, calls, budget, rater, guard, found))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _ask(
    at: int, match: Match, number: int, calls: Calls, budget: int, rater: str, guard: Guard, found: Compared
) -> None:
    if match.said("a") == match.said("b"):  # the same suggestions: there is nothing to ask
        found.verdicts[at] = match.verdict("tie", rater=rater, reason="the same suggestions", flags=[])
        return
    step, flags = await asyncio.to_thread(step_of, match, budget, guard)  # the guard computes
    try:
        answer = await calls.for_item((number, 0))(step, f"{match.case.place}/compare/{match.repeat}")
    except Stopped:
        found.stopped = True
    except AnswerError as error:
        found.failures[at] = (error.kind, str(error))
    except ModelError as error:
        if error.fatal:
            raise
        found.failures[at] = (error.kind, str(error))
    else:
        found.verdicts[at] = match.verdict(answer.nearer, rater=rater, reason=answer.reason, flags=flags)


def step_of(match: Match, budget: int, guard: Guard) -> tuple[Compare, list[str]]:
    """What the judge is asked, and the flags of what was taken out of it."""
    context, in_context = guarded_context(match.case.context, guard)
    truth = guard(match.case.truth)
    shown = [[guard(text) for text in side] for side in match.shown]
    flags = [FLAG] * any(each.suspected for side in shown for each in side) + [CONTEXT_FLAG] * in_context
    first, second = (
        said if truth.suspected else tuple(each.text for each in side)
        for said, side in zip(match.shown, shown, strict=True)
    )
    return Compare(budget=budget, context=context, truth=match.case.truth, first=first, second=second), flags
