"""The shapes that preference and SFT rows come in, by name, and the choice among them. Pure.

A name is the one that `proutt export --to` gives the same rows, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from proutt.dialogue.raw import bad_record
from proutt.errors import UserError
from proutt.export.reading import preference, sft
from proutt.export.reading.preference import Parts
from proutt.export.reading.released import read_released
from proutt.export.reading.released_row import looks_released
from proutt.methods.record import PreferencePair


@dataclass(frozen=True, slots=True)
class TextShape:
    """Rows that hold texts. recognises: whether a row looks so; read: what it says, or ItemFailed."""

    summary: str
    recognises: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any]], Parts]


@dataclass(frozen=True, slots=True)
class RecordShape:
    """Rows that hold a pair and how it came about. read: the row and its file and line → the pair, or ItemFailed."""

    summary: str
    recognises: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any], str], PreferencePair]


def _looks_like_a_pair(row: Mapping[str, Any]) -> bool:
    return all(key in row for key in ("dialogue_id", "chosen_edit", "rejected_edit"))


def _read_pair(row: Mapping[str, Any], source: str) -> PreferencePair:  # noqa: ARG001
    """A line of `pairs.jsonl`."""
    try:
        return PreferencePair.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise bad_record("bad-row", f"not a preference pair: {place}: {first['msg']}.") from None


#: name → shape; the first that recognises a row reads it, so the particular stand before the general
SHAPES: dict[str, TextShape | RecordShape] = {
    "pairs": RecordShape("pairs.jsonl of a run", _looks_like_a_pair, _read_pair),
    "proutt": RecordShape("ProUtt's released raw files", looks_released, read_released),
    "openai-preference": TextShape(
        "OpenAI, Together, Fireworks preference", preference.looks_openai, preference.read_openai
    ),
    "axolotl-orpo": TextShape("both sides as whole conversations", preference.looks_implicit, preference.read_implicit),
    "llamafactory-preference": TextShape(
        "LLaMA-Factory and axolotl preference; ProUtt's processed preference files",
        preference.looks_ranked,
        preference.read_ranked,
    ),
    "trl-preference": TextShape("TRL preference", preference.looks_explicit, preference.read_explicit),
    "alpaca-preference": TextShape(
        "instruction and two answers (LLaMA-Factory)", preference.looks_alpaca, preference.read_alpaca
    ),
    "trl-sft": TextShape("prompt and completion", sft.looks_like_completion, sft.read_completion),
    "messages-sft": TextShape(
        "dialogues that end with the answer to learn; ProUtt's processed SFT files",
        sft.looks_like_messages,
        sft.read_messages,
    ),
    "alpaca-sft": TextShape("instruction and answer", sft.looks_like_alpaca, sft.read_alpaca_sft),
}


def format_of(row: Any) -> str:
    """The name of a row's shape, told from its keys. Raises ItemFailed where none is known."""
    if not isinstance(row, dict):
        raise bad_record("no-pair", "it is no object.")
    if isinstance(row.get("label"), bool) or "kto_tag" in row:
        raise bad_record("no-pair", "it is a KTO row: one completion and whether it is good, and no pair.")
    for name, shape in SHAPES.items():
        if shape.recognises(row):
            return name
    keys = ", ".join(f'"{str(key)[:40]}"' for key in list(row)[:8])
    raise bad_record("no-pair", f"no known format has an object with the keys {keys or '(none)'}.")


def known_format(name: str) -> str:
    """The name itself. Raises UserError where there is no such format."""
    if name not in SHAPES:
        raise UserError(f"there is no format {name!r}.", where="--format", remedy=f"Formats: {', '.join(SHAPES)}.")
    return name
