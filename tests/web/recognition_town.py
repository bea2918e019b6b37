"""The application over a small city where two firms wait for the announcement; browsers of its cast."""

import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from clients import email_of, sign_in_as, token_of
from flask import Flask
from make import code
from page_reader import Page
from past_pages import rows_of
from recognitions import case_at_announcement, publicity
from small_city import NOW, settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.persons import person_by_email
from registry.store.recognitions import Announcement, Certificate
from registry.web import db

TODAY = NOW.date()
MADE_PUBLIC_TO = date(2025, 11, 20)
DOCUMENT = {
    "number": "青工信发〔2025〕12号",
    "title": "2025年度第二批专精特新中小企业名单",
    "announced_on": TODAY.isoformat(),
    "source": "",
    "opinion": "经审核、公示，同意认定",
}


@dataclass
class RecognitionTown:
    """Who asks is named by his part in the cast; `clock` is read by the application."""

    app: Flask
    file: Path
    now: datetime = NOW

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def get(self, who: str, address: str, lang: str = "zh") -> TestResponse:
        browser = sign_in_as(self.app, who, self.now)
        return browser.get(address, headers={"Accept-Language": lang})

    def page(self, who: str, address: str, status: int = 200, lang: str = "zh") -> Page:
        answer = self.get(who, address, lang)
        assert answer.status_code == status, answer.text[:2000]
        page = Page(answer.text)
        assert page.faults() == [], address
        return page

    def post(self, who: str, address: str, **fields: Any) -> TestResponse:
        browser = sign_in_as(self.app, who, self.now)
        data = {"csrf_token": token_of(browser), **fields}
        return browser.post(address, data=data, headers={"Accept-Language": "zh"})

    def picks(self) -> list[str]:
        """Return the cases as the form names them, in its order."""
        with self.rows() as session:
            rows = session.scalars(select(Application).order_by(Application.district, Application.uscc))
            return [f"{one.id}:{one.version}" for one in rows]

    def announce(self, **changes: Any) -> TestResponse:
        fields = {**DOCUMENT, "case": self.picks(), "step": "decided", **changes}
        return self.post("city", "/announcements/new?tier=specialized", **fields)

    def certificate(self, number: int = 1) -> Certificate:
        with self.rows() as session:
            return session.scalars(select(Certificate).where(Certificate.uscc == code(number))).one()

    def announcement(self) -> Announcement:
        with self.rows() as session:
            return session.scalars(select(Announcement)).one()

    def count(self, table: type) -> int:
        with self.rows() as session:
            return len(session.scalars(select(table)).all())


def open_town(city_file: Path, folder: Path) -> RecognitionTown:
    """Return the application over a copy of the small city."""
    file = folder / "city.sqlite"
    shutil.copy(city_file, file)
    town: list[RecognitionTown] = []
    app = create_app(settings(file, rate_limit="9000000 per minute"), clock=lambda: town[0].now if town else NOW)
    town.append(RecognitionTown(app, file))
    with town[0].rows() as session:
        listed = publicity(session, "specialized", MADE_PUBLIC_TO, now=NOW)
        applicant = person_by_email(session, email_of("applicant"))
        assert applicant is not None
        for firm in session.scalars(select(Firm).where(Firm.uscc.in_([code(1), code(2)])).order_by(Firm.uscc)):
            case_at_announcement(session, firm, listed, filed_by=applicant.id, now=NOW)
    return town[0]


def close_town(town: RecognitionTown) -> None:
    with town.app.app_context():
        db.engine.dispose()
