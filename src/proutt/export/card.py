"""The data-set card: `README.md` with the front matter that the hub and `datasets` read.

It says how the data was made and leaves the licence to whoever publishes it: that depends on the dialogues and on the
terms of the models, which nobody here knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

CARD = "README.md"

_PAIRS = (
    "Next-utterance prediction data",
    "Dialogues so far, and what the user may say next with the reasoning that leads there.",
)
_DIALOGUES = (
    "Dialogues that mine implicit intentions",
    "A user who says little of what they want, and an assistant that asks for what is missing, offers options and sums "
    "up (SynPT).",
)
_CONVERSATIONS = (
    "Conversations with personas",
    "A chatbot finds out what its user likes to talk about; a critic who knows the user scored its replies (UPC).",
)
#: What a row of them is.
_UPC_ROWS = {
    "whole": "one for each dialogue",
    "answers": "one for each reply",
    "pairs": "one for each reply that the critic preferred to the first attempt",
}

#: What the hub takes for a language: ISO 639-1 or 639-3.
_LANGUAGE = re.compile(r"[a-z]{2,3}")
#: Fewer than so many rows → what the hub calls it
_SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
    100_000_000: "10M<n<100M",
}
#: What Markdown reads as its own in a name of a model.
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def card_text(manifest: Mapping[str, Any], beside: Sequence[str]) -> str:
    """The card of an export with this manifest, whose data files are listed, and with these files beside them."""
    rows = _rows(manifest)
    front = yaml.safe_dump(_front_matter(manifest, rows), sort_keys=False, allow_unicode=True, width=120)
    licence = "# license: left to you (the hub's identifiers: https://huggingface.co/docs/hub/repositories-licenses)"
    name, what = _of(manifest)
    sections = [
        f"# {name}",
        f"{what} Made with proutt {manifest['proutt']}, format `{manifest['format']}`.",
        "## Rows",
        _rows_table(rows),
        _split_text(manifest["split"]),
        "## How it was made",
        _made(manifest),
        "## Before you train on it or publish it",
        "- The licence is not named yet. It depends on where the dialogues come from and on the terms of the models "
        "that wrote the reasoning. Name it in this file's first lines.\n"
        "- Dialogues can hold personal data and secrets. `proutt audit` looks for both, for leaks of the truth and for "
        "what else is known to go wrong in such data.\n"
        f"- {_text_as(manifest['format'])}",
        "## Use",
        _use(beside),
    ]
    body = "\n\n".join(section for section in sections if section)
    return f"---\n{licence}\n{front}---\n\n{body}\n"


def _of(manifest: Mapping[str, Any]) -> tuple[str, str]:
    """What the data set is called, and what it holds."""
    if "upc" in manifest:
        return _CONVERSATIONS
    return _DIALOGUES if "synpt" in manifest else _PAIRS


def _rows(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Rows of each part."""
    return {
        name.removesuffix(".jsonl"): entry["rows"]
        for name, entry in manifest["files"].items()
        if name.endswith(".jsonl") and not name.endswith(".meta.jsonl")
    }


def _front_matter(manifest: Mapping[str, Any], rows: Mapping[str, int]) -> dict[str, Any]:
    total = sum(rows.values())
    ending = ".parquet" if f"{next(iter(rows))}.parquet" in manifest["files"] else ".jsonl"
    return {
        "pretty_name": _of(manifest)[0],
        "language": [each for each in manifest["languages"] if each != "und" and _LANGUAGE.fullmatch(each)],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for limit, name in _SIZES.items() if total < limit), "100M<n<1B")],
        "tags": ["proutt", "dialogue", "user-intent", *_kind(manifest["format"]), "synthetic"],
        "configs": [
            {"config_name": "default", "default": True, "data_files": _data_files(rows, ending)},
            {"config_name": "metadata", "data_files": _data_files(rows, f".meta{ending}")},
        ],
    }


def _kind(format: str) -> list[str]:
    return ["sft"] if format.endswith(("-sft", "-sharegpt")) else ["preference"]


def _data_files(rows: Mapping[str, int], ending: str) -> list[dict[str, str]]:
    return [{"split": part, "path": f"{part}{ending}"} for part in rows]


def _rows_table(rows: Mapping[str, int]) -> str:
    return "\n".join(["| part | rows |", "|---|---|", *(f"| {part} | {count:,} |" for part, count in rows.items())])


