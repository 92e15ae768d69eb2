"""Values packed for a page that reads them piece by piece: JSON, deflated, as base64 text.

A page of 10,000 pairs can't parse them all before it shows anything. So pairs come in chunks that the page inflates
when they are looked at, and what lists and filters need comes in chunks of its own. A chunk is ASCII letters, digits,
`+`, `/` and `=`, so nothing in it can end the element that holds it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

#: zlib's own default is a third faster than 9, and its files are 1% larger.
LEVEL = 6


def packed(value: Any) -> str:
    """The value as base64 of deflated JSON (zlib's format, RFC 1950); the same value gives the same text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate can't be UTF-8; a file of somebody else's may hold one.
    return base64.b64encode(zlib.compress(text.encode("utf-8", "backslashreplace"), LEVEL)).decode("ascii")


def unpacked(text: str) -> Any:
    """The value that `packed` was given."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def element(kind: str, count: int, text: str) -> str:
    """A data block of the page: `kind` is its class, `count` how many values it holds. No browser runs it."""
    return f'<script type="text/plain" class="{kind}" data-count="{count}">{text}</script>\n'


class Chunks:
    """Collects values and gives the elements of those chunks that are full.

    size     most values in a chunk
    weight   most characters in a chunk, by what `add` is told of each value: pairs with long dialogues come fewer
    """

    def __init__(self, kind: str, *, size: int, weight: int | None = None) -> None:
        self._kind, self._size, self._weight = kind, size, weight
        self._values: list[Any] = []
        self._held = 0

    @property
    def empty(self) -> bool:
        """Whether the next value begins a chunk."""
        return not self._values

    def add(self, value: Any, weight: int = 0) -> Iterator[str]:
        """Take a value; the element of the chunk, if this one fills it."""
        self._values.append(value)
        self._held += weight
        if len(self._values) >= self._size or (self._weight is not None and self._held >= self._weight):
            yield from self.rest()

    def rest(self) -> Iterator[str]:
        """The element of what is left."""
        if self._values:
            yield element(self._kind, len(self._values), packed(self._values))
            self._values, self._held = [], 0
