"""What a run will take: the estimate against real runs, what settings change, and what it says of itself."""

from __future__ import annotations

import json
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from proutt.dialogue import Dialogue, Turn, read_dialogues
from proutt.errors import UserError
from proutt.llm import Reply, Usage
from proutt.runs.config import config_of
from proutt.runs.estimate import Estimate, estimate
from proutt.runs.estimate_fit import profile_of
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_profile import Share, length_of
from proutt.runs.estimate_rehearsal import PrefixCache
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from runs.command import at, chinese, english, proutt, written
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, ScriptedServer

ENDPOINT = {"model": "m", "base_url": "http://localhost:9/v1", "api_key_env": "", "inputs": ["-"]}
QUANTITIES = ("calls", "prompt_tokens", "prompt_tokens_computed", "completion_tokens")
ROUNDS = "Please help me with part {t} of the plan for {id}, and say why it matters to us."


def dialogue(id: str = "d", turns: int = 4, language: str = "en") -> Dialogue:
    said = tuple(Turn(f"What of part {n}?", f"Part {n} is like this, and there is more to say.") for n in range(turns))
    return Dialogue(id, said, language)


def estimated(dialogues: list[Dialogue] | None = None, **settings: object) -> Estimate:
    return estimate(config_of({**ENDPOINT, **settings}), dialogues or [dialogue("a"), dialogue("b", 5, "zh")])


def counted(body: dict) -> Answer:
    """The script's answer; tokens are a quarter of the bytes."""
    text = proutt_answer(body)
    prompt = sum(len(message["content"].encode()) for message in body["messages"])
    return Answer(text, usage={"prompt_tokens": prompt // 4, "completion_tokens": len(text.encode()) // 4})


def journal_of(endpoint: ScriptedServer, place: Path, dialogues: list[dict], *options: str) -> Journal:
    """A real run over the dialogues, by the command in a process of its own."""
    endpoint.answer = counted
    place.mkdir()
    source = written(place / "chats.jsonl", dialogues)
    done = proutt("synthesize", source, "--out", place / "run", "--quiet", *at(endpoint), *options)
    assert done.returncode == 0, done.stderr
    return Journal(place / "run" / "journal.sqlite", reading=True)


# Against real runs.


@pytest.mark.parametrize("options", [(), ("--ablate", "sentence-type", "--verify-tries", "1")], ids=["all", "ablated"])
def test_expected_is_near_what_a_run_takes(endpoint, tmp_path, options):
    """Within 15 % in calls and tokens, when it rests on a run of the same model over other dialogues."""
    target = [english(f"a{n}", 6, ROUNDS) for n in range(12)] + [chinese(f"b{n}", 6) for n in range(12)]
    others = [english(f"c{n}", 6, ROUNDS) for n in range(12)] + [chinese(f"d{n}", 6) for n in range(12)]
    profile = profile_of(journal_of(endpoint, tmp_path / "others", others, *options))
    journal = journal_of(endpoint, tmp_path / "target", target, *options)
    config = config_of({key: value for key, value in journal.config().items() if key != "prompt_version"})
    found = estimate(config, read_dialogues([str(tmp_path / "target" / "chats.jsonl")]), profile=profile).total
    ((calls, prompt, completion),) = journal.rows(
        "SELECT COUNT(*), SUM(prompt_tokens), SUM(completion_tokens) FROM calls"
    )
    assert found.calls.expected == pytest.approx(calls, rel=0.15)
    assert found.prompt_tokens.expected == pytest.approx(prompt, rel=0.15)
    assert found.completion_tokens.expected == pytest.approx(completion, rel=0.15)
    assert found.calls.low <= calls <= found.calls.high
    assert found.prompt_tokens.low <= prompt <= found.prompt_tokens.high


def test_prompts_are_those_of_the_run(endpoint, tmp_path):
    """The annotating prompt, which hangs on nothing unknown, has the tokens that a run's has, by the same count."""
    journal = journal_of(endpoint, tmp_path / "run", [english("a", 4)])
    (body,) = [each for each in endpoint.bodies if '"rounds"' in json.dumps(each["response_format"])]
    real = MEASURED.prompt_tokens("\n".join(each["content"] for each in body["messages"]))
    config = config_of({key: value for key, value in journal.config().items() if key != "prompt_version"})
    found = estimate(config, read_dialogues([str(tmp_path / "run" / "chats.jsonl")])).by_step["annotate"]
    assert found.calls.expected == 1
    assert found.prompt_tokens.expected == pytest.approx(real + 13, abs=2)  # and what the chat format puts around it


# What settings change.


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ablate": ["intent-tree"]},
        {"ablate": ["sentence-type"]},
        {"ablate": ["future-path-negatives"]},
        {"ablate": ["intent-tree", "sentence-type", "future-path-negatives"]},
        {"verify": False},
        {"q": 1},
        {"q": 4, "verify_tries": 5},
        {"judge": "embedding"},
        {"annotator": "rules"},
        {"small_steps": True},
        {"small_steps": True, "ablate": ["intent-tree"], "judge": "embedding"},
        {"turns": "last"},
        {"context_tokens": 1024},
        {"tau_low": 0.1, "tau_high": 0.9},
        {"model": "local", "base_url": None},
        {"model": "local", "base_url": None, "small_steps": False},
    ],
)
def test_low_expected_and_high_are_in_order(settings):
    """Whatever is configured: in all, by step, by role; and caching never adds tokens."""
    found = estimated(**settings)
    for amounts in (found.total, *found.by_step.values(), *found.by_role.values()):
        for quantity in QUANTITIES:
            each = getattr(amounts, quantity)
            assert 0 <= each.low <= each.expected <= each.high, quantity
        assert amounts.prompt_tokens_computed.expected <= amounts.prompt_tokens.expected
    assert found.total.calls.low > 0


