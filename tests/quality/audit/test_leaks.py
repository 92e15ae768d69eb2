"""The truth in reasoning, and phrases that give away that it was at hand."""

from __future__ import annotations

import pytest

from proutt.export.reading import subject_of
from quality.audit.pairs import checks_of, clean_pair, clean_subject, flags_of, with_candidate, with_truth

TRUTHS = {
    "en": "Does the airport tram still leave every quarter of an hour after midnight on Sundays?",
    "zh": "周日闭馆之前还能赶上珍宝馆的最后一场讲解吗？",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_clean_pair_has_no_leak(language):
    """Reasoning that follows from the dialogue and from the path is explained."""
    assert checks_of(clean_subject(language)) == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("side", ["chosen", "rejected"])
@pytest.mark.parametrize("part", [slice(None), slice(5, -5)])
def test_a_quoted_truth_is_found(language, side, part):
    """The next utterance, or most of it, word by word in a reasoning of either side."""
    pair = with_truth(clean_pair(language), utterance=TRUTHS[language])
    reasoning = f"{pair.chosen.candidates[1].reasoning} {TRUTHS[language][part]}"
    (flag,) = flags_of(subject_of(with_candidate(pair, side, 1, reasoning=reasoning)), only=["truth-in-reasoning"])
    assert (flag.place, flag.severity) == (f"{side} reasoning 2", "error")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "After midnight, on Sundays, the quarter of an hour may no longer hold."),
        ("zh", "闭馆在即，珍宝馆的讲解也许只剩最后一场。"),
    ],
)
def test_a_retold_truth_is_found(language, told):
    """Most of its words that nothing before explains, in another order."""
    pair = with_truth(clean_pair(language), utterance=TRUTHS[language])
    assert checks_of(subject_of(with_candidate(pair, "chosen", 0, reasoning=told))) == ["truth-in-reasoning"]


def test_the_sentence_type_reasoning_is_looked_at_too():
    """It stands in the training text as well."""
    pair = with_truth(clean_pair(), utterance=TRUTHS["en"])
    chosen = pair.chosen.model_copy(update={"sentence_type_reasoning": f"The user will say: {TRUTHS['en']}"})
    (flag,) = flags_of(subject_of(pair.model_copy(update={"chosen": chosen})), only=["truth-in-reasoning"])
    assert flag.place == "chosen sentence-type reasoning"


def test_what_the_dialogue_said_is_no_leak():
    """A truth that repeats the context is quoted from the context."""
    pair = with_truth(clean_pair(), utterance="How do I get from the airport to Lyon?")
    reasoning = "They asked how do I get from the airport to Lyon, so the way matters to them."
    found = flags_of(subject_of(with_candidate(pair, "chosen", 0, reasoning=reasoning)), only=["truth-in-reasoning"])
    assert found == []


def test_what_the_path_says_is_no_leak():
    """The paper lets the path of turn K+1 through, so its words are explained."""
    pair = clean_pair()
    truth = pair.truth.model_copy(
        update={
            "utterance": "Carnival masks, wooden puppets?",
            "paths": [
                pair.truth.paths[0].model_copy(update={"attribute": "Carnival masks", "value": "wooden puppets"})
            ],
        }
    )
    reasoning = "Carnival masks and wooden puppets are sold there."
    pair = with_candidate(pair.model_copy(update={"truth": truth}), "chosen", 0, reasoning=reasoning)
    assert flags_of(subject_of(pair), only=["truth-in-reasoning"]) == []


@pytest.mark.parametrize(
    "phrase",
    [
        "This matches the ground truth.",
        "The actual next utterance is about tickets.",
        "According to the provided path, tickets come next.",
        "The user actually asks about tickets.",
        "In the next turn, the user asks about tickets.",
        "The reference answer is about tickets.",
        "The original prediction was too broad.",
        "The task asks for another intent.",
        "这与真实的下一句一致。",
        "根据给定的意图路径，用户会问门票。",
        "用户实际上问的是门票。",
        "从后续对话中可以看出用户关心门票。",
        "与标准答案一致。",
        "按照任务要求，这里换成门票。",
    ],
)
def test_tell_tale_phrases_are_found(phrase):
    """English and Chinese, whatever the pair's language."""
    pair = with_candidate(clean_pair(), "chosen", 0, reasoning=f"The fare is settled. {phrase}")
    (flag,) = flags_of(subject_of(pair), only=["tell-tale-phrases"])
    assert flag.place == "chosen reasoning"


@pytest.mark.parametrize(
    "phrase",
    [
        "The user will actually need a ticket.",
        "The next step is a ticket, and the path to the station is short.",
        "A correct answer would help the user.",
        "用户接下来可能会问路怎么走。",
        "实际价格还不清楚。",
    ],
)
def test_ordinary_words_are_no_tell_tales(phrase):
    """Words such as "path", "actually" or "next" have lives of their own."""
    pair = with_candidate(clean_pair(), "chosen", 0, reasoning=f"The fare is settled. {phrase}")
    assert flags_of(subject_of(pair), only=["tell-tale-phrases"]) == []


def test_a_dialogue_on_machine_learning_may_speak_of_ground_truth():
    """A phrase that the dialogue itself uses is no tell-tale."""
    pair = clean_pair()
    turns = [
        pair.context.turns[0].model_copy(update={"user": "How do I draw ground truth boxes?"}),
        *pair.context.turns[1:],
    ]
    pair = pair.model_copy(update={"context": pair.context.model_copy(update={"turns": turns})})
    pair = with_candidate(pair, "chosen", 0, reasoning="The ground truth boxes are drawn, so metrics come next.")
    assert flags_of(subject_of(pair), only=["tell-tale-phrases"]) == []
