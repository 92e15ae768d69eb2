"""`proutt arena results` and `proutt arena export`: what participants preferred, and what was said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.evaluate_judging import FIGURES
from proutt.cli.run_options import with_options

if TYPE_CHECKING:
    from proutt.web.arena.visits import Side, Visit

_FOLDER = with_options(
    click.argument("folder", type=click.Path(path_type=Path)),
    click.option("--least-turns", type=click.IntRange(0), metavar="T",
                 help="Who had fewer turns with either chatbot does not count.  [default: as the arena was served]"),
)  # fmt: skip


@click.command("results")
@_FOLDER
@click.option("--figures", multiple=True, type=click.Choice(FIGURES),
              help="Draw figure 4, too; may be given again (needs proutt[figures]).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(folder: Path, *, least_turns: int | None, figures: tuple[str, ...], as_json: bool) -> None:
    """Say which chatbot the participants of an arena preferred, with 95% intervals (UPC 5.4, figure 4).

    FOLDER is the --out of proutt arena. Participants who chatted too little, or gave no verdict, are left out and
    counted. Whether Bot 1 was preferred for being Bot 1 is tested, too. All of it is in FOLDER/results.json.
    """
    from proutt.cli.terminal import plain
    from proutt.web.arena.files import write_results
    from proutt.web.arena.results import results

    visits, names, settings = _read(folder)
    models = [settings[side]["model"] for side in names]
    found = results(visits, names, least_turns=_least(least_turns, settings), models=models)
    drawn = write_results(folder, found, figures)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in _lines(found):
        click.echo(plain(line))
    for path in drawn:
        click.echo(plain(f"Figure: {path}"))


@click.command("export")
@_FOLDER
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write there.  [default: FOLDER]")
def export(folder: Path, *, least_turns: int | None, out: Path | None) -> None:
    """Write the chats of an arena as conversations.jsonl and its verdicts as verdicts.jsonl, by the chatbots' names.

    FOLDER is the --out of proutt arena. The conversations are such as proutt dialogues and proutt audit read.
    """
    from proutt.cli.terminal import plain
    from proutt.evaluation.stored import VERDICTS
    from proutt.web.arena.files import CONVERSATIONS, export

    visits, names, settings = _read(folder)
    to = out or folder
    to.mkdir(parents=True, exist_ok=True)
    export(to, visits, names, language=settings["language"], least_turns=_least(least_turns, settings))
    for name in (CONVERSATIONS, VERDICTS):
        click.echo(plain(f"Written: {to / name}"))


def _read(folder: Path) -> tuple[list[Visit], dict[Side, str], dict[str, Any]]:
    """The visits, the two names, the settings. Raises UserError where there is no arena, or it is being served."""
    from proutt.web.arena.store import Store
    from proutt.web.arena.visits import SIDES

    with Store(folder) as store:
        names = {side: store.settings[side]["name"] for side in SIDES}
        return list(store.visits().values()), names, store.settings


def _least(given: int | None, settings: Mapping[str, Any]) -> int:
    return int(settings["least_turns"]) if given is None else given


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    from proutt.cli.terminal import one_line

    a, b = (one_line(found[side], 60) for side in ("a", "b"))
    why = ", ".join(f"{count} {reason}" for reason, count in found["left_out"].items())
    yield f"{found['counted']} of {found['invited']} participants count" + (f"; left out: {why}" if why else "") + "."
    if not found["counted"]:
        return
    yield f"Preferred: {a} / the same / {b}"
    for row in found["aspects"]:
        low, high = row["win"]["low"] * 100, row["win"]["high"] * 100
        shares = " / ".join(f"{row[name]['mean']:.0%}" for name in ("win", "tie", "loss"))
        yield f"  {row['aspect']:<10} {shares}  95% of the first {low:.0f}–{high:.0f}%, p {row['p_adjusted']:.3g}"
    position = found["position"]
    yield f"Bot 1 was {a} for {position['a_first']}. Bot 1 preferred, of those who preferred one:"
    for row in position["aspects"]:
        if row["first"] is not None:
            yield f"  {row['aspect']:<10} {row['first']['mean']:.0%} of {row['first']['n']}, p {row['p']:.3g}"
    for name, chats in found["chats"].items():
        seconds = "" if chats["seconds"] is None else f", {chats['seconds']:.1f} s a reply"
        yield f"{one_line(name, 60)}: {chats['turns']:.1f} turns, {chats['characters']:.0f} characters a reply{seconds}"
    if found["told"]:
        told = f"A bot said the name of one of the models to {found['told']} of them"
        yield f"{told}: they may have known which is which."
