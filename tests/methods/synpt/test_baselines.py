"""What SynPT is compared with: fewer modules, the same record."""

from __future__ import annotations

import asyncio

from methods.synpt import script
from methods.synpt.script import SEED, Script, dialogue_of


def make(scripted: Script, **settings):
    return asyncio.run(dialogue_of(scripted, **settings))


def test_one_agent_writes_the_whole_dialogue_in_one_call():
    """With all values in sight; what it did not think is null."""
    scripted = Script()
    found = make(scripted, method="single-agent")
    assert scripted.names == ["whole-dialogue"]
    prompt = scripted.steps[0][0].messages()[-1].content
    assert all(value in prompt for value in SEED.values.values())
    for turn in found.turns:
        assert (turn.assistant.state, turn.assistant.emotion, turn.assistant.options) == (None, None, None)
        assert (turn.user.told, turn.user.reasoning) == (None, None)
    assert [turn.assistant.ask for turn in found.turns] == ["city", "cuisine", "price", None]
    assert found.inquiry is None


def test_the_one_agents_dialogue_is_held_to_the_seed_too():
    """Its summary is what it wrote, and a wrong one is flagged."""

    def careless(step):
        written = script.whole_dialogue(step)
        return written | {"summary": [{"intention": "city", "value": "Paris"}]}

    found = make(Script(whole_dialogue=careless), method="single-agent")
    assert found.turns[-1].assistant.summary == {"city": "Paris"}
    assert found.flags == ("summary-disagrees",)


def test_two_agents_take_two_calls_a_turn():
    """The user sees all values, the assistant the whole dialogue; no emotion, no options thinking, nobody tires."""
    scripted = Script()
    found = make(scripted, method="dual-agent", reluctant=1.0)
    assert scripted.names == ["inquire", "dual-answer", "reply", "dual-answer", "reply", "dual-answer"]
    assert not found.reluctant
    assert dict(scripted.of_step("reply")[0].told) == dict(SEED.values)
    assert "Please find me" in scripted.of_step("dual-answer")[-1].messages()[-1].content
    for turn in found.turns:
        assert turn.assistant.state is not None
        assert (turn.assistant.emotion, turn.assistant.options, turn.user.told) == (None, None, None)


def test_two_agents_are_cut_off_at_the_most_turns():
    """The dialogue is kept and marked."""

    def deaf(step):
        options, text = script.offered(step, "city")
        return {"given": [], "ask": "city", "options": options, "reply": text}

    found = make(Script(dual_answer=deaf), method="dual-agent")
    assert (found.end, len(found.turns)) == ("most-turns", 4)
    assert "incomplete" in found.flags
