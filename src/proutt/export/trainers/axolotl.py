"""axolotl 0.19: `axolotl train FILE.yaml`. Longer rows than `sequence_len` are dropped, so it holds the longest."""

from __future__ import annotations

from proutt.export.trainers.training import (
    ACCUMULATION,
    ALIGNMENT_EPOCHS,
    ALIGNMENT_RATE,
    BATCH,
    LORA_ALPHA,
    LORA_RANK,
    SFT_EPOCHS,
    SFT_RATE,
    Training,
    yaml_lines,
)


def preference_files(training: Training) -> dict[str, str]:
    """`dpo.yaml` and `simpo.yaml`."""
    own = {"dpo": ("rl_beta: 0.1",), "simpo": ("rl_beta: 2.0", "simpo_gamma: 1.0", "cpo_alpha: 0.0")}
    return {
        f"{name}.yaml": _config(
            training, f"{name}.yaml", "chat_template.default", ALIGNMENT_RATE, ALIGNMENT_EPOCHS, f"rl: {name}", *lines
        )
        for name, lines in own.items()
    }


def orpo_files(training: Training) -> dict[str, str]:
    """`orpo.yaml`."""
    own = ("rl: orpo", "rl_beta: 0.1", "remove_unused_columns: false")
    kind = "chat_template.argilla"
    return {"orpo.yaml": _config(training, "orpo.yaml", kind, ALIGNMENT_RATE, ALIGNMENT_EPOCHS, *own)}


def sft_files(training: Training) -> dict[str, str]:
    """`axolotl-sft.yaml`, for `messages` rows: the loss is on the answers."""
    return {"axolotl-sft.yaml": _config(training, "axolotl-sft.yaml", "chat_template", SFT_RATE, SFT_EPOCHS)}


def _config(training: Training, file: str, kind: str, rate: str, epochs: int, *own: str) -> str:
    masked = ("    message_field_training: train  # only what says so is learnt",) if training.last_only else ()
    return yaml_lines(
        f"# In this folder: axolotl train {file}    (axolotl 0.19.0)",
        f"base_model: {training.model}",
        *own,
        *_datasets("datasets", "train", kind, *masked),
        *(_datasets("test_datasets", "validation", kind, *masked) if training.validates else ()),
        "chat_template: tokenizer_default",
        f"sequence_len: {training.max_length}  {training.length_comment}",
        f"output_dir: ./{file.removesuffix('.yaml').removeprefix('axolotl-')}-model",
        "adapter: lora",
        f"lora_r: {LORA_RANK}",
        f"lora_alpha: {LORA_ALPHA}",
        "lora_target_linear: true",
        f"num_epochs: {epochs}",
        f"learning_rate: {rate}",
        "optimizer: adamw_torch",
        "lr_scheduler: cosine",
        f"micro_batch_size: {BATCH}",
        f"gradient_accumulation_steps: {ACCUMULATION}",
        "bf16: auto",
        "logging_steps: 10",
    )


def _datasets(key: str, part: str, kind: str, *own: str) -> tuple[str, ...]:
    return (
        f"{key}:",
        f"  - path: {part}.jsonl",
        "    ds_type: json",
        "    split: train  # the file's only one",
        f"    type: {kind}",
        *own,
    )
