"""Trainer configurations name what is there, hold the longest row, and are taken by the trainers themselves.

The last tests need a trainer that is installed; each is skipped without it. They were run against trl 1.16.0,
llamafactory 0.9.5 and axolotl 0.19.0.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml

from proutt.export import FORMATS, ExportSettings, Split, export_pairs
from proutt.export.trainers import Training, enough_tokens
from proutt.export.trainers.training import FILL_IN
from proutt.methods.record import ContextRecord, TurnRecord
from records import a_pair

TRAINABLE = [name for name, each in FORMATS.items() if each.file_names]
LENGTHS = ("max_length", "cutoff_len", "sequence_len")
MODELS = ("model_name_or_path", "base_model")
ODD = 'own/model: "x" #1 \\ é'


def exported(out: Path, name: str, **changes) -> dict[str, dict]:
    """An export with all three parts; its configurations by file name."""
    words = [" ".join(f"w{number}x{place}" for place in range(40)) for number in range(30)]
    contexts = [ContextRecord(turns=[TurnRecord(user=each, assistant="yes")]) for each in words]
    pairs = [a_pair(dialogue_id=f"d{number}", context=context) for number, context in enumerate(contexts)]
    settings = ExportSettings(name, **{"split": Split((0.6, 0.2, 0.2)), **changes})
    manifest = export_pairs(pairs, out, settings)
    assert set(FORMATS[name].file_names) <= set(manifest["files"])
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.yaml"))}


def value(config: dict, keys: tuple[str, ...]):
    return next(config[key] for key in keys if key in config)


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_configuration_holds_the_longest_row(name, tmp_path):
    """Trainers' own limits cut off the end, where the predictions are."""
    configs = exported(tmp_path, name)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert configs
    for config in configs.values():
        assert value(config, LENGTHS) == manifest["tokens"]["max_length"] > manifest["tokens"]["longest_row"]


@pytest.mark.parametrize("name", TRAINABLE)
def test_the_base_model_is_given_or_clearly_left_open(name, tmp_path):
    """Nothing trains on a model that nobody chose; any name survives YAML."""
    for config in exported(tmp_path / "open", name).values():
        assert value(config, MODELS) == FILL_IN
    for config in exported(tmp_path / "given", name, base_model=ODD).values():
        assert value(config, MODELS) == ODD


@pytest.mark.parametrize("name", TRAINABLE)
def test_every_file_that_is_named_is_there(name, tmp_path):
    """Data files and `dataset_info.json` entries are those of this export."""
    for config in exported(tmp_path, name).values():
        files = [each["path"] for key in ("datasets", "test_datasets") for each in config.get(key, [])]
        files = [each["data_files"] for each in config["datasets"]] if files[:1] == ["json"] else files
        if "dataset" in config:
            info = json.loads((tmp_path / config["dataset_dir"] / "dataset_info.json").read_text(encoding="ascii"))
            files = [info[config[key]]["file_name"] for key in ("dataset", "eval_dataset")]
        assert all((tmp_path / file).is_file() for file in files)
        assert "test.jsonl" not in files


@pytest.mark.parametrize("name", TRAINABLE)
def test_without_a_validation_part_nothing_is_watched(name, tmp_path):
    """The test part is held out: no configuration names it."""
    for config in exported(tmp_path, name, split=Split((0.7, 0.3))).values():
        assert not {"eval_strategy", "eval_dataset", "test_datasets"} & set(config)


@pytest.mark.parametrize("name", ["orpo.py", "simpo.py"])
def test_scripts_are_python(name):
    """What TRL has no command for is run by a short script."""
    ast.parse(FORMATS["trl-preference"].files(Training(1, 1))[name])


@pytest.mark.parametrize(
    ("longest", "estimated", "length"),
    [(1, True, 256), (204, True, 256), (205, True, 512), (2000, True, 2560), (192, False, 256), (193, False, 512)],
)
def test_a_length_to_train_with_leaves_room(longest, estimated, length):
    """Estimates err: a quarter more. A count gets 64 tokens for the template's own. Both in steps of 256."""
    assert enough_tokens(longest, estimated=estimated) == length


