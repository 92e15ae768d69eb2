"""Statistics of preference pairs (ProUtt, Table II), and what else tells whether a data set is balanced.

Pure and streaming: one pass, nothing kept but sums. How a pair becomes text and how tokens are counted is given in.
Pairs without a record, and SFT data without a rejected side, have lengths and no more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from proutt.dialogue.language import UNKNOWN
from proutt.methods.record import EditRecord, PreferencePair


class InALanguage(Protocol):
    """A pair, with or without a record: all that its group is chosen by. None where its language is not known."""

    @property
    def language(self) -> str | None: ...


Pair = TypeVar("Pair", bound=InALanguage)


class Texts(Protocol):
    """The texts that a trainer sees of a pair; rejected is None in SFT data."""

    @property
    def prompt(self) -> str: ...

    @property
    def chosen(self) -> str: ...

    @property
    def rejected(self) -> str | None: ...


@dataclass(slots=True)
class Moments:
    """Count, mean, standard deviation and largest magnitude of a stream of numbers (Welford's update)."""

    count: int = 0
    mean: float = 0.0
    max_abs: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self._squares += step * (value - self.mean)
        self.max_abs = max(self.max_abs, abs(value))

    @property
    def sigma(self) -> float:
        """Standard deviation of the numbers themselves (divided by their count, not by one less); 0 for none."""
        return math.sqrt(self._squares / self.count) if self.count else 0.0


@dataclass(slots=True)
class Lengths:
    """Lengths in one unit, characters or tokens: of prompts, of both responses, and chosen − rejected."""

    prompt: Moments = field(default_factory=Moments)
    response: Moments = field(default_factory=Moments)
    delta: Moments = field(default_factory=Moments)

    def add(self, prompt: int, chosen: int, rejected: int | None) -> None:
        """rejected: None in SFT data, which has no difference either."""
        self.prompt.add(prompt)
        self.response.add(chosen)
        if rejected is not None:
            self.response.add(rejected)
            self.delta.add(chosen - rejected)


@dataclass(slots=True)
class GroupStatistics:
    """One row of Table II, for one language or for all pairs, and the shares of what the pairs are made of.

    records  pairs that have a record; all that is counted besides lengths is counted of these
    """

    samples: int = 0
    records: int = 0
    verified: int = 0
    unchecked: int = 0
    chars: Lengths = field(default_factory=Lengths)
    tokens: Lengths = field(default_factory=Lengths)
    branches: Counter[str] = field(default_factory=Counter)
    perspectives: Counter[str] = field(default_factory=Counter)
    sentence_types: Counter[str] = field(default_factory=Counter)
    rejected_sentence_types: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    j_max: Moments = field(default_factory=Moments)

    @property
    def verified_share(self) -> float:
        """0..1; 0 where there is no record."""
        return self.verified / self.records if self.records else 0.0

    def add(self, pair: InALanguage, texts: Texts, tokens: Callable[[str], int]) -> None:
        self.samples += 1
        for lengths, length in ((self.chars, len), (self.tokens, tokens)):
            rejected = None if texts.rejected is None else length(texts.rejected)
            lengths.add(length(texts.prompt), length(texts.chosen), rejected)
        if isinstance(pair, PreferencePair):
            self._add_record(pair)

    def _add_record(self, pair: PreferencePair) -> None:
        self.records += 1
        self.verified += pair.verified is True
        self.unchecked += pair.verified is None
        self.branches[pair.branch] += 1
        self.perspectives[_name(pair.truth.perspective)] += 1
        self.sentence_types[_name(pair.chosen.sentence_type)] += 1
        self.rejected_sentence_types[_name(pair.rejected.sentence_type)] += 1
        self.edits.update(_edits(pair))
        self.j_max.add(pair.j_max)


def statistics(
    pairs: Iterable[Pair], *, texts: Callable[[Pair], Texts], tokens: Callable[[str], int]
) -> dict[str, GroupStatistics]:
    """Per language (ISO 639-1, sorted; "und" where it is not known), then over all pairs under "all".

    "all" is there even for no pair.
    """
    groups: dict[str, GroupStatistics] = {}
    total = GroupStatistics()
    for pair in pairs:
        own = texts(pair)
        counted = _once(tokens)
        groups.setdefault(pair.language or UNKNOWN, GroupStatistics()).add(pair, own, counted)
        total.add(pair, own, counted)
    return {**dict(sorted(groups.items())), "all": total}


def _once(tokens: Callable[[str], int]) -> Callable[[str], int]:
    """The same counts, each text counted once: a pair goes to its language and to all."""
    known: dict[str, int] = {}

    def count(text: str) -> int:
        if text not in known:
            known[text] = tokens(text)
        return known[text]

    return count


def _name(value: str | None) -> str:
    return "none" if value is None else str(value)


def _edits(pair: PreferencePair) -> list[str]:
    """`chosen: keep`, `rejected: perturb (future-turn)`, ...: each side's edit, by where its paths came from."""
    return [f"chosen: {_edit(pair.chosen_edit)}", f"rejected: {_edit(pair.rejected_edit)}"]


def _edit(edit: EditRecord) -> str:
    origins = sorted({each.origin for each in edit.replaced})
    return f"{edit.edit} ({', '.join(origins)})" if origins else edit.edit


def as_json(group: GroupStatistics) -> dict[str, object]:
    """A group as plain numbers, rounded to what a reader can use; keys carry their units.

    Differences are null where no pair has a rejected side. What comes from records is left out where none has one.
    """
    lengths = {
        "samples": group.samples,
        "avg_chars": round(group.chars.response.mean, 2),
        "avg_tokens": round(group.tokens.response.mean, 2),
        "avg_prompt_chars": round(group.chars.prompt.mean, 2),
        "avg_prompt_tokens": round(group.tokens.prompt.mean, 2),
        "delta_chars": _delta(group.chars.delta),
        "delta_tokens": _delta(group.tokens.delta),
    }
    return lengths | (_of_records(group) if group.records else {})


def _of_records(group: GroupStatistics) -> dict[str, object]:
    return {
        "records": group.records,
        "verified_share": round(group.verified_share, 4),
        "j_max_mean": round(group.j_max.mean, 4),
        "branches": dict(sorted(group.branches.items())),
        "perspectives": dict(sorted(group.perspectives.items())),
        "sentence_types": dict(sorted(group.sentence_types.items())),
        "rejected_sentence_types": dict(sorted(group.rejected_sentence_types.items())),
        "edits": dict(sorted(group.edits.items())),
    }


def _delta(delta: Moments) -> dict[str, float] | None:
    if not delta.count:
        return None
    return {"mean": round(delta.mean, 2), "sigma": round(delta.sigma, 2), "max_abs": delta.max_abs}
