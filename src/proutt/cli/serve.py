"""`proutt serve`: suggestions over HTTP for running chats."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.predict import METHOD_NAMES
from proutt.cli.run_options import opened_name
from proutt.cli.tasks import tasks_named

if TYPE_CHECKING:
    from proutt.serving.settings import ServeSettings


@click.command("serve")
@click.option(
    "--model",
    default="local",
    envvar="PROUTT_MODEL",
    show_envvar=True,
    show_default=True,
    help="Foresees: a name that the endpoint knows, or local, local:tiny, local:PATH.gguf, or a directory of "
    "proutt train.",
)
@click.option(
    "--base-url",
    envvar="PROUTT_BASE_URL",
    metavar="URL",
    show_envvar=True,
    help="OpenAI-compatible endpoint; none for embedded models.",
)
@click.option(
    "--api-key-env",
    envvar="PROUTT_API_KEY_ENV",
    metavar="VARIABLE",
    help="Variable that holds the endpoint's key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]",
)
@click.option("--assistant-model", metavar="NAME", help="Answers in the chat.  [default: --model]")
@click.option("--assistant-base-url", metavar="URL", help="Its endpoint; none for embedded models.")
@click.option("--assistant-api-key-env", metavar="VARIABLE", help="Variable that holds its endpoint's key.")
@click.option(
    "--method",
    type=click.Choice(METHOD_NAMES),
    default="proutt",
    show_default=True,
    help="How suggestions are made (docs/predict.md).",
)
@click.option(
    "--n", type=click.IntRange(1, 16), default=4, show_default=True, help="Suggestions where a request names no number."
)
@click.option(
    "--instruction",
    type=click.Choice(("structured", "minimal")),
    default="structured",
    show_default=True,
    help="The training instruction, for method proutt.",
)
@click.option(
    "--small-steps/--whole-steps",
    default=None,
    help="For method proutt-pipeline and --tasks.  [default: small with an embedded model]",
)
@click.option(
    "--trained",
    is_flag=True,
    help="With --tasks: --model is one of proutt train over SynPT's rows, and asks as it was trained to. Needs "
    "--assistant-model.",
)
@click.option(
    "--tries",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    help="Most draws where suggestions are too few; each takes its time.",
)
@click.option(
    "--timeout-s",
    type=click.FloatRange(0.05, 600),
    help="For one request's suggestions; what came by then is given.  [default: 3 for methods prompt and "
    "follow-up, 10 for the others, 120 for embedded models]",
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Leave out suggestions that the model was less sure of, where its server tells that.",
)
@click.option(
    "--answer-tokens",
    type=click.IntRange(16, 32768),
    default=1024,
    show_default=True,
    help="Most tokens of an answer of the assistant.",
)
@click.option(
    "--tasks",
    metavar="en|zh|FILE",
    help="Let the page's chat, and POST /v1/ask, find out what users want of these tasks (SynPT): those that ship in "
    "English or Chinese, or a task file. --model asks, --assistant-model answers and does the task.",
)
@click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer.")
@click.option(
    "--thinking-tokens",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Room for a reasoning model's thinking, on top of each answer's.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Keys all chance.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to serve. Off loopback it demands --client-key-env.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option(
    "--client-key-env",
    metavar="VARIABLE,...",
    envvar="PROUTT_CLIENT_KEY_ENV",
    show_envvar=True,
    help="Variables that hold the keys, one of which a client must show.  [default: no key on loopback]",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="A page of another server that may ask, as https://chat.example.org; may be given several times.",
)
@click.option(
    "--rate",
    type=click.IntRange(min=0),
    default=120,
    show_default=True,
    metavar="N",
    help="Requests a minute of each key, or address where there are no keys; 0: any number.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests that ask a model at once; further ones are refused.  [default: 64; embedded 4]",
)
@click.option(
    "--max-body",
    type=click.IntRange(1024, 2**26),
    default=2**20,
    show_default=True,
    metavar="BYTES",
    help="Most bytes of a request's body.",
)
@click.option(
    "--shutdown-s",
    type=click.FloatRange(0, 600),
    default=10.0,
    show_default=True,
    help="How long requests in flight may go on after Ctrl-C.",
)
@click.option(
    "--feedback",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep here what users do with suggestions, with the chat (proutt export --from-feedback).",
)
@click.option("--quiet", is_flag=True, help="No log; only the address, and errors.")
def command(**given: Any) -> None:
    """Serve suggestions for running chats over HTTP (docs/serve.md).

    POST /v1/suggestions takes a chat's messages. Open WebUI, Dify and assistant-ui are served in their own shapes, and
    / is a page to chat on. Nobody but this machine reaches it unless --host says so. The log is JSON Lines on standard
    error and holds no text of a dialogue. Ctrl-C stops.

    \b
      proutt serve --model my-proutt --base-url http://localhost:8000/v1
      proutt serve --model qwen3-8b --base-url http://localhost:8000/v1 --method prompt --min-score 0.3
      proutt serve --tasks en --model qwen3-8b --base-url http://localhost:8000/v1
    """
    try:
        from proutt.serving.log import silent, to_stderr
        from proutt.serving.server import serve
    except ModuleNotFoundError as error:
        from proutt.errors import UserError

        raise UserError(f"{error.name} is not installed.", remedy="Run: pip install 'proutt[serve]'") from None

    serve(
        _settings(given, os.environ),
        ready=lambda url: click.echo(f"Serving on {url}"),
        log=silent if given["quiet"] else to_stderr,
    )


def _settings(given: Mapping[str, Any], environ: Mapping[str, str]) -> ServeSettings:
    """What the options say. Raises UserError where they contradict themselves."""
    from proutt.errors import UserError
    from proutt.llm import ModelSpec
    from proutt.llm.models import api_keys_of
    from proutt.serving.settings import Limits, ServeSettings

    spec = ModelSpec(
        model=opened_name(given["model"]),
        base_url=given["base_url"],
        api_key_env=given["api_key_env"],
        context_tokens=given["context_tokens"],
        thinking_tokens=given["thinking_tokens"],
    )
    in_flight = given["concurrency"] or (4 if spec.embedded else 64)
    spec = spec.model_copy(update={"concurrency": in_flight})
    assistant = None
    if given["assistant_model"] is not None:
        assistant = ModelSpec(
            model=given["assistant_model"],
            base_url=given["assistant_base_url"],
            api_key_env=given["assistant_api_key_env"],
            concurrency=in_flight,
        )
    elif given["assistant_base_url"] is not None:
        raise UserError("names no model.", where="--assistant-base-url", remedy="Give --assistant-model, too.")
    if given["trained"] and not (given["assistant_model"] and given["tasks"]):
        remedy = "Give --tasks and --assistant-model NAME: a model that only asks answers nothing else."
        raise UserError("a trained model needs tasks, and a larger model beside it.", where="--trained", remedy=remedy)
    keys: tuple[str, ...] = ()
    if given["client_key_env"]:
        named = ModelSpec(api_key_env=given["client_key_env"])
        keys = tuple(key for _, key in api_keys_of(named, environ) if key is not None)
    return ServeSettings(
        spec=spec,
        assistant=assistant,
        keys=keys,
        tasks=() if given["tasks"] is None else tasks_named(given["tasks"]),
        origins=given["origins"],
        limits=Limits(
            body_bytes=given["max_body"],
            per_minute=given["rate"],
            in_flight=in_flight,
            shutdown_s=given["shutdown_s"],
        ),
        **{name: given[name] for name in _SAME},
    )


#: Options that are called as the settings are.
_SAME = (
    *("method", "n", "instruction", "small_steps", "tries", "timeout_s", "min_score", "answer_tokens", "seed"),
    *("host", "port", "feedback", "trained"),
)