@pytest.mark.parametrize(
    "name", ["llamafactory-preference", "llamafactory-sft", "llamafactory-sharegpt", "llamafactory-kto"]
)
def test_dataset_info_names_every_column_and_tag(name, tmp_path):
    """What is not named is None there: then system prompts vanish and every role is invalid."""
    exported(tmp_path, name)
    info = json.loads((tmp_path / "dataset_info.json").read_text(encoding="ascii"))
    assert [entry["file_name"] for entry in info.values()] == ["train.jsonl", "validation.jsonl", "test.jsonl"]
    for entry in info.values():
        row = json.loads((tmp_path / entry["file_name"]).read_text(encoding="utf-8").split("\n", 1)[0])
        assert entry["formatting"] == "sharegpt"
        assert set(entry["columns"].values()) == set(row)
        assert set(entry["tags"]) == {
            *("role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag")
        }
        turn = row[entry["columns"]["messages"]][0]
        assert turn[entry["tags"]["role_tag"]] == entry["tags"]["user_tag"]
        assert turn[entry["tags"]["content_tag"]]
        assert entry.get("ranking", False) == (name == "llamafactory-preference")


@pytest.mark.parametrize("name", [name for name in TRAINABLE if name.startswith("trl") or name == "messages-sft"])
def test_trl_takes_its_configurations(name, tmp_path, monkeypatch):
    """Every key is known to the dataclasses of the command or script that reads it."""
    trl = pytest.importorskip("trl", reason="trl is not installed")
    from trl.experimental.cpo import CPOConfig
    from trl.experimental.orpo import ORPOConfig

    by_command = (trl.ScriptArguments, trl.DatasetMixtureConfig)
    own = {"dpo": trl.DPOConfig, "sft": trl.SFTConfig, "trl-sft": trl.SFTConfig, "kto": trl.KTOConfig}
    by_script = {"orpo": ORPOConfig, "simpo": CPOConfig}
    configs = exported(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    for file in configs:
        stem = file.removesuffix(".yaml")
        if stem.startswith("axolotl"):
            continue
        kinds = (by_script[stem],) if stem in by_script else (own[stem], *by_command)
        parsed = trl.TrlParser((*kinds, trl.ModelConfig)).parse_args_and_config(["--config", file, "--use_cpu", "true"])
        assert parsed[0].max_length == configs[file]["max_length"]


@pytest.mark.parametrize("name", [name for name in TRAINABLE if name.startswith("llamafactory")])
def test_llamafactory_takes_its_configurations(name, tmp_path, monkeypatch):
    """Every key is known to its argument classes, which refuse others."""
    monkeypatch.setenv("DISABLE_VERSION_CHECK", "1")
    hparams = pytest.importorskip("llamafactory.hparams", reason="llamafactory is not installed")
    from transformers import HfArgumentParser

    kinds = (
        hparams.ModelArguments,
        hparams.DataArguments,
        hparams.TrainingArguments,
        hparams.FinetuningArguments,
        hparams.GeneratingArguments,
    )
    configs = exported(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    for config in configs.values():
        parsed = HfArgumentParser(kinds).parse_dict({**config, "use_cpu": True, "bf16": False})
        assert parsed[1].cutoff_len == config["cutoff_len"]


@pytest.mark.parametrize("name", ["axolotl-preference", "axolotl-orpo", "messages-sft"])
def test_axolotl_takes_its_configurations(name, tmp_path, monkeypatch):
    """Every key is in its schema, and the schema's own checks pass."""
    config_schema = pytest.importorskip("axolotl.utils.schemas.config", reason="axolotl is not installed")
    configs = exported(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    for file, config in configs.items():
        if file != "trl-sft.yaml":
            assert set(config) <= set(config_schema.AxolotlInputConfig.model_fields)
            assert config_schema.AxolotlInputConfig(**config).sequence_len == config["sequence_len"]
