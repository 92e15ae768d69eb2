"""What a method makes of one seed: a whole dialogue before a run adds what only it knows; and its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proutt.intent.task import Seed
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.record import End, SimulatedTurn, SynPTDialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.prompts import prompt_version


@dataclass(frozen=True, slots=True)
class Simulated:
    """A dialogue and how it came about.

    inquiry    intentions chosen for the initial inquiry (equation 10); None without probability control
    reluctant  whether the user is one who grows tired of questions
    flags      what the checks found, by name; empty: a valid dialogue
    attempts   how many dialogues were made of the seed
    """

    seed: Seed
    settings: SynPTSettings
    turns: tuple[SimulatedTurn, ...]
    end: End
    inquiry: tuple[str, ...] | None = None
    reluctant: bool = False
    flags: tuple[str, ...] = ()
    attempts: int = 1


def record_of(
    simulated: Simulated,
    *,
    models: Mapping[str, str],
    usage: UsageRecord,
    usage_by_module: Mapping[str, UsageRecord],
) -> SynPTDialogue:
    """One line of `dialogues.jsonl`."""
    seed, task, settings = simulated.seed, simulated.seed.task, simulated.settings
    return SynPTDialogue(
        method=settings.method,
        seed_id=seed.id,
        task=task.name,
        language=task.language,
        source=seed.source,
        names={each.key: each.name for each in task.intentions},
        any_value=task.any_value,
        values=dict(seed.values),
        reluctant=simulated.reluctant,
        inquiry=None if simulated.inquiry is None else list(simulated.inquiry),
        turns=list(simulated.turns),
        end=simulated.end,
        flags=list(simulated.flags),
        attempts=simulated.attempts,
        models=dict(models),
        prompt_version=prompt_version("synpt"),
        seed=settings.seed,
        settings=settings.model_dump(mode="json", exclude={"method", "seed"}),
        usage=usage,
        usage_by_module=dict(usage_by_module),
    )
