"""A GGUF file as a folder that transformers trains from: once, into the cache.

The weights are dequantised: training starts from what the engine computes with, not from the model that was quantised.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.llm.cache import cache_folder, sole
from proutt.llm.fetch import sha256_of
from proutt.training.word_splits import SPLITS

#: Up to so many weights a folder keeps 32 bits, which hold every dequantised number exactly; beyond, 16.
_EXACT_UP_TO = 500_000_000
#: Counts in the folder's name: a folder of an earlier way of converting is not taken for one of this.
_WAY = 1


def converted(gguf_file: Path) -> Path:
    """The folder with the model of a GGUF file, made where it is not there. Blocks, for minutes where the model is big.

    Raises UserError where transformers can't read the file, the tokenizer's split is not known, or memory or disk lack.
    """
    folder = cache_folder() / "bases" / f"{gguf_file.stem}-{sha256_of(gguf_file)[:12]}-{_WAY}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with sole(folder.with_name(f"{folder.name}.lock")):
        if folder.is_dir():
            return folder
        _require_room(gguf_file, folder.parent)
        prefix = f".{folder.name}-"
        for left_over in folder.parent.glob(f"{prefix}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as aside:
            made = Path(aside) / "model"
            _convert(gguf_file, made)
            made.rename(folder)
    return folder


def _convert(gguf_file: Path, folder: Path) -> None:
    import gguf
    import torch
    import transformers

    reader = gguf.GGUFReader(gguf_file)
    named = reader.get_field("tokenizer.ggml.pre")
    split = None if named is None else str(named.contents())
    if split not in SPLITS:
        raise UserError(
            f"its tokenizer splits text as {split!r}, which is not known here.",
            where=str(gguf_file),
            remedy=f"Use the model's folder or hub name as --base. Known: {', '.join(SPLITS)}.",
        )
    weights = sum(int(tensor.n_elements) for tensor in reader.tensors)
    del reader
    place: dict[str, Any] = {"pretrained_model_name_or_path": str(gguf_file.parent), "gguf_file": gguf_file.name}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(**place)
        model = transformers.AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    except Exception as error:  # transformers raises what its parts raise
        raise UserError(
            f"transformers can't read it ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}).",
            where=str(gguf_file),
            remedy="Use the model's folder or hub name as --base.",
        ) from None
    _forget_quantization(model)
    if weights > _EXACT_UP_TO:
        model = model.to(torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _set_split(folder / "tokenizer.json", SPLITS[split])


def _forget_quantization(model: Any) -> None:
    """Its weights are plain numbers now, but transformers refuses to save what says that it came from GGUF."""
    model.hf_quantizer = None
    model.is_quantized = False
    for owner, name in ((model, "quantization_method"), (model.config, "quantization_config")):
        if hasattr(owner, name):
            delattr(owner, name)


def _set_split(path: Path, pre_tokenizer: dict[str, Any]) -> None:
    """Put the split that the GGUF file names in place of the one that transformers assumes."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["pre_tokenizer"] = pre_tokenizer
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def _require_room(gguf_file: Path, folder: Path) -> None:
    """Dequantised weights take up to eight times the file in memory, and half of that on disk."""
    from proutt.training.memory import available_bytes

    size = gguf_file.stat().st_size
    free, memory = shutil.disk_usage(folder).free, available_bytes()
    if free < 6 * size:
        raise UserError(
            f"converting it needs about {6 * size / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free.",
            where=str(folder),
            remedy="Make room, or set PROUTT_CACHE to a folder on another disk.",
        )
    if memory is not None and memory < 9 * size:
        raise UserError(
            f"converting it needs about {9 * size / 1e9:.1f} GB of memory and {memory / 1e9:.1f} GB are free.",
            where=str(gguf_file),
            remedy="Use a smaller base, e.g. --base local:tiny, or a machine with more memory.",
        )
