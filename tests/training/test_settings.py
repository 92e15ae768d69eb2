"""What a training is told: the paper's numbers, and how two tellings differ."""

from __future__ import annotations

import pytest

from proutt.errors import UserError
from proutt.training.methods import METHODS, paper_recipe
from proutt.training.settings import TrainSettings, changed, stage_of


def test_the_papers_recipe_is_three_epochs_of_sft_then_one_of_alignment():
    """ProUtt, Appendix B-A.3."""
    stages = [stage_of(name) for name in paper_recipe("dpo")]
    assert [(stage.method, stage.epochs) for stage in stages] == [("sft", 3), ("dpo", 1)]


@pytest.mark.parametrize("name", ["sft", "kto"])
def test_an_alignment_learns_from_two_sides(name):
    """SFT is none, and neither is what is not known."""
    with pytest.raises(UserError, match="dpo, orpo, simpo"):
        paper_recipe(name)


def test_what_is_given_goes_before_a_methods_own_values():
    """Each of them alone; SFT has no beta whatever is said."""
    assert stage_of("dpo", beta=0.5).beta == 0.5
    assert stage_of("dpo", beta=0.5).learning_rate == METHODS["dpo"].learning_rate
    assert stage_of("sft", beta=0.5).beta is None


def test_a_difference_names_what_and_both_values():
    """Nested settings by dotted names; what is the same is not said."""
    one = TrainSettings("base", (stage_of("sft"),)).as_json()
    other = TrainSettings("base", (stage_of("sft", epochs=2), stage_of("dpo")), max_length=99).as_json()
    found = changed(one, other)
    assert "stages.1.epochs: 3.0, now 2" in found
    assert "max_length: not given, now 99" in found
    assert "stages.2.method: not given, now dpo" in found
    assert not any(each.startswith(("base", "seed")) for each in found)
    assert changed(one, one) == []
