"""`proutt synthesize`: dialogues in, preference pairs out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from proutt.cli.terminal import plain
from proutt.errors import ModelError, UserError

if TYPE_CHECKING:
    from proutt.llm import ChatModel
    from proutt.prompts import Role
    from proutt.runs.config import SynthesisConfig
    from proutt.runs.directory import RunDirectory

ROLES = ("annotator", "reasoner", "editor", "judge")
ABLATIONS = ("intent-tree", "sentence-type", "future-path-negatives")
#: Inputs up to this size are counted first, so that progress can say how much is left.
COUNTED_BYTES = 64 * 2**20


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every option; one whose name is a key of the configuration file sets that key."""
    options = [
        click.option("--out", type=click.Path(path_type=Path), required=True, metavar="RUN",
                     help="Run directory; the same command again goes on where it stopped."),
        click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                     help="A name that the endpoint knows, or local, local:tiny, local:PATH.gguf.  [default: local]"),
        click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                     help="OpenAI-compatible endpoint; none for embedded models."),
        click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                     help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
        *(click.option(f"--{role}-model", envvar=f"PROUTT_{role.upper()}_MODEL", metavar="MODEL",
                       help=f"Another model for the {role}.") for role in ROLES),
        click.option("--judge", type=click.Choice(("llm", "embedding")),
                     help="What scores similarity.  [default: llm; embedding with an embedded model]"),
        click.option("--annotator", type=click.Choice(("llm", "rules")),
                     help="What names sentence types.  [default: llm; rules with an embedded model]"),
        click.option("--small-steps/--whole-steps", default=None,
                     help="One small question a call, or one step.  [default: small with an embedded model]"),
        click.option("--q", type=click.IntRange(1, 8), help="Candidates per perspective.  [default: 2]"),
        click.option("--tau-high", type=click.FloatRange(0, 1), help="J_max from which on to choose.  [default: 0.8]"),
        click.option("--tau-low", type=click.FloatRange(0, 1), help="J_max up to which to reject.  [default: 0.3]"),
        click.option("--turns", type=click.Choice(("all", "last", "random")), help="Which K.  [default: all]"),
        click.option("--ablate", multiple=True, type=click.Choice(ABLATIONS), help="Leave a component out."),
        click.option("--verify/--no-verify", default=None, help="Let the judge check edited sides.  [default: verify]"),
        click.option("--verify-tries", type=click.IntRange(1, 10), help="Most edits of a side.  [default: 3]"),
        click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer."),
        click.option("--thinking-tokens", type=click.IntRange(min=0), metavar="N",
                     help="Room for a reasoning model's thinking, on top of each answer's.  [default: 0]"),
        click.option("--timeout-s", type=click.FloatRange(1, 86400), help="For one call."),
        click.option("--concurrency", type=click.IntRange(min=1), help="Calls in flight.  [default: 64; embedded 2]"),
        click.option("--format", help="Corpus format, where it is not to be recognised."),
        click.option("--language", metavar="CODE", help="Language of all dialogues (en, zh, ...)."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N dialogues only."),
        click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
        click.option("--seed", type=int, help="Keys all chance.  [default: 0]"),
        click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
                     help="Settings by the options' names; flags and environment go first."),
        click.option("--quiet", is_flag=True, help="No progress, no summary."),
        click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("synthesize")
