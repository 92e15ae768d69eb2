"""The page around the data: skeleton, style, script, and the policy that lets nothing else run or load.

The policy (a `Content-Security-Policy` of the page itself) names style and script by their hashes and forbids all the
rest: no request, no image, no frame, no form, no other script. Text of dialogues is data to the script, which puts it
in text nodes only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from importlib.resources import files
from typing import Any

#: One after the other they are one script; each may use what those before it define, and functions of all.
SCRIPTS = (
    "text.js",
    "differences.js",
    "data.js",
    "state.js",
    "charts.js",
    "overview.js",
    "account.js",
    "filters.js",
    "search.js",
    "list.js",
    "tree.js",
    "methods.js",
    "sides.js",
    "pair.js",
    "keys.js",
    "main.js",
)


def head(title: str) -> str:
    """The page down to where the data begins."""
    policy = (
        f"default-src 'none'; script-src '{hash_source(script())}'; style-src '{hash_source(style())}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style()}</style>\n</head>\n{page_file('explorer.html')}"
    )


def tail(overview: dict[str, Any]) -> str:
    """The page after the data: what the overview shows, and the script, which begins to work here."""
    text = json.dumps(overview, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="overview-data">{text}</script>\n'
        f"<script>{script()}</script>\n</body>\n</html>\n"
    )


@cache
def script() -> str:
    """The whole script; its functions are nobody else's."""
    body = "\n".join(page_file(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


@cache
def style() -> str:
    return page_file("explorer.css")


def page_file(name: str) -> str:
    return (files("proutt.reports.page") / name).read_text(encoding="utf-8")


def hash_source(text: str) -> str:
    """The source expression of Content Security Policy 3 for an inline element with this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
