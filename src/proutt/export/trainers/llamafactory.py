"""LLaMA-Factory 0.9.5: `llamafactory-cli train FILE.yaml`, with `dataset_info.json` beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from proutt.export import llamafactory as rows
from proutt.export.trainers.training import (
    ALIGNMENT_EPOCHS,
    ALIGNMENT_RATE,
    BATCH,
    KTO_BATCH,
    LORA_ALPHA,
    LORA_RANK,
    SFT_EPOCHS,
    SFT_RATE,
    Training,
    batch_lines,
    yaml_lines,
)

DATASET_INFO = "dataset_info.json"
PREFERENCE, SFT, KTO = "proutt_pref", "proutt_sft", "proutt_kto"


def preference_files(training: Training) -> dict[str, str]:
    """`dpo.yaml`, `orpo.yaml`, `simpo.yaml`."""
    losses = {
        "dpo": ["pref_loss: sigmoid", "pref_beta: 0.1"],
        "orpo": ["pref_loss: orpo", "pref_beta: 0.1"],
        "simpo": ["pref_loss: simpo", "pref_beta: 2.0", "simpo_gamma: 1.0"],
    }
    configs = {
        f"{name}.yaml": _config(training, "dpo", name, PREFERENCE, ALIGNMENT_RATE, ALIGNMENT_EPOCHS, *own)
        for name, own in losses.items()
    }
    return configs | _dataset_info(training, PREFERENCE, rows.preference_entry)


def sft_files(training: Training) -> dict[str, str]:
    """`sft.yaml`, for `messages` rows."""
    return _sft(training) | _dataset_info(training, SFT, rows.sft_entry)


def sharegpt_files(training: Training) -> dict[str, str]:
    """`sft.yaml`, for `conversations` rows."""
    return _sft(training) | _dataset_info(training, SFT, rows.sharegpt_entry)


def kto_files(training: Training) -> dict[str, str]:
    """`kto.yaml`."""
    config = _config(training, "kto", "kto", KTO, ALIGNMENT_RATE, ALIGNMENT_EPOCHS, "pref_beta: 0.1")
    return {"kto.yaml": config} | _dataset_info(training, KTO, rows.kto_entry)


def _sft(training: Training) -> dict[str, str]:
    masked = ("mask_history: true  # the earlier answers of a row are there to be read",) if training.last_only else ()
    return {"sft.yaml": _config(training, "sft", "sft", SFT, SFT_RATE, SFT_EPOCHS, *masked)}


def _config(training: Training, stage: str, name: str, dataset: str, rate: str, epochs: int, *own: str) -> str:
    return yaml_lines(
        f"# In this folder: llamafactory-cli train {name}.yaml    (llamafactory 0.9.5)",
        f"model_name_or_path: {training.model}",
        "# template: qwen3  # LLaMA-Factory's name of the model's; without it the tokenizer's own is read",
        f"stage: {stage}",
        "do_train: true",
        "finetuning_type: lora",
        "lora_target: all",
        f"lora_rank: {LORA_RANK}",
        f"lora_alpha: {LORA_ALPHA}",
        *own,
        "dataset_dir: .",
        f"dataset: {dataset}",
        f"cutoff_len: {training.max_length}  {training.length_comment}",
        f"output_dir: {name}-model",
        f"num_train_epochs: {epochs}",
        f"learning_rate: {rate}",
        "lr_scheduler_type: cosine",
        *batch_lines(KTO_BATCH if name == "kto" else BATCH),
        "bf16: true  # false where the device has no bfloat16",
        "logging_steps: 10",
        "report_to: none",
        f"eval_dataset: {dataset}_validation" if training.validates else None,
        "eval_strategy: epoch" if training.validates else None,
    )


def _dataset_info(training: Training, dataset: str, entry: Callable[[str], dict[str, Any]]) -> dict[str, str]:
    """An entry for each part. ASCII: LLaMA-Factory opens the file in the locale's encoding."""
    info = {dataset if part == "train" else f"{dataset}_{part}": entry(f"{part}.jsonl") for part in training.parts}
    return {DATASET_INFO: json.dumps(info, indent=2) + "\n"}
