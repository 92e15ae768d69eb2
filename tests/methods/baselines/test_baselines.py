"""The baselines over one scripted dialogue: who is told the truth, what is chosen, rejected and skipped."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from methods.script import LYON
from proutt.errors import ItemFailed
from proutt.intent import Candidate
from proutt.judge import LLMJudge
from proutt.llm import Request, ScriptedModel, ask
from proutt.methods.baselines import BASELINES, METHODS, record_of, synthesize_turn
from proutt.methods.proutt import Settings
from proutt.methods.proutt.algorithm import Skipped
from proutt.methods.record import PreferencePair, UsageRecord
from proutt.prompts import PredictingStep, Step
from proutt.prompts.baselines import Foresee, InformedStep, Profile

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


class Script:
    """Answers every question; the n-th set of predictions speaks of the n-th word, which is judged by that word."""

    def __init__(self, scores: Sequence[float]) -> None:
        self.scores, self.drawn = dict(enumerate(scores)), 0

    def __call__(self, request: Request) -> str:
        properties = request.schema["properties"]
        if "verdicts" in properties:
            text = request.messages[-1].content
            best = next(score for at, score in self.scores.items() if f"choice{at}x" in text.split("Compare each")[-1])
            size = properties["verdicts"]["minItems"]
            return json.dumps({"verdicts": [{"reason": "r", "score": best if at == 0 else 0.0} for at in range(size)]})
        if "profile" in properties:
            return json.dumps({"profile": "You are a traveller who plans a trip to Lyon and asks short questions."})
        at, self.drawn = self.drawn, self.drawn + 1
        size = properties["predictions"]["minItems"]
        return json.dumps(
            {
                "predictions": [
                    {
                        "reasoning": f"The trip makes the user think of this soon: {wish}",
                        "utterance": f"{wish} (choice{at}x)",
                    }
                    for wish in WISHES[:size]
                ]
            }
        )


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


async def test_magpie_takes_the_best_and_the_worst_draw():
    """Of five draws the one that the judge likes best is chosen, the one it likes least rejected."""
    record, outcome, asked = await made("magpie", [0.4, 0.9, 0.1, 0.6, 0.5])
    assert "choice1x" in said(outcome.chosen)
    assert "choice2x" in said(outcome.rejected)
    assert (record.j_max, record.branch, record.verified) == (0.9, "high", True)
    assert len({place for step, place in asked if isinstance(step, Foresee)}) == 5


async def test_magpie_makes_no_pair_of_equals():
    """Where all draws are as good, none is better than another."""
    with pytest.raises(Skipped, match="no-contrast"):
        await made("magpie", [0.5] * 5)


async def test_spar_refines_until_the_judge_is_content():
    """The failing prediction is rejected as it was; the first refinement that meets the truth is chosen."""
    record, outcome, asked = await made("spar", [0.2, 0.5, 0.9])
    assert "choice0x" in said(outcome.rejected)
    assert "choice2x" in said(outcome.chosen)
    assert (outcome.tries, record.verified, record.chosen_edit.edit) == (2, True, "revise")
    assert [step.name for step, _ in asked] == ["foresee", "judge", "refine", "judge", "refine", "judge"]


async def test_spar_marks_what_no_refinement_mends():
    """After the bound of tries the best of them stands, marked, so that exports leave it out."""
    record, outcome, _ = await made("spar", [0.2, 0.6, 0.5, 0.1], verify_tries=3)
    assert "choice1x" in said(outcome.chosen)
    assert record.verified is False
    assert record.verification.problems == ["chosen-below-tau-high"]


async def test_spar_has_nothing_to_refine_where_nothing_failed():
    """A prediction that meets the truth by itself is no failing response."""
    with pytest.raises(Skipped, match="nothing-to-refine"):
        await made("spar", [0.8])


async def test_baize_writes_one_informed_example():
    """One writing call, told the truth; there is no rejected side, whatever the judge says."""
    record, outcome, asked = await made("baize", [0.1])
    assert [step.name for step, _ in asked] == ["write-knowing", "judge"]
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


@pytest.mark.parametrize("method", BASELINES)
async def test_the_truth_reaches_only_steps_that_say_so(method):
    """On the wire and by type: a step that is told the truth is an `InformedStep`, and every other one lacks it."""
    _, _, asked = await made(method, [0.2, 0.9, 0.5, 0.5, 0.5])
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
        Profile(budget=100, context=LYON)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", BASELINES)
async def test_the_record_is_every_methods_record(method):
    """It goes through JSON and back, named by its method; what the method lacks is null."""
    record, _, _ = await made(method, [0.2, 0.9, 0.5, 0.5, 0.5])
    again = PreferencePair.model_validate_json(record.model_dump_json())
    assert again == record
    assert (record.method, record.tree, record.truth.perspective, record.truth.paths) == (method, None, None, [])
    assert bool(record.rejected.candidates) is BASELINES[method].preference


async def test_q_gives_the_number_of_predictions():
    """As many as ProUtt's: 2Q."""
    record, _, _ = await made("baize", [0.1], q=3)
    assert len(record.chosen.candidates) == 6


async def test_an_answer_that_cannot_be_used_fails_the_turn():
    """With the step and the model's last text."""
    with pytest.raises(ItemFailed) as failure:
        await made("baize", answer=lambda _: "no idea")
    assert failure.value.stage == "write-knowing"
    assert failure.value.raw == "no idea"


def test_methods_are_named():
    """ProUtt first, then what it is compared with."""
    assert METHODS == ("proutt", "magpie", "baize", "spar", "socratic", "usp")
