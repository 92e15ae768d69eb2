"""Which proposed utterances a user should be shown. Pure; nothing is ever shortened or reworded here.

Each rule has a slug, which answers count under `left_out`, metrics too.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from proutt.dialogue import Context
from proutt.dialogue.language import UNKNOWN, likely_language
from proutt.intent import near, normal
from proutt.llm.parsing import looks_refused
from proutt.prompts.proutt.wording import repeats
from proutt.quality.audit.artefacts import prompt_artefacts
from proutt.quality.audit.pieces import gists
from proutt.quality.audit.subject import Side, Subject

#: slug → what it means; the table of docs/serve.md is checked against it
FILTERS = {
    "artefact": "it says nothing, repeats itself, or holds control characters or a piece of a prompt or answer format",
    "double": "it says nearly the same as one before it",
    "asked": "the user has said nearly the same in this chat",
    "refused": "it asks for what the assistant has just refused",
    "language": "it is in another language than the chat",
    "too-long": "it has more characters than max_chars",
    "unsure": "its score is below the least one (--min-score)",
    "more": "there are n without it",
}

#: Of what a suggestion is about, the share that the refused request is about as well; and how much that must be.
_REFUSED_SHARE, _REFUSED_LEAST = 0.5, 2
#: Letters from which an alphabet's language is told, and how sure that must be: one short line is often told wrongly.
_TELLING_LETTERS, _SURE = 40, 0.99
#: Letters up to which a text without a Chinese, Japanese or Korean character may be a name: "Python?"
_NAME_LETTERS = 12
#: Characters of a text whose script is looked at.
_LOOKED_AT = 400
_BY_SCRIPT = frozenset({"zh", "ja", "ko"})
#: How apologies begin that refuse nothing.
_SYMPATHY = ("to hear", "for the", "for any", "about", "that you", "for your", "you")
#: Joiners that writing systems and emoji need.
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants.

    n          most suggestions
    max_chars  most characters of each (code points); None: any
    min_score  least score, 0..1, of those that have one
    """

    n: int
    max_chars: int | None = None
    min_score: float = 0.0


@dataclass
class Sieve:
    """Takes a chat's proposed utterances one at a time, in rank order, and says which may be shown.

    kept      texts that passed, in order
    left_out  slug → how many did not
    """

    context: Context
    wanted: Wanted
    kept: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def passes(self, text: str, score: float | None = None) -> bool:
        """Whether the next one may be shown. score: 0..1, or None where nobody told it."""
        why = self._why_not(text, score)
        if why is None:
            self.kept.append(text)
            return True
        self.left_out[why] = self.left_out.get(why, 0) + 1
        return False

    def _why_not(self, text: str, score: float | None) -> str | None:
        if _is_artefact(text, self.context):
            return "artefact"
        if any(near(text, other) for other in self.kept):
            return "double"
        if is_asked(text, self.context):
            return "asked"
        if is_refused(text, self.context):
            return "refused"
        if not speaks(text, self.context):
            return "language"
        if self.wanted.max_chars is not None and len(text) > self.wanted.max_chars:
            return "too-long"
        if score is not None and score < self.wanted.min_score:
            return "unsure"
        return "more" if len(self.kept) >= self.wanted.n else None


def _is_artefact(text: str, context: Context) -> bool:
    """It shows nothing, loops, could turn a line around, or holds what prompts and formats leave."""
    if not normal(text) or repeats(text) or any(_is_control(char) for char in text):
        return True
    subject = Subject("", "", "", Side(text, utterances=(text,)), context=context)
    return next(prompt_artefacts(subject), None) is not None


def _is_control(char: str) -> bool:
    return char not in "\n\t" and char not in _JOINERS and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def is_asked(text: str, context: Context) -> bool:
    """Whether an utterance of the chat says nearly the same."""
    longest = 2 * len(text) + 16  # a much longer one can't be near
    return any(len(turn.user) <= longest and near(text, turn.user) for turn in context.turns)


def is_refused(text: str, context: Context) -> bool:
    """Whether the last answer declined, and the text is about what that answer's request was about."""
    last = context.turns[-1]
    if not _declines(last.assistant):
        return False
    about = gists(text)
    shared = len(about & gists(last.user))
    return shared >= min(_REFUSED_LEAST, len(about)) and shared >= _REFUSED_SHARE * len(about) and bool(about)


def _declines(answer: str) -> bool:
    if not looks_refused(answer):
        return False
    _, _, rest = answer[:80].casefold().partition("sorry")
    return not rest.strip(" ,").startswith(_SYMPATHY)


def speaks(text: str, context: Context) -> bool:
    """Whether the text is in the chat's language, as far as that can be told of it."""
    wanted = context.language
    if wanted == UNKNOWN:
        return True
    letters = sum(map(str.isalpha, text))
    if text.isascii() and wanted not in _BY_SCRIPT and letters < _TELLING_LETTERS:
        return True
    told, probability = likely_language(text)
    if told in {wanted, UNKNOWN}:
        return True
    if wanted in _BY_SCRIPT:
        return _is_han(text) if told in _BY_SCRIPT else letters <= _NAME_LETTERS
    if told in _BY_SCRIPT or (letters > _NAME_LETTERS and _script(text) not in map(_script, _said(context))):
        return False
    return letters < _TELLING_LETTERS or probability < _SURE or _said_in(told, context)


def _is_han(text: str) -> bool:
    """Chinese characters alone: short Japanese has them as well."""
    return all("\u3400" <= char <= "\u9fff" for char in text if char.isalpha())


def _script(text: str) -> str:
    """The script of most letters: LATIN, CYRILLIC, ARABIC, ..., as Unicode names them; empty without letters."""
    letters = (char for char in text[:_LOOKED_AT] if char.isalpha())
    most = Counter(unicodedata.name(char, "").partition(" ")[0] for char in letters).most_common(1)
    return most[0][0] if most else ""


def _said_in(language: str, context: Context) -> bool:
    """Whether somebody used that language in the last rounds: a chat about French may go on in it."""
    return any(likely_language(text)[0] == language for text in _said(context))


def _said(context: Context) -> list[str]:
    """What was said in the last rounds."""
    return [text for turn in context.turns[-3:] for text in (turn.user, turn.assistant)]
