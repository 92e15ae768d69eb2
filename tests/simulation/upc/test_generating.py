"""Writing personas with a model: a place for each, briefs by place, checks, asking again, and going on after a stop."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.prediction.estimate_like import journal_at
from proutt.simulation.upc.generating import generate_personas
from proutt.simulation.upc.generating_config import GeneratingConfig
from proutt.simulation.upc.generating_estimate import estimate
from proutt.simulation.upc.personas import read_personas
from servers.scripted import Answer, ScriptedServer

BRIEF = re.compile(r"^\d+\. an? (.+?), about (\d+) .*? begins with (.), the family name with (.);", re.MULTILINE)


class Quiet:
    """An observer that shows nothing."""

    def note(self, text: str) -> None:
        pass

    def fetching(self) -> Any:
        return contextlib.nullcontext(lambda progress: None)

    @contextlib.asynccontextmanager
    async def working(self, now: Any) -> Any:
        now(1.0)
        yield


@pytest.fixture
def generate(endpoint: ScriptedServer, tmp_path: Path) -> Any:
    """Writes personas against the server; `out` names the run."""

    def run(out: str = "run", **settings: Any) -> Any:
        given = {"groups": 2, "each": 4, "per_call": 2, "concurrency": 1} | settings
        return generate_personas(GeneratingConfig(model="m", base_url=endpoint.url, **given), tmp_path / out, Quiet())

    return run


def life(name: str, words: int = 60) -> str:
    """A background of so many words that is like no other name's."""
    own = [f"{name.rsplit(maxsplit=1)[-1].lower()}{at}" for at in range(words - 13)]
    return f"{name} has worked in the old town by the river for years {' '.join(own)}."


def person(name: str, **values: str) -> dict[str, str]:
    parts = {"career": "clerk", "education": "school", "personality": "dour", "hobbies": "chess"}
    return {"name": name, **parts, "background": life(name), **values}


