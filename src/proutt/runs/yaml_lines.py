"""YAML files that people write: read with their lines, so that an error can name one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from proutt.errors import UserError


def read_yaml(path: Path, *, remedy: str) -> tuple[Any, yaml.Node | None]:
    """What the file says, and its nodes with their lines; both None of an empty file.

    Raises UserError, with the remedy where the file can't be read, and with the line where it is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"can't be read ({reason}).", where=str(path), remedy=remedy) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UserError(f"not YAML ({getattr(error, 'problem', error)}).", where=f"{path}{line}") from None


def refuse_doubles(node: yaml.Node | None, path: Path) -> None:
    """Raise UserError where a mapping names a key twice: of two values, YAML would quietly take the last."""
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if str(key.value) in seen:
            where = f"{path}:{key.start_mark.line + 1}"
            raise UserError(f"the key {key.value!r} is there twice.", where=where, remedy="Keep one.")
        seen.add(str(key.value))
        refuse_doubles(value, path)


def line_of(node: yaml.Node, place: Sequence[int | str]) -> int:
    """The line, from 1, of the key (or of the list's entry) at that place, as near as the file has it."""
    line = node.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if str(key.value) == str(part)]
            if not found:
                break
            line, node = found[-1][0].start_mark.line + 1, found[-1][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
