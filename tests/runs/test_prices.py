"""What tokens cost: the shipped table, the user's own over it, and nothing that nobody said."""

from __future__ import annotations

import os

import pytest

from proutt.errors import UserError
from proutt.llm import ModelSpec, Usage
from proutt.runs.price_changes import remove_price, set_price
from proutt.runs.prices import (
    Price,
    cost,
    own_prices,
    price_of,
    prices_path,
    read_prices,
    shipped_prices,
)

USAGE = Usage(prompt_tokens=1_000_000, completion_tokens=500_000, cached_tokens=400_000)


@pytest.fixture
def environ(tmp_path):
    """An environment whose file of prices is not there yet."""
    return {"PROUTT_PRICES": str(tmp_path / "mine" / "prices.yaml")}


@pytest.fixture
def read(tmp_path):
    """Reads a file of prices with that text."""

    def write_and_read(text: str):
        (tmp_path / "prices.yaml").write_text(text, encoding="utf-8")
        return read_prices({"PROUTT_PRICES": str(tmp_path / "prices.yaml")})

    return write_and_read


# What is known.


@pytest.mark.parametrize("model", ["local", "local:tiny", "local:my.gguf", "hf:owner/name:file.gguf"])
def test_an_embedded_model_costs_nothing(model):
    """A model on the user's own machine has the price 0, which needs no source."""
    price = price_of(ModelSpec(model=model), shipped_prices())
    assert price is not None
    assert cost(USAGE, price) == 0


def test_the_shipped_table_has_no_price_of_a_hosted_model():
    """No figure is invented: what ships is free of charge, and nothing else is priced."""
    assert {(each.input, each.output) for each in shipped_prices().values()} == {(0, 0)}


def test_a_model_without_a_price_is_unknown():
    """Not known is None, never 0."""
    assert price_of(ModelSpec(model="m", base_url="http://localhost:8000"), shipped_prices()) is None


def test_the_price_at_an_address_goes_before_the_models():
    """`model @ base_url` is more specific than `model`, and that than a pattern; the address may be written short."""
    table = {"m": Price(1, 1), "m @ https://host/v1": Price(2, 2), "m*": Price(3, 3)}
    assert price_of(ModelSpec(model="m", base_url="host"), table) == Price(2, 2)
    assert price_of(ModelSpec(model="m", base_url="https://other/v1"), table) == Price(1, 1)
    assert price_of(ModelSpec(model="m2", base_url="https://host/v1"), table) == Price(3, 3)


# What it comes to.


def test_cached_tokens_have_their_own_price():
    """Where the table names one: 0.6 M at 2, 0.4 M at 1, 0.5 M at 4."""
    assert cost(USAGE, Price(2, 4, cached_input=1)) == pytest.approx(1.2 + 0.4 + 2.0)


def test_without_a_cached_price_every_prompt_token_costs_the_same():
    """A saving that was not stated is not counted."""
    assert cost(USAGE, Price(2, 4)) == pytest.approx(4.0)


def test_a_batch_costs_its_share():
    """Half price where the table says so; where it does not, there is no figure."""
    assert cost(USAGE, Price(2, 4, batch_share=0.5), batch=True) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="batch_share"):
        cost(USAGE, Price(2, 4), batch=True)


# The user's file.


