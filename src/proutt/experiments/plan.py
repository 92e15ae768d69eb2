"""The stages of an experiment, and what planning of both methods needs: models as they are asked, and served ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from proutt.errors import UserError
from proutt.experiments.file import ModelEntry
from proutt.experiments.reading import ArmPlan, Experiment, embedded
from proutt.experiments.sections import Serve, Train
from proutt.experiments.stage import Stage
from proutt.experiments.training_stages import Serving
from proutt.runs.model_config import RoleModel


@dataclass
class Planned:
    """Stages by id, in the order of the work.

    of_arm  arm → kind → its stages, by id
    tests   data set → arm → its predictions, by id
    mined   data set → arm → its evaluations of mining, one for each of its trainings, by id
    proactive  data set → arm → critic → its evaluation of proactivity, by id
    """

    stages: dict[str, Stage] = field(default_factory=dict)
    of_arm: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    tests: dict[str, dict[str, str]] = field(default_factory=dict)
    mined: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    proactive: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)  # data set → its evaluation
    compared: dict[tuple[str, str], str] = field(default_factory=dict)  # (data set, against) → its comparison

    def add(self, arm: str | None, stage: Stage) -> str:
        """Its id. A stage that another arm has, too, is the same one."""
        self.stages.setdefault(stage.id, stage)
        if arm is not None:
            kinds = self.of_arm.setdefault(arm, {})
            kinds.setdefault(stage.kind, []).append(stage.id)
        return stage.id


def asked(entry: ModelEntry) -> dict[str, Any]:
    """A model's entry as the verbs' configurations name it; an embedded one has no address."""
    found = entry.model_dump()
    return found | ({"base_url": None, "api_key_env": None, "thinking_tokens": 0} if embedded(entry) else {})


def role_model(experiment: Experiment, name: str, needed_by: str) -> RoleModel:
    """The model of one role, by its name."""
    entry = experiment.model(name, needed_by=needed_by)
    kept = entry.model_dump(include={"base_url", "api_key_env", "context_tokens", "thinking_tokens"})
    return RoleModel(model=entry.model or "", **kept)


def base_of(arm: ArmPlan, said: Train) -> str:
    """An alignment after SFT has its base, unless it names one."""
    named = "base" in said.model_fields_set
    return said.base if named or arm.sft is None else arm.sft.base


def served(plan: Planned, experiment: Experiment, arm: ArmPlan, trained: str | None) -> str | None:
    """The stage that makes the arm's trained model, or its base, answer; None where nothing is served.

    trained: the stage of its last training; None: the base as it is
    """
    if arm.serve is None:
        return None
    said = arm.align if arm.align is not None else arm.sft
    name = arm.serve.base if said is None else base_of(arm, said)
    base = experiment.model(name, needed_by=f"{arm.name}, serve").model or ""
    needs = () if trained is None else (trained,)
    title = arm.name if trained is None else plan.stages[trained].title
    return plan.add(arm.name, Stage("serve", title, Serving(base, arm.serve.form), needs))


def of_served(experiment: Experiment, arm: ArmPlan, serve: Serve) -> dict[str, Any]:
    """How the arm's served model is asked; which one it is, its stage says when it is done."""
    return {"model": "local:served.gguf"} if serve.form != "merged" else _server(experiment, arm, serve)


def _server(experiment: Experiment, arm: ArmPlan, serve: Serve) -> dict[str, Any]:
    """Where merged models are asked; each has the name of its stage there."""
    entry = experiment.said.models.get(serve.at)
    if entry is None or entry.base_url is None:
        raise UserError(
            f"{arm.name}, serve: merged models have no server.",
            where=str(experiment.path),
            remedy=f"Give --set models.{serve.at}.base_url=URL, or serve: {{form: q8_0}} for the embedded engine.",
        )
    return {**asked(entry), "model": "served"}
