"""Models behind one call: endpoints, the embedded engine, a scripted model; answers of a given shape.

Importing this room loads no HTTP library and no engine: `open_model` does, when it is called.
"""

from proutt.llm.chat import ChatModel, Message, Reply, Request, Sampling, Usage
from proutt.llm.control_tokens import neutralise_control_tokens
from proutt.llm.models import ModelSpec, open_model
from proutt.llm.parsing import parse_answer, without_reasoning
from proutt.llm.schema import answer_schema
from proutt.llm.scripted import ScriptedModel
from proutt.llm.spoken import Said, spoken
from proutt.llm.stream import Piece, Streaming, Token, streamed
from proutt.llm.structured import ask

__all__ = [
    "ChatModel",
    "Message",
    "ModelSpec",
    "Piece",
    "Reply",
    "Request",
    "Said",
    "Sampling",
    "ScriptedModel",
    "Streaming",
    "Token",
    "Usage",
    "answer_schema",
    "ask",
    "neutralise_control_tokens",
    "open_model",
    "parse_answer",
    "spoken",
    "streamed",
    "without_reasoning",
]
