"""Mails that wait, and a clock that stands still."""

from datetime import datetime
from typing import Any

from people import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.store.engine import writing
from registry.store.letters import Letter
from registry.work.seal import Keys, new_key_text, open_sealed
from registry.work.send_letters import Send, send_waiting
from registry.work.write_letter import write_letter

KEYS = Keys.parse(new_key_text("one"))
FROM = "registry@city.example"
URL = "https://registry.example"
LINK = f"{URL}/link/secret-of-a-link"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def write(engine: Engine, number: int = 1, **changes: Any) -> int:
    with writing(engine) as session:
        told = {"to": f"p{number}@example.com", "subject": f"信 {number}", "body": f"您好：{LINK}\n"}
        return write_letter(session, KEYS, **(told | changes), now=NOW).id


def letters(engine: Engine) -> list[Letter]:
    with Session(engine) as session:
        found = list(session.scalars(select(Letter).order_by(Letter.id)))
        session.expunge_all()
    return found


def letter(engine: Engine) -> Letter:
    (found,) = letters(engine)
    return found


def deliver(engine: Engine, send: Send, clock: Clock, **changes: Any) -> int:
    return send_waiting(engine, KEYS, send, mail_from=FROM, clock=clock, **changes)


def read(row: Letter) -> tuple[str, str]:
    return row.subject, open_sealed(KEYS, row.body_sealed or "", about=f"letter:{row.id}")
