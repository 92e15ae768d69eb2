"""What stages that are not done would take, before anything is spent: by the dry runs of their verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.evaluation.estimate import estimated
from proutt.evaluation.order import Order
from proutt.evaluation.synpt.inquiring import cases_in
from proutt.evaluation.upc.config import UPCEvaluateConfig
from proutt.experiments.curriculum.loop import Curriculating
from proutt.experiments.dialogue_stages import Simulating
from proutt.experiments.measuring_stages import Comparing, Evaluating, Predicting
from proutt.experiments.mining_stages import Inquiring, MiningIntentions
from proutt.experiments.pair_stages import Synthesizing
from proutt.experiments.proactivity_stages import Proactive
from proutt.experiments.running import Standing
from proutt.experiments.training_stages import Training
from proutt.llm.fetch import Progress
from proutt.runs.estimate import Estimate
from proutt.runs.prices import read_prices
from proutt.training.plan import Plan

LATER = "known when what it needs is done"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage would take, expected. money: None where a price is not known; seconds: None where no pace is."""

    calls: float = 0
    tokens: float = 0
    money: float | None = 0.0
    currency: str = ""
    seconds: float | None = None
    said: str = ""


def cost_of(standing: Standing, needs: list[Standing]) -> Cost:
    """What a stage that is not done would take; `said` says why nothing is known."""
    work = standing.stage.work
    if isinstance(work, Synthesizing):
        from proutt.runs.estimate import estimate

        return _of(estimate(work.config, work.config.dialogues(ReadingReport()), prices=read_prices()))
    if isinstance(work, Predicting):
        from proutt.prediction.estimate import estimate as estimate_predictions

        return _of(estimate_predictions(work.config, work.config.dialogues(ReadingReport()), prices=read_prices()))
    if isinstance(work, Simulating):
        from proutt.simulation.synpt.estimate import estimate as estimate_dialogues

        return _of(estimate_dialogues(work.config, work.config.seeds(ReadingReport()), prices=read_prices()))
    if isinstance(work, Curriculating):
        return _of_curriculum(work)
    if isinstance(work, Proactive):
        return _of_proactivity(work.config)
    if isinstance(work, Inquiring):
        return Cost(calls=len(cases_in(work.config, ReadingReport())), money=None, said="tokens not known before")
    runs = [each.kept.run for each in needs if each.kept is not None]
    if len(runs) < len(needs):
        return Cost(money=None, said=LATER)
    if isinstance(work, MiningIntentions):
        dialogues = needs[0].kept.facts["inquired"] * work.config.repeats if needs[0].kept is not None else 0
        return Cost(money=None, said=f"{dialogues} dialogues to hold; calls not known before")
    if isinstance(work, Training):
        return _of_training(work, runs)
    if isinstance(work, Evaluating):
        said = work.said
        order = Order("pointwise", runs, Path(), work.judge, said.embed, said.repeats, said.controls, seed=said.seed)
        return _of_evaluation(order)
    if isinstance(work, Comparing):
        order = Order("pairwise", runs, Path(), work.judge, None, work.said.repeats, orders=work.said.orders)
        return _of_evaluation(order)
    return Cost()


def _of(found: Estimate) -> Cost:
    total = found.total
    return Cost(
        total.calls.expected,
        total.prompt_tokens.expected + total.completion_tokens.expected,
        None if found.money is None else found.money.expected,
        found.currency,
        None if found.seconds is None else found.seconds.expected,
    )


def _of_curriculum(work: Curriculating) -> Cost:
    """Its corpora and validations, each like the first: how many come back, how soon it ends, nobody knows before."""
    from proutt.simulation.upc.estimate import estimate as estimate_corpus

    parts = [_of(estimate_corpus(work.corpus, work.corpus.personas(ReadingReport()), prices=read_prices()))]
    if work.validation is not None:
        parts.append(_of_proactivity(work.validation))
    times = work.said.iterations
    return Cost(
        times * sum(each.calls for each in parts),
        times * sum(each.tokens for each in parts),
        _times(times, [each.money for each in parts]),
        parts[0].currency,
        _times(times, [each.seconds for each in parts]),
        f"{times} iterations like the first; without training",
    )


def _times(times: int, of: Sequence[float | None]) -> float | None:
    """So many times all of them; None where one is not known."""
    known = [each for each in of if each is not None]
    return times * sum(known) if len(known) == len(of) else None


def _of_proactivity(config: UPCEvaluateConfig) -> Cost:
    from proutt.evaluation.upc.estimate import estimate as estimate_evaluation

    return _of(estimate_evaluation(config, config.personas(ReadingReport()), prices=read_prices()))


def _of_evaluation(order: Order) -> Cost:
    try:
        found = estimated(order)
    except UserError as error:
        return Cost(money=None, said=str(error))
    tokens = found["prompt_tokens"] + found["completion_tokens"]
    return Cost(found["calls"], tokens, found["cost"], found["currency"])


def _of_training(work: Training, runs: list[Path]) -> Cost:
    """By the trainer's own dry run, which takes one measured pass; the base is brought for it."""
    from proutt.training.run import train

    asked = _Asked()
    try:
        settings = work.train_settings() if len(runs) < 2 else work.starting_from(runs[1])
        train(settings, str(runs[0]), Path("dry-run"), asked, dry_run=True)
    except UserError as error:
        return Cost(money=None, said=str(error))
    steps = sum(stage.steps for stage in asked.plan.stages) if asked.plan is not None else 0
    return Cost(seconds=asked.seconds, said=f"{steps} steps")


@dataclass
class _Asked:
    """An observer that keeps the plan that it is told."""

    plan: Plan | None = None
    seconds: float | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetching(self) -> AbstractContextManager[Callable[[Progress], None]]:
        return nullcontext(lambda _: None)

    def planned(self, plan: Plan, seconds: float | None) -> None:
        self.plan, self.seconds = plan, seconds

    def step(self, stage: str, step: int, of: int, seconds_left: float | None, logged: dict[str, Any]) -> None:
        """Nothing is trained."""


def costs(found: Mapping[str, Standing]) -> dict[str, Cost]:
    """Of every stage that is not done and does not wait."""
    return {
        id: cost_of(each, [found[need] for need in each.stage.needs])
        for id, each in found.items()
        if each.state in ("begun", "to do")
    }
