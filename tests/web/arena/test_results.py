"""What verdicts come to: shares with intervals, the effect of position, who does not count."""

from __future__ import annotations

import json
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.quality.intervals import wilson
from proutt.web.arena.files import export, write_results
from proutt.web.arena.results import left_out, results
from proutt.web.arena.visits import ASPECTS, Utterance, Verdict, Visit, first_of

NAMES = {"a": "upc/Mistral-7B-upc", "b": "Llama-3-70B-Instruct"}


def visit(number: int, preferred: str | None, *, first: str = "a", turns: tuple[int, int] = (3, 3), bot="Hm.") -> Visit:
    """A visit of so many turns with a and b; preferred: the same in every aspect."""
    made = Visit(number, first, greets=True)
    for side, count in zip("ab", turns, strict=True):
        made.said[side] = [Utterance("Hi!", 0.5), *[Utterance("Bees."), Utterance(bot, 1.5)] * count]
    if preferred is not None:
        made.verdict = Verdict(dict.fromkeys(ASPECTS, preferred), "=SUM(A1)\n</script>")
    return made


def test_shares_have_wilsons_intervals_and_exact_tests():
    """Of 62, 47 for a, 5 the same, 10 for b: by hand 75.8 %; the sign test is of 47 against 10."""
    said = ["a"] * 47 + ["same"] * 5 + ["b"] * 10
    found = results([visit(n, each) for n, each in enumerate(said, 1)], NAMES, least_turns=3)
    overall = found["aspects"][-1]
    assert [row["aspect"] for row in found["aspects"]] == list(ASPECTS)
    assert overall["win"]["mean"] == pytest.approx(47 / 62)
    assert (overall["win"]["low"], overall["win"]["high"]) == pytest.approx(wilson(47, 62))
    assert (overall["tie"]["hits"], overall["loss"]["hits"], overall["loss"]["n"]) == (5, 10, 62)
    assert overall["p"] == pytest.approx(2 * sum(comb(57, wins) for wins in range(47, 58)) / 2**57)
    assert overall["p_adjusted"] == pytest.approx(4 * overall["p"])


def test_the_effect_of_position_is_tested():
    """Everybody takes bot 1, whichever it is: no preference for a chatbot, and a clear one for the place."""
    found = results([visit(n, "ab"[n % 2], first="ab"[n % 2]) for n in range(1, 21)], NAMES, least_turns=3)
    assert found["aspects"][-1]["p"] == 1
    place = found["position"]["aspects"][-1]
    assert (place["first"]["mean"], found["position"]["a_first"]) == (1, 10)
    assert place["p"] < 0.001


def test_who_does_not_count_is_counted():
    """Never chatted, too few turns (verdict or not), no verdict: each by its reason, and none in a share."""
    every = [
        visit(1, "a"),
        visit(2, None, turns=(0, 0)),
        visit(3, "b", turns=(3, 2)),
        visit(4, None, turns=(1, 0)),
        visit(5, None),
    ]
    found = results(every, NAMES, least_turns=3)
    assert (found["invited"], found["counted"]) == (5, 1)
    assert found["left_out"] == {"never-chatted": 1, "no-verdict": 1, "too-few-turns": 2}
    assert found["aspects"][0]["win"]["mean"] == 1
    assert results(every, NAMES, least_turns=2)["counted"] == 2


def test_nobody_is_no_share():
    """An arena that nobody has finished has no aspects, and nothing fails."""
    found = results([visit(1, None)], NAMES, least_turns=3)
    assert (found["counted"], found["aspects"], found["position"]) == (0, [], None)


def test_a_bot_that_says_its_name_is_told():
    """Who heard "I am Llama" may have known which is which."""
    every = [visit(1, "a", bot="I am LLaMA, made by ..."), visit(2, "a"), visit(3, "a", bot="Llamas are fine")]
    assert results(every, {"a": "mine", "b": "big"}, least_turns=3, models=NAMES.values())["told"] == 2
    assert results(every, NAMES, least_turns=3, models=("local", "local:tiny"))["told"] == 0


@given(st.integers(1, 200), st.integers())
def test_positions_are_balanced_for_any_seed(pairs, seed):
    """Each chatbot is bot 1 for one of every two participants."""
    first = [first_of(number, seed) for number in range(1, 2 * pairs + 1)]
    assert all({first[at], first[at + 1]} == {"a", "b"} for at in range(0, 2 * pairs, 2))


@given(st.lists(st.sampled_from(["a", "b", "same"]), min_size=1, max_size=40))
def test_shares_add_up_and_lie_in_their_intervals(said):
    """Whatever was said, the three shares make one, each within its interval."""
    found = results([visit(n, each) for n, each in enumerate(said, 1)], NAMES, least_turns=3)
    for row in found["aspects"]:
        shares = [row[name] for name in ("win", "tie", "loss")]
        assert sum(each["mean"] for each in shares) == pytest.approx(1)
        assert all(0 <= each["low"] <= each["mean"] <= each["high"] <= 1 for each in shares)


def test_export_names_the_models(tmp_path):
    """Chats are a corpus that proutt reads; verdicts name who was preferred, and whether they count."""
    visits = [visit(1, "b", first="b"), visit(2, None, turns=(1, 0)), visit(3, None, turns=(0, 0))]
    export(tmp_path, visits, NAMES, language="en", least_turns=3)
    chats, verdicts = (
        [json.loads(line) for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()]
        for name in ("conversations.jsonl", "verdicts.jsonl")
    )
    assert [(chat["id"], chat["system"], chat["position"], chat["turns"]) for chat in chats] == [
        ("1-a", NAMES["a"], 2, 3),
        ("1-b", NAMES["b"], 1, 3),
        ("2-a", NAMES["a"], 1, 1),
    ]
    assert [each["role"] for each in chats[2]["messages"]] == ["assistant", "user", "assistant"]
    (verdict,) = verdicts
    assert (verdict["first"], verdict["overall"], verdict["counted"]) == (NAMES["b"], NAMES["b"], True)
    assert verdict["words"] == "=SUM(A1)\n</script>"
    assert left_out(visits[1], 3) == "too-few-turns"


def test_figure_4_is_the_same_for_the_same_verdicts(tmp_path):
    """A stacked bar an aspect, names as text whatever stands in them."""
    pytest.importorskip("matplotlib")
    names = {"a": "<b>mine</b> $x$", "b": "other"}
    found = results([visit(n, "ab"[n % 3 == 0]) for n in range(1, 10)], names, least_turns=3)
    (path,) = write_results(tmp_path, found, ["svg"])
    first = path.read_bytes()
    write_results(tmp_path, found, ["svg"])
    assert (path.name, path.read_bytes()) == ("figure-4.svg", first)
    text = first.decode()
    assert "&lt;b&gt;mine&lt;/b&gt; $x$ preferred" in text
    assert all(aspect in text for aspect in ASPECTS)
    assert write_results(tmp_path, results([], names, least_turns=3), ["svg"]) == []
