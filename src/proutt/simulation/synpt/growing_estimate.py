"""What growing seeds will take, before anything is spent; as `prediction/rehearsal.py` says it.

The rounds that it takes where every seed is new are rehearsed, with made-up seeds in the pool. How many of a model's
seeds are left out nobody knows before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from proutt.dialogue import ReadingReport
from proutt.intent.task import Task
from proutt.llm import ModelSpec
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.rehearsal import Rehearsal, estimated, profile_of
from proutt.prompts import Role
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_amounts import Table, scaled
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.synpt.growing import kept_in, least_rounds, most_rounds, question, seeds_there
from proutt.simulation.synpt.growing_config import GrowingConfig
from proutt.simulation.synpt.pool import Pool, Values

#: Rounds as expected, as a multiple of the least: one seed in five is left out. Not measured.
EXPECTED = 1.25
#: As many seeds as a round is shown stand for all that are there.
_ENOUGH = 12


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a task, from 1."""

    task: Task
    k: int


def estimate(
    config: GrowingConfig,
    report: ReadingReport,
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take: `estimated`, over the least rounds of its tasks; `dialogues` counts these.

    report: what is left out of the seeds that are there. Raises UserError as `estimated` does, and where tasks or seeds
    are not right.
    """
    decided = config.resolved()
    there = {name: seeds[:_ENOUGH] for name, seeds in seeds_there(decided, report).items()}
    rehearsal = _Rehearsal(decided, profile_of(small=decided.model_of_all.embedded), there)
    rounds = (Round(task, k) for task in decided.chosen_tasks() for k in range(1, least_rounds(decided) + 1))
    return estimated(rehearsal, rounds, prices=prices, like=like, exact=exact)


@dataclass(frozen=True)
class _Rehearsal(Rehearsal[GrowingConfig, Round, Round]):
    """Rounds, rehearsed. there: task → values of some of the seeds that the user has already."""

    about = "Prompts are the real ones of these tasks; the new seeds that they show are made up."
    nouns = ("rounds", "rounds", "rounds")

    there: Mapping[str, list[Values]] = field(default_factory=dict)

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {Role.USER_AGENT: self.config.model_of_all}

    def cases(self, given: Round) -> tuple[Round]:
        return (given,)

    async def case(self, case: Round, ask: StandIn) -> None:
        n, pool = self.config.per_round or 1, Pool(case.task)
        pool.fill(self.there.get(case.task.name, ()))
        pool.fill(_made_up(case.task, ask) for _ in range(min((case.k - 1) * n, _ENOUGH)))
        said = {"seeds": [_made_up(case.task, ask) for _ in range(n)]}
        ask.count_step(question(self.config, pool, case.k), json.dumps(said, ensure_ascii=False))

    def bounded(self, tables: dict[Course, Table]) -> dict[Course, Table]:
        most = most_rounds(self.config) / least_rounds(self.config)
        return {**tables, "expected": scaled(tables["expected"], EXPECTED), "high": scaled(tables["high"], most)}

    def measures(self, like: Journal) -> Measures:
        kept = kept_in(like, self.config.read_tasks())
        refuse_other(
            like, self.config, ("per_round",), made=sum(kept.values()), verb="simulate synpt-seeds", what="seed"
        )
        rounds = [
            Round(task, k)
            for task in self.config.read_tasks()
            for k in range(1, least_rounds(self.config, kept.get(task.name, 0)) + 1)
        ]
        model = str((like.config() or {}).get("model", ""))
        return measures_of(like, self.of(rounds), cases=len(rounds), model=model, made_up_for=True)

    def unmeasured(self) -> Iterator[str]:
        yield (
            "Expected: how long values are, and how often a round is asked again, as measured on "
            f"{self.profile.basis}, which were no seeds; and one seed in five left out, which was not measured. A run "
            "measures it: --count 20 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            f"Low: every seed is new. High: every task takes as many rounds as it may, "
            f"{most_rounds(self.config)} in place of {least_rounds(self.config)}."
        )


def _made_up(task: Task, ask: StandIn) -> Values:
    return {key: ask.answers.text("value", task.language) for key in task.keys}
