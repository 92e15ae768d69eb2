"""The checks of UPC's dialogues: those of the method (`methods/upc/checks.py`), and what is looked for in any text.

A check of the method says where it found something, so a finding names the turn and who said it. What was drafted and
advised is looked at by these; of what is looked for in any text, only what was said aloud, for that is trained on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from proutt.methods.upc import checks as upc
from proutt.methods.upc.record import UPCDialogue
from proutt.quality.audit.artefacts import prompt_artefacts
from proutt.quality.audit.check import Check, Finding, Look, Need, Severity, each_row
from proutt.quality.audit.copies import repetition
from proutt.quality.audit.duplicates import near_duplicates
from proutt.quality.audit.languages import language_mismatch
from proutt.quality.audit.personal import personal_data
from proutt.quality.audit.secrets import control_strings, secrets
from proutt.quality.audit.subject import Side, Subject

#: check → what it finds, the most dialogues that may have it, and whether more of them are an error
_METHOD = {
    "question-overuse": ("too many questions in a reply, or nothing but questions", 0.1, Severity.WARNING),
    "repetition": ("somebody says or asks the same again", 0.05, Severity.WARNING),
    "self-focus": ("the chatbot speaks mostly of itself", 0.05, Severity.WARNING),
    "persona-contradicted": ("another name or age than the persona's, or a user who is a machine", 0.0, Severity.ERROR),
    "background-leaked": ("the chatbot is told or says what nobody said of the background", 0.0, Severity.ERROR),
    "ended-early": ("a goodbye before the last turn", 0.05, Severity.WARNING),
}


def subject_of_upc(dialogue: UPCDialogue, where: str) -> Subject:
    """A dialogue as an audit looks at it: all that was said as one text, and the record."""
    return Subject(
        id=dialogue.persona_id,
        where=where,
        prompt="\n".join(dialogue.utterances),
        chosen=Side(""),
        dialogue_id=dialogue.persona_id,
        language=dialogue.language,
        upc=dialogue,
    )


def _by_method(name: str) -> Look:
    def looked(subject: Subject) -> Iterator[Finding]:
        for found in () if subject.upc is None else upc.CHECKS[name](subject.upc):
            yield Finding(found.place, found.what, found.text)

    return looked


def _by_text(look: Look) -> Look:
    """A look at each utterance by itself; findings are placed where it stands."""

    def looked(subject: Subject) -> Iterator[Finding]:
        if subject.upc is None:
            return
        for number, text in enumerate(subject.upc.utterances):
            alone = Subject(subject.id, subject.where, "", Side(text, utterances=(text,)), language=subject.language)
            for finding in look(alone):
                yield replace(finding, place=f"turn {number // 2 + 1}, {'user' if number % 2 else 'chatbot'}")

    return looked


def _text_check(name: str, title: str, look: Look, source: str, *, limit: float = 0.0) -> Check:
    return Check(
        name=name,
        title=title,
        severity=Severity.ERROR,
        limit=limit,
        source=source,
        start=each_row(_by_text(look)),
        needs=(Need.UPC,),
    )


_SCAN = "practice: scan, count, keep out of exports"
UPC_CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        *(
            Check(
                name=name,
                title=title,
                severity=severity,
                limit=limit,
                source="what such a dialogue should be (UPC 4.2), by rules",
                start=each_row(_by_method(name)),
                needs=(Need.UPC,),
            )
            for name, (title, limit, severity) in _METHOD.items()
        ),
        _text_check("prompt-artefacts", "pieces of prompts and of answer formats", prompt_artefacts, "as for pairs"),
        _text_check("loops", "texts that loop", repetition, "degenerate text of small models (ours)", limit=0.005),
        _text_check(
            "language-mismatch",
            "words in another language than the persona's",
            language_mismatch,
            "as for pairs",
            limit=0.01,
        ),
        _text_check("personal-data", "e-mail, phone, identity, card and account numbers", personal_data, _SCAN),
        _text_check("secrets", "keys, tokens and passwords", secrets, _SCAN),
        _text_check("control-strings", "chat-control strings", control_strings, "forged turns"),
        Check(
            name="near-duplicates",
            title="dialogues that are there twice, or nearly",
            severity=Severity.WARNING,
            limit=0.01,
            source="practice: MinHash over 5-grams, similarity from 0.8 on",
            start=near_duplicates,
            needs=(Need.UPC,),
            level="dataset",
            parameters={"similarity": 0.8},
        ),
    )
}
