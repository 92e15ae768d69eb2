"""The one call behind which every model stands: messages and a JSON Schema in, a text with its usage out.

Knows nothing of dialogues, steps or runs. `Request.step` and `Request.role` are labels for counting, `affinity` is one
for where a call goes; everything else in a request can change the answer and is part of the call's key in a journal.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn.

    max_tokens       most tokens of the answer, reasoning of reasoning models included
    temperature      0 draws the likeliest
    seed             None leaves it to the endpoint
    min_p, repeat_penalty  llama.cpp's; sent to the embedded engine only
    """

    max_tokens: int
    temperature: float = 0.7
    top_p: float = 1.0
    seed: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One call.

    schema  the JSON Schema the answer must meet, or None for plain text
    sample  0 for the first draw of these messages, 1, 2, ... for further ones
    step, role  which step asks and for which role: labels for usage, not part of the key
    affinity  which calls share their beginning, those of a dialogue: of several endpoints they go to the same one where
            they can; not sent, and not part of the key; "" for none
    """

    messages: tuple[Message, ...]
    sampling: Sampling
    schema: dict[str, Any] | None = field(default=None, hash=False)
    sample: int = 0
    step: str = ""
    role: str = ""
    affinity: str = field(default="", compare=False)

    def key(self, model: str) -> str:
        """The call's content hash (hex SHA-256): everything that can change its answer, and nothing else."""
        sampling = [getattr(self.sampling, name) for name in self.sampling.__slots__]
        texts = [text for each in self.messages for text in (each.role, each.content)]
        parts = [model, schema_text(self.schema), json.dumps([*sampling, self.sample]), *texts]
        encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
        # Each with its length, so that no two lists of parts read the same.
        return hashlib.sha256(b"".join([b"%d:%b" % (len(part), part) for part in encoded])).hexdigest()


_SCHEMA_TEXTS: dict[int, tuple[dict[str, Any], str]] = {}
_MOST_SCHEMA_TEXTS = 128


def schema_text(schema: dict[str, Any] | None) -> str:
    """A schema as one line of JSON; of the latest ones it is kept, since most calls share theirs with many."""
    if schema is None:
        return "null"
    kept = _SCHEMA_TEXTS.get(id(schema))
    if kept is not None and kept[0] is schema:
        return kept[1]
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    if len(_SCHEMA_TEXTS) >= _MOST_SCHEMA_TEXTS:
        _SCHEMA_TEXTS.clear()
    _SCHEMA_TEXTS[id(schema)] = (schema, text)  # holding the schema keeps its id its own
    return text


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of many. cached_tokens are those of prompt_tokens that the server had computed before."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    text     the answer as it came (with `<think>` text, if the model wrote any into it)
    finish   "stop", "length" (cut off by max_tokens) or whatever else the server said
    seconds  from the first byte sent to the last received, waits and retries not counted
    """

    text: str
    finish: str
    usage: Usage
    seconds: float


class ChatModel(Protocol):
    """A model that answers.

    identity        what makes its answers its own, for journals and records: "qwen3-8b @ https://host/v1",
                    "local (SmolLM2-135M-Instruct Q4_1, b179c952)". Never a key.
    context_tokens  most tokens of prompt and answer together
    """

    @property
    def identity(self) -> str: ...

    @property
    def context_tokens(self) -> int: ...

    async def reply(self, request: Request) -> Reply:
        """Answer one request. Raises ModelError where no answer could be had."""
        ...

    async def close(self) -> None:
        """Let go of connections, threads and memory. A closed model answers no more."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A model that knows how many calls it bears at once; of another, whoever asks has to decide."""

    @property
    def capacity(self) -> int:
        """Calls that may be in flight now, 1 or more; it may change with every answer."""
        ...


@runtime_checkable
class Deferring(Protocol):
    """A model that collects calls for batches, some of whose answers come in a later session only."""

    @property
    def waiting(self) -> int:
        """Calls that wait for a batch, or for their turn: they are not in flight."""
        ...

    @property
    def postponed(self) -> str | None:
        """What the user should know where answers come in a later session only, a line for each matter; else None."""
        ...

    def detach(self) -> None:
        """Wait for no batch any more: whoever waits gets Postponed, what is in flight goes on."""
        ...
