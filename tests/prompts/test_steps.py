"""Steps: what they may be given, what they send, and the shape of what they ask for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import proutt.prompts.proutt as steps
from prompts.dialogues import DIALOGUES, all_steps
from proutt.intent import IntentPath, Perspective, SentenceType, Truth, fold
from proutt.llm.schema import answer_schema
from proutt.prompts.proutt import PredictPaths
from proutt.prompts.proutt.wording import shown
from proutt.prompts.step import PredictingStep

TRUTH = Truth("How long?", SentenceType.INTERROGATIVE, (IntentPath("tea"),), Perspective.EXPLOITATION)
DIALOGUE = DIALOGUES["en"]
STEPS = all_steps("en")
PREDICTING = {name: step for name, step in STEPS.items() if isinstance(step, PredictingStep)}
VARIANTS = [
    pytest.param(step, id=f"{name}-{language}-{options}")
    for language in ("en", "zh")
    for options in ({}, {"tree": False}, {"types": False})
    for name, step in all_steps(language, **options).items()
]


def test_every_predicting_step_of_the_method_is_among_those_tested():
    """A new step joins these tests, or this one fails."""
    kinds = {kind for kind in vars(steps).values() if isinstance(kind, type) and issubclass(kind, PredictingStep)}
    assert {type(step) for step in PREDICTING.values()} == kinds


def test_only_annotating_and_judging_steps_are_not_predicting_ones():
    """The two that may see the truth, and the small step that annotates."""
    assert {type(step).__name__ for step in STEPS.values()} - {type(step).__name__ for step in PREDICTING.values()} == {
        "Annotate",
        "AnnotateUtterance",
        "JudgeSimilarity",
    }


@pytest.mark.parametrize("leak", [TRUTH, DIALOGUE], ids=["truth", "dialogue"])
@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field.name) for name, step in PREDICTING.items() for field in dataclasses.fields(step)],
)
def test_a_predicting_step_cannot_be_given_a_truth_or_a_whole_dialogue(name, field, leak):
    """In no field, nor within one: it does not construct."""
    for value in (leak, (leak,), [("x", [leak])]):
        with pytest.raises(TypeError, match="may only see a Context"):
            dataclasses.replace(PREDICTING[name], **{field: value})


@pytest.mark.parametrize("step", VARIANTS)
def test_reasoning_comes_before_verdict(step):
    """In every object of an answer: wants before paths, reasoning and reason before all else, texts before scores."""
    for schema in objects(answer_schema(step.answer_model())):
        names = list(schema["properties"])
        first = [name for name in names if name in ("reasoning", "reasonings", "reason", "wants")]
        assert first == [name for name in names if name != "round"][: len(first)]


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object within a schema."""
    if isinstance(schema, list):
        return [found for each in schema for found in objects(each)]
    if not isinstance(schema, dict):
        return []
    inner = [found for each in schema.values() for found in objects(each)]
    return [schema, *inner] if isinstance(schema.get("properties"), dict) and "type" in schema else inner


@pytest.mark.parametrize("step", VARIANTS)
def test_every_text_and_list_of_an_answer_has_an_end(step):
    """A length, a pattern or a set of values: a small model would go on for ever."""
    for schema in objects(answer_schema(step.answer_model())):
        for field in schema["properties"].values():
            one = field.get("items", field)
            if field.get("type") == "array":
                assert "maxItems" in field
            if one.get("type") == "string":
                assert {"maxLength", "pattern", "enum", "const"} & set(one)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_whole_steps_share_the_system_prompt_and_predicting_ones_the_dialogue_too(language):
    """Dialogue first, tree next, the step's own words last: a server computes the shared beginning once."""
    whole = {name: step for name, step in all_steps(language).items() if not name.startswith("small-")}
    assert len({step.messages()[0] for step in whole.values()}) == 1
    text = whole["paths"].dialogue()
    for name in ("sentence-types", "paths", "judge", "revise", "perturb", "verbalise", "distinguish"):
        assert whole[name].messages()[1].content.startswith(f"{text}\n\n# ")


def test_a_correction_follows_the_question_in_the_language_of_the_prompts():
    """It tells what was wrong."""
    assert STEPS["paths"].correction("The answer was empty.") == (
        "(An earlier answer could not be used: The answer was empty. Answer again.)"
    )
    assert "答案是空的。" in all_steps("zh")["paths"].correction("答案是空的。")


