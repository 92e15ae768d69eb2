"""What a model's tokenizer makes of a text: numbers, and which strings it takes for its own marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proutt.dialogue.control_text import FOREIGN_CONTROL, LAYOUT_TAGS
from proutt.quality.tokens import estimated_ids, tokenizer_named

_LAYOUT = {f"<{slash}{tag}>" for tag in LAYOUT_TAGS for slash in ("", "/")}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer, or an estimate in place of one.

    ids        text → numbers, with nothing put around it
    estimated  there is no tokenizer: counts are about right, and which tokens are equal is a guess
    added      strings that are one token wherever they stand → whether the tokenizer calls them special
    opening    what the tokenizer itself begins every text with
    """

    name: str
    ids: Callable[[str], list[int]]
    estimated: bool
    added: Mapping[str, bool]
    opening: str = ""

    def marks_of(self, template: str) -> re.Pattern[str]:
        """What forges a turn where somebody said it: special tokens, and others that the template writes.

        The tags of our own layout are none: prompts explain them and completions have them.
        """
        marks = {text for text, special in self.added.items() if text.strip() and (special or text in template)}
        own = "|".join(re.escape(each) for each in sorted(marks - _LAYOUT, key=len, reverse=True))
        if not self.estimated:
            return re.compile(own or r"(?!)")
        return re.compile(f"{own}|{FOREIGN_CONTROL.pattern}" if own else FOREIGN_CONTROL.pattern, re.IGNORECASE)

    @property
    def source(self) -> str:
        """For people: with what was counted."""
        return "estimated" if self.estimated else self.name


def vocabulary_named(name: str) -> Vocabulary:
    """Of a `tokenizer.json`, a folder that has one, or a name on the hub. Raises UserError where it can't be had."""
    tokenizer = tokenizer_named(name)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    added = {each.content: bool(each.special) for each in tokenizer.get_added_tokens_decoder().values()}
    opening = tokenizer.decode(tokenizer.encode("").ids, skip_special_tokens=False)

    def ids(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    return Vocabulary(name, ids, estimated=False, added=added, opening=opening)


def estimated_vocabulary(special: Mapping[str, str]) -> Vocabulary:
    """In place of a tokenizer. special: the tokens that the template's configuration names."""
    return Vocabulary("estimated", estimated_ids, estimated=True, added=dict.fromkeys(special.values(), True))
