"""The page of `proutt serve` in a real browser, before the real command: chat, suggestions, tree, keys, feedback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from prediction.contexts import SAID
from runs.command import lines
from servers.scripted import Answer, ScriptedServer
from serving.visiting import HELLO, SECOND_TREE, Script, Served, Visitor, foreseen

SECOND = ("Is there one under 100 €?", "Show me trains from Geneva.", "I would eat fish.", "Who can mind my dog?")
SAYS = ("Lyon is lovely in May.", "Hotel Saint-Paul is quiet.")


@pytest.fixture
def script(behind: ScriptedServer) -> Script:
    """Two answers and two predictions; the tree grows between them."""
    script = Script(says=SAYS, foresees=[foreseen(), foreseen(SECOND, SECOND_TREE)])
    behind.answer = script
    return script


@pytest.fixture
def serve(behind: ScriptedServer) -> Iterator[Any]:
    """A service with options of its own."""
    served: list[Served] = []

    def started(*options: object, **variables: str) -> str:
        served.append(Served(behind, *options, **variables))
        return served[-1].url

    yield started
    for each in served:
        each.stop()


def test_a_chat_is_answered_and_goes_on_by_a_chip(browser, url, script):
    """A message, its answer, four buttons in a labelled group, read out politely; one of them fills the box."""
    you = Visitor(browser, url)
    you.say(HELLO)
    assert (you.messages("user"), you.messages("assistant")) == ([HELLO], [SAYS[0]])
    group = you.page.get_by_role("group", name="Suggested next messages")
    assert group.get_by_role("button").count() == 4
    assert you.chips == list(SAID)
    assert you.heard("heard-suggestions").startswith(f"4 suggestions, keys 1 to 4. 1: {SAID[0]}; 2: ")
    assert you.heard("heard-answer") == f"Assistant: {SAYS[0]}"
    group.get_by_role("button").nth(0).click()
    assert (you.draft, you.focused) == (SAID[0], "draft")
    assert you.chips == list(SAID)  # still there: another one may be taken
    you.press("Enter")
    you.wait("suggestions", "4")
    assert you.messages("user") == [HELLO, SAID[0]]
    assert [each["role"] for each in script.chats[1]["messages"]] == ["user", "assistant", "user"]
    assert you.complaints == []


def test_keys_pick_by_number(browser, url, script):
    """1–4 fill the empty box; among words they are digits; Escape takes a suggestion out; the switch turns keys off."""
    you = Visitor(browser, url)
    you.say(HELLO)
    you.press("3")
    assert you.draft == SAID[2]
    you.press("1")
    assert you.draft == f"{SAID[2]}1"
    you.press("Escape")
    assert you.draft == ""
    you.page.focus("#anew")
    you.press("4")
    assert (you.draft, you.focused) == (SAID[3], "draft")
    you.page.fill("#draft", "")
    you.page.uncheck("#digits")
    you.page.focus("#draft")
    you.press("2")
    assert you.draft == "2"


def test_keyboard_alone_is_enough(browser, url, script):
    """Write, send, walk back to the chips and press one, without a pointer; the focus is seen."""
    you = Visitor(browser, url)
    you.page.keyboard.type(HELLO)
    you.press("Enter")
    you.wait("suggestions", "4")
    you.press("Shift+Tab")
    assert you.focused.endswith(SAID[3])
    style = you.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"
    you.press("Enter")
    assert you.draft == SAID[3]


def test_a_suggestion_is_sent_at_once_where_that_is_switched_on(browser, url, script):
    """The message goes and has the focus; in the empty box a digit still only fills, for it may begin a sentence."""
    you = Visitor(browser, url)
    you.page.check("#sends")
    you.say(HELLO)
    you.page.focus("#draft")
    you.press("1")
    assert you.draft == SAID[0]
    you.press("Escape")
    you.page.locator(".chip").nth(0).click()
    you.page.wait_for_selector(".message.user >> nth=1")
    assert you.messages("user") == [HELLO, SAID[0]]
    assert you.focused.endswith(SAID[0])
    you.wait("suggestions", "4")
    assert you.chips[0] == SECOND[0]


def test_each_chip_says_where_it_comes_from(browser, url, script):
    """Perspective, type and path: as its description, in a line when it has the focus, and lit up in the tree."""
    you = Visitor(browser, url)
    you.say(HELLO)
    chip = you.page.locator(".chip").nth(2)
    about = "exploration · interrogative · Food → Dinner → fish"
    described = chip.get_attribute("aria-describedby")
    assert you.page.locator(f"#{described}").text_content() == about
    chip.focus()
    assert you.page.locator(".about-line").text_content() == about
    lit = you.page.locator("#tree .lit > .label")
    assert lit.all_text_contents() == ["Food", "Dinner", "fish"]
    you.page.locator(".chip").nth(0).hover()
    assert lit.all_text_contents() == ["Trip", "Hotel", "quiet"]
    you.page.focus("#draft")
    you.page.mouse.move(0, 0)
    assert lit.count() == 0


def test_the_tree_grows_and_marks_what_is_new(browser, url, script):
    """After the second turn only what that turn brought is new; what nobody has said yet is drawn as proposed."""
    you = Visitor(browser, url)
    you.say(HELLO)
    fresh = you.page.locator("#tree .fresh > .label")
    assert fresh.all_text_contents() == ["Trip", "City", "Lyon", "Hotel"]
    you.say("Which hotel is quiet, in May?")
    assert fresh.all_text_contents() == ["quiet", "Month", "May"]
    proposed = you.page.locator("#tree .proposed > .label").all_text_contents()
    assert proposed == ["Train", "Food", "Dinner", "fish", "Dog", "Sitter"]
    assert "Intent tree: 2 new" in you.heard("heard-suggestions")


def test_a_reload_keeps_chat_and_chips(browser, url, script):
    """Within the tab; no model is asked again, and nothing is stored but in sessionStorage."""
    you = Visitor(browser, url)
    you.say(HELLO)
    asked = len(script.chats) + len(script.contexts)
    you.page.reload()
    you.wait("suggestions", "4")
    assert (you.messages("user"), you.chips) == ([HELLO], list(SAID))
    assert you.page.locator("#tree .fresh").count() == 4
    assert len(script.chats) + len(script.contexts) == asked
    assert you.page.evaluate("() => [localStorage.length, document.cookie, sessionStorage.length]") == [0, "", 1]
    you.page.click("#anew")
    you.page.reload()
    you.wait("ready", "true")
    assert you.messages("user") == []


def test_chips_never_block_the_chat(browser, url, behind):
    """While suggestions are still being made one writes on, and their call is ended."""
    cut = foreseen().index(SAID[2])
    held = Answer(pieces=[foreseen()[:cut]], hold=True)
    behind.answer = Script(says=SAYS, foresees=[held, foreseen(SECOND)])
    you = Visitor(browser, url)
    you.page.fill("#draft", HELLO)
    you.press("Enter")
    you.page.wait_for_selector(".chip >> nth=1")
    assert you.chips == list(SAID[:2])
    you.say("Which hotel is quiet?")
    assert behind.left.wait(30)
    assert you.chips == list(SECOND)
    assert len(you.messages("assistant")) == 2


def test_an_empty_list_says_why(browser, url, behind):
    """One quiet line, also for who listens, and the chat goes on."""
    behind.answer = Script(says=SAYS, foresees=["I'm sorry, but I can't help with that.", foreseen(SECOND)])
    you = Visitor(browser, url)
    you.say(HELLO, suggestions=0)
    why = "No suggestions: the model declined to propose any."
    assert you.page.locator(".quiet-line").text_content() == why
    assert you.heard("heard-suggestions") == why
    assert you.page.locator(".chip").count() == 0
    you.say("Which hotel is quiet?")
    assert you.chips == list(SECOND)


def test_suggestions_that_failed_can_be_asked_for_again(browser, url, behind):
    """The chat stands, the reason is told, and one button asks once more."""
    behind.answer = Script(says=SAYS, foresees=[Answer("no", status=500), foreseen()])
    you = Visitor(browser, url)
    you.page.fill("#draft", HELLO)
    you.press("Enter")
    you.wait("suggestions", "failed")
    assert str(you.page.text_content(".quiet-line")).startswith("No suggestions: The model's server does not answer")
    you.page.click("text=Ask again")
    you.wait("suggestions", "4")
    assert you.messages("assistant") == [SAYS[0]]


def test_an_assistant_that_fails_is_asked_again(browser, url, behind):
    """The failure is said, the message stays, and a button tries again."""
    behind.answer = Script(says=[Answer("no", status=500), SAYS[0]], foresees=[foreseen()])
    you = Visitor(browser, url)
    you.page.fill("#draft", HELLO)
    you.press("Enter")
    you.page.wait_for_selector("#trouble:has-text('does not answer')")
    assert you.messages("user") == [HELLO]
    you.page.click("text=Try again")
    you.wait("suggestions", "4")
    assert you.messages("assistant") == [SAYS[0]]


def test_stop_keeps_what_was_said(browser, url, behind):
    """An answer that is stopped stays as far as it came, and the assistant's call is ended."""
    behind.answer = Script(says=[Answer(pieces=["Lyon is "], hold=True)], foresees=[foreseen()])
    you = Visitor(browser, url)
    you.page.fill("#draft", HELLO)
    you.press("Enter")
    you.page.wait_for_selector(".message.assistant:has-text('Lyon is')")
    you.page.click("#stop")
    you.wait("suggestions", "4")
    assert you.messages("assistant") == ["Lyon is"]
    assert "Stopped here." in you.page.inner_text(".message.assistant")
    assert behind.left.wait(30)


