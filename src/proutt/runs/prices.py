"""What a model's tokens cost: a small table that ships with the package, and the user's own over it.

A price that nobody gave is not known (None), never 0: money is then "unknown". No network is asked.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from proutt.errors import UserError
from proutt.llm import ModelSpec, Usage
from proutt.llm.address import base_url_of, base_urls_of

#: Names the user's file of prices.
PRICES_VARIABLE = "PROUTT_PRICES"
CURRENCY = "USD"
_MILLION = 1_000_000
_NUMBERS = ("input", "output", "cached_input", "batch_share")
_FIELDS = (*_NUMBERS, "currency")


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens.

    input, output  of prompt tokens and of answer tokens, thinking included
    cached_input   of prompt tokens that the server had computed before; None: as `input`
    batch_share    what a call in a batch costs, as a share (0..1) of a live one; None: not known
    currency       three capital letters
    """

    input: float
    output: float
    cached_input: float | None = None
    batch_share: float | None = None
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        """Raises ValueError, naming the field, where a value can't be."""
        for name in _NUMBERS:
            value = getattr(self, name)
            missing = value is None and name in {"cached_input", "batch_share"}
            if not missing and not (_is_number(value) and value >= 0):
                raise ValueError(f"{name}: {value!r} is not a number of 0 or more")
        if self.batch_share is not None and self.batch_share > 1:
            raise ValueError(f"batch_share: {self.batch_share!r} is above 1")
        if not isinstance(self.currency, str) or not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"currency: {self.currency!r} is not a code such as USD")

    @property
    def free(self) -> bool:
        """Whether a token costs nothing, live or in a batch."""
        return not (self.input or self.output or self.cached_input)

    def as_dict(self) -> dict[str, Any]:
        """The fields that are set, as the table's file has them."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return {name: value for name, value in values.items() if value is not None and (name, value) != _DEFAULT}


_DEFAULT = ("currency", CURRENCY)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def cost(usage: Usage, price: Price, *, batch: bool = False) -> float:
    """What a usage costs, in the price's currency. Cached tokens count at their own price where it is known.

    batch  the calls go as a batch. Raises ValueError where the price does not say what that costs.
    """
    if price.free:
        return 0.0
    cached_price = price.input if price.cached_input is None else price.cached_input
    fresh = usage.prompt_tokens - usage.cached_tokens
    live = fresh * price.input + usage.cached_tokens * cached_price + usage.completion_tokens * price.output
    if batch and price.batch_share is None:
        raise ValueError("this price has no batch_share")
    return live * (price.batch_share or 0.0 if batch else 1.0) / _MILLION


def price_of(spec: ModelSpec, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model, or None where the table does not know it.

    The most specific key counts: `model @ base_url`, then `model`, then the longest one that ends with `*` and begins
    as the model's name does. Of several addresses of one model, the first counts.
    """
    keys = [spec.model]
    if spec.base_url is not None:
        keys.insert(0, f"{spec.model} @ {base_urls_of(spec.base_url)[0]}")
    for key in keys:
        if key in prices:
            return prices[key]
    patterns = [key for key in prices if key.endswith("*") and spec.model.startswith(key[:-1])]
    return prices[max(patterns, key=len)] if patterns else None


def prices_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's file of prices; it need not be there."""
    if environ.get(PRICES_VARIABLE):
        return Path(environ[PRICES_VARIABLE]).expanduser()
    home = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "proutt" / "prices.yaml"


def shipped_prices() -> dict[str, Price]:
    """The table of the package."""
    place = files("proutt.runs").joinpath("prices.yaml")
    return table_in(place.read_text(encoding="utf-8"), "prices.yaml")


def own_prices(environ: Mapping[str, str] = os.environ) -> dict[str, Price]:
    """The user's table; empty where there is no file. Raises UserError naming file and line."""
    path = prices_path(environ)
    return table_in(table_text(path), str(path))


def read_prices(environ: Mapping[str, str] = os.environ) -> dict[str, Price]:
    """The user's table over the package's.

    Raises UserError, naming file and line, where the user's can't be read or holds what is no price, and where the file
    that $PROUTT_PRICES names is not there.
    """
    path = prices_path(environ)
    if environ.get(PRICES_VARIABLE) and not path.exists():
        raise UserError(
            "there is no such file of prices.",
            where=str(path),
            remedy=f"Mend {PRICES_VARIABLE}, or make it with proutt models prices --set.",
        )
    return {**shipped_prices(), **own_prices(environ)}


def table_text(path: Path) -> str:
    """The text of the user's file; "" where there is none. Raises UserError where it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"can't be read ({reason}).", where=str(path), remedy="Mend the file of prices.") from None


def key_of(name: str) -> str:
    """A table's key in its one form: `model`, or `model @ base_url` with the address as it is used.

    Raises UserError where it names no model or its address is none.
    """
    model, at, address = name.partition(" @ ")
    if not model.strip() or (at and not address.strip()):
        raise UserError(f"{name!r} names no model.", remedy="Write MODEL, or 'MODEL @ BASE_URL'.")
    return f"{model.strip()} @ {base_url_of(address)}" if at else model.strip()


def entries_of(text: str, where: str) -> yaml.MappingNode | None:
    """The mapping that a table's text is; None where the text is empty. Raises UserError."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UserError(f"not YAML ({getattr(error, 'problem', error)}).", where=f"{where}{line}") from None
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        raise UserError("a file of prices holds models and their prices.", where=f"{where}:1", remedy=_EXAMPLE)
    return node


_EXAMPLE = "Write lines such as  my-model: {input: 0.15, output: 0.60}"


def table_in(text: str, where: str) -> dict[str, Price]:
    """The prices in a table's text, by their keys' one form. Raises UserError naming file and line."""
    root = entries_of(text, where)
    found: dict[str, Price] = {}
    for key, value in [] if root is None else root.value:
        place = f"{where}:{key.start_mark.line + 1}"
        try:
            name = key_of(str(key.value))
        except UserError as error:
            raise UserError(error.message, where=place, remedy=error.remedy) from None
        if name in found:
            raise UserError(f"the model {name!r} is there twice.", where=place, remedy="Keep one.")
        found[name] = _price(value, where)
    return found


def _price(node: yaml.Node, where: str) -> Price:
    """The price at a node of a table. Raises UserError naming file and line."""
    place = f"{where}:{node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        raise UserError("a price has input and output.", where=place, remedy=_EXAMPLE)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name not in _FIELDS or name in values:
            nearest = difflib.get_close_matches(name, _FIELDS, n=1)
            remedy = f"Did you mean {nearest[0]!r}?" if nearest else f"Known keys: {', '.join(_FIELDS)}."
            problem = f"the key {name!r} is there twice." if name in values else f"unknown key {name!r}."
            raise UserError(problem, where=f"{where}:{line}", remedy="Keep one." if name in values else remedy)
        values[name], lines[name] = _scalar(value), line
    missing = [name for name in ("input", "output") if name not in values]
    if missing:
        raise UserError(f"the price lacks {' and '.join(missing)}.", where=place, remedy=_EXAMPLE)
    try:
        return Price(**values)
    except ValueError as error:
        line = lines.get(str(error).partition(":")[0], node.start_mark.line + 1)
        raise UserError(f"{error}.", where=f"{where}:{line}", remedy="Prices are per million tokens.") from None


def _scalar(node: yaml.Node) -> Any:
    """The value of a node, as YAML reads it; its text where that is no plain value."""
    try:
        return yaml.safe_load(yaml.serialize(node))
    except yaml.YAMLError:
        return str(node.value)
