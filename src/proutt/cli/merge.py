"""`proutt merge`: shards of one input, or runs over several inputs, as one run."""

from __future__ import annotations

import importlib
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.run_options import SHOWN, with_options
from proutt.cli.run_summary import failed, spent
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.runs.merging import Merged
    from proutt.runs.run import Made, Making

#: Verb → the module whose `making_of` says what its runs do, and the verbs that go on with them.
MERGED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "synthesize": ("proutt.runs.pair_run", ("show", "audit", "export")),
    "predict": ("proutt.prediction.run", ("evaluate",)),
    "simulate synpt": ("proutt.simulation.synpt.run", ("show", "audit", "export")),
    "simulate upc": ("proutt.simulation.upc.run", ("show", "audit", "export")),
}


@click.command("merge")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="MERGED", help="The run of all of them.")
@with_options(*SHOWN)
def command(runs: tuple[Path, ...], *, out: Path, quiet: bool, as_json: bool) -> int:
    """Join runs of proutt synthesize, predict or simulate to one, without a call.

    Shards of one input give the same files as one run over it. Runs over several inputs are joined in their order.
    Their settings must be the same. A record that is in several runs is taken once; all calls count.

    \b
      proutt synthesize chats.jsonl --shard 1/2 --out one      # on one machine
      proutt synthesize chats.jsonl --shard 2/2 --out two      # on another
      proutt merge one two --out run

    Exit code 0: all is there. 1: all is there, but some items failed. 2: something to mend. 3: a shard is missing, or a
    run is not at its end; what there is was joined.
    """
    from proutt.cli.session import ended
    from proutt.runs.merging import merge, verb_of

    verb = verb_of(runs[0]) or ""
    if verb not in MERGED:
        raise UserError(
            "runs of this kind, or of an older proutt, do not join.",
            where=str(runs[0]),
            remedy="Begin it anew with --reuse RUN: answers that are there cost nothing.",
        )
    module, onward = MERGED[verb]
    making_of: Callable[[Mapping[str, Any]], Making] = importlib.import_module(module).making_of
    made, merged = merge(runs, out, making_of)
    made.why.extend(_why(merged))
    failures = sum(made.summary["failed"].values())
    shown = Shown(quiet=quiet, as_json=as_json)
    return ended(made, shown, lambda: as_text(made, merged, out, verb, onward, len(runs)), failed=failures)


def _why(merged: Merged) -> list[str]:
    """What is not there, a matter each."""
    why = [f"{run} is not at its end; its own command goes on with it" for run in merged.stopped]
    if merged.missing:
        names = ", ".join(str(each) for each in merged.missing[:5])
        more = f" and {len(merged.missing) - 5} more" if len(merged.missing) > 5 else ""
        why.append(f"shards {names}{more} are missing")
    return why


def as_text(made: Made, merged: Merged, out: Path, verb: str, onward: tuple[str, ...], runs: int) -> str:
    """The summary for a person."""
    place = shlex.quote(str(out))
    lines = [f"{each}." for each in made.why]
    lines.append(f"{runs} runs of proutt {verb} joined." + (
        f" {merged.doubled} records were in more than one of them." if merged.doubled else ""))  # fmt: skip
    lines += failed(made.summary["failed"])
    lines += [spent(made.summary), "Next:"]
    return "\n".join(lines + [f"  proutt {each} {place}" for each in onward])
