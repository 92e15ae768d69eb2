"""The rows that train a user simulator: the chat with its roles swapped, the user's next utterance to be learnt.

`proutt predict --method socratic` and `--method usp` put the same messages to a model, so that one trained on these
rows sees what it was trained on.
"""

from __future__ import annotations

from typing import Literal

from proutt.dialogue import Context
from proutt.methods.baselines import BASELINES
from proutt.prompts.step import language_name
from proutt.prompts.template import fill, prompt_language, template

Speaker = Literal["system", "user", "assistant"]

#: Methods whose rows these are.
SIMULATORS = frozenset(name for name, baseline in BASELINES.items() if baseline.simulates)


def simulating(language: str, profile: str | None = None) -> str:
    """What the model is told when it plays the user; with a profile, also who that is."""
    prompts = prompt_language(language)
    told = fill(template("prediction/simulate", prompts), language=language_name(language))
    if profile is None:
        return told
    return fill(template("prediction/simulate_profile", prompts), simulate=told, profile=profile)


def swapped(context: Context, system: str) -> tuple[tuple[Speaker, str], ...]:
    """(role, text) of each message: the assistant's texts reach the model, the user's are its own.

    It ends with the assistant's last answer, so that the next text is the user's.
    """
    begin = context.opening or template("prediction/begin", prompt_language(context.language))
    messages: list[tuple[Speaker, str]] = [("system", system), ("user", begin)]
    for turn in context.turns:
        messages += [("assistant", turn.user), ("user", turn.assistant)]
    return tuple(messages)
