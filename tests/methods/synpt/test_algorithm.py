"""SynPT for one seed, call by call, with agents that follow a script."""

from __future__ import annotations

import asyncio

import pytest

from methods.synpt import script
from methods.synpt.script import SEED, SEED_ZH, Script, dialogue_of
from proutt.errors import ItemFailed, ModelError
from proutt.intent.task import Seed
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.inquiry import draw_inquiry
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.synpt.simulated import record_of
from proutt.methods.synpt.summary import read_summary


def make(scripted: Script, of: Seed = SEED, **settings):
    return asyncio.run(dialogue_of(scripted, of, **settings))


def drawing(*told: str) -> dict[str, int]:
    """A run seed under which the initial inquiry of SEED names exactly these."""
    return {"seed": next(number for number in range(10000) if draw_inquiry(SEED, number) == told)}


@pytest.mark.parametrize("seed", [SEED, SEED_ZH], ids=["en", "zh"])
@pytest.mark.parametrize("flaky", [False, True])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"reflection": True},
        {"ablate": ("memory-stack",)},
        {"ablate": ("probability-control",)},
        {"ablate": ("probability-control", "memory-stack")},
        {"method": "dual-agent"},
        {"method": "single-agent"},
    ],
    ids=str,
)
def test_every_variant_makes_a_valid_dialogue_that_sums_up_what_the_seed_says(seed, flaky, settings):
    """In both languages, also where every first answer is none; and its record is read again as it was written."""
    found = make(Script(flaky=flaky), seed, **settings)
    assert (found.end, found.flags, found.attempts) == ("nothing-missing", (), 1)
    assert found.turns[-1].assistant.summary == dict(seed.values)
    assert read_summary(found.turns[-1].assistant.reply, seed.task) == dict(seed.values)
    usage = UsageRecord(calls=1, prompt_tokens=2, completion_tokens=3)
    record = record_of(found, models={"user-agent": "scripted"}, usage=usage, usage_by_module={"feel": usage})
    assert SynPTDialogue.model_validate_json(record.model_dump_json()) == record
    assert (record.seed_id, record.values, record.complete) == (seed.id, dict(seed.values), True)


def test_a_turn_is_thinking_beside_feeling_then_the_answer_then_the_user():
    """Three questions of the assistant and one of the user a turn; the summary takes none."""
    scripted = Script()
    found = make(scripted, **drawing("city"))
    turn = ["think", "feel", "answer", "reply"]
    assert scripted.names == ["inquire", *turn, *turn, "think", "feel"]
    assert [each.assistant.ask for each in found.turns] == ["cuisine", "price", None]
    assert [each.user.told for each in found.turns] == [["city"], ["cuisine"], ["price"]]
    assert scripted.steps[0][1] == "lyon/1/1/inquire"
    assert scripted.steps[-1][1] == "lyon/1/3/feel"


def test_thinking_and_feeling_do_not_wait_for_each_other():
    """Both are asked before either is answered."""
    begun = {"think": asyncio.Event(), "feel": asyncio.Event()}

    class Slow(Script):
        async def __call__(self, step, place):
            if step.name in begun:
                begun[step.name].set()
                await asyncio.gather(*(each.wait() for each in begun.values()))
            return await super().__call__(step, place)

    async def bounded():
        return await asyncio.wait_for(dialogue_of(Slow()), 5)

    assert asyncio.run(bounded()).end == "nothing-missing"


def test_an_inquiry_that_says_all_is_summed_up_at_once():
    """Nothing is missing, so nothing is asked."""
    scripted = Script()
    found = make(scripted, **drawing("city", "cuisine", "price"))
    assert scripted.names == ["inquire", "think", "feel"]
    assert len(found.turns) == 1
    assert found.inquiry == ("city", "cuisine", "price")


def test_an_inquiry_may_say_nothing():
    """Then all is asked for, one by one."""
    found = make(Script(), **drawing())
    assert found.inquiry == ()
    assert [each.assistant.ask for each in found.turns] == ["city", "cuisine", "price", None]


def test_the_stack_is_what_thinking_sees_of_the_past():
    """Equation (14): S_{i-1}, T_{i-1} and the last exchange, and nothing of the turns before."""
    scripted = Script()
    make(scripted, **drawing())
    last = scripted.of_step("think")[-1]
    assert last.before.values == {"city": "Lyon", "cuisine": "Thai curry"}
    assert last.asked == "price"
    prompt = last.messages()[-1].content
    assert "Budget" in prompt
    assert "find me a restaurant" not in prompt


def test_without_the_stack_thinking_sees_the_whole_dialogue():
    """Equation (12), the ablation memory-stack."""
    scripted = Script()
    make(scripted, ablate=("memory-stack",), **drawing())
    prompt = scripted.of_step("think-over")[-1].messages()[-1].content
    assert "find me a restaurant" in prompt
    assert not scripted.of_step("think")


def test_without_probability_control_the_inquiry_sees_all():
    """Equation (5): the user tells what it likes, and nothing is drawn."""
    scripted = Script()
    found = make(scripted, ablate=("probability-control",))
    assert found.inquiry is None
    assert found.turns[0].user.told is None
    assert dict(scripted.of_step("inquire")[0].told) == dict(SEED.values)


def test_a_user_who_is_fed_up_gets_the_summary_of_what_is_known():
    """A reluctant user says so, the assistant notices, and the dialogue ends there."""
    found = make(Script(tired_after=1), reluctant=1.0, **drawing("city"))
    assert (found.end, found.reluctant, found.flags) == ("reluctant", True, ())
    assert found.turns[-1].user.unwilling
    assert found.turns[-1].assistant.summary == {"city": "Lyon", "cuisine": "Thai curry"}
    assert found.turns[-1].assistant.state.missing == ["price"]


