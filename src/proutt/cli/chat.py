"""`proutt predict --chat`: talk to a model in the terminal, with suggestions after each of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, TypeVar

import click

from proutt.cli.terminal import one_line, plain

if TYPE_CHECKING:
    from proutt.dialogue import Context, Turn
    from proutt.llm import ChatModel, Message
    from proutt.prediction.config import PredictConfig
    from proutt.prediction.prediction import Prediction, Predictor

AnyT = TypeVar("AnyT")

#: Room for one answer of the assistant, and how it is drawn.
_ANSWER_TOKENS, _ANSWER_TEMPERATURE = 512, 0.7
_WIDTH = 200
_HELP = "Write a message, or the number of a suggestion. An empty line, Ctrl-D or Ctrl-C ends the chat."


def chat(config: PredictConfig) -> int:
    """Talk until the user ends it; the exit code."""
    from proutt.cli.models import ProgressBar
    from proutt.llm import open_model
    from proutt.prediction.methods import METHODS
    from proutt.prediction.run import CONTINUED, continued

    decided = config.resolved()
    with ProgressBar(quiet=False) as progress:
        model = open_model(
            decided.spec, progress=progress, on_note=lambda text: click.echo(one_line(text, 400), err=True)
        )
    foreseeing = continued(model, decided.spec) if decided.method in CONTINUED else model
    predictor = METHODS[decided.method](decided.setting(model.context_tokens))
    click.echo(_HELP)
    with asyncio.Runner() as runner:
        try:
            return _talk(Talk(decided, model, foreseeing, predictor), runner)
        finally:
            runner.run(model.close())


class Talk:
    """One conversation: its turns so far, who answers, and who foresees what the user says."""

    def __init__(self, config: PredictConfig, model: ChatModel, foreseeing: ChatModel, predictor: Predictor) -> None:
        self.turns: list[Turn] = []
        self._config, self._model, self._foreseeing, self._predictor = config, model, foreseeing, predictor

    async def answered(self, utterance: str) -> str:
        """What the assistant says to the user's next utterance; the turn is kept. Raises ModelError, AnswerError."""
        from proutt.dialogue import Turn
        from proutt.errors import AnswerError
        from proutt.llm import Message, Request, Sampling, without_reasoning

        seed = self._config.seed + len(self.turns)
        sampling = Sampling(min(_ANSWER_TOKENS, self._model.context_tokens // 4), _ANSWER_TEMPERATURE, seed=seed)
        messages = (*self._messages(), Message("user", utterance))
        reply = await self._model.reply(Request(messages, sampling, step="chat", role="assistant"))
        said = without_reasoning(reply.text)
        if not said:
            raise AnswerError("the answer was empty", step="chat", kind="empty", raw=reply.text)
        self.turns.append(Turn(utterance, said))
        return said

    def _messages(self) -> list[Message]:
        """The last turns, as many as there is room for."""
        from proutt.llm import Message
        from proutt.prediction.fitting import fitted, room_for

        if not self.turns:
            return []
        budget = room_for(self._model.context_tokens, self._model.context_tokens // 4, 300)
        kept = fitted(self._context(), budget).turns
        return [each for turn in kept for each in (Message("user", turn.user), Message("assistant", turn.assistant))]

    async def foreseen(self) -> Prediction:
        """What the user may say next. Raises ModelError, AnswerError."""
        from proutt.prediction.asking import ModelAsking

        ask = ModelAsking(lambda _: self._foreseeing, seed=self._config.seed)
        return await self._predictor(self._context(), ask, lambda what: Random(f"{self._config.seed}/{what}"))

    def _context(self) -> Context:
        from proutt.dialogue import Context
        from proutt.dialogue.language import language_of

        language = self._config.language or language_of(
            [turn.user for turn in self.turns], (turn.assistant for turn in self.turns)
        )
        return Context("chat", language, tuple(self.turns))


def _talk(talk: Talk, runner: asyncio.Runner) -> int:
    """Utterance, answer, suggestions; over and over."""
    suggestions: list[str] = []
    while utterance := written(suggestions):
        answer = tried(lambda said=utterance: runner.run(talk.answered(said)), "No answer")  # type: ignore[misc]
        if answer is None:
            suggestions = []
            continue
        click.echo(f"\n{plain(answer)}\n")
        prediction = tried(lambda: runner.run(talk.foreseen()), "No suggestions")
        suggestions = [] if prediction is None else [each.text for each in prediction.suggestions]
        for number, text in enumerate(suggestions, start=1):
            click.echo(f"  {number}  {one_line(text, _WIDTH)}")
    return 0


def tried(call: Callable[[], AnyT], what: str) -> AnyT | None:
    """What the call gives; None, with a word to the user, where the model gave nothing that can be used."""
    from rich.console import Console

    from proutt.errors import AnswerError, ModelError

    try:
        with Console(stderr=True).status("thinking"):  # nothing where it is no terminal
            return call()
    except AnswerError as error:
        reason = str(error)
    except ModelError as error:
        if error.fatal:
            raise
        reason = str(error)
    click.echo(f"({what}: {one_line(reason, 300)})", err=True)
    return None


def written(suggestions: Sequence[str]) -> str:
    """What the user says: the text, or the suggestion whose number was written; empty where there is no more."""
    try:
        said = input("> ").strip()
    except EOFError:
        return ""
    if said.isdecimal() and 1 <= int(said) <= len(suggestions):
        chosen = suggestions[int(said) - 1]
        click.echo(f"> {plain(chosen)}")
        return chosen
    return said
