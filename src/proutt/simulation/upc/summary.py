"""What a run of UPC made, from its journal: regenerations (Table 3), scores by turn and by group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, get_args

from proutt.dialogue import ReadingReport
from proutt.methods.record import UsageRecord
from proutt.methods.upc.difficulty import Difficulty, Untouched
from proutt.methods.upc.record import ScoresRecord, UPCDialogue
from proutt.methods.upc.settings import UPCSettings
from proutt.prompts.upc.heard import ASPECTS
from proutt.runs.journal import Journal
from proutt.runs.session import Ended
from proutt.runs.summary import taken
from proutt.simulation.dialogue_run import ends_of, sum_of

#: Stands for personas of which nobody says a group.
NO_GROUP = "–"


def summary_of(journal: Journal, report: ReadingReport, ended: Ended, *, settings: UPCSettings) -> dict[str, Any]:
    """The content of `summary.json`: personas in = simulated + failed + undecided."""
    facts = CorpusFacts()
    for item, _ in journal.items("simulated"):
        facts.add(UPCDialogue.model_validate_json(item.record))
    return {
        "complete": ended.complete,
        "method": "upc",
        "strategy": settings.strategy,
        "personas": ends_of(journal, facts.dialogues),
        "failed": journal.failed_by_reason(),
        "skipped_records": dict(report.skipped),
        **facts.shown(),
        **taken(journal, ended),
    }


class CorpusFacts:
    """What is counted over the dialogues of a corpus, one at a time."""

    def __init__(self) -> None:
        self.dialogues = 0
        self._flags: Counter[str] = Counter()
        self._valid = self._rejected = self._withheld = 0
        self._ended: Counter[str] = Counter()
        self._regenerations: Counter[int] = Counter()
        self._first, self._said = _Means(), _Means()
        self._turns: defaultdict[int, _Means] = defaultdict(_Means)
        self._groups: defaultdict[str, _Group] = defaultdict(_Group)
        self._easy: Counter[str] = Counter()
        self._modules: defaultdict[str, list[UsageRecord]] = defaultdict(list)

    def add(self, made: UPCDialogue) -> None:
        self.dialogues += 1
        self._flags.update(made.flags)
        self._valid += not made.flags
        self._rejected += len(made.greeting_rejected)
        group = self._groups[made.group or NO_GROUP]
        group.dialogues += 1
        for number, turn in enumerate(made.turns, start=2):
            self._ended[turn.ended] += 1
            self._regenerations[turn.regenerations] += 1
            self._rejected += len(turn.rejected)
            self._withheld += sum(len(each.withheld) for each in turn.attempts)
            group.responses += 1
            group.regenerated += turn.regenerations > 0
            self._first.add(turn.first_scores)
            for means in (self._said, self._turns[number], group.scores):
                means.add(turn.scores)
        for untouched in get_args(Untouched):
            if all(turn.scores is not None for turn in made.turns):
                self._easy[untouched] += Difficulty(untouched=untouched).is_easy(made)
        for name, usage in made.usage_by_module.items():
            self._modules[name].append(usage)

    def shown(self) -> dict[str, Any]:
        """regenerations: Table 3's two rows; rate: the share of responses that were written again at least once."""
        responses = self._regenerations.total()
        again = sum(number * count for number, count in self._regenerations.items())
        scored = self._said.count > 0
        return {
            "dialogues": {"all": self.dialogues, "valid": self._valid, "flagged": self.dialogues - self._valid},
            "flags": dict(self._flags.most_common()),
            "responses": {
                "all": responses,
                "ended": dict(self._ended.most_common()),
                "rejected_drafts": self._rejected,
                "withheld_advice": self._withheld,
            },
            "regenerations": {
                "rate": _share(responses - self._regenerations[0], responses) if scored else None,
                "mean": _share(again, responses) if scored else None,
                "counts": {str(number): count for number, count in sorted(self._regenerations.items())},
            },
            "scores": {"first": self._first.shown(), "said": self._said.shown()},
            "scores_by_turn": {str(turn): means.shown() for turn, means in sorted(self._turns.items())},
            "groups": {name: each.shown() for name, each in sorted(self._groups.items())},
            "easy": {name: self._easy[name] for name in get_args(Untouched)} if scored else None,
            "usage_by_module": {name: sum_of(each) for name, each in sorted(self._modules.items())},
        }


class _Means:
    """Mean scores of responses."""

    def __init__(self) -> None:
        self.count = 0
        self._sums: Counter[str] = Counter()

    def add(self, scores: ScoresRecord | None) -> None:
        if scores is not None:
            self.count += 1
            self._sums.update(scores.by_aspect())

    def shown(self) -> dict[str, float] | None:
        return {name: round(self._sums[name] / self.count, 4) for name in ASPECTS} if self.count else None


class _Group:
    """The same of one occupation group."""

    def __init__(self) -> None:
        self.dialogues = self.responses = self.regenerated = 0
        self.scores = _Means()

    def shown(self) -> Mapping[str, Any]:
        rate = _share(self.regenerated, self.responses) if self.scores.count else None
        return {"dialogues": self.dialogues, "regeneration_rate": rate, "scores": self.scores.shown()}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