def test_the_assistants_feeling_ends_a_dialogue_not_the_users():
    """Where they disagree the assistant decides, as in the paper, and the dialogue is flagged."""
    deaf = make(
        Script(tired_after=1, feel=lambda _: {"reasoning": "Calm.", "willing": True}), reluctant=1.0, **drawing("city")
    )
    assert (deaf.end, deaf.flags) == ("nothing-missing", ("emotion-disagrees",))
    timid = make(Script(feel=lambda _: {"reasoning": "Angry.", "willing": False}), **drawing("city"))
    assert (timid.end, len(timid.turns), timid.flags) == ("reluctant", 1, ("emotion-disagrees",))


def test_only_a_reluctant_user_is_told_of_tiring():
    """The others have no such field and no such words."""
    patient, tired = Script(), Script()
    make(patient, **drawing("city"))
    make(tired, reluctant=1.0, **drawing("city"))
    assert "unwilling" not in patient.of_step("reply")[0].answer_model().model_fields
    assert "tired" not in patient.of_step("reply")[0].instruction()
    assert "unwilling" in tired.of_step("reply")[0].answer_model().model_fields
    assert "tired" in tired.of_step("reply")[0].instruction()


def test_a_dialogue_is_cut_off_at_the_tasks_most_turns_and_kept():
    """An assistant that hears nothing asks on; the user is not asked for an answer that nobody would read."""
    scripted = Script(think=lambda step: {"given": [], "ask": "city"})
    found = make(scripted, **drawing("city"))
    assert (found.end, len(found.turns)) == ("most-turns", 4)
    assert found.turns[-1].assistant.ask == "city"
    assert set(found.flags) == {"asked-twice", "state-disagrees", "incomplete"}
    assert scripted.names[-1] == "answer"


def test_a_reflection_puts_a_thinking_right():
    """VI-F: the state that stands is the one looked at again, and it is said whether it changed."""

    def forgetful(step):
        return {"given": [], "ask": "city"} if step.before is None else script.think(step)

    def mending(step):
        return {"reasoning": "The city was said.", **script.think_over(step)}

    scripted = Script(think=forgetful, reflect=mending)
    found = make(scripted, reflection=True, **drawing("city"))
    assert [each.assistant.reflection.changed for each in found.turns] == [True, False, False]
    assert found.turns[0].assistant.state.given == {"city": "Lyon"}
    assert found.turns[0].assistant.ask == "cuisine"


def test_an_answer_that_never_can_be_used_fails_the_seed_with_its_step():
    """A value that nobody said is asked for again, three times in all; then the seed has failed."""
    made_up = {"given": [{"intention": "city", "value": "Rome"}], "ask": "cuisine"}
    scripted = Script(think=lambda _: made_up)
    with pytest.raises(ItemFailed) as failed:
        make(scripted)
    assert (failed.value.stage, failed.value.reason) == ("think", "unusable")
    assert len(scripted.model.of_step("think")) == 3
    assert "Rome" in scripted.model.of_step("think")[-1].messages[-1].content


def test_a_model_that_cannot_be_called_ends_the_run_one_failed_call_the_seed():
    """A fatal error is not one seed's matter."""
    with pytest.raises(ModelError):
        make(Script(feel=lambda _: ModelError("no key", kind="auth", fatal=True)))
    with pytest.raises(ItemFailed) as failed:
        make(Script(feel=lambda _: ModelError("too slow", kind="timeout", fatal=False)))
    assert (failed.value.stage, failed.value.reason) == ("feel", "timeout")


class Unlucky(Script):
    """An assistant that mishears the user's mood in the first attempts."""

    def __init__(self, bad: int, **answers) -> None:
        self.bad = bad
        super().__init__(feel=self.moody, **answers)

    def moody(self, step):
        attempt = int(self.steps[-1][1].split("/")[1])
        return {"reasoning": "Angry.", "willing": False} if attempt <= self.bad else script.feel(step)


def test_a_flagged_dialogue_is_made_again_where_only_valid_ones_are_wanted():
    """By other places, so by other draws, up to the bound; the attempts are counted."""
    scripted = Unlucky(bad=1)
    found = make(scripted, require_valid=True)
    assert (found.flags, found.attempts) == ((), 2)
    assert {place.split("/")[1] for _, place in scripted.steps} == {"1", "2"}


def test_without_that_wish_a_flagged_dialogue_is_kept():
    """Its flags are there to be read."""
    found = make(Unlucky(bad=1))
    assert (found.flags, found.attempts) == (("emotion-disagrees",), 1)


def test_of_flagged_dialogues_the_one_with_the_fewest_flags_is_kept():
    """The first attempt has two flags, the others one."""

    def shy(step):
        told = script.inquire(step)
        return {"utterance": told["utterance"]}

    scripted = Unlucky(bad=9, inquire=shy)
    found = make(scripted, require_valid=True, valid_tries=2)
    assert (found.flags, found.attempts) == (("emotion-disagrees",), 2)


def test_an_attempt_that_fails_is_one_of_the_tries():
    """Another follows; only where all fail has the seed failed."""

    def failing(step):
        return "no" if scripted.steps[-1][1].startswith("lyon/1/") else script.inquire(step)

    scripted = Script(inquire=failing)
    assert make(scripted, require_valid=True).attempts == 2
    scripted = Script(inquire=lambda _: "no")
    with pytest.raises(ItemFailed):
        make(scripted, require_valid=True, valid_tries=2)
    assert len(scripted.model.requests) == 6
