"""`python -m tests.proof [NAME …]`: runs the long proofs, all or those named; each prints its figure.

Sizes are those of the goals; `--small` runs each at a size that takes seconds, to see that it still runs.
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path

# The tests are imported flat, as pytest does.
_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE.parent), str(_HERE.parent / "web"), str(_HERE.parent / "browser")]

# A module each: some need what only `make proof` installs.
PROOFS = (
    "api",
    "deploy",
    "disks",
    "faults",
    "forms",
    "jobs",
    "kills",
    "load",
    "migrations",
    "moves",
    "mutation",
    "outages",
    "pages",
    "spark",
    "suite",
)


def main(asked: list[str]) -> int:
    """Run the proofs; 0 when all hold."""
    small = "--small" in asked
    names = [one for one in asked if not one.startswith("--")] or list(PROOFS)
    if unknown := sorted(set(names) - set(PROOFS)):
        print(f"no such proof: {', '.join(unknown)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"proof-{name}-") as folder:
            try:
                told = importlib.import_module(f"proof.{name}").prove(Path(folder), small)
                print(f"{name}: holds – {told}", flush=True)
            except AssertionError as broken:
                failed += 1
                print(f"{name}: BROKEN – {broken}", flush=True)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
