"""The files that follow from the answers: what `proutt evaluate` reads, and results.

verdicts.jsonl or scores.jsonl  every answer, kind "person"; of claims claims.jsonl
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
from proutt.evaluation.stored import CASES, RESULTS, SCORES, VERDICTS, as_lines
from proutt.evaluation.synpt.results import Evaluation
from proutt.web.claims import claim_records, claim_results
from proutt.web.items import Plan
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
        RESULTS: lambda: [json.dumps(results, ensure_ascii=False, indent=2) + "\n"],
    }
    _write(folder, files)
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
    files: dict[str, Callable[[], Iterable[str]]] = {
        CLAIMS: as_lines(claim_records(plan, batches)),
        RESULTS: lambda: [json.dumps(results, ensure_ascii=False, indent=2) + "\n"],
    }
    _write(folder, files)
    return results


def _write(folder: Path, files: Mapping[str, Callable[[], Iterable[str]]]) -> None:
    try:
        for name, lines in files.items():
            draft = folder / f".{name}.new"
            with draft.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines())
            draft.replace(folder / name)
    except OSError as error:
        raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error
