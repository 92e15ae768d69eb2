"""`proutt models`: which model each role uses, whether it answers, and bringing weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from proutt.cli.prices import command as prices
from proutt.cli.terminal import plain
from proutt.llm import ModelSpec
from proutt.llm.address import base_urls_of
from proutt.llm.models import KEY_VARIABLES, api_keys_of, open_transport
from proutt.llm.weights import PINNED, weights_of
from proutt.prompts import PAIR_ROLES, Role

if TYPE_CHECKING:
    from proutt.llm.fetch import Progress
    from proutt.llm.trial import Trial

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def model_options(function: FunctionT) -> FunctionT:
    """The options that say which model: one for all roles, and a name of its own for each role."""
    options = [
        click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                     help="Model of every role: a name that the server knows, or local, local:tiny, "
                     "local:PATH.gguf, hf:owner/name:FILE.gguf.  [default: local]"),
        click.option("--base-url", envvar="PROUTT_BASE_URL", show_envvar=True, metavar="URL",
                     help="OpenAI-compatible server; none for embedded models."),
        click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                     help=f"Environment variable that holds the key.  [default: {', then '.join(KEY_VARIABLES)}]"),
        *(click.option(f"--{role}-model", envvar=f"PROUTT_{role.upper()}_MODEL", metavar="MODEL",
                       help=f"Another model for the {role}.") for role in PAIR_ROLES),
        click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
                     help="Configuration file, as for synthesize; flags and environment go first."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def specs_of(options: Mapping[str, Any]) -> dict[str, ModelSpec]:
    """Role → model, of the options that `model_options` adds, over the configuration file."""
    from proutt.runs.config import config_of, read_config

    values = {} if options["config_file"] is None else read_config(options["config_file"])
    named = ("model", "base_url", "api_key_env")
    values |= {name: options[name] for name in named if options[name] is not None}
    config = config_of(with_role_models(values, options))
    return {role.value: config.spec(role) for role in PAIR_ROLES}


def with_role_models(
    values: Mapping[str, Any], options: Mapping[str, Any], roles: Sequence[Role] = PAIR_ROLES
) -> dict[str, Any]:
    """Configuration values with the models of single roles that the options `--ROLE-model` name."""
    models = dict(values.get("roles") or {})
    for role in roles:
        named = options[f"{role.value.replace('-', '_')}_model"]
        if named:
            models[role.value] = {**(models.get(role.value) or {}), "model": named}
    return {**values, "roles": models}


@click.group(name="models", invoke_without_command=True)
@model_options
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Show, check and fetch models.

    Without a subcommand: which model each role uses, and whether embedded weights are here. Nothing is sent anywhere.
    """
    if context.invoked_subcommand is not None:
        return
    specs = specs_of(options)
    shown = {
        "roles": {role: spec.model for role, spec in specs.items()},
        "models": [described(spec) for spec in dict.fromkeys(specs.values())],
        "weights": [weights_described(name) for name in PINNED],
    }
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if options["as_json"] else as_text(shown))


def described(spec: ModelSpec) -> dict[str, Any]:
    """What is configured for one model. Raises UserError where it contradicts itself."""
    import os

    if spec.embedded and spec.base_url is None:
        return {"model": spec.model, "engine": "embedded", "file": weights_described(spec.model)}
    if spec.embedded or spec.base_url is None:
        open_transport(spec)  # says what is wrong
    keys = [variable for variable, key in api_keys_of(spec, os.environ) if key]
    urls = ", ".join(base_urls_of(spec.base_url or ""))
    return {"model": spec.model, "engine": "endpoint", "base_url": urls, "key_from": ", ".join(keys) or None}


def weights_described(model: str) -> dict[str, Any]:
    """Where an embedded model's file is, or what a fetch would bring."""
    from proutt.llm.fetch import locate, pinned_path

    located = locate(model)
    weights = PINNED.get(model)
    return {
        "name": model,
        "title": weights.title if weights else model,
        "present": located is not None,
        "path": str(located.path if located else pinned_path(weights) if weights else ""),
        "bytes": located.path.stat().st_size if located else weights.size_bytes if weights else None,
    }


def as_text(shown: dict[str, Any]) -> str:
    lines = ["role        model"]
    lines += [f"{role:<12}{model}" for role, model in shown["roles"].items()]
    lines.append("")
    for each in shown["models"]:
        if each["engine"] == "endpoint":
            key = f"key from {each['key_from']}" if each["key_from"] else f"no key set ({' or '.join(KEY_VARIABLES)})"
            lines.append(f"{each['model']}: {each['base_url']}, {key}")
        else:
            lines.append(f"{each['model']}: embedded engine")
    lines += ["", "weights     size      where"]
    files = {each["name"]: each for each in shown["weights"]}
    files |= {each["file"]["name"]: each["file"] for each in shown["models"] if "file" in each}
    for each in files.values():
        size = f"{each['bytes'] / 1e6:.0f} MB" if each["bytes"] is not None else "?"
        place = each["path"] if each["present"] else f"not here yet: proutt models fetch {each['name']}"
        lines.append(f"{each['name']:<12}{size:<10}{place}")
    return plain("\n".join(lines))


