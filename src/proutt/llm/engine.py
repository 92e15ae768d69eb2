"""The embedded engine's own process: loads a GGUF file, serves it on a loopback port, and ends with its parent.

    python -m proutt.llm.engine

reads its settings as one JSON line from standard input and writes the outcome as one JSON line to standard output.

The engine lives apart because it can't be stopped safely while it computes: ending the interpreter then is a
segmentation fault, and dropping the engine can wait for ever. This process just leaves when its standard input
closes, which the operating system sees to however the parent ended. It knows nothing of requests: those come by HTTP,
with a key that only the parent knows.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn

CACHE_MIB = 256


def serve(settings: dict[str, Any]) -> Any:
    """Load and listen; the engine's server object. Raises RuntimeError or ValueError where the file is no model."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.n_ctx = settings["slots"] * settings["context_tokens"]
    params.n_parallel = settings["slots"]
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.api_keys = [settings["api_key"]]
    params.cors_origins = ""
    params.endpoint_slots = False
    params.cache_ram_mib = CACHE_MIB
    params.verbosity = -1
    params.warmup = False
    params.ui = False
    if "adapter" in settings:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(settings["adapter"], 1.0)]
    return xllamacpp.Server(params)


def main() -> NoReturn:
    settings = json.loads(sys.stdin.readline())
    outcome: dict[str, str]
    try:
        server = serve(settings)
        outcome = {"url": server.listening_address}
    except ModuleNotFoundError as error:
        outcome = {"missing": str(error.name)}
    except (RuntimeError, ValueError, AttributeError, OSError) as error:
        outcome = {"error": str(error) or type(error).__name__}
    print(json.dumps(outcome), flush=True)
    if "url" in outcome:
        sys.stdin.read()
    os._exit(0)  # no destructors: they wait for computing slots


if __name__ == "__main__":
    main()
