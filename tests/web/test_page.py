"""The page in a real browser: two people, a disagreement, a third, agreement; and what hostile text can't do to it."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Iterator
from importlib.resources import files

import pytest

from evaluation.critic.dialogues import run_of
from runs.command import lines
from web.served import serving
from web.suggested import suggested
from web.test_claims import dialogue

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")

ALONE = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 20_000
MARKUP = (
    '<script>document.title = "HACKED"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">'
    "<a href='javascript:document.title=2'>x</a>\u202e"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ALONE))
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator:
    with serving("annotate") as started_with:
        yield started_with


class Annotator:
    """A person at a browser of their own."""

    def __init__(self, browser: Browser, link: str, name: str) -> None:
        self.page: Page = browser.new_context(viewport={"width": 1300, "height": 850}).new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(link)
        self.page.fill("#name", name)
        self.page.keyboard.press("Enter")
        self.wait()

    def wait(self, not_item: str = "") -> None:
        self.page.wait_for_function(
            "old => (document.documentElement.dataset.item ?? '') !== old", arg=not_item, timeout=PATIENCE_MS
        )

    @property
    def item(self) -> str:
        """The item's number, or why there is none."""
        return self.page.evaluate("document.documentElement.dataset.item ?? ''")

    def press(self, key: str) -> None:
        old = self.item
        self.page.keyboard.press(key)
        self.wait(old)

    def key_for(self, system: str) -> str:
        """The key for a system, told by its text, which starts with the system's name (see `suggested`)."""
        first = self.page.inner_text("section.list >> nth=0").split("\n", 1)[1]
        return "1" if first.lstrip("1234567890. \n").startswith(f"{system}ly") else "2"

    def judge(self, choose) -> list[str]:
        """Answer until nothing is left; the items seen."""
        seen = []
        while self.item.isdigit():
            seen.append(self.item)
            self.press(choose(self))
        return seen

    def agreement(self) -> str:
        self.page.keyboard.press("g")
        self.page.wait_for_selector("#agreement[open]")
        return self.page.inner_text("#agreement")


def one(annotator: Annotator) -> str:
    return annotator.key_for("one")


def test_two_people_disagree_and_a_third_decides(tmp_path, browser, serve):
    """By keys alone: two judge six items and differ on two, which a third sees; agreement, κ, wins, verdicts say so."""
    out = tmp_path / "people"
    served = serve(*suggested(tmp_path, 3), "--out", out)
    ann = Annotator(browser, served.link, "Ann")
    seen = ann.judge(lambda who: "0" if who.item == "0" else one(who))
    assert (seen, ann.item) == (["0", "1", "2", "3", "4", "5"], "wait")

    ben = Annotator(browser, served.link, "Ben")
    ben.judge(lambda who: {"0": "0", "2": who.key_for("two"), "4": "0"}.get(who.item) or one(who))
    assert ben.item == "third"
    cy = Annotator(browser, served.link, "Cy")
    assert "0 of 2 answered" in cy.page.inner_text("#progress")
    assert cy.judge(lambda who: who.key_for("two")) == ["2", "4"]
    assert cy.item == "done"

    shown = cy.agreement()
    head, batch, every, gated = (
        [cell.strip() for cell in row.split("\t")] for row in shown.splitlines() if "\t" in row
    )
    assert head[:3] == ["Both done", "agreement", "κ"]
    assert batch[:2] == ["Batch 1 (below the gate)", "0.67"]
    # By hand: 4 of 6 agree; a 5 and 3, tie 1 and 2, b 0 and 1: by chance 17/36; κ = 7/19.
    assert every[:2] == ["All batches", "0.67"]
    assert every[2].startswith("0.37 [")
    assert gated[:3] == ["Gated: agreement ≥ 0.75", "–", "–"]
    assert "system-" not in shown
    results = served.stop()
    assert results["agreement"]["all"]["kappa"] == pytest.approx(7 / 19)
    everyone, address = [ann, ben, cy], served.link.partition("#")[0]
    assert all(each.complaints == [] for each in everyone)
    assert all(url.startswith(address) for each in everyone for url in each.requests)

    verdicts = lines(out / "verdicts.jsonl")
    said = {name: [each["winner"] for each in verdicts if each["rater"] == name] for name in ("Ann", "Ben", "Cy")}
    assert said == {
        "Ann": ["tie", "a", "a", "a", "a", "a"],
        "Ben": ["tie", "a", "b", "a", "tie", "a"],
        "Cy": ["b", "b"],
    }
    assert {(each["a"], each["b"], each["kind"]) for each in verdicts} == {("system-one", "system-two", "person")}
    assert {each["first"] for each in verdicts} == {"a", "b"}
    assert all(each["seconds"] >= 0 for each in verdicts)
    wins = {row["batches"]: row for row in results["wins"]}
    assert (wins["all"]["cases"], wins["all"]["win"]["mean"]) == (6, 0.5)
    assert wins["all"]["loss"]["mean"] == pytest.approx(1 / 3)
    assert wins["gated"]["cases"] == 0


def test_hostile_text_is_shown_and_does_nothing(tmp_path, browser, serve):
    """Markup in truth, suggestions and dialogue is text: no element, no request, no new title; direction marks show."""
    served = serve(*suggested(tmp_path, 1, extra=MARKUP, truth=MARKUP), "--out", tmp_path / "people")
    ann = Annotator(browser, served.link, "<img src=x>")
    text = ann.page.inner_text("main")
    assert text.count("<script>document.title") == 5
    assert "U+202E" in text
    assert ann.page.title() == "proutt annotate"
    assert ann.page.locator("main img, main script, main a, header img").count() == 0
    assert ann.complaints == []
    address = served.link.partition("#")[0]
    assert {url.partition("#")[0].removeprefix(address) for url in ann.requests} == {
        *("", "base.css", "annotate.css", "text.js", "asking.js", "annotate.js", "api/next"),
    }


def test_page_names_no_system_and_no_other_person(tmp_path, browser, serve):
    """What the page is told says neither whose suggestions are whose nor what the others answered."""
    served = serve(*suggested(tmp_path, 1), "--out", tmp_path / "people")
    Annotator(browser, served.link, "Ann").judge(one)
    ben = Annotator(browser, served.link, "Ben")
    with ben.page.expect_response("**/api/answer") as told:
        ben.press("1")
    body = told.value.text()
    assert set(json.loads(body)) == {
        *("item", "language", "opening", "turns", "truth", "answered", "of", "first", "second", "given"),
    }
    assert "system-" not in body
    assert "Ann" not in body


def test_killed_and_resumed_loses_nothing(tmp_path, browser, serve):
    """After SIGKILL the same command goes on where the page was, under the same name; the answers are there."""
    arguments = (*suggested(tmp_path, 3), "--out", tmp_path / "people")
    served = serve(*arguments)
    ann = Annotator(browser, served.link, "Ann")
    for _ in range(3):
        ann.press("1")
    served.stop(signal.SIGKILL)
    ann.page.keyboard.press("2")
    ann.page.wait_for_selector("#problem:not([hidden])")
    assert "Nothing is lost" in ann.page.inner_text("#problem")
    assert ann.item == "3"

    again = serve(*arguments)
    assert again.link.partition("#")[2] == served.link.partition("#")[2]
    ann = Annotator(browser, again.link, "ann")
    assert ann.item == "3"
    ann.judge(lambda _: "0")
    again.stop(signal.SIGTERM)
    verdicts = lines(tmp_path / "people" / "verdicts.jsonl")
    assert [each["winner"] == each["first"] for each in verdicts] == [True] * 3 + [False] * 3
    assert {each["rater"] for each in verdicts} == {"Ann"}


