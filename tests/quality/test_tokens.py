"""Token estimates are near what tokenizers count, and are called estimates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.quality.tokens import ESTIMATE, estimated_tokens, tokenizer_counter


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        # counted with the vocabulary of Qwen2.5
        ("Could you also tell me which museums are open on Monday mornings?", 13),
        ("def mean(values):\n    return sum(values) / len(values)\n", 13),
        ("The reservation for 4 people on 12 May 2024 costs 350 euros, breakfast included.", 26),
        ("请帮我推荐一家人均消费在50元以下、评分较高的烤鸭店。", 18),
        ("故宫的开放时间是上午8点半到下午5点，周一闭馆。", 17),
        ("<think>\n[User Intent Tree]:\nTravel {\n    Destination: Lyon,\n    Fare\n}\n</think>", 22),
    ],
)
def test_an_estimate_is_near_the_count(text, counted):
    """Within a fifth for a single sentence of common text, in both languages."""
    assert abs(estimated_tokens(text) - counted) <= max(2, counted / 5)


@given(st.text(), st.text())
def test_longer_text_has_no_fewer_tokens(one, other):
    """Text that is put behind a line's end adds to the estimate."""
    assert estimated_tokens(f"{one}\n{other}") >= estimated_tokens(one) - 1


def test_an_empty_text_has_no_tokens():
    """And every other text has some."""
    assert estimated_tokens("") == 0
    assert estimated_tokens(" ") == 1


def test_the_estimate_says_what_it_is():
    """Whoever prints it can tell it from a count."""
    assert ESTIMATE.estimated
    assert ESTIMATE.name == "estimated"


def test_a_tokenizer_that_cannot_be_had_is_an_error_with_a_remedy(tmp_path, monkeypatch):
    """Without the library, or with a file that is none, the message names the option and what to do."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="--tokenizer"):
        tokenizer_counter(str(tmp_path))


def test_a_tokenizer_file_counts(tmp_path):
    """A tokenizer.json, or the folder it lies in, counts its own tokens; none that only surrounds a text."""
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed: pip install tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "b": 1, "[UNK]": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    for name in (tmp_path, tmp_path / "tokenizer.json"):
        counter = tokenizer_counter(str(name))
        assert counter.tokens("a b c") == 3
        assert not counter.estimated