command.add_command(prices)


@command.command(name="fetch")
@click.argument("model", default="local")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def fetch_command(model: str, quiet: bool) -> None:
    """Bring the weights of an embedded model into the cache: local, local:tiny or hf:owner/name:FILE.gguf.

    They come once and are checked against their SHA-256; a file that is already there is only checked.
    """
    from proutt.llm.fetch import fetch

    weights_of(model)  # a wrong name fails before anything is drawn
    with ProgressBar(quiet=quiet) as progress:
        located = fetch(model, progress=progress)
    click.echo(plain(f"{located.identity}\n{located.path} ({located.path.stat().st_size / 1e6:.0f} MB)"))


class ProgressBar:
    """A progress bar on standard error, drawn from the first progress on; a call with it is a fetch's `progress`."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        self._bar = Bar(*columns, console=Console(stderr=True), disable=quiet)
        self._task: Any = None

    def __enter__(self) -> Callable[[Progress], None]:
        return self._show

    def _show(self, progress: Progress) -> None:
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(f"Fetching {progress.title}", total=progress.total_bytes)
        self._bar.update(self._task, completed=progress.done_bytes)

    def __exit__(self, *_: object) -> None:
        if self._task is not None:  # a bar that never began would end with an empty line
            self._bar.stop()


@command.command(name="check")
@model_options
def check_command(**options: Any) -> None:
    """Try each configured model with a few small calls: does it answer, what holds its answers to a schema, how fast.

    Exit code 2 where one does not answer. A hosted model is paid for about 2,000 tokens.
    """
    specs = specs_of(options)
    trials = {}
    for spec in dict.fromkeys(specs.values()):
        trials[spec] = _try(spec, quiet=options["as_json"])
    found = [_found(trial, [role for role in specs if specs[role] == spec]) for spec, trial in trials.items()]
    if options["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo(plain("\n\n".join(trial_as_text(each) for each in found)))


def _try(spec: ModelSpec, *, quiet: bool) -> Trial:
    """Try one model. Its failure is the user's to mend: UserError."""
    import asyncio

    from proutt.errors import ModelError, UserError
    from proutt.llm.trial import try_model

    async def trial() -> Trial:
        with ProgressBar(quiet=quiet) as progress:
            model = open_transport(spec, progress=progress)
        if not quiet:
            click.echo(plain(f"Trying {model.identity} ..."), err=True)
        try:
            return await try_model(model)
        finally:
            await model.close()

    try:
        return asyncio.run(trial())
    except ModelError as error:
        raise UserError(str(error)) from error


def _found(trial: Trial, roles: list[str]) -> dict[str, Any]:
    from dataclasses import asdict

    return {"roles": roles, **asdict(trial)}


def trial_as_text(found: dict[str, Any]) -> str:
    """One trial, a line for each finding, with what follows from it where something does."""
    structured = {
        "json_schema": "the server holds answers to the JSON Schema",
        "json_object": "the server's JSON mode; the schema is told in words",
        "text": "by words alone; expect more second tries",
    }[found["structured_output"]]
    speeds = [found["prompt_tokens_per_s"], found["answer_tokens_per_s"]]
    prompt, answer = (f"{speed:.0f} tokens/s" if speed is not None else "too quick to tell" for speed in speeds)
    context = f"{found['context_tokens']} tokens"
    if found["server_context_tokens"] and found["server_context_tokens"] < found["context_tokens"]:
        context += f" configured, but the server has {found['server_context_tokens']}: lower context_tokens"
    elif found["server_context_tokens"]:
        context += f" (the server has {found['server_context_tokens']})"
    thinks = "no" if not found["thinking_tokens"] else f"about {found['thinking_tokens']} tokens; see --thinking-tokens"
    flaw = "" if found["structured_valid"] else "; the trial's answer was not valid"
    return "\n".join([
        f"{found['identity']}  ({', '.join(found['roles'])})",
        "  reachable          yes",
        f"  structured output  {structured}{flaw}",
        f"  prompt speed       {prompt}",
        f"  answer speed       {answer}",
        f"  prefix caching     {found['prefix_caching']}",
        f"  thinks first       {thinks}",
        f"  context            {context}",
    ])  # fmt: skip
