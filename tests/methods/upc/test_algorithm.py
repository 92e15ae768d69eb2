"""Algorithm 1, every branch, with scripted models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.upc.script import ANSWERS, PERSONA_ZH, REPLIES, Script, dialogue_of, scored, verdict
from proutt.errors import ItemFailed, ModelError
from proutt.methods.upc.algorithm import best_of
from proutt.methods.upc.record import AttemptRecord


async def test_a_dialogue_goes_in_the_papers_order():
    """Greeting and introduction, which nobody scores; then response, scores and the user's reply, T turns in all."""
    script = Script()
    made = await dialogue_of(script)
    assert script.names == ["greet", "introduce", *["respond", "criticise", "reply"] * 4]
    assert (made.greeting, made.introduction) == ("Good to meet you! Who are you?", "I'm Quillon, I live in the hills.")
    assert [turn.response for turn in made.turns] == list(REPLIES[:4])
    assert [turn.user for turn in made.turns] == list(ANSWERS[:4])
    assert {turn.ended for turn in made.turns} == {"passed"}
    assert all(turn.regenerations == 0 and turn.attempts[0].advice is None for turn in made.turns)


async def test_every_step_sees_what_was_said_before_it():
    """The chatbot as chat messages, the critic and the user with the response apart."""
    script = Script()
    await dialogue_of(script, turns=3)
    first, second = script.of_step("respond")
    assert first.heard.utterances == ("Good to meet you! Who are you?", "I'm Quillon, I live in the hills.")
    assert second.heard.utterances == (*first.heard.utterances, REPLIES[0], ANSWERS[0])
    assert [message.role for message in second.messages()] == ["system", "user", *["assistant", "user"] * 2]
    judged, replied = script.of_step("criticise")[1], script.of_step("reply")[1]
    assert judged.heard == second.heard
    assert judged.response == REPLIES[1]
    assert replied.heard == second.heard.then(REPLIES[1])


@pytest.mark.parametrize(
    ("scores", "tries", "kept", "ended"),
    [
        ([(4, 4, 4)], 1, 0, "passed"),
        ([(5, 5, 3), (4, 4, 4)], 2, 0, "passed"),  # 13 against 12: the first is said, though the second passed
        ([(3, 3, 3), (4, 4, 4)], 2, 1, "passed"),
        ([(3, 3, 3), (3, 4, 4), (2, 2, 2), (1, 1, 1)], 4, 1, "most-regenerations"),
        ([(3, 3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)], 4, 0, "most-regenerations"),
        ([(3, 4, 4), (1, 5, 5), (3, 3, 3), (4, 4, 3)], 4, 0, "most-regenerations"),  # of equals the earlier
        ([(3, 3, 3), (2, 2, 2), (5, 5, 5)], 3, 2, "passed"),
    ],
)
async def test_a_response_is_written_again_until_all_scores_are_high_enough(scores, tries, kept, ended):
    """Or R times; the best-scored attempt is said, and none below the first."""
    made = await dialogue_of(Script(scores=scores), turns=2)
    (turn,) = made.turns
    assert (len(turn.attempts), turn.kept, turn.ended) == (tries, kept, ended)
    assert [attempt.utterance for attempt in turn.attempts] == list(REPLIES[:tries])
    assert [attempt.scores.numbers for attempt in turn.attempts] == scores[:tries]
    assert turn.scores.total >= turn.first_scores.total
    assert turn.response == REPLIES[kept]


async def test_what_is_said_on_goes_from_the_kept_response():
    """The user hears it, and so does the chatbot in the next turn."""
    script = Script(scores=[(4, 4, 3), (1, 1, 1), (4, 4, 4)])
    await dialogue_of(script, turns=3, regenerations=1)
    assert script.of_step("reply")[0].heard.utterances[-1] == REPLIES[0]
    assert REPLIES[1] not in script.of_step("respond")[1].heard.utterances


