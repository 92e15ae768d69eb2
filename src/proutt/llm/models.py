"""From what a user configures to a model that answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from proutt.errors import UserError
from proutt.llm.address import base_urls_of, is_served, not_served
from proutt.llm.weights import is_embedded

if TYPE_CHECKING:
    from proutt.llm.embedded import Embedded
    from proutt.llm.endpoint import Endpoint
    from proutt.llm.fetch import Progress
    from proutt.llm.pool import Pool

#: Where a key is looked for when no variable is named.
KEY_VARIABLES = ("PROUTT_API_KEY", "OPENAI_API_KEY")
#: Where an engine that began servers of the model tells its workers their base URLs, commas between, and their key.
SERVED_URLS, SERVED_KEY = "PROUTT_SERVED_URLS", "PROUTT_SERVED_KEY"
ENDPOINT_CONTEXT_TOKENS = 32768
ENDPOINT_TIMEOUT_S = 300.0


class ModelSpec(BaseModel):
    """Which model, where, and within what limits. It names the variable of a key, never the key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(
        "local",
        min_length=1,
        description="the endpoint's model name, or local, local:tiny, local:PATH.gguf, hf:owner/name:FILE.gguf; "
        "+lora:PATH.gguf adds an adapter",
    )
    base_url: str | None = Field(
        None, description="of an OpenAI-compatible server, or several with commas between; none for embedded models"
    )
    api_key_env: str | None = Field(
        None,
        description="variable with the key, or one per address with commas between; default PROUTT_API_KEY, then "
        'OPENAI_API_KEY; "" sends none',
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
    on_note: Callable[[str], None] = lambda _: None,
    progress: Callable[[Progress], None] = lambda _: None,
    unserved: bool = False,
) -> Pool:
    """The model, trying again after failures that may pass. Weights that an embedded one lacks are brought first.

    on_note   told of what a user should know while it works: an endpoint that is gone, is back, is left out
    unserved  where an engine's servers are named that nobody has begun, whoever asks is told (`unserved.py`)

    Connects to nothing yet. Raises UserError where the configuration contradicts itself.
    """
    from proutt.llm.pool import Pool

    if spec.embedded:
        return Pool([_embedded(spec, progress)], ceiling=spec.slots, start=spec.slots, on_note=on_note)
    return Pool(_endpoints(spec, environ, unserved=unserved), ceiling=spec.concurrency, on_note=on_note)


def open_transport(
    spec: ModelSpec,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Endpoint | Embedded:
    """As `open_model`, without trying again: a failure shows at once. Of several endpoints, the first."""
    if spec.embedded:
        return _embedded(spec, progress)
    return _endpoints(spec, environ)[0]


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
        adapter=located.adapter,
        slots=spec.slots,
        context_tokens=spec.context_tokens or CONTEXT_TOKENS,
        timeout_s=spec.timeout_s or TIMEOUT_S,
    )


def _endpoints(spec: ModelSpec, environ: Mapping[str, str], *, unserved: bool = False) -> list[Endpoint]:
    """One for each address, or for each key of one address."""
    from proutt.llm.endpoint import Endpoint
    from proutt.llm.unserved import Unserved

    if spec.base_url is None:
        raise UserError(
            f"model {spec.model!r} needs the address of its server.",
            remedy="Give --base-url (PROUTT_BASE_URL), or use an embedded model: local, local:PATH.gguf.",
        )
    named = base_urls_of(spec.base_url)
    known_as = named[0] if is_served(named[0]) else None
    own = [each for each in named if not is_served(each)]
    reached = _served(environ) if len(own) < len(named) else []
    reached += _with_keys(own, api_keys_of(spec, environ)) if own else []
    if not reached and not unserved:
        raise not_served(spec.model, named[0])
    kind = Endpoint if reached else Unserved
    return [
        kind(
            url,
            spec.model,
            api_key=key,
            api_key_env=variable,
            context_tokens=spec.context_tokens or ENDPOINT_CONTEXT_TOKENS,
            thinking_tokens=spec.thinking_tokens,
            concurrency=spec.concurrency,
            timeout_s=spec.timeout_s or ENDPOINT_TIMEOUT_S,
            known_as=known_as if number == 0 else None,
        )
        for number, (url, variable, key) in enumerate(reached or [(named[0], SERVED_KEY, None)])
    ]


#: Where a model is reached: base URL, the variable of its key, and the key.
Reached = tuple[str, str, str | None]


def _served(environ: Mapping[str, str]) -> list[Reached]:
    """The servers that an engine has begun."""
    urls = environ.get(SERVED_URLS, "")
    return [(url, SERVED_KEY, environ.get(SERVED_KEY)) for url in urls.split(",") if url]


def _with_keys(urls: list[str], keys: list[tuple[str, str | None]]) -> list[Reached]:
    """Each address with its key, or the one key; or one address with each of its keys. Raises UserError."""
    if len(urls) != len(keys) and len(urls) > 1 and len(keys) > 1:
        raise UserError(
            f"{len(urls)} addresses, but {len(keys)} keys.",
            remedy="Name one key variable for all addresses, or one for each, in their order.",
        )
    most = max(len(urls), len(keys))
    pairs = zip(urls * (most // len(urls)), keys * (most // len(keys)), strict=True)
    return [(url, variable, key) for url, (variable, key) in pairs]


def api_keys_of(spec: ModelSpec, environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """The variable that holds (or should hold) each key, and the key; None where none is set: some servers want none.

    Raises UserError where a variable was named and is not set, or holds what can't be a key.
    """
    if spec.api_key_env == "":
        return [("", None)]
    if spec.api_key_env:
        named = [name.strip() for name in spec.api_key_env.split(",")]
        return [(name, _key_in(name, environ)) for name in named]
    for name in KEY_VARIABLES:
        if environ.get(name, "").strip():
            return [(name, _key_in(name, environ))]
    return [(KEY_VARIABLES[0], None)]


def _key_in(name: str, environ: Mapping[str, str]) -> str:
    key = environ.get(name, "").strip()
    if not key:
        raise UserError(f"{name} is not set.", remedy="Set it to the key, or name another variable (api_key_env).")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UserError(f"{name} holds characters that no key has.", remedy="Set it to the key alone.")
    return key
