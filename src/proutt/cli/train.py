"""`proutt train`: pairs to a LoRA adapter, and the adapter to a model that the embedded engine serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

#: As in `training/methods.py` (a test says so): `--help` loads neither.
METHOD_NAMES = ("sft", "dpo", "orpo", "simpo")
ALIGNMENTS = ("dpo", "orpo", "simpo")
DEFAULT_BASE = "local:tiny"


class Verbs(click.Group):
    """`proutt train DATA ...` is `proutt train recipe DATA ...`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "recipe", self.commands["recipe"], args
        return super().resolve_command(ctx, args)


@click.group("train", cls=Verbs)
def command() -> None:
    """Train a LoRA adapter on pairs, and make it a model that answers.

    \b
      proutt train run --recipe paper --base local:tiny --out trained   SFT, then DPO, as in the paper
      proutt train sft run --base Qwen/Qwen3-8B --out trained           one method
      proutt train gguf trained                                         for the embedded engine
      proutt predict chats.jsonl --out predictions --model trained

    The same command again goes on where it stopped. Needs the extra `train`: pip install 'proutt[train]'.
    """


def _options(*, alignment: bool, sft: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of a training; `alignment` and `sft` say which stages it may have."""
    both = alignment and sft
    options = [
        click.option("--base", default=DEFAULT_BASE, show_default=True,
                     help="Folder, owner/name on the hub, local:tiny, local, or local:PATH.gguf."),
        click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
                     help="Training directory; the same command again goes on."),
        *([] if both else [
            click.option("--from", "start", type=click.Path(path_type=Path), metavar="DIR",
                         help="Start from the adapter of another training of this base."),
            click.option("--epochs", type=click.FloatRange(0, min_open=True),
                         help=f"Passes over the rows.  [default: {'3' if sft else '1'}]"),
            click.option("--learning-rate", type=click.FloatRange(0, min_open=True),
                         help=f"At the start; it falls linearly to 0.  [default: {'1e-4' if sft else '5e-6'}]"),
            click.option("--max-steps", type=click.IntRange(min=1), help="End after so many steps, whatever --epochs."),
        ]),
        *([click.option("--beta", type=click.FloatRange(0, min_open=True),
                        help="Weight of the preference.  [default: 0.1; simpo 2.0]")] if alignment else []),
        click.option("--max-length", type=click.IntRange(min=16), metavar="TOKENS",
                     help="Longest row, prompt and completion.  [default: the longest, or the base's context]"),
        click.option("--too-long", type=click.Choice(("leave-out", "stop")), default="leave-out", show_default=True,
                     help="Rows longer than that: leave them out and count them, or stop. Nothing is ever cut."),
        click.option("--batch", type=click.IntRange(min=1), help="Rows at once on a device.  [default: 1]"),
        click.option("--accumulation", type=click.IntRange(min=1), help="Such batches a step.  [default: 8]"),
        click.option("--lora-rank", type=click.IntRange(min=1), help="[default: 16]"),
        click.option("--lora-alpha", type=click.IntRange(min=1), help="[default: 32]"),
        click.option("--lora-dropout", type=click.FloatRange(0, 1, max_open=True), help="[default: 0]"),
        click.option("--instruction", type=click.Choice(("structured", "minimal")),
                     help="How much the prompt of a run's pairs explains.  [default: structured]"),
        click.option("--include-unverified", is_flag=True, help="Take pairs that failed verification, too."),
        click.option("--include-personal", is_flag=True, help="Take rows that hold personal data or secrets, too."),
        click.option("--device", type=click.Choice(("auto", "cuda", "mps", "cpu")), default="auto", show_default=True),
        click.option("--precision", type=click.Choice(("auto", "float32", "bfloat16")), default="auto",
                     show_default=True, help="auto: bfloat16 on a GPU that has it, float32 elsewhere."),
        click.option("--seed", type=int, default=0, show_default=True),
        click.option("--save-steps", type=click.IntRange(min=1), metavar="N",
                     help="Steps between checkpoints.  [default: a twentieth of the stage]"),
        click.option("--dry-run", is_flag=True, help="Say what would be done, what fits, memory and time; no more."),
        click.option("--verbose", is_flag=True, help="Show what the training libraries say."),
        click.option("--quiet", is_flag=True, help="Print nothing but errors."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON Lines: plan, progress, result."),
    ]  # fmt: skip

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def _method(name: str, summary: str) -> None:
    @command.command(name, help=summary, short_help=summary.partition("\n")[0])
    @click.argument("data", metavar="DATA")
    @_options(alignment=name != "sft", sft=name == "sft")
    def one(data: str, **given: Any) -> None:
        from proutt.cli.train_session import run_training

        run_training(data, (name,), given)


_DATA = """

    DATA is the --out of proutt synthesize, an export, or any file that proutt export reads: its rows are those that
    proutt export --to {format} writes."""
_method("sft", "Supervised fine-tuning on the chosen sides." + _DATA.format(format="trl-sft"))
_method("dpo", "Direct preference optimisation." + _DATA.format(format="trl-preference"))
_method("orpo", "Odds-ratio preference optimisation; needs no SFT before it." + _DATA.format(format="trl-preference"))
_method("simpo", "SimPO: preference by length-normalised likelihood." + _DATA.format(format="trl-preference"))


@command.command("recipe")
@click.argument("data", metavar="DATA")
@click.option("--recipe", type=click.Choice(("paper",)), default="paper", show_default=True,
              help="paper: 3 epochs of SFT on chosen, then 1 of alignment (ProUtt, Appendix B).")  # fmt: skip
@click.option("--align", type=click.Choice(ALIGNMENTS), default="dpo", show_default=True, help="The alignment.")
@click.option("--sft-epochs", type=click.FloatRange(0, min_open=True), help="[default: 3]")
@click.option("--sft-learning-rate", type=click.FloatRange(0, min_open=True), help="[default: 1e-4]")
@click.option("--sft-max-steps", type=click.IntRange(min=1), help="End SFT after so many steps.")
@click.option("--align-epochs", type=click.FloatRange(0, min_open=True), help="[default: 1]")
@click.option("--align-learning-rate", type=click.FloatRange(0, min_open=True), help="[default: 5e-6]")
@click.option("--align-max-steps", type=click.IntRange(min=1), help="End the alignment after so many steps.")
@_options(alignment=True, sft=True)
def recipe(data: str, *, recipe: str, align: str, **given: Any) -> None:  # noqa: ARG001
    """The paper's recipe: SFT on the chosen sides, then alignment from the SFT adapter.

    `proutt train DATA` is the same.
    """
    from proutt.cli.train_session import run_training

    run_training(data, ("sft", align), given)


@command.command("merge")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--verbose", is_flag=True, help="Show what the libraries say.")
def merge(folder: Path, *, verbose: bool) -> None:
    """Work the adapter of a finished training into its base: DIR/merged, for any server."""
    from proutt.cli.terminal import plain
    from proutt.training.merging import merge as merged

    made = merged(folder, chatter=verbose)
    click.echo(
        plain(f"Merged model: {made}\nServe it, e.g.: vllm serve {made}\nFor the engine: proutt train gguf {folder}")
    )


@command.command("gguf")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(("q8_0", "f16")), default="q8_0", show_default=True,
              help="Of the merged model: 8 bits, or 16.")  # fmt: skip
@click.option("--verbose", is_flag=True, help="Show what the libraries say.")
def gguf(folder: Path, *, form: str, verbose: bool) -> None:
    """Write DIR/gguf: the merged model, which `--model DIR` serves, and the adapter alone."""
    from proutt.cli.terminal import plain
    from proutt.training.serving import write_gguf

    files = write_gguf(folder, "f16" if form == "f16" else "q8_0", chatter=verbose)
    lines = [
        f"Merged model ({files.form}): {files.model}, {files.model.stat().st_size / 1e6:.1f} MB",
        f"Adapter: {files.adapter}, {files.adapter.stat().st_size / 1e6:.1f} MB",
        f"Next: proutt predict chats.jsonl --out predictions --model {folder}",
    ]
    click.echo(plain("\n".join(lines)))