def test_a_whole_turn_takes_what_the_method_says():
    """At the cheapest, the last turn takes sentence types, paths, judge, two calls to edit both sides, judge."""
    found = estimate(config_of(ENDPOINT), [dialogue(turns=2)], profile=replace(MEASURED, empty=Share(0, 10**9)))
    assert found.turns == 1
    assert found.total.calls.low == 1 + 6
    assert found.by_step["judge"].calls.low == 2


def test_what_is_switched_off_is_not_asked():
    """No verification: one judgement a turn. Embeddings as judge: none. Ablated sentence types: no chains."""
    assert "judge" not in estimated(judge="embedding").by_step
    assert "judge" not in estimated(judge="embedding").by_role
    assert "sentence-types" not in estimated(ablate=["sentence-type"]).by_step
    unchecked, checked = estimated(verify=False), estimated()
    assert unchecked.by_step["judge"].calls.low == unchecked.by_step["paths"].calls.low
    assert unchecked.total.calls.high < checked.total.calls.high


def test_rules_make_annotation_cheaper():
    """Sentence types by rules are in neither the question nor the answer."""
    rules, model = (estimated(annotator=name).by_step["annotate"] for name in ("rules", "llm"))
    assert rules.prompt_tokens.expected < model.prompt_tokens.expected
    assert rules.completion_tokens.expected < model.completion_tokens.expected


def test_only_selected_turns_count():
    """`--turns last` is one turn a dialogue; a dialogue of one utterance takes nothing at all."""
    dialogues = [dialogue("a", 5), dialogue("b", 5), dialogue("c", 1)]
    assert estimated(dialogues, turns="last").turns == 2
    assert estimated(dialogues).turns == 8
    nothing = estimated([dialogue("c", 1)])
    assert (nothing.dialogues, nothing.turns, nothing.total.calls.high) == (1, 0, 0)


