"""UPC's corpus for one user, in the order of Algorithm 1: greeting, introduction, then responses that a critic guides.

The questions go to a model by `Steps`, which it is given; nothing here reads files, knows endpoints or keeps time.
Two departures. A response is written again at most R times, not R + 1 as `r <= R` has it by the letter. The response
that is said is the best-scored attempt, not the last one, so that it never scores below the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from proutt.errors import AnswerError, ItemFailed, ModelError
from proutt.intent.persona import Persona
from proutt.methods.upc.barrier import sayable
from proutt.methods.upc.record import AttemptRecord, Ended, RejectedRecord, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated
from proutt.methods.upc.steps import Steps, Verdict
from proutt.prompts.upc.heard import Feedback, Heard


async def critic_guided(persona: Persona, settings: UPCSettings, steps: Steps) -> Simulated:
    """D_i and S_i of Algorithm 1; without a critic where the strategy is unguided."""
    place = persona.id
    rejected = _Rejected()
    heard = Heard(persona.language)
    greeting = await steps.greet(f"{place}/1/greet", heard, rejected.note)
    introduction = await steps.introduce(f"{place}/1/introduce", persona, heard.then(greeting))
    heard = heard.then(greeting, introduction)
    turns: list[UPCTurn] = []
    for number in range(2, settings.turns + 1):
        at = f"{place}/{number}"
        turn = await _response(persona, settings, steps, heard, at)
        said = await steps.reply(f"{at}/reply", persona, heard.then(turn.response))
        turns.append(turn.model_copy(update={"user": said}))
        heard = heard.then(turn.response, said)
    return Simulated(persona, settings, greeting, introduction, tuple(turns), tuple(rejected.found))


async def _response(persona: Persona, settings: UPCSettings, steps: Steps, heard: Heard, at: str) -> UPCTurn:
    """u'_{i,t}, its regenerations and their scores (lines 8 to 15). What the user says is still to come."""
    attempts: list[AttemptRecord] = []
    rejected = _Rejected()
    feedback: Feedback | None = None
    ended: Ended | None = None
    while ended is None:
        rejected.attempt = len(attempts)
        try:
            draft = await steps.respond(f"{at}/respond/{len(attempts)}", heard, feedback, rejected.note)
        except AnswerError:
            if not attempts:
                raise
            ended = "no-usable-regeneration"  # what was had before stands
            break
        if settings.strategy == "unguided":
            attempts.append(AttemptRecord(utterance=draft))
            ended = "unguided"
            break
        verdict = await steps.judge(f"{at}/judge/{len(attempts)}", persona, heard, draft, settings.threshold)
        if min(verdict.scores.numbers) >= settings.threshold:
            ended = "passed"
        elif len(attempts) == settings.regenerations:
            ended = "most-regenerations"
        attempt, feedback = _told(persona, heard, draft, verdict, last=ended is not None)
        attempts.append(attempt)
    return UPCTurn(attempts=attempts, kept=best_of(attempts), ended=ended, rejected=rejected.found, user="")


def _told(
    persona: Persona, heard: Heard, draft: str, verdict: Verdict, *, last: bool
) -> tuple[AttemptRecord, Feedback | None]:
    """An attempt, and what the chatbot is told of it before the next one: no reason, and no word of the background."""
    if last:
        return AttemptRecord(utterance=draft, scores=verdict.scores), None
    advice, withheld = sayable(verdict.advice, persona, (*heard.utterances, draft))
    attempt = AttemptRecord(utterance=draft, scores=verdict.scores, advice=advice, withheld=withheld)
    return attempt, Feedback(draft, verdict.scores.numbers, advice)


def best_of(attempts: list[AttemptRecord]) -> int:
    """Index of the attempt that is said: the one with the highest sum of scores, of equals the earlier."""
    totals = [0 if each.scores is None else each.scores.total for each in attempts]
    return totals.index(max(totals))


@dataclass
class _Rejected:
    """Collects what the rules reject. attempt: which one is being written, from 0."""

    attempt: int = 0
    found: list[RejectedRecord] = field(default_factory=list)

    def note(self, utterance: str, reason: str) -> None:
        self.found.append(RejectedRecord(attempt=self.attempt, utterance=utterance, reason=reason))


async def simulate_dialogue(persona: Persona, *, settings: UPCSettings, steps: Steps) -> Simulated:
    """The dialogue with one user. Raises ItemFailed, with the step and the model's last text, where it could not be
    made, and ModelError where no call can be made at all."""
    try:
        return await critic_guided(persona, settings, steps)
    except AnswerError as error:
        raise ItemFailed(str(error), reason=error.kind, stage=error.step, raw=error.raw) from error
    except ModelError as error:
        if error.fatal:
            raise
        raise ItemFailed(str(error), reason=error.kind, stage=error.step) from error
