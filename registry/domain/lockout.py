"""When failed sign-ins lock an account or a network address: the rule alone. Stores nothing, reads no clock.

The line itself:
- The failure that brings the count to the limit locks, at once.
- A lock holds from that moment to `locked_until`, which is itself open again.
- A failure exactly `WINDOW` after the first still counts with it; one any later begins anew. The window stands still,
  it does not slide: a count is one row, and at worst eight guesses fall into one quarter of an hour.
- A failure under a lock changes nothing. Nobody lengthens another's lock by knocking on, and the first failure after
  it begins anew.
- A success forgets the failures of the account; that is for the caller, who drops the row. It must not forget those
  of the address, or an attacker with one account of his own could clear them.

Source:
    GB/T 22239-2019, 8.1.4.1 b): failed sign-ins are limited in number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Failures of one account.
LIMIT = 5
# Failures from one network address, behind which a whole office may sit.
ADDRESS_LIMIT = 50
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one account or one address.

    Attributes:
        first_at: the first of those counted.
        locked_until: None when the limit has not been reached.
    """

    count: int
    first_at: datetime
    locked_until: datetime | None


def after_failure(before: Failures | None, now: datetime, limit: int = LIMIT) -> Failures:
    """Return the failures after one more.

    Args:
        before: None when there were none.
        now: with its zone, as all moments here.
        limit: `LIMIT` of an account, `ADDRESS_LIMIT` of an address.
    """
    if before is not None and is_locked(before, now):
        return before
    # Either way: a clock that was set back must not let failures count for as long as it takes to come round again.
    if before is None or before.locked_until is not None or abs(now - before.first_at) > WINDOW:
        count, first_at = 1, now
    else:
        count, first_at = before.count + 1, before.first_at
    return Failures(count, first_at, now + LOCK if count >= limit else None)


def is_locked(failures: Failures | None, now: datetime) -> bool:
    """Say whether a sign-in is to be refused unseen; even the right password is.

    A lock that ends much later than any is given was given before the clock was set back: it would shut somebody out
    for a day. Clocks of two servers may differ a little.
    """
    if failures is None or failures.locked_until is None:
        return False
    return now < failures.locked_until <= now + LOCK + WINDOW
