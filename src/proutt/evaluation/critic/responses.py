"""Responses of UPC's dialogues that a critic, or people, are to score: every attempt, said or not, with what was heard.

Read from runs of `proutt simulate upc` (a system is called by its folder) and of `proutt evaluate upc` (by its name).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from proutt.dialogue.sources import Source, records
from proutt.errors import UserError
from proutt.intent.persona import Persona
from proutt.methods.upc.record import ScoresRecord, UPCDialogue
from proutt.prompts import Role
from proutt.prompts.upc.heard import Heard

#: What a folder of either kind holds its dialogues in.
SIMULATED, EVALUATED = "dialogues.jsonl", "evaluated.jsonl"

#: What tells a response: persona, turn, system, repeat, attempt.
ResponseKey = tuple[str, int, str, int, int]


@dataclass(frozen=True, slots=True)
class Response:
    """u_{i,t}^{Bot} of one attempt.

    turn     from 2; attempt, from 0; repeat, from 1: which evaluation of its system
    chatbot  the model's name, as it tells a family
    scores   what the critic of its run said; None where there was none
    critic   that critic's model
    """

    system: str
    repeat: int
    persona: Persona
    turn: int
    attempt: int
    heard: Heard
    text: str
    chatbot: str
    scores: ScoresRecord | None = None
    critic: str = ""

    @property
    def key(self) -> ResponseKey:
        return (self.persona.id, self.turn, self.system, self.repeat, self.attempt)

    @property
    def place(self) -> str:
        """The same as one text: keys chance."""
        return "/".join(map(str, self.key))

    @property
    def fingerprint(self) -> str:
        """A short hash of all that a question about it depends on."""
        parts = (self.key, self.persona.name, self.persona.background, self.heard.utterances, self.text)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


class _Evaluated(BaseModel):
    """What of a line of an evaluation is needed here."""

    model_config = ConfigDict(extra="ignore")

    system: str
    repeat: int = Field(1, ge=1)
    dialogue: UPCDialogue


def response_file(path: Path) -> Path:
    """The file of a folder, or the file itself."""
    found = [path / name for name in (EVALUATED, SIMULATED) if (path / name).is_file()]
    return found[0] if found else path


def holds_responses(path: Path) -> bool:
    """Whether a path names UPC's dialogues, told from its first record."""
    file = response_file(path)
    if not file.is_file() or file.stat().st_size == 0:
        return False
    first = next(records(Source("file", str(file)), io.BytesIO(), whole=True), None)
    if first is None or first.problem is not None or not isinstance(first.value, Mapping):
        return False
    dialogue = first.value.get("dialogue", first.value)
    return isinstance(dialogue, Mapping) and {"persona_id", "introduction", "turns"} <= set(dialogue)


def responses_in(paths: Sequence[Path]) -> list[Response]:
    """Every response of these runs. Raises UserError where a path has none, or one response is there twice."""
    found: dict[ResponseKey, Response] = {}
    for path in paths:
        file = response_file(path)
        before = len(found)
        for where, system, repeat, dialogue in _dialogues(file):
            for each in _responses(system, repeat, dialogue):
                if each.key in found:
                    remedy = "Name each run once, in folders of different names."
                    what = f"a second dialogue of {system!r} with {each.persona.id}."
                    raise UserError(what, where=where, remedy=remedy)
                found[each.key] = each
        if len(found) == before:
            remedy = "Name runs of proutt simulate upc, or of proutt evaluate upc."
            raise UserError("holds no response of a dialogue of UPC.", where=str(path), remedy=remedy)
    return list(found.values())


def drawn(responses: Iterable[Response], limit: int | None, seed: int) -> list[Response]:
    """At most so many, by chance, in an order that depends on nothing else: a smaller draw is the beginning of a larger
    one."""
    ordered = sorted(responses, key=lambda each: hashlib.sha256(f"{seed}/{each.place}/drawn".encode()).digest())
    return ordered[:limit]


def model_name(identity: str) -> str:
    """The model of an identity, without its address."""
    return identity.partition(" @ ")[0]


def _dialogues(file: Path) -> Iterator[tuple[str, str, int, UPCDialogue]]:
    """Where it stands, whose it is, which repeat, and the dialogue."""
    if not file.is_file():
        raise UserError("there is no file of dialogues here.", where=str(file), remedy="Name a run's folder.")
    if not file.stat().st_size:
        return
    for record in records(Source("file", str(file)), io.BytesIO(), whole=True):
        try:
            if record.problem is not None:
                raise UserError(record.problem.message, where=record.place, remedy="Mend the line.")
            yield record.place, *_read(record.value, file)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the line"
            what = f"not a dialogue of UPC: {place}: {first['msg']}."
            raise UserError(what, where=record.place, remedy="Give the file as it was written.") from None


def _read(value: Any, file: Path) -> tuple[str, int, UPCDialogue]:
    if isinstance(value, Mapping) and "dialogue" in value:
        evaluated = _Evaluated.model_validate(value)
        return evaluated.system, evaluated.repeat, evaluated.dialogue
    name = file.resolve().parent.name if file.name == SIMULATED else file.stem
    return name, 1, UPCDialogue.model_validate(value)


def _responses(system: str, repeat: int, dialogue: UPCDialogue) -> Iterator[Response]:
    chatbot = model_name(dialogue.models.get(Role.ASSISTANT_AGENT.value, system))
    critic = model_name(dialogue.models.get(Role.CRITIC.value, ""))
    heard = Heard(dialogue.language, (dialogue.greeting, dialogue.introduction))
    for number, turn in enumerate(dialogue.turns, start=2):
        for at, attempt in enumerate(turn.attempts):
            about = (system, repeat, dialogue.persona, number, at, heard, attempt.utterance)
            yield Response(*about, chatbot, attempt.scores, critic)
        heard = heard.then(turn.response, turn.user)
