"""The application over a hall of casework: cases in several states, and browsers of those who handle them."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from casework import MONDAY, Hall, ask_departments, good_firm, open_hall
from clients import AGENT, token_of
from desk import counted_queries
from flask import Flask
from flask.testing import FlaskClient
from make import code, title
from page_reader import Page
from past_pages import rows_of
from people import PROGRAM, actor_of, firm_in, person, seat
from small_city import settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.domain.conflicts import TieKind
from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.store.cases import Application
from registry.store.engine import open_ready, writing
from registry.store.evidence import Evidence
from registry.store.firms import Firm, YearlyFigures
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.work.apply import save_answers
from registry.work.declare_tie import declare
from registry.work.file_books import file_titles
from registry.work.return_case import Part, return_case
from registry.work.sign_in import begin

FIELD_KEYS = f"tests:{'A' * 43}="
PEERS = 6
# Peers are firms 20, 21 …; the firm of the cases is firm 1.
FIRST_PEER = 20
OPINION = "材料齐全，数据与审计报告一致；主导产品市场占有率证明来自行业协会，已电话核实。" * 6


@dataclass
class CaseTown:
    """The application, its clock, its people, and its cases by what they are for.

    Attributes:
        people: numbers by the names of the hall.
        cases: numbers of the cases.
    """

    file: Path
    people: dict[str, int]
    cases: dict[str, int]
    at: datetime = MONDAY + timedelta(days=3)
    apps: list[Flask] = field(default_factory=list)

    @property
    def app(self) -> Flask:
        """Return the application; made when it is asked for first."""
        if not self.apps:
            made = create_app(settings(self.file, field_keys=FIELD_KEYS, rate_limit="9000 per minute"), lambda: self.at)
            self.apps.append(made)
        return self.apps[0]

    def browser(self, who: str) -> FlaskClient:
        """Return a browser in which one of the people is signed in."""
        browser = self.app.test_client()
        with self.rows() as session:
            row = session.get_one(Person, self.people[who])
            doer = Doer(row.id, row.name, "", "127.0.0.1", "tests")
            token = begin(session, row, Factor.TOTP, doer=doer, agent=AGENT, hours=8, now=self.at)
        with browser.session_transaction() as cookie:
            cookie["sid"] = token
            cookie["seen"] = cookie["proved"] = int(self.at.timestamp())
        return browser

    def page(self, who: str, case: str, query: str = "", lang: str = "zh", status: int = 200) -> Page:
        """Return the page of a case as somebody reads it."""
        answer = self.browser(who).get(self.address(case) + query, headers={"Accept-Language": lang})
        assert answer.status_code == status, answer.text[:3000]
        return Page(answer.text)

    def post(self, who: str, case: str, deed: str, lang: str = "zh", **boxes: Any) -> TestResponse:
        """Post a form of the page of a case."""
        browser = self.browser(who)
        token = token_of(browser)
        return browser.post(
            f"{self.address(case)}/{deed}",
            data={"csrf_token": token, **boxes},
            headers={"Accept-Language": lang},
        )

    def address(self, case: str) -> str:
        """Return where a case is shown."""
        return f"/cases/{self.cases[case]}"

    def rows(self) -> AbstractContextManager[Session]:
        """Give a session that writes, past the pages."""
        return rows_of(f"sqlite:///{self.file}")

    def row(self, case: str) -> Application:
        """Return a case as it is now."""
        with self.rows() as session:
            return session.get_one(Application, self.cases[case])

    def queries(self, who: str, case: str) -> int:
        """Count what the page asks the database, whoever is signed in included."""
        browser = self.browser(who)
        browser.get(self.address(case)).close()
        with counted_queries(self.app) as queries:
            assert browser.get(self.address(case)).status_code == 200
        return len(queries)

    def close(self) -> None:
        for app in self.apps:
            with app.app_context():
                db.engine.dispose()


def build_case_town(file: Path) -> tuple[Path, dict[str, int], dict[str, int]]:
    """Cases of firm 1 in its district; one of firm 2 in another; some firms of its trade besides."""
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        hall = open_hall(session)
        _tied_reviewer(hall)
        hall.hold("innovative", date(2024, 1, 20))
        cases = {"second_round": _second_round(hall), "fresh": _fresh(hall)}
        cases["draft"] = hall.begin("little_giant").id
        cases["elsewhere"] = _elsewhere(hall)
        cases["asked"] = _asked(hall)
        _peers(hall)
        people = {name: row.id for name, row in hall.people.items()}
    engine.dispose()
    return file, people, cases


@contextmanager
def case_town_over(built: tuple[Path, dict[str, int], dict[str, int]], folder: Path) -> Iterator[CaseTown]:
    """Give a town over a copy of what was built, for one test."""
    file, people, cases = built
    town = CaseTown(Path(shutil.copy(file, folder / "cases.sqlite")), dict(people), dict(cases))
    yield town
    town.close()


def put_on_file(session: Session, firm: Firm, name: str, criterion: str | None = None, year: int | None = None) -> int:
    """Put a file on record, without what it holds."""
    row = Evidence(
        firm_id=firm.id,
        criterion=criterion,
        year=year,
        name=name,
        kind="pdf",
        size=1000,
        sha256="a" * 64,
        state="clean",
        note="",
        added_by="tests",
        added_at=MONDAY,
    )
    session.add(row)
    session.flush()
    return row.id


def _tied_reviewer(hall: Hall) -> None:
    """Seat somebody at the district's bureau who holds shares of the firm."""
    who = person(hall.session, "田回避", now=hall.now)
    seat(hall.session, who, Role.DISTRICT_REVIEWER, hall.firm.district or "", now=hall.now)
    hall.people["tied"] = who
    told = {"uscc": hall.firm.uscc, "kind": TieKind.INTEREST, "ended_on": None, "note": "持股"}
    declare(hall.session, who.id, **told, doer=PROGRAM, now=hall.now)


