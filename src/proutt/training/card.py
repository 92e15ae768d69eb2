"""The model card: `README.md` of a training directory, with front matter for the hub. Pure but for writing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from proutt.training.methods import METHODS
from proutt.training.watching import write_whole

CARD = "README.md"
#: What Markdown reads as its own in a name.
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def write_card(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the card of a training with this record."""
    write_whole(folder / CARD, card_text(record))


def card_text(record: Mapping[str, Any]) -> str:
    """The card: data, recipe, results, licence of the base, how to serve."""
    settings, base, stages = record["settings"], record["base"], record["plan"]["stages"]
    front = yaml.safe_dump(_front_matter(record), sort_keys=False, allow_unicode=True, width=120)
    licence = "# license: left to you; it depends on the base's and on the data's"
    sections = [
        "# Next-utterance prediction adapter",
        f"A LoRA adapter of {_shown(base['identity'])} that proposes what a user may say next, with the reasoning that "
        f"leads there. Trained with proutt {record['proutt']}.",
        "## Data",
        _data(record, stages),
        "## Recipe",
        _recipe(settings, record["plan"], stages),
        "## Results",
        _results(record["results"]),
        "These are the trainer's own measures, on the rows it learned from. How good the suggestions are, "
        "they don't say: "
        "`proutt predict` and `proutt evaluate` on other dialogues do.",
        "![curves](curves.png)",
        "## Licence",
        f"Base: {_shown(base['licence'] or 'its card names none; look it up')}. The adapter's is not named yet: "
        "it depends on the base's, on where the dialogues come from and on the terms of the models that wrote the "
        "reasoning.",
        "## Serve",
        "```sh\nproutt train gguf .            # merged model and adapter as GGUF, for the embedded engine\n"
        "proutt predict chats.jsonl --out predictions --model .\n```\n\n"
        "Or load `adapter/` with PEFT on the base, or `merged/` (`proutt train merge .`) with any server, e.g. "
        "`vllm serve merged`. Keep one form throughout an evaluation: they don't give the same answers.",
        "## Libraries",
        ", ".join(f"{name} {number}" for name, number in record["versions"].items()) + ".",
    ]
    return f"---\n{licence}\n{front}---\n\n" + "\n\n".join(sections) + "\n"


def _front_matter(record: Mapping[str, Any]) -> dict[str, Any]:
    name = record["base"]["name"]
    return {
        **({"base_model": name} if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name) else {}),
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["proutt", "lora", "user-intent", *[stage["method"] for stage in record["plan"]["stages"]]],
    }


def _data(record: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"- from: {_shown(Path(record['data']['name']).name)}"]
    for name, digest in record["data"]["sha256"].items():
        stage = next(each for each in stages if METHODS[each["method"]].format == name)
        left = "; ".join(f"{count} {reason}" for reason, count in stage["left_out"].items())
        lines.append(
            f"- `{name}`: {stage['rows_trained_on']:,} rows of {stage['pairs_read']:,} pairs"
            + (f" (left out: {left})" if left else "")
            + f"; {stage['dropped'] + stage['truncated']} rows longer than {stage['max_length']:,} tokens left out; "
            f"SHA-256 {digest}"
        )
    return "\n".join(lines)


def _recipe(settings: Mapping[str, Any], plan: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| stage | method | epochs | steps | learning rate | beta |", "|---|---|---|---|---|---|"]
    for number, (told, stage) in enumerate(zip(settings["stages"], stages, strict=True), 1):
        epochs = f"{told['epochs']:g}" + (" (ended by steps)" if told["max_steps"] else "")
        beta = "" if told["beta"] is None else f"{told['beta']:g}"
        title = METHODS[told["method"]].title
        lines.append(f"| {number} | {title} | {epochs} | {stage['steps']} | {told['learning_rate']:g} | {beta} |")
    batch = settings["batch"] * settings["accumulation"] * plan["devices"]
    lines += [
        "",
        f"LoRA rank {settings['lora_rank']}, alpha {settings['lora_alpha']}, on every linear layer but the output. "
        f"Batch {batch}, loss on the completion only, seed {settings['seed']}, "
        f"{plan['precision']} on {plan['device']}.",
    ]
    return "\n".join(lines)


def _results(results: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| stage | rows | steps | measure | first tenth | last tenth |", "|---|---|---|---|---|---|"]
    for each in results:
        for name, value in each["measures"].items():
            first, last = (_number(value[end]) for end in ("first", "last"))
            title, shown = METHODS[each["method"]].title, name.replace("_", " ")
            lines.append(f"| {title} | {each['rows']} | {each['steps']} | {shown} | {first} | {last} |")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _shown(value: str) -> str:
    """Text of others on one line, with no markup in it."""
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split()))
