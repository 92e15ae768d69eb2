"""Small tokenizers for tests: byte-level BPE learned from a few texts, with the marks of one chat template."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

#: What chat templates write around messages: `<|im_end|>`, `<｜User｜>`, `<start_of_turn>`, `[gMASK]`, `<end_of_turn>`.
_MARK = re.compile(r"<[|｜][^<>|｜{}\s]{1,40}[|｜]>|<(?:start|end)_of_turn>|<\|?turn\|?>|\[gMASK\]|<sop>")
#: Marks that models have as tokens but not as special ones, so that decoding keeps them.
_TAGS = ("<think>", "</think>")
_TEXTS = (
    "The user may want to know the fare, the time of the last tram and a cheap hotel. How much is it?",
    "First, I lay out what the user has wanted so far. Second, the next sentence is most likely a question.",
    "用户可能想知道门票多少钱，故宫什么时候开门。首先，整理用户的意图。",
    "<think>\n\n</think>\n\n<predict></predict>\n> Round 1\nUser:\nAssistant:\nsystem\nuser\nassistant\nmodel\n",
)


def make_tokenizer(template: str, folder: Path, *, bos: str | None = None, eos: str | None = None) -> Path:
    """A folder with tokenizer.json and tokenizer_config.json.

    template  its text: every mark in it becomes a special token
    bos       put before every text by the tokenizer itself, as Llama's does
    eos       the end-of-text token; `<|endoftext|>` if not given
    """
    marks = dict.fromkeys([*_MARK.findall(template), *(each for each in (bos, eos) if each), "<|endoftext|>"])
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        _TEXTS, trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in _TAGS])
    if bos is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": eos or "<|endoftext|>",
        "pad_token": "<|endoftext|>",
        **({} if bos is None else {"bos_token": bos}),
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return folder
