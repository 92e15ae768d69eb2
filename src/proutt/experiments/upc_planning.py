"""The stages of an arm of UPC: a curriculum, and how proactive its chatbot, the base, or a model by its name is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.upc.config import UPCEvaluateConfig, upc_evaluate_config_of
from proutt.experiments.curriculum.loop import Curriculating
from proutt.experiments.plan import Planned, asked, of_served, role_model, served
from proutt.experiments.proactivity_stages import Proactive
from proutt.experiments.reading import ArmPlan, Experiment
from proutt.experiments.sections import Curriculum, Proactivity, Serve, Train
from proutt.experiments.stage import Stage
from proutt.prompts import Role
from proutt.simulation.upc.config import upc_config_of

#: Sections that an arm of UPC may have.
_OWN = ("curriculum", "proactivity", "sft", "serve")


def of_chatbots(arm: ArmPlan) -> bool:
    """Whether an arm is one of UPC's."""
    return arm.curriculum is not None or arm.proactivity is not None


def plan_arm(plan: Planned, experiment: Experiment, arm: ArmPlan) -> None:
    """Add its stages. Raises UserError where something contradicts itself, or a name is missing."""
    _refuse_others(experiment, arm)
    said = arm.proactivity
    if said is not None and said.model is not None:
        _measured(plan, experiment, arm, said, None)
        return
    chatbot = served(plan, experiment, arm, None) if _serves(arm) else None
    if arm.curriculum is not None:
        chatbot = _curriculum(plan, experiment, arm, arm.curriculum, chatbot)
    if said is not None:
        if chatbot is None:
            remedy = "Give proactivity: {model: ...}, or serve: {} for the base."
            raise UserError(f"{arm.name}, proactivity: there is no model.", where=str(experiment.path), remedy=remedy)
        _measured(plan, experiment, arm, said, chatbot)


def _refuse_others(experiment: Experiment, arm: ArmPlan) -> None:
    """What is for pairs, or for SynPT's dialogues, would be left aside without a word."""
    for name in ("pairs", "synthesize", "simulate", "export", "rows", "align", "predict", "mining"):
        if getattr(arm, name):
            raise UserError(
                f"{arm.name}: {name} is not for UPC's arms, which have {', '.join(_OWN)}.",
                where=str(experiment.path),
                remedy=f"Give {name}: null.",
            )


def _serves(arm: ArmPlan) -> bool:
    """Whether the base is to be made answer: not where it has a name that it is asked by, or a command of the user's
    trains it."""
    said = arm.curriculum
    return arm.serve is not None and (said is None or (said.chatbot is None and said.command is None))


def _curriculum(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Curriculum, base: str | None) -> str:
    where = f"{arm.name}, curriculum"
    if said.command is None and arm.serve is None:
        remedy = "Give serve: {} for what sft trains, or curriculum: {command: [...]}."
        raise UserError(f"{where}: nobody can ask what is trained.", where=str(experiment.path), remedy=remedy)
    sft, serve = arm.sft or Train(), arm.serve or Serve()
    how = _chatbot(experiment, arm, said, where)
    roles = {"user-agent": "user", "critic": "critic"} | said.roles
    asked_by_role = {
        role: role_model(experiment, name, where) for role, name in roles.items() if said.critic or role != "critic"
    }
    files, language = _personas(experiment, said.sources, where)
    corpus = upc_config_of(
        {
            **said.simulate,
            **_limits(experiment, roles["user-agent"], where),
            "strategy": "guided" if said.critic else "unguided",
            "roles": {**asked_by_role, Role.ASSISTANT_AGENT: how},
            "inputs": files,
            "language": language,
        }
    )
    corpus.settings()  # what contradicts itself
    validation: UPCEvaluateConfig | None = None
    more: tuple[str, ...] = ()
    if said.validation is not None:
        more, of = _personas(experiment, said.validation, where)
        names: dict[str, Any] = {"inputs": list(more), "language": of, "system": "validation"}
        others = _others(experiment, roles["user-agent"], roles["critic"], where)
        validation = upc_evaluate_config_of({**_validated(said), **said.evaluate, **how, **others, **names})
    name = experiment.model(sft.base, needed_by=where).model or ""
    work = Curriculating(said, corpus, validation, name, sft, serve.form)
    needs = () if base is None else (base,)
    return plan.add(arm.name, Stage("curriculum", arm.name, work, needs, (*files, *more)))


