"""`proutt annotate`: people judge suggestions on a local page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from proutt.web.items import Plan
    from proutt.web.turns import Batch


@click.command("annotate")
@click.argument("predictions", nargs=-1, type=click.Path(path_type=Path), metavar="PREDICTIONS...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the answers; the same command goes on with them.  [required]",
)
@click.option("--pointwise", is_flag=True, help="Score each suggestion alone, 0 to 1, instead of comparing systems.")
@click.option(
    "--batch",
    "size",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="N",
    help="Items that two people judge together, as in the paper.",
)
@click.option(
    "--gate",
    type=click.FloatRange(0, 1),
    default=0.75,
    show_default=True,
    help="Agreement that a batch must reach to count as valid, as in the paper. Both results are given.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="First N test cases of each file only; N responses of UPC, drawn by --seed.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Keys all chance.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to serve; by default no other machine reaches it.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--release", metavar="NAME", help="Give what this annotator has left unfinished to others, first of all.")
@click.option("--results", "only_results", is_flag=True, help="Serve nothing: write and print what is there.")
@click.option("--quiet", is_flag=True, help="Print only the page's link, and errors.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines: the page's link, at last the results.")
def command(
    predictions: tuple[Path, ...],
    *,
    out: Path | None,
    pointwise: bool,
    size: int,
    gate: float,
    limit: int | None,
    seed: int,
    host: str,
    port: int,
    release: str | None,
    only_results: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Let people judge suggestions on a local page, blind (ProUtt, Appendix B-B.2).

    Two systems' suggestions stand side by side in random order, names hidden; two people judge each batch, a third
    where they disagree. Each opens the printed link and gives a name. Ctrl-C stops; the same command goes on. The
    answers are in DIR/verdicts.jsonl for `proutt evaluate agreement` (docs/annotate.md).

    Given folders of proutt evaluate synpt instead, people say of each dialogue whether everything that was missing was
    asked for, and whether the summary is right: yes or no. Given runs of proutt simulate upc or proutt evaluate upc,
    they score responses from 1 to 5 for relevance, value and interest, as the critic does (docs/upc.md).
    """
    from proutt.errors import UserError
    from proutt.web.desk import Desk
    from proutt.web.store import Store

    if not predictions:
        raise UserError("no predictions named.", remedy="Give what proutt predict wrote: its --out, or the file in it.")
    if out is None:
        raise UserError("no folder named.", remedy="Give one, e.g. --out people")
    other = _asked_otherwise(predictions)
    if other is not None:
        if pointwise:
            raise UserError(f"{other.how}.", where="--pointwise", remedy="Leave it out.")
        asked = other.ask(predictions, seed=seed, size=size, limit=limit)
    else:
        asked = _of_predictions(predictions, pointwise=pointwise, seed=seed, size=size, limit=limit)
    plan, settings = asked.plan, {**asked.settings, "batch": size, "limit": limit, "seed": seed}
    shown = _Shown(quiet=quiet, as_json=as_json)
    with Store(out, settings) as store:
        desk = Desk(plan, store, seed, gate)
        if release is not None:
            shown.note(f"Set aside: {desk.release(release)} answers of {release}.")
        write = partial(asked.write, out, plan, gate)
        write(desk.batches)
        if not only_results:
            from proutt.web.server import serve

            size_of = f"{len(plan.items)} items in {len(plan.batches)} batches."
            shown.note(f"{size_of} Whoever has the link can answer; Ctrl-C stops.")
            serve(desk, host=host, port=port, ready=shown.ready, finished=write)
        shown.end(write(desk.batches), out)


@dataclass(frozen=True)
class _Asked:
    """What is to be judged. settings: what a resumed folder must have the same; write: the files that follow."""

    plan: Plan
    settings: Mapping[str, Any]
    write: Callable[[Path, Plan, float, Sequence[Batch]], dict[str, Any]]


@dataclass(frozen=True)
class _Otherwise:
    """What is asked of dialogues, not of suggestions, and how it is answered."""

    ask: Callable[..., _Asked]
    how: str


def _asked_otherwise(paths: Sequence[Path]) -> _Otherwise | None:
    """What is asked of paths that hold dialogues; None where they hold none. UPC's are told by what they hold: an
    evaluation of either method has a file of the same name."""
    from proutt.evaluation.critic.responses import holds_responses

    if all(holds_responses(path) for path in paths):
        return _Otherwise(_of_responses, "responses are scored from 1 to 5")
    if all(holds_dialogues(path) for path in paths):
        return _Otherwise(_of_dialogues, "dialogues are judged by yes and no")
    return None


def holds_dialogues(path: Path) -> bool:
    """Whether a path is an evaluation by proutt evaluate synpt."""
    from proutt.evaluation.synpt.stored import DIALOGUES

    return path.name == DIALOGUES or (path / DIALOGUES).is_file()


