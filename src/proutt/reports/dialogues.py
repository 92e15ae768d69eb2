"""The explorer of SynPT's dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from proutt.methods.synpt.record import SynPTDialogue
from proutt.quality.dialogue_statistics import dialogue_statistics
from proutt.reports.assembly import DIALOGUES
from proutt.reports.dialogue_data import ENTRY, dialogue_data, entry, run_flags
from proutt.reports.dialogue_page import DialogueKind, write_page


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

#: `write_page` of such dialogues.
write_dialogues = partial(write_page, _SYNPT)
