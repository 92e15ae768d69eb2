"""`proutt export --check`: the rows as their trainer would prepare them, and what would be lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.export.check import ChatTemplate, Checked, Setting, Vocabulary

_OPTIONS = (
    click.option(
        "--check",
        is_flag=True,
        help="Then check what a trainer would drop, cut or change; without --to, check an export that is there.",
    ),
    click.option(
        "--template",
        metavar="MODEL|FILE",
        help="With --check: the chat template: a model's folder or name, or a .jinja file.  [default: --base-model]",
    ),
    click.option(
        "--max-length",
        type=click.IntRange(min=1),
        metavar="TOKENS",
        help="With --check: the trainer's maximum length.  [default: the configurations']",
    ),
    click.option("--force", is_flag=True, help="With --check: go on with a template that is known to break."),
)


def check_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the check, for `proutt export`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """What is checked with. max_length: None for the one that the export's configurations name."""

    template: ChatTemplate
    vocabulary: Vocabulary
    max_length: int | None
    force: bool

    @property
    def tokenizer(self) -> str | None:
        """Its name, so that an export counts with what it is checked with; None where tokens are estimated."""
        return None if self.vocabulary.estimated else self.vocabulary.name

    def setting(self, max_length: int) -> Setting:
        from proutt.export.check import Setting

        return Setting(self.template, self.vocabulary, self.max_length or max_length)


def check_order(template: str | None, tokenizer: str | None, max_length: int | None, *, force: bool) -> CheckOrder:
    """The template and the tokenizer, loaded: one tokenizer for both where the template comes with one."""
    from proutt.errors import UserError
    from proutt.export.check import estimated_vocabulary, template_named, tokenizer_beside, vocabulary_named

    if template is None:
        raise UserError(
            "a check needs the model's chat template.",
            where="--check",
            remedy="Name the model's folder, its chat_template.jinja, or owner/name with --template.",
        )
    chat_template = template_named(template)
    tokenizer = tokenizer or tokenizer_beside(template)
    vocabulary = estimated_vocabulary(chat_template.special) if tokenizer is None else vocabulary_named(tokenizer)
    return CheckOrder(chat_template, vocabulary, max_length, force)


def refuse(order: CheckOrder, formats: Iterable[str]) -> None:
    """Raise UserError for a template with which every row of one of the formats would lose something."""
    from proutt.export.check import refuse_broken, trainers_of

    for format in formats:
        trainers_of(format)
        if not order.force:
            refuse_broken(format, order.setting(1))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found."""

    checked: list[Checked]
    setting: Setting

    @property
    def lossy(self) -> int:
        """Rows that lose something, under any trainer of the format."""
        return max(each.lossy for each in self.checked)

    def as_json(self) -> list[dict[str, Any]]:
        from proutt.export.check import as_json

        return [as_json(each, self.setting) for each in self.checked]


def run_check(path: str | Path, order: CheckOrder, format: str | None = None) -> Outcome:
    """Check an export, or any file of training rows. Without a format it is told from the manifest or the rows."""
    from proutt.errors import UserError
    from proutt.export.check import check_export, format_in, manifest_max_length

    if str(path) == "-":
        raise UserError("standard input can be read once.", where="-", remedy="Name a file to check.")
    format = format or format_in(path)
    max_length = order.max_length or manifest_max_length(path)
    if max_length is None:
        raise UserError(
            "no manifest says how long rows may be.", where=str(path), remedy="Give the trainer's --max-length."
        )
    refuse(order, [format])
    setting = order.setting(max_length)
    return Outcome(check_export(path, setting, format=format), setting)


def show(outcome: Outcome, *, quiet: bool = False, as_json: bool = False) -> None:
    """The table, and below it what to do; or all of it as JSON."""
    from rich.console import Console

    from proutt.cli.terminal import plain

    if as_json:
        click.echo(json.dumps({"check": outcome.as_json()}, ensure_ascii=False, indent=2))
    if quiet or as_json:
        return
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_table(outcome))
    for line in _conclusion(outcome):
        console.print(plain(line), soft_wrap=True)


def _table(outcome: Outcome) -> Table:
    from rich import box
    from rich.table import Table

    from proutt.export.check import Loss

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("Rows")
    for each in outcome.checked:
        table.add_column(f"{each.trainer.name} {each.trainer.version}", justify="right")
    table.add_row("checked", *(f"{each.rows:,}" for each in outcome.checked))
    for loss in Loss:
        table.add_row(_LABELS[loss.value], *(f"{each.losses[loss]:,}" for each in outcome.checked))
    return table


_LABELS = {
    "refused": "refused by the template",
    "dropped": "dropped",
    "truncated": "truncated",
    "equal": "chosen and rejected equal after truncation",
    "prefix": "prefix mismatch",
    "reasoning": "reasoning lost",
    "answer": "answer lost",
    "doubled": "<think> doubled",
    "forged": "forged control tokens",
}


def _conclusion(outcome: Outcome) -> list[str]:
    from proutt.cli.terminal import one_line
    from proutt.export.check import MEANING, Loss

    setting, vocabulary = outcome.setting, outcome.setting.vocabulary
    how = "estimated; --tokenizer counts them" if vocabulary.estimated else f"of {one_line(vocabulary.name, 60)}"
    lines = [f"Template: {one_line(setting.template.name, 80)}. Tokens: {how}."]
    for each in outcome.checked:
        lines.append(
            f"{each.trainer.name}: {each.trainer.length} {setting.max_length:,}; the longest row has {each.longest:,}."
        )
        for loss in Loss:
            if each.losses[loss]:
                lines.append(
                    f"  {MEANING[loss]}: {each.losses[loss]:,}, first {one_line(each.first[loss], 1000)}"
                )  # a place, whole
        for reason, count in sorted(each.reasons.items()):
            lines.append(f"  left out or refused: {count:,} {one_line(reason, 160)}")
    if not outcome.lossy:
        return [*lines, "Nothing is lost."]
    if any(each.losses[loss] for each in outcome.checked for loss in (Loss.TRUNCATED, Loss.DROPPED)):
        longest = max(each.longest for each in outcome.checked)
        lines.append(f"A maximum length of {longest:,} tokens holds every row.")
    return lines
