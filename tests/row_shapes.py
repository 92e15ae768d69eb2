"""The keys and types of each training format's rows, as its consumer loads them (docs/exports.md)."""

from __future__ import annotations

from typing import Any

MESSAGE = [{"role": "str", "content": "str"}]
ANSWER = {"role": "str", "content": "str"}
TURN = {"from": "str", "value": "str"}
SHAPES = {
    "trl-preference": {"prompt": MESSAGE, "chosen": MESSAGE, "rejected": MESSAGE},
    "trl-sft": {"prompt": MESSAGE, "completion": MESSAGE},
    "trl-kto": {"prompt": MESSAGE, "completion": MESSAGE, "label": "bool"},
    "messages-sft": {"messages": MESSAGE},
    "llamafactory-preference": {"conversations": [TURN], "system": "str", "chosen": TURN, "rejected": TURN},
    "llamafactory-sft": {"messages": MESSAGE},
    "llamafactory-sharegpt": {"conversations": [TURN], "system": "str"},
    "llamafactory-kto": {"conversations": [TURN], "system": "str", "kto_tag": "bool"},
    "axolotl-preference": {"messages": MESSAGE, "chosen": ANSWER, "rejected": ANSWER},
    "axolotl-orpo": {"system": "str", "chosen": MESSAGE, "rejected": MESSAGE},
    "openai-sft": {"messages": MESSAGE},
    "openai-preference": {
        "input": {"messages": MESSAGE},
        "preferred_output": MESSAGE,
        "non_preferred_output": MESSAGE,
    },
    "unsloth-sharegpt": {"conversations": [TURN]},
}


def shape(value: Any) -> Any:
    """The keys and types of a JSON value; a list is its elements' shapes, each once."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        shapes = [shape(each) for each in value]
        return [each for index, each in enumerate(shapes) if each not in shapes[:index]]
    return type(value).__name__
