"""`proutt dialogues`: says what is in dialogue files, and writes them in normal form."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from proutt.cli.run_summary import counts
from proutt.cli.terminal import one_line, plain
from proutt.dialogue import (
    NOTES,
    READERS,
    Dialogue,
    ReadingReport,
    messages_line,
    read_dialogues,
    write_messages,
)
from proutt.dialogue.sources import shown
from proutt.errors import UserError

#: a reading that takes longer shows its progress
PATIENCE_S = 2.0
#: width of a problem's text on the terminal
WIDTH = 160


@click.command(name="dialogues")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", type=click.Choice(list(READERS)), help="Corpus format of all files; else told from content.")
@click.option(
    "--language", metavar="CODE", help="Language of all dialogues (en, zh, ...); else told from user's texts."
)
@click.option("--strict", is_flag=True, help="Stop at the first bad record instead of skipping it.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read the first N dialogues only.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option(
    "--to", metavar="FILE", help="Write the dialogues in normal form, as messages JSONL; - is standard output."
)
def command(
    *,
    files: tuple[str, ...],
    format: str | None,
    language: str | None,
    strict: bool,
    limit: int | None,
    as_json: bool,
    to: str | None,
) -> None:
    """Say what is in dialogue files; write them in normal form.

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder or a URL of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. The rules that bring all of it to one normal form are in docs/dialogues.md.
    """
    if as_json and to == "-":
        raise UserError("--json and --to - both write to standard output.", remedy="Give --to a file.")
    report = ReadingReport()
    dialogues = read_dialogues(files, format=format, language=language, strict=strict, limit=limit, report=report)
    if sys.stderr.isatty():
        dialogues = with_progress(dialogues, report)
    deliver(dialogues, to, files)
    if as_json:
        click.echo(json.dumps(report_record(report)))
    else:
        click.echo(summary(report, files, to, given_options(format, language, limit)), err=to == "-")


def deliver(dialogues: Iterable[Dialogue], to: str | None, files: tuple[str, ...]) -> None:
    """Read all dialogues, and write them where the user wants them, if anywhere."""
    if to == "-":
        out = sys.stdout.buffer
        for dialogue in dialogues:
            out.write(messages_line(dialogue, ascii_only=sys.stdout.isatty()).encode())
        out.flush()
    elif to is not None:
        write_messages(dialogues, to, inputs=files)
    else:
        for _ in dialogues:
            pass


def report_record(report: ReadingReport) -> dict[str, Any]:
    """The report as `--json` prints it; counts are sorted, most frequent first."""
    return {
        "dialogues": report.dialogues,
        "turns": report.turns,
        "skipped": dict(report.skipped.most_common()),
        "pairs": report.pairs,
        "languages": dict(report.languages.most_common()),
        "formats": dict(report.formats.most_common()),
        "notes": dict(report.notes.most_common()),
        "problems": [asdict(problem) for problem in report.problems],
    }


def summary(report: ReadingReport, files: tuple[str, ...], to: str | None = None, options: str = "") -> str:
    """The report for a person: counts, what was repaired, the first problems, what to run next."""
    skipped = sum(report.skipped.values())
    lines = [
        _row("dialogues", report.dialogues, counts(dict(report.formats.most_common()))),
        _row("turns", report.turns, "user utterances with their answer"),
        _row("pairs", report.pairs, "contexts with a next utterance: the most that `proutt synthesize` can make"),
        _row("languages", len(report.languages), counts(dict(report.languages.most_common()))),
        _row("skipped", skipped, counts(dict(report.skipped.most_common()))),
    ]
    if report.notes:
        lines += ["", "repaired or set apart:"]
        lines += [f"{count:>12,}  {NOTES.get(kind, kind)}" for kind, count in report.notes.most_common()]
    if report.problems:
        bad = skipped - report.skipped["duplicate"]
        lines += [
            "",
            "problems:" if bad <= len(report.problems) else f"the first {len(report.problems)} of {bad:,} problems:",
        ]
        lines += [f"  {_problem_line(each.place, each.reason, each.message)}" for each in report.problems]
    return "\n".join([*lines, "", f"next: {_next_step(report, files, to, options)}"])


def with_progress(
    dialogues: Iterable[Dialogue], report: ReadingReport, clock: Callable[[], float] = time.monotonic
) -> Iterator[Dialogue]:
    """The dialogues as they come; on standard error, once it takes longer than PATIENCE_S, how many there were."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("reading: {task.completed:,} dialogues"), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task, began, shown = progress.add_task("reading"), clock(), False
    try:
        for dialogue in dialogues:
            if not shown and clock() - began > PATIENCE_S:
                progress.start()
                shown = True
            progress.update(task, completed=report.dialogues)
            yield dialogue
    finally:
        progress.stop()


def _row(name: str, count: int, remark: str) -> str:
    return f"{name:<10} {count:>9,}  {remark}".rstrip()


def _problem_line(place: str, reason: str, message: str) -> str:
    return f"{one_line(place, WIDTH)}  {reason}: {one_line(message, WIDTH)}"


def given_options(format: str | None, language: str | None, limit: int | None) -> str:
    """The options of this reading that the next command needs to read the same."""
    given = {"--format": format, "--language": language, "--limit": limit}
    return "".join(f" {name} {shlex.quote(str(value))}" for name, value in given.items() if value is not None)


def _next_step(report: ReadingReport, files: tuple[str, ...], to: str | None, options: str) -> str:
    if not report.pairs:
        return "these dialogues have one user utterance each at most; `proutt synthesize` needs two or more."
    inputs = (to,) if to and to != "-" else tuple(map(shown, files))
    if "-" in inputs:
        return "save what came from standard input with --to FILE, then: proutt synthesize FILE --out run"
    given = "" if to and to != "-" else options
    return plain(f"proutt synthesize {shlex.join(inputs)}{given} --out run")
