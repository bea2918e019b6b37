"""Progress on standard error, when work lasts over a second and a terminal looks on."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """Give a function to be called after a step, or after some; it shows a count from the second second on."""
    started = shown = time.monotonic()
    steps = 0
    looks_on = sys.stderr.isatty()

    def advance(count: int = 1) -> None:
        nonlocal steps, shown
        steps += count
        now = time.monotonic()
        if looks_on and now - started > 1 and now - shown > 0.2:
            shown = now
            of = f" / {total:,}" if total else ""
            sys.stderr.write(f"\r{label} {steps:,}{of}")
            sys.stderr.flush()

    yield advance
    if shown != started:
        sys.stderr.write("\n")
