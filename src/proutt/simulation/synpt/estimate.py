"""What a run of SynPT will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the seeds, with a stand-in for both agents' models. How many intentions an initial
inquiry names, and who is reluctant, is drawn as the run draws it, so the turns are nearly those of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from proutt.errors import ItemFailed, UserError
from proutt.intent.task import Seed, Task
from proutt.llm import ModelSpec
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.rehearsal import Rehearsal, estimated, profile_of
from proutt.prompts import Role
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_amounts import Table, scaled
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.synpt.config import ROLES, SynPTConfig
from proutt.simulation.synpt.estimate_answers import RehearsedAgents, tired_after
from proutt.simulation.synpt.run import steps_of

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
    """What the run will take: `estimated`, over these seeds.

    Raises UserError as that does, and where the configuration contradicts itself.
    """
    decided = config.resolved()
    rehearsal = _Rehearsal(decided, profile_of(small=bool(decided.small_steps)), decided.settings())
    return estimated(rehearsal, seeds, prices=prices, like=like, exact=exact)


@dataclass(frozen=True)
class _Rehearsal(Rehearsal[SynPTConfig, Seed, Seed]):
    """One method, rehearsed over the seeds."""

    about = (
        "Prompts are the real ones of these seeds, the first words tell what they will tell; all else that prompts "
        "quote is made up. The user tells one intention a turn."
    )
    nouns = ("seeds", "seeds", "seeds")
    turns = 4

    method: SynPTSettings

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {role: self.config.spec(role) for role in ROLES}

    def cases(self, given: Seed) -> tuple[Seed]:
        return (given,)

    async def case(self, case: Seed, ask: StandIn) -> None:
        agents = RehearsedAgents(ask, case, tired_after(case, ask.course))
        once = self.method.model_copy(update={"require_valid": False})  # what stands in is not to be checked
        with suppress(ItemFailed):
            await simulate_dialogue(case, settings=once, steps=steps_of(once, agents), ask=agents)

    def bounded(self, tables: dict[Course, Table]) -> dict[Course, Table]:
        if not self.config.require_valid:
            return tables
        return {**tables, "high": scaled(tables["high"], self.config.valid_tries)}

    def measures(self, like: Journal) -> Measures:
        records = [SynPTDialogue.model_validate_json(item.record) for item, _ in like.items("simulated")]
        refuse_other(like, self.config, _SAME, made=len(records), verb="simulate synpt", what="dialogue")
        seeds = seeds_of(records, self.config.read_tasks(), where=str(like.path))
        models = ", ".join(dict.fromkeys(records[0].models.values()))
        return measures_of(like, self.of(seeds), cases=len(records), model=models)

    def unmeasured(self) -> Iterator[str]:
        yield (
            f"Expected: how long texts are, and how often a step asks again, as measured on {self.profile.basis}, "
            "which were no dialogues of this kind; reluctant users answer one question up to half of the task's. A run "
            "measures it: --limit 20 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            "Low: reluctant users answer one question, texts are a third as long. High: they answer all, texts are as "
            "long as they may be, every second question is asked again"
            + (f", every dialogue is made {self.config.valid_tries} times." if self.config.require_valid else ".")
        )


class OfSeed(Protocol):
    """A record of a dialogue that names its seed and what the user wants."""

    @property
    def seed_id(self) -> str: ...

    @property
    def task(self) -> str: ...

    @property
    def values(self) -> Mapping[str, str]: ...


def seeds_of(records: Sequence[OfSeed], tasks: Iterable[Task], *, where: str) -> list[Seed]:
    """The seed of each dialogue of a run. Raises UserError where the task of one is not there, or another one now."""
    known = {task.name: task for task in tasks}
    seeds = []
    for record in records:
        task = known.get(record.task)
        if task is None or set(task.keys) != set(record.values):
            remedy = "Give the --tasks of that run, or leave --like out."
            raise UserError("this run has dialogues of tasks that are not known here.", where=where, remedy=remedy)
        seeds.append(Seed(record.seed_id, task, record.values))
    return seeds
