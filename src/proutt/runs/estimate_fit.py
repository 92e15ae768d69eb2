"""A `Profile` from a finished run: what its journal tells of its model, its judge and its dialogues."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from proutt.dialogue import Context, Turn
from proutt.errors import UserError
from proutt.intent import Perspective, SentenceType
from proutt.intent.rendering import from_json
from proutt.methods.record import LeafRecord, PreferencePair
from proutt.prompts.proutt import PredictPaths, SmallSentenceTypes
from proutt.prompts.template import prompt_language
from proutt.runs.estimate_profile import QWEN_ANSWERS, QWEN_PROMPTS, Lengths, Profile, Share, counted, length_of
from proutt.runs.journal import Journal
from proutt.runs.synthesis import dialogue_budget


def profile_of(journal: Journal) -> Profile:
    """What a run's journal tells. Raises UserError where it has no pair, or was made by another method than ProUtt."""
    method = (journal.config() or {}).get("method", "proutt")
    predicts = next(journal.items("predicted"), None) is not None
    if method != "proutt" or predicts:
        maker = "proutt predict" if predicts else method
        raise UserError(
            f"this run was made by {maker}: the estimate of a ProUtt run measures in one of ProUtt.",
            where=str(journal.path),
            remedy="Name a run of proutt synthesize without --method, or leave --like out.",
        )
    pairs = [PreferencePair.model_validate_json(item.record) for item, _ in journal.items("paired")]
    if not pairs:
        raise UserError(
            "this run has made no pair yet: nothing can be measured in it.",
            where=str(journal.path),
            remedy="Name a run with some pairs.",
        )
    answers = _answers(journal)
    skipped = dict(journal.rows(f"SELECT reason, COUNT(*) FROM items WHERE {_SKIPPED}"))
    ((failed,),) = journal.rows("SELECT COUNT(*) FROM items WHERE state = 'failed' AND stage != 'annotate'")
    worked = len(pairs) + failed
    paths = [path for pair in pairs for path in pair.truth.paths]
    ratios, thinking = _tokens(answers)
    prompt_ratios = _prompt_ratios(journal, pairs, ratios)
    return Profile(
        basis=f"{len(pairs)} pairs of a run with {', '.join(sorted({*pairs[0].models.values()}))}"
        + (f", in which {failed} turns failed" if failed else ""),
        lengths=_lengths(answers),
        paths=tuple(len(pair.truth.paths) for pair in pairs),
        empty=Share(skipped.get("no-new-path", 0), worked + sum(map(skipped.get, _IN_TURN, (0, 0)))),
        new_topic=Share(sum(pair.truth.perspective == "exploration" for pair in pairs), len(pairs)),
        valued=Share(sum(path.value is not None for path in paths), len(paths)),
        further=_further(answers, pairs, worked, journal),
        predicted=tuple(tuple(each.score for each in pair.candidates) for pair in pairs),
        chosen=_chosen(pairs, answers),
        rejected=_rejected(pairs, answers),
        thinking=thinking,
        prompts=_times(QWEN_PROMPTS, prompt_ratios),
        answers=_times(QWEN_ANSWERS, ratios),
    )


_IN_TURN = ("no-new-path", "empty-tree")
_SKIPPED = "state = 'skipped' GROUP BY reason"


@dataclass(frozen=True, slots=True)
class _Answer:
    step: str
    text: str
    tokens: int


def _answers(journal: Journal) -> list[_Answer]:
    return [_Answer(*row) for row in journal.rows("SELECT step, text, completion_tokens FROM calls ORDER BY key")]


# How long texts are.

_HAN = re.compile("[\u3040-\u9fff]")
_CHAINS = {each.value: "chain" for each in SentenceType}
_PLURALS = {"reasonings": "reasoning", "utterances": "utterance", "paths": "path", "intents": "path", "intent": "path"}


def language_of(text: str) -> str:
    """ "zh" where a text has Chinese characters, else "en": the two kinds of text whose lengths are told apart."""
    return "zh" if _HAN.search(text) else "en"


def _lengths(answers: Iterable[_Answer]) -> dict[tuple[str, str], Lengths]:
    found: dict[tuple[str, str], list[float]] = {}
    for answer in answers:
        language = language_of(answer.text)
        for name, text in _texts(answer.text):
            found.setdefault((name, language), []).append(length_of(text))
    return {key: _quartiles(sorted(sizes)) for key, sizes in sorted(found.items())}


