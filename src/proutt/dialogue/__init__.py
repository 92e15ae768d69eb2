"""Dialogues and the readers that bring every corpus format to one normal form. Knows nothing of models."""

from proutt.dialogue.dialogue import Context, Dialogue, Turn
from proutt.dialogue.normal import NOTES, to_messages
from proutt.dialogue.readers import READERS
from proutt.dialogue.reading import Problem, ReadingReport, language_code, read_dialogues
from proutt.dialogue.writing import messages_line, write_messages

__all__ = [
    "NOTES",
    "READERS",
    "Context",
    "Dialogue",
    "Problem",
    "ReadingReport",
    "Turn",
    "language_code",
    "messages_line",
    "read_dialogues",
    "to_messages",
    "write_messages",
]
