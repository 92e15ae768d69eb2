"""What a run may spend."""

from __future__ import annotations

import pytest

from proutt.llm import Usage
from proutt.runs.ceiling import Ceiling


def per_thousand(usage: Usage, model: str) -> float | None:
    return None if model == "unpriced" else (usage.prompt_tokens + 2 * usage.completion_tokens) / 1000


def test_without_a_ceiling_nothing_is_reached():
    """Whatever is spent."""
    ceiling = Ceiling()
    ceiling.add(Usage(10**9, 10**9), "m")
    assert ceiling.reached is None


@pytest.mark.parametrize(("used", "reached"), [(Usage(60, 29), False), (Usage(60, 30), True), (Usage(500, 0), True)])
def test_tokens_count_over_all_sessions(used, reached):
    """Prompt and answer together; on the ceiling is reached."""
    ceiling = Ceiling(max_tokens=100, before={"m": Usage(5, 5)})
    ceiling.add(used, "m")
    assert (ceiling.reached is not None) is reached


def test_money_is_the_sum_over_models():
    """And said with the option that limits it."""
    ceiling = Ceiling(max_cost=1.0, cost=per_thousand, before={"a": Usage(400, 100)})
    assert (ceiling.spent, ceiling.spent_now, ceiling.reached) == (0.6, 0, None)
    ceiling.add(Usage(200, 100), "b")
    assert ceiling.spent == pytest.approx(1.0)
    assert ceiling.reached == "--max-cost 1 is reached (1)"


def test_a_price_that_is_not_known_makes_the_sum_unknown():
    """Not zero."""
    ceiling = Ceiling(cost=per_thousand)
    ceiling.add(Usage(10, 1), "unpriced")
    assert ceiling.spent is None
