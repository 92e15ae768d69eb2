"""Input is read in a thread: in order, a few ahead, and nobody waits for it who need not."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from proutt.errors import UserError
from proutt.runs.reading import ReadAhead
from runs.command import Interruption, at, command, english, environment, proutt, several, written
from servers.scripted import refusal


async def taken(items, **options) -> list:
    with ReadAhead(items, **options) as reading:
        return [item async for item in reading]


@pytest.mark.parametrize("ahead", [1, 3, 1000])
async def test_items_come_in_their_order_and_all_of_them(ahead):
    """However far it reads ahead."""
    assert await taken(range(500), ahead=ahead) == list(range(500))
    assert await taken([], ahead=ahead) == []


async def test_it_reads_no_further_ahead_than_it_may():
    """Memory does not grow with the input."""
    read = threading.Semaphore(0)

    def counted() -> Iterator[int]:
        for number in range(100):
            read.release()
            yield number

    with ReadAhead(counted(), ahead=3) as reading:
        for _ in range(3):
            assert await asyncio.to_thread(read.acquire, timeout=10)
        assert not await asyncio.to_thread(read.acquire, timeout=0.05)
        assert await anext(reading) == 0
        assert await asyncio.to_thread(read.acquire, timeout=10)
        assert not await asyncio.to_thread(read.acquire, timeout=0.05)


async def test_what_goes_wrong_comes_after_what_went_well():
    """As if it had been read in place."""

    def broken() -> Iterator[int]:
        yield from (1, 2)
        raise UserError("is cut off.")

    with ReadAhead(broken()) as reading:
        assert [await anext(reading), await anext(reading)] == [1, 2]
        with pytest.raises(UserError, match="cut off"):
            await anext(reading)


async def test_who_leaves_waits_for_nothing_more():
    """What was read by then is given out; `left` tells an end that was not the input's."""
    never = threading.Event()

    def waiting() -> Iterator[int]:
        yield from (1, 2)
        never.wait(30)

    with ReadAhead(waiting()) as reading:
        assert [await anext(reading), await anext(reading)] == [1, 2]
        asyncio.get_running_loop().call_soon(reading.leave)
        assert [item async for item in reading] == []
        assert reading.left
    never.set()
    with ReadAhead([1]) as reading:
        assert [item async for item in reading] == [1]
        reading.leave()
        assert not reading.left


# Standard input that stays open.


#: Dialogues of one turn, of which nothing is asked: a container is known when 128 KiB of it have come.
FILLER = [english(f"filler-{number}", 1, said="x" * 2000) for number in range(100)]


def fed(server, tmp_path, run, *, dialogues: int) -> subprocess.Popen[bytes]:
    """The command with some dialogues on its standard input, which does not end."""
    process = subprocess.Popen(
        command("synthesize", "-", "--out", run, *at(server), "--language", "en"),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    chats = written(tmp_path / "some.jsonl", [*several()[:dialogues], *FILLER])
    process.stdin.write(chats.read_bytes())
    process.stdin.flush()
    return process


def ended(process: subprocess.Popen[bytes], code: int) -> bytes:
    """What a process that ends by itself, with that code, says on standard error; its standard input stays open."""
    try:
        found = process.wait(60)
    finally:
        process.kill()
    errors = process.stderr.read()
    process.stdin.close()
    assert found == code, errors
    assert b"Fatal" not in errors
    return errors


def test_a_run_that_waits_for_input_can_be_stopped_and_resumed(server, tmp_path):
    """Ctrl-C ends it with 130 though its input is open; with the whole input it makes what one run makes."""
    run = tmp_path / "run"
    server.answer = interruption = Interruption(12, signal.SIGINT)
    process = fed(server, tmp_path, run, dialogues=2)
    interruption.process.set_result(process)
    assert b"Ctrl-C again stops at once" in ended(process, 130)
    whole = written(tmp_path / "all.jsonl", [*several()[:2], *FILLER, *several()[2:]])
    order = command("synthesize", "-", "--out", run, *at(server), "--language", "en")
    done = subprocess.run(order, input=whole.read_bytes(), env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    again = [command("synthesize", "-", "--out", tmp_path / "other", *at(server), "--language", "en")]
    assert subprocess.run(*again, input=whole.read_bytes(), env=environment(), check=False).returncode == 0
    assert (run / "pairs.jsonl").read_bytes() == (tmp_path / "other/pairs.jsonl").read_bytes()


def test_an_error_is_told_while_the_input_is_open(server, tmp_path):
    """A bad key is exit code 2 at once, and the process does not end in an abort."""
    given = threading.Event()
    server.answer = lambda _: replace(refusal("bad key", status=401), wait_for=given)
    process = fed(server, tmp_path, tmp_path / "run", dialogues=1)
    given.set()
    assert b"bad key" in ended(process, 2)


def test_a_pipe_by_name_is_no_other(server, tmp_path):
    """Its file is read in the thread too."""
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    chats = written(tmp_path / "chats.jsonl", several()[:1])

    def feed() -> None:
        with pipe.open("wb") as out:
            out.write(chats.read_bytes())

    threading.Thread(target=feed, daemon=True).start()
    done = proutt("synthesize", pipe, "--out", tmp_path / "run", *at(server))
    assert done.returncode == 0, done.stderr