def _split_text(split: Mapping[str, Any] | None) -> str:
    if split is None:
        return ""
    near = split["near_duplicates"]
    shares = "/".join(f"{share:g}" for share in split["shares"])
    return (
        f"Split by dialogue ({shares}, seed {split['seed']}) before rows were dealt out: no dialogue is in two parts, "
        "and near-duplicate dialogues are in one (MinHash of 5-grams, estimated Jaccard similarity of at least "
        f"{near['threshold']:g}). "
        f"{near['dialogues']} dialogues were in {near['groups']} groups of near-duplicates."
    )


def _made(manifest: Mapping[str, Any]) -> str:
    lines = [
        *_amounts(manifest),
        ("methods", ", ".join(manifest["methods"])),
        ("models", "; ".join(f"{role}: {', '.join(models)}" for role, models in manifest["models"].items())),
        ("judges", ", ".join(manifest["judges"])),
        ("prompt versions", ", ".join(manifest["prompt_versions"])),
        ("branches", ", ".join(f"{name} {count:,}" for name, count in manifest["branches"].items())),
        ("languages", ", ".join(f"{name} {count:,}" for name, count in manifest["languages"].items())),
        ("instruction in the prompt", f"{manifest['instruction']} ({manifest['instruction_version']})"),
        ("longest row", f"{manifest['tokens']['longest_row']:,} tokens ({manifest['tokens']['counted_with']})"),
    ]
    return "\n".join(f"- {name}: {_shown(value)}" for name, value in lines if value)


def _amounts(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How many dialogues and pairs there are, and how many were left out; of dialogues, rows instead of pairs."""
    pairs, synpt = manifest["pairs"], manifest.get("synpt")
    if "upc" in manifest:
        return _upc_amounts(pairs, manifest["upc"])
    if synpt is None:
        return [("dialogues", f"{manifest['dialogues']:,}"), ("pairs", _of_read(pairs))]
    rows = "one for each answer" if synpt["rows"] == "answers" else "one for each dialogue"
    return [
        ("dialogues", _of_read(synpt)),
        ("rows", f"{_of_read(pairs)}; {rows}, {'with' if synpt['thinking'] else 'without'} thinking"),
        ("tasks", ", ".join(f"{name} {count:,}" for name, count in synpt["tasks"].items())),
        *([("kept together in the split", f"seeds that agree in {synpt['apart']}")] if synpt["apart"] else []),
    ]


def _upc_amounts(rows: Mapping[str, Any], upc: Mapping[str, Any]) -> list[tuple[str, str]]:
    taken = upc["difficulty"]
    measure = ", ".join(f"{name} {value}" for name, value in taken.items() if name != "taken")
    return [
        ("dialogues", _of_read(upc)),
        ("rows", f"{_of_read(rows)}; {_UPC_ROWS[upc['rows']]}"),
        ("difficulty", f"{taken['taken']}" + (f" ({measure})" if measure else "")),
        ("strategies", ", ".join(f"{name} {count:,}" for name, count in upc["strategies"].items())),
        *([("kept together in the split", "personas of one group")] if upc["apart"] else []),
    ]


def _of_read(counts: Mapping[str, Any]) -> str:
    left_out = "; ".join(f"{count} {reason}" for reason, count in counts["left_out"].items())
    return f"{counts['exported']:,} of {counts['read']:,}" + (f" (left out: {left_out})" if left_out else "")


def _text_as(format: str) -> str:
    if format == "proutt":
        return "Texts are as they were said: strings that chat templates take for their own marks are still in them."
    return "Strings in the texts that chat templates take for their own marks are broken by a space."


def _shown(value: str) -> str:
    """Text of others on one line, with no markup in it."""
    return _MARKUP.sub(r"\\\1", " ".join(value.split()))


def _use(beside: Sequence[str]) -> str:
    lines = [
        "```python",
        "from datasets import load_dataset",
        "",
        'rows = load_dataset("PATH_OR_NAME", split="train")',
        "```",
        "",
        '`load_dataset("PATH_OR_NAME", "metadata")` has a line for each row: its dialogue, K, branch and scores. '
        "`manifest.json` has every count and the SHA-256 of each file.",
    ]
    if beside:
        names = ", ".join(f"`{name}`" for name in beside)
        lines += ["", f"For training: {names}; the first line of each configuration says how it is run."]
    return "\n".join(lines)
