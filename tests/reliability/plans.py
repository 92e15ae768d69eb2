"""What an endpoint does to its callers: refusals, broken answers, answers that are of no use."""

from __future__ import annotations

import json
from collections.abc import Callable

from reliability.endpoint import GOOD, Call, Plan, Says, in_seconds

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
CORRECTED = b"An earlier answer could not be used"


def throttling(share: float, longest_s: int = 0) -> Plan:
    """A share of all calls (0..1) gets 429, with every kind of Retry-After; numbers up to `longest_s` seconds."""
    waits: list[Callable[[], dict[str, str]]] = [
        lambda: {"Retry-After": "0"},
        lambda: {"Retry-After": in_seconds(0.0)},
        lambda: {"Retry-After": "soon, I hope"},
        dict,
        lambda: {"Retry-After": str(min(1, longest_s))},
        lambda: {"Retry-After": in_seconds(min(2, longest_s))},
    ]

    def plan(call: Call) -> Says:
        if call.chance("throttled") >= share:
            return GOOD
        headers = waits[int(call.chance("which") * len(waits))]()
        if longest_s > 1 and call.chance("long") < 0.005:
            headers = {"Retry-After": str(longest_s)}
        return Says("slow down", 429, headers)

    return plan


#: What may come of a call that an endpoint, or what stands before it, has broken.
BROKEN: dict[str, Says] = {
    "500": Says("internal error", 500),
    "502 with HTML": Says(status=502, body=HTML, headers={"Content-Type": "text/html"}),
    "503": Says("overloaded", 503),
    "reset": Says(how="reset"),
    "cut body": Says(how="cut"),
    "HTML with status 200": Says(body=HTML),
    "error with status 200": Says(body=b'{"error": {"message": "upstream failed", "code": 502}}'),
    "no choices": Says(body=b'{"choices": []}'),
}
SLOW = Says(how="slow")


def mixed(share: float, kinds: dict[str, Says], given: dict[str, int] | None = None) -> Plan:
    """A share of all calls (0..1) gets one of the kinds; `given` counts them."""
    names = list(kinds)

    def plan(call: Call) -> Says:
        if call.chance("broken") >= share:
            return GOOD
        name = names[int(call.chance("which") * len(names))]
        if given is not None:
            given[name] = given.get(name, 0) + 1
        return kinds[name]

    return plan


def _good_but(change: Callable[[str], Says]) -> Callable[[Call], Says]:
    from servers.proutt_answers import proutt_answer

    return lambda call: change(proutt_answer(call.body))


def _without_a_key(text: str) -> Says:
    answer = json.loads(text)
    answer.pop(next(iter(answer)))
    return Says(json.dumps(answer))


def _of_wrong_types(text: str) -> Says:
    return Says(json.dumps(dict.fromkeys(json.loads(text), 7)))


#: kind → (what is said, the reasons by which a turn fails that gets nothing else)
BAD_ANSWERS: dict[str, tuple[Callable[[Call], Says], set[str]]] = {
    "not JSON": (lambda _: Says("Well, that depends on the user."), {"not-json"}),
    "cut JSON": (_good_but(lambda text: Says(text[: len(text) // 2])), {"not-json"}),
    "cut off by length": (_good_but(lambda text: Says(text[: len(text) // 2], finish="length")), {"cut-off"}),
    "missing keys": (_good_but(_without_a_key), {"wrong-schema"}),
    "wrong types": (_good_but(_of_wrong_types), {"wrong-schema"}),
    "a list": (lambda _: Says('["declarative", "imperative"]'), {"not-json", "wrong-schema"}),
    "<think> unclosed": (lambda _: Says("<think>The user asked for a train, so"), {"empty", "not-json", "cut-off"}),
    "empty": (lambda _: Says(""), {"empty"}),
    "null": (lambda _: Says(body=b'{"choices": [{"message": {"content": null}}]}'), {"empty"}),
    "refusal": (lambda _: Says("I'm sorry, but I can't help with that."), {"refused"}),
    "2 MB": (lambda _: Says("so " * 700_000), {"not-json", "too-long"}),
    "nested without end": (lambda _: Says('{"declarative":' * 50_000), {"not-json", "wrong-schema"}),
}


def first_answers(kind: str, never: bytes, given: dict[str, int] | None = None) -> Plan:
    """Every question's first answer is of that kind; one about a dialogue that holds `never` gets no other."""
    bad, _ = BAD_ANSWERS[kind]

    def plan(call: Call) -> Says:
        hopeless = never in call.content and b'"interrogative"' in call.content
        if CORRECTED in call.content and not hopeless:
            return GOOD
        if given is not None:
            given[kind] = given.get(kind, 0) + 1
        return bad(call)

    return plan
