"""The explorer of SynPT's dialogues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from proutt.methods.synpt.record import SynPTDialogue
from proutt.quality.dialogue_statistics import dialogue_statistics
from proutt.reports.assembly import DIALOGUES
from proutt.reports.dialogue_data import ENTRY, dialogue_data, entry, run_flags
from proutt.reports.dialogue_page import DialogueKind, write_page
from proutt.reports.report import Facts, Report


def write_dialogues(
    dialogues: Iterable[SynPTDialogue],
    out: Path,
    facts: Facts,
    *,
    limit: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Write the page to `out`; arguments and errors as those of `write_report`."""
    return write_page(_SYNPT, dialogues, out, facts, limit=limit, progress=progress)


def _characters(dialogue: SynPTDialogue) -> int:
    return sum(len(turn.user.utterance) + len(turn.assistant.reply) for turn in dialogue.turns)


def _counted(dialogues: Iterator[SynPTDialogue]) -> dict[str, Any]:
    return {"groups": [[name, group.as_json()] for name, group in dialogue_statistics(dialogues).items()]}


_SYNPT: DialogueKind[SynPTDialogue] = DialogueKind(
    page=DIALOGUES,
    fields=ENTRY,
    name=lambda dialogue: dialogue.seed_id,
    run_flags=run_flags,
    entry=entry,
    data=dialogue_data,
    characters=_characters,
    counted=_counted,
)
