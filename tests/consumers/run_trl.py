"""TRL's own preparation of rows. Run with the Python of TRL's environment: run_trl.py JOBS RESULTS CACHE.

A job: {"kind", "folder": an export, "tokenizer": a folder with a chat template, "max_length"}. A result: {"warned":
whether TRL found a prompt that is no prefix, "kept": {row: {"learned": what is learned of each side after truncation,
as token numbers, "special": how many special tokens prompt and first side have}}} or {"error"}. Of messages "text" is
what is learned, as text.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from datasets import Dataset, disable_caching, disable_progress_bars, load_dataset
from transformers import PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
from trl.chat_template_utils import get_training_chat_template, has_generation_markers
from trl.trainer import dpo_trainer, kto_trainer, sft_trainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

_NOT_PREFIX = "is not a prefix"


class _Heard(logging.Handler):
    """Whether TRL warned that prompts are no prefixes."""

    heard = False

    def emit(self, record: logging.LogRecord) -> None:
        self.heard = self.heard or _NOT_PREFIX in record.getMessage()


def loaded(job: dict[str, Any], cache: str) -> Dataset:
    rows = load_dataset("json", data_files=f"{job['folder']}/train.jsonl", split="train", cache_dir=cache)
    return rows.add_column("index", list(range(len(rows))))


def dpo(rows: Dataset, tokenizer: Any, config: dict[str, Any]) -> dict[int, Any]:
    args = DPOConfig(**config)
    ready = DPOTrainer._prepare_dataset(SimpleNamespace(_tokenizer=tokenizer), rows, tokenizer, args, "train")
    collate = DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id, max_length=args.max_length)
    kept = {}
    for row in ready:
        batch = collate([row])
        sides = zip(batch["input_ids"].tolist(), batch["completion_mask"].tolist(), strict=True)
        learned = [[number for number, own in zip(ids, mask, strict=True) if own] for ids, mask in sides]
        kept[row["index"]] = _row(learned, row["prompt_ids"] + row["chosen_ids"], tokenizer)
    return kept


def kto(rows: Dataset, tokenizer: Any, config: dict[str, Any]) -> dict[int, Any]:
    trainer = SimpleNamespace(_tokenizer=tokenizer, calculate_KL=False, undesirable_weight=1.0, desirable_weight=1.0)
    ready = KTOTrainer._prepare_dataset(trainer, rows, tokenizer, KTOConfig(**config), "train")
    limit = config["max_length"]
    return {
        row["index"]: _row(
            [row["completion_ids"][: limit - len(row["prompt_ids"])]],
            row["prompt_ids"] + row["completion_ids"],
            tokenizer,
        )
        for row in ready
    }


def sft(rows: Dataset, tokenizer: Any, config: dict[str, Any]) -> dict[int, Any]:
    trainer = SimpleNamespace(_tokenizer=tokenizer, chat_template=None, completion_only_loss=True)
    ready = SFTTrainer._prepare_dataset(trainer, rows, tokenizer, SFTConfig(**config), False, None, "train")
    return {
        row["index"]: _row([[number for number in row["labels"] if number != -100]], row["input_ids"], tokenizer)
        for row in ready
    }


def messages(rows: Dataset, tokenizer: Any, config: dict[str, Any]) -> dict[int, Any]:
    """As our `trl-sft.yaml` has it: the loss is on the answers, with TRL's own template for training."""
    template = None
    if not has_generation_markers(tokenizer.chat_template):
        template = get_training_chat_template(tokenizer)
    trainer = SimpleNamespace(_tokenizer=tokenizer, chat_template=template, completion_only_loss=False)
    args = SFTConfig(**config, assistant_only_loss=True)
    ready = SFTTrainer._prepare_dataset(trainer, rows, tokenizer, args, False, None, "train")
    return {
        row["index"]: {"text": tokenizer.decode([number for number in row["labels"] if number != -100])}
        for row in ready
    }


def _row(learned: list[list[int]], whole: list[int], tokenizer: Any) -> dict[str, Any]:
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    return {"learned": learned, "special": sum(number in special for number in whole)}


KINDS = {"trl-preference": dpo, "trl-kto": kto, "trl-sft": sft, "messages-sft": messages}


def result_of(job: dict[str, Any], cache: str) -> dict[str, Any]:
    heard = _Heard()
    for module in (dpo_trainer, kto_trainer, sft_trainer):
        type(module.logger).warning_once.cache_clear()
        module.logger.logger.addHandler(heard)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(job["tokenizer"])
    config = {
        "output_dir": cache,
        "max_length": job["max_length"],
        "use_cpu": True,
        "bf16": False,
        "report_to": "none",
    }
    try:
        kept = KINDS[job["kind"]](loaded(job, cache), tokenizer, config)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"kept": kept, "warned": heard.heard}


def main(jobs: str, results: str, cache: str) -> None:
    disable_progress_bars()
    disable_caching()  # a row that is not prepared again is not warned of again
    done = [result_of(job, cache) for job in json.loads(Path(jobs).read_text(encoding="utf-8"))]
    Path(results).write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
