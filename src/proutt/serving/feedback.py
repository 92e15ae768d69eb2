"""What users do with suggestions, kept on this machine where that is switched on: one JSON line each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from proutt.dialogue import Context
from proutt.errors import UserError
from proutt.export.feedback import FeedbackRecord, SuggestedRecord
from proutt.export.write import json_line
from proutt.methods.record import ContextRecord, PathRecord, TurnRecord
from proutt.serving.chats import Refused
from proutt.serving.memory import Memory
from proutt.serving.shapes import FeedbackAsked
from proutt.serving.suggesting import Scored

#: Answers that feedback can still come for: so many, for so long.
MOST_ANSWERS, ANSWER_S = 2000, 3600.0


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given: to which chat, and what it suggested."""

    context: Context
    shown: tuple[Scored, ...]


class Feedback:
    """A feedback file, and the answers that feedback may come for.

    Raises UserError where the file can't be written to.
    """

    def __init__(self, path: Path, *, method: str, model: str) -> None:
        self._path, self._method, self._model = path, method, model
        self._given: Memory[Given] = Memory(MOST_ANSWERS, ANSWER_S)
        self._writing = asyncio.Lock()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))  # it holds what users say
        except OSError as error:
            remedy = "Name a file in a folder that is there."
            raise UserError(f"can't be written ({error.strerror}).", where=str(path), remedy=remedy) from error

    def gave(self, id: str, context: Context, shown: Sequence[Scored]) -> None:
        """Remember an answer, for a while."""
        self._given.keep(id, Given(context, tuple(shown)))

    async def keep(self, asked: FeedbackAsked) -> str:
        """Write what a user did, once for each answer; what it was: taken, own-words or nothing. Raises Refused."""
        given = self._given.get(asked.id)
        if given is None:
            raise Refused(404, "unknown-id", "No answer of this id waits for feedback: too old, or told already.")
        named = [*asked.shown, *([] if asked.taken is None else [asked.taken])]
        if any(index >= len(given.shown) for index in named):
            raise Refused(422, "index", f"shown and taken are indexes of {len(given.shown)} suggestions, from 0.")
        if asked.taken is not None and asked.taken not in asked.shown:
            raise Refused(422, "index", "taken is not among those shown.")
        self._given.take(asked.id)
        line = json_line(self._record(asked, given).model_dump(mode="json"))
        async with self._writing:
            try:
                await asyncio.to_thread(self._append, line.encode())
            except OSError as error:
                self._given.keep(asked.id, given)
                raise Refused(507, "disk", f"The feedback can't be written ({error.strerror}).") from None
        return "taken" if asked.taken is not None else "own-words" if asked.sent else "nothing"

    def _append(self, line: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(line)

    def _record(self, asked: FeedbackAsked, given: Given) -> FeedbackRecord:
        context = given.context
        turns = [TurnRecord(user=turn.user, assistant=turn.assistant) for turn in context.turns]
        return FeedbackRecord(
            id=asked.id,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            language=context.language,
            context=ContextRecord(opening=context.opening, turns=turns),
            suggestions=[_suggested(each) for each in given.shown],
            shown=list(asked.shown),
            taken=asked.taken,
            sent=asked.sent,
            method=self._method,
            model=self._model,
        )


def _suggested(scored: Scored) -> SuggestedRecord:
    suggestion = scored.suggestion
    return SuggestedRecord(
        text=suggestion.text,
        perspective=suggestion.perspective,
        sentence_type=suggestion.sentence_type,
        score=scored.score,
        path=None if suggestion.path is None else PathRecord.of(suggestion.path),
    )
