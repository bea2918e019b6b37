"""Signing in and out: tries that are counted, sessions that begin and end. Never sees a password; never commits.

Whether a password or a code was right is found out on the web floor, outside any transaction that writes; what
follows from it is written here, in one transaction with its entry in the trail.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Standing
from registry.domain.lockout import ADDRESS_LIMIT, LIMIT, LOCK, WINDOW, Failures, after_failure, is_locked
from registry.domain.passwords import Profile, expires_at
from registry.domain.trail import Doer, Tag, plain
from registry.store.people import Person
from registry.store.persons import live_sign_in, passkeys_of, sign_ins_of
from registry.store.sign_ins import Factor, FailedTries, SignIn
from registry.work.trace import record

# More sessions at once than anybody has devices; the oldest gives way.
MOST_SESSIONS = 5
_LONGEST_AGENT = 300
# From one network address in a quarter of an hour; a business park may sit behind one.
REGISTRATIONS = 20
# A passkey proves possession and the person at once; the link of the demo city stands for all of it.
_WHOLE = frozenset({Factor.TOTP, Factor.PASSKEY, Factor.RECOVERY, Factor.LINK})
_SHOWN = _WHOLE - {Factor.LINK}


def digest(text: str) -> str:
    """Return the SHA-256 of a secret, under which it is kept and found."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Door:
    """A way in that is counted: an account, a network address, the codes of a person."""

    key: str
    limit: int = LIMIT

    @classmethod
    def account(cls, email: str) -> "Door":
        """Return the door of an account, whether there is such an account or not."""
        return cls(digest(f"account:{email}"))

    @classmethod
    def address(cls, address: str) -> "Door":
        """Return the door of a network address."""
        return cls(digest(f"address:{address}"), ADDRESS_LIMIT)

    @classmethod
    def registration(cls, address: str) -> "Door":
        """Return the door at which registrations from a network address are counted."""
        return cls(digest(f"register:{address}"), REGISTRATIONS)

    @classmethod
    def codes(cls, person_id: int) -> "Door":
        """Return the door of a person's second factor."""
        return cls(digest(f"codes:{person_id}"))


def locked_until(session: Session, doors: Sequence[Door], now: datetime) -> datetime | None:
    """Return until when none of these doors opens, or None when all may be tried."""
    found = session.scalars(select(FailedTries).where(FailedTries.key_hash.in_([door.key for door in doors])))
    untils = [row.locked_until for row in found if is_locked(_failures(row), now)]
    return max((until for until in untils if until), default=None)


def note_failure(
    session: Session, doors: Sequence[Door], *, tag: Tag, subject: str, doer: Doer, now: datetime
) -> datetime | None:
    """Count a try in vain at each door; return until when they are locked, None while they may be tried.

    A try that found a door locked is not counted: it must not keep the lock closed for ever. Where the network address
    itself is locked it is not traced either, lest one machine fill the trail.
    """
    until = locked_until(session, doors, now)
    if until is not None and locked_until(session, [door for door in doors if door.limit != LIMIT], now):
        return until
    if until is None:
        until = count_try(session, doors, now)
        if until is not None:
            record(session, Tag.SESSION_LOCKED, doer, now=now, subject=subject, after={"until": until.isoformat()})
            return until
    record(session, tag, doer, now=now, subject=subject, after={"locked": until is not None})
    return until


def count_try(session: Session, doors: Sequence[Door], now: datetime) -> datetime | None:
    """Count a try at each door, whatever came of it; return until when they are locked, or None."""
    _forget_old(session, now)
    for door in doors:
        row = session.get(FailedTries, door.key)
        after = after_failure(_failures(row) if row else None, now, door.limit)
        told = {"count": after.count, "first_at": after.first_at, "locked_until": after.locked_until}
        if row is None:
            session.add(FailedTries(key_hash=door.key, **told))
        else:
            for name, value in told.items():
                setattr(row, name, value)
    session.flush()
    return locked_until(session, doors, now)


def _forget_old(session: Session, now: datetime) -> None:
    """Forget failures that count for nothing any more; otherwise every address ever tried would be kept."""
    gone = delete(FailedTries).where(
        FailedTries.first_at < now - WINDOW - LOCK,
        or_(FailedTries.locked_until.is_(None), FailedTries.locked_until <= now),
    )
    session.execute(gone)