def _validated(said: Curriculum) -> dict[str, Any]:
    """Of the corpus's settings, those that a validation has, too: as long a dialogue, at the same temperatures."""
    shared = ("turns", "small_steps", "seed", "temperature_chatbot", "temperature_user", "temperature_critic")
    return {key: value for key, value in said.simulate.items() if key in shared}


def _chatbot(experiment: Experiment, arm: ArmPlan, said: Curriculum, where: str) -> dict[str, Any]:
    """How the chatbot is asked; of one that is served, its stage says which it is."""
    if said.chatbot is not None or said.command is not None or arm.serve is None:
        entry = experiment.model(said.chatbot or (arm.sft or Train()).base, needed_by=where)
        how = _kept(asked(entry))
    else:
        how = _kept(of_served(experiment, arm, arm.serve))
    return how if said.context_tokens is None else how | {"context_tokens": said.context_tokens}


def _kept(how: Mapping[str, Any]) -> dict[str, Any]:
    names = ("model", "base_url", "api_key_env", "context_tokens", "thinking_tokens")
    return {name: how[name] for name in names if name in how}


def _limits(experiment: Experiment, name: str, where: str) -> dict[str, Any]:
    """The model of all roles: the user's, whose time limit and calls in flight count for all."""
    return asked(experiment.model(name, needed_by=where))


def _others(experiment: Experiment, user: str, critic: str, where: str) -> dict[str, Any]:
    """The user's and the critic's models, as the configuration of an evaluation names them."""
    made: dict[str, Any] = {}
    for role, name in (("user", user), ("critic", critic)):
        entry = asked(experiment.model(name, needed_by=where))
        made |= {f"{role}_{key}": entry[key] for key in ("model", "base_url", "api_key_env")}
    return made


def _personas(experiment: Experiment, names: Sequence[str], where: str) -> tuple[tuple[str, ...], str | None]:
    """Files of personas, and their language where all have one."""
    found = [experiment.data(name, needed_by=where) for name in names]
    languages = {each.language for each in found}
    if len(languages) > 1:
        remedy = "Give all of them a language, or none."
        raise UserError(
            f"{where}: {', '.join(names)} are of several languages.", where=str(experiment.path), remedy=remedy
        )
    return tuple(file for each in found for file in each.files or ()), languages.pop()


def _measured(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Proactivity, chatbot: str | None) -> None:
    """An evaluation on each data set. chatbot: the stage in whose folder it is; None of one by its name."""
    where = f"{arm.name}, proactivity"
    if said.model is not None:
        how = _kept(asked(experiment.model(said.model, needed_by=where)))
    elif arm.curriculum is not None:
        how = _chatbot(experiment, arm, arm.curriculum, where)
    else:
        how = _kept(of_served(experiment, arm, arm.serve or Serve()))
    if said.context_tokens is not None:
        how["context_tokens"] = said.context_tokens
    form = None if chatbot is None else (arm.serve or Serve()).form
    for name in said.sources:
        files, language = _personas(experiment, [name], where)
        more = {"inputs": list(files), "language": language, "system": "chatbot"}
        needs = () if chatbot is None else (chatbot,)
        ids = plan.proactive.setdefault(name, {}).setdefault(arm.name, {})
        for critic in dict.fromkeys(said.critics):
            others = _others(experiment, said.user, critic, where)
            others |= {} if critic != said.critics[0] else _perplexity(experiment, said, where)
            config: UPCEvaluateConfig = upc_evaluate_config_of({**said.settings, **how, **others, **more})
            title = f"{arm.name}: {name}" + (f", by {critic}" if len(said.critics) > 1 else "")
            ids[critic] = plan.add(arm.name, Stage("proactivity", title, Proactive(config, form), needs, files))


def _perplexity(experiment: Experiment, said: Proactivity, where: str) -> dict[str, Any]:
    if said.perplexity is None:
        return {}
    entry = asked(experiment.model(said.perplexity, needed_by=where))
    return {f"perplexity_{key}": entry[key] for key in ("model", "base_url", "api_key_env")}
