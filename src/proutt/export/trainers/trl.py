"""TRL 1.16: `trl sft`, `trl dpo` and `trl kto` with a configuration; ORPO and SimPO, which have no command, by script.

The defaults of TRL harm this data: `max_length` is 1024 and the end of a row is cut, where the predictions stand; DPO
drops rows whose prompt alone is longer, and says nothing.
"""

from __future__ import annotations

from importlib.resources import files

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


def preference_files(training: Training) -> dict[str, str]:
    """`dpo.yaml`; `orpo.py` and `simpo.py`, each with its own configuration."""
    simpo = ("loss_type: simpo", "cpo_alpha: 0.0  # 0 is SimPO; more is CPO-SimPO", "beta: 2.0", "simpo_gamma: 1.0")
    return {
        "dpo.yaml": _alignment(training, "dpo", _ROWS, "beta: 0.1"),
        "orpo.yaml": _alignment(training, "orpo", _watched(training), "beta: 0.1"),
        "orpo.py": _script("orpo"),
        "simpo.yaml": _alignment(training, "simpo", _watched(training), *simpo),
        "simpo.py": _script("simpo"),
    }


def sft_files(training: Training) -> dict[str, str]:
    """`sft.yaml` for rows of prompt and completion: the loss is on the completion."""
    return {"sft.yaml": _config(training, "sft", "trl sft --config sft.yaml", SFT_RATE, SFT_EPOCHS, *_ROWS)}


def messages_files(training: Training) -> dict[str, str]:
    """`trl-sft.yaml` for `messages` rows: the loss is on the answers where TRL has a training template of the model."""
    only = "assistant_only_loss: true  # for models whose template TRL can mark; without it every token is learned"
    command = "trl sft --config trl-sft.yaml"
    return {"trl-sft.yaml": _config(training, "sft", command, SFT_RATE, SFT_EPOCHS, *_ROWS, only)}


def kto_files(training: Training) -> dict[str, str]:
    """`kto.yaml`."""
    return {"kto.yaml": _alignment(training, "kto", _ROWS, "beta: 0.1")}


#: TRL's commands take local files only as a mixture, and of that only what is trained on: no part to watch.
_ROWS = ("datasets:", "  - path: json", "    data_files: train.jsonl")


def _watched(training: Training) -> tuple[str, ...]:
    """Our scripts name their files themselves."""
    return ("eval_strategy: epoch",) if training.validates else ()


def _alignment(training: Training, name: str, rows: tuple[str, ...], *own: str) -> str:
    by_script = name in {"orpo", "simpo"}
    command = f"python {name}.py --config {name}.yaml" if by_script else f"trl {name} --config {name}.yaml"
    return _config(training, name, command, ALIGNMENT_RATE, ALIGNMENT_EPOCHS, *rows, *own)


def _config(training: Training, name: str, command: str, rate: str, epochs: int, *own: str) -> str:
    return yaml_lines(
        f"# In this folder: {command}    (trl 1.16.0)",
        f"model_name_or_path: {training.model}",
        f"output_dir: {name}-model",
        f"max_length: {training.max_length}  {training.length_comment}",
        *own,
        f"num_train_epochs: {epochs}",
        f"learning_rate: {rate}",
        *batch_lines(KTO_BATCH if name == "kto" else BATCH),
        "use_peft: true",
        f"lora_r: {LORA_RANK}",
        f"lora_alpha: {LORA_ALPHA}",
        "lora_target_modules: all-linear",
        "logging_steps: 10",
        "report_to: none",
    )


def _script(name: str) -> str:
    return files("proutt.export.trainers").joinpath(f"trl_{name}.py.txt").read_text(encoding="utf-8")
