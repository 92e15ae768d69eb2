"""The report of an experiment: results.json, table.md, report.html and figures, from what is kept each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proutt.evaluation.tables import Table, as_markdown
from proutt.experiments.mining_results import draw
from proutt.experiments.plan import Planned
from proutt.experiments.reading import Experiment
from proutt.experiments.results import folders_of, results_of, tables_of
from proutt.experiments.running import Standing
from proutt.experiments.upc_results import draw_figure_5
from proutt.reports.evaluation import parts_in
from proutt.reports.evaluation_page import write_evaluations
from proutt.reports.parts import Part
from proutt.training.watching import write_whole

RESULTS, TABLE, PAGE = "results.json", "table.md", "report.html"
NOT_COMPARABLE = "The measured numbers are not comparable with the paper's:"


@dataclass(frozen=True, slots=True)
class Reported:
    """What was written. missing: why the page has no figures; None where it has."""

    results: Mapping[str, Any]
    tables: list[Table]
    missing: str | None


def report(experiment: Experiment, plan: Planned, found: Mapping[str, Standing], out: Path) -> Reported:
    """Write the files."""
    results = results_of(experiment, plan, found)
    tables = tables_of(results)
    write_whole(out / RESULTS, json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    write_whole(out / TABLE, as_text(results, tables))
    parts = [_part(experiment, results, tables)]
    for title, folder in folders_of(found):
        parts += [replace(part, name=title) for part in parts_in([folder])]
    missing = write_evaluations(parts, out / PAGE)
    undrawn = [*draw(results, plan, found, out), *draw_figure_5(results, out)]
    return Reported(results, tables, missing or next(iter(undrawn), None))


def as_text(results: Mapping[str, Any], tables: list[Table]) -> str:
    """`table.md`."""
    remarks = results["not_comparable"]
    head = f"# {results['title']}\n\n"
    if remarks:
        head += f"{NOT_COMPARABLE}\n\n" + "".join(f"- {each}\n" for each in remarks) + "\n"
    if not results["complete"]:
        head += "Not complete: numbers that are missing are not measured yet.\n\n"
    said = "".join(f"- {each}\n" for each in results["said"])
    return head + as_markdown(tables) + (f"\n## The paper says ({results['paper']})\n\n{said}" if said else "")


def _part(experiment: Experiment, results: Mapping[str, Any], tables: list[Table]) -> Part:
    models = [(f"model {name}", entry.model or "not named") for name, entry in experiment.said.models.items()]
    data = [(f"data {name}", ", ".join(entry.files or ["not named"])) for name, entry in experiment.said.data.items()]
    warnings = [f"{NOT_COMPARABLE.removesuffix(':')}. {each}" for each in results["not_comparable"]]
    if not results["complete"]:
        warnings.append("The experiment is not complete.")
    warnings += [f"{results['paper']}: {each}" for each in results["said"]]
    about = " ".join(experiment.said.about.split())
    return Part("experiment", experiment.said.title, about, [*models, *data], warnings, tables, [])
