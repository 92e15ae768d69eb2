"""Training end to end on a tiny random model: every method, the recipe, going on, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from proutt.errors import UserError
from proutt.training.run import train
from proutt.training.settings import TrainSettings, stage_of
from proutt.training.stages import read_log


class Told:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.plans: list[Any] = []
        self.steps: list[tuple[str, int, int]] = []
        self.logged: list[Any] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetching(self) -> AbstractContextManager[Callable[[Any], None]]:
        return nullcontext(lambda _: None)

    def planned(self, plan: Any, seconds: float | None) -> None:
        self.plans.append((plan, seconds))

    def step(self, stage: str, step: int, of: int, seconds_left: float | None, logged: dict[str, Any]) -> None:
        self.steps.append((stage, step, of))
        self.logged.append(logged["step"])


def settings(base: Path, *methods: str, steps: int = 3, rate: float = 2e-3, **more: Any) -> TrainSettings:
    stages = tuple(stage_of(name, learning_rate=rate, max_steps=steps) for name in methods)
    return TrainSettings(str(base), stages, accumulation=2, lora_rank=4, device="cpu", **more)


def run(wanted: TrainSettings, data: Path, out: Path, **more: Any) -> tuple[Any, Told]:
    told = Told()
    return train(wanted, str(data), out, told, chatter=True, **more), told


@pytest.fixture(scope="module")
def finished(base, data, tmp_path_factory):
    """The recipe, done: SFT, then DPO from its adapter."""
    out = tmp_path_factory.mktemp("recipe") / "out"
    done, told = run(settings(base, "sft", "dpo", steps=4), data, out, save_steps=2)
    return out, done, told


def test_the_recipe_trains_sft_then_aligns_from_its_adapter(finished):
    """The loss of SFT falls; DPO's margin starts at 0, for its reference is the SFT adapter, and rises."""
    out, done, told = finished
    sft, dpo = done.record["results"]
    assert sft["measures"]["loss"]["last"] < sft["measures"]["loss"]["first"]
    assert dpo["measures"]["margin"]["first"] == 0
    assert dpo["measures"]["margin"]["last"] > 0.1
    assert told.steps == [("sft", n, 4) for n in (1, 2, 3, 4)] + [("dpo", n, 4) for n in (1, 2, 3, 4)]
    assert told.logged == [1, 2, 3, 4] * 2  # each with its own measures
    assert [entry["step"] for entry in read_log(out / "stages/2-dpo") if "loss" in entry] == [1, 2, 3, 4]


def test_a_training_says_what_it_was_made_with(finished, data):
    """Record, card, curves, TensorBoard logs, the rows with their digest."""
    from hashlib import sha256

    out, _, told = finished
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    rows = out / "data/trl-sft/train.jsonl"
    assert record["state"] == "done"
    assert record["data"]["sha256"]["trl-sft"] == sha256(rows.read_bytes()).hexdigest()
    assert record["plan"]["stages"][0]["rows_trained_on"] == 12
    assert record["versions"]["trl"]
    assert "| 2 | DPO |" in (out / "README.md").read_text(encoding="utf-8")
    assert "rewards" not in (out / "curves.svg").read_text(encoding="utf-8")
    assert (out / "curves.png").stat().st_size > 1000
    assert list((out / "tensorboard/1-sft").glob("events*"))
    ((plan, seconds),) = told.plans
    assert plan.memory_bytes > 0
    assert seconds > 0


def test_the_adapter_has_no_reference_in_it(finished):
    """DPO's frozen copy beside it is the trainer's business."""
    out, _, _ = finished
    assert {each.name for each in (out / "adapter").iterdir()} == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    }


def test_a_finished_training_changes_nothing(finished, base, data):
    """Not a byte, not a time stamp of its files."""
    out, _, _ = finished
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    done, told = run(settings(base, "sft", "dpo", steps=4), data, out)
    assert done.already
    assert told.steps == []
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}


def test_other_settings_are_refused_with_what_differs(finished, base, data, tmp_path):
    """An option, and the rows themselves."""
    out, _, _ = finished
    with pytest.raises(UserError, match=r"seed: 0, now 1"):
        run(settings(base, "sft", "dpo", steps=4, seed=1), data, out)
    fewer = tmp_path / "fewer.jsonl"
    fewer.write_text("".join(data.read_text(encoding="utf-8").splitlines(keepends=True)[:6]), encoding="utf-8")
    with pytest.raises(UserError, match=r"data\.trl-sft: "):
        run(settings(base, "sft", "dpo", steps=4), fewer, out)


@pytest.mark.parametrize("method", ["dpo", "orpo", "simpo"])
def test_each_alignment_learns_to_prefer_the_chosen_side(base, data, tmp_path, method):
    """From a new adapter, within three steps: the margin of the last is above that of the first."""
    done, _ = run(settings(base, method), data, tmp_path / "out")
    margin = done.record["results"][0]["measures"]["margin"]
    assert margin["last"] > margin["first"]


