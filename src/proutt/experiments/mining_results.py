"""What an experiment on SynPT has measured so far: dialogues, intentions mined, the paper's numbers beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.synpt.figures import draw_lengths, draw_metrics
from proutt.evaluation.synpt.lengths import lengths_in, spread_of
from proutt.evaluation.synpt.results import METRICS, Evaluation, Metric, results_of
from proutt.evaluation.synpt.stored import evaluation_in
from proutt.evaluation.synpt.tables import tables_of as tables_of_mining
from proutt.evaluation.tables import Table
from proutt.experiments.people_results import Judged, evaluations_by_people
from proutt.experiments.plan import Planned
from proutt.experiments.running import Standing
from proutt.web.claims import MINING, SUMMARY

#: (arm, column) → the paper's number as it prints it; empty where it has none.
PaperValue = Callable[[str, str], str]
#: Arm → the columns of which the paper has a number.
PaperColumns = Callable[[str], Iterable[str]]
#: The paper's column of what the method took, in thousands of tokens.
TOKENS = "synthesis-tokens"
#: Of `proutt evaluate synpt`, the numbers that are shown by task, too.
_BY_TASK = ("vagueness", "mining", "summary", "emotion", "options")
#: Numbers of people, which the paper has beside a judge's, and of what: proutt annotate makes them, and no stage does.
OF_PEOPLE = {"mining-human": ("IIM Acc. (H)", MINING), "summary-human": ("IS Acc. (H)", SUMMARY)}


def simulated(plan: Planned, found: Mapping[str, Standing], paper: PaperValue) -> Iterator[dict[str, Any]]:
    """Of each arm and data set: dialogues, what they took in thousands of tokens, lengths of the first words."""
    for arm, kinds in plan.of_arm.items():
        for id in kinds.get("simulate", ()):
            kept = found[id].kept
            row: dict[str, Any] = {"arm": arm, "title": found[id].stage.title, "paper": paper(arm, TOKENS)}
            if kept is None:
                yield row | dict.fromkeys(("seeds", "dialogues", "valid", "turns", "tokens", "inquiries"))
                continue
            facts = kept.facts
            used = facts["usage_by_module"].values()
            yield row | {
                "seeds": facts["seeds"]["in"],
                "dialogues": facts["dialogues"]["all"],
                "valid": facts["dialogues"]["valid"],
                "turns": facts["dialogues"]["mean_turns"],
                "tokens": round(sum(each["prompt_tokens"] + each["completion_tokens"] for each in used) / 1000, 1),
                "inquiries": spread_of(lengths_in(kept.run)),
            }


def mined(
    plan: Planned,
    found: Mapping[str, Standing],
    paper: PaperValue,
    columns: PaperColumns,
    people: Sequence[Judged] = (),
) -> Iterator[dict[str, Any]]:
    """Every number of every arm; where it is by task, `task` names it. A number that is not measured is null.

    people: what they said of the arms' dialogues
    """
    for data, by_arm in plan.mined.items():
        systems = {arm: _system(plan, found, data, arm) for arm in by_arm}
        for metric in METRICS:
            for arm, system in systems.items():
                yield _row(metric, data, arm) | _number(metric, system, paper(arm, metric.name))
        for metric in METRICS:
            for arm, system in systems.items() if metric.name in _BY_TASK else ():
                tasks = {each["task"]: each for each in (system or {"by_task": ()})["by_task"]}
                named = [column.partition(" ") for column in columns(arm)]
                theirs = [task for name, _, task in named if name == metric.name and task]
                for task in dict.fromkeys((*theirs, *tasks)):
                    of = _number(metric, tasks.get(task), paper(arm, f"{metric.name} {task}"))
                    yield _row(metric, data, arm) | {"task": task} | of
        for name, (title, criterion) in OF_PEOPLE.items():
            metric = next(each for each in METRICS if each.name == criterion)
            for arm in by_arm:
                system = _as_people_see_it(plan, found, data, arm, people, criterion)
                yield (
                    _row(metric, data, arm)
                    | {"metric": name, "title": title}
                    | _number(metric, system, paper(arm, name))
                )


def _row(metric: Metric, data: str, arm: str) -> dict[str, Any]:
    return {"metric": metric.name, "title": metric.title, "data": data, "arm": arm, "task": None}


def _number(metric: Metric, of: Mapping[str, Any] | None, paper: str) -> dict[str, Any]:
    estimate = None if of is None else of["metrics"][metric.name]
    scale = 100 if metric.share else 1
    over = None if estimate is None else estimate["over_repeats"]
    return {
        "paper": paper,
        "measured": _scaled(estimate, "mean", scale),
        "error": _scaled(over, "error", scale),
        "low": _scaled(estimate, "low", scale),
        "high": _scaled(estimate, "high", scale),
    }


def _scaled(of: Mapping[str, Any] | None, name: str, scale: int) -> float | None:
    return None if of is None or of[name] is None else round(of[name] * scale, 2)


def _system(plan: Planned, found: Mapping[str, Standing], data: str, arm: str) -> dict[str, Any] | None:
    return _first_system(evaluations_of(plan, found, data, arm))


def _first_system(evaluations: Sequence[Evaluation]) -> dict[str, Any] | None:
    if not evaluations:
        return None
    system: dict[str, Any] = results_of(evaluations)["systems"][0]
    return system


def _as_people_see_it(
    plan: Planned, found: Mapping[str, Standing], data: str, arm: str, people: Sequence[Judged], criterion: str
) -> dict[str, Any] | None:
    """As `_system`, of the dialogues that people decided; None where there are none."""
    kept = [found[id].kept for id in plan.mined[data][arm]]
    read = evaluations_by_people([each.run for each in kept if each is not None], people, criterion)
    return _first_system([_named(each, arm) for each in read])


def evaluations_of(plan: Planned, found: Mapping[str, Standing], data: str, arm: str) -> list[Evaluation]:
    """Those of one arm's runs that are done, under the arm's name: equal stages of several arms are one stage."""
    kept = [found[id].kept for id in plan.mined[data][arm]]
    read = [evaluation_in(each.run) for each in kept if each is not None]
    return [_named(each, arm) for each in read]


def _named(evaluation: Evaluation, arm: str) -> Evaluation:
    return Evaluation(evaluation.name, [one.model_copy(update={"system": arm}) for one in evaluation.dialogues])


def beside_each_other(plan: Planned, found: Mapping[str, Standing]) -> dict[str, Any]:
    """Data set → every arm's results, and their comparisons on the first words that they share."""
    made = {}
    for data, by_arm in plan.mined.items():
        every = [each for arm in by_arm for each in evaluations_of(plan, found, data, arm)]
        if every:
            made[data] = results_of(every)
    return made


