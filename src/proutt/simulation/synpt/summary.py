"""What a run of SynPT made, from its journal: how every seed ended, by task, and what it took by module and role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.intent.task import Task
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.inquiry import count_distribution
from proutt.methods.synpt.record import SynPTDialogue
from proutt.runs.journal import Journal
from proutt.runs.session import Ended
from proutt.runs.summary import taken
from proutt.simulation.dialogue_run import ends_of, sum_of


def summary_of(
    journal: Journal, tasks: Sequence[Task], report: ReadingReport, ended: Ended, *, method: str
) -> dict[str, Any]:
    """The content of `summary.json`: seeds in = simulated + failed + undecided.

    tasks  of the run, for P(n)
    """
    facts = _Facts()
    for item, _ in journal.items("simulated"):
        facts.add(SynPTDialogue.model_validate_json(item.record))
    return {
        "complete": ended.complete,
        "method": method,
        "seeds": ends_of(journal, facts.ends.total()),
        "failed": journal.failed_by_reason(),
        "skipped_records": dict(report.skipped),
        **facts.shown({task.name: task for task in tasks}),
        **taken(journal, ended),
    }


class _Facts:
    """What is counted over the dialogues, one at a time."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._turns = self._valid = self._reluctant = self._again = 0
        self._tasks: dict[str, _OfTask] = {}
        self._modules: dict[str, list[UsageRecord]] = {}

    def add(self, made: SynPTDialogue) -> None:
        self.ends[made.end] += 1
        self._flags.update(made.flags)
        self._turns += len(made.turns)
        self._valid += not made.flags
        self._reluctant += made.reluctant
        self._again += made.attempts > 1
        self._tasks.setdefault(made.task, _OfTask()).add(made)
        for name, usage in made.usage_by_module.items():
            self._modules.setdefault(name, []).append(usage)

    def shown(self, tasks: Mapping[str, Task]) -> dict[str, Any]:
        return {
            "dialogues": {
                "all": self.ends.total(),
                "valid": self._valid,
                "flagged": self.ends.total() - self._valid,
                "incomplete": self.ends["most-turns"],
                "reluctant": self._reluctant,
                "made_again": self._again,
                "turns": self._turns,
                "mean_turns": _mean(self._turns, self.ends.total()),
            },
            "ends": dict(self.ends.most_common()),
            "flags": dict(self._flags.most_common()),
            "tasks": {name: each.shown(tasks.get(name)) for name, each in self._tasks.items()},
            "usage_by_module": {name: sum_of(each) for name, each in sorted(self._modules.items())},
        }


class _OfTask:
    """The same of one task. sizes: how many intentions the initial inquiries were to name."""

    def __init__(self) -> None:
        self._ends: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._sizes: Counter[int] = Counter()
        self._turns = 0

    def add(self, made: SynPTDialogue) -> None:
        self._ends[made.end] += 1
        self._flags.update(made.flags)
        self._turns += len(made.turns)
        if made.inquiry is not None:
            self._sizes[len(made.inquiry)] += 1

    def shown(self, task: Task | None) -> dict[str, Any]:
        count = self._ends.total()
        return {
            "dialogues": count,
            "ends": dict(self._ends.most_common()),
            "incomplete": self._ends["most-turns"],
            "flags": dict(self._flags.most_common()),
            "mean_turns": _mean(self._turns, count),
            "inquiry_sizes": None if task is None or not self._sizes else self._inquiry_sizes(task),
        }

    def _inquiry_sizes(self, task: Task) -> list[dict[str, Any]]:
        """The realised distribution beside P(n) (equations 6, 7), for n = 0..N."""
        total = self._sizes.total()
        return [
            {"n": n, "dialogues": self._sizes[n], "share": round(self._sizes[n] / total, 4), "p": round(p, 4)}
            for n, p in enumerate(count_distribution(task))
        ]


def _mean(total: int, count: int) -> float | None:
    return round(total / count, 2) if count else None
