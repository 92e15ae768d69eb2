"""Options that the verbs of runs share, and the configuration that they and its file make."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from proutt.errors import UserError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from proutt.llm.model_server import Serving
    from proutt.runs.sharded import Workers

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

#: What `--retry-failed` without a reason stands for.
EVERY_REASON = "*"

MODEL: tuple[Option, ...] = (
    click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                 help="A name that the endpoint knows, or local, local:tiny, local:PATH.gguf, or a directory of "
                 "proutt train.  [default: local]"),
    click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                 help="OpenAI-compatible endpoint; none for embedded models."),
    click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                 help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
)  # fmt: skip

ENGINES = ("processes", "ray")

CALLS: tuple[Option, ...] = (
    click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer."),
    click.option("--thinking-tokens", type=click.IntRange(min=0), metavar="N",
                 help="Room for a reasoning model's thinking, on top of each answer's.  [default: 0]"),
    click.option("--timeout-s", type=click.FloatRange(1, 86400), help="For one call."),
    click.option("--concurrency", type=click.IntRange(min=1), help="Calls in flight.  [default: 64; embedded 2]"),
)  # fmt: skip

DIALOGUES: tuple[Option, ...] = (
    click.option("--format", help="Corpus format, where it is not to be recognised."),
    click.option("--language", metavar="CODE", help="Language of all dialogues (en, zh, ...)."),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N dialogues only."),
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
)

CEILINGS: tuple[Option, ...] = (
    click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="MONEY",
                 help="Stop, resumably, when the run has cost that much (prices: proutt models prices)."),
    click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                 help="Stop, resumably, when the run has used that many prompt and answer tokens."),
)  # fmt: skip

WORKERS: Option = click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N",
    help="With --engine: workers at once.  [default: the processors]",
)  # fmt: skip

SHARED: tuple[Option, ...] = (
    click.option("--shard", metavar="I/N", help="Work on the I-th of N shares of the input; proutt merge joins them."),
    click.option("--engine", type=click.Choice(ENGINES), help="Let several workers do the shares, and join them: "
                 "processes of this machine, or a Ray cluster (docs/scale.md)."),
    WORKERS,
    click.option("--serve", metavar="vllm:MODEL", help="With --engine: begin servers of the model on all GPUs, with "
                 "vllm or sglang, and end them (docs/models.md)."),
    click.option("--serve-gpus", type=click.IntRange(1, 64), metavar="N", help="With --serve: GPUs of one server.  "
                 "[default: 1]"),
)  # fmt: skip

DRY_RUN: tuple[Option, ...] = (
    click.option("--dry-run", is_flag=True, help="Say what it would take: calls, tokens, money. Calls nothing."),
    click.option("--like", type=click.Path(path_type=Path), metavar="RUN",
                 help="With --dry-run: a finished run of these models, whose measures the estimate takes."),
)  # fmt: skip


def again(items: str, reason: str) -> tuple[Option, ...]:
    """Taking answers of older runs, and failures up again; items: what the verb calls them, reason: for an example."""
    return (
        click.option("--reuse", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
                     help="Take answers of an older run where the question is the same."),
        click.option("--retry-failed", is_flag=False, flag_value=EVERY_REASON, metavar="[REASON]",
                     help=f"Take failed {items} up again, all or those of a reason: --retry-failed={reason}."),
    )  # fmt: skip


SHOWN: tuple[Option, ...] = (
    click.option("--quiet", is_flag=True, help="No progress, no summary."),
    click.option("--json", "as_json", is_flag=True,
                 help="Print JSON Lines: progress now and then (not with --quiet), at last the summary."),
)  # fmt: skip

LAST: tuple[Option, ...] = (
    click.option("--seed", type=int, help="Keys all chance.  [default: 0]"),
    click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
                 help="Settings by the options' names; flags and environment go first."),
    *SHOWN,
)  # fmt: skip


def _by_names(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Let a file's values stand where neither a flag nor the environment says anything."""
    if path is None:
        return
    from pydantic import ConfigDict, create_model

    from proutt.runs.config import read_config

    shown = ("json", "quiet")  # of one call, not of what is done
    params = [each for each in context.command.params if each.expose_value]
    keys = {each.opts[0].lstrip("-").replace("-", "_"): each.name or "" for each in params}
    fields: dict[str, Any] = {key: (Any, None) for key in keys if key not in shown}
    kind = create_model("Settings", __config__=ConfigDict(extra="forbid"), **fields)
    context.default_map = {keys[key]: value for key, value in read_config(path, kind).items()}


