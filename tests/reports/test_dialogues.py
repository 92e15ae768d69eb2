"""The page of SynPT's dialogues: what is in it, and what a person does with it in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from proutt.cli.report import command
from proutt.errors import UserError
from proutt.export.reading.dialogues import DIALOGUES
from proutt.reports import Facts
from proutt.reports.chunks import unpacked
from proutt.reports.dialogue_data import dialogue_data
from proutt.reports.dialogues import write_dialogues
from proutt.reports.pair_data import Flag
from records import HOSTILE
from reports.visiting import assert_no_fault, found
from synpt_records import a_dialogue, changed_turn, reflected, without_thinking

MARKUP = '<script>document.title = "HACKED"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">'
ENDS = ("nothing-missing", "reluctant", "most-turns")


def made(count=24):
    """Dialogues of both languages and every end; one hostile, one reflected, some flagged."""
    for number in range(count):
        language, end = "zh" if number % 2 else "en", ENDS[number % 3]
        flags = ["asked-twice"] if number % 5 == 0 else []
        each = a_dialogue(seed_id=f"s{number}", language=language, end=end, flags=flags)
        if number == 2:
            each = changed_turn(each, 0, user={"utterance": HOSTILE + MARKUP})
        yield reflected(each) if number == 4 else each


def flags_of(name):
    return [Flag("personal-data", "error", "turn 1, user", "it holds a phone number", MARKUP)] if name == "s1" else []


FACTS = Facts(name="my run", source="my run/dialogues.jsonl", flags=flags_of)


def values(page: str, kind: str) -> list:
    blocks = re.findall(rf'<script type="text/plain" class="{kind}" data-count="\d+">([^<]*)</script>', page)
    return [each for text in blocks for each in unpacked(text)]


def test_every_dialogue_is_in_the_page_and_nothing_of_it_is_markup(tmp_path):
    """Across chunks, in order; the same dialogues give the same bytes."""
    write_dialogues(made(130), tmp_path / "one.html", FACTS)
    write_dialogues(made(130), tmp_path / "two.html", FACTS)
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert page == (tmp_path / "two.html").read_text(encoding="utf-8")
    assert [each[0] for each in values(page, "entries")] == [f"s{number}" for number in range(130)]
    assert len(values(page, "pairs")) == 130
    assert "HACKED" not in page
    overview = json.loads(re.search(r'id="overview-data">([^<]*)</script>', page)[1])
    assert (overview["count"], overview["noun"]) == (130, "dialogue")


def test_the_state_grows_turn_by_turn():
    """Of each turn: what is known, what of it is new, what is missing, what is asked for."""
    first, second, third = dialogue_data(a_dialogue(), [])["exchanges"]
    assert first["given"] == [["Destination", "Lyon", True]]
    assert (first["missing"], first["ask"]) == (["Days", "Month"], "Days")
    assert second["given"] == [["Destination", "Lyon", False], ["Days", "3 days", True]]
    assert third["summary"] == [["Destination", "Lyon", True], ["Days", "3 days", True], ["Month", "May", True]]


def test_a_summary_that_is_not_the_seed_is_told():
    """Each value by itself."""
    wrong = changed_turn(a_dialogue(), 2, assistant={"summary": {"destination": "Paris", "month": "May"}})
    assert [each[2] for each in dialogue_data(wrong, [])["exchanges"][2]["summary"]] == [False, True]


def test_a_method_that_thinks_nothing_has_a_page(tmp_path):
    """Its turns have words alone."""
    data = dialogue_data(without_thinking(a_dialogue()), [])
    assert [each["state"] for each in data["exchanges"]] == [False, False, False]
    assert write_dialogues([without_thinking(a_dialogue())], tmp_path / "r.html", FACTS).pairs == 1


def test_a_run_without_dialogues_is_refused(tmp_path):
    """There is nothing to show, and no file is left."""
    with pytest.raises(UserError, match="no dialogues"):
        write_dialogues([], tmp_path / "r.html", FACTS)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_page_into_the_run(tmp_path):
    """A run is known by what it holds; an audit beside it is in the page."""
    (tmp_path / DIALOGUES).write_text("".join(each.model_dump_json() + "\n" for each in made(6)), encoding="utf-8")
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert "report.html: 6 dialogues" in done.stdout
    assert (tmp_path / "report.html").is_file()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("dialogues") / "report.html"
    write_dialogues(made(), path, FACTS)
    return path


def test_filters_and_search_find_dialogues(visit):
    """By flag, end, user and task, by what was said and by what was thought; thinking that holds it is open."""
    page = visit("#view=pairs")
    found(page, "24 dialogues")
    page.select_option("select[name=flag]", "asked-twice")
    found(page, "5 of 24 dialogues")
    page.select_option("select[name=end]", "cut off")
    found(page, "2 of 24 dialogues")
    page.click("text=Clear filters")
    page.select_option("select[name=user]", "reluctant")
    found(page, "8 of 24 dialogues")
    page.click("text=Clear filters")
    page.fill("input[name=q]", "it is right")
    found(page, "1 of 24 dialogues")
    page.click("#rows a")
    page.wait_for_selector("#pair h1")
    assert page.evaluate("document.querySelectorAll('#pair details.thinking[open]').length") == 1


def test_thinking_is_folded_until_it_is_wanted(visit):
    """All of it by one button or key."""
    page = visit("#pair=s0")
    page.wait_for_selector("#pair h1")
    opened = "document.querySelectorAll('#pair details.thinking[open]').length"
    assert page.evaluate(opened) == 0
    page.click("#fold-all")
    assert page.evaluate(opened) == page.evaluate("document.querySelectorAll('#pair details.thinking').length") > 3
    page.keyboard.press("t")
    assert page.evaluate(opened) == 0


def test_what_is_new_missing_and_asked_for_is_said_in_words(visit):
    """Never by colour alone."""
    page = visit("#pair=s0")
    page.wait_for_selector("#turn-2")
    state = " ".join(page.inner_text("#turn-2 .state").split())
    assert state == "Known: 2 of 3 Destination Lyon Days 3 days new Month asked for"


def test_hostile_text_stays_text(visit):
    """It is shown and does nothing."""
    page = visit("#pair=s2")
    page.wait_for_selector("#turn-1")
    assert "onerror" in page.inner_text("#turn-1 .speech.user")
    assert "HACKED" not in page.title()


@pytest.mark.parametrize(
    ("hash", "width", "scheme"),
    [("", 390, "light"), ("#view=pairs", 1400, "dark"), ("#pair=s4", 1400, "light"), ("#pair=s4", 390, "dark")],
)
def test_the_page_has_no_fault_of_accessibility(visit, cache, hash, width, scheme):
    """Light and dark, wide and narrow, with all thinking open; nothing is wider than the window."""
    assert_no_fault(visit(hash, width, scheme), cache, width)
