"""Why measured numbers are not the paper's: what of models, data and metrics differs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from proutt.experiments.file import Paper
from proutt.experiments.reading import Experiment
from proutt.experiments.sections import Predict

_EMBED = "Embed-Sim"
_JUDGE = "LLM-Judge"


def differences(experiment: Experiment) -> list[str]:
    """What keeps the measured numbers from being compared with the paper's, a sentence each; none without a paper."""
    paper = experiment.said.paper
    return [] if paper is None else list(_differences(experiment, paper))


def _differences(experiment: Experiment, paper: Paper) -> Iterator[str]:
    mined = any(arm.simulate is not None or arm.mining is not None for arm in experiment.arms)
    chatted = any(arm.curriculum is not None or arm.proactivity is not None for arm in experiment.arms)
    for name, theirs in paper.models.items():
        entry = experiment.said.models.get(name)
        if entry is not None and entry.model is not None and not _same(entry.model, theirs):
            ours = Path(entry.model).name if Path(entry.model).is_absolute() else entry.model
            yield f"Model {name}: {ours} here, {theirs} in the paper."
    for name, theirs in paper.data.items():
        entry_of_data = experiment.said.data.get(name)
        files = ", ".join(each.rpartition("/")[2] for each in (entry_of_data.files or ())) if entry_of_data else ""
        unknown = "" if mined or chatted else ", which does not publish which dialogues"
        yield f"Data {name}: {files or 'none'} here, {theirs} in the paper{unknown}."
    evaluate = experiment.said.evaluate
    if evaluate is not None and _JUDGE in paper.metrics:
        if evaluate.judge is None:
            yield "LLM-Judge: not measured here."
        else:
            yield "LLM-Judge: the paper does not print its judge's prompt; ours is another text."
    if evaluate is not None and _EMBED in paper.metrics and evaluate.embed != "paper":
        yield f"Embed-Sim: by {evaluate.embed} here, a metric on another scale; the paper takes SimCSE and bge-zh."
    if any(arm.sft is not None or arm.align is not None or arm.curriculum is not None for arm in experiment.arms):
        yield "Training: the paper names no learning rate, batch, rank or beta; ours are common ones."
    yield from _of_mining(experiment)
    yield from _of_chatbots(experiment)
    limits = sorted({_limit(arm.predict) for arm in experiment.arms if arm.predict is not None})
    if paper.metrics and limits and limits != ["100"]:
        yield f"Test cases: of {', '.join(limits)} dialogues of each data set here, 100 of each in the paper."


def _of_mining(experiment: Experiment) -> Iterator[str]:
    """What differs from SynPT IV-B to IV-D."""
    said = [arm.mining for arm in experiment.arms if arm.mining is not None]
    if not said:
        return
    yield (
        "VJ and IS are computed from the seeds here, and of IIM a judge is asked only what replies do not tell; the "
        "paper asks a judge for IIM and IS."
    )
    if any(arm.sft is not None for arm in experiment.arms):
        yield "Rows: one for each answer, with its thinking, here; the paper trains on whole dialogues."
        runs = sorted({each.runs for each in said if each.model is None})
        if runs and runs != [5]:
            yield f"Runs: {', '.join(map(str, runs))} trainings of an arm here, 5 in the paper."
    per_task = {each.settings.get("per_task", 20) for each in said}
    if per_task != {20}:
        counts = ", ".join(sorted(str(each or "all") for each in per_task))
        yield f"Test cases: {counts} of each task here, 20 in the paper."


def _of_chatbots(experiment: Experiment) -> Iterator[str]:
    """What differs from UPC 4 and 5.1."""
    said = [arm.curriculum for arm in experiment.arms if arm.curriculum is not None]
    if said or any(arm.proactivity is not None for arm in experiment.arms):
        yield "Prompts: ours; the critic's follows the one that the paper prints, the others stand in its appendix."
    if said:
        yield (
            "Corpus: the chatbot reads scores and filtered advice, in the paper the critic's reasons; R, alpha and "
            "beta stand in the paper's appendix."
        )
    for strict in {each.untouched for each in said if each.easy}:
        reading = "by the letter of equation (3)" if strict == "letter" else "as the released code does"
        yield f"Easy dialogues: a response that was not written again is taken {reading}."


def _limit(said: Predict) -> str:
    limit = said.settings.get("limit")
    return "all" if limit is None else str(limit)


def _same(ours: str, theirs: str) -> bool:
    """Whether a name means the paper's model, whatever stands around it: owner, version, capitals."""
    one, other = (re.sub(r"[^a-z0-9]", "", name.rpartition("/")[2].casefold()) for name in (ours, theirs))
    return one == other