#: For verbs whose settings have no configuration class of their own: the file's keys are the options' names.
CONFIG_BY_NAMES: Option = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE.yaml", is_eager=True, expose_value=False,
    callback=_by_names, help="Settings by the options' names; flags and environment go first.",
)  # fmt: skip


def number_of(given: Mapping[str, Any]) -> int | None:
    """How many workers `--engine` and `--workers` ask for; None: this process alone."""
    if given["engine"] is None:
        if given["workers"] is not None:
            raise UserError("there is nobody to number.", where="--workers", remedy="Give --engine, too.")
        return None
    return given["workers"] or os.cpu_count() or 1


def workers_of(given: Mapping[str, Any]) -> Workers | None:
    """What the options say is to do a run's shares; None: this process, all of it."""
    serving = serving_of(given)
    number = number_of(given)
    if number is None:
        return None
    from proutt.runs.engines import Processes
    from proutt.runs.sharded import Workers

    if given["engine"] == "processes":
        from proutt.runs.model_servers import LocalServers

        return Workers(Processes(number, None if serving is None else LocalServers(serving)), number)
    from proutt.runs.ray_engine import RayData
    from proutt.runs.ray_servers import RayServers

    return Workers(RayData(number, None if serving is None else RayServers(serving)), number)


def serving_of(given: Mapping[str, Any]) -> Serving | None:
    """The model that the engine's own servers are to serve; None: whoever the configuration names does."""
    if given.get("serve") is None:
        if given.get("serve_gpus") is not None:
            raise UserError("there is no server that takes GPUs.", where="--serve-gpus", remedy="Give --serve, too.")
        return None
    if given["engine"] is None:
        raise UserError("there is nobody who begins servers.", where="--serve", remedy="Give --engine, too.")
    from proutt.llm.model_server import Serving

    return Serving.named(given["serve"], given["serve_gpus"] or 1)


def with_options(*options: Option) -> Option:
    """All of them on one command, shown in their order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def said(context: click.Context, given: Mapping[str, Any], kind: type[BaseModel]) -> dict[str, Any]:
    """The keys and values of a configuration of that kind: flags and environment over the configuration file.

    An option whose name is a key sets that key. Raises UserError where the file is not right.
    """
    from proutt.runs.config import read_config

    values = {} if given["config_file"] is None else read_config(given["config_file"], kind)
    for name, value in given.items():
        sources = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
        if name in kind.model_fields and context.get_parameter_source(name) in sources:
            values[name] = list(value) if isinstance(value, tuple) else value
    if given["files"]:
        values["inputs"] = list(given["files"])
    serving = serving_of(given)
    if serving is not None:
        if any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ("model", "base_url")):
            remedy = "Leave --model and --base-url out."
            raise UserError("it names the model and begins its servers.", where="--serve", remedy=remedy)
        return {**values, "model": serving.model, "base_url": serving.base_url}
    if isinstance(values.get("model"), str):
        values["model"] = opened_name(values["model"])
    return values


def opened_name(model: str) -> str:
    """The name by which a model is opened: of a directory of `proutt train` its merged GGUF, any other as it is."""
    if not Path(model).expanduser().is_dir():
        return model
    from proutt.training.serving import served_model

    return served_model(model)
