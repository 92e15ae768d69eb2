"""`proutt serve` itself: started, asked, stopped with a signal."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.request

import pytest

from runs.command import PATIENCE_S, command, environment, proutt
from serving.service import CHAT, PREDICTED, SAID


def test_it_serves_until_it_is_interrupted(endpoint):
    """It prints its address, answers, logs JSON Lines, and ends with exit code 0."""
    endpoint.script(PREDICTED)
    arguments = ("serve", "--model", "m", "--base-url", endpoint.url, "--method", "prompt", "--port", "0")
    process = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(PROUTT_API_KEY="canary-key-0123456789abcdef"),
    )
    try:
        address = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())[1]
        request = urllib.request.Request(
            f"{address}/v1/suggestions",
            data=json.dumps({"messages": CHAT}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert [each["text"] for each in json.load(answer)["suggestions"]] == list(SAID)
        process.send_signal(signal.SIGINT)
        _, logged = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, logged
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["event"] for line in lines] == ["serving", "request", "stopped"]
    assert lines[1]["suggestions"] == 4
    assert "canary" not in logged
    assert "Lyon" not in logged
    assert endpoint.requests[0].headers["Authorization"] == "Bearer canary-key-0123456789abcdef"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "--client-key-env"),
        (("--client-key-env", "NO_SUCH_KEY"), "NO_SUCH_KEY is not set"),
        (("--assistant-base-url", "http://127.0.0.1:1/v1"), "--assistant-model"),
        (("--feedback", "/nowhere/at/all.jsonl"), "can't be written"),
    ],
)
def test_what_cannot_be_served_is_told_in_a_line(arguments, said):
    """Exit code 2, what and the remedy."""
    done = proutt("serve", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--port", "0", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