def spelled(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")


def named(body: dict[str, Any]) -> list[str]:
    """A name for each brief of a question, as drawn, unlike that of another age, sex or group."""
    prompt = body["messages"][-1]["content"]
    code = sum(map(ord, re.search(r"ISCO-08: (.*)", prompt)[1]))
    return [
        f"{given}{spelled(code)} {family}{spelled(int(age) * 10 + len(sex))}"
        for sex, age, given, family in BRIEF.findall(prompt)
    ]


def good(body: dict[str, Any]) -> str:
    return json.dumps({"people": [person(name) for name in named(body)]})


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "personas.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_place_of_every_group_is_filled(endpoint, generate, tmp_path):
    """Two groups of four in calls of two: four calls; the run's folder reads back as its personas."""
    endpoint.answer = good
    made = generate()
    assert made.complete
    assert (made.summary["personas"], made.summary["wanted"], len(endpoint.bodies)) == (8, 8, 4)
    report = ReadingReport()
    personas = list(read_personas([str(tmp_path / "run")], report, strict=True))
    assert (set(report.formats.values()), +report.notes) == ({4}, {})
    assert personas[0].id == f"{personas[0].group}-01"
    assert all(each.background == life(each.name) for each in personas)


def test_a_dry_run_holds_the_calls_between_low_and_high(endpoint, generate, tmp_path):
    """It calls nothing; of a run that refused somebody in its first round, the next one's calls are known."""

    def answer(body: dict[str, Any]) -> str:
        people = [person(name) for name in named(body)]
        if len(endpoint.bodies) == 1:
            people[0]["background"] = "too short, and of nobody in particular here"
        return json.dumps({"people": people})

    endpoint.answer = answer
    config = GeneratingConfig(model="m", base_url=endpoint.url, groups=2, each=4, per_call=2)
    found = estimate(config)
    assert (found.dialogues, found.by_step.keys(), endpoint.bodies) == (4, {"write-people"}, [])
    generate()
    calls = len(endpoint.bodies)
    assert found.total.calls.low == 4 < calls <= found.total.calls.high
    journal = journal_at(tmp_path / "run")
    try:
        like = estimate(config, like=journal)
        with pytest.raises(UserError, match="per_call: 2 → 3"):
            estimate(config.model_copy(update={"per_call": 3}), like=journal)
    finally:
        journal.close()
    assert like.total.calls.expected == calls


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("small", [False, True])
def test_every_way_of_writing_can_be_rehearsed(language, small):
    """Low, expected and high are in order; with small steps a call a person."""
    found = estimate(GeneratingConfig(model="m", base_url="http://nowhere", language=language, small_steps=small))
    for amount in (found.total.calls, found.total.prompt_tokens, found.total.completion_tokens):
        assert 0 < amount.low < amount.expected < amount.high
    assert found.dialogues == (800 if small else 160)


def test_what_is_drawn_is_asked_for_and_kept(endpoint, generate, tmp_path):
    """The brief stands in the question and in the record; shares of one mean everybody."""
    endpoint.answer = good
    made = generate(difficult=1.0, rough=0.0)
    assert made.summary["tempers"] == {"difficult": 8}
    assert set(made.summary["careers"]) <= {"good", "steady"}
    first = lines(tmp_path / "run")[0]
    assert first["drawn"]["temper"] in endpoint.bodies[0]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"background": "too short, and of nobody in particular here"}, "name-absent", "does not say the name"),
        (None, "length", "has 20 words; it needs 50 to 100"),
        ({"name": "Dr. Who"}, "name-form", "is no given name with a family name, or has a title"),
        ({"name": "Qq Qq"}, "name-drawn", "does not begin as settled"),
    ],
    ids=["nameless", "short", "title", "not as drawn"],
)
def test_who_is_refused_is_asked_for_again_with_the_reason(endpoint, generate, change, kind, said):
    """Only that place is asked for again; the others stay."""

    def answer(body: dict[str, Any]) -> str:
        people = [person(name) for name in named(body)]
        if len(endpoint.bodies) == 1:
            people[0] |= {"background": life(people[0]["name"], 20)} if change is None else change
        return json.dumps({"people": people})

    endpoint.answer = answer
    made = generate(groups=1, each=2)
    assert (made.summary["personas"], made.summary["refused"]) == (2, {kind: 1})
    question = endpoint.bodies[1]["messages"][-1]["content"]
    assert "How many: 1." in question
    assert said in question


def test_a_place_is_given_up_after_four_tries(endpoint, generate):
    """The run is complete, and says that somebody is missing."""
    endpoint.answer = lambda body: json.dumps(
        {"people": [person(name, background=life(name, 120)) for name in named(body)]}
    )
    made = generate(groups=1, each=1)
    assert made.complete
    assert (made.summary["personas"], made.summary["refused"], len(endpoint.bodies)) == (0, {"length": 4}, 4)


def test_nobody_is_there_twice_within_a_group(endpoint, generate):
    """A taken name, and a background that was only moved to another name."""

    def answer(body: dict[str, Any]) -> str:
        people = [person(name) for name in named(body)]
        if len(endpoint.bodies) == 1:
            one, other = people
            other["background"] = one["background"].replace(one["name"], other["name"])
        return json.dumps({"people": people})

    endpoint.answer = answer
    made = generate(groups=1, each=2)
    assert (made.summary["personas"], made.summary["refused"]) == (2, {"near": 1})


def test_nobody_is_there_twice_in_two_groups(endpoint, generate, tmp_path):
    """Groups go side by side; who clashes with an earlier group is asked for again when all are done."""
    stolen: list[dict[str, str]] = []

    def answer(body: dict[str, Any]) -> str:
        people = [person(name) for name in named(body)]
        if not stolen:
            stolen.extend(people)
        elif len(endpoint.bodies) == 2:
            people[0]["background"] = stolen[0]["background"].replace(stolen[0]["name"], people[0]["name"])
        return json.dumps({"people": people})

    endpoint.answer = answer
    made = generate(each=2)
    assert (made.summary["personas"], made.summary["refused"]) == (4, {"near": 1})
    assert len(endpoint.bodies) == 3
    assert "write another life" in endpoint.bodies[2]["messages"][-1]["content"]
    backgrounds = [each["background"] for each in lines(tmp_path / "run")]
    assert len(set(backgrounds)) == 4


