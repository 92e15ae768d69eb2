"""What is wrong with a finished dialogue, by name and place. Pure, and by rules alone: they see forms, not meaning.

So "persona-contradicted" sees another name, another age, or a user who says to be a machine; that somebody's trade or
taste changes, it does not see. "background-leaked" sees words, names and numbers of the background, not what is told in
other words; a chatbot that guesses well may be flagged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from proutt.intent import near, normal
from proutt.methods.upc.barrier import pieces, untold_in
from proutt.methods.upc.record import UPCDialogue, UPCTurn
from proutt.prompts.upc.saying import asked_before, questions_in, serves

#: A reply with so many questions has too many.
MANY_QUESTIONS = 3
#: Fewest sentences of a chatbot that tell whether it speaks of itself.
_LEAST_SENTENCES = 4
#: Words of the background in one reply that nobody said: so many are no chance.
_MANY_UNTOLD = 4
#: A stretch of the background word for word: words, or characters of a script without spaces.
_RUN_WORDS, _RUN_CHARACTERS = 4, 8

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_SELF = re.compile(r"\b(?:I|I['’]\w+|my|me|mine|myself)\b|我")
_OTHER = re.compile(r"\b(?:you|your|yours|yourself)\b|[你您咱]", re.IGNORECASE)
_STATED = re.compile(
    r"\b[Mm]y name(?: is|['’]s) (?P<latin>[A-Z][\w'’-]*)|(?:我叫|我的名字是|我名叫)(?P<han>[\u3400-\u9fff]{2,8})"
)
_NO_NAME = re.compile("[他她它你您我这那人爸妈]")
_AGE = re.compile(r"\b(\d{2})[- ]years?[- ]old\b|\baged? (\d{2})\b|,\s(\d{2}),|(\d{2})\s?岁")
_OWN_AGE = re.compile(
    r"\bI(?:['’]m| am) (\d{2})(?=[,.!?]|$| years old\b| now\b| and\b)|我(?:今年|已经|都|快)?(\d{2})岁", re.IGNORECASE
)
_FAREWELL = re.compile(
    r"\bgood-?bye\b|\bbye(?:[- ]bye)?\b|\bfarewell\b|\bsee you (?:later|soon|around|next time)\b"
    r"|\btalk (?:to you )?(?:later|soon)\b|\btake care\b(?! of)|\buntil next time\b|\b(?:gotta|have to) go now\b"
    r"|\bhave a (?:great|good|nice|lovely|wonderful) (?:day|evening|night|one|weekend)\b"
    r"|再见|拜拜|下次再?聊|回头再?聊|改天再?聊|先聊到这|后会有期|祝[你您].{0,6}愉快",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_\u3040-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")


class Found(NamedTuple):
    """place: "turn 3, chatbot"; what: why it is wrong; text: the words."""

    place: str
    what: str
    text: str


def question_overuse(dialogue: UPCDialogue) -> Iterator[Found]:
    """Three questions or more in a reply, or two replies in a row that are nothing but questions."""
    responses = _responses(dialogue)
    for place, text in responses:
        if len(questions_in(text)) >= MANY_QUESTIONS:
            yield Found(place, f"{len(questions_in(text))} questions in one reply", text)
    for (_, before), (place, text) in pairwise(responses):
        if _only_questions(before) and _only_questions(text):
            yield Found(place, "nothing but questions, twice in a row", text)


def repetition(dialogue: UPCDialogue) -> Iterator[Found]:
    """Somebody says nearly the same again, or the chatbot asks a question again."""
    for texts in (_chatbot(dialogue), _users(dialogue)):
        for at, (place, text) in enumerate(texts):
            if any(near(text, earlier) for _, earlier in texts[:at]):
                yield Found(place, "nearly the same was said before", text)
    said = _chatbot(dialogue)
    for at, (place, text) in enumerate(said):
        again = asked_before(text, [earlier for _, earlier in said[:at]], dialogue.language)
        if again is not None:
            yield Found(place, "this was asked before", again)


def self_focus(dialogue: UPCDialogue) -> Iterator[Found]:
    """Most sentences of the chatbot's responses are about itself and not about the user."""
    sentences = [each for _, text in _responses(dialogue) for each in _sentences(text)]
    own = [each for each in sentences if _SELF.search(each) and not _OTHER.search(each)]
    if len(sentences) >= _LEAST_SENTENCES and 2 * len(own) > len(sentences):
        yield Found("chatbot", f"{len(own)} of {len(sentences)} sentences are about itself", own[0])


def persona_contradicted(dialogue: UPCDialogue) -> Iterator[Found]:
    """The user has another name or age than the persona, or says to be a machine."""
    ages = _ages(dialogue.background)
    for place, text in _users(dialogue):
        if serves(text):
            yield Found(place, "speaks as a chatbot does", text)
        for name in _stated_names(text):
            if not _same_person(name, dialogue.name):
                yield Found(place, f"calls itself {name}; the persona is {dialogue.name}", text)
        stated = _OWN_AGE.findall(text)
        for age in {each for match in stated for each in match if each}:
            if ages and age not in ages:
                yield Found(place, f"is {age} years old; the background says {', '.join(sorted(ages))}", text)


