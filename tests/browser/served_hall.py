"""The hall of casework behind a real server, with a clock that a journey moves: a publicity lasts five working days."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from casework import Hall, open_hall
from deciders import FIELD_KEYS, SECRET, signed
from flask import Flask
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from towns import Clock
from waitress import create_server

from registry.app import create_app
from registry.domain.trail import Doer
from registry.store.engine import open_ready, writing
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.work.sign_in import begin

HOST = "localhost"


@dataclass
class ServedHall:
    """The address of the server, its clock, and the way to its database past the pages."""

    url: str
    app: Flask
    clock: Clock
    database: str
    _signed: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session that writes."""
        engine = open_ready(self.database)
        with writing(engine) as session:
            session.expire_on_commit = False
            yield session
        engine.dispose()

    def cookie(self, who: str) -> str:
        """Return the cookie of somebody of the hall who signs in now."""
        now = self.clock.at
        with self.rows() as session:
            person = session.scalars(select(Person).where(Person.name == f"测试{who}")).one()
            doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
            token = begin(session, person, Factor.TOTP, doer=doer, agent="a browser of tests", hours=8, now=now)
        at = int(now.timestamp())
        return signed({"sid": token, "seen": at, "proved": at})

    def move(self, **parts: float) -> None:
        """Move the clock."""
        self.clock.at += timedelta(**parts)

    def move_to(self, year: int, month: int, day: int, hour: int = 10) -> None:
        """Move the clock to an hour of a day, never back."""
        at = self.clock.at.replace(year=year, month=month, day=day, hour=hour)
        if at < self.clock.at:
            raise ValueError(f"{at} is before {self.clock.at}")
        self.clock.at = at


@contextmanager
def served_hall(folder: Path, prepare: Callable[[Hall], Any] = lambda hall: None) -> Iterator[ServedHall]:
    """Build the hall, serve it on a port of its own until the end.

    Args:
        prepare: does what happened before, by the deeds; may move the hall's clock.
    """
    database = f"sqlite:///{folder / 'hall.sqlite'}"
    engine = open_ready(database)
    with writing(engine) as session:
        hall = open_hall(session)
        prepare(hall)
        clock = Clock(hall.now)
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://{HOST}:{port}"
    told = {"secret_key": SECRET, "field_keys": FIELD_KEYS, "public_url": url, "rate_limit": "100000 per minute"}
    app = create_app(settings(folder / "hall.sqlite", **told), clock=clock)
    server = create_server(app, host="127.0.0.1", port=port, threads=4, ident="")
    serving = Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield ServedHall(url, app, clock, database)
    finally:
        server.close()
        serving.join(10)
        with app.app_context():
            db.engine.dispose()