def _quartiles(sizes: list[float]) -> Lengths:
    three = sizes[len(sizes) // 4], sum(sizes) / len(sizes), sizes[(3 * len(sizes)) // 4]
    low, mean, high = (round(each, 2) for each in three)
    return low, mean, high


def _texts(text: str) -> Iterator[tuple[str, str]]:
    """The texts of an answer by field; a path on one line as its topic, attribute and value."""
    try:
        yield from _fields("", json.loads(text))
    except ValueError:  # an answer that was cut off
        return


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _fields(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from _fields(name, each)
    elif isinstance(value, str):
        kind = _CHAINS.get(name) or _PLURALS.get(name) or name
        if " → " in value:
            topic, _, rest = value.partition(" → ")
            attribute, _, last = rest.partition(" - ")
            yield from ((part, said) for part, said in zip(_PATH, (topic, attribute, last), strict=True) if said)
        elif value and kind != "sentence_type":
            yield "phrase" if kind == "path" else kind, value


_PATH = ("topic", "attribute", "value")


def _tokens(answers: Iterable[_Answer]) -> tuple[tuple[float, float], float]:
    """(how many times the Qwen2.5 tokenizer's tokens this server counts: ASCII, other text; thinking tokens an answer).

    An answer whose server counts more than twice the tokens of its text has thought first.
    """
    sums = {"en": [0.0, 0.0], "zh": [0.0, 0.0]}
    thinking, count = 0.0, 0
    for answer in answers:
        expected = counted(answer.text, QWEN_ANSWERS)
        count += 1
        if answer.tokens > 2 * expected + 32:
            thinking += answer.tokens - expected
        else:
            language = language_of(answer.text)
            sums[language][0] += answer.tokens
            sums[language][1] += expected
    latin = _ratio(sums["en"], _ratio(sums["zh"], 1.0))
    return (latin, _ratio(sums["zh"], latin)), round(thinking / count, 1) if count else 0.0


def _prompt_ratios(
    journal: Journal, pairs: Iterable[PreferencePair], otherwise: tuple[float, float]
) -> tuple[float, float]:
    """How many times the Qwen2.5 tokenizer's tokens this server counts in prompts: ASCII, other text.

    One step's questions can be built anew from the pairs alone: their mean tokens, as counted here and as the server
    counted them. What a server adds to prompts (a chat format, a schema in words) is in it.
    """
    config = journal.config() or {}
    q, context_tokens = int(config.get("q", 2)), config.get("context_tokens") or _CONTEXT_TOKENS
    built: dict[str, list[float]] = {}
    name = ""
    for pair in pairs:
        step = _built(pair, dialogue_budget(context_tokens, q), q)
        name = step.name
        tokens = sum(counted(each.content, QWEN_PROMPTS) for each in step.messages())
        built.setdefault(prompt_language(pair.language), []).append(tokens)
    rows = journal.rows("SELECT text, prompt_tokens FROM calls WHERE step = ?", (name,))
    ratios: dict[str, float] = {}
    for language, sizes in built.items():
        real = [float(tokens) for text, tokens in rows if language_of(text) == language]
        if real:
            ratios[language] = (sum(real) / len(real)) / (sum(sizes) / len(sizes))
    latin = ratios.get("en", ratios.get("zh", otherwise[0]))
    return latin, ratios.get("zh", latin if ratios else otherwise[1])


#: Where a run leaves it to the model; what a longer context would show is then not counted.
_CONTEXT_TOKENS = 32768


def _built(pair: PreferencePair, budget: int, q: int) -> PredictPaths | SmallSentenceTypes:
    turns = tuple(Turn(each.user, each.assistant) for each in pair.context.turns)
    context = Context(pair.dialogue_id, pair.language, turns, pair.context.opening)
    tree = None if pair.tree is None else from_json({topic: _leaves(each) for topic, each in pair.tree.items()})
    if pair.settings.get("small_steps"):
        return SmallSentenceTypes(context=context, tree=tree, budget=budget, order=tuple(SentenceType))
    return PredictPaths(
        context=context,
        tree=tree,
        budget=budget,
        perspectives=tuple(Perspective),
        q=q,
        sentence_type=pair.truth.sentence_type,
    )


def _leaves(leaves: Mapping[str, LeafRecord]) -> dict[str, dict[str, Any]]:
    return {name: leaf.model_dump() for name, leaf in leaves.items()}


def _ratio(sums: list[float], otherwise: float) -> float:
    return sums[0] / sums[1] if sums[1] else otherwise


def _times(rates: tuple[float, float], by: tuple[float, float]) -> tuple[float, float]:
    return round(rates[0] * by[0], 3), round(rates[1] * by[1], 3)


# How often a step asks again, and what the judge says.


def _further(
    answers: Iterable[_Answer], pairs: list[PreferencePair], worked: int, journal: Journal
) -> dict[str, Share]:
    """Step → further tries. How often a step was asked follows from what the pairs say was done."""
    made: dict[str, int] = {}
    for each in answers:
        made[each.step] = made.get(each.step, 0) + 1
    small = bool(pairs[0].settings.get("small_steps"))
    q = int(pairs[0].settings.get("q", 2))
    asked = {"sentence-types": worked} if "sentence-types" in made else {}
    if not small:
        asked["paths"] = worked
    else:
        asked |= {"write": 2 * q * worked, "brainstorm": 2 * worked + sum(_written(pair) for pair in pairs)}
        sizes = journal.rows(f"SELECT SUM(items + 1) FROM dialogues d WHERE items > 0 AND {_ANNOTATED}")
        asked["annotate"] = int(sizes[0][0] or 0)
        if all(pair.verification is None or pair.verification.tries == 1 for pair in pairs):
            asked["revise"] = sum(pair.branch != "high" for pair in pairs)
            asked["reword"] = sum(len(_changed(pair)) for pair in pairs)
    shares = {
        step: Share(max(made.get(step, 0) - asked[step], 0), asked[step]) for step in sorted(asked) if asked[step]
    }
    known = [share for step, share in shares.items() if step != "brainstorm"]
    shares[""] = Share(sum(each.count for each in known), sum(each.of for each in known))
    return shares


_ANNOTATED = (
    "EXISTS (SELECT 1 FROM items i WHERE i.number = d.number AND i.reason != 'turn-not-selected' "
    "AND i.stage != 'annotate')"
)


def _changed(pair: PreferencePair) -> list[int]:
    """Positions whose utterance on the rejected side is not the predicted one."""
    both = zip(pair.candidates, pair.rejected.candidates, strict=True)
    return [at for at, (before, after) in enumerate(both) if before.utterance != after.utterance]


def _written(pair: PreferencePair) -> int:
    """How many questions for wrong paths went to the model: one a perspective."""
    written = [each.position for each in pair.rejected_edit.replaced if each.origin == "model"]
    return len({pair.candidates[at].perspective for at in written})


# A record has the best try of each side alone; how many others there were, that the judge objected to, the calls tell.


def _chosen(pairs: list[PreferencePair], answers: Iterable[_Answer]) -> tuple[float, ...]:
    found = []
    for pair in pairs:
        revised = [each.position for each in pair.chosen_edit.replaced if each.origin == "next-turn"]
        if pair.verification is not None and revised:
            found.append(pair.verification.chosen_scores[revised[0]])
    failing = float(pairs[0].settings["tau_high"]) - 0.01
    return (*found, *[failing] * _others(pairs, answers, "revise", len(found)))


def _rejected(pairs: list[PreferencePair], answers: Iterable[_Answer]) -> tuple[tuple[float, ...], ...]:
    found = []
    for pair in pairs:
        changed = _changed(pair)
        if pair.verification is not None and changed:
            found.append(tuple(pair.verification.rejected_scores[at] for at in changed))
    failing = float(pairs[0].settings["tau_low"]) + 0.01
    others = islice(cycle(found), _others(pairs, answers, "reword", len(found)))
    return (*found, *((failing, *scores[1:]) for scores in others))


def _others(pairs: list[PreferencePair], answers: Iterable[_Answer], step: str, best: int) -> int:
    """How many tries of a side there were beside the best ones. A small step asks for an utterance, not for a side."""
    if not best:
        return 0
    if pairs[0].settings.get("small_steps"):
        return sum(pair.verification.tries - 1 for pair in pairs if pair.verification is not None)
    return max(sum(each.step == step for each in answers) - best, 0)
