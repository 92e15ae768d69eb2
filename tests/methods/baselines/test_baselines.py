"""The baselines over one scripted dialogue: who is told the truth, what is chosen, rejected and skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest

from methods.script import LYON
from proutt.errors import ItemFailed
from proutt.intent import Candidate
from proutt.judge import LLMJudge
from proutt.llm import Request, ScriptedModel, ask
from proutt.methods.baselines import BASELINES, METHODS, record_of, synthesize_turn
from proutt.methods.proutt import Settings
from proutt.methods.proutt.pair import Skipped
from proutt.methods.record import PreferencePair, UsageRecord
from proutt.prompts import PredictingStep, Step
from proutt.prompts.baselines import Foresee, ForeseeOne, InformedStep, Profile

STEPS = ("foresee", "write-knowing", "refine", "profile", "judge")
WISHES = (
    "How much luggage may I take on board?",
    "Tell me what the weather is like in May.",
    "I would love to see the old cathedral.",
    "Make me a budget for three days.",
    "Do people there speak English?",
    "Find somebody who waters my plants.",
)
K = 1
TRUTH = LYON.next_utterance(K)


SMALL = pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])


class Script:
    """Answers every question; the n-th set of predictions speaks of the n-th word, which is judged by that word."""

    def __init__(self, scores: Sequence[float]) -> None:
        self.scores, self.drawn = dict(enumerate(scores)), 0

    def __call__(self, request: Request) -> str:
        properties = request.schema["properties"]
        if "verdicts" in properties:
            return self._verdicts(request, properties["verdicts"]["minItems"])
        if "profile" in properties:
            return json.dumps({"profile": "You are a traveller who plans a trip to Lyon and asks short questions."})
        if "predictions" not in properties:
            return self._one(request.messages[-1].content)
        at = self._new()
        size = properties["predictions"]["minItems"]
        return json.dumps({"predictions": [prediction(wish, at) for wish in WISHES[:size]]})

    def _one(self, asked: str) -> str:
        """The next wish of the draw whose predictions the question names; where it names none, of a new draw."""
        named = asked.rpartition("\nNot: ")[2]
        before = [wish for wish in WISHES if wish[:-1] in named]
        at = int(re.search(r"choice(\d+)x", named)[1]) if before and "Wrong forecast:" not in named else self._new()
        return json.dumps(prediction(WISHES[len(before)] if "Wrong forecast:" not in named else WISHES[0], at))

    def _verdicts(self, request: Request, size: int) -> str:
        """The score of the latest draw in it for the first prediction, 0 for the others."""
        text = request.messages[-1].content.split("Compare each")[-1]
        best = next(score for at, score in reversed(self.scores.items()) if f"choice{at}x" in text)
        return json.dumps({"verdicts": [{"reason": "r", "score": best if at == 0 else 0.0} for at in range(size)]})

    def _new(self) -> int:
        at, self.drawn = self.drawn, self.drawn + 1
        return at


def prediction(wish: str, at: int) -> dict[str, str]:
    """A wish in the words of the n-th draw, with a reasoning that any of the questions takes."""
    return {
        "reasoning": f"The user has the trip in mind, so this may well be what comes next, {wish[:-1]}.",
        "utterance": f"{wish[:-1]} choice{at}x{wish[-1]}",
    }


async def made(
    method: str, scores: Sequence[float] = (), *, answer: Callable[[Request], str] | None = None, **settings
):
    """(record, outcome, steps asked) of K = 1 of the dialogue to Lyon."""
    script = Script(scores)
    model, asked = ScriptedModel(dict.fromkeys(STEPS, answer or script)), []

    async def put(step: Step, place: str):
        asked.append((step, place))
        return await ask(
            model,
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(1),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
        )

    chosen = Settings(**settings)
    turn, outcome = await synthesize_turn(
        BASELINES[method], LYON, K, settings=chosen, ask=put, judge=LLMJudge(put, 4000), budget=4000
    )
    usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
    record = record_of(method, turn, outcome, models={}, judge="llm", source="", usage=usage)
    return record, outcome, asked


def said(candidates: Sequence[Candidate]) -> str:
    return " ".join(each.utterance for each in candidates)


@SMALL
async def test_magpie_takes_the_best_and_the_worst_draw(small_steps):
    """Of five draws the one that the judge likes best is chosen, the one it likes least rejected."""
    record, outcome, asked = await made("magpie", [0.4, 0.9, 0.1, 0.6, 0.5], small_steps=small_steps)
    assert "choice1x" in said(outcome.chosen)
    assert "choice2x" in said(outcome.rejected)
    assert (record.j_max, record.branch, record.verified) == (0.9, "high", True)
    assert len({place for step, place in asked if step.name == "foresee"}) == (20 if small_steps else 5)


@SMALL
async def test_magpie_makes_no_pair_of_equals(small_steps):
    """Where all draws are as good, none is better than another."""
    with pytest.raises(Skipped, match="no-contrast"):
        await made("magpie", [0.5] * 5, small_steps=small_steps)


@SMALL
async def test_spar_refines_until_the_judge_is_content(small_steps):
    """The failing prediction is rejected as it was; the first refinement that meets the truth is chosen."""
    record, outcome, asked = await made("spar", [0.2, 0.5, 0.9], small_steps=small_steps)
    assert "choice0x" in said(outcome.rejected)
    assert "choice2x" in said(outcome.chosen)
    assert (outcome.tries, record.verified, record.chosen_edit.edit) == (2, True, "revise")
    played = ["foresee"] * (4 if small_steps else 1)
    assert [step.name for step, _ in asked] == [*played, "judge", "refine", "judge", "refine", "judge"]


@SMALL
async def test_spar_marks_what_no_refinement_mends(small_steps):
    """After the bound of tries the best of them stands, marked, so that exports leave it out."""
    record, outcome, _ = await made("spar", [0.2, 0.6, 0.5, 0.1], verify_tries=3, small_steps=small_steps)
    assert "choice1x" in said(outcome.chosen)
    assert record.verified is False
    assert record.verification.problems == ["chosen-below-tau-high"]


@SMALL
async def test_spar_has_nothing_to_refine_where_nothing_failed(small_steps):
    """A prediction that meets the truth by itself is no failing response."""
    with pytest.raises(Skipped, match="nothing-to-refine"):
        await made("spar", [0.8], small_steps=small_steps)


@SMALL
async def test_baize_writes_one_informed_example(small_steps):
    """Written knowing the truth throughout; there is no rejected side, whatever the judge says."""
    record, outcome, asked = await made("baize", [0.1], small_steps=small_steps)
    assert [step.name for step, _ in asked] == [*["write-knowing"] * (4 if small_steps else 1), "judge"]
    assert outcome.chosen == outcome.predicted
    assert outcome.rejected == ()
    assert record.verified is None


async def test_socratic_asks_nobody():
    """The user's real next utterance is the target, without any call."""
    record, _, asked = await made("socratic")
    assert asked == []
    assert [each.utterance for each in record.chosen.candidates] == [TRUTH]


