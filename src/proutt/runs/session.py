"""One session of a run, whatever its method: open the models, let work be done with their calls, close them.

A run is begun once and has as many sessions as it takes: after a stop, a kill or a ceiling the next one goes on from
the journal. `run_session` knows of models, calls, money and time; what is asked, and what is made of the answers, is
the work's business, and what is shown of it an `Observer`'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from proutt.errors import ModelError
from proutt.llm import ChatModel, ModelSpec
from proutt.llm.address import base_urls_of
from proutt.llm.batch import CAPACITY
from proutt.llm.chat import Deferring
from proutt.llm.fetch import Progress
from proutt.llm.weights import weights_of
from proutt.prompts import Role
from proutt.runs.calls import Calls
from proutt.runs.directory import RunDirectory
from proutt.runs.models import open_models
from proutt.runs.prices import read_prices
from proutt.runs.spending import Spending, spending_of


class Observer(Protocol):
    """Who is told how a session goes: a display, or nobody."""

    def note(self, text: str) -> None:
        """Something that the user should know now: an endpoint that is gone, a stop."""
        ...

    def fetching(self) -> AbstractContextManager[Callable[[Progress], None]]:
        """While weights are brought: what is to be told how far that is."""
        ...

    def working(self, now: Callable[[float], Mapping[str, Any]]) -> AbstractAsyncContextManager[None]:
        """While work goes on: `now` gives, for the seconds gone by, where it stands (`standing`)."""
        ...


@dataclass(frozen=True)
class Terms:
    """What a session needs to know of a run's configuration.

    specs        role → its model
    idle         roles that make no call (a judge by embeddings): their price is no matter
    concurrency  most calls in flight at a model that goes live
    seed         keys the draws of all answers
    max_tokens, max_cost  over all sessions of the run; None: no end
    batch        "api" or "files": calls go as batches; None: live
    """

    specs: Mapping[Role, ModelSpec]
    concurrency: int
    seed: int
    idle: frozenset[Role] = frozenset()
    max_tokens: int | None = None
    max_cost: float | None = None
    batch: str | None = None

    @property
    def limit(self) -> int:
        """Most calls that may be asked of a model at once: a batch has to collect."""
        return CAPACITY if self.batch else self.concurrency


@dataclass(frozen=True)
class Session:
    """What the work is given."""

    terms: Terms
    calls: Calls
    spending: Spending

    @property
    def currency(self) -> str:
        return self.spending.currency

    @property
    def waiting(self) -> int:
        """Calls that wait for a batch: of those begun, the ones that are not in flight."""
        models = {id(model): model for model in self.calls.models.values()}
        return sum(model.waiting for model in models.values() if isinstance(model, Deferring))


#: Does what is left to do, through `Session.calls`. True where nothing is left for a later session.
Work = Callable[[Session], Awaitable[bool]]


@dataclass
class Ended:
    """How a session has ended.

    complete    nothing is left for a later session
    failure     what ended it, where no call could be made any more; what was finished is in the journal
    why         what stopped it short, a matter each, with what to do about it; empty where the user did, or a failure
    identities  role → its model's identity
    spent       money over all sessions, in `currency`; None where a price is not known
    """

    complete: bool = False
    failure: ModelError | None = None
    why: list[str] = field(default_factory=list)
    identities: dict[str, str] = field(default_factory=dict)
    spent: float | None = None
    currency: str = ""


def check_models(specs: Mapping[Role, ModelSpec]) -> None:
    """Refuse a model's name or address that can't be right, before anything is written down: it may hold a secret.

    Raises UserError.
    """
    for spec in specs.values():
        if spec.base_url is not None:
            base_urls_of(spec.base_url)
        elif spec.embedded:
            weights_of(spec.model)


def run_session(directory: RunDirectory, terms: Terms, work: Work, observer: Observer) -> Ended:
    """Open the models of the terms, let the work be done, close them; the run's seconds are counted in its journal.

    A ModelError that ends the work is in what comes back, for what was finished is to be written down all the same.
    Raises UserError where there is something to mend, KeyboardInterrupt where the user wants to wait for nothing.
    """
    journal = directory.journal
    paying = {role: spec for role, spec in terms.specs.items() if role not in terms.idle}
    spending = spending_of(paying, read_prices(), max_cost=terms.max_cost)
    ceiling = spending.ceiling(max_tokens=terms.max_tokens, max_cost=terms.max_cost, before=journal.usage_by_model())
    ended = Ended(currency=spending.currency)

    async def session() -> None:
        models = open_models(terms.specs, directory, terms.batch, observer.fetching, observer.note)
        spending.identities.update({role: model.identity for role, model in models.items()})
        calls = Calls(models, journal, terms.limit, terms.seed, ceiling=ceiling)
        try:
            ended.complete = await work(Session(terms, calls, spending))
        finally:
            await _close(models, ended)

    began, before = time.monotonic(), journal.changes
    earlier = float(journal.meta("seconds") or 0.0)
    try:
        asyncio.run(session())
    except ModelError as error:
        ended.failure = error
    finally:
        if journal.changes != before:  # a run that had nothing to do changes no byte
            journal.set_meta("seconds", str(earlier + time.monotonic() - began))
    ended.identities = {role.value: identity for role, identity in spending.identities.items()}
    ended.spent = ceiling.spent
    if ceiling.reached:
        ended.why = [f"{ceiling.reached}; raise it"]
    return ended


async def _close(models: Mapping[Role, ChatModel], ended: Ended) -> None:
    """Close each model once; what of it comes later is known before that."""
    each = {id(model): model for model in models.values()}.values()
    ended.why += [model.postponed for model in each if isinstance(model, Deferring) and model.postponed]
    for model in each:
        await model.close()
