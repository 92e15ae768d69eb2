"""POST /v1/ask: the agent workflow (`asking.py`), whole or as events."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request, Response

from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.prediction.workflow import Answered, Hearing, Memory, Workflow
from proutt.serving.answering import Emit, events, while_there, whole
from proutt.serving.asking import AskAnswer, AskAsked, answer_of, chat_of, memory_of, state_of
from proutt.serving.chats import Refused
from proutt.serving.service import Service, facts_of, milliseconds
from proutt.serving.shapes import Failure

#: Names the chat among all places of questions: the same chat gets the same reply of a model that draws by seed.
_PLACE = "chat"


def add_ask(app: FastAPI, service: Service, workflow: Workflow | None) -> None:
    """Add the path. workflow: None where the service has no tasks; then it is a 404 that says so."""
    responses = {200: {"model": AskAnswer, "content": {"text/event-stream": {}}}, 404: {"model": Failure}}

    @app.post("/v1/ask", responses=responses)  # type: ignore[arg-type]
    async def ask(asked: AskAsked, request: Request) -> Response:
        """What is known is answered, then one missing intention is asked for (SynPT VII-B); or a summary is executed.

        As events: `understood` with the intentions so far, `piece` after `piece` of what the larger model says,
        `restart` where all pieces before are void, then `done` with the whole answer.
        """
        if workflow is None:
            raise Refused(404, "off", "This service has no tasks (--tasks).")
        call = _Call(service, workflow, asked, request)
        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            return await events(request, call.emitted)
        return whole(await while_there(request, call.answer(Hearing())))


class _Call:
    """One request: what it asks for, and its answer. Raises Refused where it can't be answered."""

    def __init__(self, service: Service, workflow: Workflow, asked: AskAsked, request: Request) -> None:
        self._service, self._workflow, self._request = service, workflow, request
        self._began = time.perf_counter()
        self._past, self._utterance = chat_of(asked.messages)
        self._memory = memory_of(asked.state, workflow.tasks, len(self._past))
        self._summed: IntentionState | None = None
        if asked.execute:
            self._summed = None if self._memory is None else self._memory.summed_up
            if self._summed is None or self._utterance is not None:
                raise Refused(
                    422, "not-summed-up", "Only the summary that ends a chat can be executed; send its state."
                )
        elif self._utterance is None:
            raise Refused(422, "no-question", "The chat does not end with the user, so there is nothing to answer.")

    async def answer(self, hearing: Hearing) -> AskAnswer:
        """The whole answer. Raises Refused, ModelError, UserError."""
        try:
            async with self._service.asking(self._request):
                found = await self._answered(hearing)
        except AnswerError as error:
            self._service.metrics.upstream.labels("answer").inc()
            facts = facts_of(self._request)
            self._service.log("answer-unusable", request_id=facts.request_id, step=error.step, kind=error.kind)
            message = "The model gave no answer that can be used; the service's log says to which question."
            raise Refused(502, "answer", message) from None
        facts_of(self._request).said |= {"kind": found.kind}
        return found

    async def _answered(self, hearing: Hearing) -> AskAnswer:
        model = self._workflow.larger.identity
        if self._summed is not None:
            done = await self._workflow.execute(f"{_PLACE}/{len(self._past)}", self._summed, hearing=hearing)
            return AskAnswer(
                kind="done",
                text=done.text,
                answer=done.text,
                state=state_of(Memory(since=len(self._past))),
                finish=done.finish or "stop",
                model=model,
                took_ms=milliseconds(self._began),
            )
        answered: Answered = await self._workflow.reply(
            _PLACE, self._past, self._utterance or "", memory=self._memory, hearing=hearing
        )
        return answer_of(answered, model, milliseconds(self._began))

    async def emitted(self, emit: Emit) -> None:
        """The answer as events."""
        shown = ""

        def said(text: str) -> None:
            nonlocal shown
            if not text.startswith(shown):
                emit("restart", {})
                shown = ""
            if len(text) > len(shown):
                emit("piece", {"text": text[len(shown) :]})
            shown = text

        def understood(state: IntentionState, ask: str | None) -> None:
            emit("understood", {"task": state.task.name, "given": state.values, "missing": state.missing, "ask": ask})

        emit("done", await self.answer(Hearing(understood, said)))
