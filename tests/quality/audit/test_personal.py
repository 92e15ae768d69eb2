"""Personal data, by form and checksum."""

from __future__ import annotations

import pytest

from proutt.quality.audit import Side, Subject
from quality.audit.pairs import clean_subject, flags_of


def row(text: str, place: str = "prompt") -> Subject:
    texts = {"prompt": "Hello.", "chosen": "Yes, do.", "rejected": "No, don't.", place: text}
    return Subject("1", "f:1", texts["prompt"], Side(texts["chosen"]), Side(texts["rejected"]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to maria.lopez@posteo.de, please.", "e-mail"),
        ("我的邮箱是zhang.wei88@qq.com。", "e-mail"),
        ("我的电话是13812345679，请回电。", "phone"),
        ("打 138-1357-9246 找我", "phone"),
        ("Ring me on +44 20 7946 0958 tonight.", "phone"),
        ("Call (415) 362-7781 after six.", "phone"),
        ("身份证号11010519491231002X", "resident"),
        ("My card is 4539 1488 0343 6467.", "card"),
        ("Pay to DE89 3704 0044 0532 0130 00 by Friday.", "IBAN"),
        ("SSN 536-22-8726", "social security"),
        ("The server is at 91.198.174.192 now.", "IP"),
    ],
)
def test_personal_data_is_found(text, kind):
    """Wherever it stands in a sentence."""
    (flag,) = flags_of(row(text), only=["personal-data"])
    assert kind in flag.reason


@pytest.mark.parametrize("place", ["prompt", "chosen", "rejected"])
def test_every_text_of_a_row_is_looked_at(place):
    """And the flag does not repeat what it warns of."""
    (flag,) = flags_of(row("maria.lopez@posteo.de", place), only=["personal-data"])
    assert flag.place.startswith(place)
    assert "posteo" not in flag.evidence


@pytest.mark.parametrize(
    "text",
    [
        "NAME_1 wrote to user@example.com and to you@yourdomain.com.",
        "git clone git@github.com:a/b.git",
        "<PRESIDIO_ANONYMIZED_EMAIL_ADDRESS>",
        "Call 555-0100 or (555) 555-0199.",
        "order 20231105123456, invoice 1234567890",
        "pi is 3.14159265358979, and 1700000000 is a time",
        "110105194912310021",  # wrong check digit
        "4539 1488 0343 6468",  # fails Luhn
        "DE89 3704 0044 0532 0130 01",  # fails mod 97
        "127.0.0.1, 192.168.1.1, 10.0.0.7, version 91.198.174.192",
        "2023-11-05 10:20:30, 1.2.3.4",
        "ISBN 978-3-16-148410-0",
        "0123456789 1234567890 13800000000",
        "import numpy as np  # v1.26.4",
    ],
)
def test_numbers_and_placeholders_are_no_personal_data(text):
    """Checksums, placeholders and reserved ranges tell."""
    assert flags_of(row(text), only=["personal-data"]) == []


def test_landlines_are_a_matter_of_their_own():
    """They are mostly shops': a warning."""
    (flag,) = flags_of(row("电话是010-65512277。"), only=["personal-data", "landline-numbers"])
    assert (flag.check, flag.severity) == ("landline-numbers", "warning")


def test_clean_pairs_hold_none():
    """Instruction, tree and reasoning included."""
    assert flags_of(clean_subject(), clean_subject("zh"), only=["personal-data", "secrets", "control-strings"]) == []
