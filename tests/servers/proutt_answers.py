"""A scripted "model" that gives a usable answer to every step of ProUtt, from the request's schema and prompt alone.

All it says comes from hashes of the request: the same request gets the same answer, whenever and in whatever order it
comes. Texts come from the whole request, so that they tell whether anything in it was different; what decides on
branches and skips comes from its step and seed alone, so that a better prompt changes none of them. Over some dialogues
all of them occur. Labels bear numbers, since labels with different digits are never near each other.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

#: The steps, by the first property of their answers' schemas.
STEPS = {
    "rounds": "annotate",
    "exploitation": "paths",
    "reasoning": "revise",
    "reasonings": "reword",
    "paths": "distinguish",
    "verdicts": "judge",
}
_TYPES = ("declarative", "imperative", "interrogative")


def proutt_answer(body: dict[str, Any]) -> str:
    """The answer to one chat completion request."""
    return json.dumps(_Answerer(body).answer(), ensure_ascii=False)


def step_of(body: dict[str, Any]) -> str:
    """Which step a request is of."""
    first = next(iter(_schema(body)["properties"]))
    return "sentence-types" if first in _TYPES else STEPS[first]


def prompt_of(body: dict[str, Any]) -> str:
    """All text of a request."""
    return "\n".join(message["content"] for message in body["messages"])


def instruction_of(body: dict[str, Any]) -> str:
    """What is asked, after the dialogue."""
    return re.split(r"^# (?=Task:|任务：)|^# (?=任务)", body["messages"][-1]["content"], flags=re.M)[-1]


def _schema(body: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = body["response_format"]["json_schema"]["schema"]
    return schema


class _Answerer:
    def __init__(self, body: dict[str, Any]) -> None:
        self.properties = _schema(body)["properties"]
        self.step = step_of(body)
        self.instruction = instruction_of(body)
        self.chinese = "任务" in self.instruction.split("\n")[0]
        self._seed = f"{self.step}/{body.get('seed', 0)}"
        self._request = json.dumps([body["messages"], body.get("seed"), body["model"]])

    def number(self, *place: object) -> int:
        """A number of up to six digits that the request and the place in its answer decide."""
        return _hashed(f"{self._request}/{place}") % 10**6

    def draw(self, *place: object, below: int) -> int:
        """A number that the step, its seed and the place in the answer decide."""
        return _hashed(f"{self._seed}/{place}") % below

    def answer(self) -> dict[str, Any]:
        make = {
            "annotate": self.rounds,
            "sentence-types": lambda: {kind: self.reasoning(kind) for kind in self.properties},
            "paths": lambda: {side: self.candidates(side) for side in self.properties},
            "revise": lambda: {"reasoning": self.reasoning(), "utterance": self.utterance()},
            "reword": self.rewording,
            "distinguish": self.other_paths,
            "judge": self.verdicts,
        }
        return make[self.step]()

    # Texts.

    def text(self, english: str, chinese: str, *place: object) -> str:
        return (chinese if self.chinese else english).format(self.number(english, *place))

    def reasoning(self, *place: object) -> str:
        return self.text("The user may well come to point {} next.", "用户接下来很可能会谈到第{}点的内容。", *place)

    def utterance(self, *place: object) -> str:
        return self.text("Tell me more about point {}.", "请再给我讲讲第{}点。", *place)

    def path(self, topic: str, *place: object) -> dict[str, str]:
        return {
            "topic": topic,
            "attribute": self.text("aspect {}", "方面{}", *place),
            "value": self.text("choice {}", "选择{}", *place),
        }

    def new_topic(self, *place: object) -> str:
        return self.text("subject {}", "事情{}", *place)

    def known_topic(self, *place: object) -> str:
        """One of the topics that the intent tree in the prompt has."""
        topics = re.findall(r"^(\S.*) \{\}?$", self.instruction, flags=re.M)
        return str(topics[self.draw("topic", *place, below=len(topics))])

    # Answers.

    def rounds(self) -> dict[str, Any]:
        """One round in four or so brings nothing new; the others one of three topics, the same ones all along."""
        entries = self.properties["rounds"]["items"]["properties"]
        first, last = (int(each) for each in re.findall(r"\d+", self.instruction.split("\n")[0]))
        rounds = []
        for at in range(first, last + 1):
            empty = self.draw("empty", at, below=4) == 0
            topic = self.text("topic", "主题") + f" {self.draw('topic', at, below=3)}"
            aspect = self.text("aspect", "方面") + f" {self.draw('aspect', at, below=30)}"
            all_of: dict[str, Any] = {
                "round": at,
                "wants": "" if empty else self.text("wish {}", "愿望{}", at),
                "paths": [] if empty else [self.path(topic, at) | {"attribute": aspect}],
                "new_topic": self.draw("new", at, below=2) == 0,
                "sentence_type": _TYPES[self.draw("type", at, below=3)],
            }
            rounds.append({name: all_of[name] for name in entries})
        return {"rounds": rounds}

    def candidates(self, side: str) -> list[dict[str, Any]]:
        items = self.properties[side]["items"]["properties"]
        found = []
        for at in range(self.properties[side]["minItems"]):
            texts = {"reasoning": self.reasoning(side, at), "utterance": self.utterance(side, at)}
            if "intent" in items:
                texts["intent"] = self.text("wish {}", "愿望{}", side, at)
            else:
                known = _choices(items["topic"])
                topic = known[self.draw(side, at, below=len(known))] if known else self.new_topic(side, at)
                texts |= self.path(topic, side, at)
            found.append({name: texts[name] for name in items})
        return found

    def rewording(self) -> dict[str, Any]:
        sizes = {name: self.properties[name]["minItems"] for name in ("reasonings", "utterances")}
        return {
            "reasonings": [self.reasoning(at) for at in range(sizes["reasonings"])],
            "utterances": [self.utterance(at) for at in range(sizes["utterances"])],
        }

    def other_paths(self) -> dict[str, Any]:
        known = "known topic" in self.instruction or "已有主题" in self.instruction
        has_tree = re.search(r"^(Intent tree:|意图树：)$", self.instruction, flags=re.M) is not None
        paths = []
        for at in range(self.properties["paths"]["minItems"]):
            topic = self.known_topic(at) if known and has_tree else self.new_topic(at)
            paths.append(self.path(topic, at))
        return {"paths": paths}

    def verdicts(self) -> dict[str, Any]:
        """One call in three or so finds nothing near, one something, one the intent itself: tenths over all of 0..1."""
        size = self.properties["verdicts"]["minItems"]
        lowest, highest = ((0, 3), (2, 7), (6, 10))[self.draw("likes", below=3)]
        scores = [lowest + self.draw(at, below=highest - lowest + 1) for at in range(size)]
        reasons = [self.text("They share point {}.", "都涉及第{}点。", at) for at in range(size)]
        return {"verdicts": [{"reason": reasons[at], "score": scores[at] / 10} for at in range(size)]}


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _choices(schema: dict[str, Any]) -> list[str]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))
