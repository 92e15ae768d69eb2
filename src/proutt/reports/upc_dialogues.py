"""The explorer of UPC's dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from proutt.methods.upc.record import UPCDialogue
from proutt.quality.upc_statistics import UPCStatistics
from proutt.reports.assembly import UPC
from proutt.reports.dialogue_page import DialogueKind, write_page
from proutt.reports.upc_data import ENTRY, characters, upc_data, upc_entry, upc_flags
from proutt.simulation.upc.summary import CorpusFacts


def _counted(dialogues: Iterator[UPCDialogue]) -> dict[str, Any]:
    facts, spoken = CorpusFacts(), UPCStatistics()
    for dialogue in dialogues:
        facts.add(dialogue)
        spoken.add(dialogue)
    shown = facts.shown()
    turns, groups = list(shown.pop("scores_by_turn").items()), list(shown.pop("groups").items())
    # Lists, since a browser sorts keys that are numbers.
    return {"corpus": {**shown, **spoken.as_json()}, "turns": turns, "groups": groups}


_UPC: DialogueKind[UPCDialogue] = DialogueKind(
    page=UPC,
    fields=ENTRY,
    name=lambda dialogue: dialogue.persona_id,
    run_flags=upc_flags,
    entry=upc_entry,
    data=upc_data,
    characters=characters,
    counted=_counted,
)

#: `write_page` of such dialogues.
write_upc = partial(write_page, _UPC)
