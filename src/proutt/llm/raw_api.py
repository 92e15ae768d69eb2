"""A model with the rest of its server's API, for questions that chat completions can't put."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from proutt.errors import ModelError

#: What a server answers with that has no such part of the API, or takes other fields there.
ABSENT = frozenset({400, 404, 405, 422, 501})


class Server(Protocol):
    """An `Endpoint`, or the embedded engine."""

    @property
    def identity(self) -> str: ...

    @property
    def context_tokens(self) -> int: ...

    async def exchange(self, method: str, path: str, *, data: bytes | None = None) -> bytes: ...

    async def close(self) -> None: ...


async def posted(server: Server, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object that a part of the API answers a JSON body with. path: follows the base URL; "../x" leaves it.

    Raises ModelError.
    """
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    answer = await server.exchange("POST", path, data=data)
    try:
        parsed = json.loads(answer)
    except ValueError:
        raise ModelError(f"{server.identity} answered with a body that is not JSON", kind="bad-body") from None
    if not isinstance(parsed, dict):
        raise ModelError(f"{server.identity} answered with JSON that is no object", kind="bad-body")
    return parsed
