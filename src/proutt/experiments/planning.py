"""From an experiment to its stages, each after those that it needs. What arms have in common is one stage. Pure, but
that the files' names are looked at; nothing is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError
from proutt.experiments import mining_planning, upc_planning
from proutt.experiments.measuring_stages import Agreeing, Comparing, Evaluating, Predicting
from proutt.experiments.pair_stages import CLEAN, Auditing, Counting, Exporting, Synthesizing
from proutt.experiments.plan import Planned, asked, base_of, of_served, role_model, served
from proutt.experiments.reading import ArmPlan, Experiment
from proutt.experiments.sections import Export, Predict, Synthesize
from proutt.experiments.stage import KINDS, Stage
from proutt.experiments.training_stages import Training
from proutt.llm import ModelSpec
from proutt.methods.baselines import BASELINES
from proutt.prediction.config import PredictConfig, predict_config_of
from proutt.runs.config import SynthesisConfig, config_of


def planned(experiment: Experiment) -> Planned:
    """The stages of an experiment. Raises UserError where something contradicts itself, or a name is missing."""
    plan = Planned()
    for arm in experiment.arms:
        plan.of_arm.setdefault(arm.name, {})
        _planner(arm)(plan, experiment, arm)
    _evaluations(plan, experiment)
    _comparisons(plan, experiment)
    _agreement(plan, experiment)
    in_order = sorted(plan.stages.items(), key=lambda item: KINDS.index(item[1].kind))  # stable: arms in their order
    plan.stages = dict(in_order)
    return plan


def _planner(arm: ArmPlan) -> Callable[[Planned, Experiment, ArmPlan], None]:
    """What plans an arm, by the method that it is of."""
    if upc_planning.of_chatbots(arm):
        return upc_planning.plan_arm
    return mining_planning.plan_arm if mining_planning.of_dialogues(arm) else _of_arm


# One arm --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pairs:
    """Where an arm's pairs come from: stages, what of each, and rows that are there already."""

    ids: tuple[str, ...]
    sources: tuple[str, ...]
    rows: tuple[str, ...]


def _of_arm(plan: Planned, experiment: Experiment, arm: ArmPlan) -> None:
    asks_by_name = arm.predict is not None and arm.predict.model is not None
    model: str | None = None
    if not asks_by_name:
        pairs = _pairs(plan, experiment, arm)
        trained = _trained(plan, experiment, arm, pairs)
        model = served(plan, experiment, arm, trained)
    if arm.predict is not None:
        _predictions(plan, experiment, arm, arm.predict, model)


def _pairs(plan: Planned, experiment: Experiment, arm: ArmPlan) -> _Pairs:
    made = [] if arm.synthesize is None else _synthesised(plan, experiment, arm, arm.synthesize)
    ids, sources = [id for id, _ in made], [source for _, source in made]
    rows = [file for name in arm.pairs for file in experiment.data(name, needed_by=f"{arm.name}, pairs").files or ()]
    found = _Pairs(tuple(ids), tuple(sources), tuple(rows))
    statistics = experiment.said.statistics
    if statistics is not None and (ids or rows):
        work = Counting(found.sources, statistics.tokenizer, found.rows)
        plan.add(arm.name, Stage("statistics", arm.name, work, found.ids, found.rows))
    return found


def _synthesised(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Synthesize) -> list[tuple[str, str]]:
    """A run of each data set, audited where that is wanted: id, and what of its folder is read ("": the run)."""
    found = []
    for name in said.sources:
        config = _synthesis(experiment, arm, said, name)
        title = f"{config.method}: {name}"
        made = plan.add(arm.name, Stage("synthesize", title, Synthesizing(config), (), tuple(config.inputs)))
        source = ""
        if arm.audit is not None:
            audited = plan.add(arm.name, Stage("audit", title, Auditing(arm.audit), (made,)))
            made, source = (audited, CLEAN) if arm.audit.clean else (made, "")
        found.append((made, source))
    return found


def _synthesis(experiment: Experiment, arm: ArmPlan, said: Synthesize, name: str) -> SynthesisConfig:
    data, where = experiment.data(name, needed_by=arm.name), f"{arm.name}, synthesize"
    entry = experiment.model(said.model, needed_by=where)
    roles = {role: role_model(experiment, of, where) for role, of in said.roles.items()}
    values = {**said.settings, **asked(entry), "inputs": data.files, "format": data.format, "language": data.language}
    config = config_of({**values, "roles": roles})
    config.settings()  # what contradicts itself
    return config


def _trained(plan: Planned, experiment: Experiment, arm: ArmPlan, pairs: _Pairs) -> str | None:
    """The last training of the arm; None where it has none."""
    if arm.sft is None and arm.align is None:
        return None
    if not pairs.ids and not pairs.rows:
        remedy = "Give synthesize or pairs."
        raise UserError(f"{arm.name} trains on nothing.", where=str(experiment.path), remedy=remedy)
    method = arm.synthesize.settings.get("method", "proutt") if arm.synthesize is not None else "proutt"
    if arm.align is not None and method in BASELINES and not BASELINES[method].preference:
        raise UserError(
            f"{arm.name}: {method} makes no rejected sides to align with.",
            where=str(experiment.path),
            remedy="Give align: null.",
        )
    last: str | None = None
    for kind, said, format in (("sft", arm.sft, "trl-sft"), ("align", arm.align, "trl-preference")):
        if said is None:
            continue
        work = Exporting(arm.export or Export(), format, pairs.sources, pairs.rows)
        export = plan.add(arm.name, Stage("export", f"{arm.name}: {format}", work, pairs.ids, pairs.rows))
        base = experiment.model(base_of(arm, said), needed_by=f"{arm.name}, {kind}").model or ""
        needs = (export,) if last is None else (export, last)
        last = plan.add(arm.name, Stage(kind, arm.name, Training(base, said), needs))
    return last


