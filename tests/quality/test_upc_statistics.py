"""What statistics of UPC's dialogues count, by hand-made corpora; and what `proutt stats` shows of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from proutt.cli.stats import command
from proutt.quality.upc_statistics import Variety, upc_statistics
from upc_records import EASY, a_chat, a_turn

CALM = a_turn(("Calm seas.", (4, 4, 4)), user="Calm seas, yes.")
LOW = a_turn(("Low tide?", (2, 4, 4)), ("Low tide? Why?", (2, 5, 4)), user="Perhaps.")


def test_each_side_is_counted_by_itself():
    """All that was said, greeting and introduction with it; drafts that nobody heard don't count."""
    found = upc_statistics([a_chat(turns=[*EASY, CALM])]).as_json()
    assert found["turns"]["mean"] == 3
    chatbot, user = found["said"]["chatbot"], found["said"]["user"]
    # "Hello! Who are you?" "Spring must be busy. What comes first?" "Calm seas."; "I'm Quillon." "I see." ...
    assert (chatbot["utterances"], user["utterances"]) == (3, 3)
    assert chatbot["words"]["mean"] == round((4 + 7 + 2) / 3, 2)
    assert (chatbot["questions"], chatbot["asking"]) == (round(2 / 3, 4), round(2 / 3, 4))
    assert (user["questions"], user["asking"]) == (0, 0)
    assert (chatbot["vocabulary"], chatbot["distinct_1"], chatbot["distinct_2"]) == (13, 1.0, 1.0)


def test_a_chinese_character_is_a_word():
    """And its question mark is one."""
    found = upc_statistics([a_chat(turns=[], said=("你好，你是谁？", "我叫李明。"), language="zh")]).as_json()
    assert found["said"]["chatbot"]["words"]["mean"] == 5
    assert found["said"]["chatbot"]["asking"] == 1
    assert found["said"]["chatbot"]["distinct_1"] == 0.8


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=6), st.sampled_from([1, 2]))
def test_distinct_n_is_a_share(texts, n):
    """Different n-grams over all n-grams, none across utterances."""
    variety = Variety(n)
    for words in texts:
        variety.add(words)
    grams = [tuple(words[at : at + n]) for words in texts for at in range(len(words) - n + 1)]
    assert variety.share == (len(set(grams)) / len(grams) if grams else None)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "dialogues.jsonl"
    made = [a_chat("a"), a_chat("b", turns=[*EASY, LOW], group="[bold]x"), a_chat("c", turns=[CALM])]
    path.write_text("".join(each.model_dump_json() + "\n" for each in made), encoding="utf-8")
    return path


def test_the_command_knows_the_corpus(file):
    """Table 3's rows, scores by turn, both readings of difficulty, by group; names stay text."""
    done = CliRunner().invoke(command, [str(file)], catch_exceptions=False)
    said = " ".join(done.stdout.split())
    assert "Regeneration rate: 75.0% (Table 3)" in said  # three of four responses
    assert "Regenerations of a response: 0.75 on average" in said
    assert "Easy dialogues (alpha 3, beta 2): 1 of 3 by “letter”; 2 of 3 by “pass”" in said
    assert "turn 3 2.00 5.00 4.00" in said
    assert "[bold]x" in said
    numbers = json.loads(CliRunner().invoke(command, [str(file), "--json"]).stdout)
    assert numbers["regenerations"] == {"rate": 0.75, "mean": 0.75, "counts": {"0": 1, "1": 3}}
    assert numbers["said"]["chatbot"]["utterances"] == 7


def test_a_corpus_that_nobody_scored_has_no_scores(tmp_path):
    """It is measured in what was said."""
    path = tmp_path / "dialogues.jsonl"
    path.write_text(a_chat(turns=[a_turn(("Why?", None))]).model_dump_json() + "\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(path)], catch_exceptions=False)
    assert "Regeneration" not in done.stdout
    assert "Strategies: unguided 1" in done.stdout