def _of_predictions(predictions: Sequence[Path], *, pointwise: bool, seed: int, size: int, limit: int | None) -> _Asked:
    from proutt.evaluation.cases import bench, digest_of, prediction_file
    from proutt.web.files import write_files
    from proutt.web.items import planned

    paths = [prediction_file(path) for path in predictions]
    judged = bench(paths, limit=limit)
    settings = {"predictions": sorted(digest_of(paths)), "pointwise": pointwise}
    plan = planned(judged, pointwise=pointwise, seed=seed, size=size)
    return _Asked(plan, settings, lambda out, plan, gate, batches: write_files(out, judged, plan, gate, batches))


def _of_dialogues(folders: Sequence[Path], *, seed: int, size: int, limit: int | None) -> _Asked:
    from proutt.evaluation.cases import digest_of
    from proutt.evaluation.synpt.stored import dialogue_file, evaluation_in
    from proutt.web.claims import planned_claims
    from proutt.web.files import write_claims

    evaluations = [evaluation_in(folder) for folder in folders]
    digests = sorted(digest_of([dialogue_file(folder) for folder in folders]))
    plan = planned_claims(evaluations, seed=seed, size=size, limit=limit)

    def write(out: Path, plan: Plan, gate: float, batches: Sequence[Batch]) -> dict[str, Any]:
        return write_claims(out, evaluations, plan, gate, batches, digests)

    return _Asked(plan, {"dialogues": digests}, write)


def _of_responses(runs: Sequence[Path], *, seed: int, size: int, limit: int | None) -> _Asked:
    from proutt.evaluation.cases import digest_of
    from proutt.evaluation.critic.responses import drawn, response_file, responses_in
    from proutt.web.files import write_opinions
    from proutt.web.opinions import planned_opinions

    responses = drawn(responses_in(runs), limit, seed)
    settings = {"responses": sorted(digest_of([response_file(run) for run in runs]))}
    plan = planned_opinions(responses, size=size)
    return _Asked(plan, settings, lambda out, plan, gate, batches: write_opinions(out, responses, plan, gate, batches))


class _Shown:
    """What the person at the terminal sees."""

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        self._quiet, self._as_json = quiet, as_json

    def note(self, text: str) -> None:
        from proutt.cli.terminal import one_line

        if not (self._quiet or self._as_json):
            click.echo(one_line(text, 200))

    def ready(self, link: str) -> None:
        import json

        click.echo(json.dumps({"event": "serving", "link": link}) if self._as_json else f"Open in a browser: {link}")

    def end(self, results: Mapping[str, Any], out: Path) -> None:
        import json

        from proutt.cli.terminal import one_line, plain

        if self._as_json:
            click.echo(json.dumps({"event": "results", **results}))
        elif not self._quiet:
            for line in _lines(results):
                click.echo(one_line(line, 200))
            click.echo(plain(f"Written: {out}"))


def _lines(results: Mapping[str, Any]) -> list[str]:
    agreement = results["agreement"]
    done = len(agreement["batches"])
    lines = [f"Batches that both annotators have finished: {done} of {done + agreement['batches_open']}."]
    for title, found in (("all batches", agreement["all"]), (f"gated, ≥ {agreement['gate']:g}", agreement["gated"])):
        if found is not None and found["agreement"] is not None:
            facts = {name: value for name, value in found.items() if isinstance(value, float)}
            said = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in facts.items())
            lines.append(f"Two annotators, {title}: {said}")
    for row in results.get("claims", ()):
        if row["decided"]:
            kappa = "" if row["kappa"] is None else f", κ {row['kappa']:.2f}"
            lines.append(
                f"{row['system']}, {row['criterion']}: right by people {row['people']['mean'] * 100:.0f}% of "
                f"{row['decided']} decided" + _automatic(row) + kappa
            )
    lines += [_with_critic(row) for row in _with_critics(results.get("critics", ()))]
    for row in results.get("wins", ()):
        if row["cases"]:
            shares = ", ".join(f"{name} {row[name]['mean'] * 100:.0f}%" for name in ("win", "tie", "loss"))
            lines.append(f"{row['a']} against {row['b']}, {row['batches']}: {shares} of {row['cases']} decided")
    return lines


def _with_critics(groups: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Over all aspects: everyone, and people as one, beside each critic."""
    for group in groups[-1:]:
        critics = {name for name, facts in group["raters"].items() if facts["kind"] == "model"}
        yield from (pair for pair in group["pairs"] if pair["one"] not in critics and pair["other"] in critics)


def _with_critic(pair: Mapping[str, Any]) -> str:
    facts = (("κ", pair["squared_kappa"]), ("Spearman", pair["spearman"]))
    said = ", ".join(f"{name} {value['mean']:.2f}" for name, value in facts if value is not None)
    return f"{pair['one']} and the critic {pair['other']}, {pair['suggestions']} scores: {said or 'not known yet'}"


def _automatic(row: Mapping[str, Any]) -> str:
    found = row["automatic"]
    return "" if found is None else f"; automatically {found['mean'] * 100:.0f}%, the same in {row['agreement']:.2f}"
