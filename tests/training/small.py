"""A tiny random model with a tokenizer of its own, and a few short rows: training without weights from anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from proutt.training.word_splits import SPLITS

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_SUBJECTS = ["tea", "trains", "soup", "maps", "chess", "lamps", "rivers", "bread", "boats", "wool", "clocks", "owls"]


def rows(count: int = 12) -> list[dict[str, Any]]:
    """Short preference rows in our layout, in TRL's form."""
    return [_row(_SUBJECTS[number % len(_SUBJECTS)], number) for number in range(count)]


def _row(subject: str, number: int) -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": f"Dialogue {number}: the user asks about {subject}. What comes next?"}],
        "chosen": [{"role": "assistant", "content": _side(subject, f"Where can I find {subject}?")}],
        "rejected": [{"role": "assistant", "content": _side("dogs", "I have a dog.")}],
    }


def _side(subject: str, said: str) -> str:
    return f"<think>\nThey speak of {subject}.\n</think>\n\nNext:\n<predict>{said}</predict>"


def write_rows_file(path: Path, count: int = 12) -> Path:
    """The rows as a file of `proutt export --to trl-preference`."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(count)), encoding="utf-8")
    return path


def write_model(folder: Path, kind: str = "llama", split: str = "smollm") -> Path:
    """A random model of two layers with a byte-level tokenizer of about 600 tokens, as transformers saves it."""
    import torch
    import transformers

    size = _write_tokenizer(folder, split)
    sizes: dict[str, Any] = {
        "vocab_size": size + 5,  # as real models have: more rows than tokens
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    if kind == "qwen3":
        sizes["head_dim"] = 32
    torch.manual_seed(7)
    config = transformers.AutoConfig.for_model(kind, **sizes)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for name, weight in model.named_parameters():  # zeros and ones at the start would hide what is left out
        if weight.dim() == 1:
            weight.data += torch.randn_like(weight) * 0.2
        else:
            weight.data = torch.randn_like(weight) * (0.5 if "embed" in name else 0.15)
    model.save_pretrained(folder)
    return folder


def _write_tokenizer(folder: Path, split: str) -> int:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[AddedToken(each, special=True) for each in _SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([json.dumps(row) for row in rows()], trainer)
    told = json.loads(tokenizer.to_str())
    told["pre_tokenizer"] = SPLITS[split]
    told["decoder"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    made = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(told)),
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
    )
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)
    return len(made)
