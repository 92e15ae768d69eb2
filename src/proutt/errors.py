"""What can go wrong, by who can do what about it.

    ProuttError
    ├─ UserError     the user can mend it: what, where, remedy; one line, exit code 2
    ├─ ModelError    a model's endpoint failed: status, retryable or not; never holds a key
    ├─ AnswerError   a model answered, but not what was asked: step, raw text, what was wrong
    └─ ItemFailed    one dialogue or turn, with its reason: recorded, counted, and the run goes on

Foreign errors become one of these where they enter, in one place. A wrong argument from our own code is a
`ValueError`: a bug, not a message. A failure never becomes a value: an unreadable verdict is not a score of 0.
"""

from __future__ import annotations


class ProuttError(Exception):
    """Anything this package raises on purpose."""


class UserError(ProuttError):
    """The user can mend it. The message says what is wrong, where, and the remedy, in one line."""

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.message, self.where, self.remedy = message, where, remedy
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} {remedy}" if remedy else text)


class ModelError(ProuttError):
    """The endpoint failed to answer.

    kind       a short slug for counting: "connect", "timeout", "http-500", "rate-limit", "context-too-long", ...
    retryable  another try of the same call may succeed
    fatal      no call to this endpoint can succeed (bad key, unknown model): the run stops at once
    retry_after_s  how long the endpoint asked to wait, if it did
    step       which step asked; set where it is known
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        retryable: bool = False,
        fatal: bool = False,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind, self.retryable, self.fatal = kind, retryable, fatal
        self.status, self.retry_after_s = status, retry_after_s
        self.step = ""


class AnswerError(ProuttError):
    """The model answered, but not what was asked.

    kind  a short slug for counting: "not-json", "wrong-schema", "empty", "refused", "cut-off", "unusable", ...
    raw   the model's text as it came
    """

    def __init__(self, message: str, *, step: str, kind: str, raw: str) -> None:
        super().__init__(f"{step}: {message}")
        self.message, self.step, self.kind, self.raw = message, step, kind, raw


class ItemFailed(ProuttError):
    """One dialogue or one of its turns could not be done. The run records it and goes on.

    reason  a short slug for counting; stage  the step it failed in; raw  the model's last text, if there was one
    """

    def __init__(self, message: str, *, reason: str, stage: str, raw: str = "") -> None:
        super().__init__(message)
        self.message, self.reason, self.stage, self.raw = message, reason, stage, raw
