"""What an experiment has measured so far, with the paper's numbers beside it; and the tables of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from proutt.evaluation.pointwise import ALL
from proutt.evaluation.record import LLM_JUDGE
from proutt.evaluation.stored import RESULTS
from proutt.evaluation.tables import Table
from proutt.experiments import upc_results
from proutt.experiments.comparable import differences
from proutt.experiments.mining_results import beside_each_other, mined, mining_tables, simulated
from proutt.experiments.people_results import judged_by_people
from proutt.experiments.plan import Planned
from proutt.experiments.reading import Experiment
from proutt.experiments.running import Standing

JUDGE, EMBED = "LLM-Judge", "Embed-Sim"
#: Table II's columns: ours → the paper's.
LENGTHS = {
    "samples": "samples",
    "avg_chars": "avg. chars",
    "avg_tokens": "avg. tokens",
    "delta_chars": "Δ chars",
    "delta_tokens_mean": "Δ tokens μ",
    "delta_tokens_sigma": "Δ tokens σ",
    "delta_tokens_max": "max |Δ tokens|",
}


def results_of(experiment: Experiment, plan: Planned, found: Mapping[str, Standing]) -> dict[str, Any]:
    """The content of `results.json`. A number that is not measured yet is null."""
    paper = experiment.said.paper

    def paper_value(arm: str, column: str, at: int = 0) -> str:
        return _paper_value(experiment, arm, column, at)

    def columns(arm: str) -> Iterable[str]:
        return () if paper is None else paper.numbers.get(arm, ())

    made = upc_results.curricula(plan, found)
    return {
        "title": experiment.said.title,
        "paper": None if paper is None else paper.where,
        "complete": all(each.state == "done" for each in found.values()),
        "not_comparable": differences(experiment),
        "said": [] if paper is None else list(paper.said),
        "scores": list(_scores(experiment, plan, found)),
        "lengths": list(_lengths(experiment, plan, found)),
        "wins": list(_wins(experiment, plan, found)),
        "simulated": list(simulated(plan, found, paper_value)),
        "mining": list(mined(plan, found, paper_value, columns, judged_by_people(experiment))),
        "mined": beside_each_other(plan, found),
        "proactivity": list(upc_results.proactivity(plan, found, paper_value)),
        "proactive": upc_results.beside_each_other(plan, found),
        "curricula": made,
        "regenerations": list(upc_results.regenerations(made, paper_value)),
        "training": list(_training(plan, found)),
        "predictions": list(_predictions(plan, found)),
        "stages": [
            {
                "kind": each.stage.kind,
                "title": each.stage.title,
                "state": each.state,
                "folder": None if each.folder is None else each.folder.name,
                "seconds": None if each.kept is None else each.kept.seconds,
                "facts": None if each.kept is None else dict(each.kept.facts),
            }
            for each in found.values()
        ],
    }


def _paper_value(experiment: Experiment, arm: str, column: str, at: int) -> str:
    """The paper's number as it prints it; empty where it has none."""
    paper = experiment.said.paper
    values = None if paper is None else paper.numbers.get(arm, {}).get(column)
    if values is None:
        return ""
    each = values if isinstance(values, list) else [values]
    return "" if at >= len(each) else _number(each[at])


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}"


def _scores(experiment: Experiment, plan: Planned, found: Mapping[str, Standing]) -> Iterator[dict[str, Any]]:
    """Best of the suggestions, in percent, of each arm on each data set (Tables I, III to VII; figure 6)."""
    evaluate = experiment.said.evaluate
    if evaluate is None:
        return
    columns = [(JUDGE, evaluate.judge is not None), (EMBED, evaluate.embed is not None)]
    paper = experiment.said.paper
    names = [] if paper is None else paper.metrics
    for metric, here in columns:
        if not here and metric not in names:
            continue
        for data, by_arm in plan.tests.items():
            results = _results(found, plan.measured.get(data))
            for arm in by_arm:
                row = _system(results, arm, judge=metric == JUDGE)
                best = None if row is None else row[1]["best"]
                yield {
                    "metric": metric if row is None else _called(metric, row[0]),
                    "data": data,
                    "arm": arm,
                    "paper": _paper_value(experiment, arm, data, names.index(metric)) if metric in names else "",
                    "measured": _percent(best, "mean"),
                    "low": _percent(best, "low"),
                    "high": _percent(best, "high"),
                    "cases": None if row is None else row[1]["cases"],
                    "silent": None if row is None else row[1]["silent"],
                }


def _called(metric: str, ours: str) -> str:
    return metric if ours == LLM_JUDGE else f"{metric} by {ours}"


def _results(found: Mapping[str, Standing], id: str | None) -> dict[str, Any]:
    kept = None if id is None else found[id].kept
    if kept is None:
        return {}
    results: dict[str, Any] = json.loads((kept.run / RESULTS).read_text(encoding="utf-8"))["results"]
    return results


def _system(results: Mapping[str, Any], arm: str, *, judge: bool) -> tuple[str, dict[str, Any]] | None:
    """The metric and the row of one arm; of several files, that over all of them."""
    for metric, of in results.items():
        if (metric == LLM_JUDGE) is not judge:
            continue
        rows = [row for row in of["systems"] if row["system"] == arm]
        rows.sort(key=lambda row: row["dataset"] != ALL)
        if rows:
            return metric, rows[0]
    return None


def _percent(estimate: Mapping[str, Any] | None, name: str) -> float | None:
    return None if estimate is None or estimate[name] is None else round(estimate[name] * 100, 2)


