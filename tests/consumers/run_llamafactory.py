"""LLaMA-Factory's own preparation of rows: its loader, converters, template parser and processors.

Run with the Python of its environment: run_llamafactory.py JOBS RESULTS CACHE. A job: {"kind", "folder": an export,
"tokenizer": a folder with a chat template, "max_length"}. A result: {"rows": for each row that is left {"learned": what
is learned of each side, as token numbers, "special": how many special tokens prompt and first side have}} or {"error"}.
"""

from __future__ import annotations

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

#: format → its name in dataset_info.json, the stage that reads it, the columns of what is learned
KINDS = {
    "llamafactory-preference": ("proutt_pref", "rm", ("chosen_labels", "rejected_labels")),
    "llamafactory-sft": ("proutt_sft", "sft", ("labels",)),
    "llamafactory-sharegpt": ("proutt_sft", "sft", ("labels",)),
    "llamafactory-kto": ("proutt_kto", "kto", ("labels",)),
}


def without_audio() -> None:
    """LLaMA-Factory imports torchaudio for recordings, of which we have none, and there is none for this torch."""
    name = "torchaudio"
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__spec__ = ModuleSpec(name, None)


def result_of(job: dict[str, Any], cache: str) -> dict[str, Any]:
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import DataArguments, ModelArguments, TrainingArguments
    from transformers import PreTrainedTokenizerFast

    dataset, stage, columns = KINDS[job["kind"]]
    tokenizer = PreTrainedTokenizerFast.from_pretrained(job["tokenizer"])
    data = DataArguments(dataset=dataset, dataset_dir=job["folder"], cutoff_len=job["max_length"], overwrite_cache=True)
    model = ModelArguments(model_name_or_path=job["tokenizer"])
    training = TrainingArguments(output_dir=cache, use_cpu=True, report_to="none")
    try:
        template = get_template_and_fix_tokenizer(tokenizer, data)
        ready = get_dataset(template, model, data, training, stage=stage, tokenizer=tokenizer)["train_dataset"]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    return {
        "rows": [
            {
                "learned": [[number for number in row[column] if number != -100] for column in columns],
                "special": sum(number in special for number in row.get("chosen_input_ids", row.get("input_ids"))),
            }
            for row in ready
        ]
    }


def main(jobs: str, results: str, cache: str) -> None:
    without_audio()
    from datasets import disable_progress_bars

    disable_progress_bars()
    done = [result_of(job, cache) for job in json.loads(Path(jobs).read_text(encoding="utf-8"))]
    Path(results).write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
