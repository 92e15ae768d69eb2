"""Pairs that teach no preference: sides that read nearly the same, or do after a trainer cut them."""

from __future__ import annotations

from collections.abc import Iterator

from proutt.intent import normal
from proutt.quality.audit.check import Check, Finding, Look, Need, Options, Severity
from proutt.quality.audit.subject import Subject
from proutt.quality.duplicates import units
from proutt.quality.similarity import alike, common_prefix, similarity


def same_sides(options: Options) -> Look:
    """Sides whose texts are the same, or so alike that only a few letters tell them apart."""
    least = options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        chosen, rejected = subject.chosen, subject.rejected
        if rejected is None:
            return
        if alike(chosen.text, rejected.text, least):
            yield Finding("row", f"the sides are {similarity(chosen.text, rejected.text):.1%} the same")
        elif units(chosen.text) == units(rejected.text):
            yield Finding("row", "only case, spacing, width or punctuation tell the sides apart")
        elif chosen.utterances and sorted(map(normal, chosen.utterances)) == sorted(map(normal, rejected.utterances)):
            yield Finding("row", "the sides predict the same", chosen.utterances[0])

    return look


def low_contrast(options: Options) -> Look:
    """Sides that differ in a small part of their letters: DPO then lowers the likelihood of both."""
    least = options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        chosen, rejected = subject.chosen, subject.rejected
        if rejected is not None and alike(chosen.text, rejected.text, least):
            shared = common_prefix(chosen.text, rejected.text) / max(len(chosen.text), len(rejected.text), 1)
            same = similarity(chosen.text, rejected.text)
            yield Finding(
                "row", f"the sides are {same:.1%} the same; they begin alike for {shared:.0%} of their length"
            )

    return look


def equal_after_truncation(options: Options) -> Look:
    """Sides whose tokens are the same up to what a trainer keeps: the first of prompt and answer."""
    counter, max_length = options.setup.counter, options.setup.max_length

    def look(subject: Subject) -> Iterator[Finding]:
        rejected = subject.rejected
        if max_length is None or rejected is None:
            return
        room = max(max_length - counter.tokens(subject.prompt), 0)
        chosen = subject.chosen.text
        if counter.ids is None:
            same = counter.tokens(chosen[: common_prefix(chosen, rejected.text)]) >= room or chosen == rejected.text
        else:
            same = counter.ids(chosen)[:room] == counter.ids(rejected.text)[:room]
        if same:
            why = "the prompt alone fills it" if room == 0 else f"the answer gets {room}"
            yield Finding("row", f"the sides are the same within {max_length} tokens: {why}")

    return look


def cut_off(options: Options) -> Look:
    """Rows that a trainer cuts: the predictions stand at the end, where the cut is."""
    counter, max_length = options.setup.counter, options.setup.max_length

    def look(subject: Subject) -> Iterator[Finding]:
        if max_length is None:
            return
        sides = [subject.chosen] if subject.rejected is None else [subject.chosen, subject.rejected]
        length = counter.tokens(subject.prompt) + max(counter.tokens(side.text) for side in sides)
        if length > max_length:
            yield Finding("row", f"{length} tokens, of which a trainer keeps {max_length}")

    return look


CONTRAST = (
    Check(
        name="same-sides",
        title="chosen and rejected are the same, or nearly",
        severity=Severity.ERROR,
        limit=0.0,
        source="DPOP (arXiv 2402.13228): drop from edit similarity 0.98",
        start=same_sides,
        needs=(Need.PAIR,),
        parameters={"similarity": 0.98},
    ),
    Check(
        name="low-contrast",
        title="chosen and rejected differ little",
        severity=Severity.WARNING,
        limit=0.1,
        source="DPOP (arXiv 2402.13228), likelihood displacement (arXiv 2502.07599): warn from 0.90",
        start=low_contrast,
        needs=(Need.PAIR,),
        parameters={"similarity": 0.9},
    ),
    Check(
        name="equal-after-truncation",
        title="sides that are the same after a trainer cut them",
        severity=Severity.ERROR,
        limit=0.0,
        source="OpenRLHF issue 1311: loss ln 2, no gradient, nothing said",
        start=equal_after_truncation,
        needs=(Need.PAIR, Need.LENGTH),
    ),
    Check(
        name="cut-off",
        title="rows longer than a trainer keeps",
        severity=Severity.WARNING,
        limit=0.01,
        source="TRL and LLaMA-Factory cut at the end, where the predictions are",
        start=cut_off,
        needs=(Need.LENGTH,),
    ),
)
