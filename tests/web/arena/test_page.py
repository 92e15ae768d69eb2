"""The arena in a real browser: two chats, a verdict, export, results; and what hostile text can't do to the page."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest

from runs.command import lines, proutt
from servers.scripted import refusal
from web.served import serving
from web.test_page import MARKUP, PATIENCE_MS, pytestmark  # noqa: F401

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, Response

from serving.axe import axe_source, violations
from web.test_page import browser  # noqa: F401

MODELS = {"a": "planted-alpha", "b": "planted-beta"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def serve(endpoint) -> Iterator:
    first, second = ((f"--{side}", name, f"--{side}-base-url", endpoint.url) for side, name in MODELS.items())
    with serving("arena", *first, *second, "--participants", 4, "--reply-after", 0) as started_with:
        yield started_with


class Participant:
    """A person at a browser of their own. looks: options of Playwright's browser context."""

    def __init__(self, browser: Browser, link: str, **looks) -> None:  # noqa: F811
        self.page: Page = browser.new_context(**{"viewport": {"width": 1300, "height": 850}, **looks}).new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.responses: list[Response] = []
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", self.got)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(link)
        self.wait("part")

    def got(self, response: Response) -> None:
        self.responses.append(response)

    def wait(self, name: str, value: str | None = None) -> None:
        """Until the page says so of itself."""
        told = (
            "([name, value]) => { const at = document.documentElement.dataset[name]; return value ? at === value : at }"
        )
        self.page.wait_for_function(told, arg=[name, value])

    def begin(self) -> None:
        self.page.keyboard.press("Tab")
        self.page.click("#begin")
        for bot in (1, 2):
            self.wait(f"chat{bot}", "1")

    def say(self, bot: int, words: str, *, already: int) -> None:
        self.page.fill(f"#draft-{bot - 1}", words)
        self.page.press(f"#draft-{bot - 1}", "Enter")
        self.wait(f"chat{bot}", str(already + 2))

    def chat(self) -> None:
        """Three turns with each."""
        for turn in range(3):
            for bot in (1, 2):
                self.say(bot, f"Turn {turn} with {bot}", already=1 + 2 * turn)

    def judge(self, **preferred: str) -> None:
        self.page.click("#compare-button")
        for aspect, value in preferred.items():
            self.page.check(f"input[name={aspect}][value={value}]")
        self.page.fill("textarea[name=words]", "It asked about bees.")
        self.page.click("#compare .main")
        self.wait("part", "done")


def test_from_two_chats_to_results(tmp_path, browser, endpoint, serve):  # noqa: F811
    """Two people chat with both and compare; one never finishes. Chats, verdicts and shares are by model; the browsers
    learn neither name."""
    endpoint.answer = lambda body: "beta speaks" if body["model"] == "planted-beta" else "alpha speaks"
    out = tmp_path / "people"
    served = serve("--out", out)
    everyone = [Participant(browser, link) for link in served.links[:3]]
    for who in everyone:
        who.begin()
    everyone[2].say(1, "I have no time.", already=1)
    for who in everyone[:2]:
        assert who.page.is_hidden("#compare-button")
        who.chat()
        # By what it says, a test knows which is which; people are to like alpha for all but its interest.
        alpha = "first" if "alpha" in who.page.inner_text("#messages-0") else "second"
        who.judge(relevance=alpha, interest="same", value=alpha, overall=alpha)
    assert [who.complaints for who in everyone] == [[], [], []]
    received = [each.text() for who in everyone for each in who.responses]
    assert len(received) > 40
    assert not any("planted" in text or endpoint.url in text for text in received)
    own = served.links[0].partition("#")[0]
    assert all(url.startswith(own) for who in everyone for url in who.asked)
    served.stop()

    done = proutt("arena", "results", out, "--figures", "png", "--figures", "svg")
    assert done.returncode == 0, done.stderr
    assert "2 of 4 participants count; left out: 1 never-chatted, 1 too-few-turns." in done.stdout
    assert "relevance  100% / 0% / 0%" in done.stdout
    assert "interest   0% / 100% / 0%" in done.stdout
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert (found["position"]["a_first"], found["position"]["aspects"][-1]["first"]["mean"]) == (1, 0.5)
    assert (out / "figure-4.png").read_bytes().startswith(b"\x89PNG")
    assert proutt("arena", "export", out).returncode == 0
    chats, verdicts = lines(out / "conversations.jsonl"), lines(out / "verdicts.jsonl")
    assert {chat["messages"][0]["content"] for chat in chats if chat["system"] == "planted-alpha"} == {"alpha speaks"}
    assert [chat["turns"] for chat in chats] == [3, 3, 3, 3, 1]
    assert [(each["overall"], each["interest"]) for each in verdicts] == [("planted-alpha", "same")] * 2
    assert {each["words"] for each in verdicts} == {"It asked about bees."}
    assert proutt("dialogues", out / "conversations.jsonl").returncode == 0


