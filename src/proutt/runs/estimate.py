"""What a run will take, before anything is spent: calls, tokens with and without prefix caching, money; as ranges.

The dialogues are streamed once, and Algorithm 1, or a baseline, is rehearsed over them (`estimate_rehearsal.py`,
`estimate_baselines.py`): prompts are the real ones; answers, scores and further tries are as they were measured in a
run (`estimate_profile.py`). No network.

    low       every turn in its cheapest branch, first answers usable, one verification
    expected  as measured
    high      every turn in its dearest branch, every edit tried as often as it may be
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from proutt.dialogue import Dialogue
from proutt.llm import ModelSpec
from proutt.methods.proutt import selected_ks
from proutt.prompts import Role
from proutt.runs.config import SynthesisConfig
from proutt.runs.estimate_amounts import Amounts, Range, Table, Wanted, amounts_of
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_baselines import MAKERS, rehearse_baseline
from proutt.runs.estimate_basis import Basis, rests_on
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import ModelEstimate, models_of, money_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Counts, Setting, rehearse, stand_in
from proutt.runs.prices import Price, shipped_prices

#: How calls go in batches: to a Batch API, or all of them as files for a runner.
Batches = Literal["api", "files"]

#: Up to so many dialogues all are rehearsed; of more, a sample of so many.
EXACT = 2000
#: Low and high come from so many of them.
EDGES = 100
#: A small input is rehearsed again and again until so many turns were seen: the expected course, the others.
TURNS, EDGE_TURNS = 200, 50
_MOST_REPEATS = 40


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    turns        (dialogue, K) that are asked for; sampled: of how many dialogues it was rehearsed, None: of all
    money        of all models, every call live; None where a price is not known, or their currencies differ
    money_cached, money_batch  as in `ModelEstimate`
    pilot        of how many dialogues a run would measure the model; None: it is measured, or there are too few
    rests_on     what the numbers rest on, a sentence each
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
    money_batch: Range | None
    currency: str
    pilot: int | None
    rests_on: tuple[str, ...]


def estimate(
    config: SynthesisConfig,
    dialogues: Iterable[Dialogue],
    *,
    prices: Mapping[str, Price] | None = None,
    profile: Profile | None = None,
    batch: Batches | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    profile  what a run of the same models measured (`profile_of`); without one, what ships with the package
    batch    how the calls go in batches; None: they go live
    exact    most dialogues that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where the configuration contradicts itself.
    """
    decided = config.resolved()
    setting = _setting(decided)
    known = profile or _shipped(decided)
    sample = _sample(dialogues, setting, exact)
    tables = asyncio.run(_rehearsed(sample, setting, known, decided.method))
    in_batch = None if batch is None else _in_batch(batch, sample)
    models = models_of(decided.spec, tables, shipped_prices() if prices is None else prices, in_batch)
    money = money_of(models)
    sampled = None if len(sample.kept) == sample.with_turns else len(sample.kept)
    pilot = _pilot(sample) if known.foreign and decided.method == "proutt" else None
    basis = Basis(decided, known, sampled, sample.with_turns, measured=profile is not None, batch=batch)
    return Estimate(
        dialogues=sample.dialogues,
        turns=sample.turns,
        sampled=sampled,
        total=amounts_of(tables),
        by_step={
            name: amounts_of(tables, _by_step(name))
            for name in sorted({step for table in tables.values() for _, step in table})
        },
        by_role={
            role.value: amounts_of(tables, _by_role(role.value))
            for role in Role
            if any(other == role.value for table in tables.values() for other, _ in table)
        },
        models=models,
        money=money.live,
        money_cached=money.cached,
        money_batch=money.batch,
        currency=money.currency,
        pilot=pilot,
        rests_on=tuple(rests_on(basis)),
    )


def _by_step(name: str) -> Wanted:
    return lambda _role, step: step == name


def _by_role(name: str) -> Wanted:
    return lambda role, _step: role == name


def _shipped(config: SynthesisConfig) -> Profile:
    """What ships and is nearest to the run: texts by the size of the steps, scores by what judges.

    It is foreign to all models but the embedded one, which it was measured with.
    """
    if config.method != "proutt":
        return replace(MEASURED if config.embedded else LARGE, foreign=True)
    if config.embedded:
        return MEASURED
    texts = MEASURED if config.small_steps else LARGE
    judged = MEASURED if config.judge == "embedding" else LARGE
    return replace(texts, predicted=judged.predicted, chosen=judged.chosen, rejected=judged.rejected, foreign=True)


#: A run of so many turns measures its model (docs/cost.md); of fewer dialogues than that it tells little of others.
PILOT_TURNS, PILOT_DIALOGUES = 100, 20


def _pilot(sample: _Sample) -> int | None:
    """Dialogues of a run that would measure the model; None where the whole input is not much larger."""
    if not sample.turns:
        return None
    dialogues = max(PILOT_DIALOGUES, round(PILOT_TURNS * sample.dialogues / sample.turns))
    return dialogues if dialogues <= sample.dialogues / 2 else None


def _in_batch(batch: Batches, sample: _Sample) -> Callable[[str], bool]:
    """Whether the calls of a step go in a batch: as files all do; to a Batch API those that are many enough at once.

    Dialogues are annotated side by side, and so are the turns worked on.
    """
    from proutt.llm.batch import LEAST

    least = LEAST if batch == "api" else 0
    return lambda step: (sample.with_turns if step == "annotate" else sample.turns) >= least


def _setting(config: SynthesisConfig) -> Setting:
    """Raises UserError where the configuration contradicts itself."""
    roles = [role for role in config.opened_roles if role is not Role.JUDGE or config.judge != "embedding"]
    specs = {role.value: config.spec(role) for role in roles}
    return Setting(
        settings=config.settings(),
        context_tokens=min((context_tokens_of(spec) for spec in specs.values()), default=0),
        judge_calls=config.judge != "embedding",
        model_of={role: named(spec) for role, spec in specs.items()},
        thinking_tokens={role: 0 if spec.embedded else spec.thinking_tokens for role, spec in specs.items()},
    )


def context_tokens_of(spec: ModelSpec) -> int:
    """Most tokens of prompt and answer at a model, before it is opened."""
    from proutt.llm.embedded import CONTEXT_TOKENS
    from proutt.llm.models import ENDPOINT_CONTEXT_TOKENS

    if spec.embedded:
        return spec.context_tokens or CONTEXT_TOKENS
    return (spec.context_tokens or ENDPOINT_CONTEXT_TOKENS) - spec.thinking_tokens


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


async def _rehearsed(sample: _Sample, setting: Setting, profile: Profile, method: str) -> dict[Course, Table]:
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
            ask = stand_in(setting, profile, course, draws, MAKERS)
            for dialogue in kept:
                await (rehearse(dialogue, ask) if method == "proutt" else rehearse_baseline(method, dialogue, ask))
            for place, each in ask.counts.items():
                table.setdefault(place, Counts()).add(each, sample.turns / turns / repeats)
        found[course] = table
    return found


_COURSES: tuple[Course, ...] = ("kept", "revised", "expected", "high")
