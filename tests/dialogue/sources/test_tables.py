"""Parquet and the hub: rows with their positions, and only the columns that dialogues need."""

from __future__ import annotations

import gzip
import io
import sys

import pyarrow as pa
import pytest
from pyarrow import parquet

from proutt.dialogue.sources import Source, records
from proutt.dialogue.sources.columns import wanted_columns
from proutt.dialogue.sources.hub import hub_records
from proutt.errors import UserError

MESSAGE = {"content": "Hi", "role": "user", "hashed_ip": "SECRET", "header": {"user-agent": "SECRET"}}
ROW = {"conversation_hash": "h", "conversation": [MESSAGE], "toxic": False, "country": "SECRET", "hashed_ip": "SECRET"}
KEPT = {"conversation_hash": "h", "conversation": [{"content": "Hi", "role": "user"}], "toxic": False}


@pytest.fixture
def table(tmp_path):
    """A Parquet file of 150 rows in small row groups."""
    path = tmp_path / "chats.parquet"
    parquet.write_table(pa.Table.from_pylist([ROW] * 150), path, row_group_size=40)
    return path


def test_rows_are_records_without_columns_that_identify_people(table):
    """Columns of the row and fields of its messages that no reader needs are never read."""
    found = list(records(Source("file", str(table)), io.BytesIO()))
    assert len(found) == 150
    assert (found[149].value, found[149].source) == (KEPT, "chats.parquet[149]")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_parquet_from_standard_input(table, pack):
    """Parquet is read from its end, so a stream goes through a temporary file; packed or not."""
    found = records(Source("stdin", "stdin"), io.BytesIO(pack(table.read_bytes())))
    assert [record.value for record in found] == [KEPT] * 150


@pytest.mark.parametrize("share", [0.2, 0.9, 0.999])
def test_a_cut_table_is_an_error(table, share):
    """Without its end a Parquet file cannot be read at all."""
    data = table.read_bytes()
    with pytest.raises(UserError, match="stdin: the Parquet data is damaged"):
        list(records(Source("stdin", "stdin"), io.BytesIO(data[: int(len(data) * share)])))


def test_columns_of_lists_are_found_whatever_their_layers_are_called():
    """Writers name the layer between a list and its elements differently."""
    wanted = ["id", "messages.list.element.role", "conversations.bag.array_element.value", "messages.content"]
    dropped = ["messages.list.element.hashed_ip", "header.user-agent", "hashed_ip", "conversation.list.item.header.x"]
    assert wanted_columns([*wanted, *dropped]) == wanted


class Hub:
    """Stands where `datasets.load_dataset` does."""

    def __init__(self, **splits):
        self.splits, self.asked = splits, None

    def __call__(self, name, *, streaming):
        self.asked = (name, streaming)
        return self.splits


def test_a_hub_data_set_is_streamed():
    """Its rows are records too, reduced to what dialogues need."""
    hub = Hub(train=[ROW, ROW], test=[])
    found = list(hub_records(Source("hub", "hf:owner/name"), hub))
    assert hub.asked == ("owner/name", True)
    assert [record.value for record in found] == [KEPT, KEPT]
    assert [record.place for record in found] == ["hf:owner/name[0]", "hf:owner/name[1]"]


@pytest.mark.parametrize(("name", "hub"), [("hf:o/n:dev", Hub(train=[], dev=[ROW])), ("hf:o/n", Hub(only=[ROW]))])
def test_the_split_is_named_or_the_only_one(name, hub):
    """`train` is taken unless another is named, or there is just one."""
    assert len(list(hub_records(Source("hub", name), hub))) == 1


def test_a_struct_of_lists_is_a_list_of_messages():
    """Sequences of structs come from the hub as a struct of lists."""
    row = {"id": 1, "conversations": {"from": ["human", "gpt"], "value": ["Hi", "Hello"], "hashed_ip": ["x", "y"]}}
    (record,) = hub_records(Source("hub", "hf:o/n"), Hub(train=[row]))
    assert record.value["conversations"] == [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


def test_a_split_that_is_not_there_names_those_that_are():
    """The error says what one can ask for."""
    with pytest.raises(UserError, match=r"no split 'dev'.*train"):
        list(hub_records(Source("hub", "hf:o/n:dev"), Hub(train=[])))


def test_a_hub_that_fails_is_one_clear_error():
    """Whatever the library raises becomes one line."""

    def failing(name, *, streaming):
        raise ConnectionError("no route\nmore")

    with pytest.raises(UserError, match=r"hf:o/n: the hub did not give row 0: no route\. Check"):
        list(hub_records(Source("hub", "hf:o/n"), failing))


def test_without_the_library_the_error_says_how_to_install_it(monkeypatch):
    """The hub is an extra."""
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match=r"pip install 'proutt\[hub\]'"):
        list(records(Source("hub", "hf:o/n"), io.BytesIO()))
