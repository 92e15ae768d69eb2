"""Rows as the subjects of an audit: texts as a trainer sees them, and what can be read out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from proutt.dialogue import Context, Problem
from proutt.dialogue.language import UNKNOWN, language_of
from proutt.export.reading.completion import side_of
from proutt.export.reading.context import Said, said_in
from proutt.export.reading.rows import rows_in
from proutt.export.reading.textpair import TextPair
from proutt.export.text import context_of, training_text
from proutt.methods.record import PreferencePair
from proutt.quality.audit.subject import Side, Subject


def subjects_in(
    path: str | Path, *, format: str | None = None, on_bad: Callable[[Problem], None] | None = None
) -> Iterator[Subject]:
    """A subject for every row of whatever the path names; arguments and errors as those of `rows_in`."""
    for row in rows_in(path, format=format, on_bad=on_bad):
        yield subject_of(row.pair, where=row.where, part=row.part)


def subject_of(pair: PreferencePair | TextPair, *, where: str | None = None, part: str | None = None) -> Subject:
    """A pair as an audit looks at it. where, part: of its row; a TextPair knows its own. Never raises.

    A record's texts are those that `proutt export` writes. Of a row without a record, reasoning, utterances, sentence
    type and context are read out of its texts; what they don't say is None. Its language is the one of what the user
    says in the context, else of the predicted utterances, else of the last message.
    """
    if isinstance(pair, PreferencePair):
        return _of_record(pair, where or pair.source, part)
    return _of_texts(pair)


def with_language(pair: PreferencePair | TextPair) -> PreferencePair | TextPair:
    """The same pair; where the file did not say its language, with the one that its texts are in."""
    if isinstance(pair, PreferencePair) or pair.language is not None:
        return pair
    return replace(pair, language=subject_of(pair).language)


def _of_record(pair: PreferencePair, where: str, part: str | None) -> Subject:
    text = training_text(pair)
    return Subject(
        id=f"{pair.dialogue_id}:{pair.k}",
        where=where,
        prompt=text.prompt,
        chosen=side_of(text.chosen),
        rejected=None if text.rejected is None else side_of(text.rejected),
        part=part,
        dialogue_id=pair.dialogue_id,
        language=_known(pair.language),
        context=context_of(pair),
        record=pair,
    )


def _of_texts(pair: TextPair) -> Subject:
    chosen = side_of(pair.chosen)
    said = said_in(pair.messages[-1].content) if pair.messages else None
    language = pair.language or _language(pair, said, chosen)
    return Subject(
        id=pair.id,
        where=pair.where,
        prompt=pair.prompt,
        chosen=chosen,
        rejected=None if pair.rejected is None else side_of(pair.rejected),
        part=pair.part,
        dialogue_id=pair.dialogue_id,
        language=_known(language),
        context=_context(pair, said, language),
    )


def _context(pair: TextPair, said: Said | None, language: str) -> Context | None:
    return None if said is None else said.context(pair.dialogue_id or pair.id, language)


def _language(pair: TextPair, said: Said | None, chosen: Side) -> str:
    if said is not None:
        return language_of([turn.user for turn in said.turns], (turn.assistant for turn in said.turns))
    asked = [message.content for message in pair.messages if message.role == "user"]
    return language_of(chosen.utterances or asked[-1:], (pair.chosen,))


def _known(language: str) -> str | None:
    return None if language == UNKNOWN else language
