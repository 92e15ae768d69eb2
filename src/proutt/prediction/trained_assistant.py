"""A model trained on SynPT's rows as the workflow's mining agent: A^M in one inference (VII-A, equation 18)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from proutt.dialogue import Context, Turn
from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.llm import ChatModel, Message, Request, Sampling
from proutt.methods.synpt.steps import Emotion, Exchange, Options, Reply, Thinking
from proutt.methods.synpt.trained import TrainedAnswer, read_answer
from proutt.prediction.fitting import fitted, room_for

#: Room for the thinking and the reply; the paper's temperature.
_TOKENS, _TEMPERATURE = 1200, 0.01
_FRAME_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Mined:
    """What the trained model makes of an utterance. reply: None where it sums up."""

    thinking: Thinking
    emotion: Emotion
    reply: Reply | None


@dataclass(frozen=True)
class TrainedAssistant:
    """The model, as it was trained: it sees the chat and nothing else. seed: keys all chance."""

    model: ChatModel
    seed: int = 0

    async def mined(
        self, place: str, task: Task, past: Sequence[Exchange], utterance: str, before: IntentionState | None
    ) -> Mined:
        """A^M, read from the model's own words. Nothing of it is checked, as the agents' answers are.

        past    the task's turns as they were shown: of each reply, what comes last is the question
        before  S_{i-1}; what stands where the model's thinking tells no state

        Raises AnswerError where the model says nothing to the user, ModelError where it doesn't answer.
        """
        turns = tuple(Turn(each.utterance, _question(each.reply)) for each in past)
        tokens = min(_TOKENS, self.model.context_tokens // 2)
        room = room_for(self.model.context_tokens, tokens, _FRAME_TOKENS)
        kept = fitted(Context("chat", task.language, turns), room).turns if turns else ()
        said = [each for turn in kept for each in (Message("user", turn.user), Message("assistant", turn.assistant))]
        digest = hashlib.sha256(f"{self.seed}/{place}/trained".encode()).digest()
        sampling = Sampling(max_tokens=tokens, temperature=_TEMPERATURE, seed=int.from_bytes(digest[:4], "big") >> 1)
        messages = (*said, Message("user", utterance))
        reply = await self.model.reply(Request(messages, sampling, None, 0, "trained", "assistant-agent"))
        answer = read_answer(reply.text, task)
        if not answer.text and answer.summary is None:
            raise AnswerError("the trained model said nothing", step="trained", kind="empty", raw=reply.text)
        return mined_of(answer, task, before)


def mined_of(answer: TrainedAnswer, task: Task, before: IntentionState | None) -> Mined:
    """The fields that an answer fills. A summary that leaves something out is that of a user who wants no more."""
    thought, known = answer.thought, before or IntentionState(task)
    if answer.summary is not None:
        known = IntentionState(task).updated({**known.values, **answer.summary})
    elif thought.state is not None:
        known = IntentionState(task, tuple(thought.state.given.items()))
    willing = answer.summary is None and (thought.emotion is None or thought.emotion.willing)
    ask = thought.ask if thought.ask in known.missing else next(iter(known.missing), None)
    emotion = Emotion("" if thought.emotion is None else thought.emotion.reasoning, willing or known.complete)
    if ask is None or not willing:
        return Mined(Thinking(known, ask), emotion, None)
    options = Options("", ()) if thought.options is None else Options("", tuple(thought.options.options))
    return Mined(Thinking(known, ask), emotion, Reply(options, answer.text))


def _question(shown: str) -> str:
    """Of a reply as it was shown, A^L and then the question, the question."""
    return shown.strip().rsplit("\n\n", 1)[-1]
