"""What a page asks and does not get, with the words for whoever sits at it."""

from __future__ import annotations


class Refused(Exception):
    """The request can't be granted; the message is for the person at the page. status: of the HTTP answer."""

    def __init__(self, message: str, *, status: int = 409) -> None:
        super().__init__(message)
        self.status = status
