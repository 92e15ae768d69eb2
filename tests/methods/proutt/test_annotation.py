"""Annotation: new paths and sentence types of every user utterance, in pieces where a dialogue is long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from methods.script import LYON, PATHS, TYPES, Script, _annotate, annotated
from proutt.dialogue import Dialogue, Turn
from proutt.intent import IntentPath, SentenceType
from proutt.intent.sentence_type import sentence_type_of
from proutt.methods.proutt import Ablation, Settings, WholeSteps, annotate


@pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])
async def test_every_utterance_is_annotated_with_its_new_paths(small_steps):
    """The last one too, which no answer followed."""
    annotation = await annotated(Settings(small_steps=small_steps))
    assert [turn.paths for turn in annotation.turns] == list(PATHS)


async def test_sentence_types_are_the_models_or_the_rules():
    """As the settings say; a small model is never asked, for rules name them better."""
    by_rules = tuple(map(sentence_type_of, LYON.utterances))
    wrong = [{"sentence_type": SentenceType.IMPERATIVE.value}] * len(TYPES)

    def stubborn(step):
        answer = _annotate(step)
        return {"rounds": [each | (wrong[0] if step.types else {}) for each in answer["rounds"]]}

    for settings, expected in (
        (Settings(), (SentenceType.IMPERATIVE,) * len(TYPES)),
        (Settings(sentence_types="rules"), by_rules),
    ):
        annotation = await annotated(settings, script=Script(annotate=stubborn))
        assert tuple(turn.sentence_type for turn in annotation.turns) == expected
    annotation = await annotated(Settings(small_steps=True))
    assert tuple(turn.sentence_type for turn in annotation.turns) == by_rules


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("Lyon", "Lyon"),  # said in that round
        ("nine", None),  # said by the assistant of the round after
        ("May", "May"),
        ("evening", None),  # said by the user two rounds later
        ("for two people", "for two people"),  # said nowhere: a model's own words for what was meant
    ],
)
async def test_a_value_that_is_said_only_later_is_left_open(value, known):
    """The annotator reads several rounds at once; T^(K) must not hold what round K did not know."""

    def answer(step):
        rounds = [
            {"round": number, "wants": "it", "paths": [], "sentence_type": "declarative"}
            for number in range(step.first, step.last + 1)
        ]
        rounds[0]["paths"] = [{"topic": "Travel", "attribute": "Plan", "value": value}]
        return {"rounds": rounds}

    annotation = await annotated(Settings(), script=Script(annotate=answer))
    (path,) = annotation.turns[0].paths
    assert path.value == known


async def test_what_the_tree_holds_already_is_not_new():
    """A model that restates turn 1 in every round adds nothing: those turns have no new path."""

    def restating(step):
        rounds = _annotate(step)["rounds"]
        return {
            "rounds": [
                each | {"paths": [{"topic": "travels", "attribute": "destination", "value": "LYON"}]} for each in rounds
            ]
        }

    annotation = await annotated(Settings(), script=Script(annotate=restating))
    assert [len(turn.paths) for turn in annotation.turns] == [1, 0, 0, 0, 0]
    assert [annotation.truth(k) for k in LYON.ks] == [None] * 4


async def test_names_that_name_nothing_are_asked_for_again():
    """A topic of punctuation is no topic: the next draw is taken, and nothing crashes."""
    script = Script()
    seen = []

    def nameless(step):
        seen.append(step)
        answer = _annotate(step)
        if len(seen) == 1:
            answer["rounds"][0]["paths"][0]["topic"] = "…"
        return answer

    script = Script(annotate=nameless)
    annotation = await annotated(Settings(), script=script)
    assert annotation.turns[0].paths == PATHS[0]
    assert "Field rounds.0.paths.0.topic" in script.model.requests[1].messages[-1].content


@pytest.mark.parametrize("wants", ["", "…", "-"])
async def test_without_a_tree_a_round_that_wants_nothing_has_no_new_path(wants):
    """Punctuation is no intent."""

    def idle(step):
        rounds = _annotate(step)["rounds"]
        rounds[1]["wants"] = wants
        return {"rounds": rounds}

    annotation = await annotated(Settings(ablate=(Ablation.INTENT_TREE,)), script=Script(annotate=idle))
    assert annotation.truth(1) is None
    assert annotation.truth(2) is not None


@pytest.mark.parametrize("budget", [1600])
async def test_a_dialogue_of_400_turns_is_annotated_in_pieces_that_fit(budget):
    """Every round once, in order, each piece shown whole, and no prompt far above its budget."""
    turns = tuple(Turn(f"Now tell me about place {n} and all that is there.", "Long ago. " * 30) for n in range(1, 401))
    dialogue = Dialogue(id="long", language="en", turns=turns)

    def placed(step):
        path = {"topic": "Place", "attribute": "number", "value": ""}
        return {
            "rounds": [
                {"round": n, "wants": "a place", "paths": [path | {"value": str(n)}]}
                for n in range(step.first, step.last + 1)
            ]
        }

    script, settings = Script(annotate=placed), Settings(sentence_types="rules")
    annotation = await annotate(dialogue, settings, WholeSteps(script, settings, budget))
    asked = [number for step in script.of_step("annotate") for number in range(step.first, step.last + 1)]
    assert asked == list(range(1, 401))
    for step, request in zip(script.of_step("annotate"), script.model.requests, strict=True):
        text = request.messages[-1].content
        assert all(f"[Round {n}]" in text for n in range(step.first, step.last + 1))
        assert len(text) <= 3 * (budget * 3 // 2) + 2500
    assert annotation.truth(399).paths == (IntentPath("Place", "number", "400"),)
    assert annotation.tree(399).topics["Place"]["number"].value == "399"


async def test_an_assistants_opening_is_shown_and_is_no_turn():
    """What was said before the first user utterance colours what it means."""
    script = Script()
    await annotated(Settings(), replace(LYON, opening="Welcome to the travel desk."), script)
    assert "> Welcome to the travel desk." in script.model.requests[0].messages[-1].content
