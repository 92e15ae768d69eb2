"""`proutt export`: a run's pairs as training files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from proutt.cli.terminal import plain

#: What each format is called on the command line; `proutt.export.FORMATS` has the same names (a test says so).
FORMAT_NAMES = ("trl-preference", "trl-sft", "llamafactory-preference", "llamafactory-sft", "proutt")


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", "format_name", type=click.Choice(FORMAT_NAMES), required=True, help="The format.")
@click.option(
    "--instruction",
    type=click.Choice(("structured", "minimal")),
    default="structured",
    show_default=True,
    help="How much the prompt explains (ProUtt, Table VI).",
)
@click.option("--split", metavar="SHARES", help="Split by dialogue: 0.9/0.1 or 0.8/0.1/0.1.  [default: no split]")
@click.option("--seed", type=int, default=0, show_default=True, help="Which dialogues fall into which part of a split.")
@click.option("--include-unverified", is_flag=True, help="Export pairs that failed verification, too.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write.  [default: RUN/export/FORMAT]")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def command(
    run: Path,
    *,
    format_name: str,
    instruction: str,
    split: str | None,
    seed: int,
    include_unverified: bool,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write a run's pairs as training files.

    RUN is the --out directory of `proutt synthesize`, or a pairs.jsonl. Formats: docs/exports.md.
    """
    from proutt.export import ExportSettings, Split, export_pairs, parse_split
    from proutt.runs.pairs import read_pairs

    settings = ExportSettings(
        format=format_name,
        instruction="minimal" if instruction == "minimal" else "structured",
        split=Split(seed=seed) if split is None else parse_split(split, seed),
        include_unverified=include_unverified,
    )
    folder = out or (run if run.is_dir() else run.parent) / "export" / format_name
    manifest = export_pairs(read_pairs(run), folder, settings)
    if as_json:
        click.echo(json.dumps(manifest, ensure_ascii=False, indent=2))
    elif not quiet:
        click.echo(plain("\n".join([*_written(manifest, folder), "", *next_steps(manifest, folder)])))


def _written(manifest: dict[str, Any], folder: Path) -> list[str]:
    pairs = manifest["pairs"]
    lines = [f"Exported {pairs['exported']} of {pairs['read']} pairs as {manifest['format']} to {folder}"]
    for name, entry in manifest["files"].items():
        lines.append(f"  {name}" + (f": {_rows(entry['rows'])}" if "rows" in entry else ""))
    for reason, count in pairs["left_out"].items():
        hint = " (--include-unverified takes them)" if reason == "not verified" else ""
        lines.append(f"Left out: {count} {reason}{hint}")
    return lines


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def next_steps(manifest: dict[str, Any], folder: Path) -> list[str]:
    """What to do with the files, in the words of the tool that they are for, with a length that cuts nothing off."""
    longest = manifest["longest_row_tokens_estimated"]
    length = enough_tokens(longest)
    about = f"The longest row has about {longest:,} tokens (estimated)"
    if manifest["format"].startswith("trl-"):
        loading = f'datasets.load_dataset("json", data_files={str(folder / "train.jsonl")!r}, split="train")'
        return [
            f"Load:  {loading}",
            f"Train: set `max_length: {length}` in the TRL config. {about}.",
            "       What is longer is cut at the end, where the predictions are; TRL's own default is 1024.",
        ]
    if manifest["format"].startswith("llamafactory-"):
        preference = manifest["format"] == "llamafactory-preference"
        return [
            f"Train: in the LLaMA-Factory config, `stage: {'dpo' if preference else 'sft'}`, `dataset_dir: {folder}`,",
            f"       `dataset: {'proutt_pref' if preference else 'proutt_sft'}`, `cutoff_len: {length}`.",
            f"       {about}. What is longer is cut; LLaMA-Factory's own default is 2048.",
        ]
    return [f"Next:  give {folder / 'train.jsonl'} to the official post-processing as its --input."]


def enough_tokens(estimated: int) -> int:
    """A maximum length for rows of so many estimated tokens: a quarter more, for an estimate errs, in steps of 256."""
    return -(-estimated * 5 // (4 * 256)) * 256
