"""The service on a port: uvicorn around the application, from the open socket to the last request in flight."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import uvicorn

from proutt.dialogue.language import likely_language
from proutt.errors import ModelError, UserError
from proutt.llm import Message, Request, Sampling
from proutt.llm.models import open_transport
from proutt.prediction.workflow_models import workflow_of
from proutt.serving.addresses import hosts_of, in_address, open_socket
from proutt.serving.app import application
from proutt.serving.log import Log
from proutt.serving.renewing import Renewing
from proutt.serving.service import Service
from proutt.serving.settings import ServeSettings

#: Connections at once, idle and slow ones as well; further ones are told 503.
MOST_CONNECTIONS = 2048
_MOST_HEADER_BYTES = 2**15
_KEEP_ALIVE_S = 15
#: Who foresees, who answers, who mines intentions: two or all of them may be one.
Models = tuple[Renewing, Renewing, Renewing]
#: A call may outlast the service's own patience a little, so that ours decides.
_MARGIN_S = 5.0


def checked(settings: ServeSettings) -> ServeSettings:
    """The settings. Raises UserError where they would let strangers in or contradict themselves."""
    if not settings.loopback and not settings.keys:
        remedy = "Name variables that hold keys with --client-key-env, or serve on 127.0.0.1."
        raise UserError("others can reach it, and there is no key.", where=f"--host {settings.host}", remedy=remedy)
    for spec in (settings.spec, settings.assistant):
        if spec is not None and "," in (spec.base_url or ""):
            remedy = "Name one; to share the load, put a balancer before the servers."
            raise UserError("a service has one address for each model.", where="--base-url", remedy=remedy)
    return settings


def models_of(settings: ServeSettings) -> Models:
    """The models, not yet connected. A failed call is not tried again: somebody waits."""
    from proutt.prediction.run import CONTINUED

    # A task that is carried out takes longer than suggestions may, and an embedded model is not loaded twice for it.
    patience_s = None if settings.tasks and settings.spec.embedded else settings.timeout + _MARGIN_S
    foresees = open_transport(settings.spec.model_copy(update={"timeout_s": patience_s}))
    if settings.method in CONTINUED:
        from proutt.prediction.continuing import Continuing

        first = Renewing(Continuing(foresees, settings.spec.model))
    else:
        first = Renewing(foresees)
    plain = Renewing(foresees) if settings.method in CONTINUED else first
    asks = Renewing(open_transport(settings.spec)) if settings.tasks and not settings.spec.embedded else plain
    answers = plain if settings.assistant is None else Renewing(open_transport(settings.assistant))
    return first, answers, asks


@asynccontextmanager
async def running(settings: ServeSettings, models: Models, log: Log) -> AsyncIterator[Running]:
    """The service, answering; at the end no more is taken, and what is in flight may finish within its time.

    Raises UserError where the address can't be served.
    """
    listening = open_socket(settings.host, settings.port)
    bound = listening.getsockname()[1]
    foresees, answers, asks = models
    service = Service(settings, foresees, answers, log)
    workflow = None
    if settings.tasks:
        larger = asks if settings.assistant is None else answers
        how = {"small": settings.asks_small, "trained": settings.trained}
        workflow = workflow_of(settings.tasks, asks, larger, seed=settings.seed, **how)
    hosts = hosts_of(settings.host, bound) if settings.loopback else None
    server = _Server(
        uvicorn.Config(
            application(service, hosts, workflow),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=math.ceil(settings.limits.shutdown_s),
            h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
        )
    )
    task = asyncio.ensure_future(server.serve([listening]))
    try:
        await asyncio.wait({task, asyncio.ensure_future(server.up.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield Running(service, f"http://{in_address(settings.host)}:{bound}", server, task)
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task
        for model in dict.fromkeys(models):
            await model.close()


class Running:
    """A service that answers at `url`, until `stop`."""

    def __init__(self, service: Service, url: str, server: _Server, task: asyncio.Future[None]) -> None:
        self.service, self.url, self._server, self._task = service, url, server, task

    def stop(self) -> None:
        """Take no more requests; `ended` returns when those in flight are done."""
        self._server.should_exit = True

    async def ended(self) -> None:
        """Wait until it was stopped, by `stop` or a signal."""
        await asyncio.wait({self._task})


class _Server(uvicorn.Server):
    """uvicorn's, which says when it is up, and ends with a signal as if nothing had happened."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop, caught = asyncio.get_running_loop(), []
        for each in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
                loop.add_signal_handler(each, self.handle_exit, each, None)
                caught.append(each)
        try:
            yield
        finally:
            for each in caught:
                loop.remove_signal_handler(each)


def serve(settings: ServeSettings, *, ready: Callable[[str], None], log: Log) -> None:
    """Serve until SIGINT or SIGTERM; a second one ends it at once. ready: told the address once it answers.

    Raises UserError where there is something to mend.
    """
    asyncio.run(_serve(checked(settings), ready, log))


async def _serve(settings: ServeSettings, ready: Callable[[str], None], log: Log) -> None:
    models = models_of(settings)
    await warmed(settings, models)
    async with running(settings, models, log) as service:
        ready(service.url)
        log("serving", url=service.url, method=settings.method, model=service.service.suggester.model)
        await service.ended()
    log("stopped")


async def warmed(settings: ServeSettings, models: Models) -> None:
    """Load what takes seconds before anybody waits for it: the language detector, an embedded model."""
    await asyncio.to_thread(likely_language, "Which language is this text written in?")
    if settings.spec.embedded:
        hello = Request((Message("user", "Hello."),), Sampling(1), step="warm", role="service")
        with contextlib.suppress(ModelError):
            await models[0].reply(hello)
