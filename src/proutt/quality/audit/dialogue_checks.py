"""The checks of SynPT's dialogues: those of the method (`methods/synpt/checks.py`), and what is looked for in any text.

Texts are looked at one by one, by the looks that pairs have, so a finding names the turn and who said it. What the
agents thought is looked at as well: it is trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from proutt.intent import normal
from proutt.intent.task import IntentionType, Seed, Task
from proutt.methods.synpt import checks as synpt
from proutt.methods.synpt.record import AssistantRecord, SynPTDialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.simulated import Simulated
from proutt.quality.audit.artefacts import prompt_artefacts
from proutt.quality.audit.check import Check, Finding, Look, Need, Options, Severity, each_row
from proutt.quality.audit.copies import repetition
from proutt.quality.audit.duplicates import near_duplicates
from proutt.quality.audit.languages import language_mismatch
from proutt.quality.audit.personal import landline_numbers, personal_data
from proutt.quality.audit.secrets import control_strings, secrets
from proutt.quality.audit.subject import Side, Subject

#: check → what it finds, and whether only the seed can tell
_METHOD = {
    "told-unasked": ("the user tells what nobody asked for", True),
    "asked-twice": ("the assistant asks for what was asked or given", True),
    "role-flipped": ("the user asks as an assistant would, or a role's name before words", False),
    "reasoning-in-reply": ("a reply holds what was to be thought only", False),
    "options-not-distinct": ("not three options, or two of one value", False),
    "options-not-in-reply": ("a reply does not offer one of its options", False),
    "summary-disagrees": ("the summary is not what the seed says", True),
    "state-disagrees": ("the intention state is not what was said", True),
    "emotion-disagrees": ("the assistant misreads whether the user goes on", True),
    "incomplete": ("cut off before a summary", False),
}
_WHY = {
    "told-unasked": "it states a value that was not asked for",
    "asked-twice": "it asks for an intention that was asked for or given before",
    "role-flipped": "the user asks as an assistant would, or a role's name stands before words",
    "reasoning-in-reply": "a reply holds a heading, a tag or the words of the reasoning",
    "options-not-distinct": "there are not three options, or two are one value",
    "options-not-in-reply": "a reply does not offer all of its options",
    "summary-disagrees": "a value of the summary is not the seed's",
    "state-disagrees": "a state holds what nobody said, or misses what was given",
    "emotion-disagrees": "the assistant takes the user for willing or unwilling, and they are not",
    "incomplete": "it ended at the most turns, without a summary",
}


def simulated_of(dialogue: SynPTDialogue) -> Simulated:
    """A record as the method's checks look at it.

    Of a dialogue without a seed, what was understood in the end stands in its place: enough for checks that only pass
    over what values say.
    """
    types = tuple(IntentionType(key, name, name) for key, name in dialogue.names.items())
    types = types or (IntentionType("–", "–", "–"),)
    turns = max(1, len(dialogue.turns))
    task = Task(dialogue.task, dialogue.language, types, dialogue.any_value, turns, mean=len(types) / 2)
    states = [turn.assistant.state for turn in dialogue.turns if turn.assistant.state is not None]
    known = dialogue.values or (states[-1].given if states else {})
    values = {key: known.get(key, dialogue.any_value) for key in task.keys}
    return Simulated(
        Seed(dialogue.seed_id, task, values, dialogue.source),
        SynPTSettings(),
        tuple(dialogue.turns),
        dialogue.end,
        None if dialogue.inquiry is None else tuple(dialogue.inquiry),
        dialogue.reluctant,
    )


def subject_of_dialogue(dialogue: SynPTDialogue, where: str) -> Subject:
    """A dialogue as an audit looks at it: the texts of both, one after the other, and the record."""
    said = "\n".join(f"{turn.user.utterance}\n{turn.assistant.reply}" for turn in dialogue.turns)
    return Subject(
        id=dialogue.seed_id,
        where=where,
        prompt=said,
        chosen=Side(""),
        dialogue_id=dialogue.seed_id,
        language=dialogue.language,
        dialogue=dialogue,
    )


def said_in(dialogue: SynPTDialogue) -> Iterator[tuple[str, str]]:
    """What is said aloud, by its place: "turn 2, user". A summary is laid out by rules, and not among it."""
    for number, turn in enumerate(dialogue.turns, start=1):
        yield f"turn {number}, user", turn.user.utterance
        if turn.assistant.summary is None:
            yield f"turn {number}, assistant", turn.assistant.reply


def texts_in(dialogue: SynPTDialogue) -> Iterator[tuple[str, str]]:
    """All that is trained on, or was thought."""
    yield from said_in(dialogue)
    for number, turn in enumerate(dialogue.turns, start=1):
        if turn.user.reasoning is not None:
            yield f"turn {number}, user's thinking", turn.user.reasoning
        for what, text in _thought(turn.assistant):
            yield f"turn {number}, {what}", text


def _thought(answer: AssistantRecord) -> Iterator[tuple[str, str]]:
    for what, found in (
        ("reflection", answer.reflection),
        ("emotion thinking", answer.emotion),
        ("options thinking", answer.options),
    ):
        if found is not None:
            yield what, found.reasoning
    if answer.options is not None:
        yield "options", "\n".join(answer.options.options)
    values = {**({} if answer.state is None else answer.state.given), **(answer.summary or {})}
    if values:
        yield "values", "\n".join(dict.fromkeys(values.values()))


def _by_text(look: Look, texts: Callable[[SynPTDialogue], Iterator[tuple[str, str]]]) -> Look:
    """A look at each text by itself; findings are placed where the text stands."""

    def looked(subject: Subject) -> Iterator[Finding]:
        if subject.dialogue is None:
            return
        for place, text in texts(subject.dialogue):
            alone = Subject(subject.id, subject.where, "", Side(text, utterances=(text,)), language=subject.language)
            for finding in look(alone):
                yield replace(finding, place=place)

    return looked


def _by_method(name: str) -> Look:
    def looked(subject: Subject) -> Iterator[Finding]:
        if subject.dialogue is not None and synpt.CHECKS[name](simulated_of(subject.dialogue)):
            yield Finding("dialogue", _WHY[name])

    return looked


def _same_inquiry(_: Options) -> Look:
    """Initial inquiries that an earlier dialogue begins with, but for case and punctuation."""
    known: dict[str, str] = {}

    def looked(subject: Subject) -> Iterator[Finding]:
        if subject.dialogue is None or not subject.dialogue.turns:
            return
        inquiry = subject.dialogue.turns[0].user.utterance
        earlier = known.setdefault(normal(inquiry), subject.id)
        if earlier != subject.id:
            yield Finding("turn 1, user", f"dialogue {earlier} begins with it, too", inquiry)

    return looked


def _text_check(
    name: str,
    title: str,
    look: Look,
    source: str,
    *,
    severity: Severity = Severity.ERROR,
    limit: float = 0.0,
    aloud: bool = False,
) -> Check:
    """A check of each text; aloud: of what is said only."""
    return Check(
        name=name,
        title=title,
        severity=severity,
        limit=limit,
        source=source,
        start=each_row(_by_text(look, said_in if aloud else texts_in)),
        needs=(Need.DIALOGUE,),
    )


#: Released replies word their options freely; ours must offer them as they are, and are flagged by the run.
_WARNED = {"options-not-in-reply": 0.05}


def _method_checks() -> Sequence[Check]:
    return [
        Check(
            name=name,
            title=title,
            severity=Severity.WARNING if name in _WARNED else Severity.ERROR,
            limit=_WARNED.get(name, 0.0),
            source="what always holds of such a dialogue (SynPT III)",
            start=each_row(_by_method(name)),
            needs=(Need.SEED,) if of_seed else (Need.DIALOGUE,),
        )
        for name, (title, of_seed) in _METHOD.items()
    ]


_SCAN = "practice: scan, count, keep out of exports"
DIALOGUE_CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        *_method_checks(),
        _text_check(
            "prompt-artefacts", "pieces of prompts and of answer formats", prompt_artefacts, "as for pairs", aloud=True
        ),
        _text_check("repetition", "texts that loop", repetition, "degenerate text of small models (ours)", limit=0.005),
        _text_check(
            "language-mismatch",
            "words in another language than the task's",
            language_mismatch,
            "as for pairs",
            limit=0.01,
        ),
        _text_check("personal-data", "e-mail, phone, identity, card and account numbers", personal_data, _SCAN),
        _text_check(
            "landline-numbers",
            "landline and service numbers (China)",
            landline_numbers,
            "ours: mostly shops, so apart from personal data",
            severity=Severity.WARNING,
            limit=0.01,
        ),
        _text_check("secrets", "keys, tokens and passwords", secrets, _SCAN),
        _text_check("control-strings", "chat-control strings", control_strings, "forged turns"),
        Check(
            name="same-inquiry",
            title="dialogues that begin with the same words",
            severity=Severity.WARNING,
            limit=0.05,
            source="ours: an inquiry that names nothing has few forms",
            start=_same_inquiry,
            needs=(Need.DIALOGUE,),
            level="dataset",
        ),
        Check(
            name="near-duplicates",
            title="dialogues that are there twice, or nearly",
            severity=Severity.WARNING,
            limit=0.01,
            source="practice: MinHash over 5-grams, similarity from 0.8 on",
            start=near_duplicates,
            needs=(Need.DIALOGUE,),
            level="dataset",
            parameters={"similarity": 0.8},
        ),
    )
}
