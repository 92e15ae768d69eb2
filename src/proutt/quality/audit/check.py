"""What a check is: what it needs of a row, what it looks for, how much of it is borne, and where that figure is from.

A check that looks at one row alone is a function from a row to findings. One that needs the rows before it (duplicates,
balance) is an object that is called in the same way and remembers; it may have a `measure` of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from proutt.quality.audit.subject import Subject
from proutt.quality.tokens import ESTIMATE, TokenCounter


class Severity(StrEnum):
    """error: a row that is not to be trained on, and a failed audit; warning: something to look at."""

    ERROR = "error"
    WARNING = "warning"


class Need(StrEnum):
    """What a check needs; the text completes "needs ..."."""

    RECORD = "the record of a run or of a released raw file"
    PROUTT = "a record of proutt's own method"
    TREE = "an intent tree and the dialogue"
    PAIR = "a rejected side"
    REASONING = "reasoning between <think> and </think>"
    UTTERANCES = "<predict> lines"
    CONTEXT = "the dialogue, readable in the prompt"
    TYPES = "sentence types named in the reasoning"
    LANGUAGE = "a language"
    PARTS = "data that is split into parts"
    SCORES = "judge scores of both sides"
    LENGTH = "--max-length"
    EMBEDDINGS = "--embeddings"
    REJUDGED = "--rejudge MODEL"
    DIALOGUE = "a dialogue of SynPT"
    UPC = "a dialogue of UPC"
    SEED = "the seed, which released dialogues do not tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in one row.

    place     where in the row: "chosen reasoning", "rejected prediction 3", "intent tree", "prompt", "row"
    reason    a sentence for a person
    evidence  the words that show it, short; text of a dialogue, so never to be trusted
    """

    place: str
    reason: str
    evidence: str = ""

    def __post_init__(self) -> None:
        if len(self.evidence) > EVIDENCE_CHARS:
            object.__setattr__(self, "evidence", self.evidence[: EVIDENCE_CHARS - 1] + "…")


EVIDENCE_CHARS = 160

Verdict = Literal["pass", "fail", "warn", "undecided", "n/a"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about all rows, with its 95% interval.

    held  True where the number is within its limit; False where the whole interval is outside; None in between, where
          there are too few rows to tell
    note  what a reader should know of it
    rows  how many rows it rests on, where not on all
    """

    value: float
    low: float
    high: float
    held: bool | None
    note: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What the user chose for an audit.

    counter      counts tokens, or estimates them
    max_length   tokens that a trainer keeps of prompt and completion; None: nothing is said to be cut
    embedded     likeness in meaning, 0..1, of each of some utterances to one: (one, language, utterances) → scores;
                 None: texts are compared by their letters alone
    levels       the user's thresholds, by check and by parameter ("limit" is the check's own)
    """

    counter: TokenCounter = ESTIMATE
    max_length: int | None = None
    embedded: Callable[[str, str, Sequence[str]], Sequence[float]] | None = None
    levels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """What a check is started with: the setup, and its own figures as the user has them."""

    setup: Setup
    limit: float
    parameters: Mapping[str, float]


class Look(Protocol):
    """Looks at one row. Rows come in the order of the data."""

    def __call__(self, subject: Subject, /) -> Iterable[Finding]: ...


@runtime_checkable
class Measuring(Protocol):
    """A look that also has a number about all the rows it saw; None where it saw too little for one."""

    def __call__(self, subject: Subject, /) -> Iterable[Finding]: ...

    def measure(self) -> Measure | None: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that goes wrong in preference data.

    title       what it finds, in a few words
    limit       what is borne: the largest share of `unit` with a finding, 0..1, unless `borne` says otherwise
    unit        what is counted: rows, or utterances (then each finding is of one)
    borne       how the limit reads, with {limit}
    source      where the limit, or the fault, is known from
    start       makes the look for one audit
    parameters  further figures of the check that a user may change, with their defaults
    level       "record": each row by itself; "dataset": over all rows
    """

    name: str
    title: str
    severity: Severity
    limit: float
    source: str
    start: Callable[[Options], Look]
    needs: tuple[Need, ...] = ()
    unit: Literal["rows", "utterances"] = "rows"
    level: Literal["record", "dataset"] = "record"
    borne: str = "at most {limit} of {unit}"
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_itself(self) -> bool:
        """Whether it sees one row alone, with nothing beside it but figures: then any process may look."""
        return self.level == "record" and Need.EMBEDDINGS not in self.needs


def each_row(look: Look) -> Callable[[Options], Look]:
    """The start of a check that needs no option and remembers nothing."""
    return lambda _: look
