"""Thresholds of the user's."""

from __future__ import annotations

import pytest

from proutt.errors import UserError
from proutt.quality.audit import CHECKS, read_thresholds


def read(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return read_thresholds(path, CHECKS)


def test_a_number_is_the_limit_and_a_mapping_has_further_figures(tmp_path):
    """Both forms in one file."""
    found = read(tmp_path, "language-mismatch: 0.02\nlow-contrast:\n  limit: 0.2\n  similarity: 0.95\n")
    assert found == {"language-mismatch": {"limit": 0.02}, "low-contrast": {"limit": 0.2, "similarity": 0.95}}


def test_an_empty_file_changes_nothing(tmp_path):
    """All defaults."""
    assert read(tmp_path, "# none yet\n") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secrets: 0\nlow-contrst: 0.1\n", r"own\.yaml:2: unknown key 'low-contrst'\. Did you mean 'low-contrast'\?"),
        ("low-contrast:\n  similarty: 0.1\n", r"own\.yaml:2: unknown key 'similarty'\. Did you mean 'similarity'\?"),
        ("secrets: 0\nsecrets: 1\n", r"own\.yaml:2: the key 'secrets' is there twice"),
        ("secrets: 2%\n", r"own\.yaml:1: the value is no number from 0 to 1"),
        ("secrets: 1.5\n", r"own\.yaml:1: the value is no number from 0 to 1"),
        ("secrets: .nan\n", r"own\.yaml:1: the value is no number"),
        ("secrets: [1]\n", r"own\.yaml:1: the value is no number"),
        ("- secrets\n", r"own\.yaml:1: a file of thresholds holds checks and numbers"),
        ("secrets: {\n", r"own\.yaml:\d+: not YAML"),
    ],
)
def test_a_mistake_names_its_line(tmp_path, text, said):
    """And the nearest key, where one is near."""
    with pytest.raises(UserError, match=said):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    """Not a set of defaults."""
    with pytest.raises(UserError, match="can't be read"):
        read_thresholds(tmp_path / "none.yaml", CHECKS)
