"""How a method's questions become calls to a model, and asking again where too little came back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from proutt.errors import AnswerError, ModelError
from proutt.llm import ChatModel, Reply, Request, Sampling, Usage, ask
from proutt.llm.parsing import looks_refused, without_reasoning
from proutt.methods.record import UsageRecord
from proutt.prediction.prediction import Asking, Prediction, Question, Setting
from proutt.prediction.repair import each_once
from proutt.prompts import Role, Step
from proutt.prompts.step import AnswerT


class ModelAsking:
    """`Asking` over the models of a run, or over one model; counts what was used, journaled or not.

    model_of  the model of a role
    seed      keys the draws, with the place of each question
    rounds    as in `Asking`
    """

    def __init__(self, model_of: Callable[[Role], ChatModel], *, seed: int, rounds: int = 0) -> None:
        self._model_of, self._seed, self.rounds = model_of, seed, rounds
        self._calls, self._used = 0, Usage()

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        return await ask(
            self._model_of(step.role),
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(self._seed_at(place)),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
            on_call=self._count,
            tries=step.tries * (1 + self.rounds),
        )

    async def text(self, question: Question) -> Reply:
        sampling = Sampling(
            max_tokens=question.max_tokens,
            temperature=question.temperature,
            seed=self._seed_at(question.place) + question.sample,
            min_p=0.05,
            repeat_penalty=1.05,
        )
        role = Role.REASONER
        request = Request(question.messages, sampling, None, question.sample, question.step, role.value)
        try:
            reply = await self._model_of(role).reply(request)
        except ModelError as error:
            error.step = question.step
            raise
        self._count(reply)
        return reply

    def _seed_at(self, place: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._seed}/{place}".encode()).digest()[:4], "big") >> 1

    def _count(self, reply: Reply) -> None:
        self._calls += 1
        self._used += reply.usage

    @property
    def usage(self) -> UsageRecord:
        """Calls so far and their tokens."""
        return UsageRecord(
            calls=self._calls,
            prompt_tokens=self._used.prompt_tokens,
            completion_tokens=self._used.completion_tokens,
        )


@dataclass(frozen=True)
class Inference:
    """One inference that proposes all 2Q at once, drawn again while it proposes too few.

    read  what a reply's text proposes, or None where that is nothing
    """

    ask: Asking
    setting: Setting
    read: Callable[[str], Prediction | None]

    async def prediction(self, question: Question) -> Prediction:
        """The first draw that proposes 2Q, else the fullest. Raises AnswerError where none proposes anything.

        After a draw whose thinking took all of its room, the next may be four times as long, up to half of the context.
        """
        best: Prediction | None = None
        wrong = AnswerError("nothing was drawn", step=question.step, kind="empty", raw="")
        room = question.max_tokens
        for sample in range(self.setting.tries * (1 + self.ask.rounds)):
            reply = await self.ask.text(replace(question, sample=sample, max_tokens=room))
            found = self.read(reply.text)
            cut = reply.finish == "length"
            if cut and not without_reasoning(reply.text):  # it has thought for as long as it had room
                room = max(room, min(room * 4, self.setting.context_tokens // 2))
            if found is None:
                wrong = nothing_in(reply, question.step)
                continue
            noted = [*(["cut-off"] if cut else []), *(["asked-again"] if sample else [])]
            found = replace(found, problems=each_once([*found.problems, *noted]))
            if best is None or len(found.suggestions) > len(best.suggestions):
                best = found
            if len(best.suggestions) >= self.setting.count:
                break
        if best is None:
            raise wrong
        return best


def nothing_in(reply: Reply, step: str) -> AnswerError:
    """Why a reply proposes nothing: refused, cut-off, empty, or no suggestions in it."""
    said = without_reasoning(reply.text)
    if reply.finish == "content_filter" or (said and looks_refused(said)):
        kind, message = "refused", "the model declined to answer"
    elif reply.finish == "length":
        kind, message = "cut-off", "the answer ended before any suggestion; give more --thinking-tokens"
    elif not said and "<" in reply.text:
        kind, message = "unclosed-reasoning", "the reasoning has no end, so there is no suggestion after it"
    elif not said:
        kind, message = "empty", "the answer was empty"
    else:
        kind, message = "no-suggestions", "there is no suggestion in the answer"
    return AnswerError(message, step=step, kind=kind, raw=reply.text)
