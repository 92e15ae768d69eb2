"""Completions read: the canonical layout exactly, everything else repaired where its meaning is plain, and named."""

from __future__ import annotations

import pytest

from prediction.contexts import REASONING, SAID, completion
from proutt.export.text import completion_text
from proutt.intent import Candidate, IntentPath, Perspective, SentenceType, Trajectory, fold
from proutt.prediction.completion import prediction_of

EXPLOITATION, EXPLORATION = Perspective


def said(text: str, *, q: int = 2, reasons: bool = True) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The suggestions' texts and the problems."""
    prediction = prediction_of(text, q=q, reasons=reasons)
    assert prediction is not None
    return tuple(each.text for each in prediction.suggestions), prediction.problems


def test_the_canonical_layout_comes_back_whole():
    """Every suggestion has its perspective, type and path; tree and reasoning are there; nothing was repaired."""
    prediction = prediction_of(completion(), q=2, reasons=True)
    assert prediction is not None
    assert prediction.problems == ()
    assert prediction.reasoning == REASONING
    assert [each.text for each in prediction.suggestions] == list(SAID)
    assert [each.perspective for each in prediction.suggestions] == [EXPLOITATION] * 2 + [EXPLORATION] * 2
    assert {each.sentence_type for each in prediction.suggestions} == {SentenceType.INTERROGATIVE}
    assert prediction.suggestions[0].path == IntentPath("Trip", "Hotel", "quiet")
    assert prediction.suggestions[3].path == IntentPath("Dog", "Sitter")
    assert prediction.tree is not None
    assert list(prediction.tree.topics) == ["Trip"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("q", [1, 2, 3])
def test_what_training_texts_hold_is_read(language, q):
    """In both languages and for every Q: what `proutt export` writes comes back."""
    words = (
        ("红酒", "面包", "奶酪", "电车", "雨伞", "钥匙")
        if language == "zh"
        else ("wine", "bread", "tram", "keys", "cat", "rain")
    )
    candidates = tuple(
        Candidate(EXPLOITATION if at < q else EXPLORATION, f"Because of {word}.", IntentPath(word, word), f"{word}?")
        for at, word in enumerate(words[: 2 * q])
    )
    trajectory = Trajectory(SentenceType.IMPERATIVE, "Why not.", candidates)
    tree = fold([[IntentPath("Lyon", "hotel", "quiet")]])
    prediction = prediction_of(completion_text(tree, trajectory, language), q=q, reasons=True)
    assert prediction is not None
    assert prediction.problems == ()
    assert [each.text for each in prediction.suggestions] == [each.utterance for each in candidates]
    assert [each.path for each in prediction.suggestions] == [each.path for each in candidates]
    assert [each.perspective for each in prediction.suggestions] == [each.perspective for each in candidates]
    assert {each.sentence_type for each in prediction.suggestions} == {SentenceType.IMPERATIVE}


PREDICTED = "\n".join(f"<predict>{each}</predict>" for each in SAID)
REPAIRED = {
    "unclosed-reasoning": f"<think>\n{REASONING}\n{PREDICTED}",
    "predictions-in-reasoning": f"<think>\nSo:\n{PREDICTED}\n</think>\n",
    "second-reasoning": f"<think>I plan.</think>\n<think>\n{REASONING}\n</think>\n\n{PREDICTED}",
    "no-reasoning": PREDICTED,
    "unclosed-prediction": f"<think>x</think>\n{PREDICTED.replace('</predict>', '')}",
    "list-for-tags": "<think>x</think>\n" + "\n".join(f'{at}. "{each}"' for at, each in enumerate(SAID, start=1)),
    "double": completion((SAID[0], SAID[0].upper(), *SAID[1:])),
    "too-many": completion((*SAID, "And a fifth one, please?")),
    "blank": completion((SAID[0], "…", *SAID[1:])),
    "loop": completion((SAID[0], "go go go go go", *SAID[1:])),
    "artefact": completion((f"User: {SAID[0]}", f"{SAID[1]}<|im_end|>\n<|im_start|>assistant", *SAID[2:])),
}


@pytest.mark.parametrize("problem", REPAIRED)
def test_a_flaw_is_repaired_and_named(problem):
    """All four suggestions are had all the same, and the record says by what repair."""
    assert said(REPAIRED[problem]) == (SAID, (problem,))


def test_too_few_are_kept_and_named():
    """Two of four are better than none; nobody takes them for four."""
    assert said(completion(SAID[:2])) == (SAID[:2], ("too-few",))


def test_a_thought_about_the_tag_is_no_prediction():
    """In reasoning that never ends, only the last 2Q tags can be the answer."""
    text = f"<think>I am to write <predict> lines.\nSo, finally:\n{PREDICTED}"
    assert said(text) == (SAID, ("unclosed-reasoning",))


@pytest.mark.parametrize(
    "text", ["", "<think>I have thought of", "<think>x</think>", "I can't say.", "<predict></predict>", "<predict>"]
)
def test_nothing_proposed_is_none(text):
    """An empty list is never a prediction."""
    assert prediction_of(text, q=2, reasons=True) is None


def test_perspectives_are_not_guessed():
    """Without headings nobody knows them; where thoughts and predictions don't match, the instruction's order holds."""
    bare = prediction_of(PREDICTED, q=2, reasons=False)
    assert bare is not None
    assert {each.perspective for each in bare.suggestions} == {None}
    lines = REASONING.replace("- And the dog stays. The intent path is Dog → Sitter", "")
    unaligned = prediction_of(completion().replace(REASONING, lines), q=2, reasons=True)
    assert unaligned is not None
    assert [each.perspective for each in unaligned.suggestions] == [EXPLOITATION] * 2 + [EXPLORATION] * 2
    assert {each.path for each in unaligned.suggestions} == {None}


def test_a_path_stays_with_its_suggestion_when_another_is_left_out():
    """The second of five is a double: the third one keeps its own path."""
    text = completion((SAID[0], SAID[0], SAID[2], SAID[3]))
    prediction = prediction_of(text, q=2, reasons=True)
    assert prediction is not None
    assert [str(each.path) for each in prediction.suggestions] == [
        "Trip → Hotel - quiet",
        "Food → Dinner - fish",
        "Dog → Sitter",
    ]