@click.argument("files", nargs=-1, metavar="FILE...")
@_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Turn dialogues into preference pairs with intent reasoning (ProUtt, Algorithm 1).

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. Without an endpoint a small embedded model does the work; its weights (1.1 GB) come once.

    \b
      proutt synthesize chats.jsonl --out run
      proutt synthesize chats.jsonl --out run --base-url http://localhost:8000/v1 --model Qwen/Qwen3-8B

    Exit code 0: done. 1: done, but some turns failed (failures.jsonl). 2: something to mend. 130: stopped; resumable.
    """
    config = _config(context, given)
    return run(config, given["out"], quiet=given["quiet"], as_json=given["as_json"])


def _config(context: click.Context, given: Mapping[str, Any]) -> SynthesisConfig:
    """The configuration: flags and environment over the configuration file over defaults."""
    from proutt.cli.models import with_role_models
    from proutt.runs.config import SynthesisConfig, config_of, read_config

    values = {} if given["config_file"] is None else read_config(given["config_file"])
    said = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    for name, value in given.items():
        if name in SynthesisConfig.model_fields and context.get_parameter_source(name) in said:
            values[name] = list(value) if isinstance(value, tuple) else value
    if given["files"]:
        values["inputs"] = list(given["files"])
    config = config_of(with_role_models(values, given))
    if not config.inputs:
        raise UserError("no dialogues named.", remedy="Give files, e.g. proutt synthesize chats.jsonl --out run")
    return config


def run(config: SynthesisConfig, out: Path, *, quiet: bool, as_json: bool) -> int:
    """Do or resume a run; the exit code."""
    from proutt.runs.directory import RunDirectory

    config.settings()  # what contradicts itself fails before anything is made
    for role in ROLES:
        _checked(config, role)
    total = _counted(config)
    directory = RunDirectory(out)
    try:
        decided = config.resolved().model_dump(mode="json")
        resumed = directory.begin({**decided, "prompt_version": _prompt_version()})
        if resumed and not quiet:
            click.echo(plain(f"Going on with {out}."), err=True)
        return _work(config, directory, total=total, quiet=quiet, as_json=as_json)
    finally:
        directory.close()


def _checked(config: SynthesisConfig, role: str) -> None:
    """Refuse a model's name or address that can't be right before anything is written down: it may hold a secret."""
    from proutt.llm.address import base_url_of
    from proutt.llm.weights import weights_of
    from proutt.prompts import Role

    spec = config.spec(Role(role))
    if spec.base_url is not None:
        base_url_of(spec.base_url)
    elif spec.embedded:
        weights_of(spec.model)


def _prompt_version() -> str:
    from proutt.prompts import prompt_version

    return prompt_version("proutt")


def _counted(config: SynthesisConfig) -> int | None:
    """The (dialogue, K) to work on where counting is quick; an unreadable input fails here, before any work."""
    from proutt.dialogue import ReadingReport, read_dialogues

    files = [Path(name) for name in config.inputs]
    if any(name == "-" or name.startswith("hf:") for name in config.inputs):
        return None
    if any(file.exists() and not file.is_file() for file in files):  # a folder, or a pipe that can be read but once
        return None
    if sum(file.stat().st_size for file in files if file.is_file()) > COUNTED_BYTES:
        return None
    report = ReadingReport()
    dialogues = read_dialogues(
        config.inputs,
        format=config.format,
        language=config.language or "en",  # counting needs no detector
        strict=config.strict,
        limit=config.limit,
        report=report,
    )
    with_pairs = sum(1 for dialogue in dialogues if dialogue.ks)
    return report.pairs if config.turns == "all" else with_pairs


def _work(config: SynthesisConfig, directory: RunDirectory, *, total: int | None, quiet: bool, as_json: bool) -> int:
    import asyncio

    from proutt.dialogue import ReadingReport
    from proutt.runs.summary import summary_of

    report = ReadingReport()
    began = time.monotonic()
    spent = float(directory.journal.meta("seconds") or 0.0)
    models: dict[str, str] = {}
    complete, failure = False, None
    try:
        complete = asyncio.run(_session(config, directory, report, models, total=total, quiet=quiet))
    except ModelError as error:
        failure = error
    finally:
        seconds = spent + time.monotonic() - began
        directory.journal.set_meta("seconds", str(seconds))
    summary = summary_of(
        directory.journal, complete=complete, seconds=seconds, models=models, skipped_records=report.skipped
    )
    directory.derive(summary)
    if failure is not None:
        raise UserError(str(failure), remedy="Nothing finished is lost: mend it and run the same command.") from failure
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    elif not quiet:
        from proutt.cli.run_summary import as_text

        click.echo(plain(as_text(summary, directory.path, report)))
    if not complete:
        return 130
    return 1 if summary["turns"]["failed"] else 0


async def _session(
    config: SynthesisConfig,
    directory: RunDirectory,
    report: Any,
    identities: dict[str, str],
    *,
    total: int | None,
    quiet: bool,
) -> bool:
    """One session of a run: open the models, work, close them. True where the run is complete."""
    from proutt.cli.progress import line, shown
    from proutt.dialogue import read_dialogues
    from proutt.judge import SimilarityJudge
    from proutt.judge.embedding import EmbeddingJudge
    from proutt.runs.calls import Calls, Turnstile
    from proutt.runs.synthesis import NOT_SELECTED, Synthesis

    decided = config.resolved()
    models, opened = _open_models(decided, quiet=quiet)
    identities.update({role.value: model.identity for role, model in models.items()})
    limit = decided.concurrency or 1
    calls = Calls(models, directory.journal, Turnstile(limit), decided.seed)
    embedding = SimilarityJudge(EmbeddingJudge()) if decided.judge == "embedding" else None
    synthesis = Synthesis(
        calls,
        decided.settings(),
        decided.judge or "llm",
        window=max(2, limit),
        embedding=embedding,
        on_stop=lambda: None if quiet else _say_stopping(calls.tally.in_flight),
    )
    ((before,),) = directory.journal.rows(f"SELECT COUNT(*) FROM items WHERE reason != '{NOT_SELECTED}'")
    dialogues = read_dialogues(
        decided.inputs,
        format=decided.format,
        language=decided.language,
        strict=decided.strict,
        limit=decided.limit,
        report=report,
    )

    def say(seconds: float) -> str:
        return line(synthesis.progress, calls.tally, total=total, seconds=seconds, before=before)

    try:
        async with shown(say, quiet=quiet):
            return await synthesis.run(dialogues)
    finally:
        for model in opened:
            await model.close()


def _say_stopping(in_flight: int) -> None:
    click.echo(f"\nStopping once the {in_flight} calls in flight are answered. Ctrl-C again stops at once.", err=True)


def _open_models(config: SynthesisConfig, *, quiet: bool) -> tuple[dict[Role, ChatModel], list[ChatModel]]:
    """The model of each role, and each model once; weights that are not here come first, with a progress bar."""
    from proutt.cli.models import ProgressBar
    from proutt.llm import open_model
    from proutt.prompts import Role

    opened: dict[Any, ChatModel] = {}
    models = {}
    for role in Role:
        spec = config.spec(role)
        if spec not in opened:
            with ProgressBar(quiet=quiet) as progress:
                opened[spec] = open_model(spec, progress=progress)
        models[role] = opened[spec]
    return models, list(opened.values())
