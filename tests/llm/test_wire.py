"""The protocol as values."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.llm.wire import message_in, retry_after, without_limits

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        (" 1.5 ", 1.5),
        ("Sat, 21 Nov 2026 12:00:10 GMT", 10),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),  # in the past
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header, seconds):
    """What can't be read asks for nothing, and no wait is negative."""
    assert retry_after(header, now=NOON) == seconds


def test_a_date_is_read_by_the_servers_own_clock():
    """Where both clocks differ, the server's Date header counts."""
    date = "Sat, 21 Nov 2026 10:00:00 GMT"
    assert retry_after("Sat, 21 Nov 2026 10:00:07 GMT", now=NOON, date=date) == 7


@given(st.text())
def test_no_retry_after_breaks_anything(header):
    """Any header is a wait of 0 or more, or none."""
    seconds = retry_after(header, now=NOON)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"message": "no  such\\nmodel"}}', "no such model"),
        ('{"error": "plain"}', "plain"),
        ('{"detail": [{"loc": ["body", "seed"]}]}', '[{"loc": ["body", "seed"]}]'),
        ("<html><title>502</title></html>", "502"),
        ("", ""),
    ],
)
def test_the_human_part_of_an_error_is_found(body, said):
    """Servers word errors in many shapes; a person reads one line."""
    assert message_in(body) == said


@given(st.text())
def test_the_human_part_is_one_short_line(body):
    """Whatever a server sends, a message stays a line."""
    assert len(message_in(body)) <= 300
    assert len(message_in(body).splitlines()) <= 1


def test_limits_leave_a_schema_and_properties_of_that_name_stay():
    """A property called `format` is not a limit."""
    schema = {"properties": {"format": {"type": "string", "maxLength": 3, "pattern": "^a$"}}, "minItems": 1}
    assert without_limits(schema) == {"properties": {"format": {"type": "string"}}}