def test_killed_and_gone_on_with(tmp_path, browser, endpoint, serve):  # noqa: F811
    """After SIGKILL the page says so, and the same link goes on where it was; a failed reply is asked for again."""
    served = serve("--out", tmp_path)
    ann = Participant(browser, served.links[0])
    ann.begin()
    ann.say(1, "I keep bees.", already=1)
    served.stop(signal.SIGKILL)
    ann.page.fill("#draft-0", "Are you there?")
    ann.page.press("#draft-0", "Enter")
    ann.page.wait_for_selector("#state-0.bad")
    assert "Nothing is lost" in ann.page.inner_text("#state-0")
    assert ann.page.input_value("#draft-0") == "Are you there?"

    again = serve("--out", tmp_path)
    assert [link.partition("#")[2] for link in again.links] == [link.partition("#")[2] for link in served.links]
    ann = Participant(browser, again.links[0])
    assert "I keep bees." in ann.page.inner_text("#messages-0")
    endpoint.answer = lambda _: refusal("no", status=500)
    ann.page.fill("#draft-0", "Are you there?")
    ann.page.click("#send-0")
    ann.page.wait_for_selector("#state-0 button")
    endpoint.answer = lambda _: "I am."
    ann.page.click("#state-0 button")
    ann.wait("chat1", "5")
    assert ann.page.inner_text("#messages-0").endswith("I am.")


def faults(who: Participant, axe: str) -> list[object]:
    """What axe finds in light and in dark, and whether anything is wider than the window."""
    found: list[object] = []
    for scheme in ("dark", "light"):
        who.page.emulate_media(color_scheme=scheme)
        found += violations(who.page, axe)
    wider = who.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, *(["wider than the window"] if wider else [])]


@pytest.mark.parametrize(
    ("looks", "language", "title", "name"),
    [({}, "en", "Two chatbots", "Bot 1"), (PHONE, "zh", "两个聊天机器人", "机器人1")],
    ids=["wide", "phone"],
)
def test_anybody_can_use_it_and_text_does_nothing(
    tmp_path, browser, endpoint, serve, request, looks, language, title, name  # noqa: F811
):  # fmt: skip
    """axe finds no fault in any part of the page, in either language; markup of bots and people is text."""
    axe = axe_source(request.config.cache)
    endpoint.answer = lambda _: MARKUP + "x" * 300
    who = Participant(browser, serve("--out", tmp_path, "--language", language).links[0], **looks)
    assert faults(who, axe) == []
    who.begin()
    assert (who.page.inner_text("#bot-0"), who.page.get_attribute("html", "lang")) == (name, language)
    for turn in range(3):
        who.say(1, MARKUP, already=1 + 2 * turn)
    if looks is PHONE:
        assert who.page.is_hidden("#draft-1")
        who.page.click("#which button >> nth=1")
        assert who.page.is_hidden("#draft-0")
    for turn in range(3):
        who.say(2, MARKUP, already=1 + 2 * turn)
    assert faults(who, axe) == []
    assert who.page.locator("main img, main script, main a").count() == 0
    assert "U+202E" in who.page.text_content("#messages-1")
    assert who.page.title() == title
    who.page.click("#compare-button")
    assert faults(who, axe) == []
    assert who.complaints == []
