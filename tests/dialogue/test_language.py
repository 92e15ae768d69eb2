"""The language that a user writes."""

from __future__ import annotations

import pytest

from proutt.dialogue.language import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Could you explain how a heat pump works?", "en"),
        ("你好", "zh"),
        ("推荐一家有 WiFi 的酒店", "zh"),
        ("請推薦一本書", "zh"),
        ("東京の天気はどうですか", "ja"),
        ("안녕하세요", "ko"),
        ("Javascript 프로그램 만들어줘", "ko"),
        ("Wie wird das Wetter morgen in Berlin?", "de"),
        ("Quel temps fera-t-il demain à Lyon ?", "fr"),
        ("¿Cuánto cuesta el billete de tren a Sevilla?", "es"),
        ("Какая завтра будет погода?", "ru"),
        ("สวัสดีครับ วันนี้อากาศเป็นอย่างไร", "th"),
        ("Please translate 你好 for me, I do not know what it means.", "en"),
    ],
)
def test_the_language_of_a_text(text, language):
    """Scripts that tell by themselves, and languages that share one."""
    assert language_of([text]) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "1+1=?", "???", "```print('hello world and good morning')```", "https://a.example/the-news"]
)
def test_nothing_to_go_on(text):
    """Signs, code and links are no language."""
    assert language_of([text]) == "und"


def test_pasted_code_is_not_heard():
    """German in a code block does not make a user German."""
    code = "```python\n# Hier wird die Eingabe des Benutzers gelesen und geprüft\neingabe()\n```"
    assert language_of([f"Why does this function never return a value? {code}"]) == "en"


def test_short_utterances_are_told_by_their_answers():
    """Where the user's words are too few, the whole dialogue is heard."""
    assert language_of(["ok"], ["¡Perfecto! ¿Quieres que reserve la mesa para las ocho de la tarde?"]) == "es"


def test_the_users_own_words_come_first():
    """A Chinese user who asks for English answers writes Chinese."""
    assert language_of(["请用英语回答这个问题"], ["Of course. Here is a long answer in English."]) == "zh"


def test_languages_are_codes_of_two_letters():
    """ISO 639-1, each once."""
    assert all(len(code) == 2 for code in LANGUAGES)
    assert len(set(LANGUAGES)) == len(LANGUAGES)
