"""What a run of SynPT will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the seeds, with a stand-in for both agents' models. How many intentions an initial
inquiry names, and who is reluctant, is drawn as the run draws it, so the turns are nearly those of the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from proutt.errors import ItemFailed, UserError
from proutt.intent.task import Seed, Task
from proutt.methods.proutt import Settings
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.prediction.estimate_like import Measures, measures_of
from proutt.runs.estimate import Estimate, context_tokens_of, estimate_of
from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_basis import THINKING, of_tokens, sampled_of
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import models_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Counts, Setting, StandIn, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.journal import Journal
from proutt.runs.prices import Price, shipped_prices
from proutt.simulation.synpt.config import ROLES, SynPTConfig
from proutt.simulation.synpt.estimate_answers import RehearsedAgents, tired_after
from proutt.simulation.synpt.run import steps_of

#: About how many turns a dialogue has.
_TURNS = 4
#: What must be the same for a run to tell of another.
_SAME = ("method", "ablate", "reflection", "require_valid", "valid_tries", "small_steps")


def estimate(
    config: SynPTConfig,
    seeds: Iterable[Seed],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    like     the journal of a run of the same models and settings, whose measures the estimate takes
    exact    most seeds that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where `like` can't tell of this run, or where the
    configuration contradicts itself.
    """
    decided = config.resolved()
    profile = replace(MEASURED if decided.small_steps else LARGE, foreign=True)
    rehearsal = _Rehearsal(decided, decided.settings(), profile)
    measures = None if like is None else _measures_in(like, rehearsal)
    sample = sample_of(seeds, lambda _: 1, decided.seed, exact)
    tables = asyncio.run(rehearsed(sample, decided.seed, rehearsal.stand_in, rehearsal.dialogue, turns=_TURNS))
    if measures is not None:
        tables = measures.applied(tables["expected"])
    elif decided.require_valid:
        tables = {**tables, "high": _times(tables["high"], decided.valid_tries)}
    models = models_of(decided.spec, tables, shipped_prices() if prices is None else prices, None)
    rests_on = tuple(_rests_on(decided, profile, sample, measures))
    found = estimate_of(sample, tables, models, pilot=None, rests_on=rests_on)
    pace = None if measures is None else measures.seconds_per_call
    return found if pace is None else replace(found, seconds=found.total.calls.times(pace))


@dataclass(frozen=True)
class _Rehearsal:
    """One method, rehearsed. config: a resolved one."""

    config: SynPTConfig
    settings: SynPTSettings
    profile: Profile

    @property
    def setting(self) -> Setting:
        specs = {role.value: self.config.spec(role) for role in ROLES}
        return Setting(
            settings=Settings(seed=self.config.seed),
            context_tokens=min(context_tokens_of(spec) for spec in specs.values()),
            judge_calls=False,
            model_of={role: named(spec) for role, spec in specs.items()},
            thinking_tokens={role: 0 if spec.embedded else spec.thinking_tokens for role, spec in specs.items()},
        )

    def stand_in(self, course: Course, draws: Draws) -> StandIn:
        return stand_in(self.setting, self.profile, course, draws)

    async def dialogue(self, seed: Seed, ask: StandIn) -> None:
        """Have the stand-in asked all that one dialogue takes; its counts grow."""
        agents = RehearsedAgents(ask, seed, tired_after(seed, ask.course))
        once = self.settings.model_copy(update={"require_valid": False})  # what stands in is not to be checked
        with suppress(ItemFailed):
            await simulate_dialogue(seed, settings=once, steps=steps_of(once, agents), ask=agents)

    def of(self, seeds: Sequence[Seed]) -> Table:
        """What these seeds take, as expected."""
        ask = self.stand_in("expected", Draws(f"{self.config.seed}/estimate/like"))

        async def all_of() -> None:
            for seed in seeds:
                await self.dialogue(seed, ask)

        asyncio.run(all_of())
        return ask.counts


def _measures_in(journal: Journal, rehearsal: _Rehearsal) -> Measures:
    """What a run tells of one to come. Raises UserError where it made no dialogue, or with other settings."""
    made, where = journal.config() or {}, str(journal.path)
    records = [SynPTDialogue.model_validate_json(item.record) for item, _ in journal.items("simulated")]
    if not records:
        remedy = "Name a run of proutt simulate synpt with some dialogues, or leave --like out."
        raise UserError("this run has made no dialogue: nothing can be measured in it.", where=where, remedy=remedy)
    wanted = rehearsal.config.model_dump(mode="json")
    other = [f"{name}: {made.get(name)!r} → {wanted[name]!r}" for name in _SAME if made.get(name) != wanted[name]]
    if other:
        remedy = "Give the same settings as that run had, or leave --like out."
        raise UserError(f"this run was made with other settings ({'; '.join(other)}).", where=where, remedy=remedy)
    tasks = {task.name: task for task in rehearsal.config.read_tasks()}
    seeds = [found for found in (_seed_of(each, tasks) for each in records) if found is not None]
    if len(seeds) < len(records):
        remedy = "Give the --tasks of that run, or leave --like out."
        raise UserError("this run has dialogues of tasks that are not known here.", where=where, remedy=remedy)
    models = ", ".join(dict.fromkeys(records[0].models.values()))
    return measures_of(journal, rehearsal.of(seeds), cases=len(records), model=models)


def _seed_of(record: SynPTDialogue, tasks: Mapping[str, Task]) -> Seed | None:
    """The seed that a dialogue was made of; None where its task is another one now."""
    task = tasks.get(record.task)
    return None if task is None or set(task.keys) != set(record.values) else Seed(record.seed_id, task, record.values)


def _times(table: Table, factor: int) -> Table:
    found: Table = {}
    for place, counts in table.items():
        found[place] = Counts()
        found[place].add(counts, factor)
    return found


def _rests_on(config: SynPTConfig, profile: Profile, sample: Sample[Seed], measures: Measures | None) -> Iterator[str]:
    """What the numbers rest on, a sentence or two for each thing."""
    yield (
        "Prompts are the real ones of these seeds, the first words tell what they will tell; all else that prompts "
        "quote is made up. The user tells one intention a turn."
    )
    yield from sampled_of(sample, "seeds", "seeds")
    if measures is not None:
        failed = f", in which {measures.failed} seeds failed" if measures.failed else ""
        yield (
            f"Expected: calls, answers and how tokens count as in a run of {measures.cases} seeds with "
            f"{measures.model}{failed}."
        )
        yield "Low: first draws alone, answers at the lower quartile. High: the upper one, further draws at 95 %."
        if measures.seconds_per_call is not None:
            yield f"Time: at that run's pace, with up to {measures.concurrency} calls in flight."
    else:
        yield (
            f"Expected: how long texts are, and how often a step asks again, as measured on {profile.basis}, which "
            "were no dialogues of this kind; reluctant users answer one question up to half of the task's. A run "
            "measures it: --limit 20 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            "Low: reluctant users answer one question, texts are a third as long. High: they answer all, texts are as "
            "long as they may be, every second question is asked again"
            + (f", every dialogue is made {config.valid_tries} times." if config.require_valid else ".")
        )
        if config.thinking_tokens:
            yield THINKING
    yield from of_tokens(measured=measures is not None)
