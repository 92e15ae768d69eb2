"""User simulators as predictors: the model plays the user, one utterance a call, drawn 2Q times.

`socratic` swaps the roles of the chat. `usp` first writes a profile of the user, then plays the user with it. Both are
the papers' ideas by prompting alone: their trained simulators are not part of this (ProUtt, Appendix B-C.2).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from proutt.dialogue import Context
from proutt.export.prompt import history_text
from proutt.export.simulation import simulating, swapped
from proutt.llm import Message, Reply
from proutt.llm.parsing import looks_refused, without_reasoning
from proutt.methods.together import together
from proutt.prediction.asking import nothing_in
from proutt.prediction.fitting import fitted, room_for
from proutt.prediction.prediction import Asking, Chance, Prediction, Question, Setting, Suggestion
from proutt.prediction.repair import each_once, kept, unquoted
from proutt.prompts.step import language_name
from proutt.prompts.template import fill, prompt_language, template

#: Draws are to differ from each other, so they are drawn hotter than one inference would be.
_TEMPERATURE = 1.0
_PROFILE_TEMPERATURE = 0.7
_UTTERANCE_TOKENS, _PROFILE_TOKENS, _PLAIN_TOKENS = 200, 320, 400

#: Draws one utterance: which sample → the reply.
Draw = Callable[[int], Awaitable[Reply]]


@dataclass(frozen=True)
class Socratic:
    """Role-swapped prompting, after PlatoLM's Socratic simulator: the user's turns are the model's own."""

    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        seen = fitted(context, _budget(self.setting))
        system = simulating(context.language)
        return await played(ask, self.setting, "socratic", context, seen, system)


@dataclass(frozen=True)
class ProfiledUser:
    """USP's two steps by prompting: a profile of the user from the context, then role-play with it."""

    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        seen = fitted(context, _budget(self.setting) - _PROFILE_TOKENS)
        profile = await self._profile(ask, context, seen)
        system = simulating(context.language, profile)
        prediction = await played(ask, self.setting, "usp", context, seen, system)
        return replace(prediction, reasoning=profile)

    async def _profile(self, ask: Asking, context: Context, seen: Context) -> str:
        """Who the user is, as far as the context shows. Raises AnswerError where no draw says it."""
        task = fill(
            template("prediction/profile", prompt_language(context.language)), language=language_name(context.language)
        )
        question = Question(
            (Message("user", f"{task}\n\n{history_text(seen)}"),),
            "usp-profile",
            f"{context.dialogue_id}/{context.k}/usp-profile",
            max_tokens=_PROFILE_TOKENS,
            temperature=_PROFILE_TEMPERATURE,
        )
        for sample in range(self.setting.tries * (1 + ask.rounds)):
            reply = await ask.text(replace(question, sample=sample))
            said = without_reasoning(reply.text)
            if said and not looks_refused(said):
                return said
        raise nothing_in(reply, question.step)


async def played(ask: Asking, setting: Setting, step: str, context: Context, seen: Context, system: str) -> Prediction:
    """2Q utterances of a model that plays the user."""
    question = Question(
        tuple(Message(role, text) for role, text in swapped(seen, system)),
        step,
        f"{context.dialogue_id}/{context.k}/{step}",
        max_tokens=_UTTERANCE_TOKENS,
        temperature=_TEMPERATURE,
    )
    prediction = await sampled(lambda sample: ask.text(replace(question, sample=sample)), setting, ask.rounds, step)
    if seen == context:
        return prediction
    return replace(prediction, problems=each_once([*prediction.problems, "context-cut"]))


async def sampled(draw: Draw, setting: Setting, rounds: int, step: str) -> Prediction:
    """What 2Q draws say, in their order; draws that say nothing new are made up for, within the bound of tries.

    Raises AnswerError where no draw says anything.
    """
    replies = list(await together(*(draw(sample) for sample in range(setting.count))))
    most = setting.count * setting.tries * (1 + rounds)
    while len(kept(_said(replies), setting.count).texts) < setting.count and len(replies) < most:
        replies.append(await draw(len(replies)))
    clean = kept(_said(replies), setting.count)
    if not clean.texts:
        raise nothing_in(replies[-1], step)
    cut = ["cut-off"] if any(reply.finish == "length" for reply in replies) else []
    again = ["asked-again"] if len(replies) > setting.count else []
    problems = each_once([*clean.problems, *cut, *again])
    return Prediction(tuple(Suggestion(text) for _, text in clean.texts), problems=problems)


def _said(replies: Sequence[Reply]) -> list[str]:
    """What the draws say, those left out that say nothing or decline."""
    texts = (without_reasoning(reply.text) for reply in replies)
    return [unquoted(text) for text in texts if text and not looks_refused(text)]


def _budget(setting: Setting) -> int:
    return room_for(setting.context_tokens, _UTTERANCE_TOKENS, _PLAIN_TOKENS)
