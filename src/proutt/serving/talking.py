"""The assistant's side of a chat: from the messages of a request to the call for its answer."""

from __future__ import annotations

from collections.abc import Sequence

from proutt.dialogue import Context
from proutt.llm import Message, Request, Sampling
from proutt.prediction.fitting import fitted, room_for
from proutt.serving.chats import Refused, dialogue_of
from proutt.serving.shapes import ChatMessage

_TEMPERATURE = 0.7
_FRAME_TOKENS = 300


def asked_of(messages: Sequence[ChatMessage], context_tokens: int, answer_tokens: int, seed: int) -> Request:
    """The call for the assistant's next answer: the last rounds that fit, system messages before. Raises Refused."""
    dialogue = dialogue_of(messages)
    if dialogue is None or dialogue.last_utterance is None:
        raise Refused(422, "no-question", "The chat does not end with the user, so there is nothing to answer.")
    room = min(answer_tokens, context_tokens // 2)
    most = room_for(context_tokens, room, _FRAME_TOKENS)
    system = [] if dialogue.system is None else [Message("system", dialogue.system[:most])]
    last = Message("user", dialogue.last_utterance)
    earlier: list[Message] = []
    if dialogue.turns:
        seen = fitted(Context("chat", "und", dialogue.turns), most // 2)
        earlier = [
            each for turn in seen.turns for each in (Message("user", turn.user), Message("assistant", turn.assistant))
        ]
    sampling = Sampling(room, _TEMPERATURE, seed=seed + len(dialogue.turns))
    return Request((*system, *earlier, last), sampling, step="chat", role="assistant")
