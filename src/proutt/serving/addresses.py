"""Where a local server listens, under which names it is asked, and what it tells a browser about its pages.

The service and the annotation page both go by it; the standard library is all it needs.
"""

from __future__ import annotations

import socket

from proutt.errors import UserError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def hosts_of(host: str, port: int) -> frozenset[str]:
    """The Host headers of requests that are meant for us; for a loopback address, localhost too."""
    names = {in_address(host).lower(), *(["localhost"] if host in LOOPBACK else [])}
    return frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))


def open_socket(host: str, port: int) -> socket.socket:
    """An open socket. Raises UserError where the address can't be had."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        where = f"{in_address(host)}:{port}"
        raise UserError(f"can't be served ({why}).", where=where, remedy="Give another --port or --host.") from error


def in_address(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def page_headers(*more: str) -> dict[str, str]:
    """Headers of a page that loads its own files, talks to its own server and turns no text into markup.

    more: further directives of its policy, such as "img-src 'self'".
    """
    policy = (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", *more, "connect-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
        *("require-trusted-types-for 'script'", "trusted-types 'none'"),
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
