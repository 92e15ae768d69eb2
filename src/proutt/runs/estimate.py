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
from typing import Any, Literal

from proutt.dialogue import Dialogue
from proutt.llm import ModelSpec
from proutt.methods.proutt import selected_ks
from proutt.prompts import Role
from proutt.runs.config import SynthesisConfig
from proutt.runs.estimate_amounts import Amounts, Range, Table, Wanted, amounts_of
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_baselines import MAKERS, rehearse_baseline
from proutt.runs.estimate_basis import Basis, rests_on
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import ModelEstimate, models_of, money_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Setting, StandIn, rehearse, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.prices import Price, shipped_prices

#: How calls go in batches: to a Batch API, or all of them as files for a runner.
Batches = Literal["api", "files"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    turns        (dialogue, K) that are asked for; sampled: of how many dialogues it was rehearsed, None: of all
    money        of all models, every call live; None where a price is not known, or their currencies differ
    money_cached, money_batch  as in `ModelEstimate`
    pilot        of how many dialogues a run would measure the model; None: it is measured, or there are too few
    rests_on     what the numbers rest on, a sentence each
    seconds      time, at the pace of the run that was measured; None where no pace is known
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
    seconds: Range | None = None


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
    sample = sample_of(dialogues, lambda each: len(selected_ks(each, setting.settings)), decided.seed, exact)

    async def turn(dialogue: Dialogue, ask: StandIn) -> None:
        await (
            rehearse(dialogue, ask) if decided.method == "proutt" else rehearse_baseline(decided.method, dialogue, ask)
        )

    tables = asyncio.run(
        rehearsed(sample, decided.seed, lambda course, draws: stand_in(setting, known, course, draws, MAKERS), turn)
    )
    in_batch = None if batch is None else _in_batch(batch, sample)
    table = shipped_prices() if prices is None else prices
    basis = Basis(decided, known, sample, measured=profile is not None, batch=batch)
    return estimate_of(
        sample,
        tables,
        models_of(decided.spec, tables, table, in_batch),
        pilot=_pilot(sample) if known.foreign and decided.method == "proutt" else None,
        rests_on=tuple(rests_on(basis)),
    )


def estimate_of(
    sample: Sample[Any],
    tables: Mapping[Course, Table],
    models: tuple[ModelEstimate, ...],
    *,
    pilot: int | None,
    rests_on: tuple[str, ...],
) -> Estimate:
    """The estimate that rehearsals over a sample make."""
    money = money_of(models)
    return Estimate(
        dialogues=sample.dialogues,
        turns=sample.items,
        sampled=sample.sampled,
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
        rests_on=rests_on,
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


def _pilot(sample: Sample[Any]) -> int | None:
    """Dialogues of a run that would measure the model; None where the whole input is not much larger."""
    if not sample.items:
        return None
    dialogues = max(PILOT_DIALOGUES, round(PILOT_TURNS * sample.dialogues / sample.items))
    return dialogues if dialogues <= sample.dialogues / 2 else None


def _in_batch(batch: Batches, sample: Sample[Any]) -> Callable[[str], bool]:
    """Whether the calls of a step go in a batch: as files all do; to a Batch API those that are many enough at once.

    Dialogues are annotated side by side, and so are the turns worked on.
    """
    from proutt.llm.batch import LEAST

    least = LEAST if batch == "api" else 0
    return lambda step: (sample.with_items if step == "annotate" else sample.items) >= least


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
