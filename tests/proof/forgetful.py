"""For the tests of a mutant: whatever the program had remembered before it was changed is forgotten.

And before each test what domain, rules and work remember: else only the first test that asks would be known to reach
the code behind it.
"""

import sys
from collections.abc import Callable

_OFTEN = ("registry.domain", "registry.rules", "registry.work")
_forget_often: list[Callable[[], object]] = []


def pytest_sessionstart() -> None:
    """Forget the answers that functions keep."""
    for forget in _found(("registry",)):
        forget()


def pytest_collection_finish() -> None:
    """Note what is to be forgotten before each test; by now every module is there."""
    _forget_often[:] = _found(_OFTEN)


def pytest_runtest_setup() -> None:
    """Forget it."""
    for forget in _forget_often:
        forget()


def _found(packages: tuple[str, ...]) -> list[Callable[[], object]]:
    found: dict[int, Callable[[], object]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(packages):
            for kept in list(vars(module).values()):
                if callable(getattr(kept, "cache_clear", None)):
                    found[id(kept)] = kept.cache_clear
    return list(found.values())
