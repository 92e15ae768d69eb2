"""A killed training goes on from its last whole checkpoint, by the same command, in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proutt.training.stages import last_checkpoint, read_log


def command(base: Path, data: Path, out: Path) -> list[str]:
    options = ["--max-steps", "30", "--save-steps", "2", "--accumulation", "1", "--learning-rate", "1e-3", "--json"]
    return [sys.executable, "-m", "proutt", "train", "sft", str(data), "--base", str(base), "--out", str(out), *options]


def test_a_kill_loses_no_more_than_the_steps_after_the_last_checkpoint(base, data, tmp_path):
    """kill -9 in the middle; then the log is as long as that of a training that nobody disturbed, step by step."""
    out = tmp_path / "out"
    process = subprocess.Popen(command(base, data, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while (last_checkpoint(out / "stages/1-sft") or (0,))[0] < 4:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        process.kill()
    assert json.loads((out / "training.json").read_text(encoding="utf-8"))["state"] == "running"
    reached = last_checkpoint(out / "stages/1-sft")
    assert reached is not None
    assert reached[0] < 30
    before = read_log(out / "stages/1-sft")
    half = out / "stages/1-sft/checkpoints/checkpoint-29"  # as a kill in the middle of writing leaves it
    half.mkdir()

    done = subprocess.run(command(base, data, out), capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "note"
    assert f"from step {reached[0]} of 30" in events[0]["text"]
    assert events[-1]["event"] == "result"
    assert not half.exists()
    log = [entry for entry in read_log(out / "stages/1-sft") if "loss" in entry]
    assert [entry["step"] for entry in log] == list(range(1, 31))
    kept = [entry for entry in before if entry["step"] <= reached[0]]
    assert [entry["loss"] for entry in log[: len(kept)]] == [entry["loss"] for entry in kept]


@pytest.mark.usefixtures("libraries")
def test_a_checkpoint_counts_only_when_it_is_whole(tmp_path):
    """The mark is written last."""
    for step, whole in ((2, True), (4, True), (6, False)):
        folder = tmp_path / f"checkpoints/checkpoint-{step}"
        folder.mkdir(parents=True)
        if whole:
            (folder / "whole").touch()
    assert last_checkpoint(tmp_path) == (4, tmp_path / "checkpoints/checkpoint-4")
    assert last_checkpoint(tmp_path / "none") is None


@pytest.mark.slow
def test_several_processes_train_one_adapter(base, data, tmp_path):
    """Two on the CPU, as `accelerate launch` starts them: the first writes, the second waits for it."""
    options = ["--sft-max-steps", "2", "--align-max-steps", "2", "--accumulation", "1", "--device", "cpu", "--json"]
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "-m", "proutt", "train"]
    out = tmp_path / "out"
    done = subprocess.run(
        [*launch, str(data), "--base", str(base), "--out", str(out), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert record["state"] == "done"
    assert record["plan"]["devices"] == 2
    assert sum(line.startswith('{"event": "result"') for line in done.stdout.splitlines()) == 1
