"""What an estimate's calls and tokens cost: by model and in all, live and in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from proutt.llm import ModelSpec, Usage
from proutt.prompts import Role
from proutt.runs.estimate_amounts import Amounts, Range, Table, amounts_of, counts_of, range_of
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import Counts
from proutt.runs.prices import Price, cost, price_of

#: Whether the calls of a step go in batches; None: the run has no batches.
InBatch = Callable[[str], bool] | None


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """One model's share: the roles it has, what it is asked, and what that costs; None where no price is known.

    money         every call live, every prompt token at the price of an uncomputed one
    money_cached  as `money`, cached prompt tokens at their own price; None where the price does not name it
    money_batch   what goes in batches at its price there; None where it is not known, or the run has no batches
    """

    model: str
    roles: tuple[str, ...]
    amounts: Amounts
    money: Range | None
    money_cached: Range | None
    money_batch: Range | None
    currency: str


@dataclass(frozen=True, slots=True)
class Money:
    """Of all models, as in `ModelEstimate`; None where one's is not known, or their currencies differ."""

    live: Range | None
    cached: Range | None
    batch: Range | None
    currency: str


def models_of(
    spec_of: Callable[[Role], ModelSpec],
    tables: Mapping[Course, Table],
    prices: Mapping[str, Price],
    in_batch: InBatch,
) -> tuple[ModelEstimate, ...]:
    """The models that a run asks, in the order of their roles."""
    roles_of: dict[str, list[str]] = {}
    specs: dict[str, ModelSpec] = {}
    used = {role for table in tables.values() for role, _ in table}
    for role in Role:
        if role.value in used:
            spec = spec_of(role)
            roles_of.setdefault(named(spec), []).append(role.value)
            specs[named(spec)] = spec
    found = []
    for name, roles in roles_of.items():
        price = price_of(specs[name], prices)
        own = {
            course: {place: each for place, each in table.items() if place[0] in roles}
            for course, table in tables.items()
        }
        found.append(
            ModelEstimate(
                name,
                tuple(roles),
                amounts_of(own),
                money=None if price is None else _live(own, price),
                money_cached=None if price is None or price.cached_input is None else _live(own, price, cached=True),
                money_batch=None if price is None or in_batch is None else _batch(own, price, in_batch),
                currency="" if price is None else price.currency,
            )
        )
    return tuple(found)


def named(spec: ModelSpec) -> str:
    """A model as the user knows it: its name, and its address where it has one."""
    return spec.model if spec.base_url is None else f"{spec.model} @ {spec.base_url}"


def _live(tables: Mapping[Course, Table], price: Price, *, cached: bool = False) -> Range:
    sums = {course: counts_of(table, lambda _role, _step: True) for course, table in tables.items()}
    return range_of({course: cost(_usage(each, cached=cached), price) for course, each in sums.items()})


def _batch(tables: Mapping[Course, Table], price: Price, in_batch: Callable[[str], bool]) -> Range | None:
    """Each step at the price that its calls have; None where that of a batch is not known."""
    if price.batch_share is None and not price.free:
        return None
    sums = {}
    for course, table in tables.items():
        parts = {
            False: counts_of(table, lambda _role, step: not in_batch(step)),
            True: counts_of(table, lambda _role, step: in_batch(step)),
        }
        sums[course] = sum(cost(_usage(each), price, batch=batch) for batch, each in parts.items())
    return range_of(sums)


def _usage(counts: Counts, *, cached: bool = False) -> Usage:
    known = round(counts.prompt_tokens - counts.computed) if cached else 0
    return Usage(round(counts.prompt_tokens), round(counts.completion_tokens), known)


def money_of(models: tuple[ModelEstimate, ...]) -> Money:
    """Money of all models; with caching too where one has a price for it."""
    if not models:  # nobody is asked
        return Money(Range(0.0, 0.0, 0.0), None, None, "")
    # What costs nothing costs nothing in every currency.
    paid = [each for each in models if each.money is None or each.money.high > 0]
    currencies = {each.currency for each in paid}
    if any(each.money is None for each in paid) or len(currencies) > 1:
        return Money(None, None, None, "")
    any_cached = any(each.money_cached is not None for each in paid)
    return Money(
        live=_added(each.money for each in paid),
        cached=_added(each.money_cached or each.money for each in paid) if any_cached else None,
        batch=_added(each.money_batch for each in (paid or models)),
        currency=next(iter(currencies), models[0].currency),
    )


def _added(ranges: Iterable[Range | None]) -> Range | None:
    """The sum; None where a part is not known."""
    low = expected = high = 0.0
    for each in ranges:
        if each is None:
            return None
        low, expected, high = low + each.low, expected + each.expected, high + each.high
    return Range(low, expected, high)