def background_leaked(dialogue: UPCDialogue) -> Iterator[Found]:
    """The chatbot was told, or says, what is in the background and nobody has said.

    Of an advice one word is enough. Of what the chatbot says: a stretch of the background word for word, a name or a
    number of it, or several of its words at once.
    """
    persona = dialogue.persona
    said: list[str] = []
    yield from _leaks(dialogue, "turn 1, chatbot", dialogue.greeting, said)
    said += [dialogue.greeting, dialogue.introduction]
    for number, turn in _numbered(dialogue):
        for at, attempt in enumerate(turn.attempts):
            drafted = f"turn {number}, attempt {at + 1}"
            told = [each.advice or "" for each in turn.attempts[:at]]
            yield from _leaks(dialogue, drafted, attempt.utterance, [*said, *told])
            drafts = [each.utterance for each in turn.attempts[: at + 1]]
            untold = untold_in(attempt.advice or "", persona, [*said, *drafts])
            if untold:
                what = f"words of the background, which begin so: {', '.join(untold)}"
                yield Found(f"{drafted}, advice", what, attempt.advice or "")
        said += [turn.response, turn.user]


def ended_early(dialogue: UPCDialogue) -> Iterator[Found]:
    """Somebody says goodbye before the last turn."""
    for number, turn in list(_numbered(dialogue))[:-1]:
        for who, text in (("chatbot", turn.response), ("user", turn.user)):
            if _FAREWELL.search(text):
                yield Found(f"turn {number}, {who}", "says goodbye before the last turn", text)


#: Every check, by the name of its flag.
CHECKS: Mapping[str, Callable[[UPCDialogue], Iterator[Found]]] = {
    "question-overuse": question_overuse,
    "repetition": repetition,
    "self-focus": self_focus,
    "persona-contradicted": persona_contradicted,
    "background-leaked": background_leaked,
    "ended-early": ended_early,
}


def flags_of(dialogue: UPCDialogue) -> tuple[str, ...]:
    """Names of the checks that find something, in the order of `CHECKS`."""
    return tuple(name for name, check in CHECKS.items() if next(check(dialogue), None) is not None)


def _numbered(dialogue: UPCDialogue) -> Iterator[tuple[int, UPCTurn]]:
    return enumerate(dialogue.turns, start=2)


def _responses(dialogue: UPCDialogue) -> list[tuple[str, str]]:
    return [(f"turn {number}, chatbot", turn.response) for number, turn in _numbered(dialogue)]


def _chatbot(dialogue: UPCDialogue) -> list[tuple[str, str]]:
    return [("turn 1, chatbot", dialogue.greeting), *_responses(dialogue)]


def _users(dialogue: UPCDialogue) -> list[tuple[str, str]]:
    said = [(f"turn {number}, user", turn.user) for number, turn in _numbered(dialogue)]
    return [("turn 1, user", dialogue.introduction), *said]


def _sentences(text: str) -> list[str]:
    return [each.strip() for each in _SENTENCE.findall(text) if normal(each)]


def _only_questions(text: str) -> bool:
    found = _sentences(text)
    return bool(found) and all(each.endswith(("?", "？")) for each in found)


def _stated_names(text: str) -> Iterator[str]:
    for match in _STATED.finditer(text):
        name = match["latin"] or match["han"]
        if not _NO_NAME.search(name):
            yield name


def _same_person(stated: str, name: str) -> bool:
    """Whether a stated name may be the persona's: a part of it, short for one, or, in Chinese, what begins with one."""
    if _HAN.fullmatch(stated):
        plain = stated.lstrip("小老阿")
        return any(part and plain.startswith(part) for part in (name, name[1:], name[:1]))
    one = stated.casefold()
    parts = name.casefold().split()
    return any(part.startswith(one) or one.startswith(part) for part in parts)


def _ages(text: str) -> set[str]:
    return {each for match in _AGE.findall(text) for each in match if each}


def _leaks(dialogue: UPCDialogue, place: str, text: str, said: list[str]) -> Iterator[Found]:
    """What a text of the chatbot tells of the background that was not said before it."""
    untold = untold_in(text, dialogue.persona, said)
    known = "\n".join(said)
    stretch = next((run for run in _runs(text) & _runs(dialogue.background) - _runs(known) if _telling(run)), None)
    names = sorted(set(untold) & _names_and_numbers(dialogue))
    if stretch is not None:
        yield Found(place, f"word for word in the background: {stretch}", text)
    elif names:
        yield Found(place, f"names and numbers of the background that nobody said: {', '.join(names)}", text)
    elif len(untold) >= _MANY_UNTOLD:
        yield Found(place, f"words of the background that nobody said: {', '.join(untold)}", text)


def _runs(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(folded)
    runs = {" ".join(words[at : at + _RUN_WORDS]) for at in range(len(words) - _RUN_WORDS + 1)}
    for han in _HAN.findall(folded):
        runs |= {han[at : at + _RUN_CHARACTERS] for at in range(len(han) - _RUN_CHARACTERS + 1)}
    return runs


def _telling(run: str) -> bool:
    """Whether a stretch holds two words that tell something: "and he is a" is in every background."""
    return len(pieces(run)) >= 2


def _names_and_numbers(dialogue: UPCDialogue) -> set[str]:
    """Of the background: words with a capital that do not begin a sentence, the name, numbers of two digits or more."""
    found = pieces(dialogue.name, every=True)
    for sentence in _sentences(dialogue.background):
        words = _WORD.findall(sentence)
        capital = [word for word in words[1:] if word[0].isupper()]
        numbers = [word for word in words if word.isdigit() and len(word) > 1]
        found |= pieces(" ".join([*capital, *numbers]))
    return found
