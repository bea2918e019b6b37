"""Sends the mails that wait: each is leased, handed to the mail server, and noted as sent or to be tried again.

A mail is sent at least once: when the process dies between the server's yes and our note, it goes out again.
"""

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, select, update

from registry.domain.trail import Doer, Tag, plain
from registry.store.engine import file_of, writing
from registry.store.letters import Letter
from registry.work.seal import Keys, open_sealed
from registry.work.trace import record

LEASE = timedelta(minutes=2)
MOST_TRIES = 8
_PATIENCE = 20
_DOER = Doer.program("mail")
Send = Callable[[EmailMessage], None]


def sender(mail_url: str, database_url: str) -> Send:
    """Return what hands a mail over: to an SMTP server, or to a folder when there is none."""
    if mail_url.startswith(("smtp://", "smtps://")):
        return lambda mail: _by_smtp(mail_url, mail)
    file = file_of(database_url)
    folder = Path(urlsplit(mail_url).path) if mail_url else (file.parent if file else Path("var")) / "mail"
    return lambda mail: _to_folder(folder, mail)


def send_waiting(engine: Engine, keys: Keys, send: Send, *, mail_from: str, now: datetime, most: int = 50) -> int:
    """Send the mails that are due; return how many went out."""
    sent = 0
    for letter_id in _lease(engine, now, most):
        sent += _send_one(engine, keys, send, letter_id, mail_from, now)
    return sent


def _lease(engine: Engine, now: datetime, most: int) -> list[int]:
    """Take mails so that no other process takes them meanwhile; a lease that ran out is taken over."""
    with writing(engine) as session:
        due = select(Letter.id).where(Letter.state.in_(("waiting", "sending")), Letter.due_at <= now)
        taken = list(session.scalars(due.order_by(Letter.due_at, Letter.id).limit(most)))
        if taken:
            leased = {"state": "sending", "due_at": now + LEASE, "tries": Letter.tries + 1}
            session.execute(
                update(Letter).where(Letter.id.in_(taken)).values(leased).execution_options(synchronize_session=False)
            )
    return taken


def _send_one(engine: Engine, keys: Keys, send: Send, letter_id: int, mail_from: str, now: datetime) -> bool:
    with writing(engine) as session:
        letter = session.get_one(Letter, letter_id)
        mail = _mail(keys, letter, mail_from, now)
    fault = ""
    try:
        send(mail)
    except (OSError, smtplib.SMTPException) as failure:
        fault = plain(str(failure), 300) or type(failure).__name__
    with writing(engine) as session:
        letter = session.get_one(Letter, letter_id)
        subject = f"letter:{letter.id}"
        if not fault:
            letter.state, letter.sent_at, letter.fault, letter.body_sealed = "sent", now, "", None
            record(session, Tag.MAIL_SENT, _DOER, now=now, subject=subject)
        else:
            is_lost = letter.tries >= MOST_TRIES
            letter.state = "failed" if is_lost else "waiting"
            letter.fault, letter.due_at = fault, now + timedelta(minutes=2**letter.tries)
            if is_lost:
                record(session, Tag.MAIL_FAILED, _DOER, now=now, subject=subject, after={"fault": fault})
    return not fault


def _mail(keys: Keys, letter: Letter, mail_from: str, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = mail_from, letter.to, letter.subject
    mail["Date"], mail["Message-ID"] = format_datetime(now), make_msgid(f"letter-{letter.id}", "registry")
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
    with server:
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if user:
            server.login(user, unquote(parts.password or ""))
        server.send_message(mail)


def _to_folder(folder: Path, mail: EmailMessage) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = "".join(character for character in str(mail["Message-ID"]) if character.isalnum() or character in "-.")
    place = folder / f"{name}.eml"
    place.touch(mode=0o600)
    place.write_bytes(bytes(mail))
