"""Situations from real dialogues: read where the samples lie, never copied.

CrossWOZ says itself which slots each user turn brings. Of ShareGPT the longest word of a user utterance is taken for
its topic, which is crude but stated. A dialogue gives at most two K, so that no dialogue outweighs the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from proutt.dialogue import Dialogue, read_dialogues
from proutt.intent import IntentPath, near
from proutt.intent.sentence_type import sentence_type_of
from quality.audit.seeded.composing import Situation

#: beside the checkout
DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
KS = 2
_TURN_CHARS = 1500
_EN_WORD = re.compile(r"(?<![\w\\/.@-])[A-Za-z]{5,14}(?![\w/.@-])")
_ZH_WORD = re.compile(r"[\u4e00-\u9fff]{2,4}")
#: Words that no one would call a topic.
_NO_TOPIC = frozenset(
    [
        "about",
        "above",
        "again",
        "could",
        "would",
        "should",
        "please",
        "there",
        "their",
        "these",
        "those",
        "which",
        "where",
        "write",
        "using",
        "based",
        "other",
        "every",
        "provide",
        "create",
        "generate",
        "describe",
        "explain",
        "following",
        "information",
        "language",
        "question",
        "answer",
        "something",
        "anything",
        "different",
        "example",
        "continue",
        "english",
        "shorten",
        "rewrite",
        "respond",
        "remember",
    ]
)


def real_situations(folder: Path = DATA) -> Iterator[Situation]:
    """Situations of CrossWOZ and of the English and Chinese part of ShareGPT; none where the folder is missing."""
    if not folder.is_dir():
        return
    yield from _crosswoz(folder / "crosswoz_val_sample.json")
    yield from _sharegpt(folder / "sharegpt_sample.json")


def _crosswoz(file: Path) -> Iterator[Situation]:
    for name, each in json.loads(file.read_text(encoding="utf-8")).items():
        rounds = list(zip(each["messages"][::2], each["messages"][1::2], strict=True))
        paths = [_slots(user["dialog_act"], user["content"]) for user, _ in rounds]
        yield from _situations(f"cw-{name}", "zh", [(user["content"], said["content"]) for user, said in rounds], paths)


def _slots(acts: list[list[Any]], said: str) -> list[IntentPath]:
    """The slots a user turn informs of or asks for; a value only where the turn has its letters."""
    return [
        IntentPath(domain, attribute.split("-")[-1], str(value) if value and str(value) in said else None)
        for kind, domain, attribute, value in acts
        if kind in {"Inform", "Request", "Select"} and attribute not in {"none", "源领域"}
    ]


def _sharegpt(file: Path) -> Iterator[Situation]:
    for dialogue in read_dialogues([str(file)]):
        if dialogue.language in {"en", "zh"}:
            turns = [(turn.user[:_TURN_CHARS], turn.assistant[:_TURN_CHARS]) for turn in dialogue.turns]
            paths = [_topic(said, dialogue) for said in dialogue.utterances[: len(turns)]]
            yield from _situations(f"sg-{dialogue.id}", dialogue.language, turns, paths)


def _topic(said: str, dialogue: Dialogue) -> list[IntentPath]:
    pattern = _ZH_WORD if dialogue.language == "zh" else _EN_WORD
    words = [word for word in pattern.findall(said[:_TURN_CHARS]) if word.casefold() not in _NO_TOPIC]
    return [IntentPath(max(words, key=len), "要点" if dialogue.language == "zh" else "Main points")] if words else []


def _situations(
    name: str, language: str, turns: list[tuple[str, str]], paths: list[list[IntentPath]]
) -> Iterator[Situation]:
    """At most KS turns that bring a path, after one that did."""
    ks = [k for k in range(1, len(turns)) if paths[k] and any(paths[:k])]
    for k in sorted(Random(name).sample(ks, min(KS, len(ks)))):
        tree: dict[str, dict[str, tuple[str | None, int]]] = {}
        for turn, new in enumerate(paths[:k], start=1):
            for path in new:
                topic = next((known for known in tree if near(known, path.topic)), path.topic)
                tree.setdefault(topic, {}).setdefault(path.attribute or "", (path.value, turn))
        fresh = [path for path in paths[k] if (path.attribute or "") not in tree.get(path.topic, {})]
        if not fresh:
            continue
        yield Situation(
            dialogue_id=name,
            language=language,
            turns=turns[:k],
            tree=tree,
            truth=turns[k][0],
            truth_type=sentence_type_of(turns[k][0]),
            truth_path=fresh[0],
            later_paths=[(turn, path) for turn, new in enumerate(paths, start=1) if turn >= k + 2 for path in new],
        )
