"""One reader per corpus format, and the choice among them. Pure: a record's value in, a raw dialogue out.

A corpus format is a module with two functions and a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from proutt.dialogue.raw import RawDialogue, bad_record
from proutt.dialogue.readers import crosswoz, lmsys, messages, sharegpt, synpt, wildchat
from proutt.errors import UserError


class Reader(NamedTuple):
    """A corpus format.

    recognises  whether a record's value looks like this corpus
    read        value → the raw dialogue; raises ItemFailed with a reason where the record is not one
    """

    recognises: Callable[[Any], bool]
    read: Callable[[Any], RawDialogue]


#: format → reader; the first that recognises a record reads it, so the particular stand before the general
READERS = {
    "crosswoz": Reader(crosswoz.recognises_crosswoz, crosswoz.read_crosswoz),
    "synpt": Reader(synpt.recognises_synpt, synpt.read_synpt),
    "wildchat": Reader(wildchat.recognises_wildchat, wildchat.read_wildchat),
    "lmsys": Reader(lmsys.recognises_lmsys, lmsys.read_lmsys),
    "sharegpt": Reader(sharegpt.recognises_sharegpt, sharegpt.read_sharegpt),
    "messages": Reader(messages.recognises_messages, messages.read_messages),
}


def format_of(value: Any) -> str:
    """The format of a record, told from its content. Raises ItemFailed where no reader recognises it."""
    for name, reader in READERS.items():
        if reader.recognises(value):
            return name
    raise bad_record("not-a-dialogue", f"{_described(value)}: no known format keeps a dialogue so.")


def known_format(name: str) -> str:
    """The name itself. Raises UserError where there is no such format."""
    if name not in READERS:
        raise UserError(f"there is no format {name!r}.", remedy=f"Formats: {', '.join(READERS)}.")
    return name


def _described(value: Any) -> str:
    if isinstance(value, dict):
        keys = ", ".join(f'"{str(key)[:40]}"' for key in list(value)[:6])
        return f"an object with the keys {keys}" if value else "an empty object"
    kinds = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")
