"""`python -m tests.proof [NAME …]`: runs the long proofs, all or those named; each prints its figure.

Sizes are those of the goals; `--small` runs each at a size that takes seconds, to see that it still runs.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# The tests are imported flat, as pytest does.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "web")]

from proof import api, jobs, kills, spark  # noqa: E402

PROOFS: dict[str, Callable[[Path, bool], str]] = {
    "api": api.prove,
    "jobs": jobs.prove,
    "kills": kills.prove,
    "spark": spark.prove,
}


def main(asked: list[str]) -> int:
    """Run the proofs; 0 when all hold."""
    small = "--small" in asked
    names = [one for one in asked if not one.startswith("--")] or list(PROOFS)
    failed = 0
    for name in names:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"proof-{name}-") as folder:
            try:
                told = PROOFS[name](Path(folder), small)
                print(f"{name}: holds – {told}", flush=True)
            except AssertionError as broken:
                failed += 1
                print(f"{name}: BROKEN – {broken}", flush=True)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