def test_a_run_goes_on_after_the_last_whole_round(endpoint, generate, tmp_path):
    """Stopped by an endpoint that refuses, resumed: the same bytes as in one go, and no call is paid twice."""
    endpoint.answer = good
    generate("whole")
    endpoint.requests.clear()
    endpoint.answer = lambda body: good(body) if len(endpoint.bodies) <= 3 else Answer("no", status=401)
    with pytest.raises(UserError):
        generate("cut")
    assert 0 < len(lines(tmp_path / "cut")) < 8
    refused = len(endpoint.bodies) - 3
    endpoint.answer = good
    assert generate("cut").complete
    assert (tmp_path / "cut/personas.jsonl").read_bytes() == (tmp_path / "whole/personas.jsonl").read_bytes()
    assert len(endpoint.bodies) - refused == 4


def test_calls_side_by_side_make_the_same_personas(endpoint, generate, tmp_path):
    """What comes out does not depend on which answer was first."""
    endpoint.answer = good
    generate("one")
    generate("many", concurrency=8)
    assert (tmp_path / "one/personas.jsonl").read_bytes() == (tmp_path / "many/personas.jsonl").read_bytes()


def test_a_round_that_fails_is_counted_and_the_next_goes_on(endpoint, generate):
    """An answer that can't be used costs its places a try, not the run."""
    endpoint.answer = lambda body: "nonsense" if len(endpoint.bodies) <= 3 else good(body)
    made = generate(groups=1, each=2)
    assert made.complete
    assert (made.summary["personas"], made.summary["failed"]) == (2, {"not-json": 1})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_small_steps_put_the_background_together(endpoint, generate, tmp_path, language):
    """One person a call: four sentences, the first with the name in place of the pronoun."""

    def answer(body: dict[str, Any]) -> str:
        fields = body["response_format"]["json_schema"]["schema"]["properties"]
        pronoun = re.match(r"\^(She |He |她|他)", fields["career"]["pattern"])[1]
        if language == "zh":
            family, given = re.match(r"\^(.).*?\](?:\{0,1\}|\?)(.)\$", fields["name"]["pattern"]).groups()
            one, two, three, four = (
                "在厂里做了很多年的质检工作，后来厂子关门，只好回老家另找活干",
                "读完中专以后又在夜校自学了两年的会计课程",
                "待人一向冷淡，说话总是很短，也很少相信刚认识的人",
                "周末喜欢在河边钓鱼，晚上常听老戏，还收藏旧邮票",
            )
            texts = [f"{pronoun}{text}。" for text in (one, two, three, four)]
            return json.dumps(dict(zip(fields, [family + given, "质检员", *texts], strict=True)), ensure_ascii=False)
        given, family = re.match(r"\^(.).*? (.)", fields["name"]["pattern"]).groups()
        texts = [
            "checked the seams of winter coats in a mill at the harbour for nineteen years until it closed down",
            "left school at sixteen and sat two evening courses on bookkeeping later",
            "is cold to strangers and answers in as few words as can be had from anybody",
            "fishes at the weir on Sundays and keeps a drawer full of foreign stamps at home",
        ]
        name = f"{given}abcd {family}efgh"
        return json.dumps(dict(zip(fields, [name, "mill hand", *(f"{pronoun}{text}." for text in texts)], strict=True)))

    endpoint.answer = answer
    made = generate(groups=1, each=1, small_steps=True, per_call=None, language=language)
    assert made.summary["personas"] == 1
    (found,) = lines(tmp_path / "run")
    assert found["background"].startswith(found["name"])
    assert found["background"].endswith(found["hobbies"])
