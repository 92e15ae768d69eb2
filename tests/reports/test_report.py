"""The written page: whole, safe, the same every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from proutt.errors import UserError
from proutt.export.reading import Message, TextPair
from proutt.reports import Facts, write_report
from proutt.reports.assembly import SCRIPTS, script, style
from proutt.reports.chunks import unpacked
from records import HOSTILE, a_hostile_pair, a_pair

FACTS = Facts(name="run", source="run/pairs.jsonl")


def written(tmp_path, pairs, facts=FACTS, **options) -> str:
    write_report(pairs, tmp_path / "r.html", facts, **options)
    return (tmp_path / "r.html").read_text(encoding="utf-8")


def values(page: str, kind: str) -> list:
    blocks = re.findall(rf'<script type="text/plain" class="{kind}" data-count="(\d+)">([^<]*)</script>', page)
    for count, text in blocks:
        assert len(unpacked(text)) == int(count)
    return [each for _, text in blocks for each in unpacked(text)]


def overview(page: str) -> dict:
    return json.loads(re.search(r'id="overview-data">([^<]*)</script>', page)[1])


def test_every_pair_and_its_entry_is_in_the_page(tmp_path):
    """Across chunks, in order."""
    page = written(tmp_path, (a_pair(dialogue_id=f"d{at}") for at in range(230)))
    assert [each[0] for each in values(page, "entries")] == [f"d{at}:2" for at in range(230)]
    assert len(values(page, "pairs")) == 230
    assert page.count('class="pairs" data-count') == 3
    assert overview(page)["count"] == 230


def test_the_first_pair_of_a_chunk_is_whole(tmp_path):
    """Each chunk is read by itself, so nothing in it leans on the chunk before."""
    page = written(tmp_path, (a_pair() for _ in range(101)))
    first, last = values(page, "pairs")[0], values(page, "pairs")[100]
    assert first == last
    assert last["continues"] == 0
    assert last["made"] is not None


def test_the_same_pairs_give_the_same_bytes(tmp_path):
    """The page tells nothing of when and where it was made."""
    pairs = [a_pair(), a_hostile_pair(), a_pair(language="zh")]
    assert written(tmp_path, pairs) == written(tmp_path, pairs)


def test_no_text_of_a_dialogue_stands_in_the_page_as_it_is(tmp_path):
    """Hostile ids, failures and names are data, never markup."""
    evil = '</script><script>alert(1)</script><!--<b onload="x">'
    facts = Facts(name=evil, source=evil, failures={"count": 1, "shown": [{"dialogue_id": evil, "raw": HOSTILE}]})
    page = written(tmp_path, [a_hostile_pair(dialogue_id=evil)], facts)
    assert evil not in page
    assert "<b onload" not in page
    assert "alert(1)</script>" not in page
    assert overview(page)["failures"]["shown"][0]["raw"] == HOSTILE


def test_the_policy_lets_nothing_but_its_own_script_and_style_in(tmp_path):
    """The hashes are those of what stands in the page; all else is forbidden."""
    page = written(tmp_path, [a_pair()])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]

    def hashed(name: str) -> str:
        body = re.search(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)[1]
        return "sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; script-src '{hashed('script')}'; style-src '{hashed('style')}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_script_and_style_name_no_place_in_the_net():
    """Nothing is loaded, so no address is there but the name of the SVG language."""
    addresses = set(re.findall(r"\w+://[^\s\"']+", script() + style()))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc", script())
    assert "</script" not in script()
    assert len(SCRIPTS) == len(set(SCRIPTS))


def test_a_limit_takes_the_first_pairs_and_says_so(tmp_path):
    """A limit that no pair is beyond is none."""
    some = [a_pair(dialogue_id=f"d{at}") for at in range(3)]
    assert [each[0] for each in values(written(tmp_path, some, limit=2), "entries")] == ["d0:2", "d1:2"]
    assert overview(written(tmp_path, some, limit=2))["limited"]
    assert not overview(written(tmp_path, some, limit=3))["limited"]


def test_rows_of_texts_make_a_page_too(tmp_path):
    """Files of other trainers have lengths, and neither branches nor scores."""
    rows = [TextPair("r1", "f:1", (Message("user", "hi"),), "yes", "no"), TextPair("r2", "f:2", (), "yes")]
    page = written(tmp_path, rows)
    assert [each["rejected"] for each in values(page, "pairs")] == ["no", None]
    assert "branches" not in dict(overview(page)["groups"])["all"]


def test_scores_are_counted_by_tenth_and_branch(tmp_path):
    """J_max of exactly a threshold belongs to its branch; thresholds that differ are not drawn."""
    pairs = [a_pair(branch="low"), a_pair(branch="high"), a_pair(branch="high")]
    page = overview(written(tmp_path, pairs))
    assert [row for row in page["j_max"] if sum(row[1:])] == [["0.2", 1, 0, 0], ["0.9", 0, 0, 2]]
    assert page["thresholds"] == {"low": 0.3, "high": 0.8}
    mixed = [a_pair(), a_pair(settings={"tau_low": 0.2, "tau_high": 0.8})]
    assert overview(written(tmp_path, mixed))["thresholds"] == {"low": None, "high": 0.8}


def test_no_pair_is_an_error_and_leaves_no_file(tmp_path):
    """An empty page would look like a result."""
    with pytest.raises(UserError, match="no pairs"):
        write_report([], tmp_path / "r.html", FACTS)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_row_leaves_the_earlier_page(tmp_path):
    """The page is written aside: what is in place is always whole."""
    before = written(tmp_path, [a_pair()])

    def rows():
        yield a_pair()
        raise UserError("bad row")

    with pytest.raises(UserError, match="bad row"):
        write_report(rows(), tmp_path / "r.html", FACTS)
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == before
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_place_that_can_not_be_written_is_named(tmp_path):
    """A folder that is not there is the user's to mend."""
    with pytest.raises(UserError, match=r"nowhere.*can't be written"):
        write_report([a_pair()], tmp_path / "nowhere" / "r.html", FACTS)


def test_pairs_stream_through(tmp_path):
    """A pair is forgotten once its chunk is full: no more than some hundred are alive at a time."""
    alive: set[int] = set()
    most = 0

    class Watched(type(a_pair())):
        def __del__(self):
            alive.discard(id(self))

    def pairs():
        nonlocal most
        template = a_pair().model_dump()
        for at in range(400):
            pair = Watched(**template | {"dialogue_id": f"d{at}"})
            alive.add(id(pair))
            most = max(most, len(alive))
            yield pair

    write_report(pairs(), tmp_path / "r.html", FACTS)
    assert most < 10
