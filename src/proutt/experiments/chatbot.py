"""A folder in which a chatbot is, and how it is asked.

model.gguf     the embedded engine runs it
model.json     a merged model, by the name that it is served under
chatbot.json   {"model": NAME, "base_url": URL, "api_key_env": VARIABLE}; or {"folder": another one of these}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from proutt.errors import UserError
from proutt.experiments.measuring_stages import how_to_serve
from proutt.experiments.training_stages import FOLDER, MODEL

CHATBOT = "chatbot.json"


class Told(BaseModel):
    """What a training command says of the chatbot that it made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1)
    base_url: str | None = None
    api_key_env: str | None = None


def told_in(folder: Path) -> Told:
    """The `chatbot.json` of a training command. Raises UserError where there is none, or it says something else."""
    file = folder / CHATBOT
    remedy = f'The command has to write it: {{"model": "NAME", "base_url": "URL"}}; see {folder / "command.log"}.'
    try:
        return Told.model_validate_json(file.read_bytes())
    except OSError:
        raise UserError("there is no such file.", where=str(file), remedy=remedy) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UserError(f"{place}: {first['msg']}.", where=str(file), remedy=remedy) from None


def how_to_ask(folder: Path) -> dict[str, Any]:
    """What a configuration says of the chatbot in a folder: its model, and where a command made it, its address."""
    if (folder / CHATBOT).is_file():
        said = json.loads((folder / CHATBOT).read_text(encoding="utf-8"))
        return how_to_ask(folder / said["folder"]) if "folder" in said else _address(told_in(folder))
    if (folder / FOLDER).is_file():
        return {"model": json.loads((folder / FOLDER).read_text(encoding="utf-8"))["name"]}
    return {"model": f"local:{folder / MODEL}"}


def _address(told: Told) -> dict[str, Any]:
    """Without an address of its own it is asked where the base is; with one, no key goes there that was not named."""
    if told.base_url is None:
        return {"model": told.model}
    return {"model": told.model, "base_url": told.base_url, "api_key_env": told.api_key_env or ""}


@contextmanager
def answering(folder: Path | None, how: Mapping[str, Any]) -> Iterator[None]:
    """While a chatbot is asked: an error of a merged model that nobody serves says how it is served.

    how  model and address that it is asked by
    """
    try:
        yield
    except UserError as error:
        while folder is not None and (folder / CHATBOT).is_file():
            said = json.loads((folder / CHATBOT).read_text(encoding="utf-8"))
            folder = folder / said["folder"] if "folder" in said else None
        if folder is None or not (folder / FOLDER).is_file():
            raise
        remedy = how_to_serve(folder, model=how["model"], at=how.get("base_url"))
        raise UserError(error.message, where=error.where, remedy=remedy) from error
