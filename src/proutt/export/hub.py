"""Publishing an export: its folder as a data set of the hub. Private unless it is said otherwise.

Only files that the manifest lists go up, and the manifest. The token is the one that the hub's own library finds (the
environment, or a login); it is never read, shown or written here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.folder import MANIFEST

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Push:
    """What would go where. name: "owner/name"; size: bytes of all files."""

    name: str
    folder: Path
    files: tuple[str, ...]
    size: int
    public: bool


def plan_push(folder: Path, name: str, *, public: bool = False) -> Push:
    """The plan for an export's folder. Raises UserError where the name is none of the hub's."""
    checked_name(name)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = (*manifest["files"], MANIFEST)
    return Push(name, folder, files, sum((folder / each).stat().st_size for each in files), public)


def checked_name(name: str) -> str:
    """The name itself, if it can be one of the hub's. Raises UserError."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise UserError(f"{name!r} is no name on the hub.", where="--push", remedy="Give owner/name.")
    return name


def push(plan: Push, *, api: Callable[[], Any] | None = None) -> str:
    """Make the data set if it is not there and upload the files as one commit; the data set's address.

    api makes a `huggingface_hub.HfApi`. Raises UserError where the library or a token is missing, where the hub
    refuses, and where the data set is there and public but was not to be published.
    """
    hub = (api or _hub_api)()
    try:
        made = hub.create_repo(plan.name, repo_type="dataset", private=not plan.public, exist_ok=True)
        if not plan.public and hub.repo_info(plan.name, repo_type="dataset").private is False:
            raise UserError(
                "this data set is public already, so everybody would see the files.",
                where=plan.name,
                remedy="Give --public if that is meant, or another name.",
            )
        hub.upload_folder(
            repo_id=plan.name,
            repo_type="dataset",
            folder_path=plan.folder,
            allow_patterns=[_literal(each) for each in plan.files],
            commit_message=f"proutt export: {len(plan.files)} files",
        )
    except UserError:
        raise
    except Exception as error:  # whatever the library, the network or the hub's answers raise
        raise _refused(plan, error) from error
    return str(made)


def _literal(name: str) -> str:
    """A name as a pattern that only it matches."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _hub_api() -> Any:
    try:
        from huggingface_hub import HfApi, get_token
    except ImportError:
        raise UserError(
            "publishing needs the library `huggingface_hub`.",
            where="--push",
            remedy="Install it: pip install 'proutt[hub]'",
        ) from None
    if get_token() is None:
        raise UserError(
            "the hub needs a token that may write.",
            where="--push",
            remedy="Log in with `hf auth login`, or set HF_TOKEN.",
        )
    return HfApi(library_name="proutt")


def _refused(plan: Push, error: Exception) -> UserError:
    """The hub's failure in our words: what it answered, and what to do about it."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    remedies = {
        401: "The token is not valid: log in with `hf auth login`, or set HF_TOKEN.",
        403: "The token may not write there: give one that may, or another owner.",
        404: "There is no such owner, or the token may not see it.",
        409: "Somebody else is writing there: try again.",
    }
    reason = " ".join(str(error).split()) or type(error).__name__
    what = "the upload failed" if status is None else f"the hub refused ({status})"
    remedy = remedies.get(status or 0, "Check your network, the card and the name, and try again.")
    return UserError(
        f"{what}: {reason[:400].rstrip('.')}.", where=plan.name, remedy=f"{remedy} The files are in {plan.folder}."
    )
