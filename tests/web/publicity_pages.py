"""The application over a small city with cases that wait at publicities, a clock that tests move, and browsers."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clients import email_of, sign_in_as, token_of
from evidence_desk import BOUNDARY, body_of
from flask import Flask
from flask.testing import FlaskClient
from past_pages import rows_of
from publicity_cases import place_case
from small_city import NOW, settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from towns import FIELD_KEYS, Clock
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.trail import Doer, Entry
from registry.store.cases import Application
from registry.store.persons import person_by_email
from registry.store.publicities import Objection
from registry.store.trail import trail_page
from registry.web import db
from registry.work.keep_calendar import ensure_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
GOOD = {"name": "王大明", "contact": "13812345678", "grounds": "该企业2024年营业收入与纳税申报不符，见附件。"}


@dataclass
class Hall:
    """The application; cases wait: firms 1, 2 and 10 at the city, 1 at its district, each by its number."""

    app: Flask
    file: Path
    clock: Clock = field(default_factory=Clock)
    cases: dict[str, int] = field(default_factory=dict)

    def browser(self, who: str = "city") -> FlaskClient:
        return sign_in_as(self.app, who, self.clock.at)

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def at(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> None:
        """Set the clock to a moment of the office."""
        self.clock.at = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)

    def get(self, client: FlaskClient, address: str, lang: str = "zh") -> TestResponse:
        return client.get(address, headers={"Accept-Language": lang}, buffered=True)

    def post(self, client: FlaskClient, address: str, **boxes: object) -> TestResponse:
        data = {"csrf_token": token_of(client), **boxes}
        return client.post(address, data=data, headers={"Accept-Language": "zh"})

    def upload(
        self, client: FlaskClient, address: str, files: Iterable[tuple[str, bytes]] = (), **boxes: str
    ) -> TestResponse:
        body = body_of(token_of(client), files, **boxes)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return client.post(address, data=body, content_type=kind, headers={"Accept-Language": "zh"})

    def make_list(self, who: str = "city", *keys: str, **changes: str) -> TestResponse:
        """Make the list of some cases by the page."""
        tier, stage, district = ("innovative", "publicity", "")
        if who == "district":
            tier, stage, district = ("specialized", "district_publicity", "370285")
        told = {"title": "关于2025年度青岛市名单的公示", "first_day": "2025-11-25", **changes}
        boxes = {"tier": tier, "stage": stage, "district": district, **told}
        return self.post(self.browser(who), "/publicities/new", case=[self.cases[key] for key in keys], **boxes)

    def state(self, key: str) -> str:
        with self.rows() as session:
            return session.get_one(Application, self.cases[key]).state

    def objections(self) -> list[Objection]:
        with self.rows() as session:
            return list(session.scalars(select(Objection).order_by(Objection.id)))

    def entries(self, count: int = 1) -> list[Entry]:
        with self.rows() as session:
            return trail_page(session, limit=count)


def open_hall_of_pages(city_file: Path, folder: Path, **changes: object) -> Hall:
    """Return the application over a copy of the small city with its cast."""
    file = folder / "city.sqlite"
    shutil.copy(city_file, file)
    clock = Clock()
    told = {"rate_limit": "9000000 per minute", "field_keys": FIELD_KEYS, **changes}
    hall = Hall(create_app(settings(file, **told), clock=clock), file, clock)
    with hall.rows() as session:
        ensure_calendar(session, NOW, Doer.program("tests"))
        filer = person_by_email(session, email_of("applicant"))
        assert filer is not None
        for key, number, stage, district in (
            ("city1", 1, "publicity", "370285"),
            ("city2", 2, "publicity", "370202"),
            ("city10", 10, "publicity", "370214"),
            ("district1", 1, "district_publicity", "370285"),
        ):
            case = place_case(session, filer.id, number, stage=stage, district=district, now=NOW)
            hall.cases[key] = case.id
    return hall


def close_hall(hall: Hall) -> None:
    with hall.app.app_context():
        db.engine.dispose()