def test_thinking_is_room_until_it_is_measured():
    """None of it in low, all of it in high; a run that was measured says how much it is."""
    plain, room = estimated(), estimated(thinking_tokens=1000)
    assert room.total.completion_tokens.low == plain.total.completion_tokens.low
    more = room.total.completion_tokens.high - plain.total.completion_tokens.high
    assert more == pytest.approx(1000 * plain.total.calls.high, rel=0.01)
    assert any("Thinking" in each for each in room.rests_on)
    config = config_of({**ENDPOINT, "thinking_tokens": 1000})
    known = estimate(config, [dialogue()], profile=replace(MEASURED, thinking=100.0)).total
    none = estimate(config, [dialogue()], profile=replace(MEASURED, thinking=0.0)).total
    more = known.completion_tokens.expected - none.completion_tokens.expected
    assert more == pytest.approx(100 * known.calls.expected, rel=0.05)


def test_settings_that_contradict_each_other_are_told():
    """As a run would tell them, before anything is counted."""
    with pytest.raises(UserError, match="annotator"):
        estimated(small_steps=True, annotator="llm")


# Caching.


def test_a_prefix_cache_computes_what_is_new():
    """The part after the longest beginning that a prompt of any kind had."""
    cache = PrefixCache()
    assert cache.fresh(("a",), "system dialogue one") == "system dialogue one"
    assert cache.fresh(("b",), "system dialogue two") == "two"
    assert cache.fresh(("a",), "system dialogue twelve") == "elve"
    assert cache.fresh(("a",), "system dialogue twelve") == ""


def test_a_small_prefix_cache_forgets():
    """With room for one prompt, the one before the last is computed again."""
    cache = PrefixCache(1)
    cache.fresh(("a",), "one")
    cache.fresh(("b",), "two")
    assert cache.fresh(("a",), "one") == "one"


def test_caching_saves_most_of_a_long_dialogue():
    """D^(K) is a prefix of D^(K+1), and the steps of a turn share it: less than half is computed."""
    turns = tuple(Turn(f"Question {n}? " + "word " * 60, f"Answer {n}. " + "text " * 120) for n in range(10))
    total = estimated([Dialogue("long", turns, "en")]).total
    assert total.prompt_tokens_computed.expected < 0.5 * total.prompt_tokens.expected


# Many dialogues.


def test_a_sample_speaks_for_all_and_says_so():
    """Beyond `exact` dialogues a sample is rehearsed; its estimate is near the whole's."""
    many = [dialogue(f"d{n}", 2 + n % 4) for n in range(120)]
    config = config_of(ENDPOINT)
    whole, sampled = estimate(config, many), estimate(config, many, exact=40)
    assert (whole.sampled, sampled.sampled) == (None, 40)
    assert sampled.dialogues == whole.dialogues == 120
    assert sampled.turns == whole.turns
    assert sampled.total.prompt_tokens.expected == pytest.approx(whole.total.prompt_tokens.expected, rel=0.15)
    assert any("sample of 40 of 120" in each for each in sampled.rests_on)


def test_dialogues_are_let_go():
    """They are streamed once: what is not in the sample is not kept."""
    seen: list[weakref.ref] = []

    class Counted(Dialogue):
        __slots__ = ("__weakref__",)

    alive = []

    def stream():
        for n in range(60):
            each = Counted(f"d{n}", dialogue(turns=2).turns, "en")
            seen.append(weakref.ref(each))
            yield each
            del each
            alive.append(sum(ref() is not None for ref in seen))

    estimate(config_of(ENDPOINT), stream(), exact=3)
    assert max(alive) <= 5


def test_the_same_input_gets_the_same_estimate():
    """Chance is keyed by the run's seed."""
    assert estimated(seed=1) == estimated(seed=1)


# Money.


def test_money_is_tokens_times_price():
    """By model; with caching where the price has one for it."""
    prices = {"m": Price(1, 2, cached_input=0.5)}
    found = estimate(config_of(ENDPOINT), [dialogue()], prices=prices)
    total = found.total
    expected = (total.prompt_tokens.expected + 2 * total.completion_tokens.expected) / 1e6
    cached = (total.prompt_tokens.expected - total.prompt_tokens_computed.expected) * 0.5 / 1e6
    assert found.money.expected == pytest.approx(expected, rel=1e-3)
    assert found.money_cached.expected == pytest.approx(expected - cached, rel=1e-2)
    assert found.currency == "USD"


