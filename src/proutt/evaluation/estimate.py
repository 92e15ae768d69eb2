"""What an evaluation will take, before anything is spent: its own prompts, counted; answers as long as they may be."""

from __future__ import annotations

from typing import Any

from proutt.evaluation.cases import prediction_file
from proutt.evaluation.comparing import step_of as comparison
from proutt.evaluation.guard import Guard
from proutt.evaluation.judging import step_of
from proutt.evaluation.order import Order, task_of
from proutt.llm import Usage
from proutt.llm.models import ENDPOINT_CONTEXT_TOKENS
from proutt.llm.wire import estimated_tokens
from proutt.runs.prices import cost, price_of, read_prices
from proutt.runs.synthesis import dialogue_budget

#: Tokens of a verdict with its reason: a guess on the high side of short reasons.
ANSWER_TOKENS = 70


def estimated(order: Order) -> dict[str, Any]:
    """Calls, tokens and cost of an evaluation begun anew; cost is None where the price is not known."""
    task = task_of(order, [prediction_file(path) for path in order.predictions])
    facts: dict[str, Any] = {"cases": len(task.cases), "systems": len(task.bench.systems), "currency": ""}
    if order.judge is None:
        return facts | {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
    budget = dialogue_budget(order.judge.context_tokens or ENDPOINT_CONTEXT_TOKENS)
    cases = {case.key: case for case in task.cases}
    guard = Guard(None)  # what it takes out changes no estimate
    if order.kind == "pointwise":
        steps: list[Any] = [
            step_of(question, cases[question.case], budget, guard)[0]
            for question in dict.fromkeys(each.question for each in task.wanted)
        ]
    else:
        steps = [comparison(match, budget, guard)[0] for match in task.matches if match.said("a") != match.said("b")]
    prompt = sum(estimated_tokens("".join(message.content for message in step.messages())) for step in steps)
    usage = Usage(prompt, ANSWER_TOKENS * len(steps))
    price = price_of(order.judge, read_prices())
    return facts | {
        "calls": len(steps),
        "prompt_tokens": prompt,
        "completion_tokens": usage.completion_tokens,
        "cost": None if price is None else cost(usage, price),
        "currency": "" if price is None else price.currency,
    }
