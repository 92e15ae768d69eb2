"""Personal data: what identifies or reaches a person, by form and, where numbers carry one, by checksum.

Names of people have no form and are not looked for. Placeholders (NAME_1, <PRESIDIO_ANONYMIZED_…>, user@example.com,
555-0100 numbers, documentation addresses) are no personal data. docs/audits.md lists what is found.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from proutt.quality.audit.check import Check, Finding, Severity, each_row
from proutt.quality.audit.subject import Subject

# ASCII: a Chinese character beside a number or an address does not make it part of a longer word.
_EMAIL = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,63})@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})(?![\w@-])", re.ASCII
)
_CN_MOBILE = re.compile(r"(?<![\d.\-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d-])(?!\.\d)")
_INTERNATIONAL = re.compile(
    r"(?<![\w+])(?<!\d )(?:\+|00)[1-9]\d{0,2}[ .\-]?(?:\(?\d{1,4}\)?[ .\-]?){2,5}\d{2,4}(?![\d-])", re.ASCII
)
_US_PHONE = re.compile(
    r"(?<![\d.\-+(])(?:1[-. ])?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-.])([2-9]\d\d)[-. ](\d{4})(?![\d-])"
)
_CN_ID = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
_CARD = re.compile(r"(?<![\d.\-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3[47]\d{2}([ -]?)\d{6}\2\d{5})(?![\d.]?\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)", re.ASCII)
_LANDLINE = re.compile(
    r"(?<![\d-])(?:0(?:10|2\d|[3-9]\d{2})[- ]\d{7,8}|0(?:10|2\d)\d{8}|[48]00[- ]\d{3}[- ]\d{4})(?![\d-])"
)

_NOBODY = """
    user username name yourname your.name your_name you email your-email youremail your_email me someone
    firstname.lastname first.last recipient sender git noreply no-reply foo bar test example xxx abc
