"""Servers that an engine would begin (`--serve`) and that nobody has begun: a session that asks nothing needs none."""

from __future__ import annotations

from typing import NoReturn

from proutt.errors import UserError
from proutt.llm.endpoint import Endpoint


class NotServed(UserError):
    """Servers are to be asked that nobody has begun."""

    def __init__(self, model: str, base_url: str) -> None:
        said = f"nobody has begun the servers of {model!r} ({base_url})."
        remedy = f"Give --engine and --serve as before, or a server of yours: --base-url {base_url},http://HOST/v1"
        super().__init__(said, remedy=remedy)


class Unserved(Endpoint):
    """Stands for them: it is known as they are, and whoever asks it gets a NotServed."""

    def _http(self) -> NoReturn:
        raise NotServed(self.model, self.base_url)