def test_the_users_file_goes_over_the_shipped_table(read):
    """A model that ships can be given a price, electricity say; the others stay."""
    table = read("local: {input: 0.01, output: 0.02, currency: EUR}\nm: {input: 1, output: 2}\n")
    assert table["local"] == Price(0.01, 0.02, currency="EUR")
    assert table["m"] == Price(1, 2)
    assert table["hf:*"] == Price(0, 0)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("m: {input: 1}\n", 1, "lacks output"),
        ("\nm:\n  input: 1\n  output: -2\n", 4, "output: -2"),
        ("m:\n  input: cheap\n  output: 2\n", 2, "input: 'cheap'"),
        ("m:\n  input: .nan\n  output: 2\n", 2, "input: nan"),
        ("m:\n  input: true\n  output: 2\n", 2, "input: True"),
        ("m:\n  input: 1\n  output: 2\n  cached: 1\n", 4, "'cached_input'"),
        ("m:\n  input: 1\n  output: 2\n  input: 3\n", 4, "twice"),
        ("m: {input: 1, output: 2}\nm: {input: 1, output: 2}\n", 2, "twice"),
        ("m: {input: 1, output: 2, currency: dollars}\n", 1, "currency"),
        ("m: {input: 1, output: 2, batch_share: 50}\n", 1, "batch_share"),
        ("m: 3\n", 1, "a price has input and output"),
        ("- m\n", 1, "models and their prices"),
        ("m @ ftp://host: {input: 1, output: 2}\n", 1, "not a base URL"),
        ("m: {input: 1\n", 2, "not YAML"),
        ("m: {input: !!python/name:os.system 1, output: 2}\n", 1, "input"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(read, text, line, said):
    """What is no price is an error that names file and line, never a guess."""
    with pytest.raises(UserError) as caught:
        read(text)
    assert f"prices.yaml:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_named_file_that_is_not_there_is_an_error(environ):
    """Prices that the user meant to give are not quietly left out."""
    with pytest.raises(UserError, match="PROUTT_PRICES"):
        read_prices(environ)


def test_without_a_file_of_the_users_the_shipped_table_stands(tmp_path):
    """The usual place is in the user's configuration folder and may be empty."""
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert prices_path(environ) == tmp_path / "proutt" / "prices.yaml"
    assert read_prices(environ) == shipped_prices()


# Changing it.


def test_a_price_that_is_set_is_there(environ):
    """The file and its folder are made; a price set again replaces the old one."""
    set_price("m", Price(1, 2), environ)
    set_price("org/m:free @ localhost:8000", Price(0.5, 1, 0.25, 0.5, "EUR"), environ)
    set_price("m", Price(3, 4), environ)
    assert own_prices(environ) == {
        "m": Price(3, 4),
        "org/m:free @ http://localhost:8000/v1": Price(0.5, 1, 0.25, 0.5, "EUR"),
    }


@pytest.mark.parametrize("name", ["*", "- a", "null", "1e3", "a: b", "#x", "模型", "'", "{a}", "&a", "yes"])
def test_any_name_comes_back_as_it_was(environ, name):
    """Names that YAML could read as something else keep their characters."""
    set_price(name, Price(1, 2), environ)
    assert own_prices(environ) == {name.strip(): Price(1, 2)}


def test_comments_and_the_other_prices_stay(tmp_path):
    """A change touches its own entry alone."""
    path = tmp_path / "prices.yaml"
    path.write_text("# mine\na:\n  input: 1 # per million\n  output: 2\n\n# next\nb: {input: 3, output: 4}", "utf-8")
    environ = {"PROUTT_PRICES": str(path)}
    set_price("c", Price(5, 6), environ)
    set_price("a", Price(7, 8), environ)
    remove_price("b", environ)
    assert path.read_text("utf-8") == "# mine\na: {input: 7, output: 8}\n\n# next\nc: {input: 5, output: 6}\n"


def test_a_file_on_one_line_can_be_changed_too(tmp_path):
    """Where lines do not tell the entries apart, the table is written anew."""
    path = tmp_path / "prices.yaml"
    path.write_text("{a: {input: 1, output: 2}, b: {input: 3, output: 4}}\n", "utf-8")
    environ = {"PROUTT_PRICES": str(path)}
    set_price("b", Price(5, 6), environ)
    assert own_prices(environ) == {"a": Price(1, 2), "b": Price(5, 6)}


def test_a_file_that_can_not_be_read_is_not_written_over(tmp_path):
    """Its error comes instead, and its bytes stay."""
    path = tmp_path / "prices.yaml"
    path.write_text("m: {input: 1\n", "utf-8")
    with pytest.raises(UserError, match="not YAML"):
        set_price("m", Price(1, 2), {"PROUTT_PRICES": str(path)})
    assert path.read_text("utf-8") == "m: {input: 1\n"


def test_removing_what_is_not_there_is_told(environ):
    """The shipped prices are not the user's to remove."""
    with pytest.raises(UserError, match="no price"):
        remove_price("local", environ)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_that_can_not_be_written_is_told(tmp_path):  # pragma: no cover
    """With the variable that names another place."""
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="PROUTT_PRICES"):
        set_price("m", Price(1, 2), {"PROUTT_PRICES": str(tmp_path / "prices.yaml")})


def test_a_change_that_fails_leaves_the_file_and_nothing_else(environ, tmp_path):
    """A place that is a folder can't be replaced by a file; no draft stays behind."""
    place = tmp_path / "folder"
    place.mkdir()
    with pytest.raises(UserError, match="can't be read"):
        set_price("m", Price(1, 2), {"PROUTT_PRICES": str(place)})
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
