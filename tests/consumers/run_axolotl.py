"""axolotl's own preparation of rows: its prompt strategies, and its rule for rows that are too long.

Run with the Python of its environment: run_axolotl.py JOBS RESULTS CACHE. A job: {"kind", "folder": an export,
"tokenizer": a folder with a chat template, "max_length"}. A result: {"kept": {row: {"learned": what is learned of each
side, as text, "special": how many special tokens prompt and first side have}}} or {"error"}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from axolotl.prompt_strategies.chat_template import load as load_sft
from axolotl.prompt_strategies.dpo.chat_template import default as load_dpo
from axolotl.prompt_strategies.orpo.chat_template import argilla as load_orpo
from axolotl.utils.data.rl import _drop_long_sequences
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.enums import RLType
from axolotl.utils.trainer import filter_sequences_by_length
from transformers import PreTrainedTokenizerFast


def preference(job: dict[str, Any], row: dict[str, Any], tokenizer: Any) -> dict[str, Any] | None:
    cfg = DictDefault({"chat_template": "tokenizer_default", "datasets": [{"type": "chat_template.default"}]})
    transform, _ = load_dpo(cfg)
    return _sides(transform(row, tokenizer=tokenizer), RLType.DPO, tokenizer, job["max_length"])


def orpo(job: dict[str, Any], row: dict[str, Any], tokenizer: Any) -> dict[str, Any] | None:
    transform = load_orpo(DictDefault({"chat_template": "tokenizer_default"}))
    return _sides(transform(row, tokenizer=tokenizer), RLType.ORPO, tokenizer, job["max_length"])


def _sides(sample: dict[str, Any], rl: RLType, tokenizer: Any, max_length: int) -> dict[str, Any] | None:
    if not _drop_long_sequences(sample, rl, tokenizer, max_length):
        return None
    whole = tokenizer(sample["prompt"] + sample["chosen"], add_special_tokens=False)["input_ids"]
    return {"learned": [sample["chosen"], sample["rejected"]], "special": _special(whole, tokenizer)}


def sft(job: dict[str, Any], row: dict[str, Any], tokenizer: Any) -> dict[str, Any] | None:
    cfg = DictDefault({"chat_template": "tokenizer_default", "sequence_len": job["max_length"]})
    strategy = load_sft(tokenizer, cfg, ds_cfg={"type": "chat_template"})
    ready = strategy.tokenize_prompt(row)
    if not filter_sequences_by_length(ready, sequence_len=job["max_length"]):
        return None
    learned = tokenizer.decode([number for number in ready["labels"] if number != -100])
    return {"learned": [learned], "special": _special(ready["input_ids"], tokenizer)}


def _special(numbers: list[int], tokenizer: Any) -> int:
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    return sum(number in special for number in numbers)


KINDS = {"axolotl-preference": preference, "axolotl-orpo": orpo, "messages-sft": sft}


def result_of(job: dict[str, Any]) -> dict[str, Any]:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(job["tokenizer"])
    kept = {}
    try:
        rows = Path(job["folder"], "train.jsonl").read_text(encoding="utf-8").splitlines()
        for index, line in enumerate(rows):
            ready = KINDS[job["kind"]](job, json.loads(line), tokenizer)
            if ready is not None:
                kept[index] = ready
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"kept": kept}


def main(jobs: str, results: str, _: str) -> None:
    done = [result_of(job) for job in json.loads(Path(jobs).read_text(encoding="utf-8"))]
    Path(results).write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
