"""Counts requests in the memory of this process, for the library that bounds them (`registry.web.pace`).

The library's own memory starts a thread at nearly every request; two of them at once may start the same one, which
fails, and somebody reads that the server failed. Here one lock guards everything, and whoever comes sweeps.
"""

import time
from threading import Lock

from limits.storage import Storage

# So many addresses are kept before those whose time is over are looked for; then twice as many as were left.
_SWEEP_AT = 1024


class Counts(Storage):
    """How often each key was counted in its present window; a key whose window is over counts from nought."""

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - so the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: str) -> None:
        """Begin with nothing counted; the address names the kind of memory and no more."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        # Key: how often, and when its window ends, in seconds since 1970.
        self._counted: dict[str, tuple[int, float]] = {}
        self._sweep_at = _SWEEP_AT
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong with the memory: nothing that the library should catch."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a key; its window lasts so many seconds from when it is first counted."""
        now = time.time()
        with self._lock:
            count, ends = self._counted.get(key, (0, 0.0))
            if ends <= now:
                self._sweep(now)
                count, ends = 0, now + expiry
            self._counted[key] = count + amount, ends
            return count + amount

    def _sweep(self, now: float) -> None:
        """Forget the keys whose window is over, seldom enough that it costs nothing."""
        if len(self._counted) < self._sweep_at:
            return
        self._counted = {key: kept for key, kept in self._counted.items() if kept[1] > now}
        self._sweep_at = max(_SWEEP_AT, 2 * len(self._counted))

    def get(self, key: str) -> int:
        """Return how often a key was counted in its window."""
        count, ends = self._counted.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of a key ends, in seconds since 1970; now where none is open."""
        return self._counted.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Return whether the memory can be used: always."""
        return True

    def reset(self) -> int:
        """Forget everything; return how many keys there were."""
        with self._lock:
            many = len(self._counted)
            self._counted.clear()
            return many

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._counted.pop(key, None)
