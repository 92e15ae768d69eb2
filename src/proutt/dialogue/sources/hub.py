"""Data sets of the hub by name, `hf:owner/name` or `hf:owner/name:split`, streamed row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from proutt.dialogue.raw import Record
from proutt.dialogue.sources.columns import OF_A_MESSAGE, PLAIN
from proutt.dialogue.sources.naming import HUB, Source
from proutt.dialogue.sources.sniffing import MESSAGE_KEYS
from proutt.errors import UserError

DEFAULT_SPLIT = "train"


def hub_records(source: Source, load: Callable[..., Any] | None = None, *, whole: bool = False) -> Iterator[Record]:
    """A record for each row of the split (`train`, or the only one); rows count from 0.

    load is `datasets.load_dataset` or something that behaves like it; whole: rows with all of their columns. Raises
    UserError where the library is missing, the name or split is not there, or the hub fails.
    """
    load = load or _load_dataset(source)
    name, _, split = source.name.removeprefix(HUB).partition(":")
    position = 0
    try:
        rows = _chosen(source, load(name, streaming=True), split)
        for row in rows:
            yield Record(source.name, f"[{position}]", f"{name}-{position}", row if whole else _needed(row))
            position += 1
    except UserError:
        raise
    except Exception as error:  # whatever the library, its file systems or the network raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"the hub did not give row {position}: {reason}.",
            where=source.name,
            remedy="Check the name, your network, and your access to the data set.",
        ) from error


def _load_dataset(source: Source) -> Callable[..., Any]:
    try:
        from datasets import load_dataset
    except ImportError:
        raise UserError(
            "reading from the hub needs the library `datasets`.",
            where=source.name,
            remedy="Install it: pip install 'proutt[hub]'",
        ) from None
    loader: Callable[..., Any] = load_dataset
    return loader


def _chosen(source: Source, splits: dict[str, Any], split: str) -> Any:
    wanted = split or (DEFAULT_SPLIT if DEFAULT_SPLIT in splits or len(splits) != 1 else next(iter(splits)))
    if wanted not in splits:
        raise UserError(
            f"the data set has no split {wanted!r}.",
            where=source.name,
            remedy=f"Name one: {', '.join(f'{HUB}OWNER/NAME:{each}' for each in sorted(splits))}.",
        )
    return splits[wanted]


def _needed(row: dict[str, Any]) -> dict[str, Any]:
    """The row without the fields that no reader looks at, those that identify people among them."""
    kept = {key: value for key, value in row.items() if key in PLAIN}
    for key in MESSAGE_KEYS:
        if key in row:
            kept[key] = _messages(row[key])
    return kept


def _messages(value: Any) -> Any:
    if isinstance(value, dict):  # a sequence of structs comes as a struct of lists
        lists = {key: each for key, each in value.items() if key in OF_A_MESSAGE and isinstance(each, list)}
        return [dict(zip(lists, each, strict=False)) for each in zip(*lists.values(), strict=False)]
    if isinstance(value, list):
        return [
            {key: each[key] for key in each if key in OF_A_MESSAGE} if isinstance(each, dict) else each
            for each in value
        ]
    return value