def test_an_unknown_price_is_no_money():
    """Neither of that model nor in all: never 0."""
    found = estimate(
        config_of({**ENDPOINT, "roles": {"judge": {"model": "j"}}}), [dialogue()], prices={"m": Price(1, 2)}
    )
    by_model = {each.model.partition(" @ ")[0]: each for each in found.models}
    assert by_model["m"].money is not None
    assert by_model["j"].money is None
    assert found.money is None


def test_money_in_batches_is_the_share_that_the_price_names():
    """What many dialogues ask at once goes in batches; of so few that a stage is below 20 calls, it goes live."""
    prices = {"m": Price(1, 2, batch_share=0.5)}
    many, few = [dialogue(f"d{n}") for n in range(20)], [dialogue(f"d{n}") for n in range(3)]
    config = config_of(ENDPOINT)
    found = estimate(config, many, prices=prices, batch="api")
    assert found.money_batch.expected == pytest.approx(found.money.expected / 2)
    assert found.models[0].money_batch == found.money_batch
    small = estimate(config, few, prices=prices, batch="api")
    assert small.money_batch == small.money  # 9 turns: a stage never has 20 calls
    assert estimate(config, few, prices=prices, batch="files").money_batch.expected == small.money.expected / 2
    assert estimate(config, many, prices=prices).money_batch is None


def test_annotation_of_few_dialogues_goes_live():
    """19 dialogues are annotated by fewer calls than make a batch; their turns are many enough for one."""
    prices = {"m": Price(1, 0, batch_share=0.5)}
    found = estimate(config_of(ENDPOINT), [dialogue(f"d{n}") for n in range(19)], prices=prices, batch="api")
    live = found.by_step["annotate"].prompt_tokens.expected / 1e6
    assert found.money_batch.expected == pytest.approx(live + (found.money.expected - live) / 2, rel=1e-3)


@pytest.mark.parametrize(
    "table", [{"m": Price(1, 2)}, {"j": Price(1, 2, batch_share=0.5)}], ids=["no share", "no price"]
)
def test_what_a_batch_costs_is_not_made_up(table):
    """Where the table has no share for batches, the money is unknown there, not half."""
    found = estimate(config_of(ENDPOINT), [dialogue()], prices=table, batch="api")
    assert found.money_batch is None
    free = estimate(config_of(ENDPOINT), [dialogue()], prices={"m": Price(0, 0)}, batch="api")
    assert free.money_batch.high == 0


def test_the_embedded_model_costs_nothing():
    """By the shipped table; and beside a model that costs, the sum is that one's, in its currency."""
    assert estimated(model="local", base_url=None).money.high == 0
    found = estimate(
        config_of({**ENDPOINT, "roles": {"judge": {"model": "local"}}}),
        [dialogue()],
        prices={"m": Price(1, 2, currency="EUR"), "local": Price(0, 0)},
    )
    assert found.money.expected > 0
    assert found.currency == "EUR"


def test_each_role_has_its_model():
    """What a role's model is asked counts for that model alone."""
    found = estimated(roles={"judge": {"model": "j"}})
    by_model = {each.model.partition(" @ ")[0]: each for each in found.models}
    assert by_model["j"].roles == ("judge",)
    assert by_model["j"].amounts == found.by_role["judge"]
    assert by_model["m"].roles == ("annotator", "reasoner", "editor")


# What ships.


def test_what_ships_follows_the_model_and_what_judges():
    """The embedded model has its own profile; an endpoint has a large model's texts, small steps a small one's."""
    assert "embedded" in rested(model="local", base_url=None)
    assert "large model" in rested()
    assert "embedded" in rested(small_steps=True)
    judged, embedded = (estimated(judge=name).by_step["revise"].calls.expected for name in ("llm", "embedding"))
    assert judged < embedded  # similarity of sentences finds fewer edits near enough


