"""From what was counted in rehearsals to amounts: calls and tokens, each as low, expected and high."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import Counts

#: (role, step) → what all dialogues of an input take in one course.
Table = dict[tuple[str, str], Counts]
#: Whether what a role asks by a step counts.
Wanted = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Range:
    """low ≤ expected ≤ high."""

    low: float
    expected: float
    high: float

    def times(self, factor: float) -> Range:
        return Range(self.low * factor, self.expected * factor, self.high * factor)

    def rounded(self) -> Range:
        return Range(round(self.low), round(self.expected), round(self.high))


@dataclass(frozen=True, slots=True)
class Amounts:
    """Calls and tokens. prompt_tokens_computed: those that a server with prefix caching computes."""

    calls: Range
    prompt_tokens: Range
    prompt_tokens_computed: Range
    completion_tokens: Range


def range_of(values: Mapping[Course, float]) -> Range:
    """Low is the cheaper of the two cheap courses; the order holds whatever was drawn."""
    expected = values["expected"]
    return Range(min(values["kept"], values["revised"], expected), expected, max(values["high"], expected))


def amounts_of(tables: Mapping[Course, Table], wanted: Wanted = lambda _role, _step: True) -> Amounts:
    """What the wanted questions take."""
    sums = {course: counts_of(table, wanted) for course, table in tables.items()}
    return Amounts(
        *(range_of({course: getattr(each, name) for course, each in sums.items()}).rounded() for name in _NAMES)
    )


_NAMES = ("calls", "prompt_tokens", "computed", "completion_tokens")


def scaled(table: Table, factor: float) -> Table:
    """The same questions, so many times."""
    found: Table = {}
    for place, counts in table.items():
        found[place] = Counts()
        found[place].add(counts, factor)
    return found


def counts_of(table: Table, wanted: Wanted) -> Counts:
    """The sum of what the wanted questions take in one course."""
    total = Counts()
    for (role, step), counts in table.items():
        if wanted(role, step):
            total.add(counts)
    return total
