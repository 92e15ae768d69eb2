"""SynPT's released dialogues into our record: its words are translated here, once.

A released answer's thinking is free text. What is parsed out of it: the intentions that are given and missing and the
one asked for (`intention_thought`), whether the user goes on (`emotion_thought`), the options (`options_thought`), and
the summary. What can't be read is null, and named. The files tell neither seed nor what the user agent was told: the
record's `values` are empty, its `inquiry` null. Intentions have no keys there: their names are the keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proutt.dialogue.language import language_of
from proutt.dialogue.raw import bad_record
from proutt.intent.task import IntentionType, Task
from proutt.methods.record import UsageRecord
from proutt.methods.synpt.record import (
    AssistantRecord,
    EmotionRecord,
    End,
    OptionsRecord,
    SimulatedTurn,
    StateRecord,
    SynPTDialogue,
    UserRecord,
)
from proutt.methods.synpt.summary import summary_text

#: How the released seeds say that there is no preference.
ANY = "不限"
_THOUGHTS = ("intention_thought", "emotion_thought", "options_thought")

_GIVEN = re.compile(r"用户已经提供的意图\s*[:：]\s*\[(.*)\]")
_MISSING = re.compile(r"用户尚未提供的意图\s*[:：]\s*\[(.*)\]")
_ASK = re.compile(r"要求用户补充的意图类型是\s*[:：]\s*(.+?)[。.\s]*$", re.MULTILINE)
_SUMMED = re.compile(r"用户意图\s*[:：]\s*\[(.*)\]", re.DOTALL)
#: Between two entries: a comma before a name and its colon. A value may hold commas and colons ("06:00-12:00").
_NEXT_ENTRY = re.compile(r"[,，]\s*(?=[^,，:：\d][^,，:：]*[:：]\s)")
_MARK = re.compile(r"<(no_)?anxiety>")
_VERDICT = re.compile(r"判断\s*[:：]\s*(.+)")
_UNWILLING = re.compile(r"[没无不][^，。,]{0,4}继续|不愿")
_LIST = re.compile(r"参考选项\s*[:：]")
_HEADING = re.compile(r"^\s*#+\s*(?:思考过程|参考选项)\s*[:：]?\s*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+\s*[.、)）])\s*(.+?)\s*$", re.MULTILINE)


@dataclass(slots=True)
class Unread:
    """What could not be read of one dialogue, a word for each: "turn 2: options"."""

    what: list[str] = field(default_factory=list)


def looks_released_dialogue(row: Any) -> bool:
    """Whether a row has the fields of SynPT's released dialogues."""
    if not isinstance(row, Mapping) or not {"category", "anxiety", "messages"} <= set(row):
        return False
    messages = row["messages"]
    return isinstance(messages, list) and any(isinstance(each, Mapping) and _THOUGHTS[0] in each for each in messages)


def read_released_dialogue(row: Mapping[str, Any], source: str) -> tuple[SynPTDialogue, Unread]:
    """A released row and what could not be read of it. Raises ItemFailed where it is no dialogue."""
    unread = Unread()
    pairs = list(_pairs(row["messages"], unread))
    if not pairs:
        raise bad_record("bad-row", "it has no turn of a user and an assistant.")
    names = _names(pairs)
    turns = [_turn(user, answer, names, unread, at) for at, (user, answer) in enumerate(pairs, start=1)]
    task = _task(str(row["category"]), names)
    turns = [_with_reply(turn, task) for turn in turns]
    end = _end(row, turns)
    said = [turn.user.utterance for turn in turns]
    usage = UsageRecord(calls=0, prompt_tokens=_tokens(row, "prompt"), completion_tokens=_tokens(row, "completion"))
    dialogue = SynPTDialogue(
        method="synpt",
        seed_id=str(row.get("id", source)),
        task=str(row["category"]),
        language=language_of(said, (turn.assistant.reply for turn in turns)),
        source=source,
        names={name: name for name in names},
        any_value=ANY,
        values={},
        reluctant=row["anxiety"] is True,
        inquiry=None,
        turns=turns,
        end=end,
        models=_models(row.get("model")),
        prompt_version="released",
        seed=0,
        settings={},
        usage=usage,
        usage_by_module={},
    )
    return dialogue, unread


def _pairs(messages: Sequence[Any], unread: Unread) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each utterance with its answer. Raises ItemFailed where a message is none."""
    user: Mapping[str, Any] | None = None
    for at, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in ("user", "assistant"):
            raise bad_record("bad-row", f"message {at + 1} is by neither user nor assistant.")
        if message["role"] == "user":
            if user is not None:
                unread.what.append(f"message {at}: an utterance without an answer")
            user = message
        elif user is None:
            unread.what.append(f"message {at + 1}: an answer without an utterance")
        else:
            yield user, message
            user = None
    if user is not None:
        unread.what.append(f"message {len(messages)}: an utterance without an answer")


def _names(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> tuple[str, ...]:
    """The task's intentions as the thinking names them, in the order of being named."""
    names: dict[str, None] = {}
    for _, answer in pairs:
        thought = str(answer.get("intention_thought") or "")
        names |= dict.fromkeys(name for name, _ in _entries(_GIVEN, thought) or ())
        names |= dict.fromkeys(_listed(_MISSING, thought) or ())
    return tuple(names)


