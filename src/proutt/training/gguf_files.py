"""Writing GGUF: a merged model, and an adapter for beside its base. By the library gguf; no torch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from proutt.errors import UserError
from proutt.training.architecture import Architecture, architecture_of
from proutt.training.gguf_tensors import Array, gguf_kind, gguf_name, in_order, lora_part
from proutt.training.gguf_vocabulary import Vocabulary, vocabulary_in

Form = Literal["q8_0", "f16"]
#: Rows whose length this does not divide can't be Q8_0.
_BLOCK = 32


def write_model(folder: Path, path: Path, form: Form, *, name: str) -> None:
    """A model's folder (`merged/`) as one GGUF file. name: what engines show.

    form  q8_0: 8 bits, half the size; f16: 16 bits, next to exact
    Raises UserError where the kind of model, its tokenizer or its position scaling can't be written here.
    """
    import gguf

    base = architecture_of(folder)
    kind = gguf_kind(base.kind, str(folder))
    _refuse_scaling(base, folder)
    vocabulary = vocabulary_in(folder, base.vocabulary)
    aside = path.with_name(f".{path.name}")
    aside.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(aside, kind, use_temp_file=True)
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    file_type = gguf.LlamaFileType.MOSTLY_Q8_0 if form == "q8_0" else gguf.LlamaFileType.MOSTLY_F16
    writer.add_file_type(file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_sizes(writer, base)
    _add_vocabulary(writer, vocabulary)
    names = gguf.get_tensor_name_map(_architecture(kind), base.layers)
    for hf_name, values in _tensors(folder):
        if hf_name == "lm_head.weight" and base.config.get("tie_word_embeddings"):
            continue
        rows = in_order(hf_name, values, kind=base.kind, heads=base.heads, kv_heads=base.kv_heads)
        _add_tensor(writer, gguf_name(names, hf_name), rows, form)
    _close(writer)
    aside.replace(path)


def write_adapter(adapter: Path, base: Architecture, path: Path) -> None:
    """PEFT's folder as a GGUF LoRA file, for an engine that has the base. 32 bits. Raises UserError."""
    import gguf

    kind = gguf_kind(base.kind, str(adapter))
    told = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    for unlike in ("use_dora", "use_rslora", "modules_to_save", "rank_pattern", "alpha_pattern"):
        if told.get(unlike):
            raise UserError(
                f"uses {unlike}, which GGUF has no form for.", where=str(adapter), remedy="Merge it instead."
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.unlink(missing_ok=True)
    writer = gguf.GGUFWriter(aside, kind)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(told["lora_alpha"]))
    names = gguf.get_tensor_name_map(_architecture(kind), base.layers)
    for peft_name, values in _tensors(adapter):
        hf_name, side = lora_part(peft_name)
        rows = values
        if side == "b":
            rows = in_order(hf_name, values, kind=base.kind, heads=base.heads, kv_heads=base.kv_heads)
        writer.add_tensor(f"{gguf_name(names, hf_name)}.lora_{side}", np.ascontiguousarray(rows))
    _close(writer)
    aside.replace(path)


def _architecture(kind: str) -> Any:
    import gguf

    return next(each for each, name in gguf.MODEL_ARCH_NAMES.items() if name == kind)


def _add_sizes(writer: Any, base: Architecture) -> None:
    config = base.config
    writer.add_block_count(base.layers)
    writer.add_context_length(base.context or 2048)
    writer.add_embedding_length(base.hidden)
    writer.add_feed_forward_length(base.intermediate)
    writer.add_head_count(base.heads)
    writer.add_head_count_kv(base.kv_heads)
    writer.add_key_length(base.head_dim)
    writer.add_value_length(base.head_dim)
    writer.add_rope_dimension_count(base.head_dim)
    writer.add_vocab_size(base.vocabulary)
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_rope_freq_base(float(_rope(config).get("rope_theta", config.get("rope_theta", 10000.0))))


def _rope(config: dict[str, Any]) -> dict[str, Any]:
    return config.get("rope_parameters") or config.get("rope_scaling") or {}


def _refuse_scaling(base: Architecture, folder: Path) -> None:
    """Scaled positions (Llama 3.1, YaRN) need more than the base frequency; that alone would be silently wrong."""
    scaling = _rope(base.config).get("rope_type") or _rope(base.config).get("type") or "default"
    if scaling != "default":
        raise UserError(
            f"its positions are scaled ({scaling}), which is not written here.",
            where=str(folder),
            remedy="Run `proutt train merge` and llama.cpp's convert_hf_to_gguf.py on merged/.",
        )


def _add_vocabulary(writer: Any, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.split)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    writer.add_token_merges(list(vocabulary.merges))
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    add = {
        "bos": writer.add_bos_token_id,
        "eos": writer.add_eos_token_id,
        "unk": writer.add_unk_token_id,
        "pad": writer.add_pad_token_id,
    }
    for special, number in vocabulary.special.items():
        add[special](number)
    writer.add_chat_template(vocabulary.template)


def _tensors(folder: Path) -> Iterator[tuple[str, Array]]:
    """Every tensor of a folder's safetensors files, one at a time, as 32-bit numbers."""
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(str(file), framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118  # no mapping
                yield name, opened.get_tensor(name).float().numpy()


def _add_tensor(writer: Any, name: str, values: Array, form: Form) -> None:
    import gguf

    if values.ndim == 1:
        writer.add_tensor(name, np.ascontiguousarray(values))
    elif form == "q8_0" and values.shape[-1] % _BLOCK == 0:
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(values), kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, values.astype(np.float16))


def _close(writer: Any) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
