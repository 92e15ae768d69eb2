"""Stages that predict and measure. By the functions that `proutt predict` and `proutt evaluate` call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.agreeing import agreement_of, write_agreement
from proutt.evaluation.guard import Guard, fitted
from proutt.evaluation.order import Order
from proutt.evaluation.run import evaluate
from proutt.evaluation.stored import AGREEMENT, CASES, RESULTS, SCORES, VERDICTS
from proutt.experiments.file import Agreement, Evaluate, Pairwise
from proutt.experiments.pair_stages import counted
from proutt.experiments.silent import with_silent_cases
from proutt.experiments.stage import Paused, Place
from proutt.experiments.training_stages import FOLDER, MODEL, weights_digest
from proutt.export.prompt import instruction_version
from proutt.llm import ModelSpec
from proutt.prediction.config import PredictConfig
from proutt.prediction.run import PREDICTIONS, predict
from proutt.prompts import prompt_version
from proutt.runs.directory import FAILURES, JOURNAL


@dataclass(frozen=True)
class Predicting:
    """`proutt predict` of one data set. form: that of the served model it needs; None where the model has a name."""

    config: PredictConfig
    form: str | None = None

    @property
    def version(self) -> str:
        return f"1-{prompt_version('prediction')}-{prompt_version('proutt')}-{instruction_version()}"

    results = (PREDICTIONS, FAILURES)

    def settings(self) -> Mapping[str, Any]:
        said = counted(self.config.resolved().model_dump(mode="json"))
        return said | {"form": self.form, "weights": None if self.form else weights_digest(self.config.model)}

    def do(self, place: Place) -> Mapping[str, Any]:
        config = self.config if self.form is None else self._of_served(place)
        try:
            made = predict(config, place.folder, place.observer, reuse=place.older)
        except UserError as error:
            if self.form != "merged":
                raise
            remedy = how_to_serve(place.needs[0], model=config.model, at=config.base_url)
            raise UserError(error.message, where=error.where, remedy=remedy) from error
        if not made.complete:
            raise Paused(made.why)
        names = ("cases", "failed", "problems", "models", "cost", "currency")
        return {name: made.summary[name] for name in names} | {"clean": _clean(place.folder)}

    def _of_served(self, place: Place) -> PredictConfig:
        served = place.needs[0]
        name = served.parent.name if self.form == "merged" else f"local:{served / MODEL}"
        return self.config.model_copy(update={"model": name})


def how_to_serve(served: Path, *, model: str, at: str | None) -> str:
    """What to do where a merged model does not answer."""
    folder = json.loads((served / FOLDER).read_text(encoding="utf-8"))["folder"]
    command = f"vllm serve {folder} --served-model-name {model}"
    return f"Is it served at {at}? E.g.: {command}; then run the same command."


def _clean(run: Path) -> int:
    """Test cases whose answer was in the layout, with nothing to repair."""
    with (run / PREDICTIONS).open(encoding="utf-8") as lines:
        return sum(not json.loads(line)["problems"] for line in lines)


@dataclass(frozen=True)
class Evaluating:
    """`proutt evaluate` of several arms on one data set. predicted: what each needed stage predicted."""

    said: Evaluate
    judge: ModelSpec | None
    predicted: tuple[PredictConfig, ...]

    @property
    def version(self) -> str:
        return f"1-{prompt_version('proutt')}-{Guard(fitted()).name}"

    results = (RESULTS, SCORES, CASES)

    def settings(self) -> Mapping[str, Any]:
        return {**self.said.model_dump(), "judge": _decides(self.judge)}

    def do(self, place: Place) -> Mapping[str, Any]:
        order = Order(
            kind="pointwise",
            predictions=_answers(place, self.predicted, silent=self.said.failed == "silent"),
            out=place.folder,
            judge=self.judge,
            embed=self.said.embed,
            repeats=self.said.repeats,
            controls=self.said.controls,
            hit=self.said.hit,
            seed=self.said.seed,
            reuse=_with_journal(place, self.judge),
        )
        return _evaluated(order, place)


@dataclass(frozen=True)
class Comparing:
    """`proutt evaluate pairwise` of two arms on one data set."""

    said: Pairwise
    judge: ModelSpec
    predicted: tuple[PredictConfig, ...]

    @property
    def version(self) -> str:
        return f"1-{prompt_version('evaluation')}-{Guard(fitted()).name}"

    results = (RESULTS, VERDICTS, CASES)

    def settings(self) -> Mapping[str, Any]:
        said = self.said.model_dump(exclude={"one", "against"})
        return {**said, "judge": _decides(self.judge)}

    def do(self, place: Place) -> Mapping[str, Any]:
        order = Order(
            kind="pairwise",
            predictions=_answers(place, self.predicted, silent=self.said.failed == "silent"),
            out=place.folder,
            judge=self.judge,
            embed=None,
            orders=self.said.orders,
            repeats=self.said.repeats,
            seed=self.said.seed,
            reuse=_with_journal(place, self.judge),
        )
        return _evaluated(order, place)


@dataclass(frozen=True)
class Agreeing:
    """`proutt evaluate agreement` of pairwise verdicts with people's. people: their folders."""

    said: Agreement
    people: tuple[str, ...]

    version = "1"
    results = (AGREEMENT,)

    def settings(self) -> Mapping[str, Any]:
        return {"gate": self.said.gate}

    def do(self, place: Place) -> Mapping[str, Any]:
        results, tables = agreement_of([*(Path(each) for each in self.people), *place.needs], gate=self.said.gate)
        write_agreement(place.folder, results, tables)
        return {"groups": len(results["groups"])}


def _decides(judge: ModelSpec | None) -> dict[str, Any] | None:
    """What of a judge decides its answers."""
    if judge is None:
        return None
    kept = judge.model_dump(exclude={"slots", "concurrency", "timeout_s", "api_key_env"})
    return kept | {"weights": weights_digest(judge.model)}


def _answers(place: Place, predicted: tuple[PredictConfig, ...], *, silent: bool) -> list[Path]:
    """The predictions, each with a line for cases where the model had no suggestion to give."""
    if not silent:
        return list(place.needs)
    found = []
    for number, (run, config) in enumerate(zip(place.needs, predicted, strict=True), 1):
        found.append(with_silent_cases(run, config, place.aside / str(number) / PREDICTIONS))
    return found


def _with_journal(place: Place, judge: ModelSpec | None) -> list[Path]:
    return [] if judge is None else [each for each in place.older if (each / JOURNAL).is_file()]


def _evaluated(order: Order, place: Place) -> Mapping[str, Any]:
    done = evaluate(order, place.observer)
    if not done.complete:
        raise Paused(done.why)
    facts = done.results["evaluation"]
    return {name: facts[name] for name in ("cases", "dialogues", "cases_not_in_all", "questions", "failed", "judge")}
