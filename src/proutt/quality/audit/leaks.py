"""The truth in texts that a student learns to write: its words, and phrases that speak of having seen it.

Revision and perturbation are told a path, never the utterance; what the path, the dialogue and the predictions made
without the truth do not explain came from somewhere else. A student that learns such reasoning learns to quote what it
will not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from proutt.methods.baselines import BASELINES
from proutt.methods.record import PathRecord, PreferencePair
from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import background, gists, holds_run, is_pair, longest_run, plain, reasonings, weight
from proutt.quality.audit.subject import Subject
from proutt.quality.audit.tell_tales import tell_tales
from proutt.quality.duplicates import units

#: Words of a truth that are compared; what comes after is mostly something pasted.
TRUTH_WORDS = 400
#: A run of the truth's words is a quotation from this weight on (`pieces.weight`), or when it is all of a short truth.
QUOTED = 3.0
LEAST_QUOTED = 1.5
#: A run that the dialogue has word by word elsewhere explains itself; a long one of known words does not.
LONG_QUOTATION = 6.0
#: Of the words that nothing explains: how many a text must hold, and which share; and of pairs of Chinese characters,
#: half of which lie across words and go where the words are put in another order.
WORDS_HELD, PAIRS_HELD = (3, 0.6), (5, 0.4)
#: A text may hold a small share of a long truth: then how many, and what share they are of the text's own words.
WORDS_TAKEN, PAIRS_TAKEN = (5, 0.4), (9, 0.4)


def truth_in_reasoning(subject: Subject) -> Iterator[Finding]:
    """Words of u_{K+1} in the record's reasoning that neither the context nor a path nor a prediction explains."""
    pair = subject.record
    if pair is None:
        return
    truth = units(pair.truth.utterance)[:TRUTH_WORDS]
    explained = "\n".join([background(subject), *_foreseen(pair), *map(_path, pair.truth.paths)])
    known_words, known = units(explained), gists(explained)
    unexplained = gists(pair.truth.utterance) - known
    seen: set[str] = set()
    for place, text in _written(pair):
        if text in seen:  # both sides keep what was predicted
            continue
        seen.add(text)
        quoted = _quotation(units(text), truth, known_words)
        if quoted:
            yield Finding(place, "it quotes what the user says next", " ".join(quoted))
            continue
        held = _held(unexplained, gists(text))
        if held:
            yield Finding(place, "it has words of what the user says next that nothing before explains", _listed(held))


def _foreseen(pair: PreferencePair) -> Iterator[str]:
    """Predictions and paths made without the truth, and the paths that were put in."""
    baseline = BASELINES.get(pair.method)
    if baseline is None or baseline.sees_truth != "writes":
        for candidate in pair.candidates:
            yield candidate.utterance
            yield _path(candidate.path)
    for edit in (pair.chosen_edit, pair.rejected_edit):
        for replaced in edit.replaced:
            yield _path(replaced.path)


def _path(path: PathRecord | None) -> str:
    return "" if path is None else " ".join(filter(None, [path.topic, path.attribute, path.value]))


def _written(pair: PreferencePair) -> Iterator[tuple[str, str]]:
    for name, side in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        if side.sentence_type_reasoning:
            yield f"{name} sentence-type reasoning", side.sentence_type_reasoning
        for number, candidate in enumerate(side.candidates, start=1):
            yield f"{name} reasoning {number}", candidate.reasoning


def _held(unexplained: frozenset[str], found: frozenset[str]) -> frozenset[str]:
    """What a text holds of the words that nothing explains, where it is too much for chance; else nothing."""
    for pairs, (least, share), taken in ((False, WORDS_HELD, WORDS_TAKEN), (True, PAIRS_HELD, PAIRS_TAKEN)):
        of_kind = frozenset(each for each in unexplained if is_pair(each) is pairs)
        held = of_kind & found
        own = sum(is_pair(each) is pairs for each in found)
        if len(held) >= max(least, share * len(of_kind)) or len(held) >= max(taken[0], taken[1] * own):
            return held
    return frozenset()


def _quotation(text: Sequence[str], truth: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The longest run of the truth in a text, where it is long enough to be quoted and was not said before."""
    run = longest_run(text, truth)
    said = weight(run)
    whole = len(run) == len(truth) and said >= LEAST_QUOTED and len(run) >= 4
    if not (whole or said >= QUOTED) or holds_run(run, known):
        return ()
    return run if said >= LONG_QUOTATION or whole or weight([each for each in run if each not in set(known)]) else ()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


# Tell-tale phrases ----------------------------------------------------------------------------------------------------


def tell_tale_phrases(subject: Subject) -> Iterator[Finding]:
    """Phrases of a reasoning that speak of the answer, the path it was given, or the task, instead of the dialogue."""
    seen: set[str] = set()
    said: str | None = None
    for place, text in reasonings(subject):
        lines = [line for line in text.splitlines() if line not in seen]  # the sides share most of theirs
        seen.update(lines)
        for match in tell_tales(plain("\n".join(lines))):
            said = plain(background(subject)).casefold() if said is None else said
            if match[0].casefold() not in said:  # a phrase that the dialogue itself uses is no tell-tale
                around = match.string[max(match.start() - 30, 0) : match.end() + 30]
                yield Finding(place, "it speaks of an answer or a task that was at hand", " ".join(around.split()))
                break


LEAKS = (
    Check(
        name="truth-in-reasoning",
        title="reasoning has words of the truth that nothing before explains",
        severity=Severity.ERROR,
        limit=0.005,
        source="leak barrier; label leakage in SPaR and Baize data, as ProUtt reports",
        start=each_row(truth_in_reasoning),
        needs=(Need.RECORD,),
    ),
    Check(
        name="tell-tale-phrases",
        title="reasoning speaks of the answer or the task",
        severity=Severity.ERROR,
        limit=0.005,
        source="leak barrier; seen in the released ProUtt data",
        start=each_row(tell_tale_phrases),
        needs=(Need.REASONING,),
    ),
)
