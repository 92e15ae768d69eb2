"""Dialogues of a model under test as HTML to read one by one, folded, those that are wrong in something first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from proutt.evaluation.synpt.record import EmotionProbe, EvaluatedDialogue, OptionScore, TurnRecord
from proutt.intent.task import IntentionType, Task
from proutt.intent.values import agrees
from proutt.reports.markup import text

_ENDS = {
    "summary": "with a summary",
    "most-turns": "cut off at the most turns",
    "silent": "the model said nothing",
    "failed": "the model failed",
}


def mined_dialogues(dialogues: Sequence[EvaluatedDialogue]) -> str:
    """All of them, "" where there are none."""
    if not dialogues:
        return ""
    right = [each for each in dialogues if each.all_right]
    wrong = [each for each in dialogues if not each.all_right]
    return "<h3>Dialogues</h3>\n" + _group("Not right in everything", wrong) + _group("Right in VJ, IIM and IS", right)


def _group(title: str, dialogues: Sequence[EvaluatedDialogue]) -> str:
    if not dialogues:
        return ""
    inner = "".join(map(_dialogue, dialogues))
    return f"<details><summary>{title}: {len(dialogues):,}</summary>\n{inner}</details>\n"


def _dialogue(record: EvaluatedDialogue) -> str:
    """One dialogue: its verdicts in the line that unfolds it."""
    verdicts = " ".join(
        _verdict(name, right)
        for name, right in (
            ("VJ", record.vagueness_right),
            ("IIM", record.mined),
            ("IS", record.summary_right),
        )
    )
    turns = "1 turn" if len(record.turns) == 1 else f"{len(record.turns)} turns"
    about = f"{record.seed_id}, {record.task}" + (f", repeat {record.repeat}" if record.repeat > 1 else "")
    why = "" if record.failure is None else f" ({record.failure})"
    scores = {each.turn: each for each in record.options or ()}
    said = "".join(_turn(turn, record, scores.get(at)) for at, turn in enumerate(record.turns, start=1))
    return (
        f'<details class="dialogue"><summary>{text(about)} {verdicts} '
        f"<small>{turns}, {text(_ENDS[record.end] + why)}</small></summary>\n"
        f"<dl>{''.join(_wanted(record))}</dl>\n<ol>{said}</ol>\n{_emotion(record.emotion)}</details>\n"
    )


def _verdict(name: str, right: bool | None) -> str:
    kind, word = {True: ("right", "right"), False: ("wrong", "wrong"), None: ("unknown", "not known")}[right]
    return f'<span class="verdict {kind}">{name} {word}</span>'


def _wanted(record: EvaluatedDialogue) -> Iterator[str]:
    """What the user wants, and which of it the first words tell."""
    for key, value in record.values.items():
        told = " (in the first words)" if key in record.told else ""
        yield f"<div><dt>{text(record.names.get(key, key) + told)}</dt><dd>{text(value)}</dd></div>"


def _turn(turn: TurnRecord, record: EvaluatedDialogue, score: OptionScore | None) -> str:
    reply = turn.reply
    notes = []
    if reply.asked is not None:
        asked = ", ".join(record.names.get(key, key) for key in reply.asked)
        notes.append(f"asks for: {asked or 'nothing of the task'}")
    if reply.options:
        notes.append(f"options: {'; '.join(reply.options)}")
    if score is not None:
        notes.append(f"options score: {'none' if score.score is None else score.score}. {score.reason}")
    shown = _lines(reply.text) or '<p class="note">(nothing)</p>'
    summary = "" if reply.summary is None else f"<dl>{''.join(_summed(reply.summary, record))}</dl>"
    return (
        f'<li><div class="user"><b>User</b>{_lines(turn.user)}</div><div class="model"><b>Model</b>{shown}{summary}'
        + "".join(f'<p class="note">{text(note)}</p>' for note in notes)
        + "</div></li>\n"
    )


def _summed(summary: dict[str, str], record: EvaluatedDialogue) -> Iterator[str]:
    """The values of a summary; what the user does not want says so, and what is missing."""
    types = tuple(IntentionType(key, name, name) for key, name in record.names.items())
    task = Task(record.task, record.language, types, record.any_value, turns=1, mean=0)
    for key, wanted in record.values.items():
        value = summary.get(key)
        right = value is not None and agrees(task, value, wanted)
        shown = "(missing)" if value is None else value
        mark = "" if right else f" {_verdict('IS', right=False)}"
        yield f"<div><dt>{text(record.names.get(key, key))}</dt><dd>{text(shown)}{mark}</dd></div>"


def _emotion(probe: EmotionProbe | None) -> str:
    if probe is None:
        return ""
    verdict = "stopped" if probe.stopped else "did not stop"
    return (
        f'<p class="note">Turn {probe.turn} with an unwilling user: it {verdict}.</p><ol class="probe"><li>'
        f'<div class="user"><b>User</b>{_lines(probe.altered)}</div>'
        f'<div class="model"><b>Model</b>{_lines(probe.answer)}</div></li></ol>\n'
    )


def _lines(said: str) -> str:
    return "".join(f'<p dir="auto">{text(line)}</p>' for line in _filled(said.splitlines()))


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())
