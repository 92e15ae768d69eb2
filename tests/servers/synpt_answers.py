"""A scripted "model" that gives a usable answer to every whole step of SynPT, from the request alone.

The user says "NAME is VALUE", so that the assistant can read it back. A reluctant user has enough after two questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

#: "- NAME: VALUE" and "- `KEY` (NAME): VALUE", as prompts list what is known.
_WANTED = re.compile(r"^- ([^`\":]+): (.*)$", re.M)
_KNOWN = re.compile(r"^- `(\w+)` \((.*?)\): (.*)$", re.M)
_OFFERED = re.compile(r"quartz ([^,]+),")
_OFFERS = ("quartz {}", "basalt {}", "granite {}")
_ENOUGH = "And please, no more questions"


def step_of(body: dict[str, Any]) -> str:
    """Which step a request is of, told from its schema."""
    properties = set(body["response_format"]["json_schema"]["schema"]["properties"])
    if "last_utterance" in properties:
        return "whole-dialogue"
    if properties == {"given", "ask", "options", "reply"}:
        return "dual-answer"
    for name, fields in _FIELDS.items():
        if properties == fields:
            return name
    raise AssertionError(f"no step has the fields {sorted(properties)}")


_FIELDS = {
    "inquire": {"utterance"},
    "think": {"given", "ask"},
    "reflect": {"reasoning", "given", "ask"},
    "feel": {"reasoning", "willing"},
    "answer": {"reasoning", "options", "reply"},
    "reply": {"reasoning", "utterance"},
    "weary": {"reasoning", "unwilling", "utterance"},
}


def prompt_of(body: dict[str, Any]) -> str:
    return str(body["messages"][1]["content"])


def synpt_answer(body: dict[str, Any]) -> str:
    """The answer to one chat completion request; one that is read by nobody where a prompt is not as it was."""
    try:
        return json.dumps(_ANSWERS[step_of(body)](prompt_of(body)))
    except (TypeError, LookupError) as error:
        return f"this prompt can't be answered: {error!r}"


def _inquire(prompt: str) -> dict[str, Any]:
    values = _WANTED.findall(prompt)
    told = values[:1] if "# What you want" in prompt else values  # it is free to tell what it likes
    return {"utterance": f"Please help me. {_spoken(told)}".strip()}


def _reply(prompt: str) -> dict[str, Any]:
    asked = _OFFERED.findall(prompt)[-1]
    told = [(asked, dict(_WANTED.findall(prompt))[asked])]
    return {"reasoning": "That is a fair question to ask.", "utterance": _spoken(told)}


def _weary(prompt: str) -> dict[str, Any]:
    enough = int(re.search(r"has asked: (\d+)", prompt)[1]) >= 2
    said = _reply(prompt)
    words = f"{said['utterance']} {_ENOUGH}." if enough else said["utterance"]
    return {**said, "unwilling": enough, "utterance": words}


def _spoken(values: list[tuple[str, str]]) -> str:
    return " ".join(f"{name} does not matter." if value == "any" else f"{name} is {value}." for name, value in values)


def _think(prompt: str) -> dict[str, Any]:
    task, _, rest = prompt.partition("\n\n")
    user, given = _user_words(rest), []
    keys = {name: key for key, name, _ in _KNOWN.findall(task)}
    for name, key in keys.items():
        said = re.search(rf"{re.escape(name)} is ([^.;?]+)", user)
        if said or f"{name} does not matter" in user:
            given.append({"intention": key, "value": said[1] if said else "any"})
    known = {*(key for key, _, _ in _KNOWN.findall(rest)), *(each["intention"] for each in given)}
    return {"given": given, "ask": next((key for key in keys.values() if key not in known), "nothing")}


def _user_words(prompt: str) -> str:
    """What the user said, of all that a prompt quotes."""
    quoted = [line for line in prompt.splitlines() if line.startswith("> ")]
    return "\n".join(line for line in quoted if "quartz" not in line)


def _reflect(prompt: str) -> dict[str, Any]:
    head, _, rest = prompt.partition("# What was understood of it")
    return {"reasoning": "All of it is right.", **_think(head + "# What to do" + rest.partition("# What to do")[2])}


def _feel(prompt: str) -> dict[str, Any]:
    return {"reasoning": "The tone of it is calm and plain.", "willing": _ENOUGH not in prompt}


def _answer(prompt: str) -> dict[str, Any]:
    ((name, _),) = _WANTED.findall(prompt.partition("To be asked for now:")[2].partition("\n\n")[0])
    return {"reasoning": "It follows from what is known so far.", **_offer(name)}


def _offer(name: str) -> dict[str, Any]:
    options = [each.format(name) for each in _OFFERS]
    return {"options": options, "reply": f"Gladly! Would you like {', '.join(options)}, or something else?"}


def _dual(prompt: str) -> dict[str, Any]:
    thought = _think(prompt)
    if thought["ask"] == "nothing":
        return {**thought, "options": [], "reply": ""}
    names = {key: name for key, name, _ in _KNOWN.findall(prompt)}
    return {**thought, **_offer(names[thought["ask"]])}


def _whole(prompt: str) -> dict[str, Any]:
    task, _, rest = prompt.partition("\n\n")
    wanted = dict(_WANTED.findall(rest))
    values = {key: (name, wanted[name]) for key, name, _ in _KNOWN.findall(task)}
    said, turns = "Please help me.", []
    for key in list(values)[:3]:
        turns.append({"utterance": said, "ask": key, **_offer(values[key][0])})
        said = _spoken([values[key]])
    summary = [{"intention": key, "value": value} for key, (_, value) in values.items()]
    return {"turns": turns, "last_utterance": said, "summary": summary}


_ANSWERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "inquire": _inquire,
    "reply": _reply,
    "weary": _weary,
    "think": _think,
    "reflect": _reflect,
    "feel": _feel,
    "answer": _answer,
    "dual-answer": _dual,
    "whole-dialogue": _whole,
}
