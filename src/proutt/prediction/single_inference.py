"""Methods that propose all 2Q in one inference: `proutt`, `prompt` and `follow-up`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict

from proutt.dialogue import Context
from proutt.errors import AnswerError
from proutt.export.prompt import history_text, prompt_text
from proutt.llm import Message, parse_answer
from proutt.prediction.asking import Inference
from proutt.prediction.completion import prediction_of
from proutt.prediction.fitting import fitted, room_for
from proutt.prediction.prediction import Asking, Chance, Prediction, Question, Setting, Suggestion
from proutt.prediction.repair import each_once, kept
from proutt.prompts.step import language_name
from proutt.prompts.template import fill, prompt_language, template

_TEMPERATURE = 0.7
#: Tokens of the structured training instruction, of the other texts, and what a template adds.
_STRUCTURED_TOKENS, _PLAIN_TOKENS = 900, 400


@dataclass(frozen=True)
class SinglePass:
    """ProUtt as it is trained: the training instruction, then one completion with reasoning (paper, III and V-D).

    The prompt is the one that `proutt export` writes, so that a trained model sees what it was trained on.
    """

    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        q = self.setting.q
        room = _room(700 + 500 * q, self.setting)
        seen = fitted(context, room_for(self.setting.context_tokens, room, _STRUCTURED_TOKENS))
        text = prompt_text(seen, instruction=self.setting.instruction, outline=self.setting.outline)
        inference = Inference(ask, self.setting, lambda reply: prediction_of(reply, q=q, reasons=True))
        return _noted(await inference.prediction(_question("proutt", context, text, room)), context, seen)


@dataclass(frozen=True)
class DiversePrompt:
    """The paper's prompt-based baseline: 2Q diverse predictions in one inference (Appendix B-C.1)."""

    setting: Setting

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        room = _room(60 + 120 * self.setting.count, self.setting)
        seen = fitted(context, room_for(self.setting.context_tokens, room, _PLAIN_TOKENS))
        text = f"{instruction('diverse', context.language, self.setting.count)}\n\n{history_text(seen)}"
        inference = Inference(ask, self.setting, lambda reply: prediction_of(reply, q=self.setting.q, reasons=False))
        return _noted(await inference.prediction(_question("prompt", context, text, room)), context, seen)


class FollowUps(BaseModel):
    """The answer that chat front ends ask for."""

    model_config = ConfigDict(extra="ignore")

    follow_ups: list[str]


@dataclass(frozen=True)
class FollowUp:
    """What chat front ends do: a short prompt over the last rounds, the suggestions as one JSON list."""

    setting: Setting

    #: Rounds that the prompt shows: front ends send six messages.
    rounds: int = 3

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction:  # noqa: ARG002
        room = _room(40 + 80 * self.setting.count, self.setting)
        last = replace(context, turns=context.turns[-self.rounds :])
        seen = fitted(last, room_for(self.setting.context_tokens, room, _PLAIN_TOKENS))
        text = f"{instruction('follow_up', context.language, self.setting.count)}\n\n{history_text(seen)}"
        inference = Inference(ask, self.setting, self._read)
        return _noted(await inference.prediction(_question("follow-up", context, text, room)), last, seen)

    def _read(self, text: str) -> Prediction | None:
        """The suggestions of a JSON answer; of one that is none, whatever else lists them."""
        try:
            listed = parse_answer(text, FollowUps, step="follow-up").follow_ups
        except AnswerError:
            return prediction_of(text, q=self.setting.q, reasons=False)
        clean = kept(listed, self.setting.count)
        found = tuple(Suggestion(said) for _, said in clean.texts)
        return Prediction(found, problems=clean.problems, raw=text) if found else None


def instruction(name: str, language: str, count: int) -> str:
    """The text of a prompt of this room for so many suggestions."""
    text = template(f"prediction/{name}", prompt_language(language))
    return fill(text, count=str(count), language=language_name(language))


def _room(tokens: int, setting: Setting) -> int:
    """Room for the answer, at most half of the context."""
    return min(tokens, setting.context_tokens // 2)


def _question(step: str, context: Context, text: str, room: int) -> Question:
    place = f"{context.dialogue_id}/{context.k}/{step}"
    return Question((Message("user", text),), step, place, max_tokens=room, temperature=_TEMPERATURE)


def _noted(prediction: Prediction, context: Context, seen: Context) -> Prediction:
    if seen == context:
        return prediction
    return replace(prediction, problems=each_once([*prediction.problems, "context-cut"]))
