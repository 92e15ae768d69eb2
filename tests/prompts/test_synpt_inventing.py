"""What an initial inquiry makes up: names, numbers and times that nobody told the user agent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.synpt.script import SEED, SEED_ZH, TASK, TASK_ZH
from proutt.intent.task import Seed
from proutt.prompts.synpt import Inquire
from proutt.prompts.synpt.inventing import made_up
from proutt.prompts.synpt.small_user import Inquire as SmallInquire
from proutt.simulation.synpt.seeds import read_seeds
from proutt.simulation.synpt.tasks import shipped_tasks

REPOSITORY = Path(__file__).parents[2]
RELEASED = REPOSITORY / "../shared/data"
TASKS = (*shipped_tasks("en"), *shipped_tasks("zh"))
EXAMPLES = [
    seed
    for code in ("en", "zh")
    for seed in read_seeds([str(REPOSITORY / f"examples/synpt-seeds.{code}.jsonl")], TASKS)
]


@pytest.mark.parametrize(
    ("text", "values", "found"),
    [
        ("Can you find me a restaurant in Paris?", (), "Paris"),
        ("Hi, I'd like a trip to Cape Town, please.", ("Cape Town",), None),
        ("Somewhere in Lisbon's old town, please.", ("Lisbon",), None),
        ("Please book a table for 4.", (), "4"),
        ("We stay for four days.", ("4 days",), None),
        ("We fly with an A380 to gate b6.", ("A380",), None),
        ("We stay for four days.", (), "four"),
        ("It may be for one or two of us, and we march on.", (), None),
        ("A trip in May, please.", (), "May"),
        ("a table for tomorrow", (), "tomorrow"),
        ("Can You Help Me With A Trip To Paris", (), None),  # a title: its capital letters say nothing
        ("Hi! Paris, and then? Good morning, Assistant.", (), None),  # where a sentence begins, they do not either
    ],
)
def test_names_numbers_and_times_are_seen_in_english(text, values, found):
    """Where capital letters, digits and the calendar's words show them; what was told may be said."""
    assert made_up(TASK, text, values) == found


@pytest.mark.parametrize(
    ("text", "values", "found"),
    [
        ("想去杭州玩，帮我规划一下。", (), "杭州"),
        ("想去杭州玩，帮我规划一下。", ("宁波市,杭州市",), None),
        ("帮我推荐一个好吃的餐厅，人少一点的，有一天会去。", (), None),
        ("千万别太贵，两三家都行，十分感谢。", (), None),
        ("想出去玩三天。", ("3天",), None),
        ("想出去玩三天。", (), "三天"),
        ("预算1万元。", ("10000元",), None),
        ("周末想出去玩。", (), "周末"),
    ],
)
def test_places_numbers_and_times_are_seen_in_chinese(text, values, found):
    """Places by a list, numbers in either script."""
    assert made_up(TASK_ZH, text, values) == found


@pytest.mark.parametrize(
    ("step", "bad", "good"),
    [
        (Inquire(task=TASK, told=()), "Find me a restaurant in Paris", "Find me a restaurant"),
        (SmallInquire(task=TASK, seed=SEED, told=()), "Find me a restaurant in Paris.", "Find me a restaurant."),
        (SmallInquire(task=TASK_ZH, seed=SEED_ZH, told=()), "帮我在南京找家餐厅。", "帮我找家餐厅。"),
        (SmallInquire(task=TASK, seed=SEED, told=None), "A restaurant in Paris, please.", "One in Lyon, please."),
    ],
    ids=["whole", "small", "zh", "all in sight"],
)
def test_made_up_words_are_refused_by_name(step, bad, good):
    """Nobody said Paris: the words that have to go are in the reason."""
    (problem,) = step.problems(step.answer_model()(utterance=bad))
    assert "Paris" in problem or "南京" in problem
    assert step.problems(step.answer_model()(utterance=good)) == []


@pytest.mark.parametrize("seed", EXAMPLES, ids=lambda seed: seed.id)
def test_a_seed_that_is_told_in_full_makes_nothing_up(seed):
    """All its values in one inquiry."""
    assert made_up(seed.task, told_in_full(seed), seed.values.values()) is None


@given(st.sampled_from([TASK, TASK_ZH]), st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_values_that_are_told_as_they_stand_are_never_made_up(task, values):
    """Whatever is in them: numbers, capital letters, other scripts."""
    assert made_up(task, "\n".join(["I need some help.", *values, "Thank you."]), values) is None


@given(st.sampled_from(EXAMPLES), st.data())
def test_what_is_seen_stands_in_the_text_and_not_in_the_values(seed, data):
    """Of an inquiry that tells some values too many, only one of these can be seen."""
    told = data.draw(st.sets(st.sampled_from(seed.task.keys)))
    found = made_up(seed.task, told_in_full(seed), [seed.values[key] for key in told])
    withheld = " ".join(value for key, value in seed.values.items() if key not in told)
    assert found is None or found in withheld


def told_in_full(seed: Seed) -> str:
    values = list(seed.values.values())
    if seed.task.language == "zh":
        return f"你好，帮我看看{seed.task.name}，{'，'.join(values)}，谢谢。"
    return f"Hi, I need some help with {seed.task.name}: {', '.join(values)}. Thanks."


@pytest.mark.skipif(not RELEASED.exists(), reason="the released seeds and dialogues are not beside this checkout")
def test_released_first_words_raise_no_false_alarm():
    """Of the three released inquiries one gives another number of days than its seed, and that one is seen."""
    seeds = {seed.id: seed for seed in read_seeds([str(RELEASED / "synpt_seed.jsonl")], TASKS)}
    lines = (RELEASED / "synpt_reference.jsonl").read_text(encoding="utf-8").splitlines()
    found = {}
    for each in map(json.loads, lines):
        seed = seeds[str(each["id"])]
        found[seed.id] = made_up(seed.task, each["messages"][0]["content"], seed.values.values())
    assert found == {"4": None, "2": None, "1": "3"}
    assert [seed.id for seed in seeds.values() if made_up(seed.task, told_in_full(seed), seed.values.values())] == []
