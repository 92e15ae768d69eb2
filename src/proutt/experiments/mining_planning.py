"""The stages of an arm of SynPT: dialogues of seeds, rows, trainings, and what each of them mines of a test set."""

from __future__ import annotations

from typing import Any

from proutt.errors import UserError
from proutt.evaluation.synpt.config import NO_JUDGE, EvaluateConfig, evaluate_config_of
from proutt.experiments.dialogue_stages import ExportingDialogues, Simulating
from proutt.experiments.file import DataEntry
from proutt.experiments.mining_stages import Inquiring, MiningIntentions
from proutt.experiments.pair_stages import CLEAN, Auditing
from proutt.experiments.plan import Planned, asked, base_of, of_served, role_model, served
from proutt.experiments.reading import ArmPlan, Experiment
from proutt.experiments.sections import Mining, Rows, Simulate
from proutt.experiments.stage import Stage
from proutt.experiments.training_stages import Training
from proutt.simulation.synpt.config import SynPTConfig, synpt_config_of

#: What decides the first words of a test set.
_OF_INQUIRIES = {
    *("inputs", "tasks", "language", "per_task", "seed", "small_steps"),
    *("user_model", "user_base_url", "user_api_key_env"),
}


def of_dialogues(arm: ArmPlan) -> bool:
    """Whether an arm is one of SynPT's."""
    return arm.simulate is not None or arm.mining is not None


def plan_arm(plan: Planned, experiment: Experiment, arm: ArmPlan) -> None:
    """Add its stages. Raises UserError where something contradicts itself, or a name is missing."""
    _refuse_both(experiment, arm)
    mining = arm.mining
    if mining is not None and mining.model is not None:
        _mined(plan, experiment, arm, mining, ())
        return
    simulated = [] if arm.simulate is None else _simulated(plan, experiment, arm, arm.simulate)
    models = []
    for run in range(1 if mining is None or arm.sft is None else mining.runs):
        trained = None if arm.sft is None else _trained(plan, experiment, arm, simulated, run)
        model = served(plan, experiment, arm, trained)
        models += [] if model is None else [model]
    if mining is not None:
        if not models:
            remedy = "Give mining: {model: ...}, or serve: {} for what the arm trains."
            raise UserError(f"{arm.name}, mining: there is no model.", where=str(experiment.path), remedy=remedy)
        _mined(plan, experiment, arm, mining, tuple(models))


def _refuse_both(experiment: Experiment, arm: ArmPlan) -> None:
    """An arm makes pairs or dialogues: what is for pairs would be left aside without a word."""
    for name, theirs in (
        ("pairs", bool(arm.pairs)),
        ("synthesize", arm.synthesize is not None),
        ("export", arm.export is not None),
        ("align", arm.align is not None),
        ("predict", arm.predict is not None),
    ):
        if theirs:
            raise UserError(
                f"{arm.name}: {name} is for pairs, and the arm is one of SynPT's dialogues.",
                where=str(experiment.path),
                remedy=f"Give {name}: null" + (", and rows: {...}." if name == "export" else "."),
            )


def _simulated(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Simulate) -> list[tuple[str, str]]:
    """A run of each data set, audited where that is wanted: id, and what of its folder is read ("": the run)."""
    found = []
    for name in said.sources:
        data = experiment.data(name, needed_by=f"{arm.name}, simulate")
        config = _simulation(experiment, arm, said, data)
        title = f"{arm.name}: {name}"
        made = plan.add(arm.name, Stage("simulate", title, Simulating(config), (), _files(data)))
        source = ""
        if arm.audit is not None:
            audited = plan.add(arm.name, Stage("audit", title, Auditing(arm.audit), (made,)))
            made, source = (audited, CLEAN) if arm.audit.clean else (made, "")
        found.append((made, source))
    return found


