"""What always holds of a pair: perspectives that the tree bears out, and sides that differ where they should only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proutt.intent import IntentTree, Perspective, perspective_of
from proutt.methods.record import CandidateRecord, EditRecord, PreferencePair
from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import record_tree
from proutt.quality.audit.subject import Subject

#: Edits by branch (Algorithm 1, lines 8-18). In the low branch a candidate whose path is the truth's is perturbed, too.
_EDITS = {
    "high": {("keep", "perturb")},
    "middle": {("revise", "perturb")},
    "low": {("revise", "keep"), ("revise", "perturb")},
}


def perspective_errors(subject: Subject) -> Iterator[Finding]:
    """Exploitation of a topic that T^(K) lacks, exploration of one that it has; candidates out of order or number."""
    pair, tree = subject.record, record_tree(subject)
    if pair is None or tree is None:
        return
    if pair.truth.paths and pair.truth.perspective is not None:
        path = pair.truth.paths[0].path()
        if perspective_of(path, tree) is not pair.truth.perspective:
            yield Finding("truth", f"its perspective is not {pair.truth.perspective.value} by the tree", str(path))
    # A future path stands where the truth's perspective was, whatever its own (III-D.3).
    future = {each.position for each in pair.rejected_edit.replaced if each.origin == "future-turn"}
    yield from _candidates("predicted", pair.candidates, tree, set())
    yield from _candidates("chosen", pair.chosen.candidates, tree, set())
    yield from _candidates("rejected", pair.rejected.candidates, tree, future)


def _candidates(
    name: str, candidates: Sequence[CandidateRecord], tree: IntentTree, exempt: set[int]
) -> Iterator[Finding]:
    order = [each.perspective for each in candidates if each.perspective is not None]
    if order != sorted(order, key=list(Perspective).index):
        yield Finding(f"{name} predictions", "exploitation does not come first", ", ".join(order))
    if len(set(map(order.count, Perspective))) > 1:
        yield Finding(f"{name} predictions", "the perspectives have different numbers of predictions", ", ".join(order))
    for at, candidate in enumerate(candidates):
        if candidate.path is None or candidate.perspective is None or at in exempt:
            continue
        path = candidate.path.path()
        if perspective_of(path, tree) is not candidate.perspective:
            known = "lacks" if candidate.perspective is Perspective.EXPLOITATION else "has"
            reason = f"{candidate.perspective.value}, but the tree {known} its topic"
            yield Finding(f"{name} path {at + 1}", reason, str(path))


def stray_edits(subject: Subject) -> Iterator[Finding]:
    """Differences between the sides where nothing was edited, and edits that the branch does not make."""
    pair = subject.record
    if pair is None:
        return
    yield from _branch(pair)
    if not len(pair.candidates) == len(pair.chosen.candidates) == len(pair.rejected.candidates):
        yield Finding("row", "the sides have different numbers of predictions")
        return
    yield from _unedited("chosen", pair.candidates, pair.chosen.candidates, pair.chosen_edit, worded=True)
    # Every rejected utterance is worded anew under the other type.
    worded = pair.rejected.sentence_type is None and pair.chosen.sentence_type is None
    yield from _unedited("rejected", pair.candidates, pair.rejected.candidates, pair.rejected_edit, worded=worded)
    for number, (one, other) in enumerate(zip(pair.chosen.candidates, pair.rejected.candidates, strict=True), start=1):
        if not worded and one.utterance == other.utterance:
            yield Finding(f"rejected prediction {number}", "it is the chosen one, under another type", one.utterance)


def _branch(pair: PreferencePair) -> Iterator[Finding]:
    low, high = pair.settings.get("tau_low"), pair.settings.get("tau_high")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        right = "high" if pair.j_max >= high else "low" if pair.j_max <= low else "middle"
        if pair.branch != right:
            yield Finding("row", f"J_max {pair.j_max} belongs to the branch {right}", pair.branch)
    edits = (pair.chosen_edit.edit, pair.rejected_edit.edit)
    if edits not in _EDITS[pair.branch]:
        yield Finding("row", f"edits that the branch {pair.branch} does not make", " / ".join(edits))


def _unedited(
    name: str,
    predicted: Sequence[CandidateRecord],
    side: Sequence[CandidateRecord],
    edit: EditRecord,
    *,
    worded: bool,
) -> Iterator[Finding]:
    """Candidates that differ from their prediction although no edit is on record. worded: utterances are kept, too."""
    edited = {each.position for each in edit.replaced}
    for at, (before, after) in enumerate(zip(predicted, side, strict=True)):
        if at in edited:
            continue
        if before.path != after.path:
            yield Finding(f"{name} path {at + 1}", "it differs from the predicted one, and no edit is on record")
        if before.reasoning != after.reasoning:
            reason = "it differs from the predicted one, and no edit is on record"
            yield Finding(f"{name} reasoning {at + 1}", reason, after.reasoning)
        if worded and before.utterance != after.utterance:
            reason = "it differs from the predicted one, and no edit is on record"
            yield Finding(f"{name} prediction {at + 1}", reason, after.utterance)


EDITS = (
    Check(
        name="perspective-errors",
        title="perspectives that the tree does not bear out",
        severity=Severity.ERROR,
        limit=0.0,
        source="ProUtt III-D.1: the perspective is computed from the tree",
        start=each_row(perspective_errors),
        needs=(Need.RECORD, Need.TREE),
    ),
    Check(
        name="stray-edits",
        title="sides that differ where nothing was edited, edits of another branch",
        severity=Severity.ERROR,
        limit=0.0,
        source="ProUtt Algorithm 1, lines 8 to 20",
        start=each_row(stray_edits),
        needs=(Need.PROUTT, Need.PAIR),
    ),
)
