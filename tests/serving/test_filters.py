"""Which proposed utterances are shown: each rule, and what holds whatever a model says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proutt.dialogue import Context, Turn
from proutt.intent import near
from proutt.serving.filters import FILTERS, Sieve, Wanted, is_asked, is_refused, speaks

LYON = Context("c", "en", (Turn("I want to visit Lyon in May.", "Good choice; two days are enough."),))
CHINESE = Context("c", "zh", (Turn("我想五月去里昂。", "好主意，两天就够了。"),))
LOCK = Context(
    "c",
    "en",
    (
        Turn("Is my own door safe?", "It has an old lock."),
        Turn("How do I pick the lock of my neighbour's door?", "I'm sorry, but I can't help with that."),
    ),
)


def sieved(context: Context, *texts: str, **wanted) -> tuple[list[str], dict[str, int]]:
    sieve = Sieve(context, Wanted(**{"n": 4, **wanted}))
    for text in texts:
        sieve.passes(text)
    return sieve.kept, sieve.left_out


@pytest.mark.parametrize(
    ("context", "text", "rule"),
    [
        (LYON, "I want to visit lyon in may", "asked"),
        (LYON, "...", "artefact"),
        (LYON, "Which hotel \u202eteiuq si?", "artefact"),
        (LYON, "Which hotel\x1b[31m is quiet?", "artefact"),
        (LYON, "User: Which hotel is quiet?", "artefact"),
        (LYON, "{utterance}", "artefact"),
        (LYON, '{"text": "Which hotel?"}', "artefact"),
        (LYON, "里昂哪家酒店安静？", "language"),
        (LYON, "Какие гостиницы в Лионе тихие и недорогие для семьи с детьми?", "language"),
        (LYON, "Quels hôtels de la vieille ville sont calmes et pas trop chers pour une famille ?", "language"),
        (CHINESE, "Which hotel in the old town is quiet?", "language"),
        (CHINESE, "我想五月去里昂", "asked"),
        (LOCK, "Could you explain how to pick a lock on a neighbour's door?", "refused"),
        (LOCK, "How do I pick the lock of my neighbour's doors?", "asked"),
    ],
)
def test_rules_by_example(context, text, rule):
    """Each case is kept back by its rule, and by no other."""
    assert sieved(context, text) == ([], {rule: 1})


@pytest.mark.parametrize(
    ("context", "text"),
    [
        (LYON, "Which hotel is quiet?"),
        (LYON, "And in June?"),
        (LYON, "Merci!"),
        (LYON, "Is there a family 👨‍👩‍👧 rate?"),
        (LYON, "Show me the code:\n\tprint('Lyon')"),
        (CHINESE, "哪家酒店安静？"),
        (CHINESE, "TGV?"),
        (LOCK, "Which locks are the safest to buy?"),
        (LOCK, "Who can I call when I am locked out?"),
        (Context("c", "und", LYON.turns), "里昂哪家酒店安静？"),
        (Context("c", "en", (Turn("My dog died.", "I'm sorry to hear about your dog."),)), "How do I bury my dog?"),
        (Context("c", "en", (Turn("Wie sagt man das auf Französisch?", "Bonjour."),)), "Bonjour!"),
    ],
)
def test_what_is_fine_passes(context, text):
    """Short ones, names, emoji, code, sympathy that is no refusal, a chat in several languages."""
    assert sieved(context, text) == ([text], {})


def test_near_doubles_are_shown_once_and_the_first_one_stays():
    """Rank decides."""
    kept, left_out = sieved(LYON, "Which hotel is quiet?", "Which hotels is quiet", "Trains?")
    assert (kept, left_out) == (["Which hotel is quiet?", "Trains?"], {"double": 1})


def test_too_long_is_left_out_and_never_cut():
    """A chip shows a whole utterance or none."""
    assert sieved(LYON, "Which hotel is quiet?", "Trains?", max_chars=10) == (["Trains?"], {"too-long": 1})


def test_an_unsure_one_is_left_out_and_one_without_a_score_is_not():
    """The threshold can only judge what the server tells."""
    sieve = Sieve(LYON, Wanted(4, min_score=0.5))
    assert [sieve.passes("Trains?", 0.49), sieve.passes("Hotels?", 0.5), sieve.passes("Buses?", None)] == [
        False,
        True,
        True,
    ]
    assert sieve.left_out == {"unsure": 1}


_WORDS = st.sampled_from(
    ["hotel", "train", "Lyon", "May", "visit", "酒店", "里昂", "<|im_end|>", "\u202e", "!", "want", "I"]
)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join) | st.text("abcé你 \n\x00<>{}", max_size=12)
_CHATS = st.lists(st.builds(Turn, _TEXTS.filter(bool), _TEXTS.filter(bool)), min_size=1, max_size=4)


@settings(deadline=None)
@given(_CHATS, st.lists(_TEXTS, max_size=8), st.integers(1, 5), st.integers(1, 30))
def test_whatever_a_model_says_the_rules_hold(turns, texts, n, max_chars):
    """What is shown was said by the model as it stands, in its order; no doubles, none asked, none long, n at most."""
    context = Context("c", "en", tuple(turns))
    kept, left_out = sieved(context, *texts, n=n, max_chars=max_chars)
    places = iter(texts)
    assert all(text in places for text in kept)
    assert len(kept) + sum(left_out.values()) == len(texts)
    assert len(kept) <= n
    assert all(len(text) <= max_chars for text in kept)
    assert not any(near(a, b) for at, a in enumerate(kept) for b in kept[:at])
    assert not any(near(text, turn.user) for text in kept for turn in turns)
    assert not any(char in text for text in kept for char in "\u202e\x00")
    assert set(left_out) <= set(FILTERS)


@settings(deadline=None)
@given(_CHATS, _TEXTS)
def test_sifting_again_changes_nothing(turns, text):
    """A rule looks at the chat and the text alone: what passed once passes again."""
    context = Context("c", "en", tuple(turns))
    once, _ = sieved(context, text)
    assert sieved(context, *once)[0] == once


@given(_TEXTS.filter(bool))
def test_what_the_user_said_is_always_asked(text):
    """Every utterance with a letter is near itself."""
    if any(char.isalnum() for char in text):
        assert is_asked(text, Context("c", "en", (Turn(text, "Yes."),)))


def test_a_refusal_counts_only_while_it_is_the_last_answer():
    """What was declined two rounds ago may be asked in other words, for the rule is of what was just refused."""
    later = Context("c", "en", (*LOCK.turns, Turn("And my own?", "Use the spare key.")))
    text = "Could you explain how to pick a lock on a neighbour's door?"
    assert is_refused(text, LOCK)
    assert not is_refused(text, later)


def test_short_japanese_in_kanji_is_no_foreign_language_to_chinese():
    """Chinese characters alone tell no language."""
    assert speaks("東京駅", CHINESE)
    assert not speaks("東京駅はどこですか", CHINESE)


def test_the_page_names_every_rule():
    """docs/serve.md has a row for each slug, with these words."""
    page = (Path(__file__).parents[2] / "docs/serve.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page, re.MULTILINE))
    for slug, meaning in FILTERS.items():
        assert rows[slug] == meaning
