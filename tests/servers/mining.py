"""A model under test and a simulated user over HTTP: what every request of `proutt evaluate synpt` is answered with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from proutt.intent.task import IntentionType, Task
from proutt.methods.synpt.summary import summary_text

TASKS = """
language: en
any: any
tasks:
  - name: Book a table
    turns: 4
    intentions:
      - {key: city, name: City, description: where it is}
      - {key: food, name: Food, description: what is eaten}
      - {key: price, name: Price, description: how dear it may be}
"""
TASK = Task(
    "Book a table",
    "en",
    tuple(IntentionType(each.lower(), each, "") for each in ("City", "Food", "Price")),
    "any",
    4,
    1.5,
)
#: A line of a prompt that gives a value: the intention's key may stand before its name.
_VALUE = re.compile(r"^- (?:`\w+` \()?(City|Food|Price)\)?: (.+)$", re.MULTILINE)


def seeds_at(path: Path, count: int) -> Path:
    """Seeds that differ in their city and price."""
    rows = [
        {"id": f"s{n}", "task": "Book a table", "city": f"Town{n}", "food": "noodles", "price": f"{n + 10} euros"}
        for n in range(count)
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def mining_answer(body: dict[str, Any]) -> str:
    """The user tells what it is asked, the model under test asks for one thing after the other and sums up."""
    if "response_format" not in body:
        return subject(body["messages"])
    text = body["messages"][-1]["content"]
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    if "asked" in properties:
        return json.dumps({"asked": [[key.lower()] for key in re.findall(r"> (?:Tell me of the|What) (\w+)", text)]})
    if "scores" in properties:
        return json.dumps({"scores": [{"reason": "near", "score": 2}] * text.count("asks for:")})
    if "reasoning" not in properties:
        if "losing patience" in text:
            reply = text.rsplit("> ", 1)[1].splitlines()[0]
            return json.dumps({"utterance": f"{reply} And no more questions"})
        told = _VALUE.findall(text)
        return json.dumps({"utterance": "Please book a table" + "".join(f"; {said(*each)}" for each in told)})
    last = re.findall(r"(?:the|What) (\w+)", text.split("# What to do")[0].split("> ")[-1])
    asked = [said(name, value) for name, value in _VALUE.findall(text) if name in last or name.lower() in last]
    return json.dumps({"reasoning": "It asks kindly.", "utterance": "; ".join(asked) or "I see"})


def said(name: str, value: str) -> str:
    return f"the {name} is {value}"


def subject(messages: list[dict[str, str]]) -> str:
    """A model that mines well: it thinks, asks for what is missing, sums up when nothing is or nobody wants more."""
    heard = "\n".join(each["content"] for each in messages if each["role"] == "user")
    known = {
        name.lower(): value for name, value in re.findall(r"the (City|Food|Price) is ([\w ]+?)(?=;| And|\n|$)", heard)
    }
    missing = [key for key in TASK.keys if key not in known]
    if not missing or "no more questions" in heard:
        return "<think>all known</think>\n" + summary_text(TASK, known)
    if missing[0] == "food":
        return f"<think>{missing[0]} is open</think>Tell me of the {missing[0]} you like, maybe."
    return f"<think>{missing[0]} is open</think>What {TASK.name_of(missing[0])} would you like: one, two or three?"


def agent_answer(body: dict[str, Any]) -> str:
    """The same with SynPT's assistant agent under test."""
    if "response_format" not in body:
        return mining_answer(body)
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    text = body["messages"][-1]["content"]
    if "willing" in properties:
        return json.dumps({"reasoning": "The tone is kind.", "willing": True})
    if "given" in properties:
        heard = "\n".join(line for line in text.splitlines() if line.startswith(">"))
        given = [
            {"intention": name.lower(), "value": value}
            for name, value in re.findall(r"the (City|Food|Price) is ([\w ]+?)(?=;|\n|$)", heard)
        ]
        before = text.partition("# Given so far")[2]
        known = {each["intention"] for each in given} | {name.lower() for name, _ in _VALUE.findall(before)}
        missing = [key for key in TASK.keys if key not in known]
        return json.dumps({"given": given, "ask": missing[0] if missing else "nothing"})
    if "options" in properties:
        name = next(
            each
            for each in ("City", "Food", "Price")
            if f"ask for {each}" in text or f"({each})" in text.rsplit("# What to do", 1)[1]
        )
        reply = f"Gladly! What {name} would you like: one, two or three?"
        return json.dumps({"reasoning": "Guesses.", "options": ["one", "two", "three"], "reply": reply})
    return mining_answer(body)
