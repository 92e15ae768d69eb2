"""What a trainer's configuration must know of an export, and the lines that all of them share."""

from __future__ import annotations

import json
from dataclasses import dataclass

#: Stands where a name must be written before training, so that nothing trains on a model that nobody chose.
FILL_IN = "FILL_IN_BASE_MODEL"

#: The paper's epochs (ProUtt, Appendix B-A.3): SFT on the chosen side, then one epoch of alignment. LoRA in both.
SFT_EPOCHS, ALIGNMENT_EPOCHS = 3, 1
#: Common starting points for LoRA, not tuned on this data.
SFT_RATE, ALIGNMENT_RATE = "1.0e-4", "5.0e-6"
LORA_RANK, LORA_ALPHA = 16, 32
#: An effective batch of 8 on one device.
BATCH, ACCUMULATION = 1, 8
#: KTO compares the rows of a device's batch, so it must have more than one.
KTO_BATCH = 2


@dataclass(frozen=True, slots=True)
class Training:
    """Facts of one export.

    max_length  tokens that hold every row, prompt and answer
    longest     tokens of the longest row; `estimated` says whether they were estimated or counted
    base_model  a name on the hub or a folder; None where it is left to be filled in
    parts       the parts that have rows: "train", "validation", "test"
    last_only   of a row's answers only the last is to be learnt
    """

    max_length: int
    longest: int
    estimated: bool = True
    base_model: str | None = None
    parts: tuple[str, ...] = ("train",)
    last_only: bool = False

    @property
    def model(self) -> str:
        """The base model as a YAML value."""
        if self.base_model is None:
            return f"{FILL_IN}  # a name on the hub, or a folder"
        return json.dumps(self.base_model, ensure_ascii=False)

    @property
    def length_comment(self) -> str:
        """Why max_length is what it is."""
        how = "estimated" if self.estimated else "counted"
        return f"# the longest row has {self.longest} tokens ({how}); what is longer loses its end, or is dropped"

    @property
    def validates(self) -> bool:
        """Whether there are rows to watch training with. The test part is not for that."""
        return "validation" in self.parts


def enough_tokens(longest: int, *, estimated: bool) -> int:
    """A maximum length that holds rows of so many tokens, in steps of 256.

    An estimate errs, so it gets a quarter more; a count gets 64 tokens for the chat template's own.
    """
    wanted = longest * 5 / 4 if estimated else longest + 64
    return -int(-wanted // 256) * 256


def batch_lines(batch: int = BATCH) -> tuple[str, str]:
    """Batch and accumulation, as TRL and LLaMA-Factory call them; their product is always the same."""
    return (
        f"per_device_train_batch_size: {batch}",
        f"gradient_accumulation_steps: {BATCH * ACCUMULATION // batch}",
    )


def yaml_lines(*lines: str | None) -> str:
    """The lines that are there, as a file."""
    return "\n".join(line for line in lines if line is not None) + "\n"