def _turn(
    user: Mapping[str, Any], answer: Mapping[str, Any], names: Sequence[str], unread: Unread, number: int
) -> SimulatedTurn:
    def missed(what: str, text: Any) -> None:
        if text:
            unread.what.append(f"turn {number}: {what}")

    thought = str(answer.get("intention_thought") or "")
    state, asked = _state(thought), _ASK.search(thought)
    ask = _known(asked[1], names) if asked else None
    emotion, options = _emotion(answer.get("emotion_thought")), _options(answer.get("options_thought"))
    summed = answer.get("summary")
    summary = None if summed is None else _summary(str(summed), names, state)
    for what, found, text in (
        ("intentions", state, thought),
        ("the intention asked for", ask, asked),
        ("emotion", emotion, answer.get("emotion_thought")),
        ("options", options, answer.get("options_thought")),
    ):
        if found is None:
            missed(what, text)
    if summed is not None and not summary:
        missed("summary", summed)
    assistant = AssistantRecord(
        state=state,
        ask=None if summed is not None else ask,
        emotion=emotion,
        options=options,
        reply=str(answer.get("content") or ""),
        summary=summary,
    )
    return SimulatedTurn(user=UserRecord(utterance=str(user.get("content") or "")), assistant=assistant)


def _state(thought: str) -> StateRecord | None:
    given, missing = _entries(_GIVEN, thought), _listed(_MISSING, thought)
    if given is None or missing is None:
        return None
    return StateRecord(given=dict(given), missing=list(dict.fromkeys(missing)))


def _entries(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]] | None:
    """Name and value of each entry of a list in brackets; None where there is no such list."""
    match = pattern.search(text)
    if match is None:
        return None
    parts = (re.split(r"\s*[:：]\s*", each.strip(), maxsplit=1) for each in _NEXT_ENTRY.split(match[1]) if each.strip())
    return [(part[0], part[1].strip()) for part in parts if len(part) == 2]


def _listed(pattern: re.Pattern[str], text: str) -> list[str] | None:
    match = pattern.search(text)
    return None if match is None else [each.strip() for each in re.split(r"[,，]", match[1]) if each.strip()]


def _emotion(text: Any) -> EmotionRecord | None:
    """Its verdict: the mark, where there is one, else the sentence after 判断."""
    if not text:
        return None
    mark, verdict = _MARK.search(str(text)), _VERDICT.search(str(text))
    reasoning = _MARK.sub("", str(text)).strip()
    if mark is not None:
        return EmotionRecord(reasoning=reasoning, willing=bool(mark[1]))
    if verdict is None:
        return None
    if _UNWILLING.search(verdict[1]):
        return EmotionRecord(reasoning=reasoning, willing=False)
    return EmotionRecord(reasoning=reasoning, willing=True) if "继续" in verdict[1] else None


def _options(text: Any) -> OptionsRecord | None:
    """The list after the last 参考选项: an item a line, or between commas, in brackets or not."""
    labels = list(_LIST.finditer(str(text or "")))
    if not labels:
        return None
    whole, label = str(text), labels[-1]
    listed = whole[label.end() :].strip()
    items = _ITEM.findall(listed) or _apart(listed.strip("[]【】 \n"))
    options = [each.strip().strip("*").strip() for each in items]
    options = [each for each in options if each]
    reasoning = _HEADING.sub("", whole[: label.start()]).rstrip("# \n").strip()
    return OptionsRecord(reasoning=reasoning, options=options) if options else None


def _apart(listed: str) -> list[str]:
    """Parts between commas that stand in no parentheses."""
    parts, depth = [""], 0
    for char in listed:
        depth += (char in "（([") - (char in "）)]")
        if char in ",，、\n" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _summary(text: str, names: Sequence[str], state: StateRecord | None) -> dict[str, str] | None:
    """Its values by the thinking's names; a name that only the summary has is known by its place among those given."""
    entries = _entries(_SUMMED, text)
    if entries is None:
        return None
    given = [] if state is None else list(state.given)
    found: dict[str, str] = {}
    for at, (name, value) in enumerate(entries):
        key = _known(name, names) or (given[at] if len(entries) == len(given) else None)
        if key is not None:
            found.setdefault(key, value)
    return found


def _known(name: str, names: Sequence[str]) -> str | None:
    """A name as the thinking spells it: with or without what it has in parentheses."""
    told = _plain(name)
    exact = next((each for each in names if _plain(each) == told), None)
    return exact or next((each for each in names if told and _plain(re.split("[(（]", each)[0]) == told), None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def _task(name: str, names: Sequence[str]) -> Task | None:
    """The task as far as a released row tells it; None where its thinking names no intention."""
    types = tuple(IntentionType(each, each, each) for each in names)
    return Task(name, "zh", types, ANY, turns=1, mean=len(types) / 2) if types else None


def _with_reply(turn: SimulatedTurn, task: Task | None) -> SimulatedTurn:
    """A summary reads as ours do."""
    answer = turn.assistant
    if answer.reply or answer.summary is None or task is None:
        return turn
    reply = summary_text(task, answer.summary)
    return turn.model_copy(update={"assistant": answer.model_copy(update={"reply": reply})})


def _end(row: Mapping[str, Any], turns: Sequence[SimulatedTurn]) -> End:
    last = turns[-1].assistant
    if row.get("state") is False or last.summary is None:
        return "most-turns"
    return "reluctant" if last.state is not None and last.state.missing else "nothing-missing"


def _models(text: Any) -> dict[str, str]:
    """ "user:DeepSeek-V3, assistant:qwen-max" by role."""
    parts = (each.split(":", 1) for each in str(text or "").split(","))
    return {part[0].strip(): part[1].strip() for part in parts if len(part) == 2}


def _tokens(row: Mapping[str, Any], kind: str) -> int:
    value = row.get(f"{kind}_tokens")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
