"""Dialogues of a model under test as HTML to read one by one, folded, those that are wrong in something first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proutt.evaluation.synpt.record import EmotionProbe, EvaluatedDialogue, OptionScore, TurnRecord
from proutt.intent.task import IntentionType, Task
from proutt.intent.values import agrees
from proutt.reports.folded_dialogues import dialogue, fact, group, notes, paragraphs, user
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
    right = [_dialogue(each) for each in dialogues if each.all_right]
    wrong = [_dialogue(each) for each in dialogues if not each.all_right]
    return "<h3>Dialogues</h3>\n" + group("Not right in everything", wrong) + group("Right in VJ, IIM and IS", right)


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
    ended = f"{turns}, {_ENDS[record.end]}{why}"
    return dialogue(about, verdicts, ended, _wanted(record), said, _emotion(record.emotion))


def _verdict(name: str, right: bool | None) -> str:
    kind, word = {True: ("right", "right"), False: ("wrong", "wrong"), None: ("unknown", "not known")}[right]
    return f'<span class="verdict {kind}">{name} {word}</span>'


def _wanted(record: EvaluatedDialogue) -> Iterator[str]:
    """What the user wants, and which of it the first words tell."""
    for key, value in record.values.items():
        told = " (in the first words)" if key in record.told else ""
        yield fact(text(record.names.get(key, key) + told), text(value))


def _turn(turn: TurnRecord, record: EvaluatedDialogue, score: OptionScore | None) -> str:
    reply = turn.reply
    found = []
    if reply.asked is not None:
        asked = ", ".join(record.names.get(key, key) for key in reply.asked)
        found.append(f"asks for: {asked or 'nothing of the task'}")
    if reply.options:
        found.append(f"options: {'; '.join(reply.options)}")
    if score is not None:
        found.append(f"options score: {'none' if score.score is None else score.score}. {score.reason}")
    shown = paragraphs(reply.text) or '<p class="note">(nothing)</p>'
    summary = "" if reply.summary is None else f"<dl>{''.join(_summed(reply.summary, record))}</dl>"
    return f'<li>{user(turn.user)}<div class="model"><b>Model</b>{shown}{summary}{notes(found)}</div></li>\n'


def _summed(summary: dict[str, str], record: EvaluatedDialogue) -> Iterator[str]:
    """The values of a summary; what the user does not want says so, and what is missing."""
    types = tuple(IntentionType(key, name, name) for key, name in record.names.items())
    task = Task(record.task, record.language, types, record.any_value, turns=1, mean=0)
    for key, wanted in record.values.items():
        value = summary.get(key)
        right = value is not None and agrees(task, value, wanted)
        shown = "(missing)" if value is None else value
        mark = "" if right else f" {_verdict('IS', right=False)}"
        yield fact(text(record.names.get(key, key)), text(shown) + mark)


def _emotion(probe: EmotionProbe | None) -> str:
    if probe is None:
        return ""
    verdict = "stopped" if probe.stopped else "did not stop"
    return (
        f'<p class="note">Turn {probe.turn} with an unwilling user: it {verdict}.</p><ol class="probe"><li>'
        f'{user(probe.altered)}<div class="model"><b>Model</b>{paragraphs(probe.answer)}</div></li></ol>\n'
    )
