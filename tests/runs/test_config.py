"""The configuration: what the file may say, what its errors say, and which model a role gets."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from proutt.errors import UserError
from proutt.prompts import PAIR_ROLES, Role
from proutt.runs.config import SynthesisConfig, config_of, config_schema, differences, read_config
from proutt.runs.model_config import RoleModel


@pytest.fixture
def read(tmp_path):
    """Writes a configuration file and reads it."""

    def write_and_read(text: str):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        return read_config(tmp_path / "config.yaml")

    return write_and_read


def test_the_schema_that_ships_is_up_to_date():
    """The file beside the module is what the types say."""
    shipped = json.loads(files("proutt.runs").joinpath("config.schema.json").read_text(encoding="utf-8"))
    remedy = "write json.dumps(config_schema(), indent=2, ensure_ascii=False) into config.schema.json"
    assert shipped == config_schema(), remedy


def test_the_schema_knows_every_key_and_no_other():
    """An editor that reads it flags what `read_config` would refuse."""
    schema = config_schema()
    assert set(schema["properties"]) == set(SynthesisConfig.model_fields)
    assert schema["additionalProperties"] is False


def test_keys_and_values_are_read(read):
    """An empty file says nothing."""
    assert read("") == {}
    assert read("q: 3\nturns: last\nroles:\n  judge:\n    model: j\n")["roles"] == {"judge": {"model": "j"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q: 2\ntau_hihg: 0.7\n", "config.yaml:2: unknown key 'tau_hihg'. Did you mean 'tau_high'?"),
        ("judge_model: m\n", "config.yaml:1: unknown key 'judge_model'. A model of one role goes under roles:"),
        ("q: 2\nseed: 1\nq: 3\n", "config.yaml:3: the key 'q' is there twice. Keep one."),
        ("wholly-other: 1\n", "config.yaml:1: unknown key 'wholly-other'. Known keys: "),
        ("q: 2\n\nroles:\n  judge:\n    modle: j\n", "config.yaml:4: roles.judge.model: Field required."),
        (
            "roles:\n  judge:\n    model: j\n    base-url: x\n",
            "config.yaml:4: unknown key 'base-url'. Did you mean 'base_url'?",
        ),
        ("roles:\n  oracle:\n    model: j\n", "config.yaml:2: roles.oracle"),
        ("q: 2\ntau_low: much\n", "config.yaml:2: tau_low: Input should be a valid number"),
        ("seed: 1\nq: 9\n", "config.yaml:2: q: Input should be less than or equal to 8."),
        ("ablate:\n  - sentence-type\n  - trees\n", "config.yaml:3: ablate.1: Input should be"),
        ("yes: 1\n", "config.yaml:1: unknown key 'True'."),
        ("q: [1\n", "config.yaml:2: not YAML"),
        ("- q\n", "config.yaml: a configuration file holds keys and values."),
    ],
)
def test_a_mistake_is_named_with_its_line(read, text, said):
    """Unknown keys with the nearest known one, values with what is wrong, at any depth."""
    with pytest.raises(UserError) as refused:
        read(text)
    assert said in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    """It names the file."""
    with pytest.raises(UserError, match=r"none.yaml: can't be read"):
        read_config(tmp_path / "none.yaml")


def test_values_that_do_not_fit_are_a_message_not_a_traceback():
    """As when a flag holds an empty model name."""
    with pytest.raises(UserError, match="model: String should have at least 1 character"):
        config_of({"model": ""})


def test_a_role_takes_what_it_does_not_have_from_the_model_of_all():
    """A named model stays at the same endpoint unless it has its own; an embedded one needs none."""
    config = SynthesisConfig(
        model="big",
        base_url="http://a/v1",
        context_tokens=8000,
        roles={
            Role.JUDGE: RoleModel(model="small"),
            Role.EDITOR: RoleModel(model="other", base_url="http://b/v1", context_tokens=900),
            Role.ANNOTATOR: RoleModel(model="local:tiny"),
        },
    )
    seen = {role: config.spec(role) for role in PAIR_ROLES}
    assert {role: (spec.model, spec.base_url, spec.context_tokens) for role, spec in seen.items()} == {
        Role.REASONER: ("big", "http://a/v1", 8000),
        Role.JUDGE: ("small", "http://a/v1", 8000),
        Role.EDITOR: ("other", "http://b/v1", 900),
        Role.ANNOTATOR: ("local:tiny", None, 8000),
    }


def test_defaults_suit_the_model():
    """An endpoint does all by its model; an embedded one is helped."""
    endpoint = SynthesisConfig(model="m", base_url="http://a/v1").resolved()
    assert (endpoint.judge, endpoint.annotator, endpoint.small_steps, endpoint.concurrency) == ("llm", "llm", False, 64)
    embedded = SynthesisConfig().resolved()
    assert (embedded.judge, embedded.annotator, embedded.small_steps, embedded.concurrency) == (
        "embedding",
        "rules",
        True,
        2,
    )


def test_thresholds_that_cross_are_refused():
    """The message names both, and the options to mend."""
    with pytest.raises(UserError, match=r"tau_low \(0.9\) must be below tau_high \(0.8\). Mend --tau-low"):
        SynthesisConfig(tau_low=0.9).settings()


def test_only_what_changes_an_answer_counts_as_a_difference():
    """Concurrency, time-outs, strictness and the name of the key's variable are free."""
    old, new = {"q": 2, "timeout_s": None, "seed": 0}, {"q": 2, "timeout_s": 5.0, "seed": 1, "concurrency": 3}
    assert list(differences(old, new)) == ["seed: 0 → 1"]


JUDGE = {"model": "strict", "base_url": "http://a/v1", "api_key_env": None, "context_tokens": None}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_url": "http://a/v1, http://b/v1"}, []),
        ({"api_key_env": "JUDGE_KEY,OTHER_KEY"}, []),
        ({"base_url": "http://b/v1,http://a/v1"}, ["roles.judge.base_url: 'http://a/v1' → 'http://b/v1'"]),
        ({"model": "lenient"}, ["roles.judge.model: 'strict' → 'lenient'"]),
        ({"context_tokens": 8000}, ["roles.judge.context_tokens: None → 8000"]),
        ({"thinking_tokens": 2000}, ["roles.judge.thinking_tokens: None → 2000"]),
    ],
)
def test_in_a_role_the_same_may_change_as_outside_of_it(change, said):
    """Further addresses and keys of its model; not another model, nor another first address."""
    assert list(differences({"roles": {"judge": JUDGE}}, {"roles": {"judge": JUDGE | change}})) == said


def test_a_role_that_comes_or_goes_is_a_difference():
    """It is named with its model."""
    assert "roles.judge.model: None → 'strict'" in list(differences({"roles": {}}, {"roles": {"judge": JUDGE}}))
    assert "roles.judge.model: 'strict' → None" in list(differences({"roles": {"judge": JUDGE}}, {}))


def test_room_for_thinking_is_no_free_key():
    """It is taken from the context: more of it cuts long dialogues elsewhere, which changes what is asked."""
    assert list(differences({"thinking_tokens": 0}, {"thinking_tokens": 2000})) == ["thinking_tokens: 0 → 2000"]


def test_a_role_of_another_verb_is_refused(read):
    """Its model would never be asked."""
    with pytest.raises(UserError, match="roles: there is no role 'user-agent' here; roles are annotator, reasoner"):
        read("roles:\n  user-agent: {model: small}\n")
