"""Negatives that are no negatives: the rejected side proposes what the user does say next (ProUtt III-D.3)."""

from __future__ import annotations

from collections.abc import Iterator

from proutt.intent import IntentPath, near_paths, normal
from proutt.methods.record import PreferencePair
from proutt.quality.audit.check import Check, Finding, Look, Need, Options, Severity, each_row
from proutt.quality.audit.subject import Subject
from proutt.quality.similarity import alike


def negative_is_truth(options: Options) -> Look:
    """Rejected paths near a path of turn K+1, and rejected utterances that read like the truth."""
    least = options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        pair = subject.record
        if pair is None:
            return
        true_paths = [path.path() for path in pair.truth.paths]
        truth = normal(pair.truth.utterance)
        for position, path in _rejected_paths(pair):
            if any(near_paths(path, true) for true in true_paths):
                yield Finding(f"rejected path {position + 1}", "it is the path of the truth, or near it", str(path))
        for number, candidate in enumerate(pair.rejected.candidates, start=1):
            if truth and alike(normal(candidate.utterance), truth, least):
                reason = "it is what the user says next, or nearly"
                yield Finding(f"rejected prediction {number}", reason, candidate.utterance)
        for number, utterance in enumerate(_named_negatives(pair), start=1):
            if truth and alike(normal(utterance), truth, least):
                reason = "the row names as a negative what the user says next, or nearly"
                yield Finding(f"negative label {number}", reason, utterance)

    return look


def _named_negatives(pair: PreferencePair) -> list[str]:
    """The utterances that a released raw row names as negatives, beside its rejected side (docs/released.md)."""
    named = pair.settings.get("negative_label")
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def _rejected_paths(pair: PreferencePair) -> Iterator[tuple[int, IntentPath]]:
    """Every path of the rejected side with its position; released rows have those only that were put in."""
    paths = {at: each.path for at, each in enumerate(pair.rejected.candidates) if each.path is not None}
    for each in pair.rejected_edit.replaced:
        if each.path is not None:
            paths.setdefault(each.position, each.path)
    return ((at, path.path()) for at, path in sorted(paths.items()))


def negative_near_truth(options: Options) -> Look:
    """Rejected utterances that mean what the truth means, by calibrated sentence embeddings."""
    embedded, least = options.setup.embedded, options.parameters["similarity"]

    def look(subject: Subject) -> Iterator[Finding]:
        pair = subject.record
        if pair is None or embedded is None:
            return
        said = [candidate.utterance for candidate in pair.rejected.candidates]
        scores = embedded(pair.truth.utterance, pair.language, said)
        for number, (utterance, score) in enumerate(zip(said, scores, strict=True), start=1):
            if score >= least:
                reason = f"it means nearly what the user says next (likeness {score:.2f})"
                yield Finding(f"rejected prediction {number}", reason, utterance)

    return look


def tied_scores(subject: Subject) -> Iterator[Finding]:
    """Pairs whose rejected side the judge likes as much as the chosen one."""
    checked = None if subject.record is None else subject.record.verification
    if checked is None or not checked.chosen_scores or not checked.rejected_scores:
        return
    chosen, rejected = max(checked.chosen_scores), max(checked.rejected_scores)
    if chosen <= rejected:
        said = "as well as" if chosen == rejected else "better than"
        yield Finding("row", f"the judge scores the rejected side {said} the chosen one", f"{rejected} and {chosen}")


NEGATIVES = (
    Check(
        name="negative-is-truth",
        title="rejected paths or predictions that are the truth",
        severity=Severity.ERROR,
        limit=0.0,
        source="ProUtt III-D.3; seen in the released ProUtt data",
        start=negative_is_truth,
        needs=(Need.RECORD, Need.PAIR),
        parameters={"similarity": 0.85},
    ),
    Check(
        name="negative-near-truth",
        title="rejected predictions that mean what the truth means",
        severity=Severity.WARNING,
        limit=0.05,
        source="practice: embedding similarity below 0.85, here on the calibrated scale",
        start=negative_near_truth,
        needs=(Need.RECORD, Need.PAIR, Need.EMBEDDINGS),
        parameters={"similarity": 0.85},
    ),
    Check(
        name="tied-scores",
        title="the judge does not prefer the chosen side",
        severity=Severity.ERROR,
        limit=0.0,
        source="ties taken out of UltraFeedback (Argilla)",
        start=each_row(tied_scores),
        needs=(Need.SCORES,),
    ),
)
