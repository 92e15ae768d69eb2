"""What a check of critics will take, before anything is spent: its own prompts, counted; answers as long as a guess."""

from __future__ import annotations

from typing import Any

from proutt.evaluation.critic.asking import Asking
from proutt.evaluation.critic.checking import chosen
from proutt.evaluation.critic.config import CriticConfig, CriticsConfig
from proutt.evaluation.critic.probes import probes_for
from proutt.evaluation.critic.responses import Response
from proutt.llm import Usage
from proutt.llm.wire import estimated_tokens
from proutt.runs.prices import cost, price_of, read_prices

#: Tokens of an answer: three short reasons with advice, or one reason. On the high side.
WHOLE_TOKENS, SMALL_TOKENS = 260, 70


def estimated(config: CriticsConfig) -> list[dict[str, Any]]:
    """Calls, tokens and cost of each critic begun anew; cost is None where the price is not known.

    Raises UserError where there is something to mend.
    """
    responses = chosen(config)
    return [_estimated(critic, responses) for critic in config.critics_asked()]


def _estimated(critic: CriticConfig, responses: list[Response]) -> dict[str, Any]:
    asking = Asking(critic.small_steps, critic.seed)
    calls = prompt = 0
    for response in responses:
        for probe in probes_for(small=critic.small_steps):
            for _, step in asking.steps(response, probe):
                calls += 1
                prompt += estimated_tokens("".join(message.content for message in step.messages()))
    usage = Usage(prompt, calls * (SMALL_TOKENS if critic.small_steps else WHOLE_TOKENS))
    price = price_of(critic.model_of_all, read_prices())
    return {
        "critic": critic.model,
        "responses": len(responses),
        "calls": calls,
        "prompt_tokens": prompt,
        "completion_tokens": usage.completion_tokens,
        "cost": None if price is None else cost(usage, price),
        "currency": "" if price is None else price.currency,
    }
