"""The training libraries: whether they are here, and keeping their chatter off the screen."""

from __future__ import annotations

import importlib.util
import logging
import os
import warnings
from importlib.metadata import PackageNotFoundError, version

from proutt.errors import UserError
from proutt.llm.embedded import SPIN_COUNT

#: What a training depends on, in the order in which it is recorded.
LIBRARIES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "gguf", "tensorboard")


def require() -> None:
    """Raise UserError where a library of the extra `train` is missing; imports none of them.

    Torch's threads wait for each other busily, as the engine's do (`llm/embedded.py`): the bound must be set before
    torch is imported.
    """
    missing = [name for name in (*LIBRARIES, "matplotlib") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"training needs {', '.join(missing)}.", where="proutt train", remedy="Run: pip install 'proutt[train]'"
        )
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)


def versions() -> dict[str, str]:
    """Library → version, of those that are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def quieten(*, offline: bool) -> None:
    """Turn off progress bars, advice and warnings of the libraries, before they are imported.

    offline  the base is on this machine: nothing is asked of the hub
    """
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = os.environ["TQDM_DISABLE"] = "1"
    warnings.filterwarnings("ignore")
    for name in ("transformers", "trl", "peft", "accelerate", "datasets", "torch", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import datasets
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    datasets.disable_progress_bars()
