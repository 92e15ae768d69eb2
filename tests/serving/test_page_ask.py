"""The page of `proutt serve --tasks` in a real browser: questions, options, what is known, the summary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.scripted import Answer, ScriptedServer
from serving.mining import DONE, KNOWN, OPTIONS, PLAIN, TASK_FILE, Miner
from serving.visiting import Served, Visitor

pytest.importorskip("playwright", reason="playwright is not installed")
from serving.axe import axe_source, violations

FIRST = "A hotel in Suzhou, please."
LOOKS = {
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScriptedServer, str]]:
    """A service with tasks: the endpoint behind it, its address."""
    tasks = tmp_path_factory.mktemp("tasks") / "tasks.yaml"
    tasks.write_text(TASK_FILE, encoding="utf-8")
    with ScriptedServer() as behind:
        served = Served(behind, "--rate", 0, "--tasks", tasks)
        yield behind, served.url
        served.stop()


@pytest.fixture
def miner(asking: tuple[ScriptedServer, str]) -> Miner:
    asking[0].answer = miner = Miner()
    return miner


@pytest.fixture
def url(asking: tuple[ScriptedServer, str]) -> str:
    return asking[1]


def wants(you: Visitor) -> list[str]:
    """The panel, a line for each intention."""
    return [" ".join(each.split()) for each in you.page.locator("#tree .want").all_inner_texts()]


def test_a_task_from_the_first_words_to_its_execution(browser, url, miner):
    """Reply, question, options as buttons in a labelled group, the panel growing; the card, and its button."""
    you = Visitor(browser, url)
    assert you.page.locator("#welcome-tasks li").all_text_contents() == ["Book a hotel", "Find a restaurant"]
    you.say(FIRST, suggestions=3)
    assert you.messages("assistant") == [KNOWN, "Noted. Would three stars, four stars or five stars suit you?"]
    assert you.page.get_by_role("group", name="Options: Stars").get_by_role("button").count() == 3
    assert you.chips == list(OPTIONS["stars"])
    assert you.heard("heard-suggestions").startswith("3 options, keys 1 to 3. 1: three stars; 2: ")
    assert wants(you) == ["City Suzhounew", "Stars asked now", "Budget missing"]
    assert you.page.text_content("#tree-title") == "What you want"
    you.page.locator(".chip").nth(1).click()
    you.page.wait_for_selector("text=100 euros")
    assert you.messages("user") == [FIRST, "four stars"]
    assert wants(you) == ["City Suzhou", "Stars four starsnew", "Budget asked now"]
    you.page.focus("#draft")
    you.press("1")
    assert you.draft == "100 euros"  # in the empty box a key only fills
    you.press("Enter")
    card = you.page.get_by_role("group", name="What you want")
    card.wait_for()
    you.wait("chat", "idle")
    assert card.locator("dd").all_text_contents() == ["Suzhou", "four stars", "100 euros"]
    assert "execute" not in miner.bodies
    you.page.reload()
    you.wait("ready", "true")
    card.get_by_role("button", name="Do it").click()
    you.page.wait_for_selector(f"text={DONE}")
    you.wait("chat", "idle")
    assert card.get_by_role("button").count() == 0
    assert len(miner.bodies["which-task"]) == 1
    assert you.complaints == []
    assert all(each.startswith(url) for each in you.requests)


def test_a_summary_is_put_right_and_only_the_last_is_done(browser, url, miner):
    """What is written instead of the button changes it; the earlier card has no button any more."""
    you = Visitor(browser, url)
    you.say("A hotel in Suzhou, four stars, 100 euros", suggestions=0)
    you.wait("chat", "idle")
    you.say("No, in Hangzhou", suggestions=0)
    you.page.wait_for_function("() => document.querySelectorAll('.card').length === 2")
    you.wait("chat", "idle")
    assert you.page.locator(".card").nth(1).locator("dd").first.text_content() == "Hangzhou"
    assert you.page.get_by_role("button", name="Do it").count() == 1


def test_an_answer_is_stopped_and_asked_for_again(browser, url, miner):
    """Nothing of a half answer is kept, for its question and state never came; then the chat goes on."""
    miner.instead["known"] = Answer(pieces=["Suzhou "], hold=True)
    you = Visitor(browser, url)
    you.page.fill("#draft", FIRST)
    you.press("Enter")
    you.page.wait_for_selector("text=Suzhou >> nth=1")
    you.page.click("#stop")
    you.wait("chat", "idle")
    assert you.messages("assistant") == []
    miner.instead.clear()
    you.page.get_by_role("button", name="Try again").click()
    you.wait("suggestions", "3")
    assert you.messages("assistant")[0] == KNOWN


def test_a_plain_answer_and_a_new_chat(browser, url, miner):
    """A question about no task is answered; a new chat knows nothing of the one before."""
    you = Visitor(browser, url)
    you.say("What is a lake?", suggestions=0)
    you.page.wait_for_selector(f"text={PLAIN}")
    you.say(FIRST, suggestions=3)
    you.page.click("#anew")
    assert (you.chips, wants(you), you.page.locator("#messages .message").count()) == ([], [], 0)
    assert you.page.is_visible("#welcome-asking")


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_axe_finds_no_fault(request, browser, url, miner, looks):
    """With question, options and panel, and with the card; hostile values are text, and nothing is too wide."""
    axe = axe_source(request.config.cache)
    you = Visitor(browser, url, **looks)
    you.say(f"{FIRST} <img src=x onerror=alert(1)> {'W' * 500}", suggestions=3)
    you.page.locator("#tree-box").evaluate("box => { box.open = true; }")
    assert violations(you.page, axe) == []
    assert not you.wider_than_its_window()
    you.say("that is enough", suggestions=0)
    you.page.wait_for_selector(".card")
    you.wait("chat", "idle")
    assert "Left open: Stars, Budget" in str(you.page.text_content(".card"))
    assert violations(you.page, axe) == []
    assert you.page.locator("main img").count() == 0
    assert you.complaints == []
