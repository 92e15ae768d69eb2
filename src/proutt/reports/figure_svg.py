"""A figure as matplotlib writes it, made fit to stand in a page that allows no inline style.

A page's policy forbids style attributes, so what they say becomes SVG's own attributes, as far as it is known here;
everything else is left out: metadata, style sheets, ids that nothing refers to. Ids get a prefix of their own, for a
page holds several figures. Black is left to the page's style, which has an ink for light and one for dark.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

ELEMENTS = {"svg", "g", "defs", "clipPath", "path", "rect", "use", "text", "tspan"}
PAINT = {
    *("fill", "fill-opacity", "opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"),
    *("stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "text-anchor"),
}
PLACE = {"viewBox", "d", "x", "y", "width", "height", "transform", "clip-path"}
#: CSS pixels of a point.
PIXELS = 96 / 72

_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_SIZE = re.compile(r"([\d.]+)px")


def inline(svg: str, prefix: str, name: str) -> str:
    """The figure as an element of HTML. prefix: of its ids; name: what it is called to those who can't see it."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - matplotlib has just written it
    used = {_local(value)[1:] for each in root.iter() for key, value in each.attrib.items() if _local(key) == "href"}
    used |= {found for each in root.iter() for value in each.attrib.values() for found in _REFERENCE.findall(value)}
    made = _copied(root, prefix, used)
    for side in ("width", "height"):
        made.set(side, f"{float(root.get(side, '0pt').removesuffix('pt')) * PIXELS:.0f}")
    made.set("role", "img")
    made.set("aria-label", name)
    return ElementTree.tostring(made, encoding="unicode")


def _copied(element: ElementTree.Element, prefix: str, used: set[str]) -> ElementTree.Element:
    made = ElementTree.Element(_local(element.tag))
    for key, value in element.attrib.items():
        short = _local(key)
        if short == "id" and value in used:
            made.set("id", f"{prefix}-{value}")
        elif short == "href" and value.startswith("#"):
            made.set("href", f"#{prefix}-{value[1:]}")
        elif short in PLACE or short in PAINT:
            made.set(short, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
        elif short == "style":
            for name, said in _painted(value):
                made.set(name, said)
    made.text, made.tail = (element.text if made.tag in ("text", "tspan") else None), None
    made.extend(_copied(each, prefix, used) for each in element if _kept(each))
    return made


def _kept(element: ElementTree.Element) -> bool:
    return isinstance(element.tag, str) and _local(element.tag) in ELEMENTS


def _painted(style: str) -> list[tuple[str, str]]:
    """The declarations of a style attribute that are SVG attributes; of a font, its size."""
    found = []
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in PAINT:
            found.append((name, value))
        elif name in ("font", "font-size") and (size := _SIZE.search(value)):
            found.append(("font-size", size[1]))
    return found


def _local(name: str) -> str:
    """Without its namespace."""
    return name.rpartition("}")[2]
