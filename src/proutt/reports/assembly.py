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
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """What one kind of report is put together from.

    noun     what a record is called
    scripts  one after the other they are one script; each may use what those before it define, and functions of all
    styles   one after the other they are one style
    """

    noun: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ("explorer.css",)


PAIRS = Page(
    "Pair",
    (
        *("text.js", "differences.js", "data.js", "pair_facets.js", "state.js", "charts.js", "overview.js"),
        *("account.js", "filters.js", "pair_search.js", "search.js", "list.js", "tree.js", "methods.js", "sides.js"),
        *("record.js", "pair.js", "keys.js", "main.js"),
    ),
)
DIALOGUES = Page(
    "Dialogue",
    (
        *("text.js", "data.js", "dialogue_facets.js", "state.js", "charts.js", "dialogue_parts.js"),
        *("dialogue_overview.js", "account.js", "filters.js", "dialogue_search.js", "search.js", "list.js"),
        *("record.js", "dialogue.js", "keys.js", "main.js"),
    ),
    ("explorer.css", "dialogues.css"),
)
UPC = Page(
    "Dialogue",
    (
        *("text.js", "data.js", "upc_facets.js", "state.js", "charts.js", "dialogue_parts.js", "upc_scores.js"),
        *("upc_overview.js", "account.js", "filters.js", "upc_search.js", "search.js", "list.js"),
        *("record.js", "upc.js", "keys.js", "main.js"),
    ),
    ("explorer.css", "dialogues.css", "upc.css"),
)
#: Of the page of pairs.
SCRIPTS = PAIRS.scripts


def head(title: str, page: Page = PAIRS) -> str:
    """The page down to where the data begins."""
    policy = (
        f"default-src 'none'; script-src '{hash_source(script(page))}'; style-src '{hash_source(style(page))}'; "
        "base-uri 'none'; form-action 'none'"
    )
    skeleton = page_file("explorer.html").replace("{Nouns}", f"{page.noun}s").replace("{Noun}", page.noun)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style(page)}</style>\n</head>\n{skeleton}"
    )


def tail(overview: dict[str, Any], page: Page = PAIRS) -> str:
    """The page after the data: what the overview shows, and the script, which begins to work here."""
    text = json.dumps(overview, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="overview-data">{text}</script>\n'
        f"<script>{script(page)}</script>\n</body>\n</html>\n"
    )


@cache
def script(page: Page = PAIRS) -> str:
    """The whole script; its functions are nobody else's."""
    body = "\n".join(page_file(name) for name in page.scripts)
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


@cache
def style(page: Page = PAIRS) -> str:
    return "".join(page_file(name) for name in page.styles)


def page_file(name: str) -> str:
    return (files("proutt.reports.page") / name).read_text(encoding="utf-8")


def hash_source(text: str) -> str:
    """The source expression of Content Security Policy 3 for an inline element with this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
