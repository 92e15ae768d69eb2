"""What tests of a page wait for."""

from __future__ import annotations


def found(page, text):
    """Until the list says how many it has."""
    page.wait_for_function("text => document.getElementById('found').textContent === text", arg=text)
