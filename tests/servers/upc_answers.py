"""A scripted "model" that plays all three roles of UPC, from the request alone.

The critic lets a response pass whose text has the word "granite"; the chatbot says it in what it writes again, and in
every second turn at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SUBJECTS = ("Weather", "Music", "Cooking", "Rivers", "Letters", "Markets", "Winters", "Trains")


def step_of(body: Mapping[str, Any]) -> str:
    """Which step a request is of, told from its schema and messages."""
    form = body.get("response_format")
    if not form:
        if len(body["messages"]) == 2:
            return "greet"
        return "regenerate" if "reviewer" in body["messages"][-1]["content"] else "respond"
    properties = set(form["json_schema"]["schema"]["properties"])
    if "advice" in properties:
        return "criticise"
    return "introduce" if "introduce yourself" in prompt_of(body) else "reply"


def prompt_of(body: Mapping[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def upc_answer(body: Mapping[str, Any]) -> str:
    """The answer to one chat completion request."""
    step = step_of(body)
    if step == "greet":
        return "Hello! What should I know about you?"
    turn = len(body["messages"]) // 2
    subject = _SUBJECTS[turn % len(_SUBJECTS)]
    if step == "respond":
        return f"{subject} shapes a day more than plans do." + (" It is granite." if turn % 2 else "")
    if step == "regenerate":
        return f"{subject} is like granite, which wears down slowly."
    if step == "criticise":
        score = 4 if "granite" in prompt_of(body).partition("# The chatbot's response")[2] else 3
        scored = {name: {"reason": "So it seems to me.", "score": score} for name in ("relevance", "value", "interest")}
        return json.dumps({**scored, "advice": "Say something about granite."})
    name = prompt_of(body).partition("Your name: ")[2].partition("\n")[0]
    if step == "introduce":
        return json.dumps({"utterance": f"I go by {name}, good day."})
    said = prompt_of(body).count("Chatbot:")
    return json.dumps({"utterance": f"That is about right, number {said} for me."})


def evaluating_answer(body: Mapping[str, Any]) -> str:
    """The same where a chatbot is tested: a response with granite in it is worth more, and nobody asks for advice."""
    properties = set((body.get("response_format") or {"json_schema": {"schema": {"properties": {}}}})["json_schema"]
                     ["schema"]["properties"])  # fmt: skip
    if properties == {"relevance", "value", "interest"}:
        score = 4 if "granite" in prompt_of(body).partition("# The chatbot's response")[2] else 2
        return json.dumps({name: {"reason": "So it seems to me.", "score": score} for name in sorted(properties)})
    if "plan" in properties:
        return json.dumps({"state": "Tired, it seems.", "plan": "Ask of rest.", "reply": "Do you rest by granite?"})
    return upc_answer(body)
