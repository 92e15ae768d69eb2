"""The models of a run, opened: each once, live or behind batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

from proutt.llm import ChatModel, ModelSpec, open_model
from proutt.llm.fetch import Progress
from proutt.prompts import Role
from proutt.runs.directory import RunDirectory

if TYPE_CHECKING:
    from proutt.llm.batch import BatchModel
    from proutt.llm.endpoint import Endpoint
    from proutt.llm.pool import Pool


def open_models(
    specs: Mapping[Role, ModelSpec],
    directory: RunDirectory,
    batch: str | None,
    fetching: Callable[[], AbstractContextManager[Callable[[Progress], None]]],
    note: Callable[[str], None],
) -> dict[Role, ChatModel]:
    """The model of each role; roles of the same model share it. Weights that are not here come first.

    batch  "api" or "files": calls go as batches, those of embedded models apart; None: live

    Raises UserError where a configuration contradicts itself, or weights can't be had.
    """
    opened: dict[ModelSpec, ChatModel] = {}
    for spec in specs.values():
        if spec not in opened:
            with fetching() as progress:
                pool = open_model(spec, progress=progress, on_note=note, unserved=batch is None)
            live = batch is None or spec.embedded
            opened[spec] = pool if live else _in_batches(pool, spec.model, directory, files=batch == "files", note=note)
    return {role: opened[spec] for role, spec in specs.items()}


def _in_batches(
    pool: Pool, model: str, directory: RunDirectory, *, files: bool, note: Callable[[str], None]
) -> BatchModel:
    """The model behind a Batch API (what is no matter for a batch goes live), or behind files (then all goes there)."""
    from proutt.llm.batch import BatchModel
    from proutt.llm.batch_api import BatchApi
    from proutt.llm.batch_files import FilesBackend
    from proutt.runs.batches import BatchLedger

    ledger = BatchLedger(directory.journal)
    first = cast("Endpoint", pool.members[0].model)  # embedded models stay live
    if files:
        backend = FilesBackend(directory.path / "batch", model, safe=ledger.safe)
        return BatchModel(first, backend, live=None, on_note=note)
    return BatchModel(first, BatchApi(first, ledger, on_note=note), live=pool, on_note=note)
