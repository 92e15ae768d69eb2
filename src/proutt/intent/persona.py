"""A user's background (UPC 4.4): who a user agent plays, and what a chatbot is to find out and must never be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """One user U_i.

    name        how they are called
    background  occupation and career, education, personality, hobbies; 50 to 100 words where we write it
    group       the occupation group it was written for (an ISCO-08 sub-major group's code), None where nobody says
    source      file and line that it was read from
    """

    id: str
    name: str
    background: str
    language: str
    group: str | None = None
    source: str = ""
