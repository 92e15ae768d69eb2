"""The JSON Schema of an answer model in the form that strict servers and llama.cpp's grammars both take. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel


@lru_cache(maxsize=128)  # making one takes longer than everything else that a call costs its client
def answer_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The model's schema: references inlined, no titles or defaults, every property required and no other allowed.

    Properties keep their order: a model writes them in it, so reasoning comes before verdict. Raises ValueError for a
    model that contains itself, which has no finite schema. The schema is shared: nobody may change it.
    """
    whole = answer.model_json_schema()
    definitions = whole.pop("$defs", {})
    schema: dict[str, Any] = _strict(whole, definitions, ())
    return schema


def _strict(schema: Any, definitions: dict[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_strict(each, definitions, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in inside:
            raise ValueError(f"{name} contains itself: its schema has no end")
        own = {key: value for key, value in schema.items() if key != "$ref"}
        return _strict({**definitions[name], **own}, definitions, (*inside, name))
    strict = {
        key: {name: _strict(each, definitions, inside) for name, each in value.items()}
        if key == "properties"
        else value
        if key in {"enum", "const", "required"}
        else _strict(value, definitions, inside)
        for key, value in schema.items()
        if key not in {"title", "default"}
    }
    if "properties" in strict:
        strict["additionalProperties"] = False
        strict["required"] = list(strict["properties"])
    return strict
