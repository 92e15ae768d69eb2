"""What tests of a page wait for."""

from __future__ import annotations

from serving.axe import axe_source, violations


def found(page, text):
    """Until the list says how many it has."""
    page.wait_for_function("text => document.getElementById('found').textContent === text", arg=text)


def assert_no_fault(page, cache, width):
    """Everything unfolded, nothing is wider than the window, and axe finds nothing."""
    source = axe_source(cache)
    if "pair=" in page.url:
        page.wait_for_selector("#fold-all")
        page.click("#fold-all")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, source) == []
