"""What a run will take, before anything is spent: calls, tokens with and without prefix caching, money; as ranges.

The dialogues are streamed once, and Algorithm 1 is rehearsed over them (`estimate_rehearsal.py`): prompts are the real
ones; answers, scores and further tries are as they were measured in a run (`estimate_profile.py`). No network.

    low       every turn in its cheapest branch, first answers usable, one verification
    expected  as measured
    high      every turn in its dearest branch, every edit tried as often as it may be
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from proutt.dialogue import Dialogue
from proutt.llm import ModelSpec, Usage
from proutt.methods.proutt import selected_ks
from proutt.prompts import Role
from proutt.runs.config import SynthesisConfig
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Counts, Setting, rehearse, stand_in
from proutt.runs.prices import Price, cost, price_of, shipped_prices

#: Up to so many dialogues all are rehearsed; of more, a sample of so many.
EXACT = 2000
#: Low and high come from so many of them.
EDGES = 100
#: A small input is rehearsed again and again until so many turns were seen: the expected course, the others.
TURNS, EDGE_TURNS = 200, 50
_MOST_REPEATS = 40


@dataclass(frozen=True, slots=True)
class Range:
    """low ≤ expected ≤ high."""

    low: float
    expected: float
    high: float

    def rounded(self) -> Range:
        return Range(round(self.low), round(self.expected), round(self.high))


@dataclass(frozen=True, slots=True)
class Amounts:
    """Calls and tokens. prompt_tokens_computed: those that a server with prefix caching computes."""

    calls: Range
    prompt_tokens: Range
    prompt_tokens_computed: Range
    completion_tokens: Range


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """One model's share: the roles it has, what it is asked, and what that costs; None where no price is known.

    money         every prompt token at the price of an uncomputed one
    money_cached  cached ones at their own price; None where the price does not name it
    """

    model: str
    roles: tuple[str, ...]
    amounts: Amounts
    money: Range | None
    money_cached: Range | None
    currency: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    turns     (dialogue, K) that are asked for; sampled: of how many dialogues it was rehearsed, None: of all
    money     of all models; None where a price is not known, or their currencies differ
    rests_on  what the numbers rest on, a sentence each
    """

    dialogues: int
    turns: int
    sampled: int | None
    total: Amounts
    by_step: Mapping[str, Amounts]
    by_role: Mapping[str, Amounts]
    models: tuple[ModelEstimate, ...]
    money: Range | None
    money_cached: Range | None
    currency: str
    rests_on: tuple[str, ...]


Table = dict[tuple[str, str], Counts]


