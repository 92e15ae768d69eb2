"""A price set or taken out in the user's file of prices, by lines where they tell entries apart: comments then stay."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from proutt.errors import UserError
from proutt.runs.prices import PRICES_VARIABLE, Price, entries_of, key_of, own_prices, prices_path, table_in, table_text


def set_price(name: str, price: Price, environ: Mapping[str, str] = os.environ) -> Path:
    """Write a model's price into the user's file, whole or not at all; what else is in it stays. Where it is.

    Raises UserError where the file can't be read or written.
    """
    return _change(key_of(name), price, environ)


def remove_price(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Take a model's price out of the user's file. Raises UserError where it has none."""
    key = key_of(name)
    if key not in own_prices(environ):
        where = str(prices_path(environ))
        raise UserError(f"there is no price of {key!r} of your own.", where=where, remedy="See proutt models prices.")
    return _change(key, None, environ)


def _change(key: str, price: Price | None, environ: Mapping[str, str]) -> Path:
    path = prices_path(environ)
    text = table_text(path)
    table = table_in(text, str(path))  # a file that can't be read is not written over
    if price is None:
        table.pop(key, None)
    else:
        table[key] = price
    written = _edited(text, key, price, str(path))
    try:
        same = table_in(written, str(path)) == table
    except UserError:
        same = False
    if not same:  # laid out in a way that lines do not tell apart
        written = "".join(_line(name, each) for name, each in table.items())
    _write(path, written)
    return path


def _edited(text: str, key: str, price: Price | None, where: str) -> str:
    """The table's text with one entry changed line by line, so that comments stay."""
    root = entries_of(text, where)
    lines = text.splitlines(keepends=True)
    entry = "" if price is None else _line(key, price)
    for name, value in [] if root is None else root.value:
        if key_of(str(name.value)) == key:
            return "".join([*lines[: name.start_mark.line], entry, *lines[_last_line(value) + 1 :]])
    return text + ("" if not text or text.endswith("\n") else "\n") + entry


#: One entry a line, in the order of the fields.
_LAYOUT: dict[str, Any] = {"default_flow_style": None, "allow_unicode": True, "width": 10**6, "sort_keys": False}


def _line(key: str, price: Price) -> str:
    """An entry on a line of its own, whatever characters the key has."""
    return str(yaml.safe_dump({key: price.as_dict()}, **_LAYOUT))


def _last_line(node: yaml.Node) -> int:
    """The last line, from 0, of a price. A block mapping's own end is where the next entry begins."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1][1])
    return int(node.end_mark.line)


def _write(path: Path, text: str) -> None:
    """Put a file in its place whole. Raises UserError."""
    target = path.resolve()
    draft = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".prices-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, target)
    except OSError as error:
        if draft is not None:
            with contextlib.suppress(OSError):
                os.unlink(draft)
        raise UserError(
            f"can't be written ({error.strerror or error}).",
            where=str(path),
            remedy=f"Name another file in {PRICES_VARIABLE}.",
        ) from error
