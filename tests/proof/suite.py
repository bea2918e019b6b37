"""What `make test` leaves out for its length: the tests marked `long`, each a shorter one at its full size."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_WORKERS = "2"
# Seconds that a test may take.
_PATIENCE = 1_800


def prove(folder: Path, small: bool) -> str:
    """Run them; small: only see that they are found."""
    how = ["--collect-only"] if small else ["-n", _WORKERS]
    asked = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "long",
        "-p",
        "no:cacheprovider",
        # A long test beside other proofs is slow, which is no fault of it.
        f"--timeout={_PATIENCE}",
        f"--basetemp={folder / 'tests'}",
        *how,
    ]
    ran = subprocess.run([*asked, "tests"], cwd=_ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    return ran.stdout.rstrip().rpartition("\n")[2].strip("= ")