def _second_round(hall: Hall) -> int:
    """A specialized case that was returned once: the R&D expense was corrected, another number changed beside it."""
    put_on_file(hall.session, hall.firm, "2025年度审计报告.pdf", "研发费用", 2025)
    put_on_file(hall.session, hall.firm, "营业执照.pdf")
    hall.answers = {"facts.ip_class1": "5", "years.2025.rd_expense": "90"}
    case = hall.begin("specialized")
    hall.submit(case, replace(good_firm(market_leader=True), years=_figures(rd_expense=90_000_000)))
    hall.act("district", case, "take_up")
    actor = hall.actor("district")
    return_case(
        hall.session,
        actor,
        actor.seats,
        case,
        [
            Part("years.2025.rd_expense", "与审计报告附注的 300 万元不一致，请核对", "rd_expense_and_share"),
            Part("evidence", "请补充研发费用辅助账"),
        ],
        opinion="请按审计报告核对研发费用。",
        now=hall.now,
    )
    hall.answers = {**hall.answers, "years.2025.rd_expense": "300"}
    _type(hall, case)
    put_on_file(hall.session, hall.firm, "研发费用辅助账.pdf", "研发费用", 2025)
    hall.move(hours=2)
    hall.submit(case, good_firm(market_leader=True))
    return case.id


def _fresh(hall: Hall) -> int:
    """A re-review of the same firm, which says some things otherwise than before, and one that cannot be."""
    case = hall.begin("innovative", "re_review")
    hall.submit(case, good_firm(ip_class2=4, ip_class1_own=9))
    return case.id


def _figures(**changes: int) -> dict[int, dict[str, int]]:
    years = {year: dict(figures) for year, figures in good_firm().years.items()}
    years[2025] |= changes
    return years


def _type(hall: Hall, case: Application) -> None:
    actor = hall.actor("applicant")
    save_answers(hall.session, actor, actor.seats, case, hall.answers, now=hall.now)


def _elsewhere(hall: Hall) -> int:
    """A case of another firm in another district."""
    return _case_of(hall, 2, "370214", "innovative").id


def _asked(hall: Hall) -> int:
    """A specialized case of a third firm about which the departments were asked; one of them answered."""
    file_titles(
        hall.session,
        [title(3, name="青岛示例阀门有限公司", tier="innovative", recognised_on=MONDAY.date().replace(year=2025))],
        now=hall.now,
        source="test",
    )
    case = _case_of(hall, 3, hall.firm.district or "", "specialized")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass", opinion=OPINION)
    actor = hall.actor("second_district")
    ask_departments(hall.session, actor, actor.seats, case, now=hall.now)
    return case.id


def _case_of(hall: Hall, number: int, district: str, tier: str) -> Application:
    firm = firm_in(hall.session, number, district, now=hall.now)
    who = person(hall.session, f"经办{number}", now=hall.now)
    seat(hall.session, who, Role.APPLICANT, firm, now=hall.now)
    hall.people[f"applicant{number}"] = who
    other = Hall(hall.session, firm, {**hall.people, "applicant": who}, hall.auditor, hall.now)
    case = other.begin(tier)
    other.submit(case, good_firm(number, district=district))
    return case


def _peers(hall: Hall) -> None:
    """Some firms of the trade that hold the title, each with more revenue than the one before, half of it elsewhere."""
    for place in range(PEERS):
        number = FIRST_PEER + place
        district = hall.firm.district if place % 2 else "370214"
        firm = firm_in(hall.session, number, district, now=hall.now)
        firm.industry, firm.name = "3451", f"青岛同行第{place + 1}有限公司"
        hall.session.add(
            YearlyFigures(firm_id=firm.id, year=2025, revenue=(place + 3) * 1_000_000_000, rd_expense=100_000_000)
        )
        file_titles(
            hall.session,
            [title(number, name=firm.name, district=district, recognised_on=date(2025, 4, 10))],
            now=hall.now,
            source="test",
        )
    hall.session.flush()


def names_of_peers(session: Session) -> list[str]:
    """Return the names of the peers, by their code."""
    codes = [code(FIRST_PEER + place) for place in range(PEERS)]
    return list(session.scalars(select(Firm.name).where(Firm.uscc.in_(codes)).order_by(Firm.uscc)))


def actor_named(session: Session, town: CaseTown, who: str) -> Any:
    """Return one of the people at work, past the pages."""
    return actor_of(session, session.get_one(Person, town.people[who]), town.at)
