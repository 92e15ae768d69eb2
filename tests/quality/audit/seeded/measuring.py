"""Whether an audit finds what was planted, and what it says of pairs in which nothing was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from proutt.export.reading import subject_of
from proutt.methods.record import PreferencePair
from proutt.quality.audit import CHECKS, Audit, Flag, Setup, Severity, Subject, selected
from proutt.quality.intervals import wilson
from quality.audit.seeded import later, unseen
from quality.audit.seeded.faults_of_negatives import NEGATIVE_KINDS
from quality.audit.seeded.faults_of_privacy import PRIVACY_KINDS
from quality.audit.seeded.faults_of_sets import PAIR_KINDS
from quality.audit.seeded.faults_of_sides import SIDE_KINDS
from quality.audit.seeded.faults_of_truth import TRUTH_KINDS
from quality.audit.seeded.faults_of_types import TYPE_KINDS
from quality.audit.seeded.faults_of_wording import WORDING_KINDS
from quality.audit.seeded.planting import Group, Kind, Planted, planted

_LATER = {
    "truth in the reasoning": later.TRUTH_IN_REASONING,
    "tell-tale phrases": later.TELL_TALES,
    "negative equal to the truth": later.NEGATIVE_IS_TRUTH,
    "prediction copied from the dialogue": later.COPIED,
    "utterance not of its claimed type": later.TYPE_FIT,
    "repetition": later.REPETITION,
    "prompt artefacts": later.ARTEFACTS,
    "language mismatch": later.LANGUAGE,
    "personal data": later.PERSONAL,
    "secrets": later.SECRETS,
    "control strings": later.CONTROL,
}
_UNSEEN = {
    "truth in the reasoning": unseen.TRUTH_IN_REASONING,
    "tell-tale phrases": unseen.TELL_TALES,
    "negative equal to the truth": unseen.NEGATIVE_IS_TRUTH,
    "prediction copied from the dialogue": unseen.COPIED,
    "utterance not of its claimed type": unseen.TYPE_FIT,
    "repetition": unseen.REPETITION,
    "prompt artefacts": unseen.ARTEFACTS,
    "language mismatch": unseen.LANGUAGE,
    "personal data": unseen.PERSONAL,
    "secrets": unseen.SECRETS,
    "control strings": unseen.CONTROL,
}
KINDS: dict[str, Kind] = {
    kind.name: replace(kind, ways=kind.ways + _LATER.get(kind.name, ()), unseen=_UNSEEN.get(kind.name, ()))
    for kind in (*TRUTH_KINDS, *NEGATIVE_KINDS, *TYPE_KINDS, *SIDE_KINDS, *WORDING_KINDS, *PRIVACY_KINDS, *PAIR_KINDS)
}


@dataclass(frozen=True, slots=True)
class Recall:
    """Of one kind: how many were planted, how many found."""

    planted: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.planted

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.found, self.planted)

    def __add__(self, other: Recall) -> Recall:
        return Recall(self.planted + other.planted, self.found + other.found)


@dataclass(slots=True)
class Clean:
    """Of clean pairs: how many were looked at, which were flagged by an error, and the rows with a flag by check."""

    rows: int = 0
    flagged: list[str] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    flags: list[Flag] = field(default_factory=list)


def found(each: Planted) -> bool:
    """Whether the faulty row is flagged by a check of its kind. Carriers are clean, so it was not before."""
    return found_in(each.rows, each.kind.checks, each.setup)


def found_in(rows: Sequence[Subject], checks: Iterable[str], setup: Setup) -> bool:
    audit = Audit(setup, selected(checks))
    return bool([audit.look(row) for row in rows][-1])


def recall(
    pairs: Sequence[PreferencePair], number: int, group: Group, kinds: Mapping[str, Kind] = KINDS
) -> tuple[dict[str, Recall], list[Planted]]:
    """Recall by kind over the ways of one group, and what was missed."""
    results: dict[str, Recall] = {}
    missed = []
    for name, kind in kinds.items():
        results[name] = Recall(0, 0)
        for each in planted(kind, pairs, number, group):
            hit = found(each)
            results[name] += Recall(1, int(hit))
            if not hit:
                missed.append(each)
    return results, missed


def carriers(pairs: Iterable[PreferencePair]) -> list[PreferencePair]:
    """Pairs in which no check finds more than a shop's telephone: what is found later is what was planted."""
    audit = Audit(Setup(), selected(skip=("landline-numbers", "near-duplicates")))
    return [pair for pair in pairs if not audit.look(subject_of(pair))]


def looked_at(subjects: Iterable[Subject], setup: Setup | None = None) -> Clean:
    """What an audit of all checks says of clean rows."""
    audit, clean = Audit(setup or Setup(), CHECKS), Clean()
    for subject in subjects:
        flags = audit.look(subject)
        clean.rows += 1
        clean.flags += flags
        clean.checks.update({flag.check for flag in flags})
        if any(flag.severity == Severity.ERROR for flag in flags):
            clean.flagged.append(subject.id)
    return clean
