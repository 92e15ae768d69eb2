"""What a run of SynPT can be told."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from proutt.errors import UserError
from proutt.methods.synpt.settings import SynPTSettings
from proutt.prompts import Role
from proutt.runs.config import read_config
from proutt.simulation.synpt.config import SynPTConfig, synpt_config_of, synpt_config_schema


def test_the_shipped_schema_is_that_of_the_configuration():
    """It is what editors check a file by."""
    shipped = json.loads(files("proutt.simulation.synpt").joinpath("config.schema.json").read_text(encoding="utf-8"))
    assert shipped == synpt_config_schema(), "run make docs"
    assert shipped["properties"]["roles"]["propertyNames"] == {"enum": ["user-agent", "assistant-agent"]}


def test_every_setting_of_the_method_can_be_given():
    """Under the same name, with the same default."""
    assert set(SynPTSettings.model_fields) <= set(SynPTConfig.model_fields)
    assert SynPTConfig(model="m", base_url="http://a/v1").settings() == SynPTSettings()


def test_an_embedded_agent_is_asked_small_questions():
    """Whichever of the two it is, unless one says otherwise."""
    assert SynPTConfig().resolved().small_steps
    assert SynPTConfig().resolved().concurrency == 2
    endpoint = {"model": "m", "base_url": "http://a/v1"}
    assert not synpt_config_of(endpoint).resolved().small_steps
    assert synpt_config_of({**endpoint, "roles": {"user-agent": {"model": "local"}}}).settings().small_steps
    assert not SynPTConfig(small_steps=False).settings().small_steps


def test_the_tasks_of_both_languages_are_known_where_none_are_named():
    """A file of seeds in either is read as it is."""
    both = {task.language for task in SynPTConfig().read_tasks()}
    assert both == {"en", "zh"}
    assert {task.language for task in SynPTConfig(language="zh").read_tasks()} == {"zh"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reluctand: 1\n", "synpt.yaml:1: unknown key 'reluctand'. Did you mean 'reluctant'?"),
        ("seed: 1\nreluctant: 2\n", "synpt.yaml:2: reluctant: Input should be less than or equal to 1."),
        ("user_agent_model: m\n", "A model of one role goes under roles: {user-agent: {model: ...}}."),
        ("roles:\n  judge: {model: m}\n", "there is no role 'judge' here; roles are user-agent, assistant-agent"),
    ],
)
def test_a_mistake_in_its_file_is_named_with_its_line(tmp_path, text, said):
    """As of every configuration."""
    path = tmp_path / "synpt.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        read_config(path, SynPTConfig)
    assert said in str(refused.value)


def test_a_role_has_a_model_of_its_own():
    """The other one has that of all."""
    config = synpt_config_of(
        {"model": "m", "base_url": "http://a/v1", "roles": {Role.USER_AGENT: {"model": "u", "base_url": "http://b/v1"}}}
    )
    assert (config.spec(Role.USER_AGENT).model, config.spec(Role.USER_AGENT).base_url) == ("u", "http://b/v1")
    assert config.spec(Role.ASSISTANT_AGENT).model == "m"