def forgive(session: Session, door: Door) -> None:
    """Forget the failures at a door: whoever belongs there came in."""
    row = session.get(FailedTries, door.key)
    if row is not None:
        session.delete(row)


def begin(
    session: Session, person: Person, factor: Factor, *, doer: Doer, agent: str, hours: int, now: datetime
) -> str:
    """Begin a session and return the random number that the browser shall hold; the oldest beyond a few gives way."""
    token = secrets.token_urlsafe(32)
    live = sign_ins_of(session, person.id, now)
    for oldest in live[MOST_SESSIONS - 1 :]:
        end(session, oldest, reason="crowded", doer=doer, now=now)
    row = SignIn(
        person_id=person.id,
        token_hash=digest(token),
        factor=factor,
        address=doer.address,
        agent=plain(agent, _LONGEST_AGENT),
        began_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    session.add(row)
    person.last_signed_in_at = now
    forgive(session, Door.account(person.email))
    if factor in _SHOWN:
        forgive(session, Door.codes(person.id))
    session.flush()
    told = {"factor": factor, "session": row.id}
    record(session, Tag.SESSION_SIGNED_IN, doer, now=now, subject=f"person:{person.id}", after=told)
    return token


def end(session: Session, sign_in: SignIn, *, reason: str, doer: Doer, now: datetime) -> None:
    """End a session; one that ended already stays as it is."""
    if sign_in.ended_at is not None:
        return
    sign_in.ended_at = now
    tag = Tag.SESSION_SIGNED_OUT if reason == "signed_out" else Tag.SESSION_ENDED
    told = {"session": sign_in.id, "reason": reason}
    record(session, tag, doer, now=now, subject=f"person:{sign_in.person_id}", after=told)


def end_all(session: Session, person_id: int, *, reason: str, doer: Doer, now: datetime, but: int | None = None) -> int:
    """End every session of a person but one; return how many."""
    live = [one for one in sign_ins_of(session, person_id, now) if one.id != but]
    for one in live:
        end(session, one, reason=reason, doer=doer, now=now)
    return len(live)


def take_step(session: Session, person_id: int, counter: int) -> bool:
    """Note that a one-time code was taken; False when it, or a later one, was taken before.

    A comparison and a change in one statement: of two requests with one code only the first gets in.
    """
    taken = session.execute(
        update(Person)
        .where(Person.id == person_id, (Person.totp_counter.is_(None)) | (Person.totp_counter < counter))
        .values(totp_counter=counter)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def recognise(
    session: Session, token: str, *, now: datetime, profile: Profile, address: str, request_id: str
) -> Actor | None:
    """Return who holds a live session, with seats and duties; None when the number opens nothing.

    Args:
        now: in the zone of the office, whose day decides which delegations hold.
    """
    found = live_sign_in(session, digest(token), now)
    if found is None:
        return None
    sign_in, person, seats = found
    actor = Actor(person.id, person.name, person.email, Standing.FULL, seats, address, request_id, sign_in.id)
    duties = _duties(session, sign_in, person, actor.is_staff, profile, now)
    if not duties:
        return actor
    return Actor(person.id, person.name, person.email, Standing.BOUND, seats, address, request_id, sign_in.id, duties)


def has_second_factor(session: Session, person: Person) -> bool:
    """Say whether a person must show more than a password."""
    return person.tf_totp_secret is not None or bool(passkeys_of(session, person.id))


def _duties(
    session: Session, sign_in: SignIn, person: Person, is_staff: bool, profile: Profile, now: datetime
) -> tuple[str, ...]:
    """Return what must be settled before anything else is open."""
    if sign_in.factor == Factor.LINK:
        return ()
    duties = []
    until = expires_at(person.password_set_at, profile, is_staff) if person.password_set_at else None
    if until is not None and now >= until:
        duties.append("password")
    if is_staff and sign_in.factor not in _WHOLE and not has_second_factor(session, person):
        duties.append("factor")
    return tuple(duties)


def _failures(row: FailedTries) -> Failures:
    return Failures(row.count, row.first_at, row.locked_until)