def _lengths(experiment: Experiment, plan: Planned, found: Mapping[str, Standing]) -> Iterator[dict[str, Any]]:
    """Statistics of the pairs (Table II)."""
    for arm, kinds in plan.of_arm.items():
        for id in kinds.get("statistics", ()):
            kept = found[id].kept
            measured = None if kept is None else _flat(kept.facts)
            for name in LENGTHS:
                value = None if measured is None else measured[name]
                yield {"arm": arm, "what": name, "paper": _paper_value(experiment, arm, name, 0), "measured": value}


def _flat(facts: Mapping[str, Any]) -> dict[str, float | None]:
    chars, tokens = facts["delta_chars"] or {}, facts["delta_tokens"] or {}
    return {
        **{name: facts[name] for name in ("samples", "avg_chars", "avg_tokens")},
        "delta_chars": chars.get("mean"),
        "delta_tokens_mean": tokens.get("mean"),
        "delta_tokens_sigma": tokens.get("sigma"),
        "delta_tokens_max": tokens.get("max_abs"),
    }


def _wins(experiment: Experiment, plan: Planned, found: Mapping[str, Standing]) -> Iterator[dict[str, Any]]:
    """Win, tie and loss of one arm against others, in percent (figure 3)."""
    said = experiment.said.pairwise
    for (data, against), id in plan.compared.items() if said is not None else ():
        row = next(iter(_results(found, id).get("pairs", ())), None)
        one = "" if said is None else said.one
        shares = dict.fromkeys(("win", "tie", "loss"))
        if row is not None:
            turned = {"win": "loss", "tie": "tie", "loss": "win"} if row["a"] != one else {}
            shares = {name: _percent(row[turned.get(name, name)], "mean") for name in shares}
        yield {"data": data, "one": one, "against": against, **shares, "cases": None if row is None else row["cases"]}


def _training(plan: Planned, found: Mapping[str, Standing]) -> Iterator[dict[str, Any]]:
    """What each training came to: rows, steps, first and last of each measure."""
    for arm, kinds in plan.of_arm.items():
        for id in (*kinds.get("sft", ()), *kinds.get("align", ())):
            kept = found[id].kept
            for each in () if kept is None else kept.facts["results"]:
                kept_of = {name: each[name] for name in ("method", "rows", "steps", "measures")}
                yield {"arm": arm, **kept_of}


def _predictions(plan: Planned, found: Mapping[str, Standing]) -> Iterator[dict[str, Any]]:
    """Of each arm and data set: test cases, those with suggestions, those with nothing to repair."""
    for data, by_arm in plan.tests.items():
        for arm, id in by_arm.items():
            kept = found[id].kept
            if kept is not None:
                cases = kept.facts["cases"]
                counts = {"cases": cases["in"], "predicted": cases["predicted"], "clean": kept.facts["clean"]}
                yield {"arm": arm, "data": data, **counts, "failed": kept.facts["failed"]}


# Tables ---------------------------------------------------------------------------------------------------------------


def tables_of(results: Mapping[str, Any]) -> list[Table]:
    """The tables of `results.json`; those without a row are left out. Arms with an interval show it in brackets."""
    scores = [
        (each["metric"], each["data"], each["arm"], each["paper"], _interval(each), _text(each["cases"]))
        for each in results["scores"]
    ]
    lengths = [
        (each["arm"], LENGTHS[each["what"]], each["paper"], _text(each["measured"])) for each in results["lengths"]
    ]
    wins = [
        (each["data"], each["one"], each["against"], *(_text(each[name]) for name in ("win", "tie", "loss", "cases")))
        for each in results["wins"]
    ]
    training = [
        (
            each["arm"],
            each["method"],
            *(_text(each[name]) for name in ("rows", "steps")),
            *(_change(each["measures"].get(name)) for name in ("loss", "margin", "accuracy")),
        )
        for each in results["training"]
    ]
    predictions = [
        (each["data"], each["arm"], *(_text(each[name]) for name in ("cases", "predicted", "clean")))
        for each in results["predictions"]
    ]
    paper = results["paper"] or "no paper's numbers"
    made = [
        Table("scores", f"{results['title']} ({paper})", ("metric", "data set", "arm", "paper", "measured", "cases"),
              tuple(scores), "Percent, best of the suggestions; in brackets 95% intervals over dialogues, in the "
              "paper ± over repeats."),
        Table("lengths", f"{results['title']} ({paper})", ("arm", "what", "paper", "measured"), tuple(lengths)),
        Table("wins", f"{results['title']} ({paper})",
              ("data set", "one", "against", "win", "tie", "loss", "cases"), tuple(wins),
              "Percent. " + " ".join(results["said"])),
        Table("training", "Training", ("arm", "method", "rows", "steps", "loss", "margin", "accuracy"),
              tuple(training), "First and last tenth of the steps."),
        Table("predictions", "Predictions", ("data set", "arm", "cases", "with suggestions", "nothing to repair"),
              tuple(predictions)),
    ]  # fmt: skip
    return [table for table in (*made, *mining_tables(results), *upc_results.upc_tables(results)) if table.rows]


def _interval(each: Mapping[str, Any]) -> str:
    if each["measured"] is None:
        return ""
    shown = f"{each['measured']:.2f}"
    return shown if each["low"] is None else f"{shown} [{each['low']:.2f}, {each['high']:.2f}]"


def _change(measure: Mapping[str, Any] | None) -> str:
    return "" if measure is None else f"{measure['first']:.3f} → {measure['last']:.3f}"


def _text(value: Any) -> str:
    return "" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)


def folders_of(found: Mapping[str, Standing]) -> Iterable[tuple[str, Path]]:
    """Evaluations that are done, by title."""
    for standing in found.values():
        if standing.stage.kind in ("evaluate", "pairwise", "agreement") and standing.kept is not None:
            yield f"{standing.stage.kind} {standing.stage.title}", standing.kept.run
