"""Counting of requests in memory: each is counted once whoever counts beside it, and a window ends when it should."""

import threading

import pytest

from registry.web import pace_counts
from registry.web.pace_counts import Counts

THREADS, TIMES = 8, 2_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(pace_counts.time, "time", lambda: now[0])
    return now


def test_a_key_counts_until_its_window_ends_and_then_from_nought(clock: list[float]) -> None:
    counts = Counts()
    assert [counts.incr("a", 60), counts.incr("a", 60, 2), counts.incr("b", 60)] == [1, 3, 1]
    clock[0] += 59.9
    assert (counts.get("a"), counts.get_expiry("a"), counts.incr("a", 60)) == (3, 1_060.0, 4)
    clock[0] += 0.1
    assert counts.get("a") == 0
    assert (counts.incr("a", 60), counts.get_expiry("a")) == (1, 1_120.0)


def test_a_key_that_nobody_counted_has_no_window(clock: list[float]) -> None:
    counts = Counts()
    assert (counts.get("a"), counts.get_expiry("a")) == (0, clock[0])


def test_windows_that_are_over_do_not_fill_the_memory(clock: list[float]) -> None:
    counts = Counts()
    for number in range(10_000):
        counts.incr(str(number), 60)
        clock[0] += 0.1
    # 600 windows are open at any time, and what is over is swept before it is twice that and 1,024.
    assert counts.reset() <= 1_300
    assert counts.reset() == 0


def test_what_is_forgotten_counts_from_nought() -> None:
    counts = Counts()
    counts.incr("a", 60)
    counts.incr("b", 60)
    counts.clear("a")
    assert (counts.get("a"), counts.get("b")) == (0, 1)


def test_many_at_once_are_counted_one_by_one_and_nothing_fails() -> None:
    counts = Counts()
    before, failed = threading.active_count(), []

    def count() -> None:
        try:
            for _time in range(TIMES):
                counts.incr("a", 60)
        except Exception as failure:
            failed.append(failure)

    counting = [threading.Thread(target=count) for _one in range(THREADS)]
    for one in counting:
        one.start()
    for one in counting:
        one.join()
    assert not failed
    assert counts.get("a") == THREADS * TIMES
    assert threading.active_count() == before
