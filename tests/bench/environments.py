"""Python environments of the engines that ours is measured beside: each has its own, in `var/bench`.

Made from `requirements/bench-<name>.txt` at the first run, and again when that file has changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_of(name: str) -> Path:
    """The interpreter of the environment `name`, installed."""
    requirements = ROOT / "requirements" / f"bench-{name}.txt"
    folder = Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench" / name
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"  installing {name} for the comparison ...", flush=True)
        uv = shutil.which("uv") or str(ROOT / "var" / "tools" / "bin" / "uv")
        subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, str(folder)], check=True)
        install = [uv, "pip", "install", "-q", "-p", str(python), "-r", str(requirements)]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return python
