"""Task files: what kinds of request there are, and what has to be known for each (SynPT III-B, Table I).

A file is YAML that people write: `language`, how seeds say that a user has no preference (`any`), and the tasks with
their intention types. Two ship with the package, Table I's six tasks in English and in Chinese. The JSON Schema of such
a file is beside this module (`tasks.schema.json`).
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from proutt.dialogue import language_code
from proutt.errors import UserError
from proutt.intent.task import DEVIATION, IntentionType, Task
from proutt.runs.yaml_lines import line_of, read_yaml, refuse_doubles

#: How seeds say that a user has no preference, where a task file sets no words of its own.
ANY = {"en": "any", "zh": "不限"}
#: Languages whose task file ships with the package.
SHIPPED = ("en", "zh")
#: Fields of a seed that are no intentions.
RESERVED = ("id", "task", "category", "source")

_Place = tuple[int | str, ...]


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    if not flat:
        raise ValueError("it is empty")
    if any(unicodedata.category(each) == "Cc" for each in flat):
        raise ValueError("it holds control characters")
    return flat


Text = Annotated[str, AfterValidator(_one_line)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IntentionEntry(_Entry):
    """One matter that the task has to know."""

    key: str = Field(pattern=r"^\w[\w-]{0,63}$", description="what seeds and records call it")
    name: Text = Field(description="what people call it, in the file's language")
    description: Text = Field(description="what it means, for a model")
    weight: float = Field(
        1.0, gt=0, le=1e6, description="k_i: how likely the initial inquiry names it, beside the others"
    )


class TaskEntry(_Entry):
    """A kind of request."""

    name: Text
    turns: int = Field(ge=1, le=100, description="most turns of a dialogue")
    mean: float | None = Field(
        None, ge=0, le=1e6, description="μ of equation (6); half the number of intentions by default"
    )
    deviation: float = Field(DEVIATION, gt=0, le=1e6, description="σ of equation (6)")
    also: list[Text] = Field([], description="other names that seeds use for the task")
    intentions: list[IntentionEntry] = Field(min_length=1)


class TaskFile(_Entry):
    """Tasks of one language."""

    language: str = Field(description="of the dialogues (ISO 639-1)")
    any_value: Text | None = Field(
        None, alias="any", description="how seeds say that the user has no preference; 不限 in Chinese, else any"
    )
    tasks: list[TaskEntry] = Field(min_length=1)


def read_tasks(path: Path) -> tuple[Task, ...]:
    """The tasks of a file, in its order.

    Raises UserError, naming file and line, where it is no YAML, has a key that nothing knows (with the nearest that
    something does), a value that does not fit, or a name twice.
    """
    data, node = read_yaml(path, remedy="Name a file of tasks; proutt simulate synpt-tasks prints one to start from.")
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise UserError(
            "a task file holds `language` and `tasks`.",
            where=str(path),
            remedy="proutt simulate synpt-tasks prints one to start from.",
        )
    refuse_doubles(node, path)
    try:
        file = TaskFile.model_validate(data)
    except ValidationError as error:
        raise _refused(error, node, path) from None
    for place, message, remedy in _doubles(file):
        raise UserError(message, where=f"{path}:{line_of(node, place)}", remedy=remedy)
    try:
        language = language_code(file.language)
    except UserError as error:
        raise UserError(
            error.message, where=f"{path}:{line_of(node, ['language'])}", remedy="Write en, zh, es, ..."
        ) from None
    return tuple(_task(entry, language, file.any_value or ANY.get(language, ANY["en"])) for entry in file.tasks)


def shipped_text(language: str) -> str:
    """The task file that ships with the package, word for word. Raises UserError where the language has none."""
    if language not in SHIPPED:
        raise UserError(
            f"no task file ships in {language!r}.", remedy=f"There are: {', '.join(SHIPPED)}; translate one of them."
        )
    return _shipped(language).read_text(encoding="utf-8")


def shipped_tasks(language: str) -> tuple[Task, ...]:
    """The tasks of Table I in a language. Raises UserError where there are none."""
    shipped_text(language)
    return read_tasks(_shipped(language))


def tasks_schema() -> dict[str, Any]:
    """The JSON Schema of a task file, as it ships in `tasks.schema.json`."""
    schema = TaskFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Tasks of proutt simulate synpt",
    }


def plain_name(name: str) -> str:
    """A name as two spellings of it are compared: without regard to case, width and spaces around."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _shipped(language: str) -> Path:
    return Path(str(files("proutt.simulation.synpt").joinpath("data", f"tasks.{language}.yaml")))


def _task(entry: TaskEntry, language: str, any_value: str) -> Task:
    return Task(
        name=entry.name,
        language=language,
        intentions=tuple(IntentionType(**each.model_dump()) for each in entry.intentions),
        any_value=any_value,
        turns=entry.turns,
        mean=len(entry.intentions) / 2 if entry.mean is None else entry.mean,
        deviation=entry.deviation,
        also=tuple(entry.also),
    )


def _doubles(file: TaskFile) -> Iterator[tuple[_Place, str, str]]:
    """Names that stand for two things: where, what, and what to do."""
    tasks: dict[str, int] = {}
    for number, task in enumerate(file.tasks):
        for name in (task.name, *task.also):
            if tasks.setdefault(plain_name(name), number) != number:
                yield ("tasks", number), f"two tasks are called {name!r}.", "Give each a name of its own."
        keys: set[str] = set()
        names: set[str] = set()
        for position, intention in enumerate(task.intentions):
            place = ("tasks", number, "intentions", position)
            if intention.key in RESERVED:
                remedy = f"Call it otherwise: {', '.join(RESERVED)} are a seed's own fields."
                yield (*place, "key"), f"{intention.key!r} can't be an intention's key.", remedy
            if intention.key in keys:
                yield (*place, "key"), f"the intention {intention.key!r} is there twice.", "Keep one."
            if plain_name(intention.name) in names:
                yield (*place, "name"), f"two intentions are called {intention.name!r}.", "Call one otherwise."
            keys.add(intention.key)
            names.add(plain_name(intention.name))


def _refused(error: ValidationError, node: yaml.Node, path: Path) -> UserError:
    first = error.errors()[0]
    place: Sequence[int | str] = first["loc"]
    where = f"{path}:{line_of(node, place)}"
    label = ".".join(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        known = _known_at(place)
        nearest = difflib.get_close_matches(str(place[-1]), known, n=1)
        remedy = f"Did you mean {nearest[0]!r}?" if nearest else f"Known keys: {', '.join(known)}."
        return UserError(f"unknown key {place[-1]!r}.", where=where, remedy=remedy)
    if first["type"] == "missing":
        return UserError(f"the key {place[-1]!r} is missing.", where=where, remedy=f"Add it as {label}.")
    message = first["msg"].removeprefix("Value error, ")
    return UserError(f"{label}: {message}.", where=where, remedy="Mend it there.")


def _known_at(place: Sequence[int | str]) -> list[str]:
    kinds: dict[int, type[BaseModel]] = {1: TaskFile, 3: TaskEntry}
    kind = kinds.get(len(place), IntentionEntry)
    return [field.alias or name for name, field in kind.model_fields.items()]
