"""A GGUF file in the engine, asked for what it computes."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any


class Served:
    """The engine's own process (`proutt.llm.engine`) with a model, and a LoRA file if one is given."""

    def __init__(self, model: Path, adapter: Path | None = None) -> None:
        settings: dict[str, Any] = {"path": str(model), "slots": 1, "context_tokens": 512, "threads": 1, "api_key": "k"}
        self._settings = settings | ({} if adapter is None else {"adapter": str(adapter)})

    def __enter__(self) -> Served:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proutt.llm.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(self._settings) + "\n")
        self._process.stdin.flush()
        outcome = json.loads(self._process.stdout.readline())
        assert "url" in outcome, outcome
        self._url = outcome["url"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def likeliest(self, ids: list[int]) -> dict[int, float]:
        """Token → log-probability, of the ten likeliest to come next."""
        body = {"prompt": ids, "n_predict": 1, "n_probs": 10, "temperature": 0.0}
        told = self._ask("/completion", body)["completion_probabilities"][0]["top_logprobs"]
        return {each["id"]: each["logprob"] for each in told}

    def tokens(self, text: str) -> int:
        """How many tokens the engine makes of a text."""
        return len(self._ask("/tokenize", {"content": text, "parse_special": True})["tokens"])

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self._url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer k"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
