"""Whether an utterance says that there were questions enough: where the words are clear, and where they are not."""

from __future__ import annotations

import pytest

from proutt.intent.willingness import willing


@pytest.mark.parametrize(
    ("utterance", "language", "said"),
    [
        ("That is enough questions, just book it.", "en", False),
        ("Please stop asking me things.", "en", False),
        ("You keep asking. I've had enough.", "en", False),
        ("I don't want to answer any more of this.", "en", False),
        ("No more questions, please.", "en", False),
        ("This is enough, I don't need to know more.", "en", False),
        ("I'm done with these questions. Let's book it.", "en", False),
        ("I am done with work at six and free then.", "en", True),
        ("Four days in May, with my wife.", "en", True),
        ("A quiet hotel near the station would be nice.", "en", True),
        ("Just give me a hotel.", "en", None),
        ("Why does that matter?", "en", None),
        ("别再问了，直接给我方案吧。", "zh", False),
        ("问题太多了，我不想再回答了。", "zh", False),
        ("怎么一直问，烦死了。", "zh", False),
        ("四天，和家人一起去。", "zh", True),
        ("人均预算不限，都可以。", "zh", True),
        ("直接推荐几个地方就行。", "zh", None),
        ("No más preguntas, por favor.", "es", None),
    ],
)
def test_clear_words_decide_and_others_do_not(utterance, language, said):
    """False: it wants no more. True: no word of it points there. None: somebody has to read it."""
    assert willing(utterance, language) is said
