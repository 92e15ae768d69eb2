"""The checks of an audit, by name and in the order of its table."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping

from proutt.errors import UserError
from proutt.quality.audit.artefacts import ARTEFACTS
from proutt.quality.audit.check import Check, Need, Setup
from proutt.quality.audit.contrast import CONTRAST
from proutt.quality.audit.copies import COPIES
from proutt.quality.audit.duplicates import DUPLICATES
from proutt.quality.audit.edits import EDITS
from proutt.quality.audit.judging import JUDGING
from proutt.quality.audit.languages import LANGUAGES
from proutt.quality.audit.leaks import LEAKS
from proutt.quality.audit.lengths import LENGTHS
from proutt.quality.audit.negatives import NEGATIVES
from proutt.quality.audit.personal import PERSONAL
from proutt.quality.audit.pieces import sides
from proutt.quality.audit.secrets import SECRETS
from proutt.quality.audit.sentence_types import SENTENCE_TYPES
from proutt.quality.audit.subject import Side, Subject
from proutt.quality.audit.trees import TREES, has_tree

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        *LEAKS,  # the truth must not reach training text
        *TREES,
        *NEGATIVES,  # what the rejected side may not be
        *SENTENCE_TYPES,  # what always holds of a pair
        *EDITS,
        *CONTRAST,  # what a trainer learns nothing from
        *LENGTHS,
        *COPIES,
        *ARTEFACTS,  # what is wrong with the text itself
        *LANGUAGES,
        *PERSONAL,
        *SECRETS,
        *DUPLICATES,  # what is wrong with the data set
        *JUDGING,
    )
}

#: Which rows have what a check needs. Needs that the user's options decide are not here.
HAS: dict[Need, Callable[[Subject], bool]] = {
    Need.RECORD: lambda subject: subject.record is not None,
    Need.PROUTT: lambda subject: subject.record is not None and subject.record.method == "proutt",
    Need.TREE: has_tree,
    Need.PAIR: lambda subject: subject.rejected is not None,
    Need.REASONING: lambda subject: _any_side(subject, lambda side: side.reasoning is not None),
    Need.UTTERANCES: lambda subject: _any_side(subject, lambda side: bool(side.utterances)),
    Need.TYPES: lambda subject: _any_side(subject, lambda side: side.sentence_type is not None),
    Need.CONTEXT: lambda subject: subject.context is not None,
    Need.LANGUAGE: lambda subject: subject.language is not None or subject.context is not None,
    Need.PARTS: lambda subject: subject.part is not None,
    Need.SCORES: lambda subject: subject.record is not None and subject.record.verification is not None,
    Need.DIALOGUE: lambda subject: subject.dialogue is not None,
    Need.UPC: lambda subject: subject.upc is not None,
    Need.SEED: lambda subject: subject.dialogue is not None and bool(subject.dialogue.values),
}


def _any_side(subject: Subject, holds: Callable[[Side], bool]) -> bool:
    return any(holds(side) for _, side in sides(subject))


def has(subject: Subject, need: Need, setup: Setup) -> bool:
    """Whether a row, under the user's options, has what a check needs."""
    if need is Need.LENGTH:
        return setup.max_length is not None
    if need is Need.EMBEDDINGS:
        return setup.embedded is not None
    if need is Need.REJUDGED:
        return False  # a sample is judged again after all rows were seen
    return HAS[need](subject)


def selected(
    only: Iterable[str] = (), skip: Iterable[str] = (), known: Mapping[str, Check] = CHECKS
) -> dict[str, Check]:
    """The checks of one audit: those named in `only` (all where none is), without those in `skip`; in order.

    known: all that there are for such data
    Raises UserError for a name that no check has, with the nearest that one does.
    """
    wanted, unwanted = set(only), set(skip)
    for option, names in (("--only", wanted), ("--skip", unwanted)):
        for name in sorted(names - set(known)):
            raise UserError(f"there is no check {name!r}.", where=option, remedy=nearest(name, known))
    chosen = {name: check for name, check in known.items() if (not wanted or name in wanted) and name not in unwanted}
    if not chosen:
        raise UserError("no check is left.", where="--skip", remedy="Skip fewer.")
    return chosen


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt name: the nearest known one, or where all are listed."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else "`proutt audit --list` shows the checks and their figures."
