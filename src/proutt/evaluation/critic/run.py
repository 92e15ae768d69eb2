"""The run that checks one critic: a record is a response, its items are the probes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.evaluation.critic.asking import Asking
from proutt.evaluation.critic.config import CriticConfig
from proutt.evaluation.critic.probes import PROBES, Probe, asked_of, numbers_of, probes_for
from proutt.evaluation.critic.record import CheckRecord
from proutt.evaluation.critic.responses import Response
from proutt.evaluation.injection import guarded
from proutt.prompts import Role, prompt_version
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.journal import Item
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream
from proutt.runs.summary import calls_of

CHECKS = "checks.jsonl"
WORDS = Words("scored", "probes", items="questions", record="response")
_BY_NUMBER = {each.number: each for each in PROBES}


def check_critic(
    config: CriticConfig,
    responses: Sequence[Response],
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for one critic. Raises UserError where there is something to mend."""
    return make(_Check(config, responses), out, observer, reuse=reuse, retry_failed=retry_failed)


@dataclass(frozen=True)
class _Check:
    """`Making` of one critic's answers. responses: in the order in which they are asked about."""

    decided: CriticConfig
    responses: Sequence[Response]
    report: ReadingReport = field(default_factory=ReadingReport)
    words: Words = WORDS

    @property
    def config(self) -> dict[str, Any]:
        return {**self.decided.model_dump(mode="json"), "prompt_version": prompt_version("critic_check")}

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            {Role.CRITIC: decided.model_of_all},
            concurrency=decided.calls_in_flight(embedded=decided.embedded),
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        return probes_for(small=self.decided.small_steps)

    def count(self) -> int:
        return len(self.responses) * len(self.probes)

    def session(self, session: Session) -> Session:
        return session

    async def work(self, session: Session, stream: Stream) -> bool:  # noqa: ARG002
        async def one(number: int, response: Response, missing: Sequence[int]) -> None:
            await stream.items(number, {k: self._item(stream, number, k, response) for k in missing})

        return await stream.run(self._entries(), one)

    def _entries(self) -> Iterator[Entry[Response]]:
        for each in self.responses:
            yield Entry(each, each.place, each.fingerprint, numbers_of(self.probes), each.persona.source or each.place)

    async def _item(self, stream: Stream, number: int, k: int, response: Response) -> Item:
        probe, decided = _BY_NUMBER[k], self.decided
        ask = stream.calls.for_item((number, k), rounds=stream.journal.rounds(number))
        scores = await Asking(decided.small_steps, decided.seed).scores(ask, response, probe)
        record = CheckRecord(
            critic=decided.model,
            probe=probe.name,
            persona_id=response.persona.id,
            system=response.system,
            chatbot=response.chatbot,
            repeat=response.repeat,
            turn=response.turn,
            attempt=response.attempt,
            language=response.heard.language,
            length=len(response.text),
            suspected=guarded(asked_of(response, probe, decided.seed)).suspected,
            scores=scores,
        )
        stream.progress.marks[probe.name] += 1
        return Item(number, k, "evaluated", record=record.model_dump_json())

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        directory.write(CHECKS, lambda: (f"{item.record}\n" for item, _ in journal.items("evaluated")))
        directory.write(FAILURES, directory.failures)
        failed = journal.failed_by_reason()
        ((scored,),) = journal.rows("SELECT COUNT(*) FROM items WHERE state = 'evaluated'")
        summary = {
            "complete": ended.complete,
            "critic": self.decided.model,
            "responses": len(self.responses),
            "questions": {
                "in": self.count(),
                "scored": scored,
                "failed": sum(failed.values()),
                "undecided": self.count() - scored - sum(failed.values()),
            },
            "failed": failed,
            "models": ended.identities,
            "calls": calls_of(journal),
            "cost": None if ended.spent is None else round(ended.spent, 6),
            "currency": ended.currency,
            "seconds": round(float(journal.meta("seconds") or 0.0), 1),
        }
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary
