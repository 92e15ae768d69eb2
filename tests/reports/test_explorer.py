"""The explorer in a real browser: what a person does with it, and what hostile text can not do to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from proutt.export.reading import Message, TextPair
from proutt.methods.record import ContextRecord, LeafRecord, PreferencePair, TurnRecord
from proutt.reports import Facts, write_report
from proutt.reports.pair_data import Flag
from records import HOSTILE, a_baseline_pair, a_hostile_pair, a_pair

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")

ALONE = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 20_000
MARKUP = '<script>document.title = "HACKED"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ALONE))
        yield browser
        browser.close()


class Visit:
    """A page and what it did on its own account: requests, errors, words to the console."""

    def __init__(self, browser: Browser, file: Path, hash: str = "", **options) -> None:
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | options)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.address = file.as_uri()
        self.page.goto(self.address + hash)
        self.page.wait_for_selector("html[data-ready=true]")

    def shown(self) -> str:
        """The id of the pair that is shown."""
        return self.page.inner_text(".pair h1")

    def wait_for(self, pair: str) -> None:
        self.page.wait_for_function("id => document.querySelector('.pair h1')?.textContent === id", arg=pair)

    def found(self, text: str) -> None:
        self.page.wait_for_function("text => document.getElementById('found').textContent === text", arg=text)


@pytest.fixture
def visit(browser):
    """Open a file; at the end, nothing was asked of a network and nothing was complained of."""
    visits: list[Visit] = []

    def opened(file: Path, hash: str = "", **options) -> Visit:
        visits.append(Visit(browser, file, hash, **options))
        return visits[-1]

    yield opened
    for each in visits:
        each.page.context.close()
        assert {url.partition("#")[0] for url in each.requests} == {each.address}
        assert each.complaints == []


def dialogue(number: int, language: str) -> Iterator:
    """Two pairs of one dialogue, as a run has them."""
    for k in (1, 2):
        turns = [TurnRecord(user=f"ask {number} {at}", assistant=f"answer {number} {at}") for at in range(1, k + 1)]
        tree = {"Travel": {f"A{at}": LeafRecord(value=f"v{at}", turn=at) for at in range(1, k + 1)}}
        branch = ("low", "middle", "high")[number % 3]
        id = "odd/id#1 & +ü%" if number == 7 else f"d{number}"
        context = ContextRecord(turns=turns)
        yield a_pair(dialogue_id=id, k=k, language=language, branch=branch, context=context, tree=tree)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """Twenty dialogues, two pairs each; every second one Chinese; one flagged."""
    path = tmp_path_factory.mktemp("explorer") / "report.html"
    pairs = [pair for number in range(20) for pair in dialogue(number, "zh" if number % 2 else "en")]
    flag = Flag("low-contrast", "error", "row", "the sides read the same", MARKUP)
    summary = {
        "complete": True,
        "dialogues": 20,
        "skipped_records": {},
        "turns": {"in": 45, "paired": 40, "skipped": 3, "failed": 2, "undecided": 0},
        "skipped": {"no-new-path": 3},
        "failed": {"not-json": 2},
        "models": {"judge": MARKUP},
        "calls": None,
        "cost": 0.5,
        "currency": "USD",
        "seconds": 1.0,
    }
    failure = {"dialogue_id": "x", "k": 1, "reason": "not-json", "stage": "paths", "message": "m", "raw": MARKUP}
    facts = Facts(
        name="my run",
        source="pairs.jsonl",
        summary=summary,
        failures={"count": 2, "shown": [failure]},
        flags=lambda name: [flag] if name == "d3:1" else [],
    )
    write_report(pairs, path, facts)
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """Markup and control characters in every place that a dialogue or a model fills."""
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    quoted = json.dumps(MARKUP)[1:-1]
    pair = PreferencePair.model_validate_json(a_hostile_pair().model_dump_json().replace("[bold]x[/bold]", quoted))
    texts = TextPair(MARKUP, MARKUP, (Message(MARKUP, HOSTILE + MARKUP),), MARKUP, HOSTILE)
    write_report([pair, texts], path, Facts(name=MARKUP, source=MARKUP))
    return path


def test_the_overview_says_what_the_run_made(report, visit):
    """Counts, Table II, charts with titles and their numbers, failures, cost, and that there was no audit."""
    page = visit(report).page
    text = page.inner_text("#overview")
    for part in ("45 turns to predict: 40 paired, 3 skipped, 2 failed", "0.5000 USD", "No audit yet", "no new path"):
        assert part in text
    rows = [row.split("\t")[:2] for row in page.inner_text("table >> nth=2").splitlines()[1:]]
    assert page.locator("svg[role=group] > title").all_text_contents() == ["Branches", "J_max in tenths"]
    assert rows == [["en", "20"], ["zh", "20"], ["all", "40"]]


def test_a_bar_leads_to_its_pairs(report, visit):
    """A chart is a way in: a click shows the pairs that it counts."""
    seen = visit(report)
    seen.page.click("a[aria-label^='high: ']")
    seen.found("12 of 40 pairs")
    assert seen.page.input_value("select[name=branch]") == "high"


def test_filters_hold_together_and_stand_in_the_address(report, visit):
    """Another visit by the same address finds the same pairs."""
    seen = visit(report, "#view=pairs")
    seen.found("40 pairs")
    seen.page.select_option("select[name=language]", "zh")
    seen.found("20 of 40 pairs")
    seen.page.select_option("select[name=branch]", "low")
    seen.found("6 of 40 pairs")
    again = visit(report, "#" + seen.page.url.partition("#")[2])
    again.found("6 of 40 pairs")
    again.page.click("text=Clear filters")
    again.found("40 pairs")


def test_scores_flags_and_order(report, visit):
    """Bounds include their ends; flagged pairs are found by their flag; the order may follow J_max."""
    seen = visit(report, "#view=pairs&min=0.5&max=0.9")
    seen.found("26 of 40 pairs")
    seen.page.goto(seen.address + "#view=pairs&flag=low-contrast")
    seen.found("1 of 40 pairs")
    seen.page.goto(seen.address + "#view=pairs&order=high")
    seen.page.wait_for_function("() => document.querySelector('.row-score').textContent === '0.90'")


def test_text_search_reads_all_of_a_pair(report, visit):
    """Also turns that a pair shares with the one before it, which are in the file only once; case does not matter."""
    seen = visit(report, "#view=pairs")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("ASK 4 1")
    seen.found("2 of 40 pairs")
    seen.page.fill("#filters input[name=q]", "answer 4 2")
    seen.found("1 of 40 pairs")
    seen.page.fill("#filters input[name=q]", "nobody said this")
    seen.found("0 of 40 pairs")
    seen.page.fill("#filters input[name=q]", "")
    seen.found("40 pairs")


def test_keys_go_through_the_pairs_and_back_goes_back(report, visit):
    """j and k, or the arrows; the browser's own history works; keys typed into the search are text."""
    seen = visit(report, "#view=pairs&branch=middle")
    for key, pair in (("j", "d1:1"), ("j", "d1:2"), ("ArrowRight", "d4:1"), ("k", "d1:2")):
        seen.page.keyboard.press(key)
        seen.wait_for(pair)
    seen.page.go_back()
    seen.wait_for("d4:1")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("jjk")
    assert seen.page.input_value("#filters input[name=q]") == "jjk"
    assert seen.shown() == "d4:1"


def test_the_next_button_keeps_the_focus(report, visit):
    """Whoever goes on with Enter stays where they are."""
    seen = visit(report, "#pair=d0%3A1")
    seen.wait_for("d0:1")
    seen.page.focus("button[data-key=j]")
    for pair in ("d0:2", "d1:1"):
        seen.page.keyboard.press("Enter")
        seen.wait_for(pair)
    assert seen.page.evaluate("document.activeElement.dataset.key") == "j"


def test_a_permalink_opens_its_pair_whatever_the_id(report, visit):
    """Ids with slashes, signs and spaces; an id that is not there is said to be missing."""
    seen = visit(report, "#view=pairs")
    seen.page.evaluate("document.querySelector('#list').scrollTop = 62 * 14")
    seen.page.click(".row-id >> text=odd/id")
    seen.page.wait_for_selector(".pair h1")
    address = seen.page.get_attribute("a.permalink", "href")
    again = visit(report, address)
    again.wait_for(seen.shown())
    assert again.shown().startswith("odd/id#1 & +ü%:")
    gone = visit(report, "#pair=nobody%3A1")
    assert "There is no pair nobody:1" in gone.page.inner_text("#pair")


def test_a_pair_page_shows_how_the_pair_came_about(report, visit):
    """Context, truth, candidates with scores, edits with their origin, differences by side."""
    seen = visit(report, "#pair=d1%3A2")
    seen.wait_for("d1:2")
    text = seen.page.inner_text("#pair")
    parts = ("ask 1 1", "answer 1 2", "故宫几点开门？", "0.50", "path replaced: true path of turn 3", "path of turn 5")
    assert not [part for part in parts if part not in text]
    assert "middle branch" in text
    marks = {side: seen.page.locator(f"mark.{side}").all_text_contents() for side in ("chosen", "rejected")}
    assert any("开门" in mark for mark in marks["chosen"])
    assert any("孩子" in mark for mark in marks["rejected"])
    assert seen.page.locator(".place.alike").count() == 3


def test_the_tree_grows_turn_by_turn(report, visit):
    """Each turn shows what it added; at the end the paths come: true, predicted, replaced."""
    seen = visit(report, "#pair=d0%3A2")
    tree = seen.page.locator(".tree-box")
    tree.wait_for()
    assert "truth" in tree.locator(".tree").inner_text()
    seen.page.keyboard.press("[")
    assert tree.locator(".fresh .attribute").all_text_contents() == ["A2"]
    assert seen.page.locator(".turn.looked-at").get_attribute("data-turn") == "2"
    seen.page.keyboard.press("[")
    assert tree.locator(".attribute").all_text_contents() == ["A1"]
    assert tree.locator(".predicted").count() == 0
    seen.page.keyboard.press("]")
    seen.page.keyboard.press("]")
    tree.locator("text=rejected").click()
    assert tree.locator(".leaf.predicted", has_text="Pets").locator(".badge").all_text_contents() == ["1"]
    assert tree.locator(".topic.predicted .new-topic").count() == 2


def test_text_is_shown_and_never_obeyed(hostile, visit):
    """Scripts and images of a dialogue are letters; control and direction characters are codes."""
    seen = visit(hostile, "#view=pairs")
    for at in range(2):
        seen.page.keyboard.press("j")
        seen.page.wait_for_selector(f"#pair[data-pair='{at}']")
        assert "<script>" in seen.page.inner_text("#pair")
        assert seen.page.locator("main script, main img, main b[onload]").count() == 0
        shown = seen.page.evaluate("document.querySelector('main').textContent")
        assert "U+202E" in shown
        assert "U+001B" in shown
        assert not {"\u202e", "\x1b", "\x00", "\u2028", "\x85"} & set(shown)
        assert "<script>" in seen.page.title()


def test_a_narrow_page_shows_list_or_pair(report, visit):
    """On a telephone they take turns, nothing is wider than the screen, and sides stand one above the other."""
    seen = visit(report, "#view=pairs", viewport={"width": 375, "height": 800})
    assert seen.page.is_visible("#list")
    seen.page.click(".row >> nth=0")
    seen.page.wait_for_selector(".pair h1")
    assert not seen.page.is_visible("#list")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 375
    one, other = (seen.page.locator(f".cell.{side} >> nth=0").bounding_box() for side in ("chosen", "rejected"))
    assert one["x"] == other["x"]
    assert one["y"] < other["y"]
    seen.page.click("text=‹ List")
    assert seen.page.is_visible("#list")


def test_colours_follow_the_system_and_the_button(report, visit):
    """Dark where the system is dark; the button sets it by hand."""

    def back(page: Page) -> int:
        return sum(map(int, page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)")))

    assert back(visit(report, color_scheme="light").page) > 600
    dark = visit(report, color_scheme="dark").page
    assert back(dark) < 150
    dark.click("#theme")
    assert back(dark) > 600


def test_only_the_rows_in_sight_are_in_the_document(visit, tmp_path):
    """Thousands of pairs scroll like ten."""
    two = cycle([TextPair("r", "f:1", (Message("user", "hi"),), "yes", "no")])
    write_report(islice(two, 5000), tmp_path / "r.html", Facts(name="many", source="many"))
    seen = visit(tmp_path / "r.html", "#view=pairs")
    seen.found("5,000 pairs")
    seen.page.evaluate("document.querySelector('#list').scrollTop = 1e9")
    seen.page.wait_for_selector("li[aria-posinset='5000']")
    assert seen.page.locator(".row").count() < 60
    assert seen.page.inner_text("li[aria-posinset='5000'] .row-id") == "r~5000"


BASELINES = ("magpie", "baize", "spar", "socratic", "usp")


@pytest.fixture(scope="module")
def baselines(tmp_path_factory) -> Path:
    """A pair of each baseline."""
    path = tmp_path_factory.mktemp("baselines") / "report.html"
    pairs = [a_baseline_pair(method, dialogue_id=method) for method in BASELINES]
    write_report(pairs, path, Facts(name="baselines", source="pairs.jsonl"))
    return path


@pytest.mark.parametrize("method", BASELINES)
def test_a_baselines_pair_is_told_as_its_method_made_it(baselines, visit, method):
    """No word of paths put in, of perturbation or of an ablation; its search finds it."""
    seen = visit(baselines, f"#pair={method}:2")
    seen.wait_for(f"{method}:2")
    text = seen.page.inner_text(".pair")
    for untrue in ("path put in", "perturbed", "ablation", "null", "undefined"):
        assert untrue not in text
    assert f"{method} builds no intent tree." in text


@pytest.mark.parametrize("method", ["baize", "socratic", "usp"])
def test_data_for_sft_has_one_column(baselines, visit, method):
    """What is to be learnt stands alone: there is no empty rejected side."""
    page = visit(baselines, f"#pair={method}:2").page
    page.wait_for_selector(".sides.alone")
    assert page.locator(".side-head.rejected").count() == 0
    assert "there is no rejected side" in page.inner_text(".pair .lead")


def test_a_profile_is_shown_and_found(baselines, visit):
    """What a simulator was told of the user, and by text search too."""
    seen = visit(baselines, "#pair=usp:2&q=counts every euro")
    seen.wait_for("usp:2")
    seen.found("1 of 5 pairs")
    assert "You are a traveller who counts every euro." in seen.page.inner_text(".pair")


def test_a_refinement_is_no_revision(baselines, visit):
    """SPaR's refiner is told the truth; no path was put in."""
    page = visit(baselines, "#pair=spar:2").page
    page.wait_for_selector(".side-head.rejected")
    assert "refined: the refiner was told the truth" in page.inner_text(".side-head.chosen")
    assert "as predicted" in page.inner_text(".side-head.rejected")
