"""Whether test personas, or their occupation groups, were in what a chatbot was trained with (UPC 5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError
from proutt.evaluation.stored import read_lines
from proutt.intent.persona import Persona
from proutt.methods.upc.record import UPCDialogue
from proutt.runs.directory import DIALOGUES
from proutt.simulation.upc.personas import read_personas


@dataclass(frozen=True)
class Seen:
    """What of a test set was trained with. personas: ids, in their order; groups: names, sorted."""

    personas: tuple[str, ...]
    groups: tuple[str, ...]


def trained_with(places: Iterable[str]) -> Iterator[Persona]:
    """The personas of runs of `proutt simulate upc`, of their dialogue files, and of files of personas. Raises
    UserError."""
    for place in places:
        path = Path(place)
        file = path / DIALOGUES if path.is_dir() else path
        if file.name == DIALOGUES and file.is_file():
            yield from (each.persona for each in read_lines(file, UPCDialogue))
        else:
            yield from read_personas([place])


def seen_of(tested: Iterable[Persona], trained: Iterable[Persona]) -> Seen:
    """A test persona was seen where one of its background was, or one of its id and name."""
    backgrounds: set[str] = set()
    names: set[tuple[str, str]] = set()
    groups: set[str] = set()
    for each in trained:
        backgrounds.add(_plain(each.background))
        names.add((each.id, _plain(each.name)))
        groups |= set() if each.group is None else {each.group}
    found = list(tested)
    return Seen(
        tuple(
            each.id for each in found if _plain(each.background) in backgrounds or (each.id, _plain(each.name)) in names
        ),
        tuple(sorted({each.group for each in found if each.group is not None} & groups)),
    )


def refuse_seen(seen: Seen) -> None:
    """Raises UserError where a test persona was trained with: its scores would say nothing of unseen users."""
    if seen.personas:
        more = f" and {len(seen.personas) - 1} more" if len(seen.personas) > 1 else ""
        raise UserError(
            f"persona {seen.personas[0]}{more} of the test set was trained with.",
            where="--unseen-from",
            remedy="Test on other personas (proutt personas split), or leave --unseen-from out.",
        )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
