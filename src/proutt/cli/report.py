"""`proutt report`: a run, or evaluations, as one HTML file that opens from disk."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows, reading_options

if TYPE_CHECKING:
    from proutt.reports import Report

#: Shorter work shows no progress.
QUIET_S = 2.0
EVERY_S = 0.5
PLAIN_EVERY_S = 10.0
#: From here on a browser takes its time (docs/explorer.md).
LARGE = 50_000


@click.command("report")
@click.argument("sources", metavar="RUN|FILE|EVALUATION...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.  [default: RUN/report.html, (first) EVALUATION/report.html]",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N pairs only.")
@click.option(
    "--tokenizer", metavar="NAME", help="Count tokens with this tokenizer.json or hub name.  [default: estimate]"
)
@click.option(
    "--audit",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that `proutt audit` wrote to.  [default: RUN/audit, if it is there]",
)
@reading_options
@click.option("--quiet", is_flag=True, help="Print nothing.")
def command(
    sources: tuple[Path, ...],
    *,
    out: Path | None,
    limit: int | None,
    tokenizer: str | None,
    audit: Path | None,
    format_name: str | None,
    skip_bad: bool,
    quiet: bool,
) -> None:
    """Write a run, or evaluations, as one HTML file to read in a browser.

    RUN is the --out directory of `proutt synthesize`; FILE is any preference or SFT file that `proutt stats` reads.
    The file holds everything it shows: it loads nothing, sends nothing, and opens from disk. It has an overview,
    filters and text search, and a page for each pair with its tree, scores and differences (docs/explorer.md).

    RUN may be the --out directory of `proutt simulate synpt`, and FILE released SynPT dialogues: then the page shows
    their turns, with the thinking folded and the intention state as it grows (docs/synpt.md). Of a run of `proutt
    simulate upc` it shows every attempt at a response with its scores, reasons and advice (docs/upc.md).

    EVALUATION is the --out directory of `proutt evaluate`, pointwise, pairwise, agreement, synpt or upc; several make
    one page, with tables, warnings and figures (docs/evaluation.md), and of synpt and upc each dialogue with its
    verdicts or scores. The other options are for pairs.
    """
    from proutt.reports.evaluation import holds_answers, is_evaluation

    if len(sources) > 1 or is_evaluation(sources[0]) or holds_answers(sources[0]):
        for_pairs = {
            **{"--limit": limit, "--tokenizer": tokenizer, "--audit": audit},
            **{"--format": format_name, "--skip-bad": skip_bad},
        }
        _refuse([name for name, value in for_pairs.items() if value])
        _of_evaluations(sources, out, quiet=quiet)
        return
    (source,) = sources
    from proutt.export.reading.dialogues import holds_dialogues
    from proutt.export.reading.upc import holds_upc

    if holds_upc(source) or holds_dialogues(source):
        _refuse([name for name, value in (("--tokenizer", tokenizer), ("--format", format_name)) if value])
        _of_dialogues(source, out, limit=limit, audit=audit, skip_bad=skip_bad, quiet=quiet)
        return
    from proutt.export.reading import pairs_in
    from proutt.quality import ESTIMATE, tokenizer_counter
    from proutt.reports import facts_of, write_report

    counter = ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer)
    facts, target = facts_of(source, audit), out or _default_out(source)
    bad, progress = BadRows(), _Progress(quiet=quiet)
    pairs = pairs_in(source, format=format_name, on_bad=bad.add if skip_bad else None)
    report = write_report(pairs, target, facts, limit=limit, counter=counter, progress=progress)
    progress.done()
    bad.tell()
    if not quiet:
        _tell(report)


def _refuse(options: list[str]) -> None:
    from proutt.errors import UserError

    if options:
        raise UserError(f"{options[0]} is for pairs.", where="proutt report", remedy="Leave it out.")


def _of_evaluations(folders: tuple[Path, ...], out: Path | None, *, quiet: bool) -> None:
    from proutt.cli.terminal import plain
    from proutt.reports.evaluation import parts_in
    from proutt.reports.evaluation_page import write_evaluations

    parts, target = parts_in(folders), out or folders[0] / "report.html"
    missing = write_evaluations(parts, target)
    if quiet:
        return
    if missing is not None:
        click.echo(f"Without figures: {plain(missing)}", err=True)
    evaluations = "1 evaluation" if len(parts) == 1 else f"{len(parts)} evaluations"
    click.echo(f"{plain(str(target))}: {evaluations}, {target.stat().st_size / 1e6:.1f} MB")
    click.echo(f"Open it in a browser: {target.resolve().as_uri()}")


def _of_dialogues(
    source: Path, out: Path | None, *, limit: int | None, audit: Path | None, skip_bad: bool, quiet: bool
) -> None:
    from proutt.export.reading.dialogues import dialogues_in
    from proutt.export.reading.upc import holds_upc, upc_dialogues_in
    from proutt.reports.dialogues import write_dialogues
    from proutt.reports.run_files import dialogue_facts
    from proutt.reports.upc_dialogues import write_upc

    facts, target = dialogue_facts(source, audit), out or _default_out(source)
    bad, progress = BadRows(), _Progress(quiet=quiet, noun="dialogues")
    on_bad = bad.add if skip_bad else None
    if holds_upc(source):
        chats = (row.dialogue for row in upc_dialogues_in(source, on_bad=on_bad))
        report = write_upc(chats, target, facts, limit=limit, progress=progress)
    else:
        dialogues = (row.dialogue for row in dialogues_in(source, on_bad=on_bad))
        report = write_dialogues(dialogues, target, facts, limit=limit, progress=progress)
    progress.done()
    bad.tell()
    if not quiet:
        _tell(report, "dialogue")


def _default_out(source: Path) -> Path:
    """Into a run; of a file, into the working directory: where it lies may not be ours to write to."""
    return source / "report.html" if source.is_dir() else Path(f"{source.name.partition('.')[0] or 'pairs'}.html")


def _tell(report: Report, noun: str = "pair") -> None:
    from proutt.cli.terminal import plain

    pairs = f"1 {noun}" if report.pairs == 1 else f"{report.pairs:,} {noun}s"
    more = " (there are more: --limit)" if report.limited else ""
    click.echo(f"{plain(str(report.path))}: {pairs}{more}, {report.size / 1e6:.1f} MB")
    if report.pairs > LARGE:
        click.echo(f"More than {LARGE:,} {noun}s open slowly in a browser; --limit takes the first ones only.")
    click.echo(f"Open it in a browser: {report.path.resolve().as_uri()}")


class _Progress:
    """Says on standard error how many pairs are done, once that takes more than a moment."""

    def __init__(self, *, quiet: bool, noun: str = "pairs") -> None:
        self._noun = noun
        self._began = self._last = time.monotonic()
        self._live, self._quiet, self._shown = sys.stderr.isatty(), quiet, False

    def __call__(self, pairs: int) -> None:
        now = time.monotonic()
        every = EVERY_S if self._live else PLAIN_EVERY_S
        if self._quiet or now - self._began < QUIET_S or now - self._last < every:
            return
        self._last, self._shown = now, True
        text = f"{pairs:,} {self._noun}, {pairs / (now - self._began):,.0f} a second"
        sys.stderr.write(f"\r\x1b[2K{text}" if self._live else f"{text}\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Take the live line away."""
        if self._shown and self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