def test_one_can_go_back_and_answer_anew(tmp_path, browser, serve):
    """u shows what was answered before with its answer; the new one counts, and one goes on where one was."""
    served = serve(*suggested(tmp_path, 2), "--out", tmp_path / "people")
    ann = Annotator(browser, served.link, "Ann")
    ann.press("1")
    ann.press("2")
    ann.press("u")
    ann.press("u")
    assert ann.item == "0"
    assert "First is nearer" in ann.page.inner_text("[aria-pressed=true]")
    ann.press("0")
    assert ann.item == "2"
    served.stop()
    verdicts = lines(tmp_path / "people" / "verdicts.jsonl")
    assert sum(each["winner"] == "tie" for each in verdicts) == 1


def test_pointwise_rates_each_suggestion(tmp_path, browser, serve):
    """One suggestion at a time by digits, t for 1.0; scores of two people, and how far they are apart."""
    out = tmp_path / "scores"
    served = serve(*suggested(tmp_path, 1), "--out", out, "--pointwise")
    Annotator(browser, served.link, "Ann").judge(lambda _: "t")
    ben = Annotator(browser, served.link, "Ben")
    ben.judge(lambda _: "7")
    assert "0.30" in ben.agreement()
    served.stop()
    scores = lines(out / "scores.jsonl")
    assert [each["score"] for each in scores] == [1.0] * 8 + [0.7] * 8
    assert {(each["system"], each["rank"]) for each in scores} == {
        (f"system-{name}", rank) for name in ("one", "two") for rank in (1, 2)
    }
    assert {each["metric"] for each in scores} == {"person"}


def test_nothing_of_the_page_comes_from_elsewhere():
    """The page's files name no other address and make no markup of text."""
    folder = files("proutt.web.page")
    for name in ("annotate.html", "base.css", "annotate.css", "asking.js", "annotate.js"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|[\"']//|innerHTML|insertAdjacent|document\.write|eval\(", text)


def test_a_dialogue_is_judged_by_yes_and_no(tmp_path, browser, serve):
    """Of SynPT's evaluations: the dialogue, what the user wants, a question, two keys; hostile text stays text."""
    (tmp_path / "evaluated.jsonl").write_text(dialogue(MARKUP, told=["a"]).model_dump_json() + "\n", encoding="utf-8")
    served = serve(tmp_path, "--out", tmp_path / "people")
    ann = Annotator(browser, served.link, "Ann")
    assert ann.page.inner_text("#choices").replace("\n", " ").split() == ["Yes", "y", "No", "n"]
    assert "(left out) B: <b>" in ann.page.inner_text("#shown")
    assert ann.page.is_hidden("#truth")
    assert len(ann.judge(lambda _: "n")) == 2
    assert ann.page.title() == "proutt annotate"
    assert not ann.complaints
    served.stop()
    assert [row["verdict"] for row in lines(tmp_path / "people" / "claims.jsonl")] == [False, False]


def test_a_response_is_scored_from_one_to_five(tmp_path, browser, serve):
    """Of UPC's runs: the background and what scores mean in view, three aspects by digits; hostile text stays text."""
    run = run_of(tmp_path / "run", 1, chatbot="m", mark=MARKUP)
    served = serve(run, "--limit", "1", "--out", tmp_path / "people")
    ann = Annotator(browser, served.link, "Ann")
    shown = ann.page.inner_text("#shown")
    assert "Person0 lays stone" in shown
    assert "<script>" in shown
    assert "5: it is made for you in particular" in shown
    assert ann.page.inner_text("#choices").split() == ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]
    assert ann.page.is_hidden("#truth")
    ann.page.keyboard.press("t")  # is no score here
    ann.press("4")
    ann.press("u")
    assert ann.page.inner_text("[aria-pressed=true]").split()[0] == "4"
    keys = iter("523")
    assert ann.judge(lambda _: next(keys)) == ["0", "1", "2"]
    assert ann.page.title() == "proutt annotate"
    assert not ann.complaints
    served.stop()
    rated = [(row["aspect"], row["score"]) for row in lines(tmp_path / "people" / "ratings.jsonl")]
    assert rated == [("relevance", 5), ("value", 2), ("interest", 3)]
