"""Data flows one way: a room imports only from rooms above it, and heavy libraries stay out of the way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "proutt"

#: The rooms from top to bottom (docs/architecture.md). errors.py is above them all.
ROOMS = [
    *("dialogue", "intent", "llm", "prompts", "judge", "methods", "runs", "quality", "export"),
    *("prediction", "simulation", "evaluation", "training", "reports", "serving", "web", "experiments", "cli"),
]
ABOVE_ALL = {"errors", "__init__"}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[tuple[str, int]]:
    """The rooms that a module imports, with the line."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "proutt":
                names = [f"proutt.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {(name.split(".")[1], node.lineno) for name in names if name.startswith("proutt.")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_arrow_points_up(path):
    """A module imports only from its own room, the rooms above it, and errors."""
    room = room_of(path)
    if room in {"__init__", "errors", "__main__"}:
        return
    for other, line in imported(path):
        if other in ABOVE_ALL or other.startswith("__"):
            continue
        assert other in ROOMS, f"{path.name}:{line}: {other} is no room; add it to ROOMS and docs/architecture.md"
        assert ROOMS.index(other) <= ROOMS.index(room), f"{path.name}:{line}: {room} imports {other}, which is below it"


def test_every_folder_is_a_room():
    """No folder of the package is outside the picture."""
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)


def test_methods_do_no_input_or_output():
    """What is synthesised knows nothing of files, networks, clocks or processes."""
    barred = {"aiohttp", "sqlite3", "socket", "time", "subprocess", "pathlib", "os", "shutil"}
    for path in [*(PACKAGE / "methods").rglob("*.py"), *(PACKAGE / "intent").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & barred, f"{path.name} imports {names}"


@pytest.mark.parametrize("heavy", ["torch", "transformers", "numpy", "aiohttp", "pyarrow", "pydantic", "rich"])
def test_help_loads_nothing_heavy(heavy):
    """`proutt --help` answers in a blink: no heavy library is imported for it."""
    code = (
        "import sys; sys.argv = ['proutt', '--help']\n"
        "from proutt.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"sys.exit({heavy!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def test_core_has_no_torch():
    """torch and transformers are in no core dependency."""
    text = (PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    core = text.split("dependencies = [")[1].split("]")[0]
    assert "torch" not in core
    assert "transformers" not in core
