"""Verdicts: what was looked at, how much was found, and what is borne."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.export.reading import subject_of
from proutt.intent import SentenceType
from proutt.quality.audit import CHECKS, Audit, Setup, Side, Subject, failed, selected
from quality.audit.pairs import checks_of, clean_pair, clean_subject, with_candidate
from records import a_hostile_pair


def results(audit):
    return {result.check.name: result for result in audit.results()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_flagged_of_a_clean_pair(language):
    """By no check, with a length that holds it."""
    assert checks_of(clean_subject(language), setup=Setup(max_length=4096)) == []


def test_a_check_counts_what_it_looked_at_and_what_it_found():
    """Rows for most, utterances where a limit is of these."""
    audit = Audit(Setup())
    audit.look(clean_subject())
    audit.look(subject_of(with_candidate(clean_pair("zh"), "chosen", 1, utterance="Is there a discount for students?")))
    found = results(audit)["language-mismatch"]
    assert (found.looked, found.flagged, found.rows, found.value) == (16, 1, 1, 1 / 16)
    assert found.low < found.value < found.high
    assert found.verdict == "fail"
    assert audit.flagged_rows == 1


def test_a_limit_of_the_user_s_decides():
    """The same finding within it passes."""
    audit = Audit(Setup(levels={"language-mismatch": {"limit": 0.2}}))
    audit.look(subject_of(with_candidate(clean_pair("zh"), "chosen", 1, utterance="Is there a discount for students?")))
    found = results(audit)["language-mismatch"]
    assert (found.verdict, found.borne) == ("pass", "at most 20% of utterances")


def test_a_parameter_of_the_user_s_decides():
    """Here every pair is of low contrast."""
    audit = Audit(Setup(levels={"low-contrast": {"similarity": 0.1}}))
    assert [flag.check for flag in audit.look(clean_subject())] == ["low-contrast"]


def test_a_warning_does_not_fail_an_audit_and_an_error_does():
    """Exit codes are for errors."""
    warned, wrong = Audit(Setup(levels={"low-contrast": {"similarity": 0.1}})), Audit(Setup())
    warned.look(clean_subject())
    clean = clean_subject()
    wrong.look(replace(clean, rejected=clean.chosen))
    assert results(warned)["low-contrast"].verdict == "warn"
    assert (failed(warned.results()), failed(wrong.results())) == (False, True)


def test_a_check_without_what_it_needs_is_not_applicable():
    """And says what that is; it neither passes nor fails."""
    audit = Audit(Setup())
    audit.look(Subject("1", "f:1", "Say it.", Side("Yes.")))
    found = results(audit)
    for name, lacking in [
        ("truth-in-reasoning", "the record"),
        ("same-sides", "a rejected side"),
        ("sentence-type-fit", "sentence types"),
        ("language-mismatch", "a language"),
        ("cut-off", "--max-length"),
        ("negative-near-truth", "the record"),
        ("split-near-duplicates", "parts"),
        ("judge-agreement", "the record"),
    ]:
        assert (found[name].verdict, found[name].looked, lacking in found[name].note) == ("n/a", 0, True)


def test_a_check_looks_at_the_rows_that_have_what_it_needs():
    """Mixed data: the others are not counted."""
    audit = Audit(Setup())
    audit.look(Subject("1", "f:1", "Say it.", Side("Yes.")))
    audit.look(clean_subject())
    found = results(audit)
    assert (found["truth-in-reasoning"].looked, found["personal-data"].looked) == (1, 2)


def test_checks_are_chosen_by_name():
    """In the order of the table, and a wrong name names the nearest."""
    assert list(selected(["secrets", "low-contrast"])) == ["low-contrast", "secrets"]
    assert "secrets" not in selected(skip=["secrets"])
    with pytest.raises(UserError, match="Did you mean 'low-contrast'"):
        selected(["low-contrst"])
    with pytest.raises(UserError, match="no check is left"):
        selected(["secrets"], ["secrets"])


def test_every_check_says_what_it_is():
    """A name, a title, a limit within 0..1 and a source."""
    for name, check in CHECKS.items():
        assert name == check.name
        assert check.title
        assert check.source
        assert 0 <= check.limit <= 1


ANY_TEXT = st.text(max_size=60)
SIDES = st.builds(
    Side,
    ANY_TEXT,
    st.none() | ANY_TEXT,
    st.lists(ANY_TEXT, max_size=3).map(tuple),
    st.sampled_from([None, *SentenceType]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(Subject, ANY_TEXT, ANY_TEXT, ANY_TEXT, SIDES, st.none() | SIDES, st.sampled_from([None, "train", "test"]))
)
def test_no_text_stops_an_audit(subject):
    """Whatever a row holds, every check comes to an end."""
    audit = Audit(Setup(max_length=20))
    audit.look(subject)
    audit.results()


def test_a_hostile_record_does_not_stop_an_audit():
    """Control text, markup and templates in every place of the record."""
    assert "same-sides" in checks_of(subject_of(a_hostile_pair()))
