"""`proutt export`: a run's pairs, or somebody else's, as training files; and onto the hub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from proutt.cli.export_check import check_options
from proutt.cli.export_dialogues import dialogue_options
from proutt.cli.export_parts import parts_line, parts_options, refuse_parts
from proutt.cli.export_push import push, push_options, refuse_push
from proutt.cli.terminal import plain

if TYPE_CHECKING:
    from proutt.cli.export_check import CheckOrder
    from proutt.cli.export_dialogues import Exporting
    from proutt.export import ExportSettings
    from proutt.export.reading import TextPair
    from proutt.methods.record import PreferencePair

#: What each format is called on the command line; `proutt.export.FORMATS` has the same names (a test says so).
FORMAT_NAMES = (
    "trl-preference",
    "trl-sft",
    "trl-kto",
    "messages-sft",
    "llamafactory-preference",
    "llamafactory-sft",
    "llamafactory-sharegpt",
    "llamafactory-kto",
    "axolotl-preference",
    "axolotl-orpo",
    "openai-sft",
    "openai-preference",
    "unsloth-sharegpt",
    "proutt",
)


def _list(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:  # noqa: ARG001
    """Print the formats and be done."""
    if not wanted or context.resilient_parsing:
        return
    from proutt.export import FORMATS

    width = max(map(len, FORMATS))
    for name, each in FORMATS.items():
        files = ", ".join(each.file_names)
        click.echo(f"{name:<{width}}  {each.summary}" + (f"  [{files}]" if files else ""))
    context.exit()


@click.command("export")
@click.argument("run", metavar="RUN | FILE", required=False)
@click.option(
    "--from-feedback",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Instead of a run: what users did with suggestions, as proutt serve --feedback keeps it.",
)
@click.option(
    "--to",
    "format_names",
    type=click.Choice(FORMAT_NAMES),
    metavar="FORMAT",
    multiple=True,
    help="The format; may be given several times. --list names them.",
)
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="List the formats.")
@click.option(
    "--instruction",
    type=click.Choice(("structured", "minimal", "task", "chatbot", "none")),
    help="What the prompt explains: of pairs structured (the default) or minimal (ProUtt, Table VI); of SynPT's "
    "dialogues none (the default) or the task; of UPC's what the chatbot was told (chatbot, the default) or none.",
)
@click.option(
    "--split",
    metavar="SHARES",
    help="Split by dialogue, near-duplicates together: 0.9/0.1 or 0.8/0.1/0.1.  [default: no split]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which dialogues fall into which part of a split.")
@click.option("--include-unverified", is_flag=True, help="Export pairs that failed verification, too.")
@click.option("--include-personal", is_flag=True, help="Export rows that hold personal data or secrets, too.")
@dialogue_options
@click.option("--parquet", is_flag=True, help="Write every part as Parquet, too.")
@click.option("--base-model", metavar="NAME", help="The model that the trainer configurations name.")
@click.option("--tokenizer", metavar="FILE|NAME", help="Count tokens with it.  [default: an estimate]")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write.  [default: RUN/export/FORMAT]")
@parts_options
@push_options
@check_options
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON; of several formats, one a line.")
def command(run: str | None, *, from_feedback: Path | None, out: Path | None, **given: Any) -> None:
    """Write a run's pairs, or its dialogues, as training files.

    RUN is the --out directory of `proutt synthesize`, `proutt simulate synpt` or `proutt simulate upc`, or the file
    that it wrote. FILE is any
    preference or SFT file that `proutt stats` reads, an earlier export included, or released SynPT dialogues. Formats:
    docs/exports.md. With --from-feedback, what users took or said is chosen, what they saw and passed by is rejected
    (docs/serve.md).

    With --check the exit code is 1 where training would lose something of a row.
    """
    from proutt.cli.export_check import check_order, refuse, run_check, show
    from proutt.cli.export_dialogues import dialogue_order
    from proutt.cli.export_feedback import refuse_check_alone, source

    run = source(run, from_feedback, out)
    names = list(dict.fromkeys(given["format_names"]))
    order = None
    if given["check"]:
        template = given["template"] or given["base_model"]
        order = check_order(template, given["tokenizer"], given["max_length"], force=given["force"])
    if order is not None and not names:
        if from_feedback is not None:
            refuse_check_alone()
        found = run_check(run, order)
        show(found, quiet=given["quiet"], as_json=given["as_json"])
        _end(lossy=bool(found.lossy))
    _checked(run, names, given["push_to"], given["public"], given["parquet"], out)
    refuse_parts(names, given)
    dialogues = dialogue_order(None if from_feedback is not None else run, names, given)
    if order is not None:
        refuse(order, names)
    export = _Export(run, from_feedback, order, dialogues, given)
    lossy = False
    for at, name in enumerate(names):
        folder = _folder(run, name, out, alone=len(names) == 1)
        lossy = export.written(name, folder, several=len(names) > 1, last=at == len(names) - 1) or lossy
        if given["push_to"] is not None and lossy and not given["force"]:
            click.echo("Not uploaded: rows would lose something. --force uploads them all the same.", err=True)
        elif given["push_to"] is not None:
            push(folder, given["push_to"], public=given["public"], say=not given["quiet"] and not given["as_json"])
    _end(lossy=lossy)


@dataclass(frozen=True)
class _Export:
    """What is exported, whether it is checked, and what else the command was given."""

    run: str
    from_feedback: Path | None
    order: CheckOrder | None
    dialogues: Exporting | None
    given: Mapping[str, Any]

    def written(self, name: str, folder: Path, *, several: bool, last: bool) -> bool:
        """Write one format and say so; whether training would lose something of it."""
        from proutt.cli.export_check import run_check, show
        from proutt.cli.export_feedback import pairs_of, said
        from proutt.export import export_pairs
        from proutt.export.feedback import FeedbackReport
        from proutt.export.reading import pairs_in

        settings, told = replace(self._settings, format=name), FeedbackReport()
        if self.dialogues is not None:
            manifest = self.dialogues(folder, settings)
        else:
            pairs: Iterable[PreferencePair | TextPair] = (
                pairs_in(self.run)
                if self.from_feedback is None
                else pairs_of(self.from_feedback, told, settings.instruction)
            )
            manifest = export_pairs(pairs, folder, settings)
        parts = None if self.given["parts_to"] is None else parts_line(folder, manifest, self.given)
        outcome = None if self.order is None else run_check(folder, self.order, name)
        if self.given["as_json"]:
            checked: dict[str, Any] = {} if outcome is None else {"check": outcome.as_json()}
            checked |= {} if self.from_feedback is None else {"feedback": asdict(told)}
            click.echo(json.dumps(manifest | checked, ensure_ascii=False, indent=None if several else 2))
        elif not self.given["quiet"]:
            of_feedback = [] if self.from_feedback is None else [said(told)]
            of_parts = [] if parts is None else [parts]
            lines = [*_written(manifest, folder), *of_parts, *of_feedback, "", *next_steps(manifest, folder)]
            click.echo(plain("\n".join(lines)) + ("" if last else "\n"))
            if outcome is not None:
                show(outcome)
        return outcome is not None and bool(outcome.lossy)

    @cached_property
    def _settings(self) -> ExportSettings:
        """Those of every format."""
        from proutt.export import ExportSettings, parse_split
        from proutt.quality.tokens import ESTIMATE, tokenizer_counter

        given = self.given
        tokenizer = given["tokenizer"] or (None if self.order is None else self.order.tokenizer)
        return ExportSettings(
            format=given["format_names"][0],
            instruction="minimal" if given["instruction"] == "minimal" else "structured",
            split=None if given["split"] is None else parse_split(given["split"], given["seed"]),
            include_unverified=given["include_unverified"],
            include_personal=given["include_personal"],
            parquet=given["parquet"],
            base_model=given["base_model"],
            tokens=ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer),
        )


def _end(*, lossy: bool) -> NoReturn:
    """Exit code 1 where a check found losses; nothing lossy is pushed."""
    raise click.exceptions.Exit(1 if lossy else 0)


def _checked(run: str, names: list[str], push_to: str | None, public: bool, parquet: bool, out: Path | None) -> None:
    """Raise UserError for options that don't go together, before anything is read."""
    from proutt.dialogue.sources import is_url, shown
    from proutt.errors import UserError

    if not names:
        raise UserError("names no format.", where="--to", remedy="See `proutt export --list`, or --check an export.")
    refuse_push(names, push_to, public=public)
    if parquet and "proutt" in names:
        raise UserError(
            "rows of 'proutt' make no table: topics are keys there, other ones in each row.",
            where="--parquet",
            remedy="Leave it out, or export another format.",
        )
    if run == "-" and len(names) > 1:
        raise UserError("standard input can be read once.", where="-", remedy="Give one --to, or a file.")
    if out is None and (run == "-" or run.startswith("hf:") or is_url(run)):
        raise UserError("there is no folder to write into.", where=shown(run), remedy="Name one with --out.")


