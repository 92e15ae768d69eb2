"""What `proutt simulate synpt` and `proutt simulate upc` do alike: an estimate, or a run, told to the user.

Knows nothing of seeds and personas: a verb brings what it makes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from proutt.cli.progress import Shown, line
from proutt.cli.run_options import workers_of
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.dialogue import ReadingReport
    from proutt.runs.estimate import Estimate
    from proutt.runs.journal import Journal
    from proutt.runs.run import Made
    from proutt.runs.standing import Words
    from proutt.simulation.dialogue_run import DialogueDecided

ConfigT = TypeVar("ConfigT", bound="DialogueDecided")


@dataclass(frozen=True)
class Verb(Generic[ConfigT]):
    """One of the two.

    words     what its records are called, and itself
    each      what is made of a record, for the estimate: "a dialogue to make of each"
    estimate  what a run would take, given its report and the journal of a run to measure, or None
    simulate  does or resumes a run; takes the configuration, its directory, an observer, and as the options say
              reuse, retry_failed and workers
    as_text   what has come of a run, for a person
    """

    words: Words
    each: str
    estimate: Callable[[ConfigT, ReadingReport, Journal | None], Estimate]
    simulate: Callable[..., Made]
    as_text: Callable[[Made, Path], str]


def simulated(verb: Verb[ConfigT], config: ConfigT, given: Mapping[str, Any]) -> int:
    """Do what the options say, and tell of it; the exit code. Raises UserError where there is something to mend."""
    records, out = verb.words.items, given["out"]
    if not config.inputs:
        example = f"proutt {verb.words.verb} {records}.jsonl --out run"
        raise UserError(f"no {records} named.", remedy=f"Give files, e.g. {example}")
    if given["dry_run"]:
        return _dry_run(verb, config, given)
    if out is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out run")
    return _run(verb, config, out, given)


def _dry_run(verb: Verb[ConfigT], config: ConfigT, given: Mapping[str, Any]) -> int:
    """Say what a run would take. Calls no model."""
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport

    report = ReadingReport()
    estimate = partial(verb.estimate, config, report)
    found = rehearsed(estimate, like=given["like"], out=given["out"], state="simulated")
    inputs = f"{found.dialogues:,} {verb.words.items}, {verb.each}"
    show_estimate(found, report, as_json=given["as_json"], inputs=inputs)
    return 0


def _run(verb: Verb[ConfigT], config: ConfigT, out: Path, given: Mapping[str, Any]) -> int:
    """Do or resume a run, and say what has come of it."""
    from proutt.cli.session import Display, ended

    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    display = Display(shown, partial(line, made=verb.words.made, items=verb.words.items))
    how = {"reuse": given["reuse"], "retry_failed": given["retry_failed"], "workers": workers_of(given)}
    made = verb.simulate(config, out, display, **how)
    return ended(made, shown, lambda: verb.as_text(made, out), failed=made.summary[verb.words.items]["failed"])