def test_a_chat_too_large_for_the_service_goes_on_without_its_oldest_rounds(browser, serve, script):
    """The page leaves out what the service would refuse."""
    you = Visitor(browser, serve("--max-body", 4096))
    you.say(HELLO + " x" * 1500)
    you.say("Which hotel is quiet?" + " y" * 1000)
    assert "x x" not in json.dumps(script.chats[1]["messages"])
    assert you.messages("assistant") == list(SAYS)


@pytest.mark.parametrize("key", ["1", ""], ids=["taken", "own-words"])
def test_feedback_is_told_where_the_service_keeps_it(tmp_path, browser, serve, script, key):
    """The page says that it is kept; the file has what was shown, taken and sent."""
    kept = tmp_path / "feedback.jsonl"
    you = Visitor(browser, serve("--feedback", kept))
    assert "keeps" in you.page.inner_text("#feedback-note")
    you.say(HELLO)
    if key:
        you.press(key)
    with you.page.expect_response("**/v1/feedback") as told:
        you.say(f"{you.draft} Please!")
    assert told.value.ok
    (line,) = lines(kept)
    assert line["shown"] == [0, 1, 2, 3]
    assert (line["taken"], line["sent"]) == ((0, f"{SAID[0]} Please!") if key else (None, " Please!"))


def test_nothing_is_told_where_feedback_is_off(browser, url, script):
    """No note, no request."""
    you = Visitor(browser, url)
    you.say(HELLO)
    you.press("1")
    you.say(you.draft)
    assert not you.page.is_visible("#feedback-note")
    assert not any("feedback" in url for url in you.requests)


def test_a_service_with_keys_asks_for_one(browser, serve, script):
    """A wrong key is told; the right one opens the page and outlives a reload."""
    url = serve("--client-key-env", "PAGE_KEY", PAGE_KEY="open-sesame")
    you = Visitor(browser, url, ready=False)
    you.page.fill("#key", "guess")
    you.press("Enter")
    you.page.wait_for_selector("#problem:has-text('does not know this key')")
    you.page.fill("#key", "open-sesame")
    you.press("Enter")
    you.wait("ready", "true")
    you.say(HELLO)
    you.page.reload()
    you.wait("suggestions", "4")
    assert not you.page.is_visible("#problem")
