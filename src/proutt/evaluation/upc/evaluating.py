"""The work of an evaluation: every persona's dialogues, and the record of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from proutt.evaluation.upc.agents import Chatbot, agents_of
from proutt.evaluation.upc.config import PERPLEXITY, ROLES, UPCEvaluateConfig
from proutt.evaluation.upc.likelihoods import likelihoods_of
from proutt.evaluation.upc.record import UPCEvaluated
from proutt.evaluation.upc.talking import talk
from proutt.intent.persona import Persona
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import record_of
from proutt.prompts import Ask, Role
from proutt.prompts.upc.upc_step import HISTORY_TOKENS
from proutt.prompts.upc_evaluation import target_of
from proutt.runs.journal import Item
from proutt.runs.stream import Entry, Stream, fingerprint_of
from proutt.runs.synthesis import dialogue_budget
from proutt.simulation.upc.run import facts_of


@dataclass(frozen=True)
class Evaluating:
    """A chatbot under test over personas. config: a resolved one."""

    stream: Stream
    config: UPCEvaluateConfig
    settings: UPCSettings

    async def run(self, personas: Iterable[Persona]) -> bool:
        """Work through the personas, as `Stream.run` does."""
        return await self.stream.run(self._entries(personas), self._persona)

    def _entries(self, personas: Iterable[Persona]) -> Iterator[Entry[Persona]]:
        repeats = tuple(range(1, self.config.repeats + 1))
        return (
            Entry(each, each.id, fingerprint_of(facts_of(each)), repeats, each.source or each.id) for each in personas
        )

    async def _persona(self, number: int, persona: Persona, missing: Sequence[int]) -> None:
        await self.stream.items(number, {k: self._dialogue(number, k, persona) for k in missing})

    async def _dialogue(self, number: int, repeat: int, persona: Persona) -> Item:
        stream, config = self.stream, self.config
        place = f"{persona.id}/{repeat}"
        ask = stream.calls.for_item((number, repeat), rounds=stream.journal.rounds(number))
        chatbot = chatbot_of(config, ask, persona, stream.calls.models[Role.ASSISTANT_AGENT].context_tokens)
        held = await talk(place, persona, self.settings, chatbot, agents_of(self.settings, ask))
        measured = PERPLEXITY in stream.calls.models
        models = {role.value: stream.calls.models[role].identity for role in ROLES}
        dialogue = record_of(held.simulated, models=models, usage=ask.usage, usage_by_module=ask.usage_by_step)
        record = UPCEvaluated(
            system=config.system or config.model,
            baseline=config.baseline,
            repeat=repeat,
            turns=config.turns,
            dialogue=dialogue,
            failure=held.failure,
            target=chatbot.target,
            perplexity=await likelihoods_of(held.simulated, stream.calls.behind(PERPLEXITY, (number, repeat)))
            if measured
            else None,
            perplexity_model=stream.calls.models[PERPLEXITY].identity if measured else None,
        )
        stream.progress.marks["whole" if held.failure is None else "broken off"] += 1
        return Item(number, repeat, "evaluated", record=record.model_dump_json())


def chatbot_of(config: UPCEvaluateConfig, ask: Ask, persona: Persona, context_tokens: int) -> Chatbot:
    """The chatbot of one dialogue. Of the persona it gets the language alone; the id keys its target."""
    budget = min(HISTORY_TOKENS, dialogue_budget(context_tokens))
    led = config.baseline == "target-oriented"
    target = target_of(f"{config.seed}/{persona.id}", persona.language) if led else None
    return Chatbot(ask, config.baseline, config.temperature_chatbot, budget, target)
