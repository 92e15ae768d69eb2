"""Predictions in another language than the user's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proutt.export.reading import subject_of
from proutt.quality.audit.languages import other_language
from quality.audit.pairs import clean_pair, clean_subject, flags_of, with_candidate

ONLY = ["language-mismatch"]
CROSSWOZ = Path(__file__).resolve().parents[4] / "shared" / "data" / "crosswoz_val_sample.json"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "学生有优惠吗？"),
        ("en", "Можно ли купить билет в трамвае?"),
        ("en", "Quiero saber cuánto cuesta la entrada."),
        ("en", "Wie viel kostet die Fahrkarte?"),
        ("en", "Je voudrais un résumé plus court."),
        ("zh", "Is there a student discount for the museum?"),
        ("zh", "학생 할인이 있나요?"),
    ],
)
def test_a_prediction_in_another_language_is_found(language, said):
    """By script, and within one script by the words of another language."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(language), "chosen", 1, utterance=said)), only=ONLY)
    assert flag.place == "chosen prediction 2"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Book a table at Chez Marie."),
        ("en", "Where is the Musée des Beaux-Arts?"),
        ("en", "pandas groupby example"),
        ("en", "What does 故宫 mean?"),
        ("zh", "iPhone 15 Pro Max"),
        ("zh", "用Python写一个function"),
        ("es", "Búscame un restaurante."),
    ],
)
def test_names_and_terms_of_other_languages_are_fine(language, said):
    """An utterance is flagged only where nothing speaks for the user's language."""
    assert other_language(said, {language}) is None


def test_clean_pairs_are_in_the_user_s_language():
    """Both languages, all predictions."""
    assert flags_of(clean_subject(), clean_subject("zh"), only=ONLY) == []


@pytest.mark.skipif(not CROSSWOZ.is_file(), reason="the sample dialogues are not here")
def test_no_false_alarm_over_real_chinese_utterances():
    """Over 500 utterances of users, as predictions of a Chinese dialogue."""
    dialogues = json.loads(CROSSWOZ.read_text(encoding="utf-8")).values()
    said = [each["content"] for dialogue in dialogues for each in dialogue["messages"] if each["role"] == "usr"]
    assert len(said) > 400
    assert [each for each in said if other_language(each, {"zh"})] == []
