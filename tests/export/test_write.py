"""An export is whole or not there, says what it left out, and is the same every time."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.export import FORMATS, ExportSettings, Split, export_pairs
from proutt.export.reading import Message, TextPair, pairs_in
from proutt.export.write import json_line
from proutt.methods.record import ContextRecord, TurnRecord
from proutt.quality.tokens import TokenCounter
from records import a_baseline_pair, a_hostile_pair, a_pair


def settings(name: str = "trl-preference", **changes) -> ExportSettings:
    return ExportSettings(name, **changes)


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def dialogues(count: int, per_dialogue: int = 1, start: int = 0):
    """Pairs of so many dialogues, each in words that no other has."""
    for number in range(start, start + count):
        words = " ".join(f"word{number}x{place}" for place in range(30))
        context = ContextRecord(turns=[TurnRecord(user=words, assistant="I see.")])
        for k in range(1, per_dialogue + 1):
            yield a_pair(dialogue_id=f"d{number}", k=k, context=context)


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_what_every_reader_takes(name, tmp_path):
    """UTF-8 without BOM, LF, one object a line, a trailing newline; nothing inside a string ends a line."""
    export_pairs([a_pair(), a_pair(language="zh"), a_hostile_pair()], tmp_path / "out", settings(name))
    data = (tmp_path / "out" / "train.jsonl").read_bytes()
    text = data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert text.endswith("\n")
    assert len(text.splitlines()) == (6 if name.endswith("-kto") else 3)
    assert len({tuple(json.loads(line)) for line in text.splitlines()}) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_pair_without_a_rejected_side_goes_into_sft_files_only(name, tmp_path):
    """Preference and KTO files leave it out, and the manifest says how many; SFT files hold its completion."""
    if FORMATS[name].records:
        pytest.skip("the released layout takes no pair without perspectives")
    manifest = export_pairs([a_pair(), a_baseline_pair("baize", dialogue_id="d2")], tmp_path / "out", settings(name))
    left_out = {"no rejected side": 1} if FORMATS[name].preference else {}
    assert manifest["pairs"]["left_out"] == left_out
    assert manifest["pairs"]["exported"] == 2 - len(left_out)


def test_a_lone_surrogate_reaches_no_file():
    """One would make the whole file unreadable."""
    assert json.loads(json_line({"a": "x\ud800"}).encode()) == {"a": "x\ufffd"}


def test_metadata_lies_beside_the_rows(tmp_path):
    """Row by row: which dialogue and K it is, its branch, language, J_max and verification."""
    export_pairs([a_pair(), a_pair(dialogue_id="d2", language="zh", branch="high")], tmp_path, settings())
    assert rows(tmp_path / "train.meta.jsonl") == [
        {
            **{"row": 0, "id": "d1:2", "dialogue_id": "d1", "k": 2, "branch": "middle"},
            **{"language": "en", "j_max": 0.5, "verified": True},
        },
        {
            **{"row": 1, "id": "d2:2", "dialogue_id": "d2", "k": 2, "branch": "high"},
            **{"language": "zh", "j_max": 0.9, "verified": True},
        },
    ]


def test_metadata_says_which_side_a_kto_row_is(tmp_path):
    """A pair is two rows there, and two lines of metadata."""
    export_pairs([a_pair()], tmp_path, settings("trl-kto"))
    meta, labels = rows(tmp_path / "train.meta.jsonl"), [row["label"] for row in rows(tmp_path / "train.jsonl")]
    assert [(each["row"], each["id"], each["label"]) for each in meta] == [(0, "d1:2", True), (1, "d1:2", False)]
    assert labels == [True, False]


def test_unverified_pairs_are_left_out_and_counted(tmp_path):
    """What did not pass verification is not trained on unless it is asked for."""
    pairs = [a_pair(), a_pair(dialogue_id="d2", verified=False)]
    manifest = export_pairs(pairs, tmp_path / "a", settings())
    assert manifest["pairs"] == {"read": 2, "exported": 1, "left_out": {"not verified": 1}}
    everything = export_pairs(pairs, tmp_path / "b", settings(include_unverified=True))
    assert everything["pairs"] == {"read": 2, "exported": 2, "left_out": {}}


@pytest.mark.parametrize(
    "said", ["Mail me at mia.keller@gmail.com.", "我的手机是13956012784。", "key: sk-ant-" + "a1B2" * 8]
)
def test_rows_with_personal_data_or_secrets_are_left_out_and_counted(tmp_path, said):
    """A model that learned them may say them to anybody; who wants them has to say so."""
    turns = [a_pair().context.turns[0].model_copy(update={"user": said})]
    told = a_pair(dialogue_id="told", k=1, context=a_pair().context.model_copy(update={"turns": turns}))
    manifest = export_pairs([a_pair(), told], tmp_path / "a", settings())
    assert manifest["pairs"] == {"read": 2, "exported": 1, "left_out": {"personal data or a secret": 1}}
    assert export_pairs([a_pair(), told], tmp_path / "b", settings(include_personal=True))["pairs"]["exported"] == 2


def test_a_pair_whose_sides_read_the_same_teaches_no_preference(tmp_path):
    """It is left out of preference files and kept for SFT, which reads one side."""
    same = a_pair(dialogue_id="same", rejected=a_pair().chosen)
    preference = export_pairs([a_pair(), same], tmp_path / "a", settings())
    assert preference["pairs"]["left_out"] == {"chosen and rejected read the same": 1}
    assert export_pairs([a_pair(), same], tmp_path / "b", settings("trl-sft"))["pairs"]["exported"] == 2


def test_whole_dialogues_are_on_one_side(tmp_path):
    """No dialogue has pairs in both parts, and none is lost."""
    export_pairs(dialogues(40, per_dialogue=3), tmp_path, settings(split=Split((0.7, 0.3))))
    train = {row["dialogue_id"] for row in rows(tmp_path / "train.meta.jsonl")}
    test = {row["dialogue_id"] for row in rows(tmp_path / "test.meta.jsonl")}
    assert not train & test
    assert len(train | test) == 40
    assert len(rows(tmp_path / "train.jsonl")) + len(rows(tmp_path / "test.jsonl")) == 120


def test_near_duplicate_dialogues_are_on_one_side(tmp_path):
    """A dialogue that is there under many ids is in one part only, and the manifest counts its copies."""
    copies = [next(iter(dialogues(1))).model_copy(update={"dialogue_id": f"copy{number}"}) for number in range(30)]
    manifest = export_pairs([*dialogues(30), *copies], tmp_path, settings(split=Split((0.5, 0.5))))
    held = {row["dialogue_id"]: part for part in ("train", "test") for row in rows(tmp_path / f"{part}.meta.jsonl")}
    assert {held[f"copy{number}"] for number in range(30)} == {held["d0"]}
    assert len(set(held.values())) == 2
    assert manifest["split"]["near_duplicates"] == {"threshold": 0.7, "groups": 1, "dialogues": 31}


def test_rows_stay_in_their_part_without_a_split(tmp_path):
    """An export that was split is exported again as it is split: nothing of its test part gets into train."""
    export_pairs(dialogues(40), tmp_path / "a", settings(split=Split((0.5, 0.5))))
    export_pairs(pairs_in(tmp_path / "a"), tmp_path / "b", settings("messages-sft"))
    for part in ("train", "test"):
        ids = [[row["id"] for row in rows(tmp_path / name / f"{part}.meta.jsonl")] for name in ("a", "b")]
        assert ids[0] == ids[1] != []


def test_an_export_of_an_export_is_the_same(tmp_path):
    """Texts and ids come back as they were, hostile ones included."""
    pairs = [a_pair(), a_pair(dialogue_id="d2", language="zh", branch="high"), a_hostile_pair()]
    for name in [name for name in FORMATS if name.endswith("-preference") or name == "axolotl-orpo"]:
        export_pairs(pairs, tmp_path / name, settings(name))
        export_pairs(pairs_in(tmp_path / name), tmp_path / f"{name}-again", settings(name))
        assert (tmp_path / name / "train.jsonl").read_bytes() == (tmp_path / f"{name}-again/train.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("pair", "name", "reason"),
    [
        (TextPair("r", "f:1", (Message("user", "x"),), "a"), "trl-preference", "no rejected side"),
        (TextPair("r", "f:1", (Message("user", "x"),), " ", "b"), "trl-preference", "an empty side"),
        (TextPair("r", "f:1", (Message("user", "x"),), "a", "b"), "proutt", "no record of how the pair came about"),
        (TextPair("r", "f:1", (Message("system", "x"),), "a", "b"), "trl-preference", "does not end with the user"),
        (TextPair("r", "f:1", (Message("tool", "x"), Message("user", "x")), "a", "b"), "trl-sft", "messages of a tool"),
        (
            TextPair("r", "f:1", (Message("assistant", "x"), Message("user", "x")), "a", "b"),
            "llamafactory-preference",
            "does not go from user to assistant in turn",
        ),
    ],
)
def test_what_a_format_cannot_hold_is_left_out_and_named(pair, name, reason, tmp_path):
    """A consumer would drop the row, or fail at it; here it is counted with its reason."""
    manifest = export_pairs([a_pair(), pair], tmp_path, settings(name))
    ((said, count),) = manifest["pairs"]["left_out"].items()
    assert reason in said
    assert count == 1


def test_sft_takes_rows_without_a_rejected_side(tmp_path):
    """SFT data of others has none."""
    pair = TextPair("r", "f:1", (Message("user", "x"),), "a", language="en")
    assert export_pairs([pair], tmp_path, settings("messages-sft"))["pairs"]["exported"] == 1


def test_every_part_has_its_entry_in_dataset_info(tmp_path):
    """LLaMA-Factory finds each file by a name of its own; the file is ASCII, for the locale decides how it is read."""
    parts = settings("llamafactory-preference", split=Split((0.4, 0.3, 0.3)))
    export_pairs(dialogues(40), tmp_path, parts)
    info = json.loads((tmp_path / "dataset_info.json").read_text(encoding="ascii"))
    assert {name: entry["file_name"] for name, entry in info.items()} == {
        "proutt_pref": "train.jsonl",
        "proutt_pref_validation": "validation.jsonl",
        "proutt_pref_test": "test.jsonl",
    }


def test_the_manifest_accounts_for_every_file(tmp_path):
    """Rows and SHA-256 of each file, and where the pairs came from."""
    manifest = export_pairs([a_pair()], tmp_path, settings("llamafactory-sft"))
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8")) == manifest
    assert set(manifest["files"]) == {each.name for each in tmp_path.iterdir()} - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert manifest["files"]["train.jsonl"]["rows"] == 1
    assert manifest["models"] == {"judge": ["local"], "reasoner": ["local"]}
    assert manifest["prompt_versions"] == ["abc123"]
    assert manifest["judges"] == ["llm"]
    assert manifest["methods"] == {"proutt": 1}
    assert manifest["settings"] == [{"ablate": [], "q": 2, "tau_high": 0.8, "tau_low": 0.3}]
    assert manifest["dialogues"] == 1
    assert manifest["license"] is None
    assert manifest["tokens"]["longest_row"] > 100


def test_tokens_are_counted_with_a_given_tokenizer(tmp_path):
    """The longest row decides the length to train with; a count needs less room than an estimate."""
    counter = TokenCounter("letters", len)
    manifest = export_pairs([a_pair(), a_pair(dialogue_id="d2", branch="high")], tmp_path, settings(tokens=counter))
    longest = max(
        len(row["prompt"][0]["content"]) + max(len(row[side][0]["content"]) for side in ("chosen", "rejected"))
        for row in rows(tmp_path / "train.jsonl")
    )
    assert manifest["tokens"]["counted_with"] == "letters"
    assert manifest["tokens"]["longest_row"] == longest
    assert longest + 64 <= manifest["tokens"]["max_length"] < longest + 64 + 256


def test_the_same_pairs_give_the_same_bytes(tmp_path):
    """An export holds no time and no chance."""
    for name in ("a", "b"):
        export_pairs(dialogues(20), tmp_path / name, settings(split=Split((0.5, 0.5)), parquet=True))
    for each in (tmp_path / "a").iterdir():
        assert each.read_bytes() == (tmp_path / "b" / each.name).read_bytes()


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "the run has no pairs"),
        ([a_pair(verified=False)], r"1 not verified.*--include-unverified"),
    ],
)
def test_nothing_is_never_exported_silently(pairs, message, tmp_path):
    """An export without a row says why, and leaves no folder behind."""
    with pytest.raises(UserError, match=message):
        export_pairs(pairs, tmp_path / "out", settings())
    assert not (tmp_path / "out").exists()


def test_a_part_without_a_dialogue_is_refused(tmp_path):
    """One dialogue cannot be split; the message says what to do."""
    with pytest.raises(UserError, match=r"no dialogue fell into.*--seed"):
        export_pairs(dialogues(1), tmp_path / "out", settings(split=Split((0.5, 0.5))))


def test_an_earlier_export_stays_whole_when_a_new_one_fails(tmp_path):
    """Files come into place only when all are complete."""

    def broken():
        yield a_pair(dialogue_id="new")
        raise UserError("line 2 is not a pair")

    export_pairs([a_pair()], tmp_path, settings())
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(UserError, match="line 2"):
        export_pairs(broken(), tmp_path, settings())
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_new_export_replaces_an_earlier_one(tmp_path):
    """No file of the earlier split is left to be mistaken for one of this."""
    export_pairs(dialogues(40), tmp_path, settings(split=Split((0.5, 0.5))))
    manifest = export_pairs(dialogues(40), tmp_path, settings())
    assert {each.name for each in tmp_path.iterdir()} == {*manifest["files"], "manifest.json"}


def test_somebody_elses_files_are_not_overwritten(tmp_path):
    """A train.jsonl that no export wrote is kept, and the error names it."""
    (tmp_path / "train.jsonl").write_text("mine\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"train\.jsonl.*--out"):
        export_pairs([a_pair()], tmp_path, settings())
    assert (tmp_path / "train.jsonl").read_text(encoding="utf-8") == "mine\n"


def test_a_card_that_somebody_filled_in_is_not_overwritten(tmp_path):
    """The licence is written there by hand, and a base model into a configuration."""
    export_pairs([a_pair()], tmp_path, settings())
    export_pairs([a_pair()], tmp_path, settings())
    card = tmp_path / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("# license:", "license: mit #"), encoding="utf-8")
    with pytest.raises(UserError, match=r"README\.md was changed since it was exported.*--out"):
        export_pairs([a_pair()], tmp_path, settings())
    assert "license: mit" in card.read_text(encoding="utf-8")


def test_a_manifest_cannot_name_files_to_remove(tmp_path):
    """Only names that an export gives are ever removed, whatever a manifest lists."""
    (tmp_path / "out").mkdir()
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "out/notes.txt").write_text("mine", encoding="utf-8")
    names = {"../precious.txt": {}, "notes.txt": {}}
    manifest = {"proutt": "0", "instruction_version": "0", "files": names}
    (tmp_path / "out/manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    export_pairs([a_pair()], tmp_path / "out", settings())
    assert (tmp_path / "precious.txt").exists()
    assert (tmp_path / "out/notes.txt").exists()


def test_memory_does_not_grow_with_the_pairs(tmp_path):
    """Pairs stream through: nothing of a pair is kept but what is counted."""

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            export_pairs(dialogues(count), tmp_path / str(count), settings())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(5)  # caches and imports
    kept_per_pair = (peak(300) - peak(30)) / 270
    assert kept_per_pair < 1000  # bytes; one row alone has several thousand


def test_memory_of_a_split_grows_with_dialogues_alone(tmp_path):
    """A dialogue's signature is kept, and a number for each row; no text."""

    def peak(count: int, per_dialogue: int) -> int:
        tracemalloc.start()
        try:
            split = settings(split=Split((0.5, 0.5)))
            export_pairs(dialogues(count, per_dialogue), tmp_path / f"{count}x{per_dialogue}", split)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20, 1)  # caches and imports
    assert (peak(20, 15) - peak(20, 2)) / (20 * 13) < 500  # bytes a row