def test_the_loss_is_on_the_completion_only(base, data, tmp_path):
    """What each trainer is given to learn begins where the answer begins, and ends with its end."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from proutt.training.device import machine_for
    from proutt.training.lengths import fit, row_lengths
    from proutt.training.plan import StagePlan
    from proutt.training.rows import RowFile, read_rows, write_rows
    from proutt.training.trainers import trainer_for

    tokenizer = AutoTokenizer.from_pretrained(base)
    for method in ("sft", "dpo", "orpo", "simpo"):
        wanted = settings(base, method)
        (file,) = write_rows(
            str(data), tmp_path / method, ["trl-sft" if method == "sft" else "trl-preference"], wanted
        ).values()
        found = fit(row_lengths(file.path, base), 512)
        plan = StagePlan(wanted.stages[0], RowFile(file.path, "", 12, 12, {}, {}), found, 3, 0, None)
        trainer = trainer_for(
            plan,
            wanted,
            machine_for("cpu", "auto"),
            AutoModelForCausalLM.from_pretrained(base),
            tokenizer,
            read_rows(file.path, found.keep)[:1],
            folder=tmp_path / "checkpoints",
            tensorboard=tmp_path / "logs",
            save_steps=1,
            checkpoints_kept=1,
            new_adapter=True,
        )
        batch = next(iter(trainer.get_train_dataloader()))
        for ids, labels in learned(batch):
            text = tokenizer.decode([token for token, label in zip(ids, labels, strict=True) if label])
            assert text.startswith("<think>\nThey speak of"), (method, text)
            assert text.rstrip().removesuffix("<|im_end|>").rstrip().removesuffix("<|im_end|>").endswith("</predict>")


def learned(batch: Any) -> list[tuple[list[int], list[bool]]]:
    """Tokens of each sequence in a trainer's batch, and whether they are learned."""
    found = []
    for prefix in ("", "chosen_", "rejected_"):
        if f"{prefix}input_ids" in batch and (f"{prefix}labels" in batch or "completion_mask" in batch):
            marks = batch.get(f"{prefix}labels")
            mask = batch["completion_mask"].bool() if marks is None else marks != -100
            found += list(zip(batch[f"{prefix}input_ids"].tolist(), mask.tolist(), strict=True))
    assert found, sorted(batch)
    return found


def test_a_dry_run_plans_and_writes_nothing(base, data, tmp_path):
    """The plan is told, the directory is not made."""
    done, told = run(settings(base, "sft"), data, tmp_path / "out", dry_run=True)
    assert done.record is None
    assert told.plans
    assert not (tmp_path / "out").exists()


def test_rows_that_are_too_long_are_left_out(base, data, tmp_path):
    """Counted in the record, and not trained on."""
    long = json.loads(data.read_text(encoding="utf-8").splitlines()[0])
    long["chosen"][0]["content"] = long["chosen"][0]["content"].replace("They", "They and " * 60)
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(long) + "\n" + data.read_text(encoding="utf-8"), encoding="utf-8")
    done, _ = run(settings(base, "sft", steps=1, max_length=80), file, tmp_path / "out")
    stage = done.record["plan"]["stages"][0]
    assert (stage["rows_trained_on"], stage["truncated"], stage["predict_lines_lost"]) == (12, 1, 1)


def test_an_adapter_of_another_base_is_refused(finished, data, tmp_path):
    """Starting from it would be noise."""
    from proutt.training.starting import start_from
    from training.small import write_model

    out, _, _ = finished
    start = start_from(out)
    assert start.rank == 4
    other = write_model(tmp_path / "other", "qwen2", "qwen2")
    with pytest.raises(UserError, match="was trained on"):
        run(settings(other, "sft", start=str(start.folder)), data, tmp_path / "out")


def test_a_folder_of_somebody_else_is_left_alone(base, data, tmp_path):
    """Nothing is written among other files."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="not of a training"):
        run(settings(base, "sft"), data, tmp_path)


def test_a_trained_model_is_merged_written_and_served(finished):
    """Adapter and merged model as GGUF, in the form that was asked for; the directory's name opens the merged one."""
    from proutt.llm.weights import weights_of
    from proutt.training.serving import served_model, write_gguf
    from training.engine import Served

    pytest.importorskip("xllamacpp")
    out, _, _ = finished
    with pytest.raises(UserError, match="proutt train gguf"):
        served_model(str(out))
    files = write_gguf(out, "f16", chatter=True)
    assert served_model(str(out)) == f"local:{files.model}"
    assert weights_of(served_model(str(out))).path == files.model
    assert served_model("local:tiny") == "local:tiny"
    with Served(files.model) as engine:
        assert engine.tokens("<|im_start|>user") > 1
