"""The schema of an answer, as servers take it."""

from enum import StrEnum

import pytest
from pydantic import BaseModel, Field

from proutt.llm import answer_schema


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    title: str = Field(max_length=9, description="its name")
    colour: Colour


class Whole(BaseModel):
    reasoning: str = "none"
    parts: list[Part] = Field(min_length=2)
    best: Part | None = None


class Endless(BaseModel):
    inner: "list[Endless]"


def test_references_are_inlined_and_everything_is_required():
    """Order is kept, limits and descriptions stay, titles and defaults go; a property named title is no title."""
    part = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 9, "description": "its name"},
            "colour": {"type": "string", "enum": ["red", "blue"]},
        },
        "required": ["title", "colour"],
        "additionalProperties": False,
    }
    schema = answer_schema(Whole)
    assert schema == {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "parts": {"type": "array", "items": part, "minItems": 2},
            "best": {"anyOf": [part, {"type": "null"}]},
        },
        "required": ["reasoning", "parts", "best"],
        "additionalProperties": False,
    }
    assert list(schema["properties"]) == ["reasoning", "parts", "best"]


def test_a_model_inside_itself_has_no_schema():
    """No grammar can be made of it: a bug in the caller."""
    with pytest.raises(ValueError, match="contains itself"):
        answer_schema(Endless)
