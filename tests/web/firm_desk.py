"""A firm's own pages over a small city of the test's own, and browsers of those who act for it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from clients import token_of
from evidence_desk import Desk, close_desk, open_desk
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from past_pages import rows_of
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.domain.trail import Entry
from registry.store.trail import trail_page

FIRM = f"/firms/{code(1)}"
FOREIGN = f"/firms/{code(2)}"


class FirmDesk:
    """Whoever acts for firm 1 (a whole firm that holds two titles), and what is kept of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clients: dict[str, FlaskClient] = {}

    def client(self, who: str) -> FlaskClient:
        if who not in self.clients:
            self.clients[who] = self.desk.browser(who)
        return self.clients[who]

    def get(self, address: str, who: str = "applicant", lang: str = "zh") -> TestResponse:
        return self.client(who).get(address, headers={"Accept-Language": lang})

    def page(self, address: str, who: str = "applicant", lang: str = "zh", status: int = 200) -> Page:
        answer = self.get(address, who, lang)
        assert answer.status_code == status, answer.text[:2000]
        page = Page(answer.text)
        assert page.faults() == []
        return page

    def post(self, address: str, who: str = "applicant", lang: str = "zh", **boxes: str) -> TestResponse:
        client = self.client(who)
        data = {"csrf_token": token_of(client), **boxes}
        return client.post(address, data=data, headers={"Accept-Language": lang})

    def boxes(self, address: str, who: str = "applicant") -> dict[str, str]:
        """Return the boxes of a form as the page gives them, those ticked and chosen only."""
        page = self.page(address, who)
        found, select = {}, ""
        for tag, one in page.tags:
            if tag == "select":
                select = one["name"]
                found[select] = ""
            elif tag == "option" and "selected" in one:
                found[select] = one["value"]
            elif tag == "input" and ("checked" in one or one.get("type") not in ("radio", "checkbox", "submit")):
                found[one["name"]] = one.get("value", "")
        found.pop("csrf_token", None)
        return found

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(self.desk.app.config["SQLALCHEMY_DATABASE_URI"])

    def entries(self, tag: str) -> list[Entry]:
        with self.rows() as session:
            return trail_page(session, tag=tag, limit=50)


@contextmanager
def firm_desk_over(city_file: Path, folder: Path, **changes: object) -> Iterator[FirmDesk]:
    desk = open_desk(city_file, folder, **changes)
    try:
        yield FirmDesk(desk)
    finally:
        close_desk(desk)
