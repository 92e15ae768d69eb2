"""What is made with one persona: a dialogue before a run adds what only it knows; and its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proutt.intent.persona import Persona
from proutt.methods.record import UsageRecord
from proutt.methods.upc.checks import flags_of
from proutt.methods.upc.record import RejectedRecord, UPCDialogue, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.prompts import prompt_version


@dataclass(frozen=True, slots=True)
class Simulated:
    """D_i, and what came to be said only in drafts."""

    persona: Persona
    settings: UPCSettings
    greeting: str
    introduction: str
    turns: tuple[UPCTurn, ...]
    greeting_rejected: tuple[RejectedRecord, ...] = ()


def record_of(
    simulated: Simulated,
    *,
    models: Mapping[str, str],
    usage: UsageRecord,
    usage_by_module: Mapping[str, UsageRecord],
) -> UPCDialogue:
    """One line of `dialogues.jsonl`, with what the checks find."""
    persona, settings = simulated.persona, simulated.settings
    record = UPCDialogue(
        persona_id=persona.id,
        name=persona.name,
        group=persona.group,
        background=persona.background,
        language=persona.language,
        source=persona.source,
        greeting=simulated.greeting,
        greeting_rejected=list(simulated.greeting_rejected),
        introduction=simulated.introduction,
        turns=list(simulated.turns),
        models=dict(models),
        prompt_version=prompt_version("upc"),
        seed=settings.seed,
        settings=settings.model_dump(mode="json", exclude={"seed"}),
        usage=usage,
        usage_by_module=dict(usage_by_module),
    )
    return record.model_copy(update={"flags": list(flags_of(record))})
