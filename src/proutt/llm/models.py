"""From what a user configures to a model that answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from proutt.errors import ModelError, UserError
from proutt.llm.address import base_url_of
from proutt.llm.chat import ChatModel
from proutt.llm.weights import is_embedded

if TYPE_CHECKING:
    from proutt.llm.embedded import Embedded
    from proutt.llm.endpoint import Endpoint
    from proutt.llm.fetch import Progress

#: Where a key is looked for when no variable is named.
KEY_VARIABLES = ("PROUTT_API_KEY", "OPENAI_API_KEY")
ENDPOINT_CONTEXT_TOKENS = 32768
ENDPOINT_TIMEOUT_S = 300.0


class ModelSpec(BaseModel):
    """Which model, where, and within what limits. It names the variable of a key, never the key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(
        "local",
        min_length=1,
        description="the endpoint's model name, or local, local:tiny, local:PATH.gguf, hf:owner/name:FILE.gguf",
    )
    base_url: str | None = Field(None, description="of an OpenAI-compatible server; none for embedded models")
    api_key_env: str | None = Field(
        None, description='variable with the key; default PROUTT_API_KEY, then OPENAI_API_KEY; "" sends none'
    )
    timeout_s: float | None = Field(None, gt=0, description="for one call; default 300, embedded 1800")
    context_tokens: int | None = Field(
        None, ge=256, description="most tokens of prompt and answer; default 32768, embedded 4096"
    )
    thinking_tokens: int = Field(
        0, ge=0, description="room for a reasoning model's thinking, on top of each answer's; for endpoints"
    )
    concurrency: int = Field(64, ge=1, description="calls in flight at once at an endpoint")
    slots: int = Field(2, ge=1, description="requests that the embedded engine computes at once")

    @property
    def embedded(self) -> bool:
        """Whether the embedded engine runs it."""
        return is_embedded(self.model)


def open_model(
    spec: ModelSpec,
    *,
    environ: Mapping[str, str] = os.environ,
    on_retry: Callable[[ModelError, float], None] | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ChatModel:
    """The model, trying again after failures that may pass. Weights that an embedded one lacks are brought first.

    Connects to nothing yet. Raises UserError where the configuration contradicts itself.
    """
    from proutt.llm.retry import Retrying

    return Retrying(open_transport(spec, environ=environ, progress=progress), on_retry=on_retry)


def open_transport(
    spec: ModelSpec,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Endpoint | Embedded:
    """As `open_model`, without trying again: a failure shows at once."""
    if spec.embedded:
        return _embedded(spec, progress)
    return _endpoint(spec, environ)


def _embedded(spec: ModelSpec, progress: Callable[[Progress], None]) -> Embedded:
    from proutt.llm.embedded import CONTEXT_TOKENS, TIMEOUT_S, Embedded
    from proutt.llm.fetch import fetch, locate

    if spec.base_url is not None:
        raise UserError(
            f"model {spec.model!r} is embedded, but a base URL is given too.",
            remedy="Name the server's model with --model, or leave --base-url (PROUTT_BASE_URL) out.",
        )
    located = locate(spec.model) or fetch(spec.model, progress=progress)
    return Embedded(
        located.path,
        identity=located.identity,
        slots=spec.slots,
        context_tokens=spec.context_tokens or CONTEXT_TOKENS,
        timeout_s=spec.timeout_s or TIMEOUT_S,
    )


def _endpoint(spec: ModelSpec, environ: Mapping[str, str]) -> Endpoint:
    from proutt.llm.endpoint import Endpoint

    if spec.base_url is None:
        raise UserError(
            f"model {spec.model!r} needs the address of its server.",
            remedy="Give --base-url (PROUTT_BASE_URL), or use an embedded model: local, local:PATH.gguf.",
        )
    variable, key = api_key_of(spec, environ)
    return Endpoint(
        base_url_of(spec.base_url),
        spec.model,
        api_key=key,
        api_key_env=variable,
        context_tokens=spec.context_tokens or ENDPOINT_CONTEXT_TOKENS,
        thinking_tokens=spec.thinking_tokens,
        concurrency=spec.concurrency,
        timeout_s=spec.timeout_s or ENDPOINT_TIMEOUT_S,
    )


def api_key_of(spec: ModelSpec, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """The variable that holds (or should hold) the key, and the key; None where it is not set: some servers want none.

    Raises UserError where a variable was named and is not set, or holds what can't be a key.
    """
    if spec.api_key_env == "":
        return "", None
    names = (spec.api_key_env,) if spec.api_key_env else KEY_VARIABLES
    for name in names:
        key = environ.get(name, "").strip()
        if key:
            if not (key.isascii() and key.isprintable()) or " " in key:
                raise UserError(f"{name} holds characters that no key has.", remedy="Set it to the key alone.")
            return name, key
    if spec.api_key_env:
        raise UserError(f"{spec.api_key_env} is not set.", remedy="Set it to the key, or mend --api-key-env.")
    return names[0], None
