"""What is known before a training starts: which rows fit, how many steps, how much memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.training.architecture import Architecture
from proutt.training.device import Machine
from proutt.training.lengths import RowLength, fit, length_for
from proutt.training.memory import memory_estimate
from proutt.training.plan import plan_of
from proutt.training.rows import RowFile
from proutt.training.settings import TrainSettings, stage_of

#: Prompt, and prompt with the longer completion.
LENGTHS = [RowLength(40, 90, 90, True), RowLength(60, 101, 101, True), RowLength(100, 130, 130, False)]
LLAMA = Architecture("llama", 134_515_008, 8192, 576, 30, 9, 3, 64, 1536, 49152, {})
CPU = Machine("cpu", "float32", "2 threads", 8 * 10**9)


def plan(settings: TrainSettings, lengths=LENGTHS, base=LLAMA, devices=1):
    rows = {
        name: RowFile(Path("train.jsonl"), "0", len(lengths), len(lengths), {}, {})
        for name in ("trl-sft", "trl-preference")
    }
    return plan_of(settings, rows, dict.fromkeys(rows, lengths), base, CPU, devices)


@pytest.mark.parametrize(
    ("max_length", "kept", "dropped", "truncated", "predict_lost"),
    [
        (130, 3, 0, 0, 0),  # the longest row has just that
        (129, 2, 0, 1, 0),  # a cut that loses no <predict> line
        (101, 2, 0, 1, 0),
        (100, 1, 1, 1, 1),  # a prompt that fills the length is dropped; a row one token too long loses its end
        (60, 0, 2, 1, 1),
    ],
)
def test_a_row_fits_whole_or_is_left_out_and_counted(max_length, kept, dropped, truncated, predict_lost):
    """On the edges of each length."""
    found = fit(LENGTHS, max_length)
    assert (found.rows, found.dropped, found.truncated, found.predict_lost) == (kept, dropped, truncated, predict_lost)
    assert found.rows + found.dropped + found.truncated == len(LENGTHS)


def test_without_a_maximum_length_every_row_fits_that_the_base_can_take():
    """The longest row decides, then the base's context."""
    assert length_for(LENGTHS, 8192) == 130
    assert length_for(LENGTHS, 100) == 100
    assert length_for(LENGTHS, None) == 130


def test_steps_are_whole_batches_over_all_devices():
    """3 rows, 2 a step: 2 steps an epoch, 3 epochs; max_steps goes before it; two devices halve them."""
    settings = TrainSettings("base", (stage_of("sft"),), batch=1, accumulation=2)
    assert plan(settings).stages[0].steps == 6
    assert plan(settings, devices=2).stages[0].steps == 3
    assert plan(replace(settings, stages=(stage_of("sft", max_steps=5),))).stages[0].steps == 5


def test_a_reference_model_costs_a_third_more_time():
    """DPO computes the reference's likelihoods too; ORPO has none."""
    dpo, orpo = (plan(TrainSettings("base", (stage_of(name),))).seconds(0.003) for name in ("dpo", "orpo"))
    assert dpo == pytest.approx(orpo * 4 / 3)


def test_stopping_at_long_rows_names_the_first():
    """With too_long "stop" nothing is trained that would leave a row out."""
    settings = TrainSettings("base", (stage_of("dpo"),), max_length=100, too_long="stop")
    with pytest.raises(UserError, match=r"train\.jsonl:2: 2 of 3 rows .* 1 would lose <predict> lines"):
        plan(settings)


@pytest.mark.parametrize(("max_length", "said"), [(50, "none of 3 rows fits"), (9000, "8192 tokens at most")])
def test_lengths_that_can_not_be_are_refused(max_length, said):
    """Shorter than every row, or longer than the base's context."""
    with pytest.raises(UserError, match=said):
        plan(TrainSettings("base", (stage_of("sft"),), max_length=max_length))


def test_memory_grows_with_rows_and_sides_and_shrinks_with_precision():
    """Weights by their bytes, activations by the tokens at once."""
    one = memory_estimate(LLAMA, tokens=500, rank=16, weight_bytes=4, checkpointing=False)
    both = memory_estimate(LLAMA, tokens=1000, rank=16, weight_bytes=4, checkpointing=False)
    half = memory_estimate(LLAMA, tokens=500, rank=16, weight_bytes=2, checkpointing=False)
    again = memory_estimate(LLAMA, tokens=500, rank=16, weight_bytes=4, checkpointing=True)
    assert one.weights == 4 * LLAMA.parameters == 2 * half.weights
    assert both.activations + both.logits == 2 * (one.activations + one.logits)
    assert again.activations < one.activations / 5
    assert one.adapter == LLAMA.lora_parameters(16) * 16


def test_an_adapter_has_the_weights_that_peft_makes(base):
    """Every linear layer but the output."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from proutt.training.architecture import architecture_of

    model = AutoModelForCausalLM.from_pretrained(base)
    facts = architecture_of(base)
    assert facts.parameters == sum(each.numel() for each in model.parameters())
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    assert adapted.get_nb_trainable_parameters()[0] == facts.lora_parameters(4)
