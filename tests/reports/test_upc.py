"""The page of UPC's dialogues: what is in it, and what a person does with it in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from proutt.cli.report import command
from proutt.errors import UserError
from proutt.methods.upc.record import RejectedRecord
from proutt.reports import Facts
from proutt.reports.pair_data import Flag
from proutt.reports.upc_data import upc_data, upc_entry, upc_flags
from proutt.reports.upc_dialogues import write_upc
from records import HOSTILE
from reports.visiting import assert_no_fault, found
from upc_records import ADVICE, CANARIES, REASON, WITHHELD, a_chat, a_turn

MARKUP = '<script>document.title = "HACKED"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">'
FACTS = Facts(name="my run", source="my run/dialogues.jsonl")
DRAFT = RejectedRecord(attempt=1, utterance="Sorry for that!", reason="the reply apologises.")


def thrice(number):
    """A turn with two regenerations and a draft that a rule rejected; the second attempt is said."""
    return a_turn(
        (f"First thought {number}.", (2, 3, 3)),
        (f"Better thought {number}.", (4, 4, 3)),
        (f"Worse thought {number}.", (3, 3, 3)),
        kept=1,
        user=f"Reply number {number} of mine.",
        rejected=[DRAFT],
        ended="most-regenerations",
    )


def passed(number):
    return a_turn((f"Once is enough {number}.", (4, 5, 4)), user=f"Word {number} it is.")


def made(count=12):
    """Easy, difficult and unguided ones of three groups; one hostile, one flagged by hand."""
    for number in range(count):
        turns = {0: [thrice(1), passed(2)], 1: [passed(1), passed(2)], 2: [a_turn(("Low.", (1, 4, 4))), passed(3)]}
        each = a_chat(f"p{number}", turns=turns[number % 3], group=f"{number % 3 + 1}1")
        if number == 3:
            each = a_chat("p3", turns=[thrice(1)], said=(HOSTILE + MARKUP, HOSTILE), group="11", flags=[])
        if number == 5:
            each = each.model_copy(update={"flags": ["self-focus"]})
        yield a_chat("p7", turns=[a_turn(("Nobody asks.", None))], group=None) if number == 7 else each


def test_a_turn_has_every_attempt_as_the_record_has_it():
    """Scores with their reasons, advice as the chatbot read it, what was withheld, drafts with the rule."""
    data = upc_data(a_chat(turns=[thrice(1)]), [])
    (turn,) = data["turns"]
    assert [each["utterance"] for each in turn["attempts"]] == [f"{n} thought 1." for n in ("First", "Better", "Worse")]
    assert turn["attempts"][0]["scores"] == [["relevance", 2, REASON], ["value", 3, REASON], ["interest", 3, REASON]]
    assert (turn["attempts"][0]["advice"], turn["attempts"][0]["withheld"]) == (ADVICE, [WITHHELD])
    assert (turn["kept"], turn["difficult"]) == (1, False)
    assert turn["rejected"] == [[1, "Sorry for that!", "the reply apologises."]]


def test_an_entry_has_both_readings_of_difficulty():
    """None of them where nobody scored."""
    named = {each.persona_id: upc_entry(each, []) for each in made(8)}
    assert [named[f"p{number}"][8:11] for number in (0, 1, 2, 7)] == [
        [True, False, 12.0],
        [True, False, 13.0],
        [False, False, 11.0],
        [None, None, None],
    ]


def test_a_flag_says_where_it_was_found():
    """As the check finds it; a name that no check has is kept."""
    leaked = a_chat(turns=[a_turn((f"Do you like {CANARIES[0]}?", (4, 4, 4)))])
    (flag,) = upc_flags(leaked)
    assert (flag.check, flag.where) == ("background-leaked", "turn 2, attempt 1")
    assert CANARIES[0] in flag.evidence
    assert upc_flags(a_chat(flags=["x"])) == [Flag("x", "error", reason="found when it was made")]


def test_the_same_dialogues_give_the_same_bytes_and_nothing_is_markup(tmp_path):
    """And a page without dialogues is refused."""
    write_upc(made(), tmp_path / "one.html", FACTS)
    write_upc(made(), tmp_path / "two.html", FACTS)
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert page == (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "HACKED" not in page
    overview = json.loads(re.search(r'id="overview-data">([^<]*)</script>', page)[1])
    assert (overview["count"], overview["corpus"]["easy"]) == (12, {"letter": 1, "pass": 7})
    with pytest.raises(UserError, match="no dialogues"):
        write_upc([], tmp_path / "none.html", FACTS)


def test_the_command_writes_the_page_into_the_run(tmp_path):
    """A run is known by what it holds."""
    file = tmp_path / "dialogues.jsonl"
    file.write_text("".join(each.model_dump_json() + "\n" for each in made(6)), encoding="utf-8")
    done = CliRunner().invoke(command, [str(tmp_path)], catch_exceptions=False)
    assert "report.html: 6 dialogues" in done.stdout
    with pytest.raises(UserError, match="--tokenizer is for pairs"):
        CliRunner().invoke(command, [str(tmp_path), "--tokenizer", "x"], catch_exceptions=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("upc") / "report.html"
    write_upc(made(), path, FACTS)
    return path


def test_filters_and_search_find_dialogues(visit):
    """By difficulty, group, end and flag; by what was advised, too, and the attempts that hold it are open."""
    page = visit("#view=pairs")
    found(page, "12 dialogues")
    page.select_option("select[name=difficulty]", "difficult")
    found(page, "4 of 12 dialogues")
    page.select_option("select[name=flag]", "self-focus")
    found(page, "1 of 12 dialogues")
    page.click("text=Clear filters")
    page.select_option("select[name=again]", "any")
    found(page, "4 of 12 dialogues")
    page.select_option("select[name=group]", "21")
    found(page, "0 of 12 dialogues")
    page.click("text=Clear filters")
    page.fill("input[name=q]", WITHHELD)
    found(page, "4 of 12 dialogues")
    page.click("#rows a")
    page.wait_for_selector("#pair h1")
    assert page.evaluate("document.querySelectorAll('#pair details.thinking[open]').length") == 1


def test_every_attempt_is_there_with_what_was_said_of_it(visit):
    """In the order in which they were written; the one that was said is marked in words."""
    page = visit("#pair=p0")
    page.wait_for_selector("#turn-2")
    assert "Better thought 1." in page.inner_text("#turn-2 .speech.assistant > .said")
    page.keyboard.press("t")
    heads = [" ".join(each.split()) for each in page.locator("#turn-2 .attempt h4").all_inner_texts()]
    assert heads == ["First attempt", "Rejected by a rule", "Regeneration 1 said", "Regeneration 2"]
    first = page.inner_text("#turn-2 .attempt >> nth=0")
    assert all(each in first for each in (REASON, ADVICE, WITHHELD, "relevance 2"))
    assert CANARIES[0] in page.inner_text(".background")


def test_the_overview_leads_to_dialogues(visit):
    """From a tile and from a group; Table 3's rows are there."""
    page = visit()
    assert "Regeneration rate 18%, 0.36 regenerations of a response" in page.inner_text("#overview")
    assert page.locator("#overview svg .score-line").count() == 3
    page.click("#overview >> text=responses written again")
    found(page, "4 of 12 dialogues")
    page.click("#to-overview")
    page.click("#overview table a >> text=no group")
    found(page, "1 of 12 dialogues")


def test_hostile_text_stays_text(visit):
    """It is shown and does nothing."""
    page = visit("#pair=p3")
    page.wait_for_selector("#turn-1")
    assert "onerror" in page.inner_text("#turn-1 .speech.assistant")
    assert "HACKED" not in page.title()


@pytest.mark.parametrize(
    ("hash", "width", "scheme"),
    [("", 390, "light"), ("", 1400, "dark"), ("#pair=p0", 390, "light"), ("#pair=p0", 1400, "dark")],
)
def test_the_page_has_no_fault_of_accessibility(visit, cache, hash, width, scheme):
    """Light and dark, wide and narrow, with all attempts open; nothing is wider than the window."""
    assert_no_fault(visit(hash, width, scheme), cache, width)