"""
_PLACEHOLDER_USERS = frozenset(_NOBODY.split())
_PLACEHOLDER_HOSTS = re.compile(
    r"(?:^|\.)(?:example|test|invalid|localhost|local)(?:\.\w+)?$|^(?:domain|company|yourdomain|your-domain|mydomain|"
    r"yourcompany|email|mail|abc|xyz|foo|bar|site|website|server|host|acme)\.(?:com|org|net|io)$",
    re.IGNORECASE,
)
_BEFORE_A_VERSION = re.compile(r"(?:version|ver\.?|v|release|版本|build)\s*[:：=]?\s*$", re.IGNORECASE)
#: Well-known public resolvers, which examples use.
_KNOWN_HOSTS = frozenset(("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "114.114.114.114", "223.5.5.5"))


def _emails(text: str) -> Iterator[str]:
    for match in _EMAIL.finditer(text):
        if match[1].casefold() not in _PLACEHOLDER_USERS and not _PLACEHOLDER_HOSTS.search(match[2]):
            yield match[0]


def _phones(text: str) -> Iterator[str]:
    for pattern in (_CN_MOBILE, _INTERNATIONAL):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if 9 <= len(digits) <= 15 and len(set(digits[-7:])) > 2 and not _counts_up(digits[-8:]):
                yield match[0]
    for match in _US_PHONE.finditer(text):
        area, exchange, line = match[1] or match[2], match[3], match[4]
        if exchange != "555" and area != "555" and not _counts_up(exchange + line):
            yield match[0]


def _counts_up(digits: str) -> bool:
    """Whether digits are a made-up row: 12345678, 87654321."""
    return digits in "01234567890123456789" or digits in "98765432109876543210"


def _resident_ids(text: str) -> Iterator[str]:
    """Chinese resident numbers (GB 11643): a date inside, and ISO 7064 mod 11-2 at the end."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for match in _CN_ID.finditer(text):
        number = match[0].upper()
        total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))
        if "10X98765432"[total % 11] == number[-1] and _is_date(number[6:14]):
            yield match[0]


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _cards(text: str) -> Iterator[str]:
    """Payment cards: 15 to 19 digits of a known network, and Luhn's checksum."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        known = re.match(r"4|5[1-5]|2[2-7]|3[47]|6(?:011|5|2)|35", digits)
        if known and 15 <= len(digits) <= 19 and len(set(digits)) > 3 and _luhn(digits):
            yield match[0]


def _luhn(digits: str) -> bool:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ibans(text: str) -> Iterator[str]:
    """Bank accounts: IBAN with its mod-97 checksum (ISO 13616)."""
    for match in _IBAN.finditer(text):
        number = match[0].replace(" ", "")
        turned = number[4:] + number[:4]
        if 15 <= len(number) <= 34 and int("".join(str(int(char, 36)) for char in turned)) % 97 == 1:
            yield match[0]


def _social_security(text: str) -> Iterator[str]:
    for match in _SSN.finditer(text):
        if match[0] not in ("123-45-6789", "078-05-1120", "219-09-9999"):
            yield match[0]


def _addresses(text: str) -> Iterator[str]:
    """Public IPv4 addresses; private, reserved and documentation ones name nobody."""
    for match in _IPV4.finditer(text):
        try:
            address = ipaddress.IPv4Address(match[0])
        except ValueError:
            continue
        version = _BEFORE_A_VERSION.search(text[max(match.start() - 12, 0) : match.start()])
        if address.is_global and not version and match[0] not in _KNOWN_HOSTS and int(match[0].split(".")[0]) >= 11:
            yield match[0]


#: Nothing of `NUMBERED` is in a text without so many digits close together: most texts are done with here.
_NUMBER = re.compile(r"\d(?:[ .()\-]{0,2}\d){6}")
#: What is looked for, by what a person calls it.
KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "an e-mail address": _emails,
    "a phone number": _phones,
    "a Chinese resident number": _resident_ids,
    "a payment card": _cards,
    "a bank account (IBAN)": _ibans,
    "a social security number": _social_security,
    "a public IP address": _addresses,
}


NUMBERED = frozenset(KINDS) - {"an e-mail address", "a public IP address"}


def personal_data(subject: Subject) -> Iterator[Finding]:
    """E-mail addresses, phones, identity, card and account numbers, public IP addresses anywhere in the row."""
    for place, text in narrow_texts(subject):
        numbers = _NUMBER.search(text) is not None
        for kind, find in KINDS.items():
            if kind in NUMBERED and not numbers:
                continue
            found = next(find(text), None)
            if found is not None:
                yield Finding(place, f"it holds {kind}", masked(found))


def landline_numbers(subject: Subject) -> Iterator[Finding]:
    """Chinese landline and service numbers: mostly of shops and hotels, so a matter of their own."""
    for place, text in narrow_texts(subject):
        match = _LANDLINE.search(text)
        if match is not None:
            yield Finding(place, "it holds a landline or service number", masked(match[0]))


def texts(subject: Subject) -> Iterator[tuple[str, str]]:
    """The texts of a row as a trainer sees them."""
    yield "prompt", subject.prompt
    yield "chosen completion", subject.chosen.text
    if subject.rejected is not None:
        yield "rejected completion", subject.rejected.text


def narrow_texts(subject: Subject) -> Iterator[tuple[str, str]]:
    """The same without full-width forms: a number in them is as much of a number to whoever reads it."""
    for place, text in texts(subject):
        yield place, _narrow(text)


@lru_cache(maxsize=8)  # several checks read the same texts
def _narrow(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def masked(found: str) -> str:
    """Enough of it to find it by, and not all: a list of flags must not become a list of what it warns of."""
    keep = max(2, len(found) // 4)
    return found[:keep] + "…" if len(found) > 4 else "…"


PERSONAL = (
    Check(
        name="personal-data",
        title="e-mail, phone, identity, card and account numbers, public IP addresses",
        severity=Severity.ERROR,
        limit=0.0,
        source="practice: scan, count, keep out of exports",
        start=each_row(personal_data),
    ),
    Check(
        name="landline-numbers",
        title="landline and service numbers (China)",
        severity=Severity.WARNING,
        limit=0.01,
        source="ours: mostly shops, so apart from personal data",
        start=each_row(landline_numbers),
    ),
)
