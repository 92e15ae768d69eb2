"""A command `vllm` for tests: takes what vLLM's takes, and serves scripted answers to who has the key.

What it is told by variables: VLLM_TEST_FOLDER takes a file of calls for each process that it is, VLLM_TEST_DIES lets it
end at its n-th call, once in that folder; VLLM_TEST_FAILS at its start.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from pathlib import Path

from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, Received, ScriptedServer, refusal


class Keyed(ScriptedServer):
    """Answers who has the key, and writes down what it answered."""

    def answer_to(self, received: Received) -> Answer:
        if received.headers.get("Authorization") != f"Bearer {os.environ['VLLM_API_KEY']}":
            return refusal("Unauthorized", 401)
        folder, dies = Path(os.environ["VLLM_TEST_FOLDER"]), int(os.environ.get("VLLM_TEST_DIES", "0"))
        if dies and len(self.requests) + 1 == dies:
            try:
                (folder / "died").touch(exist_ok=False)
                os._exit(9)
            except FileExistsError:
                pass
        answer = super().answer_to(received)
        line = {"call": hashlib.sha256(json.dumps(received.body, sort_keys=True).encode()).hexdigest()}
        with (folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as calls:
            calls.write(json.dumps(line | {"gpus": os.environ.get("CUDA_VISIBLE_DEVICES")}) + "\n")
        return answer


def main() -> None:
    verb, _, *options = sys.argv[1:]
    given = dict(zip(options[::2], options[1::2], strict=False))
    if os.environ.get("VLLM_TEST_FAILS"):
        sys.exit("ValueError: no such model")
    if verb != "serve" or "--enable-prefix-caching" not in options:
        sys.exit(f"not as expected: {sys.argv}")
    with Keyed(proutt_answer, (given["--host"], int(given["--port"]))):
        threading.Event().wait()


if __name__ == "__main__":
    main()
