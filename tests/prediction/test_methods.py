"""Each method, call by call: what it asks, what it makes of the answers, and what it never sees."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import get_args

import pytest

from methods.script import LYON, Script
from prediction.contexts import CONTEXT, DIALOGUE, SAID, TURNS, asking, chance, completion
from proutt import prediction
from proutt.cli.predict import ABLATED, METHOD_NAMES, TURN_NAMES
from proutt.dialogue import Context, Turn
from proutt.errors import AnswerError, ModelError
from proutt.export.prompt import INSTRUCTIONS, prompt_text
from proutt.export.text import context_of, training_text
from proutt.llm import Reply, ScriptedModel, Usage
from proutt.prediction.cases import TURNS as CASE_TURNS
from proutt.prediction.config import Method
from proutt.prediction.methods import METHODS
from proutt.prediction.prediction import Ablated, Prediction, Setting
from proutt.prediction.repair import PROBLEMS
from records import a_baseline_pair, a_pair

SINGLE = {"proutt": "proutt", "prompt": "prompt", "follow-up": "follow-up"}
SAMPLED = {"socratic": "socratic", "usp": "usp", "user-header": "user-header"}


def predicted(method: str, model: ScriptedModel, context: Context = CONTEXT, **setting) -> Prediction:
    predictor = METHODS[method](Setting(**setting))
    return asyncio.run(predictor(context, asking(model), chance))


def texts(prediction: Prediction) -> tuple[str, ...]:
    return tuple(each.text for each in prediction.suggestions)


def test_the_names_are_the_same_everywhere():
    """In the table of methods, the configuration and the command line."""
    assert tuple(METHODS) == METHOD_NAMES == get_args(Method)
    assert CASE_TURNS == TURN_NAMES
    assert get_args(Ablated) == ABLATED


# One inference.


def test_proutt_asks_what_was_trained():
    """The prompt is byte for byte the one of the training rows; one call; the tree and the paths are read."""
    model = ScriptedModel({"proutt": [completion()]})
    prediction = predicted("proutt", model)
    assert model.requests[0].messages[0].content == prompt_text(CONTEXT)
    assert texts(prediction) == SAID
    assert prediction.problems == ()
    assert prediction.tree is not None
    assert prediction.raw == completion()


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
@pytest.mark.parametrize(
    ("pair", "ablate"),
    [
        (a_baseline_pair("magpie"), ("perspectives",)),
        (a_baseline_pair("baize"), ("perspectives",)),
        (a_pair(ablate=("intent-tree",)), ("intent-tree",)),
        (a_pair(ablate=("intent-tree", "sentence-type"), language="zh"), ("intent-tree", "sentence-type")),
    ],
    ids=["magpie", "baize", "no-tree", "neither-zh"],
)
def test_what_the_training_data_lacked_is_not_asked_for(pair, ablate, instruction):
    """The prompt is byte for byte the one that `proutt export` wrote of such a pair."""
    model = ScriptedModel({"proutt": [completion()]})
    predicted("proutt", model, context_of(pair), instruction=instruction, ablate=ablate)
    assert model.requests[0].messages[0].content == training_text(pair, instruction).prompt


@pytest.mark.parametrize("method", ["prompt", "follow-up"])
def test_plain_prompts_ask_for_2q_in_one_inference(method):
    """Tags for the paper's baseline, a JSON list for the front ends' follow-ups; in the dialogue's language."""
    answer = {"prompt": completion(), "follow-up": f"```json\n{json.dumps({'follow_ups': SAID})}\n```"}[method]
    model = ScriptedModel({method: [answer, answer]})
    assert texts(predicted(method, model)) == SAID
    assert "English" in model.requests[0].messages[-1].content
    assert " 4 " in model.requests[0].messages[-1].content
    chinese = Context("c", "zh", TURNS)
    predicted(method, model, chinese)
    assert "任务" in model.requests[1].messages[-1].content


def test_follow_up_shows_the_last_rounds_only():
    """As front ends do: what came before six messages is not in the prompt."""
    turns = tuple(Turn(f"Question number {at}?", "Yes.") for at in range(1, 6))
    model = ScriptedModel({"follow-up": [json.dumps({"follow_ups": SAID})]})
    prediction = predicted("follow-up", model, Context("c", "en", turns))
    assert "number 3" in model.requests[0].messages[-1].content
    assert "number 2" not in model.requests[0].messages[-1].content
    assert prediction.problems == ()


