"""A dialogue of UPC laid out for a terminal, every attempt with its scores. What models say is sanitised and never read
as markup."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from proutt.cli.terminal import one_line, plain
from proutt.cli.view_parts import count, said, section
from proutt.methods.upc.record import ScoresRecord, UPCDialogue, UPCTurn
from proutt.prompts.upc.heard import ASPECTS


def upc_view(made: UPCDialogue, *, full: bool = False) -> Iterator[RenderableType]:
    """The parts of the view from top to bottom."""
    told = [one_line(each, 60) for each in (made.name, made.group or "no group", made.language)]
    yield Text.assemble((one_line(made.persona_id, 80), "bold"), f"  {'  '.join(told)}  {_checked(made)}")
    yield from section("Who the user is (the chatbot does not see it)", Text(plain(made.background)))
    yield from section("Turn 1", _first(made, full=full))
    for number, turn in enumerate(made.turns, start=2):
        yield from section(f"Turn {number}", _turn(turn, full=full))
    yield from section("What it took", Text(plain("\n".join(_took(made)))))


def line_of(made: UPCDialogue) -> str:
    """The dialogue on one line: its id, group, regenerations, flags, and the user's first words."""
    again = sum(turn.regenerations for turn in made.turns)
    parts = [one_line(made.persona_id, 40), one_line(made.group or "–", 24), count(len(made.turns) + 1, "turn")]
    parts.append(count(again, "regeneration"))
    parts += [", ".join(one_line(flag, 40) for flag in made.flags)] if made.flags else []
    return "  ".join([*parts, one_line(made.introduction, 60)])


def _checked(made: UPCDialogue) -> str:
    return f"FLAGGED: {', '.join(one_line(each, 40) for each in made.flags)}" if made.flags else "no flags"


def _first(made: UPCDialogue, *, full: bool) -> RenderableType:
    rejected = [said("  rejected", f"{each.utterance} ({each.reason})", full=full) for each in made.greeting_rejected]
    return Group(*rejected, said("Chatbot", made.greeting, full=full), said("User", made.introduction, full=full))


def _turn(turn: UPCTurn, *, full: bool) -> RenderableType:
    """Every attempt with its scores and what the chatbot was told of it, then the user's reply."""
    parts: list[RenderableType] = []
    for number, attempt in enumerate(turn.attempts):
        parts += [
            said("  rejected", f"{each.utterance} ({each.reason})", full=full)
            for each in turn.rejected
            if each.attempt == number
        ]
        parts.append(said("Chatbot" if number == turn.kept else f"  draft {number + 1}", attempt.utterance, full=full))
        if attempt.scores is not None:
            parts += _scores(attempt.scores, full=full)
        if attempt.advice:
            parts.append(said("  advice", attempt.advice, full=full))
        if attempt.withheld:
            parts.append(said("  kept back", " ".join(attempt.withheld), full=full))
    late = [each for each in turn.rejected if each.attempt >= len(turn.attempts)]
    parts += [said("  rejected", f"{each.utterance} ({each.reason})", full=full) for each in late]
    return Group(*parts, said("User", turn.user, full=full))


def _scores(scores: ScoresRecord, *, full: bool) -> Iterator[RenderableType]:
    """The numbers on one line; with `full`, each with its reason."""
    if not full:
        yield said("  scores", ", ".join(f"{name} {score}" for name, score in scores.by_aspect().items()), full=True)
        return
    for name in ASPECTS:
        found = getattr(scores, name)
        yield said(f"  {name[:3]}.", f"{found.score}. {found.reason}", full=True)


def _took(made: UPCDialogue) -> Iterator[str]:
    total = made.usage
    yield f"{count(total.calls, 'call')}, {total.prompt_tokens} prompt + {total.completion_tokens} answer tokens"
    for module, used in made.usage_by_module.items():
        yield f"  {module}: {count(used.calls, 'call')}, {used.prompt_tokens} + {used.completion_tokens}"
    yield ", ".join(f"{role}: {model}" for role, model in made.models.items())