# Tables and figures ---------------------------------------------------------------------------------------------------


def mining_tables(results: Mapping[str, Any]) -> list[Table]:
    """Of the results that `simulated`, `mined` and `beside_each_other` gave; empty tables stay in."""
    title = f"{results['title']} ({results['paper'] or 'no paper'})"
    whole = [each for each in results["mining"] if each["task"] is None and _said(each)]
    by_task = [each for each in results["mining"] if each["task"] is not None and _said(each)]
    made = [
        Table("mining", title, ("metric", "data set", "arm", "paper", "measured"),
              tuple((each["title"], each["data"], each["arm"], each["paper"], _shown(each)) for each in whole),
              "Accuracies in percent. ± is the standard error over runs; in brackets 95% intervals over seeds. (H): by "
              "people, of the dialogues that they decided; no stage asks them."),
        Table("mining-tasks", "By task", ("metric", "data set", "task", "arm", "paper", "measured"),
              tuple((each["title"], each["data"], each["task"], each["arm"], each["paper"], _shown(each))
                    for each in by_task)),
        Table("simulated", "Dialogues made",
              ("arm", "seeds", "dialogues", "valid", "turns", "tokens, paper", "tokens", "first words"),
              tuple(_dialogues(each) for each in results["simulated"]),
              "Tokens in thousands, of dialogues that stand. First words: median and quartiles of their length; in "
              "scripts without spaces, of characters."),
    ]  # fmt: skip
    for data, of in results["mined"].items():
        kept = [table for table in tables_of_mining(of) if table.name in ("synpt-comparisons", "synpt-account")]
        many = len(results["mined"]) > 1
        made += [
            Table(table.name, f"{table.title}: {data}" if many else table.title, table.header, table.rows, table.note)
            for table in kept
        ]
    return made


def _said(each: Mapping[str, Any]) -> bool:
    return bool(each["paper"]) or each["measured"] is not None


def _shown(each: Mapping[str, Any]) -> str:
    if each["measured"] is None:
        return ""
    shown = f"{each['measured']:.2f}" + ("" if each["error"] is None else f" ± {each['error']:.2f}")
    return shown if each["low"] is None else f"{shown} [{each['low']:.2f}, {each['high']:.2f}]"


def _dialogues(each: Mapping[str, Any]) -> tuple[str, ...]:
    if each["dialogues"] is None:
        return (each["arm"], "", "", "", "", each["paper"], "", "")
    spread = each["inquiries"]
    words = f"{spread['median']:.0f} ({spread['q1']:.0f} to {spread['q3']:.0f})"
    counts = (str(each[name]) for name in ("seeds", "dialogues", "valid", "turns"))
    return (each["arm"], *counts, each["paper"], f"{each['tokens']:,.1f}", words)


def draw(results: Mapping[str, Any], plan: Planned, found: Mapping[str, Standing], out: Path) -> list[str]:
    """Figures 3 and 4 of what is there, as SVG in `out`; what is missing, and why."""
    lengths = {
        f"{arm}" if len(kinds["simulate"]) == 1 else found[id].stage.title: lengths_in(kept.run)
        for arm, kinds in plan.of_arm.items()
        for id in kinds.get("simulate", ())
        if (kept := found[id].kept) is not None
    }
    try:
        for data, of in results["mined"].items():
            folder = out if len(results["mined"]) == 1 else out / f"figures-{data}"
            folder.mkdir(exist_ok=True)
            draw_metrics(of, folder, ("svg",))
        if lengths:
            draw_lengths(lengths, out, ("svg",))
    except UserError as error:
        return [str(error)]
    return []