@pytest.mark.parametrize("step", VARIANTS)
def test_the_room_for_an_answer_is_bounded(step):
    """Enough for what is asked, no more."""
    assert 50 <= step.max_tokens() <= 2000


def test_exploitation_may_only_name_a_topic_that_the_prompt_shows():
    """The schema keeps a weak model on the known topics; those that the budget drops are neither shown nor allowed."""
    tree = fold([[IntentPath(f"Topic {number} of many", "attribute", "v" * 60)] for number in range(40)])
    step = PredictPaths(
        budget=400,
        context=DIALOGUE.context(1),
        tree=tree,
        perspectives=tuple(Perspective),
        q=1,
        sentence_type=None,
    )
    allowed = answer_schema(step.answer_model())["properties"]["exploitation"]["items"]["properties"]["topic"]["enum"]
    assert 0 < len(allowed) < 40
    assert allowed == list(shown(tree, 400).topics)
    assert all(f"{topic} {{" in step.instruction() for topic in allowed)
    assert "Topic 39 of many" in allowed
    assert "Topic 0 of many" not in step.instruction()


GOOD = {
    "exploitation": [
        {
            "reasoning": "The user has bought tea and now has to store it somewhere.",
            "topic": "green tea",
            "attribute": "keeping",
            "value": "",
            "utterance": "How long does it keep?",
        }
    ],
    "exploration": [
        {
            "reasoning": "Tea goes with something sweet, so cake may be next.",
            "topic": "cake",
            "attribute": "flavour",
            "value": "",
            "utterance": "Which cake goes with it?",
        }
    ],
}


def problems(**changes: dict[str, str]) -> list[str]:
    """What PredictPaths says of the good answer with some fields changed."""
    step = dataclasses.replace(STEPS["paths"], q=1)
    answer = {side: [entry[0] | changes.get(side, {})] for side, entry in GOOD.items()}
    return step.problems(step.answer_model().model_validate(answer))


def test_a_good_prediction_has_no_problem():
    """Or the table below would prove nothing."""
    assert problems() == []


@pytest.mark.parametrize(
    ("side", "change", "problem"),
    [
        ("exploration", {"topic": "Green Teas"}, "is not new"),
        ("exploitation", {"attribute": "Taste", "value": "mild"}, "already in the tree"),
        ("exploitation", {"utterance": "And {context} without caffeine"}, "layout"),
        ("exploitation", {"utterance": "I like green tea. Which one is mild?"}, "already said"),
        ("exploration", {"utterance": "How long does it keep"}, "nearly equal"),
        ("exploration", {"utterance": "go go go go go"}, "repeats itself"),
        ("exploration", {"utterance": "哪种蛋糕比较配？"}, "language of the user"),
        ("exploration", {"utterance": "a ?"}, "empty or too short"),
        ("exploitation", {"reasoning": "The ground truth says that it is keeping."}, "speaks of the task"),
        ("exploitation", {"reasoning": "? ? ? ? ? ? ? ? ? ? ? ?"}, "empty or too short"),
    ],
)
def test_an_unusable_prediction_is_told_what_is_wrong(side, change, problem):
    """One problem at a time, as a sentence."""
    (found,) = problems(**{side: change})
    assert problem in found


@pytest.mark.parametrize(
    ("utterance", "problem"),
    [
        ("Find me a quiet cafe.", "stood there before"),
        ("I like green tea. Which one is mild?", "already said"),
        ("Please name a teapot that keeps warm.", None),
    ],
)
def test_a_reworded_utterance_is_neither_the_one_before_nor_one_already_said(utterance, problem):
    """It stands on the rejected side under another sentence type: an echo would say the same on both sides."""
    step = dataclasses.replace(
        STEPS["perturb"],
        paths=(IntentPath("cafe", "quiet"),),
        reasoned=(),
        worded=(0,),
        before=("Find me a quiet cafe!",),
    )
    found = step.problems(step.answer_model().model_validate({"reasonings": [], "utterances": [utterance]}))
    assert [each for each in found if problem not in each] == [] if problem else found == []
    assert bool(found) is bool(problem)
