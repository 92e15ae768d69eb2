"""How far `--dry-run` is from what runs then took (docs/cost.md).

    python benchmarks/estimate_error.py scripted --data FOLDER [--dialogues 40]
    python benchmarks/estimate_error.py embedded RUN=DIALOGUES.jsonl ...
    python benchmarks/estimate_error.py fit RUN ...

scripted  runs Algorithm 1 against a scripted endpoint on this machine, on every second dialogue of
          `sharegpt_sample.json` and of `crosswoz_val_sample.json`. The endpoint counts a token per four bytes of UTF-8.
          Estimated twice: with what ships, and with the profile of a run over the other half.
embedded  compares with finished runs of the embedded model; the dialogues are those that the run was made of.
fit       prints the constants of `estimate_measured.py`, from finished runs.

Runs are only read, and from a copy: opening a journal can leave files beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.dialogue import Dialogue, read_dialogues, write_messages
from proutt.runs.config import SynthesisConfig, config_of
from proutt.runs.estimate import Estimate, Range, estimate
from proutt.runs.estimate_fit import profile_of
from proutt.runs.estimate_profile import Lengths, Profile, Share
from proutt.runs.journal import Journal

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

SAMPLES = ("sharegpt_sample.json", "crosswoz_val_sample.json")
QUANTITIES = ("calls", "prompt_tokens", "prompt_tokens_computed", "completion_tokens")


@contextlib.contextmanager
def journal_of(run: Path) -> Iterator[Journal]:
    """A copy of a run's journal."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            if (run / name).exists():
                shutil.copy(run / name, folder)
        journal = Journal(Path(folder) / "journal.sqlite", reading=True)
        try:
            yield journal
        finally:
            journal.close()


def taken(journal: Journal) -> dict[str, float]:
    """What a run took. The scripted server computes nothing: it has no word on caching."""
    names = ("prompt_tokens", "prompt_tokens - cached_tokens", "completion_tokens", "cached_tokens")
    sums = ", ".join(f"SUM({name})" for name in names)
    *values, cached = journal.rows(f"SELECT COUNT(*), {sums} FROM calls")[0]
    found = dict(zip(QUANTITIES, map(float, values), strict=True))
    if not cached:
        del found["prompt_tokens_computed"]
    return found


def steps_of(journal: Journal) -> dict[str, tuple[int, int, int]]:
    """Step → calls, prompt tokens, answer tokens."""
    sums = "COUNT(*), SUM(prompt_tokens), SUM(completion_tokens)"
    return {step: (a, b, c) for step, a, b, c in journal.rows(f"SELECT step, {sums} FROM calls GROUP BY step")}


def report(name: str, foreseen: Estimate, real: Mapping[str, float]) -> dict[str, float]:
    """Print estimate and truth side by side; the error of `expected` by quantity, as a share of the truth."""
    print(f"\n{name}: {foreseen.dialogues} dialogues, {foreseen.turns} turns")
    print(f"  {'':<24}{'low':>12}{'expected':>12}{'high':>12}{'run':>12}{'error':>9}")
    errors = {}
    for quantity, value in real.items():
        each: Range = getattr(foreseen.total, quantity)
        errors[quantity] = each.expected / value - 1
        inside = "" if each.low <= value <= each.high else "  outside low..high"
        numbers = f"{each.low:>12.0f}{each.expected:>12.0f}{each.high:>12.0f}{value:>12.0f}"
        print(f"  {quantity:<24}{numbers}{errors[quantity]:>+9.1%}{inside}")
    return errors


# The scripted endpoint.


def scripted(given: argparse.Namespace) -> int:
    from servers.scripted import ScriptedServer

    errors: list[tuple[str, str, float]] = []
    for name in SAMPLES:
        path = given.data / name
        if not path.exists():
            print(f"{path} is not there: skipped")
            continue
        dialogues = list(read_dialogues([str(path)], limit=given.dialogues))
        target, pilot = dialogues[::2], dialogues[1::2]
        with ScriptedServer() as server, tempfile.TemporaryDirectory() as folder:
            server.answer = counted_answer
            values = {"base_url": server.url, "model": "scripted", "api_key_env": "", **json.loads(given.settings)}
            real = run(values, target, Path(folder) / "target")
            run(values, pilot, Path(folder) / "pilot")
            config = config_of({**values, "inputs": ["-"]})
            with journal_of(Path(folder) / "pilot") as journal:
                profile = profile_of(journal)
            for how, known in (("as shipped", None), (f"measured on {len(pilot)} other dialogues", profile)):
                found = report(f"{name}, {how}", estimate(config, target, profile=known), real)
                errors += [(how, quantity, error) for quantity, error in found.items()]
    measured = [abs(error) for how, _, error in errors if how != "as shipped"]
    if measured:
        print(f"\nlargest error with a measured profile: {max(measured):.1%}")
    return 0 if all(each <= 0.15 for each in measured) else 1


