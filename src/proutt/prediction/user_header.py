"""`user-header`: the model goes on with the chat as its user, from the header of the user's turn alone (Magpie).

The adaptation: Magpie draws first instructions from an empty chat; here the chat is the context, so that what is drawn
is the next utterance. The model behind the question must be a `Continuing` one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from proutt.dialogue import Context
from proutt.llm import Message
from proutt.prediction.fitting import fitted, room_for
from proutt.prediction.prediction import Asking, Chance, Prediction, Question, Setting
from proutt.prediction.repair import each_once
from proutt.prediction.simulators import sampled

_TEMPERATURE = 1.0
_UTTERANCE_TOKENS, _TEMPLATE_TOKENS = 200, 200


@dataclass(frozen=True)
class UserHeader:
    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        seen = fitted(context, room_for(self.setting.context_tokens, _UTTERANCE_TOKENS, _TEMPLATE_TOKENS))
        question = Question(
            chat(seen),
            "user-header",
            f"{context.dialogue_id}/{context.k}/user-header",
            max_tokens=_UTTERANCE_TOKENS,
            temperature=_TEMPERATURE,
        )
        prediction = await sampled(
            lambda sample: ask.text(replace(question, sample=sample)), self.setting, ask.rounds, question.step
        )
        if seen == context:
            return prediction
        return replace(prediction, problems=each_once([*prediction.problems, "context-cut"]))


def chat(seen: Context) -> tuple[Message, ...]:
    """The context as chat messages. An opening goes into the first utterance: templates begin with the user."""
    first = seen.turns[0].user if seen.opening is None else f"({seen.opening})\n{seen.turns[0].user}"
    messages = []
    for number, turn in enumerate(seen.turns):
        messages += [Message("user", turn.user if number else first), Message("assistant", turn.assistant)]
    return tuple(messages)
