"""What the page gets of a pair."""

from __future__ import annotations

from proutt.export.reading import Message, TextPair
from proutt.methods.record import ContextRecord, LeafRecord, TurnRecord
from proutt.reports.pair_data import ENTRY, Flag, entry, pair_data, snippet, text_pair_data, verification_flags
from records import a_baseline_pair, a_pair


def turns(*said: str) -> ContextRecord:
    return ContextRecord(turns=[TurnRecord(user=each, assistant=f"{each}!") for each in said])


def test_a_later_pair_of_a_dialogue_brings_its_new_turns_only():
    """D^(K+1) begins with D^(K): what the pair before has is not written twice."""
    before, pair = a_pair(context=turns("a"), k=1), a_pair(context=turns("a", "b"), k=2)
    data = pair_data(pair, [], before)
    assert (data["continues"], data["turns"]) == (1, [["b", "b!"]])
    assert data["made"] is None


def test_a_pair_that_does_not_continue_is_written_whole():
    """Another dialogue, or the same id over other turns, takes over nothing."""
    pair = a_pair(context=turns("a", "b"), k=2)
    for before in (a_pair(dialogue_id="d2", context=turns("a"), k=1), a_pair(context=turns("x"), k=1)):
        data = pair_data(pair, [], before)
        assert (data["continues"], len(data["turns"])) == (0, 2)


def test_other_settings_are_written_again():
    """How a pair was made is left out only where it is as before."""
    assert pair_data(a_pair(seed=1), [], a_pair(seed=0))["made"]["seed"] == 1


def test_a_path_says_where_the_tree_has_it():
    """Topic and attribute are found by the method's own rule: case, spacing and plural do not matter."""
    leaf = LeafRecord(value="x", turn=1)
    tree = {"Hotel": {"Price": leaf}, "Travel": {"Last departure": leaf}}
    data = pair_data(a_pair(tree=tree), [], None)
    assert data["truth"]["paths"] == [["Travel", "LastDeparture", None, 1, 0]]
    assert data["candidates"][3]["path"] == ["Restaurant", "Cuisine", "local", None, None]
    assert data["candidates"][2]["path"][3:] == [0, 0]


def test_the_tree_keeps_its_order():
    """A browser would sort topics that are numbers, so the tree comes as lists."""
    leaf = LeafRecord(value=None, turn=1)
    data = pair_data(a_pair(tree={"z": {"b": leaf, "2": leaf}, "1": {}}), [], None)
    assert data["tree"] == [["z", [["b", None, 1], ["2", None, 1]]], ["1", []]]


def test_a_replaced_candidate_says_where_its_path_came_from():
    """Only the edited place, and which turn it is of."""
    data = pair_data(a_pair(branch="middle"), [], None)
    assert [each["replaced"] for each in data["chosen"]["candidates"]] == [["next-turn", 3], None, None, None]
    assert data["rejected"]["candidates"][0]["replaced"] == ["future-turn", 5]


def test_what_verification_found_is_a_flag():
    """It is filtered like those of an audit."""
    check = a_pair().verification.model_copy(update={"problems": ["chosen-below-tau-high"]})
    pair = a_pair(verification=check, verified=False)
    assert [flag.check for flag in verification_flags(pair)] == ["chosen-below-tau-high"]
    assert verification_flags(a_pair(verification=None)) == []


def test_data_for_sft_has_no_rejected_side():
    """Null, so that no page can show an empty one; a profile goes with its pair."""
    assert pair_data(a_baseline_pair("baize"), [], None)["rejected"] is None
    assert pair_data(a_baseline_pair("spar"), [], None)["rejected"]["edit"] == "keep"
    assert pair_data(a_baseline_pair("usp"), [], None)["profile"].startswith("You are a traveller")
    assert pair_data(a_pair(), [], None)["profile"] is None


def test_an_entry_has_what_filters_need():
    """Each flag once, and no text longer than a line."""
    found = dict(zip(ENTRY, entry(a_pair(), [Flag("x"), Flag("x"), Flag("y")]), strict=True))
    assert found == {
        "name": "d1:2",
        "k": 2,
        "language": "en",
        "branch": "middle",
        "j_max": 0.5,
        "verified": True,
        "perspective": "exploitation",
        "type": "interrogative",
        "flags": ["x", "y"],
        "snippet": "When does the last tram leave?",
    }


def test_a_row_of_texts_has_an_entry_without_scores():
    """What a file does not tell is null, and never a made-up number."""
    row = TextPair("r1", "f.jsonl:1", (Message("user", "hello"),), "yes", "no")
    found = dict(zip(ENTRY, entry(row, []), strict=True))
    assert (found["name"], found["branch"], found["j_max"], found["snippet"]) == ("r1", None, None, "hello")
    assert text_pair_data(row, [])["messages"] == [["user", "hello"]]


def test_a_snippet_is_one_short_line():
    """Line breaks are gone, and an ellipsis says that there is more."""
    assert snippet("a\n b") == "a b"
    assert len(snippet("word " * 100)) == 120
    assert snippet("word " * 100).endswith("…")
