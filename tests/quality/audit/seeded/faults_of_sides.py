"""Planted faults in how the two sides stand to each other: edits, likeness, what is left after a cut, scores."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from proutt.export.reading import subject_of
from proutt.methods.record import EditRecord, PreferencePair
from proutt.quality.audit import Setup, Subject
from proutt.quality.tokens import ESTIMATE
from quality.audit.pairs import with_candidate
from quality.audit.seeded.planting import Apply, Kind, Way, with_text

# Edits ----------------------------------------------------------------------------------------------------------------


def _unedited(pair: PreferencePair) -> list[int]:
    edited = {each.position for edit in (pair.chosen_edit, pair.rejected_edit) for each in edit.replaced}
    return [number for number in range(4) if number not in edited]


def _stray_path(pair: PreferencePair, rng: Random) -> PreferencePair:
    at = rng.choice(_unedited(pair))
    path = pair.rejected.candidates[at].path
    assert path
    return with_candidate(
        pair, "rejected", at, path=path.model_copy(update={"attribute": "Colour" if pair.language == "en" else "颜色"})
    )


def _stray_reasoning(pair: PreferencePair, rng: Random) -> PreferencePair:
    said = "A wholly new thought comes in." if pair.language == "en" else "这里冒出一个全新的想法。"
    return with_candidate(pair, "rejected", rng.choice(_unedited(pair)), reasoning=said)


def _no_revision(pair: PreferencePair, rng: Random) -> PreferencePair | None:
    """The chosen side says that nothing was edited, in a branch that revises."""
    return None if pair.branch == "high" else pair.model_copy(update={"chosen_edit": EditRecord(edit="keep")})


def _other_branch(pair: PreferencePair, rng: Random) -> PreferencePair:
    return pair.model_copy(update={"branch": {"high": "low", "middle": "high", "low": "middle"}[pair.branch]})


STRAY_EDITS = Kind(
    "sides that differ where nothing was edited",
    ("stray-edits",),
    (
        Way("another path", _stray_path),
        Way("another reasoning", _stray_reasoning),
        Way("a revision that was not made", _no_revision),
        Way("edits of another branch", _other_branch),
    ),
)


# Likeness -------------------------------------------------------------------------------------------------------------


def _as_chosen(change: Callable[[str, Random], str]) -> Apply:
    """The rejected text is the chosen one, changed."""

    def apply(pair: PreferencePair, rng: Random) -> Subject:
        subject = subject_of(pair)
        return with_text(subject, "rejected", lambda _: change(subject.chosen.text, rng))

    return apply


def _last_line(change: Callable[[str], str]) -> Callable[[str, Random], str]:
    def changed(text: str, rng: Random) -> str:
        lines = text.split("\n")
        lines[-1] = change(lines[-1])
        return "\n".join(lines)

    return changed


def _one_letter(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) // 3, len(text) // 2)
    return text[:at] + "x" + text[at + 1 :]


def _reordered_predictions(text: str, rng: Random) -> str:
    """Two predictions in the other order: the same set of predictions."""
    lines = text.split("\n")
    lines[-1], lines[-2] = lines[-2], lines[-1]
    return "\n".join(lines)


SAME_SIDES = Kind(
    "chosen ≈ rejected",
    ("same-sides", "low-contrast"),
    (
        Way("the same text", _as_chosen(lambda text, _: text)),
        Way("a space in each prediction", _as_chosen(lambda text, _: text.replace("</predict>", " </predict>"))),
        Way("one letter", _as_chosen(_one_letter)),
        Way("trailing white space", _as_chosen(lambda text, _: text + " \n")),
        Way("other line ends", _as_chosen(lambda text, _: text.replace("\n", "\r\n"))),
        Way(
            "one prediction in capitals",
            _as_chosen(_last_line(lambda line: line.replace("predict", "\0").upper().replace("\0", "predict"))),
        ),
        Way("two predictions swapped", _as_chosen(_reordered_predictions)),
        Way("doubled spaces", _as_chosen(lambda text, _: text.replace(" ", "  "))),
        Way("one prediction longer", _as_chosen(_last_line(lambda line: line.replace("</predict>", " ok</predict>")))),
        Way("another full stop", _as_chosen(lambda text, _: text.replace("。", "．").replace(". ", "; "))),
    ),
)


def _cut_before_difference(extra: int) -> Callable[[tuple[Subject, ...]], Setup]:
    """A trainer's limit that leaves `extra` tokens of the completion."""

    def setup(rows: tuple[Subject, ...]) -> Setup:
        return Setup(max_length=ESTIMATE.tokens(rows[-1].prompt) + extra)

    return setup


def _late_difference(pair: PreferencePair, rng: Random) -> Subject:
    return _as_chosen(_last_line(lambda line: line.replace("<predict>", "<predict>No: ")))(pair, rng)  # type: ignore[return-value]


def _long_prompt(pair: PreferencePair, rng: Random) -> PreferencePair | None:
    return pair if len(pair.context.turns[0].assistant) > 400 else None


EQUAL_AFTER_TRUNCATION = Kind(
    "equal after truncation",
    ("equal-after-truncation",),
    (
        Way("difference in the last line", _late_difference, _cut_before_difference(60)),
        Way("difference in the last line, little left", _late_difference, _cut_before_difference(15)),
        Way("the prompt fills all", _long_prompt, lambda rows: Setup(max_length=ESTIMATE.tokens(rows[-1].prompt))),
        Way(
            "the prompt is too long", _long_prompt, lambda rows: Setup(max_length=ESTIMATE.tokens(rows[-1].prompt) // 2)
        ),
        Way("only what all pairs begin with is left", lambda pair, _: pair, _cut_before_difference(3)),
    ),
)


# Scores ---------------------------------------------------------------------------------------------------------------


def _scored(chosen: list[float], rejected: list[float]) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        assert pair.verification
        scores = {"chosen_scores": rng.sample(chosen, 4), "rejected_scores": rng.sample(rejected, 4)}
        return pair.model_copy(update={"verification": pair.verification.model_copy(update=scores)})

    return apply


TIES = Kind(
    "equal scores",
    ("tied-scores",),
    (
        Way("all equal", _scored([0.5] * 4, [0.5] * 4)),
        Way("the best are equal", _scored([0.8, 0.1, 0.2, 0.0], [0.8, 0.3, 0.1, 0.1])),
        Way("the rejected one better", _scored([0.4, 0.1, 0.2, 0.0], [0.9, 0.3, 0.1, 0.1])),
        Way("all nought", _scored([0.0] * 4, [0.0] * 4)),
    ),
)

SIDE_KINDS = (STRAY_EDITS, SAME_SIDES, EQUAL_AFTER_TRUNCATION, TIES)