@pytest.mark.parametrize(("regenerations", "tries"), [(0, 1), (1, 2), (5, 6)])
async def test_there_are_at_most_r_regenerations(regenerations, tries):
    """R of them, not R + 1 as the pseudocode has it by the letter."""
    made = await dialogue_of(Script(scores=[(1, 1, 1)]), turns=2, regenerations=regenerations)
    assert len(made.turns[0].attempts) == tries


async def test_the_threshold_is_a_setting():
    """Here scores of 3 pass."""
    made = await dialogue_of(Script(scores=[(3, 3, 3)]), turns=2, threshold=3)
    assert made.turns[0].ended == "passed"


async def test_a_regeneration_has_scores_and_advice_of_the_attempt_before():
    """And the chatbot's own draft."""
    script = Script(scores=[(2, 3, 4), (3, 3, 3), (4, 4, 4)])
    made = await dialogue_of(script, turns=2)
    told = [step.feedback for step in script.of_step("regenerate")]
    assert [(each.draft, each.scores) for each in told] == [(REPLIES[0], (2, 3, 4)), (REPLIES[1], (3, 3, 3))]
    assert [attempt.advice for attempt in made.turns[0].attempts] == ["Be more concrete.", "Be more concrete.", None]
    (prompt, _) = [each for each in script.prompts("assistant-agent") if "reviewer" in each]
    assert "given 2 for relevance" in prompt
    assert "> Be more concrete." in prompt
    assert f"> {REPLIES[0]}" in prompt


async def test_the_unguided_strategy_has_no_critic():
    """First responses alone, without scores."""
    script = Script()
    made = await dialogue_of(script, strategy="unguided")
    assert "criticise" not in script.names
    assert {turn.ended for turn in made.turns} == {"unguided"}
    assert all(turn.scores is None and turn.kept == 0 for turn in made.turns)


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ("Sorry, I was too general before. What else?", "apologises"),
        ("Quillon, that sounds quiet. What else?", "name"),
        ("Hi Quillon! That sounds quiet.", "name"),
        ("Lovely. Who are you?", "you have asked"),
    ],
)
async def test_apologies_name_first_openings_and_repeated_questions_are_asked_again(draft, reason):
    """By rules; what was rejected is recorded, and counts as no regeneration."""
    drafts = iter([draft, "A quiet place, then. What grows there?"])
    script = Script(respond=lambda _: next(drafts))
    # "Who are you?" is too short a question to be repeated; a longer greeting makes it one.
    script._answers["greet"] = lambda _: "Good to meet you! Tell me now, who are you?"
    if "asked" in reason:
        drafts = iter(["Lovely. Tell me now, who are you?", "A quiet place, then. What grows there?"])
    made = await dialogue_of(script, turns=2)
    (turn,) = made.turns
    assert turn.regenerations == 0
    ((rejected,)) = turn.rejected
    assert rejected.attempt == 0
    assert reason in rejected.reason
    assert turn.response == "A quiet place, then. What grows there?"
    assert len(script.of_step("criticise")) == 1
    assert reason in script.prompts("assistant-agent")[-1]


async def test_a_first_response_that_never_passes_the_rules_fails_the_dialogue():
    """With the step and the model's words."""
    script = Script(respond=lambda _: "I apologise.")
    with pytest.raises(ItemFailed) as failed:
        await dialogue_of(script)
    assert (failed.value.reason, failed.value.stage, failed.value.raw) == ("unusable", "respond", "I apologise.")


async def test_a_regeneration_that_never_passes_the_rules_leaves_what_was_had():
    """The best of the attempts so far is said; the rejected ones are recorded."""
    script = Script(scores=[(3, 3, 3)], regenerate=lambda _: "I apologise.")
    made = await dialogue_of(script, turns=2)
    (turn,) = made.turns
    assert (turn.ended, turn.response, len(turn.attempts)) == ("no-usable-regeneration", REPLIES[0], 1)
    assert [each.attempt for each in turn.rejected] == [1, 1, 1]


async def test_a_critic_that_does_not_score_fails_the_dialogue():
    """An unreadable verdict is no score."""
    with pytest.raises(ItemFailed) as failed:
        await dialogue_of(Script(criticise=lambda _: "Quite good."))
    assert failed.value.stage == "criticise"