# Predictions and measures ---------------------------------------------------------------------------------------------


def _predictions(plan: Planned, experiment: Experiment, arm: ArmPlan, said: Predict, model: str | None) -> None:
    where = f"{arm.name}, predict"
    if said.model is None and (model is None or arm.serve is None):
        remedy = "Give predict: {model: ...}, or serve: {} for what the arm trains."
        raise UserError(f"{where}: there is no model to ask.", where=str(experiment.path), remedy=remedy)
    form = None if said.model is not None or arm.serve is None else arm.serve.form
    if said.model is None and arm.serve is not None:
        how = of_served(experiment, arm, arm.serve)
    else:
        how = asked(experiment.model(said.model or "", needed_by=where))
    if said.context_tokens is not None:
        how["context_tokens"] = said.context_tokens
    for name in said.sources:
        data = experiment.data(name, needed_by=where)
        values = {**_like_the_rows(arm), **said.settings, **how, "system": arm.name}
        more = {"inputs": data.files, "format": data.format, "language": data.language}
        work = Predicting(predict_config_of({**values, **more}), form)
        needs = () if form is None else (str(model),)
        made = plan.add(arm.name, Stage("predict", f"{arm.name}: {name}", work, needs, tuple(data.files or ())))
        plan.tests.setdefault(name, {})[arm.name] = made


def _like_the_rows(arm: ArmPlan) -> dict[str, Any]:
    """What a trained model is asked with: the instruction, the count and the omissions of the rows it learned from."""
    found: dict[str, Any] = {}
    if arm.export is not None:
        found["instruction"] = arm.export.instruction
    settings: Mapping[str, Any] = {} if arm.synthesize is None else arm.synthesize.settings
    if "q" in settings:
        found["q"] = settings["q"]
    method = settings.get("method", "proutt")
    named = arm.predict is not None and arm.predict.model is not None
    if named or (arm.sft is None and arm.align is None):
        return found
    if method in BASELINES:
        return found | ({"method": method} if BASELINES[method].simulates else {"ablate": ["perspectives"]})
    ablated = [each for each in settings.get("ablate", ()) if each in ("intent-tree", "sentence-type")]
    return found | ({"ablate": ablated} if ablated else {})


def _evaluations(plan: Planned, experiment: Experiment) -> None:
    said = experiment.said.evaluate
    if said is None:
        return
    judge = None if said.judge is None else _judge(experiment, said.judge, "evaluate")
    for name, by_arm in plan.tests.items():
        work = Evaluating(said, judge, _configs(plan, by_arm.values()))
        plan.measured[name] = plan.add(None, Stage("evaluate", name, work, tuple(by_arm.values())))


def _comparisons(plan: Planned, experiment: Experiment) -> None:
    said = experiment.said.pairwise
    if said is None:
        return
    unknown = [each for each in (said.one, *said.against) if each not in experiment.said.arms]
    if unknown:
        remedy = f"Arms: {', '.join(experiment.said.arms)}."
        raise UserError(f"pairwise: there is no arm {unknown[0]!r}.", where=str(experiment.path), remedy=remedy)
    judge = _judge(experiment, said.judge, "pairwise")
    for name, by_arm in plan.tests.items():
        for other in said.against:
            if said.one in by_arm and other in by_arm:
                ids = (by_arm[said.one], by_arm[other])
                work = Comparing(said, judge, _configs(plan, ids))
                stage = Stage("pairwise", f"{name}: {said.one}, {other}", work, ids)
                plan.compared[name, other] = plan.add(None, stage)


def _agreement(plan: Planned, experiment: Experiment) -> None:
    said = experiment.said.agreement
    if said is None or not plan.compared:
        return
    known = experiment.said.data
    missing = [name for name in said.people if name not in known or not known[name].files]
    waits = None
    if missing:
        waits = f"people's verdicts: proutt annotate, then --set data.{missing[0]}=FOLDER"
    people = tuple(file for name in said.people if name not in missing for file in _files(experiment, name))
    stage = Stage("agreement", "people and judge", Agreeing(said, people), tuple(plan.compared.values()), people, waits)
    plan.add(None, stage)


def _files(experiment: Experiment, name: str) -> Sequence[str]:
    return experiment.data(name, needed_by="agreement").files or ()


def _configs(plan: Planned, ids: Any) -> tuple[PredictConfig, ...]:
    works = (plan.stages[each].work for each in ids)
    return tuple(work.config for work in works if isinstance(work, Predicting))


def _judge(experiment: Experiment, name: str, needed_by: str) -> ModelSpec:
    how = asked(experiment.model(name, needed_by=needed_by))
    return ModelSpec(**{key: value for key, value in how.items() if value is not None})
