"""A dialogue of SynPT laid out for a terminal. What agents say and think is sanitised and never read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from proutt.cli.terminal import one_line, plain
from proutt.cli.view_parts import count, said, section
from proutt.methods.synpt.record import AssistantRecord, SimulatedTurn, SynPTDialogue, UserRecord

#: How a dialogue ended, for a person.
ENDS = {
    "nothing-missing": "ended: nothing missing",
    "reluctant": "ended: the user is reluctant",
    "most-turns": "INCOMPLETE: most turns reached",
}


def dialogue_view(made: SynPTDialogue, *, full: bool = False) -> Iterator[RenderableType]:
    """The parts of the view from top to bottom."""
    told = [made.task, made.language, *([made.method] if made.method != "synpt" else []), ENDS[made.end]]
    yield Text.assemble(
        (one_line(made.seed_id, 80), "bold"), f"  {'  '.join(one_line(each, 60) for each in told)}  {_checked(made)}"
    )
    wants = "What the user wants" + (", and grows tired of questions" if made.reluctant else "")
    yield from section(wants, _values(made))
    for number, turn in enumerate(made.turns, start=1):
        yield from section(f"Turn {number}", _turn(turn, made.names, full=full))
    yield from section("What it took", Text(plain("\n".join(_took(made)))))


def line_of(made: SynPTDialogue) -> str:
    """The dialogue on one line: its id, task, how it ended, flags, and the user's first words."""
    first = made.turns[0].user.utterance if made.turns else ""
    parts = [one_line(made.seed_id, 40), one_line(made.task, 24), count(len(made.turns), "turn"), made.end]
    parts += [", ".join(one_line(flag, 40) for flag in made.flags)] if made.flags else []
    return "  ".join([*parts, one_line(first, 60)])


def _checked(made: SynPTDialogue) -> str:
    return f"FLAGGED: {', '.join(one_line(each, 40) for each in made.flags)}" if made.flags else "no flags"


def _values(made: SynPTDialogue) -> Text:
    """The seed, with a mark at what the initial inquiry was to name."""
    if not made.values:
        return Text("(not in this file)")
    named = set(made.inquiry or ())
    lines = [
        f"{'*' if key in named else ' '} {one_line(made.names.get(key, key), 40)}: {plain(value)}"
        for key, value in made.values.items()
    ]
    if made.inquiry is None:
        lines.append("  (the initial inquiry was free to name any)")
    else:
        lines.append(f"* named by the initial inquiry: {len(named)} of {len(made.values)}")
    return Text("\n".join(lines))


def _turn(turn: SimulatedTurn, names: Mapping[str, str], *, full: bool) -> RenderableType:
    """What was said, and between it, under its label, what each side thought."""
    thoughts = [*_of_user(turn.user, names), *_of_assistant(turn.assistant, names)]
    whole = full or turn.assistant.summary is not None
    return Group(
        said("User", turn.user.utterance, full=full),
        *(said(label, text, full=full) for label, text in thoughts),
        said("Assistant", turn.assistant.reply, full=whole),
    )


def _of_user(user: UserRecord, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if user.told:
        yield "  told", _named(user.told, names)
    if user.reasoning:
        yield "  mood", user.reasoning
    if user.unwilling:
        yield "  wants", "no more questions"


def _of_assistant(assistant: AssistantRecord, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if assistant.state is not None:
        given = ", ".join(f"{names.get(key, key)} = {value}" for key, value in assistant.state.given.items())
        yield "  given", given or "nothing"
        yield "  missing", _named(assistant.state.missing, names) or "nothing"
    if assistant.reflection is not None:
        yield "  again", f"{'put right' if assistant.reflection.changed else 'kept'}. {assistant.reflection.reasoning}"
    if assistant.emotion is not None:
        yield "  emotion", f"{'' if assistant.emotion.willing else 'NOT '}willing. {assistant.emotion.reasoning}"
    if assistant.ask is not None:
        yield "  asks", names.get(assistant.ask, assistant.ask)
    if assistant.options is not None:
        yield "  options", f"{' | '.join(assistant.options.options)}. {assistant.options.reasoning}"


def _named(keys: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)


def _took(made: SynPTDialogue) -> Iterator[str]:
    total = made.usage
    again = f", {count(made.attempts, 'dialogue')} made" if made.attempts > 1 else ""
    yield f"{count(total.calls, 'call')}, {total.prompt_tokens} prompt + {total.completion_tokens} answer tokens{again}"
    for module, used in made.usage_by_module.items():
        yield f"  {module}: {count(used.calls, 'call')}, {used.prompt_tokens} + {used.completion_tokens}"
    yield ", ".join(f"{role}: {model}" for role, model in made.models.items())
