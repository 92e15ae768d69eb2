"""Replaying on the page: files as `proutt dialogues` reads them, turn by turn, the prediction beside the truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prediction.contexts import SAID
from proutt.dialogue import read_dialogues
from servers.scripted import Answer, ScriptedServer
from serving.visiting import HELLO, SECOND_TREE, Script, Visitor, foreseen

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/data"
LATER = ("Is there one under 100 €?", "I would eat fish.", "Who can mind my dog?", "When does the first train leave?")
SAYS = [HELLO, "A good choice.", "Which hotel there is quiet?", "Saint-Paul is.", "And with breakfast?", "12 € more."]
ROLES = ("user", "assistant")


def messages(texts=SAYS):
    return [{"role": ROLES[index % 2], "content": text} for index, text in enumerate(texts)]


@pytest.fixture
def script(behind: ScriptedServer) -> Script:
    script = Script(says=["unasked"], foresees=[foreseen(), foreseen(LATER, SECOND_TREE)])
    behind.answer = script
    return script


def read(you: Visitor, content: str):
    """What the page's own reader makes of a file; its error as a text."""
    return you.page.evaluate(
        "async content => { const { dialoguesIn } = await import('/dialogues.js');"
        " try { return dialoguesIn(content, 'chats.json'); } catch (error) { return error.message; } }",
        content,
    )


def replayer(browser, url, texts=SAYS, **looks) -> Visitor:
    you = Visitor(browser, url, view="replay", **looks)
    you.upload("chats.json", json.dumps({"id": "trip", "messages": messages(texts)}).encode())
    you.page.wait_for_selector("text=Foresee the next turn")
    return you


def test_a_dialogue_is_replayed_turn_by_turn(browser, url, script):
    """Each step sends the turns before it, and shows the prediction beside what was said, the nearest marked."""
    you = replayer(browser, url)
    shown = you.page.locator("#replayed")
    assert shown.locator(".message .said").all_text_contents() == SAYS[:2]
    you.page.click("text=Foresee the next turn")
    you.wait("replay", "1")
    step = shown.locator(".step")
    assert step.locator("li .said").all_text_contents() == list(SAID)
    assert step.locator(".truth").text_content() == SAYS[2]
    assert step.locator(".best .said").text_content() == SAID[0]
    assert step.locator(".best .mark").text_content() == "● near (89% of the words)"
    assert [SAYS[2] in json.dumps(each["messages"]) for each in script.contexts] == [False]
    assert shown.locator(".message .said").all_text_contents() == [*SAYS[:2], SAYS[3]]
    assert "Near in 1 of 1 turn." in you.page.inner_text("#replay-steps")


def test_to_the_end_and_the_tree_of_any_turn(browser, url, script):
    """All turns in one go; the last has no truth; the panel shows each turn's tree with what was new in it."""
    you = replayer(browser, url)
    you.page.click("text=To the end")
    you.wait("replay", "3")
    truths = you.page.locator(".truth").all_text_contents()
    assert truths == [SAYS[2], SAYS[4], "The dialogue ends here."]
    assert "Near in 1 of 2 turns. That was the last turn." in you.page.inner_text("#replay-steps")
    fresh = you.page.locator("#tree .fresh > .label")
    assert fresh.all_text_contents() == []
    you.page.click("text=Tree after turn 2")
    assert fresh.all_text_contents() == ["quiet", "Month", "May"]
    you.page.click("text=Chat")
    assert "Trip" not in str(you.page.text_content("#tree"))
    assert you.complaints == []


def test_a_failure_leaves_the_replay_where_it_was(browser, url, behind):
    """It is said, and the same turn can be foreseen again."""
    behind.answer = Script(says=["unasked"], foresees=[Answer("no", status=500), foreseen()])
    you = replayer(browser, url)
    you.page.click("text=Foresee the next turn")
    you.page.wait_for_selector("#replay-steps .trouble:has-text('does not answer')")
    assert you.page.locator(".step").count() == 0
    you.page.click("text=Foresee the next turn")
    you.wait("replay", "1")


