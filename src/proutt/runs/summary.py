"""What a run did, from its journal: how every (dialogue, K) ended, branches, scores, calls and tokens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from proutt.runs.journal import Journal
from proutt.runs.session import Ended


def summary_of(journal: Journal, ended: Ended, *, skipped_records: Mapping[str, int]) -> dict[str, Any]:
    """The content of `summary.json`.

    skipped_records  of the input, by reason: they are no dialogues
    """
    states: dict[str, Counter[str]] = {"paired": Counter(), "skipped": Counter(), "failed": Counter()}
    for state, reason, count in journal.rows("SELECT state, reason, COUNT(*) FROM items GROUP BY state, reason"):
        states[state][reason] += count
    ((dialogues, pairs),) = journal.rows("SELECT COUNT(*), COALESCE(SUM(items), 0) FROM dialogues")
    ((single,),) = journal.rows("SELECT COUNT(*) FROM dialogues WHERE items = 0")
    counts = {state: sum(reasons.values()) for state, reasons in states.items()}
    return {
        "complete": ended.complete,
        "dialogues": dialogues,
        "dialogues_of_one_utterance": single,
        "skipped_records": dict(skipped_records),
        "turns": {"in": pairs, **counts, "undecided": pairs - sum(counts.values())},
        "skipped": dict(states["skipped"].most_common()),
        "failed": dict(states["failed"].most_common()),
        **_pairs(journal),
        **taken(journal, ended),
    }


def taken(journal: Journal, ended: Ended) -> dict[str, Any]:
    """What a run took over all its sessions, whatever it made: models, calls, money (None: no price known), seconds."""
    return {
        "models": dict(ended.identities),
        "calls": calls_of(journal),
        "cost": None if ended.spent is None else round(ended.spent, 6),
        "currency": ended.currency,
        "seconds": round(float(journal.meta("seconds") or 0.0), 1),
    }


def _pairs(journal: Journal) -> dict[str, Any]:
    """Of the pairs: branches, verified or why not, and the distribution of J_max in tenths."""
    branches: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    j_max: Counter[str] = Counter()
    verified = unchecked = 0
    for item, _ in journal.items("paired"):
        record = json.loads(item.record)
        branches[record["branch"]] += 1
        verified += record["verified"] is True
        unchecked += record["verified"] is None
        problems.update((record["verification"] or {}).get("problems", []))
        j_max[f"{int(record['j_max'] * 10 + 1e-9) / 10:.1f}"] += 1
    return {
        "pairs": {"all": branches.total(), "verified": verified, "unchecked": unchecked, "marked": dict(problems)},
        "branches": {name: branches[name] for name in ("high", "middle", "low")},
        "j_max": {tenth: j_max[tenth] for tenth in (f"{each / 10:.1f}" for each in range(11))},
    }


def calls_of(journal: Journal) -> dict[str, Any]:
    """Calls and tokens, in all, by role and by step. Every answer counts, those that could not be used too.

    Answers that were taken from an older run count apart: they were paid there.
    """
    columns = "COUNT(*), SUM(prompt_tokens), SUM(cached_tokens), SUM(completion_tokens), SUM(seconds)"

    def by(column: str) -> dict[str, Any]:
        rows = journal.rows(f"SELECT {column}, {columns} FROM calls WHERE paid GROUP BY {column} ORDER BY {column}")
        return {row[0]: _counted(row[1:]) for row in rows}

    (total,) = journal.rows(f"SELECT {columns} FROM calls WHERE paid")
    ((reused,),) = journal.rows("SELECT COUNT(*) FROM calls WHERE NOT paid")
    return {**_counted(total), "reused": reused, "by_role": by("role"), "by_step": by("step")}


def _counted(row: tuple[Any, ...]) -> dict[str, Any]:
    calls, prompt, cached, completion, seconds = row
    return {
        "calls": calls,
        "prompt_tokens": prompt or 0,
        "cached_tokens": cached or 0,
        "completion_tokens": completion or 0,
        "seconds": round(seconds or 0.0, 1),
    }
