"""Times the program itself: `registry screen` of the demo city, from its start to its end."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.timing import Timed, whole_process

_SCREEN = ("screen", "--tier", "specialized", "--on", "2025-11-07", "--format", "json")


def timed_screen(folder: Path) -> Timed | None:
    """Make the demo city in a folder and time its screening; None where the program has no such command."""
    program = str(Path(sys.executable).parent / "registry")
    environment = {"REGISTRY_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}"}
    for command in ("demo", "screen"):
        asked = subprocess.run([program, command, "--help"], capture_output=True, check=False)
        if asked.returncode:
            return None
    subprocess.run([program, "demo"], env=os.environ | environment, capture_output=True, check=True)
    return whole_process([program, *_SCREEN], environment, 5)