def _folder(run: str, name: str, out: Path | None, *, alone: bool) -> Path:
    """Where a format goes: --out itself, or a folder in it where there are several formats."""
    if out is not None:
        return out if alone else out / name
    place = Path(run)
    return (place if place.is_dir() else place.parent) / "export" / name


def _written(manifest: dict[str, Any], folder: Path) -> list[str]:
    from proutt.cli.export_dialogues import exported_line, left_out_lines
    from proutt.export.dialogue_tally import dialogues_of
    from proutt.export.left_out import TAKEN_BY

    of_dialogues = dialogues_of(manifest) is not None
    pairs, split = manifest["pairs"], manifest["split"]
    what = exported_line(manifest) if of_dialogues else f"{pairs['exported']} of {pairs['read']} pairs"
    lines = [f"Exported {what} as {manifest['format']} to {folder}"]
    for name, entry in manifest["files"].items():
        lines.append(f"  {name}" + (f": {_rows(entry['rows'])}" if "rows" in entry else ""))
    lines += left_out_lines(manifest)
    for reason, count in pairs["left_out"].items():
        hint = f" ({TAKEN_BY[reason]} takes them)" if reason in TAKEN_BY else ""
        lines.append(f"Left out: {count} {reason}{hint}")
    if split is not None and split["near_duplicates"]["groups"]:
        near = split["near_duplicates"]
        alike = "alike" if of_dialogues else "near-duplicate"
        lines.append(f"Kept together: {near['dialogues']} {alike} dialogues in {near['groups']} groups")
    return lines


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def next_steps(manifest: dict[str, Any], folder: Path) -> list[str]:
    """What to do with the files: the command of each trainer configuration, and how long the longest row is."""
    tokens = manifest["tokens"]
    how = "estimated" if tokens["counted_with"] == "estimated" else f"counted with {tokens['counted_with']}"
    configs = [name for name in manifest["files"] if name.endswith(".yaml")]
    if not configs:
        train = folder / "train.jsonl"
        if manifest["format"] == "proutt":
            return [f"Next:  give {train} to the official post-processing as its --input."]
        return [f"The longest row has {tokens['longest_row']:,} tokens ({how})."]
    commands = [(folder / name).read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ") for name in configs]
    return [
        "Train: " + "\n       ".join(commands),
        f"       The longest row has {tokens['longest_row']:,} tokens ({how}); the configurations allow "
        f"{tokens['max_length']:,}.",
        "       Trainers' own limits are less, and cut rows off where the predictions are.",
    ]
