"""A small curriculum over a scripted endpoint, as a file: a training command of a few lines instead of weights.

The chatbot that a training made says from its first attempt on what the critic wants of it, to more and more users, so
that each iteration is better than the one before. Who is easy with whom is told by the persona's number.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.loop import write
from runs.command import lines, written
from servers.upc_answers import prompt_of, step_of

#: Writes the chatbot's name, with the iteration, and a line for each time that it was called.
TRAINER = """\
import json, pathlib, sys
rows, previous, out, iteration = sys.argv[1:]
out, calls = pathlib.Path(out), pathlib.Path(__file__).with_name("calls.txt")
before = previous if previous == "base" else pathlib.Path(previous).parts[-3]
call = [int(iteration), before, len(open(rows).readlines())]
calls.write_text((calls.read_text() if calls.exists() else "") + json.dumps(call) + "\\n")
(out / "chatbot.json").write_text(json.dumps({"model": f"trained-{iteration}"}))
"""


def trainings(folder: Path) -> list[tuple[int, str, int]]:
    """What the training command was called with: the iteration, whose training it went on from, how many rows:
    two of each dialogue, for greeting and response."""
    return [tuple(each) for each in lines(folder / "calls.txt")]  # type: ignore[arg-type]


def personas(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Personas of two groups each; the number is in the name."""
    background = "{} mends harpsichords near a lake and walks in all weathers. Blunt, patient, and often broke."
    names = [f"Person{number}" for number in range(first, first + count)]
    return [{"name": name, "background": background.format(name), "group": f"{at // 2}1"} | {"id": f"p{name[6:]}"}
            for at, name in enumerate(names)]  # fmt: skip


def skill(model: str) -> int:
    """How many users a chatbot can talk with well: the base with one, a trained one with one more each iteration."""
    return 1 + int(model.rpartition("-")[2]) if model.startswith("trained-") else 1


def asked(body: Mapping[str, Any]) -> str:
    """The step of a request; the critic of an evaluation gives no advice."""
    form = body.get("response_format")
    scored = form is not None and "relevance" in form["json_schema"]["schema"]["properties"]
    return "criticise" if scored else step_of(body)


def answer(body: Mapping[str, Any]) -> str:
    """All roles from the request alone. A response says who made it; the critic scores by that and by the persona."""
    step, said = asked(body), prompt_of(body)
    if step == "greet":
        return "Hello! What should I know about you?"
    turn = len(body["messages"]) // 2
    if step in ("respond", "regenerate"):
        again = " Said once more, with harpsichords in it." if step == "regenerate" else ""
        return f"Subject {turn} is one that level {skill(body['model'])} knows well.{again}"
    name = re.findall(r"Person(\d+)", "\n".join(each["content"] for each in body["messages"]))
    number = int(name[-1])
    if step == "criticise":
        draft = said.partition("# The chatbot's response")[2]
        level = int(re.findall(r"level (\d+)", draft)[-1])
        good = number % 10 < level
        score = 5 if good else 2
        scored = {each: {"reason": "So it seems.", "score": score} for each in ("relevance", "value", "interest")}
        wanted = body["response_format"]["json_schema"]["schema"]["properties"]
        return json.dumps(scored | ({"advice": "Say something else."} if "advice" in wanted else {}))
    if step == "introduce":
        return json.dumps({"utterance": f"I go by Person{number}, good day."})
    return json.dumps({"utterance": f"That is about right, number {said.count('Chatbot:')} for me."})


def curriculum(folder: Path, url: str, *, more: Mapping[str, Any] | None = None, **said: Any) -> Path:
    """One arm, whose curriculum says what is given; no validation unless it says so.

    more  keys of the file; `base` is an arm of that name, without a curriculum
    """
    written(folder / "train.jsonl", personas(4))
    written(folder / "validation.jsonl", personas(3, 10))
    written(folder / "test.jsonl", personas(2, 20))
    trainer = folder / "trainer.py"
    trainer.write_text(TRAINER, encoding="utf-8")
    section = {
        "from": ["train"],
        "iterations": 2,
        "command": [sys.executable, str(trainer), "{rows}", "{previous}", "{out}", "{iteration}"],
        "simulate": {"turns": 2, "regenerations": 1, "small_steps": False},
        "include_flagged": True,
    }
    given = dict(more or {})
    arms = {"UPC": {"curriculum": {**section, **said}}} | ({"base": given.pop("base")} if "base" in given else {})
    models = {name: {"model": name, "base_url": url} for name in ("base", "user", "critic")}
    data = {name: f"{name}.jsonl" for name in ("train", "validation", "test")}
    told = {"title": "A small curriculum", "models": models, "data": data, "arms": arms}
    return write(folder / "upc.yaml", {**told, **given})


def upc_training(folder: Path, url: str, base: Path) -> Path:
    """Two iterations of a tiny base; the scripted endpoint answers for the merged models."""
    return curriculum(
        folder,
        url,
        command=None,
        more={
            "models": {name: {"model": name, "base_url": url} for name in ("user", "critic", "served")}
            | {"base": str(base)},
            "defaults": {
                "sft": {"accumulation": 1, "lora_rank": 4, "device": "cpu", "max_steps": 1},
                "serve": {"form": "merged"},
            },
        },
    )
