"""Writes split personas: train.jsonl, validation.jsonl, test.jsonl, and split.json, which says how they came about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.folder import aside
from proutt.intent.persona import Persona
from proutt.simulation.upc.splitting import aims, split_personas

SPLITS = ("train", "validation", "test")
SPLIT = "split.json"


def persona_line(persona: Persona) -> str:
    """A line of JSON, as `read_personas` reads it, newline included."""
    record = {"id": persona.id, "name": persona.name, "background": persona.background}
    group = {} if persona.group is None else {"group": persona.group}
    return json.dumps({**record, **group, "language": persona.language}, ensure_ascii=False) + "\n"


def write_splits(personas: Sequence[Persona], wanted: Sequence[int], out: Path, *, seed: int) -> dict[str, Any]:
    """Split personas into train, validation and test, and write the files; what split.json says.

    wanted  personas of each split; where there are fewer in all, the same shares of them

    Raises UserError where a file of another content is there already, or can't be written.
    """
    aimed = aims(len(personas), wanted)
    splits, rest = split_personas(personas, aimed, seed)
    account = {
        "seed": seed,
        "personas": len(personas),
        "unused": len(rest),
        "unused_groups": _groups(rest),
        "splits": {
            name: {"wanted": want, "aimed": aim, "personas": len(split), "groups": _groups(split)}
            for name, want, aim, split in zip(SPLITS, wanted, aimed, splits, strict=True)
        },
    }
    texts = {f"{name}.jsonl": "".join(map(persona_line, split)) for name, split in zip(SPLITS, splits, strict=True)}
    texts[SPLIT] = json.dumps(account, ensure_ascii=False, indent=2) + "\n"
    _write(texts, out)
    return account


def _groups(personas: Sequence[Persona]) -> list[str]:
    return sorted({each.group for each in personas if each.group is not None})


def _write(texts: Mapping[str, str], out: Path) -> None:
    """All of the files or none. Nobody's file is overwritten with something else."""
    for name, text in texts.items():
        there = out / name
        if there.exists() and (not there.is_file() or there.read_bytes() != text.encode()):
            remedy = "Name another folder with --out, or move the file away."
            raise UserError(f"{name} is there already, with something else in it.", where=str(out), remedy=remedy)
    with aside(out) as folder:
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
        for name in texts:
            (folder / name).replace(out / name)
