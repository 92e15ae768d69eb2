"""The fields of a released raw row that are read, checked where they come in. Other fields are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from proutt.dialogue.raw import bad_record
from proutt.export.neutral import without_surrogates
from proutt.intent import Perspective


class Released(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class View(Released):
    reasoning: str
    predictions: list[str]


class Views(Released):
    mining_view: View
    explore_view: View

    def of(self, perspective: Perspective) -> View:
        return self.mining_view if perspective is Perspective.EXPLOITATION else self.explore_view


class Category(Released):
    category: str
    reasoning: str = ""


class Edge(Released):
    source_node: str
    target_node: str


def _listed(value: Any) -> Any:
    """A single edge as a list of one, and null as none: models write both."""
    return [value] if isinstance(value, dict) else value or []


Edges = Annotated[list[Edge], BeforeValidator(_listed)]


class Score(Released):
    input: str = ""
    reason: str = ""
    similarity: float = Field(ge=0, le=1)


class TrueCategory(Released):
    reasoning: str = ""
    predicted_category: str


class TruePath(Released):
    insight_reasoning: str = ""
    insight: str
    path_reasoning: str = ""
    path: Edges


class Side(Released):
    utterance_category_reason: Category
    insight_reason: Views
    incorrect_path: Edges = []


class Usage(Released):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ReleasedRow(Released):
    sample_id: int | float | str
    context: list[Any]
    label: str
    negative_label: list[str] = []
    intent_tree: dict[str, Any]
    utterance_category_gt: TrueCategory
    insight_reason: Views
    evaluate_reason: list[Score]
    top_sim: float = Field(ge=0, le=1)
    gt_insight_path: TruePath
    revised_insight_reason: dict[str, Any] | None = None
    usage: Usage = Usage()
    chosen: Side
    rejected: Side


def looks_released(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of the released raw files, or of `proutt export --to proutt`."""
    return all(key in row for key in ("gt_insight_path", "insight_reason", "chosen", "rejected"))


def checked(row: Mapping[str, Any]) -> ReleasedRow:
    """The row's fields. Raises ItemFailed, naming the field, where one is missing or not what it should be."""
    try:
        return ReleasedRow.model_validate(_storable(row))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        raise bad_record("bad-row", f"{field}: {first['msg'][:200]}.") from None
    except RecursionError:
        raise bad_record("bad-row", "it is nested too deeply.") from None


def _storable(value: Any) -> Any:
    """The value with every lone surrogate in its texts as U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else without_surrogates(value)
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return value
