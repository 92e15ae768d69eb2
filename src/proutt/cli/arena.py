"""`proutt arena`: people chat with two chatbots on a page and compare them, blind (UPC 5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.lazy import LazyGroup
from proutt.cli.run_options import opened_name, with_options
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.llm import ModelSpec
    from proutt.web.arena.bots import Bot, Manner
    from proutt.web.arena.desk import Desk
    from proutt.web.arena.visits import Side

VERBS = {
    "results": ("proutt.cli.arena_results", "Shares of who was preferred, with intervals; figure 4."),
    "export": ("proutt.cli.arena_results:export", "Write conversations and verdicts as JSON Lines."),
}
_SIDES = ("a", "b")


def _bot(side: str) -> Iterable[Callable[..., Any]]:
    """The options of one chatbot."""
    return (
        click.option(f"--{side}", metavar="MODEL",
                     help="A chatbot: a name that its endpoint knows, or local, local:tiny, local:PATH.gguf, or a "
                     "directory of proutt train.  [required]"),
        click.option(f"--{side}-base-url", metavar="URL", help="Its OpenAI-compatible endpoint; none if embedded."),
        click.option(f"--{side}-api-key-env", metavar="VARIABLE",
                     help="Variable that holds its key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
        click.option(f"--{side}-name", metavar="NAME", help="What results call it.  [default: MODEL]"),
    )  # fmt: skip


_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER",
                 help="Where chats and verdicts are kept; the same command goes on with them.  [required]"),
    *_bot("a"),
    *_bot("b"),
    click.option("--participants", type=click.IntRange(1, 10_000), default=10, show_default=True, metavar="N",
                 help="Links to hand out, one for each person; more may be asked for later."),
    click.option("--least-turns", type=click.IntRange(1, 40), default=3, show_default=True, metavar="T",
                 help="Turns with each chatbot before the two are compared."),
    click.option("--language", type=click.Choice(("en", "zh")), default="en", show_default=True,
                 help="Of the page and of the chatbots' prompt."),
    click.option("--plain", is_flag=True, help="Ask the chatbots without UPC's prompt; people speak first."),
    click.option("--greeting", default="", metavar="TEXT",
                 help="Both chatbots open with these words.  [default: each greets in its own]"),
    click.option("--temperature", type=click.FloatRange(0, 2), default=0.75, show_default=True, help="Of both."),
    click.option("--thinking-tokens", type=click.IntRange(min=0), default=0, metavar="N",
                 help="Room for the thinking of reasoning models, of both.  [default: 0]"),
    click.option("--timeout-s", type=click.FloatRange(1, 3600), default=120, show_default=True, help="For one reply."),
    click.option("--reply-after", type=click.FloatRange(0, 120), default=3, show_default=True, metavar="SECONDS",
                 help="Show no reply sooner, so that the quicker chatbot is not known by it."),
    click.option("--seed", type=int, default=0, show_default=True, help="Keys all chance."),
    click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
                 help="Where to serve; by default no other machine reaches it."),
    click.option("--port", type=click.IntRange(0, 65535), default=8767, show_default=True, help="0 takes a free one."),
    click.option("--address", metavar="URL",
                 help="By which people reach the page, where a proxy with HTTPS stands before it."),
    click.option("--quiet", is_flag=True, help="Print only where the links are, and errors."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON line with the links."),
)  # fmt: skip


@click.group("arena", cls=LazyGroup, verbs=VERBS, invoke_without_command=True)
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int | None:
    """Let people chat with two chatbots on a page, not knowing which is which, and compare them (UPC 5.4, figure 4).

    Every participant gets a link of their own, chats with Bot 1 and Bot 2, then says which was more relevant, more
    interesting, of more value, and better overall. Ctrl-C stops; the same command goes on (docs/arena.md).

    \b
      proutt arena --out people --a mine --a-base-url http://localhost:8000/v1 \\
                   --b big --b-base-url http://localhost:8001/v1 --participants 62
      proutt arena results people --figures png
    """
    if context.invoked_subcommand is not None:
        return None
    return run(given)


def run(given: Mapping[str, Any]) -> int:
    """Open the chatbots, serve until stopped; the exit code."""
    import asyncio

    from proutt.web.arena.bots import Manner

    out = given["out"]
    if out is None:
        raise UserError("no folder named.", remedy="Give one, e.g. --out people")
    if given["plain"] and given["greeting"]:
        remedy = "Leave one of them out: without a prompt, people speak first."
        raise UserError("contradicts --plain.", where="--greeting", remedy=remedy)
    specs = {side: _spec(side, given) for side in _SIDES}
    names = {side: given[f"{side}_name"] or given[side] for side in _SIDES}
    if names["a"] == names["b"]:
        raise UserError(
            f"both chatbots are called {names['a']!r}.", remedy="Tell them apart with --a-name and --b-name."
        )
    address = None if given["address"] is None else _origin(given["address"])
    shared = ("language", "plain", "greeting", "temperature", "seed")
    manner = Manner(**{name: given[name] for name in shared})
    asyncio.run(_serve(given, specs, names, manner, address))
    return 0


async def _serve(
    given: Mapping[str, Any],
    specs: Mapping[str, ModelSpec],
    names: Mapping[str, str],
    manner: Manner,
    address: str | None,
) -> None:
    from proutt.cli.terminal import one_line
    from proutt.web.arena.desk import Desk, Terms
    from proutt.web.arena.server import serve
    from proutt.web.arena.store import Store, settings_of

    terms = Terms(given["least_turns"], given["reply_after"])
    models = {side: spec.model for side, spec in specs.items()}
    settings = settings_of(names, models, manner, least_turns=terms.least_turns)

    def note(text: str) -> None:
        click.echo(one_line(text, 400), err=True)

    bots = _opened(specs, names)  # first: where one can't be, no arena is begun
    try:
        with Store(given["out"], settings) as store:
            desk = Desk(bots, manner, terms, store, store.invite(given["participants"]), note)
            ready = partial(_ready, given["out"], desk, quiet=given["quiet"], as_json=given["as_json"])
            await serve(desk, host=given["host"], port=given["port"], address=address, ready=ready)
            await desk.close()
    finally:
        for bot in bots.values():
            await bot.model.close()


def _spec(side: str, given: Mapping[str, Any]) -> ModelSpec:
    from proutt.llm import ModelSpec

    if given[side] is None:
        raise UserError(f"no chatbot {side} named.", remedy=f"Give a model, e.g. --{side} local")
    url = given[f"{side}_base_url"]
    if "," in (url or ""):
        remedy = "Name one; to share the load, put a balancer before the servers."
        raise UserError("a chatbot has one address.", where=f"--{side}-base-url", remedy=remedy)
    return ModelSpec(
        model=opened_name(given[side]),
        base_url=url,
        api_key_env=given[f"{side}_api_key_env"],
        thinking_tokens=given["thinking_tokens"],
        timeout_s=given["timeout_s"],
    )


def _opened(specs: Mapping[str, ModelSpec], names: Mapping[str, str]) -> dict[Side, Bot]:
    """The two, not yet connected. A failed call is not tried again: somebody waits, and is asked."""
    from proutt.cli.models import ProgressBar
    from proutt.llm.models import open_transport
    from proutt.serving.renewing import Renewing
    from proutt.web.arena.bots import Bot
    from proutt.web.arena.visits import SIDES

    with ProgressBar(quiet=False) as progress:
        return {side: Bot(names[side], Renewing(open_transport(specs[side], progress=progress))) for side in SIDES}


def _origin(address: str) -> str:
    """The address as browsers name it. Raises UserError where it is more or less than http(s)://name."""
    from urllib.parse import urlsplit

    parts = urlsplit(address.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc or parts.path or parts.query:
        remedy = "Give it as https://arena.example.org, without a path."
        raise UserError("is no address of a page.", where=f"--address {address}", remedy=remedy)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _ready(out: Path, desk: Desk, address: str, *, quiet: bool, as_json: bool) -> None:
    """Write every participant's link, and say where."""
    import json

    from proutt.cli.terminal import plain
    from proutt.web.arena.files import write_links

    links = {number: f"{address}/#{key}" for key, number in desk.keys.items()}
    path = write_links(out, links)
    if as_json:
        click.echo(json.dumps({"event": "serving", "address": address, "links": list(links.values())}))
        return
    click.echo(plain(f"Links, one for each participant: {path}"))
    if not quiet:
        came = sum(visit.verdict is not None for visit in desk.visits.values())
        click.echo(f"The first: {links[1]}")
        click.echo(f"{came} of {len(links)} participants have compared the two. Ctrl-C stops; nothing is lost.")
