"""Opens accounts and closes them, and makes the links by which their owners come in the first time."""

import secrets
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.domain.contacts import email as read_email
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Doer, Tag, plain
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.persons import person_by_email
from registry.store.sign_ins import Link, Purpose
from registry.work.ensure_administered import ensure_administered
from registry.work.prove_address import prove_address
from registry.work.sign_in import digest, end_all
from registry.work.trace import record

LONGEST_NAME = 60
# How long a link may be used.
LIFETIMES = {Purpose.WELCOME: timedelta(days=3), Purpose.RESET: timedelta(minutes=30), Purpose.DEMO: timedelta(days=1)}


def read_name(name: str, path: str = "name") -> str:
    """Return a person's or office's name, trimmed.

    Raises:
        Refused: at the path, when it is empty, too long, or holds what is not printed.
    """
    text = " ".join(name.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable() or plain(text) != text:
        raise Refused.at(path, f"应为 1–{LONGEST_NAME} 个可见字符 (1 to {LONGEST_NAME} printable characters)")
    return text


def read_text(text: str, path: str, longest: int) -> str:
    """Return what a person wrote in some lines, trimmed; empty when nothing was.

    Raises:
        Refused: at the path, when it is too long, or holds a control character, which PostgreSQL cannot keep.
    """
    told = text.replace("\r\n", "\n").strip()
    if len(told) > longest:
        raise Refused.at(path, f"不超过 {longest} 字 (at most {longest} characters)")
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in told):
        raise Refused.at(path, "含有不可见的控制字符 (holds control characters)")
    return told


def open_account(session: Session, *, email: str, name: str, doer: Doer, now: datetime, language: str = "zh") -> Person:
    """Open an account that has no password and no seat yet.

    Raises:
        Refused: at `email` or `name`; also when the address has an account.
    """
    address, called = read_email(email), read_name(name)
    if person_by_email(session, address) is not None:
        raise Refused.at("email", "这个邮箱已有账户 (there is an account with this address)")
    person = Person(
        fs_uniquifier=secrets.token_hex(16),
        email=address,
        name=called,
        language="en" if language == "en" else "zh",
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    told = {"email": address, "name": called}
    record(session, Tag.PERSON_CREATED, doer, now=now, subject=f"person:{person.id}", after=told)
    return person


def make_link(session: Session, person: Person, purpose: Purpose, *, doer: Doer, now: datetime) -> str:
    """Return the secret of a new link; earlier ones of the same purpose are good for nothing any more."""
    stale = update(Link).where(Link.person_id == person.id, Link.purpose == purpose, Link.used_at.is_(None))
    session.execute(stale.values(used_at=now))
    token = secrets.token_urlsafe(32)
    expires = now + LIFETIMES[purpose]
    session.add(Link(person_id=person.id, purpose=purpose, token_hash=digest(token), made_at=now, expires_at=expires))
    session.flush()
    told = {"purpose": purpose, "expires_at": expires.isoformat()}
    record(session, Tag.LINK_MADE, doer, now=now, subject=f"person:{person.id}", after=told)
    return token


def link_owner(session: Session, token: str, now: datetime) -> tuple[Link, Person] | None:
    """Return a link that is still good, with the person it lets in."""
    query = (
        select(Link, Person)
        .join(Person, Person.id == Link.person_id)
        .where(Link.token_hash == digest(token), Link.used_at.is_(None), Link.expires_at > now, Person.active)
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def use_link(session: Session, token: str, *, doer: Doer, now: datetime) -> tuple[Link, Person]:
    """Take a link, once.

    Raises:
        NotFound: it was used, ran out, or never was; which of them is not told.
    """
    found = link_owner(session, token, now)
    if found is None:
        raise NotFound("链接已失效或已使用过，请重新获取 (the link was used or ran out: ask for a new one)")
    link, person = found
    link.used_at = now
    if link.purpose in (Purpose.WELCOME, Purpose.RESET):
        prove_address(session, person, doer=doer, now=now)
    record(session, Tag.LINK_USED, doer, now=now, subject=f"person:{person.id}", after={"purpose": link.purpose})
    return link, person


def disable(session: Session, person: Person, *, doer: Doer, now: datetime) -> None:
    """Close an account: its sessions end at once, and nobody signs in with it.

    Raises:
        MoveNotAllowed: it is closed, the one that asks, or the last of an administrator.
    """
    if person.id == doer.person_id:
        raise MoveNotAllowed("不能停用自己的账户，请另一位管理员办理 (ask another administrator to disable yours)")
    held = select(SeatRow.role).where(SeatRow.person_id == person.id, SeatRow.ended_at.is_(None))
    if person.active:
        ensure_administered(session, person.id, session.scalars(held))
    _switch(session, person, False, Tag.PERSON_DISABLED, doer, now)
    end_all(session, person.id, reason="disabled", doer=doer, now=now)
    session.execute(update(Link).where(Link.person_id == person.id, Link.used_at.is_(None)).values(used_at=now))


def enable(session: Session, person: Person, *, doer: Doer, now: datetime) -> None:
    """Open a closed account again.

    Raises:
        MoveNotAllowed: it is open.
    """
    _switch(session, person, True, Tag.PERSON_ENABLED, doer, now)


def _switch(session: Session, person: Person, active: bool, tag: Tag, doer: Doer, now: datetime) -> None:
    if person.active is active:
        word = "已启用 (it is enabled)" if active else "已停用 (it is disabled)"
        raise MoveNotAllowed(f"账户{word}")
    person.active = active
    told = {"active": active}
    record(session, tag, doer, now=now, subject=f"person:{person.id}", before={"active": not active}, after=told)
    session.flush()