def rested(**settings: object) -> str:
    """The sentence that says what was measured."""
    return next(each for each in estimated(**settings).rests_on if each.startswith("Expected"))


def test_a_pilot_is_asked_for_where_it_pays():
    """Of a model that was not measured, and an input at least twice as large; about 100 turns of it."""
    assert estimated([dialogue(f"d{n}", 6) for n in range(50)]).pilot == 20
    assert estimated([dialogue(f"d{n}", 3) for n in range(200)]).pilot == 50
    assert estimated([dialogue(f"d{n}") for n in range(39)]).pilot is None
    assert estimated([dialogue(f"d{n}") for n in range(50)], model="local", base_url=None).pilot is None
    measured = estimate(config_of(ENDPOINT), [dialogue(f"d{n}") for n in range(50)], profile=MEASURED)
    assert measured.pilot is None


# What a run measures.


def test_a_run_measures_its_model(endpoint, tmp_path):
    """Its name, the share of turns without a new intent, how its server counts; and an estimate names it."""
    journal = journal_of(endpoint, tmp_path / "run", [english(f"a{n}", 5, ROUNDS) for n in range(6)])
    profile = profile_of(journal)
    ((pairs,),) = journal.rows("SELECT COUNT(*) FROM items WHERE state = 'paired'")
    assert profile.basis.startswith(f"{pairs} pairs")
    assert len(profile.predicted) == pairs
    assert 0 < profile.empty.mean < 0.6
    assert profile.further["paths"].count == 0
    assert profile.thinking == 0
    found = estimate(config_of(ENDPOINT), [dialogue()], profile=profile)
    assert any(profile.basis in each for each in found.rests_on)
    assert not any("Nothing was measured" in each for each in found.rests_on)


def test_a_server_that_counts_more_has_thought(tmp_path, endpoint):
    """Tokens of an answer far beyond its text are thinking; they do not change how texts are counted."""

    def thinking(body: dict) -> Answer:
        answer = counted(body)
        return replace(answer, usage={**answer.usage, "completion_tokens": answer.usage["completion_tokens"] + 700})

    plain = profile_of(journal_of(endpoint, tmp_path / "plain", [english(f"a{n}", 4, ROUNDS) for n in range(3)]))
    endpoint.answer = thinking
    source = written(tmp_path / "chats.jsonl", [english(f"a{n}", 4, ROUNDS) for n in range(3)])
    done = proutt("synthesize", source, "--out", tmp_path / "run", "--quiet", *at(endpoint))
    assert done.returncode == 0, done.stderr
    profile = profile_of(Journal(tmp_path / "run" / "journal.sqlite", reading=True))
    assert plain.thinking == 0
    assert profile.thinking == pytest.approx(700, rel=0.1)


def test_a_run_without_a_pair_measures_nothing(tmp_path):
    """An error with a remedy, not an estimate that rests on nothing."""
    journal = Journal(tmp_path / "journal.sqlite")
    journal.add_reply("k", Reply("{}", "stop", Usage(1, 1), 0.1), step="paths", role="reasoner", model="m")
    with pytest.raises(UserError, match="no pair"):
        profile_of(journal)


@pytest.mark.parametrize(("share", "low", "high"), [(Share(0, 21), 0.0, 0.16), (Share(5, 10), 0.23, 0.77)])
def test_few_cases_leave_much_open(share, low, high):
    """A share has the interval that its number of cases allows; of no cases, nothing is known."""
    assert share.bounds == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))
    assert Share(0, 0).bounds == (0.0, 1.0)


def test_texts_are_as_long_as_measured():
    """What stands in for answers has the measured lengths in both languages."""
    from proutt.runs.estimate_answers import Answers
    from proutt.runs.estimate_draws import Draws

    answers = Answers(MEASURED, "expected", Draws("seed"), 0.3, 0.8)
    for (name, language), (_, mean, _high) in MEASURED.lengths.items():
        assert length_of(answers.text(name, language)) == pytest.approx(mean, abs=0.7), name
    assert len({answers.text("topic", "zh") for _ in range(200)}) == 200