def _simulation(experiment: Experiment, arm: ArmPlan, said: Simulate, data: DataEntry) -> SynPTConfig:
    where = f"{arm.name}, simulate"
    roles = {role: role_model(experiment, of, where) for role, of in said.roles.items()}
    entry = experiment.model(said.model, needed_by=where)
    config = synpt_config_of({**said.settings, **asked(entry), **_of_data(data), "roles": roles})
    config.settings()  # what contradicts itself
    return config


def _trained(
    plan: Planned, experiment: Experiment, arm: ArmPlan, simulated: list[tuple[str, str]], run: int
) -> str | None:
    """The arm's SFT with the seed of one of its runs."""
    if arm.sft is None:
        return None
    if not simulated:
        raise UserError(f"{arm.name} trains on nothing.", where=str(experiment.path), remedy="Give simulate.")
    ids = tuple(id for id, _ in simulated)
    work = ExportingDialogues(arm.rows or Rows(), tuple(source for _, source in simulated))
    export = plan.add(arm.name, Stage("export", arm.name, work, ids))
    base = experiment.model(base_of(arm, arm.sft), needed_by=f"{arm.name}, sft").model or ""
    said = arm.sft.model_copy(update={"seed": arm.sft.seed + run})
    return plan.add(arm.name, Stage("sft", _of_run(arm.name, run), Training(base, said), (export,)))


def _mined(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Mining, models: tuple[str, ...]) -> None:
    """An evaluation of each of the arm's models on each data set. models: stages that serve; none for a named one."""
    form = None if not models or arm.serve is None else arm.serve.form
    for name in said.sources:
        data = experiment.data(name, needed_by=f"{arm.name}, mining")
        config = _mining(experiment, arm, said, data)
        first = Inquiring(_of_inquiries(config))
        inquiries = plan.add(arm.name, Stage("inquiries", name, first, (), _files(data)))
        ids = plan.mined.setdefault(name, {}).setdefault(arm.name, [])
        for run, model in enumerate(models or (None,)):
            needs = (inquiries,) if model is None else (inquiries, model)
            title = _of_run(f"{arm.name}: {name}", run)
            ids.append(plan.add(arm.name, Stage("mining", title, MiningIntentions(config, form), needs, _files(data))))


def _mining(experiment: Experiment, arm: ArmPlan, said: Mining, data: DataEntry) -> EvaluateConfig:
    where = f"{arm.name}, mining"
    if said.model is not None:
        how = asked(experiment.model(said.model, needed_by=where)) | {"system": said.model}
        how = {"subject": "prompted"} | how
    elif arm.serve is not None:
        how = of_served(experiment, arm, arm.serve) | {"system": "trained"}
    else:
        how = {}
    if said.context_tokens is not None:
        how["context_tokens"] = said.context_tokens
    others = _other(experiment, "user", said.user, where)
    others |= {"judge": NO_JUDGE} if said.judge is None else _other(experiment, "judge", said.judge, where)
    return evaluate_config_of({**how, **said.settings, **others, **_of_data(data)})


def _other(experiment: Experiment, role: str, name: str, where: str) -> dict[str, Any]:
    """The user's or the judge's model, as the configuration names it."""
    entry = asked(experiment.model(name, needed_by=where))
    named = "user_model" if role == "user" else "judge"
    return {named: entry["model"], **{f"{role}_{key}": entry[key] for key in ("base_url", "api_key_env")}}


def _of_inquiries(config: EvaluateConfig) -> EvaluateConfig:
    """The same configuration for all arms whose first words are the same."""
    kept = config.model_dump(mode="json", include=_OF_INQUIRIES)
    how = {"model": kept["user_model"], "base_url": kept["user_base_url"], "api_key_env": kept["user_api_key_env"]}
    return evaluate_config_of({**kept, **how, "judge": NO_JUDGE})


def _of_data(data: DataEntry) -> dict[str, Any]:
    return {"inputs": data.files, "tasks": data.tasks, "language": data.language}


def _files(data: DataEntry) -> tuple[str, ...]:
    return (*(data.files or ()), *(() if data.tasks is None else (data.tasks,)))


def _of_run(title: str, run: int) -> str:
    return title if run == 0 else f"{title}, run {run + 1}"
