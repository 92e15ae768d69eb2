"""`proutt predict`: dialogues in, suggestions for what the user says next out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from proutt.cli.progress import Shown
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.prediction.config import PredictConfig
    from proutt.prediction.run import Predicted

#: `METHODS` and `TURNS` have the same (a test says so): `--help` loads neither.
METHOD_NAMES = ("proutt", "proutt-pipeline", "prompt", "follow-up", "user-header", "socratic", "usp")
TURN_NAMES = ("all", "last", "random", "next")
#: What `--retry-failed` without a reason stands for.
EVERY_REASON = "*"


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every option; one whose name is a key of the configuration file sets that key."""
    options = [
        click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                     help="Run directory; the same command again goes on where it stopped.  [not with --chat]"),
        click.option("--method", type=click.Choice(METHOD_NAMES),
                     help="How suggestions are made (docs/predict.md).  [default: proutt]"),
        click.option("--system", metavar="NAME", help="What the predictions are called in tables.  "
                     "[default: METHOD (MODEL)]"),
        click.option("--turns", type=click.Choice(TURN_NAMES),
                     help="Test cases: every turn with a next utterance, the last such, one at random, or what comes "
                     "next after the whole dialogue.  [default: all]"),
        click.option("--q", type=click.IntRange(1, 8), help="Suggestions per perspective, 2q in all.  [default: 2]"),
        click.option("--chat", is_flag=True, help="Talk to the model here, with suggestions after each answer."),
        click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                     help="A name that the endpoint knows, or local, local:tiny, local:PATH.gguf, or a directory of "
                     "proutt train.  [default: local]"),
        click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                     help="OpenAI-compatible endpoint; none for embedded models."),
        click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                     help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
        click.option("--instruction", type=click.Choice(("structured", "minimal")),
                     help="The training instruction, for method proutt.  [default: structured]"),
        click.option("--small-steps/--whole-steps", default=None,
                     help="One small question a call, or one step, for method proutt-pipeline.  "
                     "[default: small with an embedded model]"),
        click.option("--tries", type=click.IntRange(1, 10), help="Most draws where suggestions are too few.  "
                     "[default: 3]"),
        click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer."),
        click.option("--thinking-tokens", type=click.IntRange(min=0), metavar="N",
                     help="Room for a reasoning model's thinking, on top of each answer's.  [default: 0]"),
        click.option("--timeout-s", type=click.FloatRange(1, 86400), help="For one call."),
        click.option("--concurrency", type=click.IntRange(min=1), help="Calls in flight.  [default: 64; embedded 2]"),
        click.option("--format", help="Corpus format, where it is not to be recognised."),
        click.option("--language", metavar="CODE", help="Language of all dialogues (en, zh, ...)."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N dialogues only."),
        click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
        click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="MONEY",
                     help="Stop, resumably, when the run has cost that much (prices: proutt models prices)."),
        click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                     help="Stop, resumably, when the run has used that many prompt and answer tokens."),
        click.option("--reuse", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
                     help="Take answers of an older run where the question is the same."),
        click.option("--retry-failed", is_flag=False, flag_value=EVERY_REASON, metavar="[REASON]",
                     help="Take failed cases up again, all or those of a reason: --retry-failed=cut-off."),
        click.option("--seed", type=int, help="Keys all chance.  [default: 0]"),
        click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
                     help="Settings by the options' names; flags and environment go first."),
        click.option("--quiet", is_flag=True, help="No progress, no summary."),
        click.option("--json", "as_json", is_flag=True,
                     help="Print JSON Lines: progress now and then (not with --quiet), at last the summary."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("predict")
@click.argument("files", nargs=-1, metavar="FILE...")
@_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Propose what the user will say next, with any model and method.

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. RUN/predictions.jsonl gets one line for each test case: 2q suggestions in rank order, with
    perspective, sentence type, intent path, tree and reasoning where the method has them.

    \b
      proutt predict chats.jsonl --out predictions --base-url http://localhost:8000/v1 --model my-proutt
      proutt predict chats.jsonl --out baseline --method prompt --turns last
      proutt predict --chat --method follow-up

    Exit code 0: done. 1: done, but some cases failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    config = _config(context, given)
    if given["chat"]:
        from proutt.cli.chat import chat

        if config.inputs or given["out"] is not None:
            raise UserError("--chat takes no dialogues and writes no run.", remedy="Leave FILE and --out out.")
        return chat(config)
    if not config.inputs:
        raise UserError("no dialogues named.", remedy="Give files, e.g. proutt predict chats.jsonl --out predictions")
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out predictions")
    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    return run(config, given["out"], shown, reuse=given["reuse"], retry_failed=given["retry_failed"])


def _config(context: click.Context, given: Mapping[str, Any]) -> PredictConfig:
    """The configuration: flags and environment over the configuration file over defaults."""
    from proutt.prediction.config import PredictConfig, predict_config_of
    from proutt.runs.config import read_config

    values = {} if given["config_file"] is None else read_config(given["config_file"], PredictConfig)
    said = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    for name, value in given.items():
        if name in PredictConfig.model_fields and context.get_parameter_source(name) in said:
            values[name] = value
    if given["files"]:
        values["inputs"] = list(given["files"])
    if isinstance(values.get("model"), str):
        from proutt.training.serving import served_model

        values["model"] = served_model(values["model"])
    return predict_config_of(values)


def run(
    config: PredictConfig, out: Path, shown: Shown, *, reuse: Sequence[Path] = (), retry_failed: str | None = None
) -> int:
    """Do or resume a run of predictions, and say what has come of it; the exit code."""
    from proutt.cli.session import DONE, LATER, SOME_FAILED, STOPPED, Display
    from proutt.cli.terminal import plain
    from proutt.prediction.run import predict

    made = predict(config, out, Display(shown), reuse=reuse, retry_failed=retry_failed)
    if shown.as_json:
        shown.event("summary", made.summary)
    elif not shown.quiet:
        click.echo(plain(as_text(made, out)))
    if not made.complete:
        return LATER if made.why else STOPPED
    return SOME_FAILED if made.summary["cases"]["failed"] else DONE


def as_text(made: Predicted, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    cases, calls = summary["cases"], summary["calls"]
    lines = []
    if not made.complete:
        lines += [f"Stopped: {each}" for each in made.why]
        lines.append(("" if made.why else "Stopped. ") + "Run the same command to go on; nothing finished is lost.")
    lines.append(
        f"{summary['system']}: {summary['dialogues']} dialogues, {cases['in']} test cases: "
        f"{cases['predicted']} predicted + {cases['failed']} failed"
        + (f" + {cases['undecided']} not yet done" if cases["undecided"] else "")
    )
    if summary["dialogues_without_a_case"]:
        lines.append(
            f"  without a test case: {summary['dialogues_without_a_case']} dialogues "
            "(no next utterance; --turns next takes them)"
        )
    if summary["skipped_records"]:
        lines.append(f"  records left out: {_counts(summary['skipped_records'])}")
        lines += [f"    {problem.place}: {problem.message}" for problem in made.report.problems[:3]]
    if cases["failed"]:
        lines.append(f"  failed: {_counts(summary['failed'])}")
        lines.append("    why, with the model's words: failures.jsonl. --retry-failed takes them up again.")
    if cases["predicted"]:
        lines.append(f"  suggestions of a case: {', '.join(f'{n} ×{c}' for n, c in summary['suggestions'].items())}")
        lines.append(f"  repaired or missing: {_counts(summary['problems']) or 'nothing'}")
    lines.append(
        f"in all sessions: {calls['calls']} calls, {calls['prompt_tokens']} prompt tokens "
        f"+ {calls['completion_tokens']} answer tokens, {summary['seconds']:g} s"
        + (f", {summary['cost']:.4g} {summary['currency']}" if summary["cost"] else "")
    )
    if calls["reused"]:
        lines.append(f"  {calls['reused']} answers were taken from older runs")
    if cases["predicted"]:
        lines.append(f"Predictions: {out}/predictions.jsonl")
    return "\n".join(lines)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
