"""Hands out, revokes and recognises the tokens of partner systems. A token is shown once; only its digest is kept."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from registry.domain.errors import Fault, MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Doer, Tag
from registry.store.tokens import ApiToken, Scope, token_by_hash, token_by_id
from registry.work.trace import record

# What a token begins with, so that one that lies about is known for what it is.
PREFIX = "rgt_"
_BYTES = 32
_LONGEST_NAME = 100
LONGEST_LIFE = timedelta(days=731)
# That a token is in use is noted to the hour: a program that asks a thousand times writes once.
_GRAIN = timedelta(hours=1)
_LENGTH = len(PREFIX) + 43


def make_token(
    session: Session, *, name: str, scopes: Collection[str], expires_on: date, doer: Doer, now: datetime, today: date
) -> tuple[ApiToken, str]:
    """Hand out a token; return its row and the token itself, which is kept nowhere.

    Raises:
        Refused: at `name`, `scopes` or `expires_on`.
    """
    name, faults = name.strip(), []
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        faults.append(Fault("name", f"应为 1–{_LONGEST_NAME} 个可见字符 (1 to {_LONGEST_NAME} printable characters)"))
    known = tuple(Scope)
    if not scopes or not set(scopes) <= set(known):
        faults.append(Fault("scopes", f"至少选一项：{'、'.join(known)} (one or more of {', '.join(known)} expected)"))
    if not today <= expires_on <= today + LONGEST_LIFE:
        last = today + LONGEST_LIFE
        faults.append(Fault("expires_on", f"应在 {today} 至 {last} 之间 (a day from {today} to {last} expected)"))
    if faults:
        raise Refused(faults)
    token = PREFIX + secrets.token_urlsafe(_BYTES)
    row = ApiToken(
        name=name,
        token_hash=digest(token),
        scopes=" ".join(sorted(set(scopes))),
        made_at=now,
        made_by=doer.name,
        expires_on=expires_on,
    )
    session.add(row)
    session.flush()
    told = {"name": name, "scopes": row.scopes, "expires_on": expires_on.isoformat()}
    record(session, Tag.TOKEN_MADE, doer, now=now, subject=f"token:{row.id}", after=told)
    return row, token


def revoke_token(session: Session, number: int, *, doer: Doer, now: datetime) -> ApiToken:
    """Revoke a token: from this moment on it is good for nothing.

    Raises:
        NotFound: there is none of that number.
        MoveNotAllowed: it is revoked already.
    """
    row = token_by_id(session, number)
    if row is None:
        raise NotFound("没有这个令牌 (no such token)")
    if row.revoked_at is not None:
        raise MoveNotAllowed("该令牌已撤销 (the token is revoked already)")
    row.revoked_at, row.revoked_by = now, doer.name
    session.flush()
    record(session, Tag.TOKEN_REVOKED, doer, now=now, subject=f"token:{row.id}", before={"name": row.name})
    return row


def recognise_token(session: Session, token: str, *, today: date) -> ApiToken | None:
    """Return the token that holds today; None for one that is unknown, expired or revoked. Which, is not told."""
    if len(token) != _LENGTH or not token.startswith(PREFIX):
        return None
    row = token_by_hash(session, digest(token))
    return row if row is not None and row.holds(today) else None


def is_use_to_note(row: ApiToken, now: datetime) -> bool:
    """Say whether its last use was noted an hour ago or longer, or never."""
    return row.last_used_at is None or now - row.last_used_at >= _GRAIN


def note_use(session: Session, number: int, now: datetime) -> None:
    """Note that a token is used."""
    row = token_by_id(session, number)
    if row is not None and is_use_to_note(row, now):
        row.last_used_at = now
        session.flush()


def digest(token: str) -> str:
    """Return what is kept of a token: as long a random number needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
