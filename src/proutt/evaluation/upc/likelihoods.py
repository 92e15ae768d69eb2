"""How likely a chatbot's responses are, given all that was said before, under a model of one's choice.

What was said is shown as a plain transcript, the same to models with a chat template and without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from proutt.errors import ModelError
from proutt.evaluation.upc.config import PERPLEXITY
from proutt.evaluation.upc.record import Likelihood
from proutt.llm import ChatModel, ModelSpec
from proutt.llm.likelihood import Likelihoods, likelihood_in, likelihood_request
from proutt.llm.raw_api import Server
from proutt.methods.together import together
from proutt.methods.upc.simulated import Simulated
from proutt.prompts.context import estimated_tokens
from proutt.prompts.template import prompt_language
from proutt.runs.calls import Calls
from proutt.runs.session import Session

_SPEAKERS = {"en": ("Chatbot:", "User:"), "zh": ("机器人：", "用户：")}


def measuring(session: Session, spec: ModelSpec) -> Session:
    """The session with its model for perplexity asked for likelihoods, tried again as others are."""
    from proutt.llm.pool import Pool

    given = session.calls
    pool = cast("Pool", given.models[PERPLEXITY])
    members = [Likelihoods(cast("Server", member.model), spec.model) for member in pool.members]
    models = {**given.models, PERPLEXITY: Pool(members, ceiling=pool.ceiling)}
    calls = Calls(models, given.journal, session.terms.limit, session.terms.seed, ceiling=given.ceiling)
    return replace(session, calls=calls)


async def likelihoods_of(simulated: Simulated, model: ChatModel) -> list[Likelihood | None]:
    """Of each response, in order; None of one that is too long for the model. Raises ModelError, UserError."""
    asked = _before_responses(simulated, model.context_tokens // 2)
    return list(await together(*(_likelihood(model, before, text) for before, text in asked)))


async def _likelihood(model: ChatModel, before: str, text: str) -> Likelihood | None:
    try:
        tokens, nll = likelihood_in(await model.reply(likelihood_request(before, text)))
    except ModelError as error:
        if error.kind == "context-too-long":
            return None
        error.step = "likelihood"
        raise
    return Likelihood(tokens=tokens, nll=nll)


def _before_responses(simulated: Simulated, budget: int) -> Iterator[tuple[str, str]]:
    """(transcript up to the response, the response as it goes on); of long ones the latest utterances."""
    code = prompt_language(simulated.persona.language)
    chatbot, user = _SPEAKERS[code]
    space = " " if code == "en" else ""
    lines = [f"{chatbot}{space}{simulated.greeting}", f"{user}{space}{simulated.introduction}"]
    for turn in simulated.turns:
        while len(lines) > 1 and estimated_tokens("\n".join(lines)) > budget:
            del lines[0]
        yield "\n".join((*lines, chatbot)), f"{space}{turn.response}"
        lines += [f"{chatbot}{space}{turn.response}", f"{user}{space}{turn.user}"]
