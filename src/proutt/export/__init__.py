"""Training formats out: a pair as training text, and rows that trainers load without edits."""

from proutt.export.formats import FORMATS, Format
from proutt.export.prompt import INSTRUCTIONS, Instruction, Outline, prompt_text
from proutt.export.split import Split, parse_split
from proutt.export.text import TrainingText, completion_text, training_text
from proutt.export.write import ExportSettings, export_pairs

__all__ = [
    "FORMATS",
    "INSTRUCTIONS",
    "ExportSettings",
    "Format",
    "Instruction",
    "Outline",
    "Split",
    "TrainingText",
    "completion_text",
    "export_pairs",
    "parse_split",
    "prompt_text",
    "training_text",
]
