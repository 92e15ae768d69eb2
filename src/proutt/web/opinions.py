"""Responses of UPC's dialogues for people to score from 1 to 5, as the critic does (UPC 4.1); pure.

People take the place of the user: they see the background, what was said, and the words that tell the critic what
1, 3 and 5 mean. The critic's scores and the system are hidden. A response's three aspects come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proutt.dialogue import Context, Turn
from proutt.errors import UserError
from proutt.evaluation.cases import Case
from proutt.evaluation.critic.record import Aspect, RatingRecord
from proutt.evaluation.critic.responses import Response
from proutt.prompts.critic_check.order import meaning_of
from proutt.web.items import Opinion, Plan
from proutt.web.turns import Batch

_ASPECTS: tuple[Aspect, ...] = ("relevance", "value", "interest")


def planned_opinions(responses: Sequence[Response], *, size: int) -> Plan:
    """The batches of these responses, in their order. size: opinions a batch; a response's three stay together.

    Raises UserError where there is no response.
    """
    items = tuple(opinion for each in responses for opinion in _opinions(each))
    if not items:
        raise UserError("there is nothing to judge.", remedy="Give runs with dialogues.")
    step = max(size - size % len(_ASPECTS), len(_ASPECTS))
    return Plan(items, tuple(range(at, min(at + step, len(items))) for at in range(0, len(items), step)))


def _opinions(response: Response) -> Iterator[Opinion]:
    greeting, *said = (*response.heard.utterances, response.text)
    turns = tuple(Turn(*pair) for pair in zip(said[::2], said[1::2], strict=True))
    case = Case(Context(response.persona.id, response.heard.language, turns, greeting), "", "upc")
    background = f"{response.persona.name}\n{response.persona.background}"
    for aspect in _ASPECTS:
        meaning = meaning_of(aspect, response.heard.language)
        question = f"You are this person. Score the chatbot's last response, 1 to 5: {aspect}, {meaning.what}"
        levels = tuple(f"{number}: {text}" for number, text in meaning.levels.items())
        yield Opinion(case, response.text, background, question, levels, response.key, aspect)


def rating_records(plan: Plan, batches: Sequence[Batch]) -> Iterator[RatingRecord]:
    """Every answer: by batch, then person, then item."""
    for place, batch in enumerate(batches, start=1):
        for name, said in batch.said.items():
            for number, answer in sorted(said.items()):
                item = plan.items[number]
                if not isinstance(item, Opinion) or answer.score is None:
                    raise TypeError(f"item {number} is no scored opinion")
                persona_id, turn, system, repeat, attempt = item.key
                yield RatingRecord(
                    persona_id=persona_id, system=system, repeat=repeat, turn=turn, attempt=attempt,
                    aspect=item.aspect, score=int(answer.score), rater=name, seconds=round(answer.seconds, 1),
                    batch=place,
                )  # fmt: skip