@pytest.mark.parametrize("fatal", [True, False])
async def test_a_model_that_is_gone(fatal):
    """A fatal failure ends the run, another one the dialogue."""
    error = ModelError("gone", kind="connect", fatal=fatal)
    with pytest.raises(ModelError if fatal else ItemFailed):
        await dialogue_of(Script(reply=lambda _: error))


async def test_a_score_out_of_range_is_asked_again():
    """Scores are 1 to 5."""
    answers = iter([verdict((6, 4, 4)), verdict((4, 4, 4))])
    script = Script(criticise=lambda _: next(answers))
    made = await dialogue_of(script, turns=2)
    assert made.turns[0].scores.numbers == (4, 4, 4)


async def test_each_role_is_drawn_at_its_temperature():
    """As the settings say."""
    script = Script(scores=[(3, 3, 3), (4, 4, 4)])
    await dialogue_of(script, turns=2, temperature_chatbot=0.6, temperature_user=0.5, temperature_critic=0.1)
    found = {(each.role, each.sampling.temperature) for each in script.model.requests}
    assert found == {("assistant-agent", 0.6), ("user-agent", 0.5), ("critic", 0.1)}


async def test_the_chatbot_is_asked_for_plain_words():
    """No schema: it speaks as it will when it is trained. The others answer in JSON."""
    script = Script()
    await dialogue_of(script, turns=2)
    assert {each.role: each.schema is None for each in script.model.requests} == {
        "assistant-agent": True,
        "user-agent": False,
        "critic": False,
    }


async def test_small_questions_make_the_same_dialogue():
    """One score a call, advice only where one is too low."""
    lows = iter([True, False])

    def rated(step):
        low = step.aspect == "value" and next(lows)
        return {"reason": "It is what he would like to hear now.", "score": 3 if low else 4}

    script = Script(
        criticise=rated,
        advise=lambda _: {"advice": "Add one fact about the hills before you ask."},
        introduce=lambda _: {"utterance": "I am Quillon, I live in the hills."},
    )
    made = await dialogue_of(script, turns=2, small_steps=True)
    (turn,) = made.turns
    assert script.names.count("criticise") == 6
    assert script.names.count("advise") == 1
    assert [each.scores.numbers for each in turn.attempts] == [(4, 3, 4), (4, 4, 4)]
    assert turn.attempts[0].advice == "Add one fact about the hills before you ask."
    assert script.of_step("advise")[0].lacks == ("value",)
    assert turn.kept == 1


async def test_a_chinese_persona_is_talked_to_in_chinese():
    """Prompts, checks and all."""
    replies = iter(["对不起，我换个说法。", "山里安静，声音会传很远。夜里您听得最多的是什么？"])
    script = Script(
        greet=lambda _: "你好！请介绍一下自己吧。",
        introduce=lambda _: {"utterance": "我叫欧阳铁柱，住在山里。"},
        respond=lambda _: next(replies),
        criticise=lambda _: {
            **{name: {"reason": "说到了我在意的事。", "score": 4} for name in ("relevance", "value", "interest")},
            "advice": "",
        },
        reply=lambda _: {"utterance": "听风。"},
    )
    made = await dialogue_of(script, PERSONA_ZH, turns=2)
    assert "道歉" in made.turns[0].rejected[0].reason
    assert made.turns[0].user == "听风。"


def test_the_best_attempt_of_none_that_are_scored_is_the_first():
    """As the unguided strategy leaves it."""
    assert best_of([AttemptRecord(utterance="a")]) == 0


@given(st.lists(st.tuples(*(st.integers(1, 5) for _ in range(3))), min_size=1, max_size=6))
def test_the_best_attempt_has_the_highest_sum_and_no_earlier_one_has_it(numbers):
    """So it never scores below the first."""
    best = best_of([AttemptRecord(utterance="a", scores=scored(*each)) for each in numbers])
    totals = [sum(each) for each in numbers]
    assert totals[best] == max(totals) >= totals[0]
    assert max(totals) not in totals[:best]
