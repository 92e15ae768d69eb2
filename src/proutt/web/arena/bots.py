"""A chatbot of the arena: what it is asked after each utterance, and what of its answer is said.

Both are asked with the same words, temperature and limits: UPC's own prompt, or none at all. The rules by which a
corpus is made (no apologies, no question twice) do not apply: what people compare is what a chatbot says by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from proutt.errors import AnswerError
from proutt.llm import ChatModel, Message, Request, without_reasoning
from proutt.prompts.context import estimated_tokens
from proutt.prompts.upc.chatbot import Greet, Respond
from proutt.prompts.upc.heard import Heard
from proutt.prompts.upc.upc_step import HISTORY_TOKENS

#: How a chatbot is drawn (UPC 5.1), unless said otherwise.
TEMPERATURE = 0.75


@dataclass(frozen=True)
class Manner:
    """How both chatbots are asked.

    plain        without UPC's prompt: chat messages alone, and the participant speaks first
    greeting     said by both at the beginning, instead of a greeting of their own; "" for their own
    temperature  0..2
    """

    language: str = "en"
    plain: bool = False
    greeting: str = ""
    temperature: float = TEMPERATURE
    seed: int = 0

    @property
    def greets(self) -> bool:
        """The chatbots speak first."""
        return not self.plain


@dataclass(frozen=True)
class Bot:
    """A model, and the name that results give it; no page ever learns either."""

    name: str
    model: ChatModel


def asked(said: Sequence[str], manner: Manner, *, context_tokens: int, place: str) -> Request:
    """The question for a chatbot's next words.

    said            so far, in turns
    context_tokens  of the smaller of the two models: neither may see more of the chat than the other
    place           names the question: chance is keyed by it
    """
    budget = min(HISTORY_TOKENS, context_tokens // 2)
    kind = Respond if said else Greet
    heard = Heard(manner.language, () if manner.plain else tuple(said))
    step = kind(heat=manner.temperature, heard=heard, budget=budget)
    messages = _alone(said, budget) if manner.plain else step.messages()
    seed = Random(f"{manner.seed}/{place}").getrandbits(31)
    return Request(messages, step.sampling(seed), step=step.name, role=step.role.value)


async def answered(bot: Bot, request: Request) -> str:
    """What the chatbot says. Raises ModelError, and AnswerError where that is nothing."""
    reply = await bot.model.reply(request)
    text = without_reasoning(reply.text).encode("utf-8", "replace").decode().strip()
    if not text:
        raise AnswerError("the answer was empty", step=request.step, kind="empty", raw=reply.text)
    return text


def _alone(said: Sequence[str], budget: int) -> tuple[Message, ...]:
    """What was said as chat messages, the participant's first; the oldest turns leave where there is no room."""
    kept = list(said)
    while len(kept) > 2 and estimated_tokens("\n".join(kept)) > budget:
        del kept[:2]
    roles: tuple[Literal["user"], Literal["assistant"]] = ("user", "assistant")
    return tuple(Message(roles[number % 2], text) for number, text in enumerate(kept))
