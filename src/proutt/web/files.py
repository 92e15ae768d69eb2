"""The files that follow from the answers: what `proutt evaluate` reads, and results.

verdicts.jsonl or scores.jsonl  every answer, kind "person"; of claims claims.jsonl, of opinions ratings.jsonl
cases.jsonl                     the test cases' data sets and lengths
results.json                    agreement and wins, of all batches and of the valid ones
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.cases import Bench, lengths
from proutt.evaluation.critic.checking import RATINGS
from proutt.evaluation.critic.people import agreement_with_people, scores_of_runs
from proutt.evaluation.critic.responses import Response
from proutt.evaluation.stored import CASES, RESULTS, SCORES, VERDICTS, as_lines
from proutt.evaluation.synpt.results import Evaluation
from proutt.web.claims import claim_records, claim_results
from proutt.web.items import Plan
from proutt.web.opinions import rating_records
from proutt.web.results import agreement, records, wins
from proutt.web.turns import Batch

CLAIMS = "claims.jsonl"


def write_files(folder: Path, bench: Bench, plan: Plan, gate: float, batches: Sequence[Batch]) -> dict[str, Any]:
    """Write all of them anew; the same answers give the same bytes. Returns the results. Raises UserError."""
    results: dict[str, Any] = {"agreement": agreement(plan, batches, gate=gate)}
    if plan.pairwise:
        results["wins"] = wins(plan, batches, gate=gate)
    files: dict[str, Callable[[], Iterable[str]]] = {
        VERDICTS if plan.pairwise else SCORES: as_lines(records(plan, batches)),
        CASES: as_lines(lengths(bench.of_all(), bench.systems)),
        RESULTS: _as_json(results),
    }
    write_lines(folder, files)
    return results


def write_opinions(
    folder: Path, responses: Sequence[Response], plan: Plan, gate: float, batches: Sequence[Batch]
) -> dict[str, Any]:
    """The same of responses that people scored."""
    ratings = list(rating_records(plan, batches))
    found = agreement_with_people(ratings, scores_of_runs(responses)) if ratings else []
    results: dict[str, Any] = {"agreement": agreement(plan, batches, gate=gate), "critics": found}
    write_lines(folder, {RATINGS: as_lines(ratings), RESULTS: _as_json(results)})
    return results


def write_claims(
    folder: Path,
    evaluations: Sequence[Evaluation],
    plan: Plan,
    gate: float,
    batches: Sequence[Batch],
    digests: Sequence[str] = (),
) -> dict[str, Any]:
    """The same of claims about dialogues. digests: of the files of dialogues, by which others know what was judged."""
    found = claim_results(plan, batches, evaluations)
    results: dict[str, Any] = {
        "agreement": agreement(plan, batches, gate=gate),
        "claims": found,
        "dialogues": list(digests),
    }
    write_lines(folder, {CLAIMS: as_lines(claim_records(plan, batches)), RESULTS: _as_json(results)})
    return results


def _as_json(results: Mapping[str, Any]) -> Callable[[], Iterable[str]]:
    return lambda: [json.dumps(results, ensure_ascii=False, indent=2) + "\n"]


def write_lines(folder: Path, files: Mapping[str, Callable[[], Iterable[str]]]) -> None:
    """Write each file of the folder anew, whole or not at all. Raises UserError."""
    try:
        for name, lines in files.items():
            draft = folder / f".{name}.new"
            with draft.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines())
            draft.replace(folder / name)
    except OSError as error:
        raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error
