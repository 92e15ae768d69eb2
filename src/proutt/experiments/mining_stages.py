"""Stages that measure how well a model mines intentions (SynPT IV-B to V): the first words, then a dialogue of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import RESULTS
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.inquiring import inquire
from proutt.evaluation.synpt.run import evaluate
from proutt.evaluation.synpt.stored import DIALOGUES, INQUIRIES
from proutt.experiments.measuring_stages import how_to_serve
from proutt.experiments.pair_stages import counted
from proutt.experiments.stage import Paused, Place
from proutt.experiments.training_stages import MODEL, weights_digest
from proutt.prompts import prompt_version

#: Of a configuration, what says where something is, and not what.
_PLACES = {"tasks", "system", "inquiries", "user_api_key_env", "judge_api_key_env"}


@dataclass(frozen=True)
class Inquiring:
    """The first words of a test set, once for all arms. config: of it count test set and user."""

    config: EvaluateConfig

    @property
    def version(self) -> str:
        return f"1-{prompt_version('synpt')}"

    results = (INQUIRIES,)

    def settings(self) -> Mapping[str, Any]:
        return _counted(self.config) | {"weights": weights_digest(self.config.user_model or "")}

    def do(self, place: Place) -> Mapping[str, Any]:
        made = inquire(self.config, place.folder, place.observer, reuse=place.older)
        if not made.complete:
            raise Paused(made.why)
        if not made.summary["inquired"]:
            raise UserError("no inquiry was written (failures.jsonl).", where=str(place.folder), remedy="Try another.")
        names = ("cases", "parts", "inquired", "failed", "models", "calls", "cost", "currency")
        return {name: made.summary[name] for name in names}


@dataclass(frozen=True)
class MiningIntentions:
    """`proutt evaluate synpt` of one model: needs the first words, and the served model where it has no name.

    form: that of the served model; None where the model has a name
    """

    config: EvaluateConfig
    form: str | None = None

    @property
    def version(self) -> str:
        return f"1-{prompt_version('synpt_evaluation')}-{prompt_version('synpt')}"

    results = (DIALOGUES, RESULTS)

    def settings(self) -> Mapping[str, Any]:
        config = self.config
        weights = {
            "model": None if self.form else weights_digest(config.model),
            "user": weights_digest(config.user_model or ""),
            "judge": weights_digest(config.judge or ""),
        }
        return {**_counted(config), "form": self.form, "weights": weights}

    def do(self, place: Place) -> Mapping[str, Any]:
        config = self.config.model_copy(update={"inquiries": str(place.needs[0]), **self._served(place)})
        try:
            made = evaluate(config, place.folder, place.observer, reuse=place.older)
        except UserError as error:
            if self.form != "merged":
                raise
            remedy = how_to_serve(place.needs[1], model=config.model, at=config.base_url)
            raise UserError(error.message, where=error.where, remedy=remedy) from error
        if not made.complete:
            raise Paused(made.why)
        if not made.summary["dialogues"]["evaluated"]:
            raise UserError("no dialogue was held (failures.jsonl).", where=str(place.folder), remedy="Try another.")
        names = ("cases", "dialogues", "failed", "repeats", "models", "calls", "cost", "currency")
        return {name: made.summary[name] for name in names}

    def _served(self, place: Place) -> dict[str, str]:
        if self.form is None:
            return {}
        served: Path = place.needs[1]
        return {"model": served.parent.name if self.form == "merged" else f"local:{served / MODEL}"}


def _counted(config: EvaluateConfig) -> dict[str, Any]:
    return counted(config.model_dump(mode="json", exclude=_PLACES))
