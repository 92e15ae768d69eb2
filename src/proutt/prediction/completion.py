"""A completion of a training instruction as a prediction: `<think>` reasoning, then `<predict>` lines. Pure.

Strict first: what the canonical layout has (`export/text.py`) is read by its own reader. What a model left open, wrote
twice or put in the wrong place is repaired where its meaning is plain, and every repair is named (`repair.PROBLEMS`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from proutt.export.reading.completion import sentence_type_in, side_of, tree_in
from proutt.export.wording import wording
from proutt.intent import IntentPath, Perspective
from proutt.prediction.prediction import Prediction, Suggestion
from proutt.prediction.repair import each_once, kept, unquoted
from proutt.prompts.proutt import parse_path

_THINK = re.compile(r"<\s*think(?:ing)?\s*>", re.IGNORECASE)
_UNTHINK = re.compile(r"<\s*/\s*think(?:ing)?\s*>", re.IGNORECASE)
_OPEN = re.compile(r"<\s*predict(?:ion)?\s*>", re.IGNORECASE)
_CLOSE = re.compile(r"<\s*/\s*predict(?:ion)?\s*>", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*•]\s+|\(?\d{1,2}[.)、:：]\s*)(.+)$", re.MULTILINE)
_LABELS = {
    perspective: tuple(wording(language).perspectives[perspective].partition("]")[0] + "]" for language in ("en", "zh"))
    for perspective in Perspective
}
_PATH = re.compile(r"(?:intent path(?: is)?|意图路径(?:是|为)?)\s*[:：]?\s*`?(?P<path>[^`\n]+?)`?\s*$", re.IGNORECASE)


def prediction_of(text: str, *, q: int, reasons: bool) -> Prediction | None:
    """What a completion proposes, 2Q suggestions at most; None where it proposes nothing.

    reasons  whether the instruction asks for reasoning, so that a completion without any has a problem
    """
    reasoning, answer, problems = _parted(text, 2 * q)
    if reasoning is None and reasons:
        problems.append("no-reasoning")
    proposed, found = _proposed(answer)
    if not proposed and reasoning is not None:
        proposed, _ = _tagged(reasoning)
        found = ["predictions-in-reasoning"] if proposed else []
        proposed = proposed[-2 * q :]
    problems += found
    clean = kept(proposed, 2 * q)
    if not clean.texts:
        return None
    thoughts = _thoughts(reasoning or "", len(proposed), q)
    kind = None if reasoning is None else sentence_type_in(reasoning)
    suggestions = tuple(
        Suggestion(said, perspective=thoughts[index][0], sentence_type=kind, path=thoughts[index][1])
        for index, said in clean.texts
    )
    return Prediction(
        suggestions,
        reasoning=reasoning,
        tree=None if reasoning is None else tree_in(reasoning),
        problems=each_once([*problems, *clean.problems]),
        raw=text,
    )


def _parted(text: str, count: int) -> tuple[str | None, str, list[str]]:
    """Reasoning, answer (of `count` predictions), and what was wrong with the tags between them."""
    plain = _UNTHINK.sub("</think>", _THINK.sub("<think>", text))
    closings = plain.count("</think>")
    if closings == 1:
        side = side_of(plain)
        return side.reasoning, plain.partition("</think>")[2], []
    if closings > 1:  # the model's own thinking, then what it was asked for
        before, _, after = plain.rpartition("</think>")
        thought = re.sub(r"\n*</think>\s*(?:<think>)?\n*", "\n\n", before.lstrip().removeprefix("<think>"))
        return thought.strip("\n"), after, ["second-reasoning"]
    before, opening, after = plain.partition("<think>")
    if not opening:
        return None, plain, []
    predictions = list(_OPEN.finditer(after))[-count:]  # the last ones: a thought may speak of the tag
    end = predictions[0].start() if predictions else len(after)
    return after[:end].strip(), after[end:], ["unclosed-reasoning"]


def _proposed(answer: str) -> tuple[list[str], list[str]]:
    """What an answer proposes: its `<predict>` parts, or the items of its list."""
    tagged, problems = _tagged(answer)
    if tagged:
        return tagged, problems
    listed = [unquoted(item) for item in _ITEM.findall(answer)]
    return listed, ["list-for-tags"] if listed else []


def _tagged(text: str) -> tuple[list[str], list[str]]:
    """The texts of all `<predict>` parts, in order; one that is not closed ends with its line."""
    found, problems = [], []
    openings = list(_OPEN.finditer(text))
    for number, opening in enumerate(openings):
        end = openings[number + 1].start() if number + 1 < len(openings) else len(text)
        inside = text[opening.end() : end]
        closing = _CLOSE.search(inside)
        if closing is None:
            problems.append("unclosed-prediction")
            inside = inside.lstrip("\n").partition("\n")[0]
        found.append(inside if closing is None else inside[: closing.start()])
    return found, problems


def _thoughts(reasoning: str, proposed: int, q: int) -> list[tuple[Perspective | None, IntentPath | None]]:
    """Perspective and path of every utterance proposed, as far as the reasoning says them in the same order."""
    said = thoughts_in(reasoning)
    if len(said) == proposed:
        return list(said)
    if said and proposed == 2 * q:  # the order is the instruction's, the thoughts are not one for each
        return [(Perspective.EXPLOITATION if index < q else Perspective.EXPLORATION, None) for index in range(proposed)]
    return [(None, None)] * proposed


def thoughts_in(reasoning: str) -> Sequence[tuple[Perspective, IntentPath | None]]:
    """Perspective and path of each item under the headings of the two perspectives, in order."""
    found: list[tuple[Perspective, IntentPath | None]] = []
    perspective: Perspective | None = None
    for line in reasoning.split("\n"):
        heading = next((each for each, labels in _LABELS.items() if any(label in line for label in labels)), None)
        if heading is not None:
            perspective = heading
        elif perspective is not None and _ITEM.match(line):
            found.append((perspective, _path(line)))
    return found


def _path(line: str) -> IntentPath | None:
    named = list(_PATH.finditer(line))
    try:
        return parse_path(named[-1]["path"]) if named else None
    except ValueError:  # it names no topic
        return None
