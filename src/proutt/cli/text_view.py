"""A row without a record laid out for a terminal: its prompt, and both completions with their differences marked."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from proutt.cli.terminal import one_line, plain
from proutt.cli.view_parts import count, panel, said, section, sides
from proutt.dialogue import Context
from proutt.export.reading import TextPair, subject_of
from proutt.quality.audit.subject import Side, Subject

_SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}


def text_view(pair: TextPair, *, width: int, full: bool = False) -> Iterator[RenderableType]:
    """The parts of the view from top to bottom; `width` in columns of the terminal.

    Where the prompt holds a dialogue that can be read out of it, that is shown in its place, unless all is asked for.
    """
    subject = subject_of(pair)
    told = [subject.language or "language unknown", *([pair.part] if pair.part else []), pair.where]
    yield Text.assemble((one_line(pair.id, 80), "bold"), f"  {plain('  '.join(told))}")
    if subject.context is not None and not full:
        yield from section(
            f"Context: {count(subject.context.k, 'turn')}, read out of the prompt", _context(subject.context)
        )
    else:
        messages = [said(_SPEAKERS[each.role], each.content, full=full) for each in pair.messages]
        yield from section(f"Prompt: {count(len(messages), 'message')}", Group(*messages))
    yield from _sides(subject, width)


def _context(context: Context) -> RenderableType:
    lines = [] if context.opening is None else [("Assistant", context.opening)]
    for turn in context.turns:
        lines += [("User", turn.user), ("Assistant", turn.assistant)]
    return Group(*(said(speaker, text, full=False) for speaker, text in lines))


def _sides(subject: Subject, width: int) -> Iterator[RenderableType]:
    chosen = _parts(subject.chosen)
    if subject.rejected is None:
        rows = [(title, Text(plain(text))) for title, text in chosen.items()]
        yield from section("Completion to learn; there is no rejected one", panel("chosen", rows))
        return
    title = "Chosen and rejected: {+only chosen+} [-only rejected-]"
    yield from section(title, sides(chosen, _parts(subject.rejected), width))


def _parts(side: Side) -> dict[str, str]:
    """Title → text: reasoning and predictions where the text has them, else the text as it is."""
    if side.reasoning is None and not side.utterances:
        return {"Text": side.text}
    kind = {} if side.sentence_type is None else {"Sentence type": side.sentence_type.value}
    reasoning = {} if side.reasoning is None else {"Reasoning": side.reasoning}
    predictions = {f"Prediction {number}": each for number, each in enumerate(side.utterances, start=1)}
    answer = {} if predictions else {"Answer": side.text.partition("</think>")[2].strip()}
    return {**kind, **reasoning, **predictions, **answer}
