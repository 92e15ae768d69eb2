"""GGUF: names, order of rows, splits of text; and what the engine computes of it against what transformers does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from proutt.errors import UserError
from proutt.training.gguf_tensors import gguf_kind, in_order, lora_part, permuted
from proutt.training.word_splits import SPLITS, split_name
from training.small import write_model


def test_rows_of_a_head_are_its_two_halves_interleaved():
    """Two heads of four rows: 0 1 2 3 becomes 0 2 1 3, in each head for itself."""
    rows = np.arange(8, dtype=np.float32).reshape(8, 1)
    assert permuted(rows, 2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    with pytest.raises(ValueError, match="heads"):
        permuted(rows, 3)


@pytest.mark.parametrize(
    ("kind", "name", "changed"),
    [
        ("llama", "model.layers.0.self_attn.q_proj.weight", True),
        ("llama", "model.layers.0.self_attn.k_proj.weight", True),
        ("llama", "model.layers.0.self_attn.v_proj.weight", False),
        ("llama", "model.layers.0.mlp.up_proj.weight", False),
        ("qwen2", "model.layers.0.self_attn.q_proj.bias", False),
        ("qwen3", "model.layers.0.self_attn.k_proj.weight", False),
    ],
)
def test_only_queries_and_keys_of_llama_change_their_order(kind, name, changed):
    """Qwen turns its positions as llama.cpp does."""
    rows = np.arange(16, dtype=np.float32).reshape(16, 1)
    assert (in_order(name, rows, kind=kind, heads=4, kv_heads=2).tolist() != rows.tolist()) is changed


def test_parts_of_an_adapter_name_the_weight_they_change():
    """PEFT's names; anything else in the file is no plain LoRA."""
    name = "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight"
    assert lora_part(name) == ("model.layers.1.mlp.up_proj.weight", "b")
    with pytest.raises(UserError, match="lora_magnitude"):
        lora_part("base_model.model.model.layers.1.mlp.up_proj.lora_magnitude_vector")


def test_a_kind_of_model_that_is_not_written_is_refused_by_name():
    """With the way to do it all the same."""
    assert gguf_kind("qwen3", "x") == "qwen3"
    with pytest.raises(UserError, match=r"'gemma2'.*convert_hf_to_gguf"):
        gguf_kind("gemma2", "x")


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_recognised_whatever_its_offsets_are(name):
    """And what is not known has no name."""
    told = json.loads(json.dumps(SPLITS[name]).replace('"trim_offsets": true', '"trim_offsets": false'))
    assert split_name(told) == name
    assert split_name({"type": "Metaspace"}) is None
    assert split_name(None) is None


@pytest.mark.parametrize(("kind", "split"), [("llama", "smollm"), ("qwen2", "qwen2"), ("qwen3", "qwen2")])
def test_the_engine_computes_what_transformers_does(kind, split, libraries, tmp_path):
    """Base with a LoRA file, and the merged model: the likeliest next tokens of both, and as many tokens of a text."""
    pytest.importorskip("xllamacpp")
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from proutt.training.architecture import architecture_of
    from proutt.training.gguf_files import write_adapter
    from proutt.training.gguf_files import write_model as write_gguf
    from training.engine import Served

    base = write_model(tmp_path / "base", kind, split)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    adapted = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
    torch.manual_seed(3)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            weight.data = torch.randn_like(weight) * 0.03
    text = "Dialogue 12: the user's  tea <|im_end|>\n 2024!"
    words = tokenizer(text)["input_ids"]
    with torch.no_grad():
        # The engine tells probabilities only with a text: an ending after which a readable token is the likeliest.
        after = adapted(torch.tensor([[*words, last] for last in range(300, 340)])).logits[:, -1].argmax(-1).tolist()
        last = next(300 + at for at, token in enumerate(after) if tokenizer.decode([token]).strip().isalpha())
        ids = [*words, last]
        expected = torch.log_softmax(adapted(torch.tensor([ids])).logits[0, -1], -1).tolist()
        with adapted.disable_adapter():
            plain = torch.log_softmax(adapted(torch.tensor([ids])).logits[0, -1], -1).tolist()
    adapted.save_pretrained(tmp_path / "adapter")
    merged = adapted.merge_and_unload()
    merged.save_pretrained(tmp_path / "merged")
    tokenizer.save_pretrained(tmp_path / "merged")
    write_gguf(base, tmp_path / "base.gguf", "f16", name="base")
    write_gguf(tmp_path / "merged", tmp_path / "merged.gguf", "f16", name="merged")
    write_adapter(tmp_path / "adapter", architecture_of(base), tmp_path / "adapter.gguf")

    with Served(tmp_path / "base.gguf", tmp_path / "adapter.gguf") as both, Served(tmp_path / "merged.gguf") as one:
        assert both.tokens(text) == one.tokens(text) == len(words)
        for served in (both, one):
            found = served.likeliest(ids)
            assert max(abs(found[token] - expected[token]) for token in found) < 0.1
            assert max(abs(found[token] - plain[token]) for token in found) > 0.3  # the adapter is in it
