"""A server's base URL as people write it, made into the one form that is used, shown and recorded."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from proutt.errors import UserError

#: Begins the address of servers that an engine begins and ends itself: where they listen changes with every session.
SERVED = "served:"


def base_url_of(text: str) -> str:
    """The URL before `/chat/completions`: scheme added, trailing slash dropped, `/v1` where no path was given.

    A host without a scheme is http on this machine and https elsewhere. Raises UserError where it can't be a base URL
    or holds a user name or password.
    """
    url = text.strip()
    if is_served(url):
        return url
    if "://" not in url:
        scheme = "http" if is_loopback(_host_in(url)) else "https"
        url = f"{scheme}://{url}"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if "@" in parts.netloc:
        raise UserError(
            "the base URL holds a user name or password.",
            remedy="Take it out, put the key into the environment variable PROUTT_API_KEY.",
        )
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        shown = re.split("[?#]", text)[0]  # what follows may be a key
        raise UserError(
            f"{shown!r} is not a base URL, or a query follows it.",
            remedy="Give one such as http://localhost:8000/v1 or https://host/v1.",
        )
    shown_host = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return f"{parts.scheme}://{shown_host}{f':{port}' if port else ''}{path or '/v1'}"


def base_urls_of(text: str) -> tuple[str, ...]:
    """The base URLs of one model that commas part, each as `base_url_of` has it. Raises UserError."""
    return tuple(base_url_of(each) for each in text.split(","))


def is_served(url: str) -> bool:
    """Whether an address stands for servers that an engine begins (`--serve`)."""
    return url.startswith(SERVED)


def _host_in(url: str) -> str:
    try:
        return urlsplit(f"//{url}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class NotServed(UserError):
    """Servers that an engine would have begun are to be asked, and nobody has begun them."""


def not_served(model: str, url: str) -> NotServed:
    """That error, for the model and what stands for its servers' addresses."""
    remedy = f"Give --engine and --serve as before, or a server of yours: --base-url {url},http://HOST/v1"
    return NotServed(f"nobody has begun the servers of {model!r} ({url}).", remedy=remedy)
