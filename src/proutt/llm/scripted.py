"""A model that says what it was told to say: for tests, and for trying a pipeline without any model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proutt.errors import ModelError
from proutt.llm.chat import Reply, Request, Usage
from proutt.llm.wire import estimated_tokens

#: One answer: its text, a whole reply, an error to raise, or something that makes one of these of the request.
Answer = str | Reply | BaseException | Callable[[Request], Any]


class ScriptedModel:
    """Answers by step name.

    answers  step → one callable for every call, or a list that is used up in order
    requests every request, in the order in which they came

    A call of an unknown step, or one more than the list holds, is a fatal ModelError: a test fails where it is wrong.
    """

    def __init__(
        self,
        answers: Mapping[str, Callable[[Request], Any] | Sequence[Answer]],
        *,
        identity: str = "scripted",
        context_tokens: int = 32768,
    ) -> None:
        self.identity, self.context_tokens = identity, context_tokens
        self.requests: list[Request] = []
        self.closed = False
        self._answers = {step: each if callable(each) else list(each) for step, each in answers.items()}

    @property
    def left(self) -> dict[str, int]:
        """Answers that nobody asked for, by step; empty when the script was followed to its end."""
        return {step: len(each) for step, each in self._answers.items() if isinstance(each, list) and each}

    def of_step(self, step: str) -> list[Request]:
        """The requests of one step, in order."""
        return [each for each in self.requests if each.step == step]

    async def reply(self, request: Request) -> Reply:
        """The next answer of the request's step. Raises what the script says."""
        self.requests.append(request)
        if self.closed:
            raise ModelError("the scripted model is closed", kind="unexpected-call", fatal=True)
        answer: Any = self._next(request.step)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Reply):
            return answer
        if not isinstance(answer, str):
            raise ValueError(f"the script of {request.step!r} made a {type(answer).__name__}, not a text")
        prompt_tokens = estimated_tokens("".join(each.content for each in request.messages))
        return Reply(answer, "stop", Usage(prompt_tokens, estimated_tokens(answer)), 0.0)

    def _next(self, step: str) -> Any:
        answers = self._answers.get(step)
        if callable(answers):
            return answers
        if not answers:
            calls = len(self.of_step(step))
            known = ", ".join(self._answers) or "none"
            raise ModelError(
                f"unexpected call {calls} of step {step!r}; scripted steps: {known}", kind="unexpected-call", fatal=True
            )
        return answers.pop(0)

    async def close(self) -> None:
        self.closed = True
