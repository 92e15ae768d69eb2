"""How long a token takes: one forward and backward pass of the base with an adapter, measured before the start."""

from __future__ import annotations

import time

from proutt.training.bases import Base
from proutt.training.device import Machine, dtype_of

#: At most so many tokens: enough to be like the real thing, few enough to take seconds.
_MOST_TOKENS = 512


def seconds_per_token(base: Base, machine: Machine, *, tokens: int, rank: int) -> float:
    """Seconds that one token takes, there and back, in one row of `tokens` (512 at most). The better of two.

    Nothing is learned: the model is loaded for this, and let go.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    length = max(8, min(tokens, _MOST_TOKENS))
    model = AutoModelForCausalLM.from_pretrained(str(base.folder), dtype=dtype_of(machine)).to(machine.device)
    model = get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear", task_type="CAUSAL_LM"))
    ids = torch.arange(length, device=machine.device).remainder(base.architecture.vocabulary).unsqueeze(0)

    def there_and_back(row: torch.Tensor) -> float:
        began = time.perf_counter()
        model(input_ids=row, labels=row).loss.backward()
        if machine.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - began

    there_and_back(ids[:, :8])
    return min(there_and_back(ids) for _ in range(2)) / length
