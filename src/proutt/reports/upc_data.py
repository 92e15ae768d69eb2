"""What the page needs of one dialogue of UPC: all attempts laid out for reading, and an entry for the list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from proutt.methods.upc.checks import CHECKS
from proutt.methods.upc.difficulty import Difficulty
from proutt.methods.upc.record import AttemptRecord, RejectedRecord, ScoresRecord, UPCDialogue, UPCTurn
from proutt.prompts.upc.heard import ASPECTS
from proutt.reports.pair_data import Flag, snippet

#: What stands where in an entry. easy, letter: by both readings of equation (3), None where nobody scored;
#: score: mean sum of the scores of what was said, 3..15
ENTRY = (
    *("name", "person", "group", "language", "strategy", "ended", "again", "turns"),
    *("easy", "letter", "score", "flags", "snippet"),
)
_PASS, _LETTER = Difficulty(), Difficulty(untouched="letter")


def upc_flags(dialogue: UPCDialogue) -> list[Flag]:
    """What the run's own checks found, each where it stands; it keeps a dialogue out of exports."""
    flags: list[Flag] = []
    for name in dialogue.flags:
        found = list(CHECKS[name](dialogue)) if name in CHECKS else []
        flags += [Flag(name, "error", each.place, each.what, each.text) for each in found]
        if not found:
            flags.append(Flag(name, "error", reason="found when it was made"))
    return flags


def upc_entry(dialogue: UPCDialogue, flags: Iterable[Flag]) -> list[Any]:
    """The dialogue in the list, by the places that `ENTRY` names."""
    totals = [turn.scores.total for turn in dialogue.turns if turn.scores is not None]
    return [
        dialogue.persona_id,
        dialogue.name,
        dialogue.group,
        dialogue.language,
        dialogue.settings.get("strategy"),
        list(dict.fromkeys(turn.ended for turn in dialogue.turns)),
        sum(turn.regenerations for turn in dialogue.turns),
        len(dialogue.turns) + 1,
        _PASS.is_easy(dialogue) if dialogue.scored else None,
        _LETTER.is_easy(dialogue) if dialogue.scored else None,
        round(sum(totals) / len(totals), 3) if totals else None,
        list(dict.fromkeys(flag.check for flag in flags)),
        snippet(dialogue.introduction),
    ]


def characters(dialogue: UPCDialogue) -> int:
    """About how much text a dialogue's page has."""
    drafted = (len(each.utterance) for turn in dialogue.turns for each in turn.attempts)
    return len(dialogue.background) + sum(map(len, dialogue.utterances)) + 4 * sum(drafted)


def upc_data(dialogue: UPCDialogue, flags: Sequence[Flag]) -> dict[str, Any]:
    """Everything of a dialogue that its page shows."""
    return {
        "background": dialogue.background,
        "greeting": dialogue.greeting,
        "greeting_rejected": _rejected(dialogue.greeting_rejected),
        "introduction": dialogue.introduction,
        "turns": [_turn(turn) for turn in dialogue.turns],
        "flags": [flag.as_data() for flag in flags],
        "source": dialogue.source,
        "made": {
            "models": dialogue.models,
            "prompt_version": dialogue.prompt_version,
            "settings": {"seed": dialogue.seed, **dialogue.settings},
            "modules": {
                name: [each.calls, each.prompt_tokens, each.completion_tokens]
                for name, each in dialogue.usage_by_module.items()
            },
        },
    }


def _turn(turn: UPCTurn) -> dict[str, Any]:
    return {
        "attempts": [_attempt(each) for each in turn.attempts],
        "kept": turn.kept,
        "ended": turn.ended,
        "difficult": None if turn.scores is None or turn.first_scores is None else _PASS.of_turn(turn),
        "rejected": _rejected(turn.rejected),
        "user": turn.user,
    }


def _attempt(attempt: AttemptRecord) -> dict[str, Any]:
    return {
        "utterance": attempt.utterance,
        "scores": None if attempt.scores is None else _scores(attempt.scores),
        "advice": attempt.advice,
        "withheld": attempt.withheld,
    }


def _scores(scores: ScoresRecord) -> list[list[Any]]:
    """Aspect, score, reason."""
    return [[name, getattr(scores, name).score, getattr(scores, name).reason] for name in ASPECTS]


def _rejected(drafts: Iterable[RejectedRecord]) -> list[list[Any]]:
    """Which attempt it was to be, from 0; its text; why."""
    return [[each.attempt, each.utterance, each.reason] for each in drafts]