async def test_usp_adds_a_profile():
    """One call for who the user is."""
    record, _, asked = await made("usp")
    assert [step.name for step, _ in asked] == ["profile"]
    assert record.profile.startswith("You are a traveller")


#: The steps of each method that are told the truth, apart from the judge.
TOLD = {"magpie": set(), "baize": {"write-knowing"}, "spar": {"refine"}, "socratic": set(), "usp": set()}


@SMALL
@pytest.mark.parametrize("method", BASELINES)
async def test_the_truth_reaches_only_steps_that_say_so(method, small_steps):
    """On the wire and by type: a step that is told the truth is an `InformedStep`, and every other one lacks it."""
    _, _, asked = await made(method, [0.2, 0.9, 0.5, 0.5, 0.5], small_steps=small_steps)
    told = set()
    for step, _ in asked:
        if step.name == "judge":
            continue
        if TRUTH in step.messages()[-1].content:
            told.add(step.name)
            assert isinstance(step, InformedStep)
        else:
            assert isinstance(step, PredictingStep)
    assert told == TOLD[method]
    assert (BASELINES[method].sees_truth in {"writes", "refines"}) is bool(told)


def test_a_predicting_step_refuses_the_truth():
    """Handed a dialogue instead of its context, it refuses at run time."""
    with pytest.raises(TypeError, match="may only see a Context"):
        Foresee(budget=100, context=LYON, count=4)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="may only see a Context"):
        ForeseeOne(budget=100, context=LYON)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="may only see a Context"):
        Profile(budget=100, context=LYON)  # type: ignore[arg-type]


@SMALL
@pytest.mark.parametrize("method", BASELINES)
async def test_the_record_is_every_methods_record(method, small_steps):
    """It goes through JSON and back, named by its method; what the method lacks is null."""
    record, _, _ = await made(method, [0.2, 0.9, 0.5, 0.5, 0.5], small_steps=small_steps)
    again = PreferencePair.model_validate_json(record.model_dump_json())
    assert again == record
    assert (record.method, record.tree, record.truth.perspective, record.truth.paths) == (method, None, None, [])
    assert bool(record.rejected.candidates) is BASELINES[method].preference


@SMALL
async def test_q_gives_the_number_of_predictions(small_steps):
    """As many as ProUtt's: 2Q."""
    record, _, _ = await made("baize", [0.1], q=3, small_steps=small_steps)
    assert len(record.chosen.candidates) == 6


@SMALL
async def test_an_answer_that_cannot_be_used_fails_the_turn(small_steps):
    """With the step and the model's last text."""
    with pytest.raises(ItemFailed) as failure:
        await made("baize", answer=lambda _: "no idea", small_steps=small_steps)
    assert failure.value.stage == "write-knowing"
    assert failure.value.raw == "no idea"


async def test_a_small_refinement_changes_the_nearest_prediction_alone():
    """The other predictions stay word by word: the sides differ in what was mended."""
    _, outcome, _ = await made("spar", [0.2, 0.9], small_steps=True)
    same = [one == other for one, other in zip(outcome.chosen, outcome.rejected, strict=True)]
    assert same == [False, True, True, True]


async def test_a_small_question_without_a_usable_answer_has_another_in_its_place():
    """A model that repeats itself once costs a question, not the turn."""
    script, calls = Script([0.1]), 0

    def answer(request: Request) -> str:
        nonlocal calls
        calls += 1
        # the second question and its further tries get the first one's answer
        return json.dumps(prediction(WISHES[0], 0)) if 2 <= calls <= 1 + ForeseeOne.tries else script(request)

    record, _, asked = await made("baize", answer=answer, small_steps=True)
    assert [place[-1] for step, place in asked if step.name == "write-knowing"] == ["1", "2", "3", "4", "5"]
    assert len(record.chosen.candidates) == 4


def test_methods_are_named():
    """ProUtt first, then what it is compared with."""
    assert METHODS == ("proutt", "magpie", "baize", "spar", "socratic", "usp")
