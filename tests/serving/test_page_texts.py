"""What texts can do to the page: nothing but be shown, each in the direction of its own script."""

from __future__ import annotations

import re
from importlib.resources import files

from serving.visiting import FIRST_TREE, Script, Visitor, foreseen

MARKUP = (
    '<script>document.title = "HACKED"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">'
    "<a href='javascript:document.title=2'>x</a>\u202e"
)


def test_hostile_text_is_shown_and_does_nothing(browser, url, behind):
    """Markup in messages, chips and tree is text; direction marks show as codes; long words break no layout."""
    long = "W" * 10_000
    tree = FIRST_TREE.replace("Lyon", "<img src=x onerror=alert(1)>")
    evil = ("<img src=x> Which hotel?", "<b>Show</b> me trains.", "I would eat <script>fish</script>.", long)
    behind.answer = Script(says=[MARKUP + long], foresees=[foreseen(evil, tree)])
    you = Visitor(browser, url, viewport={"width": 390, "height": 844})
    you.page.fill("#draft", MARKUP + long)
    you.press("Enter")
    you.page.wait_for_function("() => Number(document.documentElement.dataset.suggestions) >= 1")
    shown = str(you.page.text_content("main"))
    assert shown.count("<script>document.title") == 2
    assert "U+202E" in shown
    assert "<img src=x> Which hotel?" in you.chips
    assert "<img src=x onerror=alert(1)>" in str(you.page.text_content("#tree"))
    assert you.page.title() == "proutt serve"
    assert you.page.locator("main img, main script, main a, main b, aside img").count() == 0
    assert not you.wider_than_its_window()
    assert you.complaints == []
    assert all(url.startswith(you.url) for url in you.requests)


def test_each_text_has_the_direction_of_its_own_script(browser, url, behind):
    """Arabic runs from right to left, Chinese and English do not; a path goes from left to right in every script."""
    said = ("أي فندق هادئ في المدينة؟", "ما مواعيد القطار من جنيف؟", "أين أجد مطعم سمك جيدا؟", "هل يهطل المطر في مايو؟")
    prediction = foreseen(said).replace("Trip → Hotel - quiet", "السفر → الفندق - هادئ")
    behind.answer = Script(says=["ليون جميلة في مايو."], foresees=[prediction])
    you = Visitor(browser, url)
    you.say("أريد زيارة ليون.")
    direction = "node => getComputedStyle(node).direction"
    assert {each.evaluate(direction) for each in you.page.locator("#messages .said, .chip-text").all()} == {"rtl"}
    you.page.locator(".chip").nth(0).hover()
    labels = you.page.locator(".about-line bdi")
    assert labels.all_text_contents() == ["السفر", "الفندق", "هادئ"]
    places = [box["x"] for box in (label.bounding_box() for label in labels.all()) if box is not None]
    assert places == sorted(places)
    you.page.fill("#draft", "我想去里昂。")
    assert you.page.locator("#draft").evaluate(direction) == "ltr"


def test_nothing_of_the_page_comes_from_elsewhere():
    """The page's files name no other address and make no markup of text."""
    folder = files("proutt.serving.page")
    names = [each.name for each in folder.iterdir() if each.name.endswith((".html", ".css", ".js"))]
    assert len(names) > 5
    for name in names:
        text = (folder / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|[\"']//|innerHTML|insertAdjacent|document\.write|eval\(|localStorage", text), (
            name
        )
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=\"", text), name
