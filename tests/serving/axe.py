"""axe-core, which looks for faults of accessibility in a page: fetched by npm, once, and never shipped."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
#: of the package, as the registry states it
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
_FILE = "package/axe.min.js"


def axe_source(cache: pytest.Cache) -> str:
    """The text of axe.min.js, out of pytest's cache or from npm. Skips the test where neither has it."""
    kept = cache.mkdir("axe-core") / f"axe-{VERSION}.min.js"
    if not kept.exists():
        kept.write_text(_fetched(), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def _fetched() -> str:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core is not here, and there is no npm to fetch it")
    with tempfile.TemporaryDirectory() as folder:
        packing = subprocess.run(
            [npm, "pack", f"axe-core@{VERSION}", "--fetch-retries=0", "--fetch-timeout=20000", "--silent"],
            cwd=folder,
            capture_output=True,
            timeout=90,
            check=False,
        )
        archive = Path(folder) / f"axe-core-{VERSION}.tgz"
        if packing.returncode != 0 or not archive.exists():
            pytest.skip(f"axe-core is not here, and npm could not fetch it (npm pack: {packing.returncode})")
        data = archive.read_bytes()
    assert base64.b64encode(hashlib.sha512(data).digest()).decode() == SHA512, "this is not the pinned axe-core"
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        member = package.extractfile(_FILE)
        assert member is not None
        return member.read().decode("utf-8")


def violations(page: Page, source: str) -> list[tuple[str, list[str]]]:
    """What axe finds fault with on the page as it stands: (rule, elements)."""
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10, "axe has not looked at the page"
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
