"""Who can use the page: axe finds no fault in light, dark and at a phone's width; nothing is wider than the window."""

from __future__ import annotations

import json

import pytest

from prediction.contexts import SAID
from servers.scripted import ScriptedServer
from serving.visiting import HELLO, SECOND_TREE, Script, Visitor, foreseen

pytest.importorskip("playwright", reason="playwright is not installed")
from serving.axe import axe_source, violations

LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "zoomed": {"viewport": {"width": 320, "height": 256}},
}


@pytest.fixture
def axe(request) -> str:
    return axe_source(request.config.cache)


@pytest.fixture(autouse=True)
def script(behind: ScriptedServer) -> None:
    behind.answer = Script(says=["Lyon is lovely in May."], foresees=[foreseen(tree=SECOND_TREE)])


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_chat(browser, url, axe, looks):
    """Empty, and with an answer, chips and tree, one chip in focus."""
    you = Visitor(browser, url, **looks)
    assert violations(you.page, axe) == []
    you.say(HELLO)
    you.page.locator("#tree-box").evaluate("box => { box.open = true; }")
    you.page.locator(".chip").nth(2).focus()
    assert violations(you.page, axe) == []
    assert not you.wider_than_its_window()
    assert you.complaints == []


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_replay(browser, url, axe, looks):
    """A turn that was foreseen, with its marks; and a file that could not be read."""
    you = Visitor(browser, url, view="replay", **looks)
    you.upload("bad.json", b"{")
    you.page.wait_for_selector("#replay-tools .trouble:not(:empty)")
    assert violations(you.page, axe) == []
    said = (HELLO, "A good choice.", SAID[0], "Saint-Paul is.")
    talk = [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said)]
    you.upload("chats.json", json.dumps(talk).encode())
    you.page.click("text=Foresee the next turn")
    you.wait("replay", "1")
    assert violations(you.page, axe) == []
    assert not you.wider_than_its_window()


def test_axe_sees_faults(browser, url, axe):
    """A chip without its words and a text too pale are found, so that finding nothing means something."""
    you = Visitor(browser, url)
    you.say(HELLO)
    you.page.evaluate(
        "() => { document.querySelector('.chip').replaceChildren();"
        " document.querySelector('.message.user .said').style.color = '#cfe0ee'; }"
    )
    assert {rule for rule, _ in violations(you.page, axe)} >= {"button-name", "color-contrast"}


def test_a_phone_shows_where_each_chip_comes_from(browser, url):
    """Where nothing hovers, perspective, type and path stand under each chip; the tree opens by a tap."""
    you = Visitor(browser, url, **LOOKS["phone"])
    you.say(HELLO)
    about = you.page.locator(".about").first
    assert about.text_content() == "exploitation · interrogative · Trip → Hotel → quiet"
    box = about.bounding_box()
    assert box is not None
    assert box["height"] > 10
    assert not you.page.is_visible("#tree .badge >> nth=0")
    you.page.click("#tree-title")
    assert you.page.is_visible("#tree .badge >> nth=0")


def test_nothing_moves_for_those_who_want_no_motion(browser, url):
    """No rule of the page animates under prefers-reduced-motion."""
    you = Visitor(browser, url, reduced_motion="reduce")
    you.say(HELLO)
    you.page.locator("#next .quiet-line").evaluate(
        "line => { const dot = document.createElement('span'); dot.className = 'dots'; line.append(dot); }"
    )
    assert you.page.evaluate("() => document.getAnimations().length") == 0
    assert you.page.locator(".dots").evaluate("dot => getComputedStyle(dot).animationName") == "none"
