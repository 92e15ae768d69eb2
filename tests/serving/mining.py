"""A scripted endpoint that plays both models of the agent workflow: it mines two tasks' intentions, and does them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from proutt.intent.task import IntentionType, Task
from servers.scripted import Answer

HOTEL = Task(
    "Book a hotel",
    "en",
    (
        IntentionType("city", "City", "where the hotel is"),
        IntentionType("stars", "Stars", "how good it is"),
        IntentionType("budget", "Budget", "most money a night"),
    ),
    any_value="any",
    turns=4,
    mean=1.5,
)
MEAL = Task("Find a restaurant", "en", (IntentionType("dish", "Dish", "what to eat"),), "any", turns=3, mean=0.5)
TASKS = (HOTEL, MEAL)
#: The same as a file.
TASK_FILE = """\
language: en
tasks:
  - name: Book a hotel
    turns: 4
    intentions:
      - {key: city, name: City, description: where the hotel is}
      - {key: stars, name: Stars, description: how good it is}
      - {key: budget, name: Budget, description: most money a night}
  - name: Find a restaurant
    turns: 3
    intentions:
      - {key: dish, name: Dish, description: what to eat}
"""
#: Words that a value is told by → (intention, the value).
WORDS = {
    "Suzhou": ("city", "Suzhou"),
    "Hangzhou": ("city", "Hangzhou"),
    "four stars": ("stars", "four stars"),
    "100 euros": ("budget", "100 euros"),
    "fish": ("dish", "fish"),
}
OPTIONS = {
    "city": ("Paris", "Suzhou", "Hangzhou"),
    "stars": ("three stars", "four stars", "five stars"),
    "budget": ("100 euros", "150 euros", "200 euros"),
    "dish": ("fish", "noodles", "dumplings"),
}
KNOWN = "Suzhou has quiet hotels by its canals."
DONE = "Book the Garden Hotel by the canal."
PLAIN = "A lake is standing water."


class Miner:
    """Answers every question of the workflow by the words in it.

    bodies   what was asked, by the name of the step
    instead  step → what is answered in its place
    """

    def __init__(self, instead: Mapping[str, Answer | str] | None = None) -> None:
        self.bodies: dict[str, list[dict[str, Any]]] = {}
        self.instead = dict(instead or {})

    def __call__(self, body: dict[str, Any]) -> Answer | str:
        step = _step(body)
        self.bodies.setdefault(step, []).append(body)
        return self.instead[step] if step in self.instead else _answer(step, body)


def _step(body: dict[str, Any]) -> str:
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    for name, step in (("task", "which-task"), ("given", "think"), ("options", "answer"), ("willing", "feel")):
        if name in schema:
            return step
    said = body["messages"][-1]["content"]
    if "Do it as well as you can now" in said:
        return "execute"
    return "known" if "The user's last message" in said else "plain"


def _answer(step: str, body: dict[str, Any]) -> str:
    prompt = body["messages"][-1]["content"]
    said = re.findall(r"(?:^> .*\n?)+", prompt, re.MULTILINE)
    last = said[-1] if said else ""
    if step in {"known", "execute", "plain"}:
        return {"known": KNOWN, "execute": DONE, "plain": PLAIN}[step]
    if step == "which-task":
        named = {"hotel": HOTEL.name, "Hangzhou": HOTEL.name, "eat": MEAL.name}
        return json.dumps({"task": next((task for word, task in named.items() if word in last), "none")})
    if step == "feel":
        return json.dumps({"reasoning": "The user has answered what was asked.", "willing": "enough" not in last})
    if step == "answer":
        key = next(key for key, name in _NAMES.items() if f"To be asked for now:\n- {name}" in prompt)
        one, two, three = OPTIONS[key]
        reply = f"Noted. Would {one}, {two} or {three} suit you?"
        return json.dumps({"reasoning": "Most people choose one of these.", "options": OPTIONS[key], "reply": reply})
    task = MEAL if "# Task: Find a restaurant" in prompt else HOTEL
    given = {key: value for word, (key, value) in WORDS.items() if word in last and key in task.keys}
    known = {key for key in task.keys if f"`{key}` (" in _state(prompt)} | set(given)
    missing = [key for key in task.keys if key not in known]
    told = [{"intention": key, "value": value} for key, value in given.items()]
    return json.dumps({"given": told, "ask": missing[0] if missing else "nothing"})


_NAMES = {each.key: each.name for task in TASKS for each in task.intentions}


def _state(prompt: str) -> str:
    found = re.search(r"# Given so far\n(.*?)\n\n", prompt, re.DOTALL)
    return found[1] if found else ""