@pytest.mark.parametrize("method", SINGLE)
def test_too_few_are_asked_for_again(method):
    """With another draw, up to the bound; the fullest answer is taken, and says what became of it."""
    model = ScriptedModel({method: [completion(SAID[:1]), completion()]})
    prediction = predicted(method, model)
    assert texts(prediction) == SAID
    assert "asked-again" in prediction.problems
    assert [each.sample for each in model.requests] == [0, 1]
    assert model.requests[0].sampling.seed != model.requests[1].sampling.seed
    scarce = ScriptedModel({method: [completion(SAID[:2]), completion(SAID[:3]), completion(SAID[:1])]})
    prediction = predicted(method, scarce)
    assert texts(prediction) == SAID[:3]
    assert "too-few" in prediction.problems
    assert scarce.left == {}


EMPTY = {
    "empty": "",
    "refused": "I'm sorry, I can't help with that.",
    "unclosed-reasoning": "<think>The user may, or may not",
    "no-suggestions": "Hard to tell.",
    "cut-off": Reply("<think>The user", "length", Usage(1, 1), 0.0),
}


@pytest.mark.parametrize("kind", EMPTY)
@pytest.mark.parametrize("method", SINGLE)
def test_no_suggestion_is_a_failure_with_its_reason(method, kind):
    """Never an empty list; the model's words are kept."""
    model = ScriptedModel({method: [EMPTY[kind]] * 3})
    with pytest.raises(AnswerError) as failed:
        predicted(method, model)
    assert failed.value.kind == kind
    assert failed.value.step == method
    assert len(model.requests) == 3


def test_thinking_that_took_all_room_gets_more():
    """Up to half of the context; an answer that only rambles does not."""
    cut = Reply("<think>Let me see", "length", Usage(1, 1), 0.0)
    model = ScriptedModel({"prompt": [cut, completion()]})
    predicted("prompt", model, context_tokens=8000)
    first, second = (each.sampling.max_tokens for each in model.requests)
    assert second == min(4 * first, 4000)
    rambling = Reply("<predict>a long one</predict> and so", "length", Usage(1, 1), 0.0)
    model = ScriptedModel({"prompt": [rambling, completion()]})
    predicted("prompt", model, context_tokens=8000)
    assert len({each.sampling.max_tokens for each in model.requests}) == 1


# The model as the user.


@pytest.mark.parametrize("method", SAMPLED)
def test_simulators_draw_2q_times(method):
    """Each suggestion is a call of its own; what was drawn twice is made up for, within the bound."""
    script = {SAMPLED[method]: [SAID[0], SAID[0], *SAID[1:]], "usp-profile": ["You are a traveller."]}
    model = ScriptedModel(script)
    prediction = predicted(method, model)
    assert texts(prediction) == SAID
    assert prediction.problems == ("double", "asked-again")
    assert {each.sample for each in model.of_step(SAMPLED[method])} == set(range(5))
    assert len({each.sampling.seed for each in model.of_step(SAMPLED[method])}) == 5


