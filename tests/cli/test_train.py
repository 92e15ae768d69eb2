"""`proutt train`: what the options become, and what a person reads before and after."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from proutt.cli.train import ALIGNMENTS, METHOD_NAMES, command
from proutt.cli.train_session import TrainDisplay, duration, plan_lines, settings_of
from proutt.errors import UserError
from proutt.training.device import Machine
from proutt.training.lengths import RowLength, fit
from proutt.training.memory import MemoryEstimate
from proutt.training.methods import METHODS
from proutt.training.plan import Plan, StagePlan
from proutt.training.rows import RowFile
from proutt.training.settings import stage_of


def given(*arguments: str) -> dict[str, object]:
    """The options of a command line, as the verb gets them."""
    name, *rest = arguments
    verb = command.commands[name]
    return verb.make_context(name, rest).params


def test_the_command_knows_every_method():
    """The names are written out where `--help` needs them."""
    assert tuple(METHODS) == METHOD_NAMES
    assert tuple(name for name in METHODS if METHODS[name].sides == 2) == ALIGNMENTS


def test_options_become_settings_and_what_is_not_given_stays_the_methods_own():
    """Of a single method, and of the recipe's two stages."""
    one = settings_of(("dpo",), given("dpo", "run", "--out", "x", "--beta", "0.3", "--lora-rank", "4"))
    assert (one.stages, one.lora_rank, one.lora_alpha) == ((stage_of("dpo", beta=0.3),), 4, 32)
    both = settings_of(("sft", "orpo"), given("recipe", "run", "--out", "x", "--align", "orpo", "--sft-epochs", "2"))
    assert both.stages == (stage_of("sft", epochs=2), stage_of("orpo"))
    assert both.base == "local:tiny"


def test_data_without_a_method_means_the_recipe():
    """`proutt train DATA` and `proutt train DATA --recipe paper`; a word that is neither file nor verb is said so."""
    result = CliRunner().invoke(command, ["nowhere.jsonl", "--recipe", "paper", "--out", "x"])
    assert isinstance(result.exception, UserError)
    assert "nowhere.jsonl: there is no such file or folder, and no such subcommand." in str(result.exception)


def test_an_adapter_keeps_its_rank(tmp_path: Path):
    """Another one is refused; without the option it is the adapter's."""
    (tmp_path / "adapter_config.json").write_text('{"r": 4, "lora_alpha": 8}', encoding="utf-8")
    start = ["--from", str(tmp_path)]
    assert settings_of(("dpo",), given("dpo", "run", "--out", "x", *start)).lora_rank == 4
    with pytest.raises(UserError, match=r"--lora-rank: the adapter of --from has 4"):
        settings_of(("dpo",), given("dpo", "run", "--out", "x", *start, "--lora-rank", "8"))
    with pytest.raises(UserError, match="holds no adapter"):
        settings_of(("dpo",), given("dpo", "run", "--out", "x", "--from", str(tmp_path / "none")))


def test_the_plan_says_what_would_be_lost_before_anything_starts():
    """Rows, shares, memory against what is free, time."""
    lengths = [RowLength(40, 90, 90, True), RowLength(60, 120, 120, True)]
    rows = RowFile(Path("train.jsonl"), "0", 2, 3, {"not verified": 1}, {"test": 5})
    memory = MemoryEstimate(0, 6 * 10**9, 0, 0, 0)
    plan = Plan(
        (StagePlan(stage_of("sft"), rows, fit(lengths, 100), 3, 270, memory),),
        Machine("cuda", "bfloat16", "H100", 5 * 10**9),
        1,
    )
    text = "\n".join(plan_lines(plan, 7200))
    assert "On cuda (H100), bfloat16" in text
    assert "sft: 1 rows of 3 pairs, 3 steps" in text
    assert "left out by the export: 1 not verified" in text
    assert "not trained on: test 5" in text
    assert "1 of 2 rows (50.0%) are left out: 1 would be truncated (1 would lose <predict> lines), 0 dropped" in text
    assert "about 6.0 GB of 5.0 GB free" in text
    assert "That is likely too much" in text
    assert "about 2.0 h" in text


@pytest.mark.parametrize(("seconds", "said"), [(3.2, "3 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_said_in_the_unit_that_fits(seconds, said):
    """Seconds, minutes, hours."""
    assert duration(seconds) == said


def test_progress_as_json_has_a_line_for_the_last_step(capsys):
    """Steps in between are told now and then."""
    from proutt.cli.progress import Shown

    display = TrainDisplay(Shown(as_json=True, stream=sys.stdout))
    for step in (1, 2, 3):
        display.step("dpo", step, 3, None if step == 1 else 2.0, {"loss": 0.5, "rewards/margins": 0.25})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert '"step": 3, "of": 3, "loss": 0.5, "margin": 0.25' in lines[-1]


def test_help_loads_no_training_library():
    """`proutt train --help` and its subcommands' answer in a blink."""
    code = (
        "import sys; from proutt.cli.train import command\n"
        "for name in ('sft', 'recipe', 'merge', 'gguf'):\n"
        "    try: command.main([name, '--help'])\n    except SystemExit: pass\n"
        "sys.exit(bool({'torch', 'transformers', 'trl', 'numpy', 'proutt.training'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "DATA is the --out of proutt synthesize" in done.stdout


@pytest.mark.skipif(importlib.util.find_spec("trl") is not None, reason="the extra train is installed")
def test_without_the_extra_the_remedy_is_named(tmp_path):
    """One line, before anything is written."""
    (tmp_path / "rows.jsonl").write_text("{}\n", encoding="utf-8")
    result = CliRunner().invoke(command, ["sft", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "out")])
    assert "pip install 'proutt[train]'" in str(result.exception)
    assert not (tmp_path / "out").exists()
