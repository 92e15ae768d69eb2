"""Servers that an engine would begin (`--serve`) and that nobody has begun: a session that asks nothing needs none."""

from __future__ import annotations

from typing import Any, NoReturn

from proutt.llm.address import not_served
from proutt.llm.connection import Connection
from proutt.llm.endpoint import Endpoint


class Unserved(Endpoint):
    """Stands for them: it is known as they are, and whoever asks it gets a NotServed."""

    def __init__(self, base_url: str, model: str, **settings: Any) -> None:
        super().__init__(base_url, model, **settings)
        self._connection = _Nowhere(self.base_url, model)


class _Nowhere(Connection):
    """The way to a server of a model that nobody has begun."""

    def __init__(self, base_url: str, model: str) -> None:
        super().__init__(base_url, api_key=None, concurrency=1, timeout_s=1.0)
        self._model = model

    def _http(self) -> NoReturn:
        raise not_served(self._model, self.base_url)
