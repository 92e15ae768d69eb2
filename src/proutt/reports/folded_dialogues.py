"""A dialogue of an evaluation as HTML to read, folded: its verdicts in the line that unfolds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proutt.reports.markup import text


def group(title: str, dialogues: Sequence[str]) -> str:
    """Dialogues under a line that says how many they are; "" where there are none."""
    if not dialogues:
        return ""
    return f"<details><summary>{title}: {len(dialogues):,}</summary>\n{''.join(dialogues)}</details>\n"


def dialogue(about: str, verdicts: str, ended: str, facts: Iterable[str], said: str, after: str = "") -> str:
    """about, ended: text; everything else is markup. said: items of a list."""
    return (
        f'<details class="dialogue"><summary>{text(about)} {verdicts} <small>{text(ended)}</small></summary>\n'
        f"<dl>{''.join(facts)}</dl>\n<ol>{said}</ol>\n{after}</details>\n"
    )


def fact(name: str, value: str) -> str:
    """A row of a list of facts, of markup."""
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def user(said: str) -> str:
    """What the user says."""
    return f'<div class="user"><b>User</b>{paragraphs(said)}</div>'


def notes(found: Iterable[str]) -> str:
    """What was found of a reply."""
    return "".join(f'<p class="note">{text(note)}</p>' for note in found)


def paragraphs(said: str) -> str:
    """The lines of an utterance, each in the direction of its script."""
    return "".join(f'<p dir="auto">{text(line)}</p>' for line in said.splitlines() if line.strip())