@pytest.mark.parametrize("method", ["socratic", "usp"])
def test_roles_are_swapped(method):
    """What the user said is the model's own; the last message is the assistant's answer, told as the user's."""
    model = ScriptedModel({method: list(SAID), "usp-profile": ["You are a traveller with a dog."]})
    prediction = predicted(method, model)
    messages = model.of_step(method)[0].messages
    assert [each.role for each in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[2].content == TURNS[0].user
    assert messages[-1].content == TURNS[-1].assistant
    assert ("traveller with a dog" in messages[0].content) is (method == "usp")
    assert prediction.reasoning == ("You are a traveller with a dog." if method == "usp" else None)


def test_user_header_leaves_the_roles():
    """The chat as it was, ending with the assistant's answer: the header is the transport's business."""
    model = ScriptedModel({"user-header": list(SAID)})
    predicted("user-header", model)
    assert [each.role for each in model.requests[0].messages] == ["user", "assistant", "user", "assistant"]


def test_a_text_that_goes_on_as_the_assistant_is_cut():
    """A model that plays both sides says the user's part only."""
    model = ScriptedModel({"socratic": [f"{SAID[0]}\nAssistant: The Ibis.", *SAID[1:]]})
    prediction = predicted("socratic", model)
    assert texts(prediction) == SAID
    assert prediction.problems == ("forged-turn",)


@pytest.mark.parametrize("method", SAMPLED)
def test_a_user_who_says_nothing_is_a_failure(method):
    """With the reason, and after the bound of draws."""
    model = ScriptedModel({SAMPLED[method]: lambda _: "", "usp-profile": ["You are a traveller."]})
    with pytest.raises(AnswerError) as failed:
        predicted(method, model)
    assert failed.value.kind == "empty"
    assert len(model.of_step(SAMPLED[method])) == 12


# ProUtt's steps.


def piped(script: Script, context: Context, *, small: bool) -> Prediction:
    """What the pipeline makes of the script's answers; the likeliest type is always interrogative."""

    async def ask(step, place):
        if step.name == "likely-type":
            return step.answer_model()(reasoning="Much is open, so a question is near.", sentence_type="interrogative")
        return await script(step, place)

    return asyncio.run(METHODS["proutt-pipeline"](Setting(small_steps=small))(context, ask, chance))


@pytest.mark.parametrize("small", [False, True])
def test_the_pipeline_asks_the_steps_of_the_method(small):
    """It annotates, predicts both perspectives with paths; whole steps reason on the type, small ones leave it open."""
    script = Script()
    prediction = piped(script, LYON.context(2), small=small)
    assert [each.perspective for each in prediction.suggestions] == ["exploitation"] * 2 + ["exploration"] * 2
    assert all(each.path is not None for each in prediction.suggestions)
    assert {each.sentence_type for each in prediction.suggestions} == {None if small else "interrogative"}
    assert prediction.tree is not None
    assert list(prediction.tree.topics) == ["Travel"]
    assert prediction.reasoning is not None
    assert "[Exploitation Analysis]" in prediction.reasoning
    assert "<" not in prediction.reasoning
    sent = "\n".join(message.content for each in script.model.requests for message in each.messages)
    assert "Which train" in sent
    assert "evening" not in sent  # turn 3
    assert "food" not in sent  # the last utterance


@pytest.mark.parametrize("small", [False, True])
def test_a_context_without_a_topic_is_predicted_without_a_tree(small):
    """Synthesis skips such a turn; a predictor has to say something all the same."""
    nothing = {"wants": "", "paths": []}
    script = Script(
        annotate=lambda step: nothing if small else {"rounds": [{"round": 1, **nothing}, {"round": 2, **nothing}]}
    )
    prediction = piped(script, LYON.context(2), small=small)
    assert prediction.tree is None
    assert prediction.problems == ("empty-tree",)
    assert len(prediction.suggestions) == 4


# All of them.


@pytest.mark.parametrize("method", METHODS)
def test_no_request_holds_anything_later_than_the_context(method):
    """Canaries stand in u_{K+1} and after; no method is given them."""

    def answer(request):
        return completion()

    steps = ["proutt", "prompt", "follow-up", "user-header", "socratic", "usp", "usp-profile"]
    model = ScriptedModel(dict.fromkeys([*steps, "annotate", "likely-type", "paths"], answer))
    try:
        predicted(method, model, DIALOGUE.context(2))
    except (AnswerError, ModelError):
        assert method == "proutt-pipeline"  # its steps want JSON; what it asked before is looked at all the same
    assert model.requests
    sent = "\n".join(message.content for each in model.requests for message in each.messages)
    assert "Lyon" in sent
    assert "CANARY" not in sent


@pytest.mark.parametrize("method", [each for each in METHODS if each != "proutt-pipeline"])
def test_a_long_context_is_cut_to_fit(method):
    """The oldest rounds leave, the newest stays, the prompt fits, and the record says so."""
    turns = tuple(Turn(f"Round {at}: " + "a word or two " * 60, "An answer. " * 60) for at in range(60))
    model = ScriptedModel(dict.fromkeys([method, "usp-profile"], lambda _: completion()))
    prediction = predicted(method, model, Context("c", "en", turns), context_tokens=2048)
    request = model.of_step(method)[0]
    sent = "\n".join(message.content for message in request.messages)
    assert "Round 59" in sent
    assert "Round 0:" not in sent
    assert len(sent) / 3 + request.sampling.max_tokens <= 2048 + 200
    if method != "follow-up":
        assert "context-cut" in prediction.problems


def test_every_problem_that_occurs_is_explained():
    """The slugs of this file's predictions are in the table that the docs show."""
    assert {"too-few", "asked-again", "context-cut", "forged-turn", "cut-off", "double"} <= set(PROBLEMS)


def test_predictors_know_no_files_networks_or_clocks():
    """They are given whom to ask, and their chance; the run and the transport are other modules."""
    folder = Path(prediction.__file__).parent
    outside = {"record", "__init__", "config", "run", "scheduling", "continuing", "asking", "rehearsal"}
    barred = {"aiohttp", "sqlite3", "socket", "time", "subprocess", "pathlib", "os", "shutil", "proutt.runs"}
    names = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("estimate")} - outside
    assert {"pipeline", "simulators", "single_inference", "user_header", "completion"} <= names
    for name in names:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [each for each in found if each in barred or each.startswith("proutt.runs")], name
