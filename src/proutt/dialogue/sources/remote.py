"""Objects behind a URL, by fsspec: what one names, how it is opened, and how much of it may be shown or written down.

Any protocol that fsspec knows will do: `s3://`, `gs://`, `https://`, `file://`, ... Credentials come from fsspec's own
configuration and from the environment. Foreign errors become a UserError here; no message holds a URL's secrets.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from proutt.errors import UserError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(::[A-Za-z][A-Za-z0-9+.-]*)*://")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
#: A user with a password, whatever the protocol; before an HTTP host or a bucket whatever stands there.
#: (`container@account` of Azure is no secret.)
_PASSWORD = re.compile(
    r"(?<=://)[^/?#\s]*:[^/?#\s]*@|(?:(?<=http://)|(?<=https://)|(?<=s3://)|(?<=gs://))[^/?#\s]*@", re.IGNORECASE
)
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>)…]+")
_FOLDED = re.compile(r"\b(https?):/(?=[^/\s])", re.IGNORECASE)
_HIDDEN = "…"
#: Protocols of stores in which a name stands for a whole object: one cut off while it is sent is never there.
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs"})
_CREDENTIALS = (
    "Give credentials where the store's library looks for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3, "
    "GOOGLE_APPLICATION_CREDENTIALS for gs, fsspec's configuration for any"
)


def is_url(word: str) -> bool:
    """Whether a word is a URL and no path: `s3://bucket/chats.jsonl`, `simplecache::https://host/chats.jsonl`."""
    return _URL.match(word) is not None


def shown(word: str) -> str:
    """A URL as it may be shown and written down: no user with a password, no value of a query. Any other word as it is.

    What stands in a query may be a key (`?token=`, signed URLs), so its names stay and its values go.
    """
    if not is_url(word):
        return word
    plain, query = _parted(_PASSWORD.sub("", word))
    return plain + re.sub(r"(?<==)[^&;]+|(?<=\?)[^=&;]+$", _HIDDEN, query)


def shown_in(text: str) -> str:
    """A text whose URLs are as they may be shown, those too that were taken for paths (`https:/host/...`)."""
    return _IN_TEXT.sub(lambda url: shown(url[0]), _FOLDED.sub(r"\1://", text))


def _parted(url: str) -> tuple[str, str]:
    """A URL and its query, with its question mark. Where a `?` begins no query, it stands for a character of a name."""
    place, mark, query = url.partition("?")
    return (place, mark + query) if mark and ("=" in query or _HTTP.match(url)) else (url, "")


@dataclass(frozen=True, slots=True)
class Remote:
    """An object: its file system (fsspec's) and its path there. Neither is for showing."""

    system: Any
    path: str


def objects(word: str, suffixes: Sequence[str]) -> list[tuple[str, Remote]]:
    """What a URL names, each with the name to show: one object, those of a pattern (`*`, `?`, `[...]`), or of a folder.

    Of a folder those whose name ends in one of the suffixes, hidden ones left out; sorted. A web server is asked for a
    folder where the URL ends in a slash. Raises UserError where there is nothing, or it can't be reached.
    """
    name = shown(word)
    with our_errors(name):
        system, path = system_of(word)
        place, _ = _parted(word)
        found = _matching(system, path) if re.search(r"[*?\[]", place) else []
        if found:
            return [(shown(system.unstrip_protocol(each)), Remote(system, each)) for each in found]
        if _HTTP.match(word):
            folder = place.endswith("/")
            if not folder:
                system.info(path)
        else:
            folder = system.info(path)["type"] == "directory"
        if not folder:
            return [(name, Remote(system, path))]
        base = path.rstrip("/")
        inside = sorted(each for each in system.find(path) if _is_read(each.removeprefix(base), suffixes))
    if not inside:
        raise UserError(
            f"holds nothing that ends in {', '.join(end for end in suffixes if not end.endswith('.gz'))}.",
            where=name,
            remedy="Name the objects themselves, or a pattern.",
        )
    return [(name.rstrip("/") + each.removeprefix(base), Remote(system, each)) for each in inside]


def _matching(system: Any, pattern: str) -> list[str]:
    found = system.glob(pattern, detail=True)
    return sorted(path for path, info in found.items() if info["type"] == "file")


def _is_read(below: str, suffixes: Sequence[str]) -> bool:
    parts = [part for part in below.split("/") if part]
    return bool(parts) and parts[-1].lower().endswith(tuple(suffixes)) and not any(p.startswith(".") for p in parts)


def system_of(word: str) -> tuple[Any, str]:
    """fsspec's file system of a URL, and the path there. Raises UserError where a library is missing."""
    try:
        from fsspec.asyn import get_loop
        from fsspec.core import url_to_fs
    except ImportError:
        raise UserError(
            "a URL needs the library `fsspec`.",
            where=shown(word),
            remedy="Install it: pip install 'proutt[cloud]'",
        ) from None
    _quieten(get_loop())
    if re.match(r"[^/?#]*@", word.rpartition("://")[2]) and _protocol(word) in OBJECT_STORES:
        raise UserError("such a URL holds no credentials.", where=shown(word), remedy=f"{_CREDENTIALS}.")
    try:
        # A URL with percent signs is encoded already; encoded once more, a signature no longer fits.
        encoded = {"encoded": True} if _HTTP.match(word) and "%" in word else {}
        system, path = url_to_fs(word, **encoded)
    except ImportError as error:  # it says which library: "Install s3fs to access S3"
        remedy = "s3:// needs pip install s3fs, gs:// pip install gcsfs; others: fsspec's documentation."
        raise UserError(f"this protocol needs a library more: {error}.", where=shown(word), remedy=remedy) from None
    except ValueError as error:
        if "rotocol" not in str(error):
            raise
        remedy = "Give a path, or a URL such as s3://bucket/chats.jsonl."
        raise UserError("there is no such protocol.", where=shown(word), remedy=remedy) from None
    return system, path


def _protocol(word: str) -> str:
    """The protocol that is asked for the object itself: the last of a chain."""
    return word.rpartition("://")[0].rpartition("::")[2].lower()


def _quieten(loop: asyncio.AbstractEventLoop) -> None:
    """Keep tracebacks off the screen: of what the libraries log, where nobody has set up logging, and of requests that
    they no longer wait for. What matters of it is in the error that they raise.

    loop  fsspec's, in a thread of its own
    """
    loop.set_exception_handler(lambda *_: None)
    for name in ("gcsfs", "s3fs", "google"):
        if not (logger := logging.getLogger(name)).handlers:
            logger.addHandler(logging.NullHandler())


@contextmanager
def opened(name: str, remote: Remote, *, at_random: bool = False) -> Iterator[BinaryIO]:
    """An object as a stream of bytes in which one can seek: fetched piece by piece, as it is read.

    at_random  exactly what is asked for is fetched, nothing ahead of it: for tables, of which a few columns are read

    Where a web server gives no pieces, the whole comes into a temporary file first. Raises UserError, at opening or at
    a read, where it is not there, not permitted, or out of reach.
    """
    with tempfile.TemporaryFile() as spooled:
        with our_errors(name):
            file = _ranged(remote, at_random=at_random)
            if file is None:
                with remote.system.open(remote.path, "rb", block_size=0) as whole:
                    shutil.copyfileobj(whole, spooled)
                spooled.seek(0)
        if file is None:
            yield cast(BinaryIO, spooled)
        else:
            with file, io.BufferedReader(_Read(name, file)) as stream:
                yield stream


def _ranged(remote: Remote, *, at_random: bool) -> Any:
    """The object, open; None where a web server gives none of its pieces."""
    system = remote.system
    if _HTTP.match(remote.path):
        try:
            with system.open(remote.path, "rb", cache_type="none") as probe:
                probe.seek(1)
                probe.read(1)
        except ValueError:  # fsspec's word for a server that does not do ranges, or tells no length
            return None
    return system.open(remote.path, "rb", **({"cache_type": "none"} if at_random else {}))


class _Read(io.RawIOBase):
    """fsspec's file, whose errors are ours."""

    def __init__(self, name: str, file: Any) -> None:
        self._name, self._file = name, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with our_errors(self._name):
            data: bytes = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        with our_errors(self._name):
            place: int = self._file.seek(offset, whence)
        return place

    def tell(self) -> int:
        return int(self._file.tell())


@contextmanager
def our_errors(name: str, done: str = "read") -> Iterator[None]:
    """Make a UserError of whatever fsspec raises. name: of the URL, to show; done: what is done to it."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # whatever it is, the library behind fsspec and the network among it
        message, remedy = _told(error, done)
        # Not `from error`: its text may hold the URL with its secrets.
        raise UserError(message, where=name, remedy=remedy) from None


def _told(error: Exception, done: str) -> tuple[str, str]:
    """What went wrong, and the remedy."""
    cause = error.__cause__ if isinstance(error, FileNotFoundError) and error.__cause__ is not None else error
    status = cause.status if hasattr(cause, "status") else getattr(cause, "code", None)
    if status in {401, 403} or _is_refusal(cause):
        return f"can't be {done}: there is no permission.", f"{_CREDENTIALS}; a signed URL may have run out."
    away = type(cause).__module__.startswith("aiohttp") and status not in {404, 410}
    if isinstance(error, FileNotFoundError) and not away and not isinstance(cause, TimeoutError):
        if done == "written":
            return "there is no such bucket or folder.", "Make it first, or check the spelling of the URL."
        return "there is no such object.", "Check the spelling of the URL."
    text = (str(cause).strip().splitlines() or [""])[0]
    said = shown_in(text)
    remedy = "Check the URL and the network; the same command goes on."
    return f"can't be {done} ({type(cause).__name__}{f': {said}' if said else ''}).", remedy


def _is_refusal(error: BaseException) -> bool:
    """Whether it is one of the words that the libraries have for wrong credentials, or none."""
    kind = type(error)
    by_kind = isinstance(error, PermissionError) or "Credentials" in kind.__name__
    # gcsfs raises a bare OSError of this text for status 403.
    return by_kind or kind.__module__.startswith("google.auth") or str(error).startswith("Forbidden: ")
