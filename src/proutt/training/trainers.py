"""TRL's trainers with our settings: SFT and DPO, and ORPO and SimPO, which TRL calls experimental.

What each of them would do to a long row, or learn of a prompt, is decided here: nothing is cut, for only rows that fit
come in, and the loss is on completions alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from proutt.training.device import Machine
from proutt.training.methods import SIMPO_GAMMA
from proutt.training.plan import StagePlan
from proutt.training.settings import TrainSettings

#: ORPO and SimPO put a begin and an end token around rows whose template has none.
_ADDED_TOKENS = 2
#: About so many points on a curve.
_LOGGED = 200


def trainer_for(
    plan: StagePlan,
    settings: TrainSettings,
    machine: Machine,
    model: Any,
    tokenizer: Any,
    rows: list[dict[str, Any]],
    *,
    folder: Path,
    tensorboard: Path,
    save_steps: int,
    checkpoints_kept: int,
    new_adapter: bool,
) -> Any:
    """A trainer, ready to train. new_adapter: the model has none yet."""
    import os

    from datasets import Dataset
    from peft import LoraConfig

    os.environ["TENSORBOARD_LOGGING_DIR"] = str(tensorboard)
    stage = plan.settings
    lora = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    shared: dict[str, Any] = {
        "output_dir": str(folder),
        "num_train_epochs": stage.epochs,
        "max_steps": stage.max_steps or -1,
        "learning_rate": stage.learning_rate,
        "per_device_train_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulation,
        "gradient_checkpointing": machine.checkpointing,
        "bf16": machine.precision == "bfloat16" and machine.device != "cpu",
        "use_cpu": machine.device == "cpu",
        "seed": settings.seed,
        "data_seed": settings.seed,
        "logging_steps": max(1, plan.steps // _LOGGED),
        "save_strategy": "steps",
        "save_steps": save_steps,
        "save_total_limit": checkpoints_kept,
        "report_to": ["tensorboard"],
        "disable_tqdm": True,
        "dataloader_pin_memory": machine.device == "cuda",
        "ddp_find_unused_parameters": False,
    }
    made, own = _family(stage.method, stage.beta, plan.fit.max_length)
    trainer, config = made
    return trainer(
        model=model,
        args=config(**shared, **own),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        **({"peft_config": lora} if new_adapter else {}),
    )


def _family(method: str, beta: float | None, max_length: int) -> tuple[tuple[Any, Any], dict[str, Any]]:
    """(trainer, its configuration), and what only they are told."""
    # SFT and DPO: None cuts nothing. ORPO and SimPO: it would mean 512, and they add tokens that are not counted.
    uncut = {"max_length": max_length + _ADDED_TOKENS}
    if method == "sft":
        from trl import SFTConfig, SFTTrainer

        return (SFTTrainer, SFTConfig), {"max_length": None, "completion_only_loss": True}
    if method == "dpo":
        from trl import DPOConfig, DPOTrainer

        return (DPOTrainer, DPOConfig), {"max_length": None, "beta": beta}
    if method == "orpo":
        from trl.experimental.orpo import ORPOConfig, ORPOTrainer

        return (ORPOTrainer, ORPOConfig), {**uncut, "beta": beta}
    if method == "simpo":
        from trl.experimental.cpo import CPOConfig, CPOTrainer

        own = {"beta": beta, "loss_type": "simpo", "cpo_alpha": 0.0, "simpo_gamma": SIMPO_GAMMA}
        return (CPOTrainer, CPOConfig), {**uncut, **own}
    raise ValueError(f"no such method: {method}")
