"""The scripted command `vllm` put on PATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import servers


def vllm_on_path(folder: Path) -> dict[str, str]:
    """Variables under which `vllm` is the scripted one; it writes its calls to the folder."""
    found, tests = folder / "bin" / "vllm", Path(servers.__path__[0]).parent
    found.parent.mkdir(parents=True)
    begin = f"import sys; sys.path.insert(0, {str(tests)!r})\nfrom servers.vllm_command import main\nmain()\n"
    found.write_text(f"#!{sys.executable}\n{begin}", encoding="utf-8")
    found.chmod(0o755)
    path = f"{found.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "VLLM_TEST_FOLDER": str(folder), "CUDA_VISIBLE_DEVICES": "0,1"}
