"""The stage that measures how proactive a chatbot is (UPC 5.1): by the function that `proutt evaluate upc` calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import RESULTS
from proutt.evaluation.upc.config import UPCEvaluateConfig
from proutt.evaluation.upc.run import evaluate
from proutt.evaluation.upc.stored import DIALOGUES
from proutt.experiments.chatbot import answering, how_to_ask
from proutt.experiments.pair_stages import counted
from proutt.experiments.stage import Paused, Place
from proutt.experiments.training_stages import weights_digest
from proutt.prompts import prompt_version

#: Of a configuration, what says where something is, and not what.
_PLACES = {"system", "user_api_key_env", "critic_api_key_env"}


@dataclass(frozen=True)
class Proactive:
    """`proutt evaluate upc` of one chatbot: needs the folder that it is in, where it has no name."""

    config: UPCEvaluateConfig
    form: str | None = None

    @property
    def version(self) -> str:
        return f"1-{prompt_version('upc_evaluation')}-{prompt_version('upc')}"

    results = (DIALOGUES, RESULTS)

    def settings(self) -> Mapping[str, Any]:
        weights = {name: weights_digest(getattr(self.config, name) or "") for name in ("user_model", "critic_model")}
        own = None if self.form else weights_digest(self.config.model)
        return {**decisive(self.config), "form": self.form, "weights": {**weights, "model": own}}

    def do(self, place: Place) -> Mapping[str, Any]:
        chatbot = place.needs[0] if place.needs else None
        config = self.config if chatbot is None else self.config.model_copy(update=how_to_ask(chatbot))
        with answering(chatbot, {"model": config.model, "base_url": config.base_url}):
            made = evaluate(config, place.folder, place.observer, reuse=place.older)
        if not made.complete:
            raise Paused(made.why)
        if not made.summary["dialogues"]["evaluated"]:
            raise UserError("no dialogue was held (failures.jsonl).", where=str(place.folder), remedy="Try another.")
        names = ("scores", "perplexity", "dialogues", "failed", "models", "calls", "cost", "currency")
        return {name: made.summary.get(name) for name in names}


def decisive(config: UPCEvaluateConfig) -> dict[str, Any]:
    """What of a configuration decides the result, as JSON."""
    return counted(config.model_dump(mode="json", exclude=_PLACES))
