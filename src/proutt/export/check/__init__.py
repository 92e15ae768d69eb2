"""An export checked before anybody trains on it: each row is prepared as its trainer would, and what is lost counted.

What is known here of TRL, LLaMA-Factory, axolotl and Unsloth is proved against their own code (tests/consumers).
"""

from proutt.export.check.checking import Checked, as_json, check_export, format_in, manifest_max_length
from proutt.export.check.finding_templates import template_named, tokenizer_beside
from proutt.export.check.known import KNOWN, Known, refuse_broken
from proutt.export.check.losses import MEANING, Loss
from proutt.export.check.prepared import Setting, Trainer
from proutt.export.check.template import ChatTemplate, TemplateRefused
from proutt.export.check.trainers import TRAINERS, trainers_of
from proutt.export.check.vocabulary import Vocabulary, estimated_vocabulary, vocabulary_named

__all__ = [
    "KNOWN",
    "MEANING",
    "TRAINERS",
    "ChatTemplate",
    "Checked",
    "Known",
    "Loss",
    "Setting",
    "TemplateRefused",
    "Trainer",
    "Vocabulary",
    "as_json",
    "check_export",
    "estimated_vocabulary",
    "format_in",
    "manifest_max_length",
    "refuse_broken",
    "template_named",
    "tokenizer_beside",
    "trainers_of",
    "vocabulary_named",
]