def estimate(
    config: SynthesisConfig,
    dialogues: Iterable[Dialogue],
    *,
    prices: Mapping[str, Price] | None = None,
    profile: Profile | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    profile  what a run of the same models measured (`profile_of`); without one, what ships with the package
    exact    most dialogues that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where the configuration contradicts itself.
    """
    decided = config.resolved()
    setting = _setting(decided)
    known = profile or _shipped(decided)
    sample = _sample(dialogues, setting, exact)
    tables = asyncio.run(_rehearsed(sample, setting, known))
    models = _models(decided, tables, shipped_prices() if prices is None else prices)
    money, money_cached, currency = _money(models)
    return Estimate(
        dialogues=sample.dialogues,
        turns=sample.turns,
        sampled=None if len(sample.kept) == sample.with_turns else len(sample.kept),
        total=_amounts(tables, lambda _role, _step: True),
        by_step={
            name: _amounts(tables, lambda _role, step, name=name: step == name)
            for name in sorted({step for table in tables.values() for _, step in table})
        },
        by_role={
            role.value: _amounts(tables, lambda other, _step, role=role.value: other == role)
            for role in Role
            if any(other == role.value for table in tables.values() for other, _ in table)
        },
        models=models,
        money=money,
        money_cached=money_cached,
        currency=currency,
        rests_on=tuple(_rests_on(decided, known, sample, measured=profile is not None)),
    )


def _shipped(config: SynthesisConfig) -> Profile:
    """What ships: measured with the embedded model, whose answers tell little of another's."""
    return MEASURED if config.embedded else replace(MEASURED, foreign=True)


def _setting(config: SynthesisConfig) -> Setting:
    """Raises UserError where the configuration contradicts itself."""
    roles = [role for role in Role if role is not Role.JUDGE or config.judge != "embedding"]
    specs = {role.value: config.spec(role) for role in roles}
    return Setting(
        settings=config.settings(),
        context_tokens=min(_context_tokens(spec) for spec in specs.values()),
        judge_calls=config.judge != "embedding",
        model_of={role: _named(spec) for role, spec in specs.items()},
        thinking_tokens={role: 0 if spec.embedded else spec.thinking_tokens for role, spec in specs.items()},
    )


def _context_tokens(spec: ModelSpec) -> int:
    from proutt.llm.embedded import CONTEXT_TOKENS
    from proutt.llm.models import ENDPOINT_CONTEXT_TOKENS

    if spec.embedded:
        return spec.context_tokens or CONTEXT_TOKENS
    return (spec.context_tokens or ENDPOINT_CONTEXT_TOKENS) - spec.thinking_tokens


def _named(spec: ModelSpec) -> str:
    return spec.model if spec.base_url is None else f"{spec.model} @ {spec.base_url}"


# Which dialogues are rehearsed.


@dataclass
class _Sample:
    """The dialogues to rehearse, in the order of the input, and how many there are in all."""

    kept: list[Dialogue]
    dialogues: int = 0
    with_turns: int = 0
    turns: int = 0

    def turns_of(self, kept: list[Dialogue], setting: Setting) -> int:
        return sum(len(selected_ks(each, setting.settings)) for each in kept)


def _sample(dialogues: Iterable[Dialogue], setting: Setting, exact: int) -> _Sample:
    """All dialogues up to `exact`, else as many of them by chance, each as likely as any other (keyed by the seed)."""
    rng = Random(f"{setting.settings.seed}/estimate")
    sample = _Sample([])
    places: list[int] = []
    for dialogue in dialogues:
        sample.dialogues += 1
        turns = len(selected_ks(dialogue, setting.settings))
        if not turns:
            continue
        sample.turns += turns
        sample.with_turns += 1
        if len(sample.kept) < exact:
            sample.kept.append(dialogue)
            places.append(sample.with_turns)
        else:
            at = rng.randrange(sample.with_turns)
            if at < exact:
                sample.kept[at], places[at] = dialogue, sample.with_turns
    order = sorted(range(len(places)), key=places.__getitem__)
    sample.kept = [sample.kept[at] for at in order]
    return sample


async def _rehearsed(sample: _Sample, setting: Setting, profile: Profile) -> dict[Course, Table]:
    """Course → (role, step) → what all dialogues of the input take."""
    every = max(1, len(sample.kept) // EDGES)
    edges = sample.kept[::every]
    found: dict[Course, Table] = {}
    for course in _COURSES:
        kept = sample.kept if course == "expected" else edges
        turns = sample.turns_of(kept, setting)
        least = TURNS if course == "expected" else EDGE_TURNS
        repeats = min(-(-least // turns), _MOST_REPEATS) if turns else 0
        draws = Draws(f"{setting.settings.seed}/estimate/{course}")
        table: Table = {}
        for _ in range(repeats):
            ask = stand_in(setting, profile, course, draws)
            for dialogue in kept:
                await rehearse(dialogue, ask)
            for place, each in ask.counts.items():
                table.setdefault(place, Counts()).add(each, sample.turns / turns / repeats)
        found[course] = table
    return found


_COURSES: tuple[Course, ...] = ("kept", "revised", "expected", "high")


# From counts to amounts and money.


def _amounts(tables: Mapping[Course, Table], wanted: Any) -> Amounts:
    sums = {course: _sum(table, wanted) for course, table in tables.items()}
    return Amounts(
        *(_range({course: getattr(each, name) for course, each in sums.items()}).rounded() for name in _NAMES)
    )


_NAMES = ("calls", "prompt_tokens", "computed", "completion_tokens")


def _sum(table: Table, wanted: Any) -> Counts:
    total = Counts()
    for (role, step), counts in table.items():
        if wanted(role, step):
            total.add(counts)
    return total


def _range(values: Mapping[Course, float]) -> Range:
    """Low is the cheaper of the two cheap courses; the order holds whatever was drawn."""
    expected = values["expected"]
    return Range(min(values["kept"], values["revised"], expected), expected, max(values["high"], expected))


def _models(
    config: SynthesisConfig, tables: Mapping[Course, Table], prices: Mapping[str, Price]
) -> tuple[ModelEstimate, ...]:
    roles_of: dict[str, list[str]] = {}
    specs: dict[str, ModelSpec] = {}
    used = {role for table in tables.values() for role, _ in table}
    for role in Role:
        if role.value in used:
            spec = config.spec(role)
            roles_of.setdefault(_named(spec), []).append(role.value)
            specs[_named(spec)] = spec
    found = []
    for name, roles in roles_of.items():
        price = price_of(specs[name], prices)
        sums = {course: _sum(table, lambda role, _, roles=roles: role in roles) for course, table in tables.items()}
        money = money_cached = None
        if price is not None:
            money = _range({course: _cost(each, price, cached=False) for course, each in sums.items()})
            if price.cached_input is not None:
                money_cached = _range({course: _cost(each, price, cached=True) for course, each in sums.items()})
        amounts = _amounts(tables, lambda role, _, roles=roles: role in roles)
        currency = "" if price is None else price.currency
        found.append(ModelEstimate(name, tuple(roles), amounts, money, money_cached, currency))
    return tuple(found)


def _cost(counts: Counts, price: Price, *, cached: bool) -> float:
    known = round(counts.prompt_tokens - counts.computed) if cached else 0
    return cost(Usage(round(counts.prompt_tokens), round(counts.completion_tokens), known), price)


def _money(models: tuple[ModelEstimate, ...]) -> tuple[Range | None, Range | None, str]:
    """Money of all models, with caching too where one has a price for it, and the currency."""
    # What costs nothing costs nothing in every currency.
    paid = [each for each in models if each.money is None or each.money.high > 0]
    currencies = {each.currency for each in paid}
    if any(each.money is None for each in paid) or len(currencies) > 1 or not models:
        return None, None, ""
    money = _added(each.money for each in paid if each.money is not None)
    cached = [each.money_cached or each.money for each in paid]
    any_cached = any(each.money_cached is not None for each in paid)
    currency = next(iter(currencies), models[0].currency)
    return money, _added(each for each in cached if each is not None) if any_cached else None, currency


def _added(ranges: Iterable[Range]) -> Range:
    low = expected = high = 0.0
    for each in ranges:
        low, expected, high = low + each.low, expected + each.expected, high + each.high
    return Range(low, expected, high)


# What it rests on.


def _rests_on(config: SynthesisConfig, profile: Profile, sample: _Sample, *, measured: bool) -> Iterator[str]:
    yield "Prompts are the real ones of these dialogues; intent trees are made up, since nothing is annotated yet."
    if len(sample.kept) < sample.with_turns:
        yield (
            f"A sample of {len(sample.kept)} of {sample.with_turns} dialogues was rehearsed, drawn by the seed, and "
            "multiplied by the number of turns."
        )
    tries = config.verify_tries if config.verify else 1
    edits = f"{tries} edits" if tries > 1 else "one edit"
    empty = f"{profile.empty.mean:.0%} of turns without a new intent"
    yield (f"Expected: answer lengths, judge scores, further tries and {empty} as measured on {profile.basis}.")
    if not measured and not config.embedded:
        yield (
            "Nothing was measured with your model: its answers are taken to be as long as the embedded model's and "
            "usable at once; in high, as long as the schemas allow and asked again as often as the embedded model's. "
            "A small run with it tells more (docs/cost.md)."
        )
    if not measured and config.thinking_tokens:
        yield "Thinking was not measured: none in low, half of the room in expected, all of it in high."
    yield (
        "Low: each turn in its cheapest branch, first answers usable, one verification. High: the dearest branch, "
        f"{edits} of each side, further tries at their upper 95 %. Neither is a bound."
    )
    yield (
        "Tokens are counted by a rule fitted to the Qwen2.5 tokenizer"
        + (" and to that run's own counts." if measured else "; other tokenizers differ.")
    )
    yield (
        "With prefix caching: a server that keeps the prompts of the dialogues at work; in high, one that keeps the "
        "last two prompts alone."
    )
