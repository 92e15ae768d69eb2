"""Thresholds of an audit as a user writes them, YAML by check:

    language-mismatch: 0.02            # the check's own limit
    low-contrast:
      limit: 0.2
      similarity: 0.95                 # a further figure of it

`proutt audit --list` shows every check with its figures. An unknown key is an error that names line and nearest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from proutt.errors import UserError
from proutt.quality.audit.check import Check
from proutt.quality.audit.checks import nearest


def read_thresholds(path: Path, checks: Mapping[str, Check]) -> dict[str, dict[str, float]]:
    """The figures by check and name ("limit", or a parameter's).

    Raises UserError, naming file and line, where it is no YAML, a key is unknown or there twice, or a value is not
    in 0..1.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"can't be read ({reason}).", where=str(path), remedy="Mend --thresholds.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", error)
        raise UserError(f"not YAML ({problem}).", where=f"{path}{line}", remedy="Mend the line.") from None
    if node is None:
        return {}
    figures: dict[str, dict[str, float]] = {}
    for name, value, where in _entries(node, path, checks):
        known = ("limit", *checks[name].parameters)
        if isinstance(value, yaml.MappingNode):
            figures[name] = {key: _number(each, at) for key, each, at in _entries(value, path, known)}
        else:
            figures[name] = {"limit": _number(value, where)}
    return figures


def _entries(
    node: yaml.Node, path: Path, known: Mapping[str, Check] | tuple[str, ...]
) -> Iterator[tuple[str, yaml.Node, str]]:
    """Key, value and place of each entry of a mapping."""
    where = f"{path}:{node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        raise UserError("a file of thresholds holds checks and numbers.", where=where, remedy="Write `check: 0.01`.")
    seen: set[str] = set()
    for key, value in node.value:
        name, where = str(key.value), f"{path}:{key.start_mark.line + 1}"
        if name not in known:
            raise UserError(f"unknown key {name!r}.", where=where, remedy=nearest(name, known))
        if name in seen:
            raise UserError(f"the key {name!r} is there twice.", where=where, remedy="Keep one.")
        seen.add(name)
        yield name, value, where


def _number(node: yaml.Node, where: str) -> float:
    try:
        value = float(node.value) if isinstance(node, yaml.ScalarNode) else float("nan")
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:  # false for NaN
        raise UserError("the value is no number from 0 to 1.", where=where, remedy="Write a share: 0.02 for 2%.")
    return value
