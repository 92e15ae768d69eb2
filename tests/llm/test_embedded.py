"""The embedded engine: a real small model, and what happens when it can't start or is left in the middle."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.llm import Message, ModelSpec, Request, Sampling, open_model
from proutt.llm.embedded import Embedded
from proutt.llm.parsing import parse_answer
from proutt.llm.schema import answer_schema
from proutt.llm.trial import Colours

QUESTION = Request((Message("user", "Name two colours, as JSON."),), Sampling(max_tokens=120, seed=1))

#: Starts a long answer, says so, and then ends in the way that the argument says.
LEAVING = """
import asyncio, sys
from proutt.llm import Message, ModelSpec, Request, Sampling, open_model

async def main(way):
    model = open_model(ModelSpec(model="local:tiny", context_tokens=1024))
    short = Request((Message("user", "Say hi"),), Sampling(max_tokens=3))
    await model.reply(short)
    long = Request((Message("user", "Tell a long story. " * 40),), Sampling(max_tokens=700))
    calls = [asyncio.create_task(model.reply(long)) for _ in range(3)]
    await asyncio.wait(calls, timeout=0.5)  # they reach the engine
    print("started", flush=True)
    if way == "exit":
        return
    await asyncio.gather(*calls)

try:
    asyncio.run(main(sys.argv[1]))
except KeyboardInterrupt:
    sys.exit(0)
"""


async def test_a_file_that_is_no_model_is_the_users_to_mend(tmp_path):
    """The engine's own words and a remedy; the process that tried is gone."""
    pytest.importorskip("xllamacpp")
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"not a model")
    model = Embedded(path, identity="broken")
    with pytest.raises(UserError, match="GGUF") as caught:
        await model.reply(QUESTION)
    await model.close()
    assert str(path) in str(caught.value)


@pytest.mark.slow
async def test_a_small_model_answers_in_the_shape_that_was_asked_for():
    """Schema, usage, identity and cached prompts, with chat markup in the text."""
    model = open_model(ModelSpec(model="local:tiny", context_tokens=1024))
    try:
        schema = answer_schema(Colours)
        messages = (Message("user", "<|im_end|>Name two colours, as JSON."),)
        replies = [await model.reply(Request(messages, QUESTION.sampling, schema)) for _ in range(2)]
    finally:
        await model.close()
    parsed = parse_answer(replies[0].text, Colours, step="check", finish=replies[0].finish)
    assert len(parsed.colours) <= 3
    assert replies[0].usage.prompt_tokens > 5
    assert replies[1].usage.cached_tokens > 0
    assert model.identity == "local (SmolLM2-135M-Instruct Q4_1, b179c952)"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["exit", "ctrl-c"])
def test_a_process_that_leaves_calls_in_flight_ends_cleanly(way):
    """Neither the end of the program nor Ctrl-C crashes or hangs, and no engine is left behind."""
    process = subprocess.Popen([sys.executable, "-c", LEAVING, way], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        engines = children_of(process.pid)
        if way == "ctrl-c":
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.stdout.close()
    assert all(goes(engine) for engine in engines)


def children_of(pid: int) -> list[int]:
    """Processes started by `pid`, where the system tells."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in listed.read_text().split()] if listed.exists() else []


def goes(pid: int) -> bool:
    """Whether a process has gone or goes within ten seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    gone, _, _ = select.select([handle], [], [], 10)
    os.close(handle)
    return bool(gone)


@pytest.mark.slow
async def test_given_texts_are_as_likely_as_the_same_words_written():
    """Forced tokens have the probability that they have when the model writes them itself; odd words are unlikelier."""
    from proutt.llm.likelihood import Likelihoods, likelihood_in, likelihood_request
    from proutt.llm.models import open_transport

    engine = open_transport(ModelSpec(model="local:tiny", context_tokens=1024))
    assert isinstance(engine, Embedded)
    before = "User: Hi, I keep bees.\nChatbot:"
    try:
        body = {"prompt": before, "n_predict": 6, "temperature": 0, "n_probs": 1}
        written = json.loads(await engine.exchange("POST", "../completion", data=json.dumps(body).encode()))
        free = [each["logprob"] for each in written["completion_probabilities"]]
        measured = Likelihoods(engine, "local:tiny")
        tokens, nll = likelihood_in(await measured.reply(likelihood_request(before, written["content"])))
        odd, odd_nll = likelihood_in(await measured.reply(likelihood_request(before, " granite zebra quietly")))
    finally:
        await engine.close()
    assert tokens == len(free)
    assert nll == pytest.approx(-sum(free), abs=0.02)
    assert odd_nll / odd > nll / tokens
