"""The lock-out: the fifth failure, the fifteenth minute and the moment a lock ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.lockout import ADDRESS_LIMIT, LIMIT, LOCK, WINDOW, Failures, after_failure, is_locked

START = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def failed(*after: timedelta, limit: int = LIMIT) -> Failures | None:
    failures: Failures | None = None
    for passed in after:
        failures = after_failure(failures, START + passed, limit)
    return failures


def times(count: int, step: timedelta = timedelta(seconds=1)) -> list[timedelta]:
    return [step * number for number in range(count)]


def test_nobody_is_locked_without_a_failure() -> None:
    assert not is_locked(None, START)


def test_the_first_failure_is_counted_from_its_moment() -> None:
    assert failed(timedelta()) == Failures(1, START, None)


@pytest.mark.parametrize("limit", [1, LIMIT, ADDRESS_LIMIT])
def test_the_failure_that_reaches_the_limit_locks_and_none_before_it(limit: int) -> None:
    before, at = failed(*times(limit - 1), limit=limit), failed(*times(limit), limit=limit)
    last = START + timedelta(seconds=limit - 1)

    assert not is_locked(before, last)
    assert at == Failures(limit, START, last + LOCK)
    assert is_locked(at, last)


def test_an_account_takes_five_and_an_address_fifty_in_a_quarter_of_an_hour() -> None:
    assert (5, 50, timedelta(minutes=15), timedelta(minutes=15)) == (LIMIT, ADDRESS_LIMIT, WINDOW, LOCK)


def test_a_lock_holds_to_its_last_moment_and_is_open_at_its_end() -> None:
    locked = failed(*times(5))
    assert locked is not None and locked.locked_until is not None

    assert is_locked(locked, locked.locked_until - MOMENT)
    assert not is_locked(locked, locked.locked_until)
    assert not is_locked(locked, locked.locked_until + MOMENT)


@pytest.mark.parametrize(("passed", "count"), [(WINDOW - MOMENT, 5), (WINDOW, 5), (WINDOW + MOMENT, 1)])
def test_a_failure_exactly_at_the_window_counts_and_one_after_it_begins_anew(passed: timedelta, count: int) -> None:
    last = failed(*times(4), passed)

    assert last is not None
    assert last.count == count
    assert is_locked(last, START + passed) == (count == 5)
    assert last.first_at == (START if count == 5 else START + passed)


def test_a_failure_under_a_lock_changes_nothing() -> None:
    locked = failed(*times(5))
    assert locked is not None and locked.locked_until is not None

    assert after_failure(locked, START + timedelta(minutes=5)) == locked
    assert after_failure(locked, locked.locked_until - MOMENT) == locked


def test_the_first_failure_after_a_lock_begins_anew() -> None:
    locked = failed(*times(5))
    assert locked is not None and locked.locked_until is not None

    assert after_failure(locked, locked.locked_until) == Failures(1, locked.locked_until, None)


def test_a_clock_that_was_set_back_locks_no_later() -> None:
    assert is_locked(failed(*[-passed for passed in times(5)]), START - timedelta(seconds=4))


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_whoever_keeps_guessing_gets_at_most_eight_guesses_in_any_quarter_of_an_hour(gaps: list[int]) -> None:
    now, failures, guesses = START, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if not is_locked(failures, now):
            guesses.append(now)
        failures = after_failure(failures, now)

        assert 1 <= failures.count <= LIMIT
        assert (failures.locked_until is not None) == (failures.count == LIMIT)
    assert max(sum(one <= other < one + WINDOW for other in guesses) for one in guesses) <= 8


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1)])
def test_a_lock_does_not_last_until_a_clock_that_was_set_back_comes_round_again(jump: timedelta) -> None:
    locked = failed(*times(5))
    assert locked is not None and locked.locked_until is not None

    assert not is_locked(locked, START + jump)
    assert after_failure(locked, START + jump) == Failures(1, START + jump, None)
    # Two servers whose clocks differ by minutes still agree that it is locked.
    assert is_locked(locked, START - timedelta(minutes=10))


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1), timedelta(hours=1)])
def test_failures_of_before_a_jump_of_the_clock_do_not_count(jump: timedelta) -> None:
    assert failed(*times(4), jump) == Failures(1, START + jump, None)
