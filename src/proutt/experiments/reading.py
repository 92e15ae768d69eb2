"""An experiment file as an experiment: read with its lines, with `--set` and the environment over it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from proutt.errors import UserError
from proutt.experiments.file import Arm, DataEntry, ExperimentFile, ModelEntry
from proutt.experiments.sections import (
    SECTIONS,
    SETTING,
    Align,
    Audit,
    Curriculum,
    Export,
    Mining,
    Predict,
    Proactivity,
    Rows,
    Serve,
    Simulate,
    Synthesize,
    Train,
)
from proutt.llm.weights import is_embedded
from proutt.runs.yaml_lines import line_of, read_yaml, refuse_doubles


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """An arm with the defaults worked in. pairs: names of data; None of a section: the arm has no such stage."""

    name: str
    pairs: tuple[str, ...] = ()
    synthesize: Synthesize | None = None
    simulate: Simulate | None = None
    audit: Audit | None = None
    export: Export | None = None
    rows: Rows | None = None
    sft: Train | None = None
    align: Align | None = None
    serve: Serve | None = None
    predict: Predict | None = None
    mining: Mining | None = None
    curriculum: Curriculum | None = None
    proactivity: Proactivity | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is to be done. path: of the file; said: the file's content, with what was set over it."""

    path: Path
    said: ExperimentFile
    arms: tuple[ArmPlan, ...]

    def model(self, name: str, *, needed_by: str) -> ModelEntry:
        """The model of that name. Raises UserError where there is none, or its name is left to the user."""
        entry = self.said.models.get(name)
        if entry is None:
            near = difflib.get_close_matches(name, self.said.models, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Write it under models:."
            raise UserError(f"{needed_by}: there is no model {name!r}.", where=str(self.path), remedy=hint)
        if entry.model is None:
            paper = self.said.paper and self.said.paper.models.get(name)
            hint = f" (the paper: {paper})" if paper else ""
            raise UserError(
                f"{needed_by}: the model {name!r} is left to you{hint}.",
                where=str(self.path),
                remedy=f"Give --set models.{name}=NAME, {variable_of(name)}_MODEL, or write it into the file.",
            )
        return entry

    def data(self, name: str, *, needed_by: str) -> DataEntry:
        """The data set of that name. Raises UserError where there is none, or its files are left to the user."""
        entry = self.said.data.get(name)
        if entry is None:
            near = difflib.get_close_matches(name, self.said.data, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Write it under data:."
            raise UserError(f"{needed_by}: there is no data {name!r}.", where=str(self.path), remedy=hint)
        if not entry.files:
            raise UserError(
                f"{needed_by}: the data {name!r} is left to you.",
                where=str(self.path),
                remedy=f"Give --set data.{name}=FILE, {variable_of(name)}_DATA, or write it into the file.",
            )
        return entry


def variable_of(name: str) -> str:
    """The environment variables of a model or data set begin with this."""
    return "PROUTT_" + "".join(char if char.isalnum() else "_" for char in name).upper()


def read_experiment(
    path: Path, sets: Sequence[str] = (), environ: Mapping[str, str] | None = None, arms: Sequence[str] = ()
) -> Experiment:
    """The experiment of a file. Raises UserError, naming file and line, where something in it is not right.

    sets     `key=value` with dots in the key: they go over the environment, and that over the file
    arms     names of those to take; all where there are none
    """
    given, node = read_yaml(path, remedy="Name an experiment file.")
    if not isinstance(given, dict) or not isinstance(node, yaml.MappingNode):
        raise UserError("an experiment file holds keys and values.", where=str(path))
    refuse_doubles(node, path)
    _join_folder(given, path.parent)
    _from_environment(given, environ or {})
    for each in sets:
        _set(given, each)
    try:
        said = ExperimentFile.model_validate(given)
    except ValidationError as error:
        raise _unfit(error, node, path, ()) from None
    unknown = [name for name in arms if name not in said.arms]
    if unknown:
        remedy = f"Arms: {', '.join(said.arms)}."
        raise UserError(f"there is no arm {unknown[0]!r}.", where=str(path), remedy=remedy)
    wanted = [name for name in said.arms if name in arms or not arms]
    return Experiment(path, said, tuple(_arm(name, said, node, path) for name in wanted))


# Over the file --------------------------------------------------------------------------------------------------------


def _join_folder(given: dict[str, Any], folder: Path) -> None:
    """Files that the experiment file names lie relative to it; `hf:` names and whole paths stay."""
    data = _mapping(given, "data")
    for name, entry in data.items():
        if isinstance(entry, dict):
            entry |= {key: _joined(entry[key], folder) for key in ("files", "tasks") if key in entry}
        elif isinstance(entry, (str, list)):
            data[name] = _joined(entry, folder)


def _joined(files: Any, folder: Path) -> Any:
    if isinstance(files, list):
        return [_joined(each, folder) for each in files]
    return files if not isinstance(files, str) or files.startswith("hf:") else str(folder / files)


def _from_environment(given: dict[str, Any], environ: Mapping[str, str]) -> None:
    """PROUTT_JUDGE_MODEL, _BASE_URL, _API_KEY_ENV of a model; PROUTT_LMSYS_DATA; PROUTT_BASE_URL of all endpoints."""
    models, data = _mapping(given, "models"), _mapping(given, "data")
    for name, entry in list(models.items()):
        told = dict(entry) if isinstance(entry, dict) else {"model": entry}
        for key in ("model", "base_url", "api_key_env"):
            own = environ.get(f"{variable_of(str(name))}_{key.upper()}")
            shared = None if key == "model" else environ.get(f"PROUTT_{key.upper()}")
            told |= {key: own} if own else {key: shared} if shared and not told.get(key) else {}
        models[name] = told
    for name, entry in list(data.items()):
        own = environ.get(f"{variable_of(str(name))}_DATA")
        if own:
            data[name] = {**(entry if isinstance(entry, dict) else {}), "files": own}


def _mapping(given: dict[str, Any], key: str) -> dict[str, Any]:
    """The mapping that stands there; an empty one where none does."""
    found = given.get(key)
    return found if isinstance(found, dict) else {}


def _set(given: dict[str, Any], text: str) -> None:
    """Put one `key=value` in its place. A key may have dots of its own where the file has it so."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UserError(f"{text!r} is no key=value.", where="--set", remedy="E.g. --set models.judge=NAME")
    try:
        said = yaml.safe_load(value)
    except yaml.YAMLError:
        said = value
    parts, place = key.strip().split("."), given
    short = "model" if parts[0] == "models" else "files"  # what a bare value of an entry stands for
    while len(parts) > 1 and ".".join(parts) not in place:
        names = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
        name = next((each for each in names if each in place), parts[0])
        parts = parts[name.count(".") + 1 :]
        inner = place.get(name)
        if not isinstance(inner, dict):
            inner = place[name] = {} if inner is None else {short: inner}
        place = inner
    last = ".".join(parts)
    entry = any(place is given.get(each) for each in ("models", "data"))
    if entry and isinstance(place.get(last), dict) and not isinstance(said, dict):
        place[last][short] = said
    else:
        place[last] = said


# Arms -----------------------------------------------------------------------------------------------------------------


def _arm(name: str, said: ExperimentFile, node: yaml.Node, path: Path) -> ArmPlan:
    own, common = said.arms[name], said.defaults
    made: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        mine, theirs = getattr(own, section), getattr(common, section)
        if section in own.model_fields_set and mine is None:
            continue
        if mine is None and theirs is None:
            continue
        try:
            made[section] = kind.model_validate({**(theirs or {}), **(mine or {})})
        except ValidationError as error:
            first = error.errors()[0]
            key = first["loc"][0] if first["loc"] else first.get("ctx", {}).get("key")
            place = ("arms", name, section) if key is None or key in (mine or {}) else ("defaults", section)
            raise _unfit(error, node, path, place) from None
    pairs = own.pairs if "pairs" in own.model_fields_set else common.pairs
    return ArmPlan(name, tuple(pairs or ()), **made)


def _unfit(error: ValidationError, node: yaml.Node, path: Path, before: tuple[str, ...]) -> UserError:
    """The first thing that does not fit, with its line."""
    unknown_first = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")  # why others are missing
    first = unknown_first[0]
    place = [*before, *first["loc"]]
    if first["type"] == SETTING:
        place.append(first["ctx"]["key"])
        return UserError(f"{'.'.join(map(str, place))}: {first['msg']}", where=f"{path}:{line_of(node, place)}")
    where = f"{path}:{line_of(node, place)}"
    if first["type"] == "extra_forbidden":
        known = _known(place)
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(known)}."
        return UserError(f"unknown key {place[-1]!r}.", where=where, remedy=remedy)
    return UserError(f"{'.'.join(map(str, place))}: {first['msg'].removeprefix('Value error, ')}.", where=where)


def _known(place: Sequence[int | str]) -> list[str]:
    """The keys that there are where an unknown one stands."""
    for part in place[:-1]:
        if part in SECTIONS:
            return list(SECTIONS[str(part)].model_fields)
    kinds: dict[str | int, type[Any]] = {"models": ModelEntry, "data": DataEntry, "arms": Arm, "defaults": Arm}
    top = ExperimentFile.model_fields
    if len(place) == 1:
        return list(top)
    if place[0] in kinds:
        return list(kinds[place[0]].model_fields)
    annotation = str(top[str(place[0])].annotation)
    named = {each.__name__: each for each in _parts()}
    return next((list(kind.model_fields) for name, kind in named.items() if f".{name}" in annotation), list(top))


def _parts() -> list[type[Any]]:
    from proutt.experiments import file

    return [file.Statistics, file.Evaluate, file.Pairwise, file.Agreement, file.Paper]


def embedded(entry: ModelEntry) -> bool:
    """Whether the embedded engine runs it, so that no address is needed."""
    return entry.model is not None and is_embedded(entry.model)