def counted_answer(body: dict[str, Any]) -> Any:
    """The script's answer, with tokens counted as a quarter of the bytes of the messages and of the answer."""
    from servers.proutt_answers import proutt_answer
    from servers.scripted import Answer

    text = proutt_answer(body)
    prompt = sum(len(message["content"].encode()) for message in body["messages"])
    usage = {"prompt_tokens": -(-prompt // 4), "completion_tokens": -(-len(text.encode()) // 4)}
    return Answer(text, usage=usage)


def run(values: Mapping[str, Any], dialogues: Sequence[Dialogue], out: Path) -> dict[str, float]:
    """A real run over the dialogues, by the command's own function; what it took."""
    from proutt.cli import cli

    out.mkdir(parents=True)
    source = out.parent / f"{out.name}.jsonl"
    write_messages(dialogues, str(source))
    config = out.parent / f"{out.name}.yaml"
    config.write_text(json.dumps(dict(values)), encoding="utf-8")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        cli.main(
            ["synthesize", str(source), "--out", str(out / "run"), "--config", str(config), "--quiet"],
            standalone_mode=False,
        )
    for each in (out / "run").iterdir():
        each.rename(out / each.name)
    with journal_of(out) as journal:
        return taken(journal)


# The embedded model.


def embedded(given: argparse.Namespace) -> int:
    worst = 0.0
    for each in given.runs:
        name, _, source = each.partition("=")
        with journal_of(Path(name)) as journal:
            begun = journal.config() or {}
            kept = {key: value for key, value in begun.items() if key in SynthesisConfig.model_fields}
            real = taken(journal)
        config = config_of({**kept, "inputs": [source]})
        errors = report(name, estimate(config, read_dialogues([source])), real)
        worst = max(worst, *(abs(error) for error in errors.values()))
    print(f"\nlargest error: {worst:.1%}")
    return 0


def fit(given: argparse.Namespace) -> int:
    profiles = []
    for each in given.runs:
        with journal_of(Path(each)) as journal:
            profiles.append(profile_of(journal))
    print(as_module(pooled(profiles)))
    return 0


def pooled(profiles: Sequence[Profile]) -> Profile:
    """One profile of several runs: pools joined, shares added up, lengths averaged over the runs that have them."""
    steps = sorted({step for each in profiles for step in each.further})
    keys = sorted({key for each in profiles for key in each.lengths})
    return Profile(
        basis=f"{sum(len(each.predicted) for each in profiles)} pairs of {len(profiles)} runs",
        lengths={key: _mean([each.lengths[key] for each in profiles if key in each.lengths]) for key in keys},
        paths=tuple(path for each in profiles for path in each.paths),
        empty=_sum([each.empty for each in profiles]),
        new_topic=_sum([each.new_topic for each in profiles]),
        valued=_sum([each.valued for each in profiles]),
        further={step: _sum([each.further[step] for each in profiles if step in each.further]) for step in steps},
        predicted=tuple(scores for each in profiles for scores in each.predicted),
        chosen=tuple(score for each in profiles for score in each.chosen),
        rejected=tuple(scores for each in profiles for scores in each.rejected),
    )


def _mean(lengths: Sequence[Lengths]) -> Lengths:
    low, mean, high = (round(sum(each) / len(lengths), 1) for each in zip(*lengths, strict=True))
    return low, mean, high


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(each.count for each in shares), sum(each.of for each in shares))


def as_module(profile: Profile) -> str:
    """The profile's fields as Python, one a line."""
    lines = [f"    {name}={getattr(profile, name)!r}," for name in Profile.__dataclass_fields__]
    return "MEASURED = Profile(\n" + "\n".join(lines) + "\n)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("scripted")
    verb.add_argument("--data", type=Path, required=True)
    verb.add_argument("--dialogues", type=int, help="of each corpus, half of them for each run  [default: all]")
    verb.add_argument("--settings", default="{}", help="JSON: further keys of the configuration")
    verb.set_defaults(do=scripted)
    for name, do in (("embedded", embedded), ("fit", fit)):
        verb = verbs.add_parser(name)
        verb.add_argument("runs", nargs="+")
        verb.set_defaults(do=do)
    given = parser.parse_args()
    return int(given.do(given))


if __name__ == "__main__":
    sys.exit(main())
