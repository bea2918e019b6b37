"""Sends the mails that wait: each is leased, handed to the mail server, and noted as sent or to be tried again.

A mail is sent at least once: when the process dies between the server's yes and our note, it goes out again, under the
same Message-ID. One that cannot be sent, or not even be read, holds up no other.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.errors import RegistryError
from registry.domain.trail import Doer, Tag, plain
from registry.store.engine import file_of, writing
from registry.store.letters import Letter
from registry.work.seal import Keys, open_sealed
from registry.work.trace import record

MOST_TRIES = 8
# Seconds that each answer of a mail server may take.
_PATIENCE = 20
# Longer than the dozen answers that one mail may wait for.
LEASE = timedelta(minutes=5)
_SET_BACK = LEASE + timedelta(minutes=2**MOST_TRIES)
_DOER = Doer.program("mail")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What may be wrong with a mail, a server or the way to it; anything else is a defect.
_FAULTS = (OSError, smtplib.SMTPException, RegistryError, MessageError, ValueError, LookupError)
Send = Callable[[EmailMessage], None]
Clock = Callable[[], datetime]


def sender(mail_url: str, database_url: str) -> Send:
    """Return what hands a mail over: to an SMTP server, or to a folder when there is none."""
    if mail_url.startswith(("smtp://", "smtps://")):
        return lambda mail: _by_smtp(mail_url, mail)
    file = file_of(database_url)
    folder = Path(unquote(urlsplit(mail_url).path)) if mail_url else (file.parent if file else Path("var")) / "mail"
    return lambda mail: _to_folder(folder, mail)


def send_waiting(
    engine: Engine,
    keys: Keys,
    send: Send,
    *,
    mail_from: str,
    clock: Clock,
    most: int = 50,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Send the mails that are due, one after another; return how many went out.

    Args:
        clock: asked anew for each mail: a slow server would outlast a lease that was counted from the first.
        goes_on: asked before each mail whether to take another.
    """
    sent = 0
    for _ in range(most):
        leased = _lease(engine, clock()) if goes_on() else None
        if leased is None:
            break
        sent += _send_one(engine, keys, send, leased, mail_from, clock)
    return sent


def _lease(engine: Engine, now: datetime) -> tuple[int, int] | None:
    """Take a mail so that no other process takes it meanwhile; a lease that ran out is taken over.

    Returns:
        Its number and which try this is, or None when none is due.
    """
    # Further ahead than any wait is given, the clock was set back: nobody waits until it comes round again.
    is_due = (Letter.due_at <= now) | (Letter.due_at > now + _SET_BACK)
    due = (
        select(Letter)
        .where(Letter.state.in_(("waiting", "sending")), is_due)
        .order_by(Letter.due_at, Letter.id)
        .limit(1)
    )
    # Looked for without the writers' lock first: mostly there is none.
    with Session(engine) as reading:
        if reading.scalar(due) is None:
            return None
    with writing(engine) as session:
        letter = session.scalar(due)
        if letter is None:
            return None
        letter.state, letter.due_at, letter.tries = "sending", now + LEASE, letter.tries + 1
        return letter.id, letter.tries


def _send_one(engine: Engine, keys: Keys, send: Send, leased: tuple[int, int], mail_from: str, clock: Clock) -> bool:
    letter_id, turn = leased
    fault = ""
    try:
        with Session(engine) as reading:
            mail = _mail(keys, reading.get_one(Letter, letter_id), mail_from, clock())
        send(mail)
    except _FAULTS as failure:
        fault = plain(str(failure), 300) or type(failure).__name__
    with writing(engine) as session:
        _note(session, session.get_one(Letter, letter_id), turn, fault, clock())
    return not fault


def _note(session: Session, letter: Letter, turn: int, fault: str, now: datetime) -> None:
    """Note what became of a try; of one whose lease was taken over meanwhile, only that the mail went out."""
    subject = f"letter:{letter.id}"
    if not fault:
        if letter.state != "sent":
            letter.state, letter.sent_at, letter.fault, letter.body_sealed = "sent", now, "", None
            record(session, Tag.MAIL_SENT, _DOER, now=now, subject=subject)
        return
    if (letter.state, letter.tries) != ("sending", turn):
        return
    is_lost = letter.tries >= MOST_TRIES
    letter.state = "failed" if is_lost else "waiting"
    letter.fault, letter.due_at = fault, now + timedelta(minutes=2**letter.tries)
    if is_lost:
        record(session, Tag.MAIL_FAILED, _DOER, now=now, subject=subject, after={"fault": fault})


def _mail(keys: Keys, letter: Letter, mail_from: str, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = mail_from, letter.to, letter.subject
    # The same at every try, so that a mail that comes twice is known for one.
    host = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<letter-{letter.id}.{letter.written_at:%Y%m%d%H%M%S%f}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(open_sealed(keys, letter.body_sealed or "", about=f"letter:{letter.id}"))
    return mail


def _by_smtp(url: str, mail: EmailMessage) -> None:
    parts = urlsplit(url)
    host, user = parts.hostname or "localhost", unquote(parts.username or "")
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=_PATIENCE, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=_PATIENCE)
    try:
        is_closed = parts.scheme == "smtps" or host in _LOOPBACK
        # Only after a greeting is it known what a server offers.
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            is_closed = True
        if user:
            if not is_closed:
                raise smtplib.SMTPNotSupportedError("no encryption is offered: the password is not sent in the clear")
            server.login(user, unquote(parts.password or ""))
        server.send_message(mail)
        # Taken is taken, however the server says good-bye.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _to_folder(folder: Path, mail: EmailMessage) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = "".join(character for character in str(mail["Message-ID"]) if character.isalnum() or character in "-.")
    place = folder / f"{name}.eml"
    place.touch(mode=0o600)
    place.write_bytes(bytes(mail))
