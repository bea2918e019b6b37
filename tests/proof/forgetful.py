"""For the tests of a mutant: whatever the program had remembered before it was changed is forgotten."""

import sys


def pytest_sessionstart() -> None:
    """Forget the answers that functions keep."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ("registry", "test", "tests") and not name.startswith("test_"):
            continue
        for kept in list(vars(module).values()):
            if callable(getattr(kept, "cache_clear", None)):
                kept.cache_clear()
