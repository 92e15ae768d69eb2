"""Secrets: keys and passwords by the forms that their providers give them, and by the words that stand before them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from proutt.dialogue.control_text import CONTROL, FOREIGN_CONTROL
from proutt.quality.audit.check import Check, Finding, Severity, each_row
from proutt.quality.audit.personal import masked, narrow_texts, texts
from proutt.quality.audit.pieces import utterances
from proutt.quality.audit.subject import Subject


def _form(pattern: str) -> re.Pattern[str]:
    """ASCII: a Chinese character beside a key is no part of it."""
    return re.compile(pattern, re.ASCII)


#: Forms that are a key and nothing else, by what a person calls them.
_FORMS = {
    "a private key": _form(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "an AWS access key": _form(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    "an Anthropic key": _form(r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    "an OpenAI-style key": _form(r"\bsk-(?!ant-)(?:proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{20,}"),
    "a GitHub token": _form(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})"),
    "a GitLab token": _form(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a Hugging Face token": _form(r"\bhf_[A-Za-z0-9]{30,}"),
    "a Google API key": _form(r"\bAIza[A-Za-z0-9_-]{35}"),
    "a Google OAuth secret": _form(r"\bGOCSPX-[A-Za-z0-9_-]{20,}"),
    "a Slack token": _form(r"\bxox[abposr]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}"),
    "a Stripe key": _form(r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "an npm token": _form(r"\bnpm_[A-Za-z0-9]{36}"),
    "a PyPI token": _form(r"\bpypi-AgE[A-Za-z0-9_-]{40,}"),
    "a SendGrid key": _form(r"\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}"),
    "a Twilio key": _form(r"\b(?:SK|AC)[0-9a-f]{32}\b"),
    "an Aliyun key": _form(r"\bLTAI[A-Za-z0-9]{12,24}\b"),
    "a Tencent Cloud key": _form(r"\bAKID[A-Za-z0-9]{32}\b"),
    "a Telegram bot token": _form(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    "a JSON web token": _form(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": _form(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,64}:(?P<secret>[^\s/@]{3,64})@[\w.-]+"),
}
#: What a text must hold for a slow form to be looked for.
_SIGN_OF = {
    "a private key": "PRIVATE KEY",
    "a password in an address": "://",
    "a Telegram bot token": ":AA",
    "a Google API key": "AIza",
    "a JSON web token": "eyJ",
    "a SendGrid key": "SG.",
}
_SIGNS_OF_GIVEN = (
    "key",
    "token",
    "secret",
    "passw",
    "pwd",
    "passphrase",
    "bearer",
    "basic",
    "密码",
    "口令",
    "密钥",
    "令牌",
)
_WORDS = (
    r"(?:api[_ -]?key|access[_ -]?key|secret[_ -]?key|client[_ -]?secret|auth[_ -]?token|access[_ -]?token|"
    r"bearer|authorization[\"']?\s*[:=]\s*[\"']?basic|secret|token|password|passwd|pwd|passphrase|密码|口令|密钥|令牌)"
    r"(?![A-Za-z0-9_])"  # "secret" in secret_access_key is not the word that the value was given to
)
#: A value that was given to such a word; the longer forms are judged by how random they look.
_GIVEN = re.compile(
    rf"{_WORDS}[\"'`]?\s*(?:[:：=]|is|是|为)?\s*[\"'`“]?(?P<secret>[A-Za-z0-9+/_\-.~!@#$%^&*]{{6,128}})", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"x{3,}|\*{3,}|\.{3}|…|your|example|placeholder|changeme|change_me|insert|replace|dummy|sample|foobar|^foo|^bar|"
    r"password|secret|token|api_?key|process\.env|os\.environ|getenv|config|settings|self\.|this\.|null|none|true|false|"
    r"1234|abcd|username|<|>|\{|\}|\(|\)",
    re.IGNORECASE,
)


def secrets(subject: Subject) -> Iterator[Finding]:
    """Keys, tokens and passwords anywhere in the row."""
    for place, text in narrow_texts(subject):
        found = _found(text)
        if found is not None:
            yield Finding(place, f"it holds {found[0]}", masked(found[1]))


def _found(text: str) -> tuple[str, str] | None:
    for kind, form in _FORMS.items():
        for match in form.finditer(text) if _SIGN_OF.get(kind, "") in text else ():
            secret = match.groupdict().get("secret") or match[0]
            if not _PLACEHOLDER.search(secret) and len(set(secret)) > 4:
                return kind, secret
    folded = text.casefold()
    for match in _GIVEN.finditer(text) if any(word in folded for word in _SIGNS_OF_GIVEN) else ():
        secret = match["secret"].rstrip(".,;!?")
        if _looks_random(secret) and not _PLACEHOLDER.search(secret):
            return "a key or a password", secret
    return None


def _looks_random(text: str) -> bool:
    """Whether a string is no word: letters and digits mixed, at the entropy of a random string of its length."""
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z0-9]"))
    if len(text) < 8 or kinds < 3 or not re.search(r"\d", text):
        return len(text) >= 24 and kinds >= 2 and _entropy(text) >= 3.5 and bool(re.search(r"\d", text))
    return _entropy(text) >= min(3.0, 0.8 * math.log2(len(text)))


def _entropy(text: str) -> float:
    """Bits a character, by how often each occurs."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def control_strings(subject: Subject) -> Iterator[Finding]:
    """Strings that a tokenizer takes for its own marks: in a training text they forge turns."""
    for place, text in texts(subject):
        match = FOREIGN_CONTROL.search(text)
        if match is not None:
            yield Finding(
                place, "it holds a control string of a chat template", text[match.start() : match.start() + 40]
            )
    for place, text in utterances(subject):
        match = CONTROL.search(text)
        if match is not None and not FOREIGN_CONTROL.search(text):
            yield Finding(
                place, "it holds a tag of the training text's layout", text[match.start() : match.start() + 40]
            )


SECRETS = (
    Check(
        name="secrets",
        title="keys, tokens and passwords",
        severity=Severity.ERROR,
        limit=0.0,
        source="practice: scan, count, keep out of exports",
        start=each_row(secrets),
    ),
    Check(
        name="control-strings",
        title="chat-control strings",
        severity=Severity.ERROR,
        limit=0.0,
        source="tokenizers make real special tokens of them",
        start=each_row(control_strings),
    ),
)