def test_a_replay_can_be_stopped(browser, url, behind):
    """The call under way is ended; the turn is not counted."""
    behind.answer = Script(says=["unasked"], foresees=[Answer(pieces=["<think>"], hold=True)])
    you = replayer(browser, url)
    you.page.click("text=To the end")
    you.page.wait_for_selector(".step")
    you.page.click("#replay-steps >> text=Stop")
    you.wait("replay", "0")
    assert you.page.locator(".step").count() == 0
    assert behind.left.wait(30)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"Dear diary,\nit rains.", "a.txt is not JSON"),
        ("b.json", b"", "b.json is empty."),
        ("c.json", b'{"weather": "rain"}', 'c.json holds no dialogue: a dialogue is an object with "messages"'),
        ("d.jsonl", b'{"messages": []}\n{"mess', "d.jsonl, line 2, is not JSON"),
        ("e.json", b'[{"role": "wizard", "content": "Hi"}]', 'message 1 is by "wizard", which is no known speaker.'),
        ("f.json", b'{"messages": [{"role": "assistant", "content": "Hi"}]}', "the user says nothing in it."),
        ("g.png", b"\x89PNG\r\n\x1a\n\x00\xff", "g.png is not JSON"),
        ("h.json", b'{"messages": "none"}', "h.json holds no dialogue"),
        ("<b>.json", b"[[[[", "<b>.json is not JSON"),
    ],
)
def test_a_file_that_is_no_dialogue_is_told_plainly(browser, url, script, name, content, said):
    """Which file, and what is wrong with it; the page goes on."""
    you = Visitor(browser, url, view="replay")
    you.upload(name, content)
    you.page.wait_for_selector("#replay-tools .trouble:not(:empty)")
    assert said in you.page.inner_text("#replay-tools .trouble")
    assert you.page.locator("#replay-tools b").count() == 0
    you.upload("good.json", json.dumps(messages()).encode())
    you.page.wait_for_selector("text=Foresee the next turn")


SHARED_BY_NAMES = [{"from": each["role"], "value": each["content"]} for each in messages()]
CROSSWOZ = [{**each, "role": {"user": "usr", "assistant": "sys"}[each["role"]]} for each in messages()]
IN_PARTS = [{**each, "content": [{"type": "text", "text": each["content"]}]} for each in messages()]
SHAPES = {
    "list": messages(),
    "array": [{"messages": messages()}],
    "conversation": {"conversation": messages()},
    "sharegpt": {"conversations": SHARED_BY_NAMES},
    "crosswoz": {"d1": {"messages": CROSSWOZ}},
    "system": {"messages": [{"role": "system", "content": "Be brief."}, *messages()]},
    "parts": {"messages": IN_PARTS},
}
LINES = json.dumps(SHAPES["conversation"]) + "\n" + json.dumps(SHAPES["parts"]) + "\n"


@pytest.mark.parametrize(
    "content",
    [*map(json.dumps, SHAPES.values()), LINES, "\ufeff" + LINES],
    ids=[*SHAPES, "lines", "byte-order-mark"],
)
def test_the_usual_shapes_are_read(browser, url, content):
    """One dialogue of three turns, however it is laid out."""
    you = Visitor(browser, url, view="replay")
    found = read(you, content)["dialogues"][0]
    assert [text for turn in found["turns"] for text in (turn["user"], turn["assistant"])] == SAYS


@pytest.mark.parametrize(
    "name",
    [
        "sharegpt_sample.json",
        "crosswoz_val_sample.json",
        "schemas/lmsys_chat_1m.handmade.jsonl",
        "schemas/wildchat.handmade.jsonl",
    ],
)
def test_real_dialogues_are_read_as_proutt_reads_them(browser, url, name):
    """The browser's reader and `proutt dialogues` find the same turns in the same files."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the real samples are not beside this checkout")
    you = Visitor(browser, url, view="replay")
    found = read(you, path.read_text(encoding="utf-8"))
    assert found["leftOut"] == 0
    mine = {
        each["id"]: (
            [(turn["user"], turn["assistant"]) for turn in each["turns"]],
            *(each["opening"], each["last"], each["system"]),
        )
        for each in found["dialogues"]
    }
    assert mine == {
        each.id: (
            [(turn.user, turn.assistant) for turn in each.turns],
            *(each.opening, each.last_utterance, each.system),
        )
        for each in read_dialogues([str(path)], strict=True)
    }


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("Which hotel is quiet?", "which HOTEL is quiet", 1.0),
        ("Which hotel is quiet?", "Is a train there?", 0.25),
        ("哪家酒店安静？", "哪家酒店便宜？", 0.6),
        ("", "anything", 0.0),
        ("?!", "?!", 0.0),
        ("a a a", "a", 0.5),
        ("Python是什么", "python怎么装", 1 / 3),
    ],
)
def test_the_mark_counts_shared_words(browser, url, one, other, share):
    """Dice's coefficient of words, of pairs of characters where a script has no spaces; the order does not matter."""
    you = Visitor(browser, url, view="replay")
    ask = "async ([one, other]) => (await import('/likeness.js')).likeness(one, other)"
    assert you.page.evaluate(ask, [one, other]) == pytest.approx(share)
    assert you.page.evaluate(ask, [other, one]) == pytest.approx(share)
