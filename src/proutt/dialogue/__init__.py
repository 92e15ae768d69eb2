"""Dialogues and the readers that bring every corpus format to one normal form. Knows nothing of models."""

from proutt.dialogue.dialogue import Context, Dialogue, Turn

__all__ = ["Context", "Dialogue", "Turn"]
