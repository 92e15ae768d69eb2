"""Servers that an engine would begin (`--serve`) and that nobody has begun: a session that asks nothing needs none."""

from __future__ import annotations

from typing import NoReturn

from proutt.llm.address import not_served
from proutt.llm.endpoint import Endpoint


class Unserved(Endpoint):
    """Stands for them: it is known as they are, and whoever asks it gets a NotServed."""

    def _http(self) -> NoReturn:
        raise not_served(self.model, self.base_url)
