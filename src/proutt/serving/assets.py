"""The page's files, read once: nothing that a request names is ever looked for on disk."""

from __future__ import annotations

from importlib.resources import files

#: Ending → media type of what is served; other files of the folder are not.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FIRST = "index.html"
#: How hostile text becomes text nodes is one file for all our pages.
_SHARED = ("proutt.reports.page", "text.js")


def page_files() -> dict[str, tuple[bytes, str]]:
    """Path → (content, media type); index.html is `/`. Empty where the page is not there."""
    found = {}
    folder, shared = _SHARED
    for each in (*files("proutt.serving.page").iterdir(), files(folder) / shared):
        ending = each.name[each.name.rfind(".") :]
        if ending in TYPES:
            found["/" if each.name == _FIRST else f"/{each.name}"] = (each.read_bytes(), TYPES[ending])
    return found
