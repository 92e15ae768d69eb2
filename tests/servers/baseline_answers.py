"""As `proutt_answers`, for the questions of the baselines; the other ones get the answers that they get there."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from servers.proutt_answers import proutt_answer


def baseline_answer(body: dict[str, Any]) -> str:
    """The answer to one chat completion request, from the request alone."""
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    chinese = "任务" in body["messages"][-1]["content"]
    if "predictions" in properties:
        size = properties["predictions"]["minItems"]
        return json.dumps({"predictions": [_prediction(body, at, chinese=chinese) for at in range(size)]})
    if list(properties) == ["reasoning", "utterance"]:
        return json.dumps(_one_prediction(body, chinese=chinese))
    if "profile" in properties:
        number = _number(body, "profile")
        english = f"You are a user who wants help with point {number}, and you ask in short sentences."
        return json.dumps(
            {
                "profile": f"你是一位想了解第{number}点的用户，说话简短而有礼貌，喜欢一步一步地提问。"
                if chinese
                else english
            }
        )
    return proutt_answer(body)


def _prediction(body: dict[str, Any], at: int, *, chinese: bool) -> dict[str, str]:
    number = _number(body, at)
    if chinese:
        return {"reasoning": f"用户接下来很可能会谈到第{number}点的内容。", "utterance": f"请再给我讲讲第{number}点。"}
    return {
        "reasoning": f"The user may well come to point {number} next.",
        "utterance": f"Tell me more about point {number}.",
    }


def _one_prediction(body: dict[str, Any], *, chinese: bool) -> dict[str, str]:
    """As small models are asked: one sentence each."""
    number = _number(body, "one")
    if chinese:
        return {
            "reasoning": f"用户已经把前面几点都问清楚了，所以接下来很可能会谈到第{number}点的内容。",
            "utterance": f"请再给我讲讲第{number}点。",
        }
    return {
        "reasoning": f"The user has heard of the points before this one, so point {number} may well be next.",
        "utterance": f"Tell me more about point {number}.",
    }


def _number(body: dict[str, Any], place: object) -> int:
    request = json.dumps([body["messages"], body.get("seed"), body["model"], place])
    return int.from_bytes(hashlib.sha256(request.encode()).digest()[:8], "big") % 10**6
