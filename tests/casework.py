"""A hall of casework for tests: a firm with its applicant, reviewers of district and city, departments, an auditor.

The day is Monday 2026-11-09 in the office's zone, unless a test moves it. Everything goes through the deeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from make import DISTRICT, code, title
from make import firm as stated
from people import PROGRAM, actor_of, company, firm_in, person, seat
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.conflicts import TieKind
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import DEPARTMENT_WORDS, OfficeKind, Role
from registry.store.cases import Application, CaseStep, FilingWindow
from registry.store.decisions import TieRow
from registry.store.examinations import Inquiry, SampleDraw
from registry.store.firms import Firm
from registry.store.offices import OfficeRow
from registry.store.people import Person
from registry.work.apply import Submission, open_application, save_answers, submit
from registry.work.ask_departments import ask_about_all
from registry.work.case_findings import inquiries_of
from registry.work.case_guards import Given
from registry.work.file_books import file_titles
from registry.work.keep_calendar import ensure_calendar
from registry.work.move_case import make_move

SHANGHAI = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 9, 10, 0, tzinfo=SHANGHAI)
SIGNED = "凌经办"
_YEAR = {
    "revenue": 6_000_000_000,
    "main_revenue": 5_700_000_000,
    "rd_expense": 300_000_000,
    "total_assets": 8_000_000_000,
    "total_liabilities": 3_000_000_000,
    "net_profit": 700_000_000,
    "equity_paid_in": 0,
    "employees": 120,
    "rd_staff": 30,
    "development_score": 6600,
}


def good_firm(number: int = 1, **facts: Any) -> StatedFirm:
    """Return a firm that meets every tier of 2026 but for the rung below and what reviewers judge."""
    years = {2025: _YEAR, 2024: _YEAR | {"revenue": 5_500_000_000, "main_revenue": 5_200_000_000}}
    years[2023] = _YEAR | {"revenue": 5_000_000_000, "main_revenue": 4_700_000_000}
    known: dict[str, Any] = {
        "district": DISTRICT,
        "industry": "3451",
        "established_on": date(2012, 5, 8),
        "segment_since": date(2013, 1, 1),
        "independent_legal_entity": True,
        "on_abnormal_list": False,
        "restricted_products": False,
        "serious_incident_on": date.min,
        "banned_until": date.min,
        "titles": (),
        "awards": (),
        "contests": (),
        "rd_institution": "provincial",
        "ip_class1": 5,
        "ip_class1_own": 5,
        "ip_class1_high_value": 1,
        "ip_class1_original": 5,
        "ip_class2": 3,
        "ip_in_use": True,
        "field_sei": True,
        "market_share": 150_000_000_000,
    }
    return stated(number, years=years, **(known | facts))


@dataclass
class Hall:
    """Who is there; `firm` has an applicant, and all the others sit in their offices.

    Attributes:
        now: moved by tests.
        people: by role, departments by their key.
    """

    session: Session
    firm: Firm
    people: dict[str, Person]
    auditor: OfficeRow
    now: datetime = MONDAY
    answers: dict[str, str] = field(default_factory=lambda: {"facts.ip_class1": "5"})

    def actor(self, who: str) -> Actor:
        """Return one of the people at work."""
        return actor_of(self.session, self.people[who], self.now)

    def begin(self, tier: str = "innovative", kind: str = "new", who: str = "applicant") -> Application:
        """Begin an application with a few answers typed in."""
        actor = self.actor(who)
        case = open_application(self.session, actor, actor.seats, self.firm, tier=tier, kind=kind, now=self.now)
        save_answers(self.session, actor, actor.seats, case, self.answers, now=self.now)
        return case

    def submit(self, case: Application, firm: StatedFirm | None = None, who: str = "applicant") -> CaseStep:
        """Submit a draft or a correction."""
        actor = self.actor(who)
        facts = firm or good_firm()
        return submit(self.session, actor, actor.seats, case, Submission(facts, SIGNED), now=self.now)

    def submitted(self, tier: str = "innovative", kind: str = "new") -> Application:
        """Return a case that was just submitted."""
        case = self.begin(tier, kind)
        self.submit(case)
        return case

    def act(self, who: str, case: Application, action: str, opinion: str = "情况属实，同意", **given: Any) -> CaseStep:
        """Make a move."""
        actor = self.actor(who)
        return make_move(self.session, actor, actor.seats, case, action, Given(opinion=opinion, **given), now=self.now)

    def move(self, **parts: float) -> None:
        """Move the clock."""
        self.now += timedelta(**parts)

    def hold(self, tier: str, since: date = date(2024, 5, 20), **changes: Any) -> None:
        """Give the firm a title by the books."""
        row = title(1, tier=tier, recognised_on=since, **changes)
        file_titles(self.session, [row], now=self.now, source="test")


def open_hall(session: Session, *, windows: bool = True) -> Hall:
    """Seat the cast; batch windows of 2026 are open unless told otherwise."""
    ensure_calendar(session, MONDAY, PROGRAM)
    firm = firm_in(session, 1, DISTRICT, now=MONDAY)
    people: dict[str, Person] = {}
    auditor = company(session, OfficeKind.AUDITOR, 901)
    places: dict[str, tuple[Role, Any]] = {
        "applicant": (Role.APPLICANT, firm),
        "district": (Role.DISTRICT_REVIEWER, DISTRICT),
        "second_district": (Role.DISTRICT_REVIEWER, DISTRICT),
        "other_district": (Role.DISTRICT_REVIEWER, "370214"),
        "city": (Role.CITY_REVIEWER, "city"),
        "second_city": (Role.CITY_REVIEWER, "city"),
        "statistician": (Role.STATISTICIAN, "city"),
        "auditor": (Role.AUDITOR, auditor),
        **{one: (Role.DEPARTMENT_OFFICER, one) for one in DEPARTMENT_WORDS},
    }
    for name, (role, place) in places.items():
        people[name] = person(session, f"测试{name}", now=MONDAY)
        seat(session, people[name], role, place, now=MONDAY)
    if windows:
        for tier in ("specialized", "little_giant"):
            session.add(window(tier))
    session.flush()
    return Hall(session, firm, people, auditor)


def hall_again(session: Session) -> Hall:
    """Return the hall that stands in a database already."""
    people = {one.name.removeprefix("测试"): one for one in session.scalars(select(Person))}
    firm = session.scalars(select(Firm).order_by(Firm.id).limit(1)).one()
    auditor = session.scalars(select(OfficeRow).where(OfficeRow.kind == OfficeKind.AUDITOR)).one()
    return Hall(session, firm, people, auditor)


def window(tier: str, opens_on: date = date(2026, 11, 1), closes_on: date = date(2026, 12, 31)) -> FilingWindow:
    """Return a batch of both kinds."""
    return FilingWindow(
        tier=tier,
        kind=None,
        batch="2026年第二批",
        opens_on=opens_on,
        closes_on=closes_on,
        source="测试通知",
        made_at=MONDAY,
        made_by="test",
    )


def tie(session: Session, person: Person, uscc: str, at: datetime) -> TieRow:
    """Let somebody be of the family of a firm's people."""
    row = TieRow(person_id=person.id, uscc=uscc, kind=TieKind.FAMILY, note="", declared_at=at, declared_by="test")
    session.add(row)
    session.flush()
    return row


def drawn(
    session: Session, tier: str, stage: str, at: datetime, *, level: str = "city", district: str | None = None
) -> SampleDraw:
    """File the draw of a sample."""
    row = SampleDraw(
        tier=tier,
        stage=stage,
        level=level,
        district=district,
        share_percent=10,
        seed="0" * 32,
        digest="0" * 64,
        drawn_at=at,
        drawn_by="test",
    )
    session.add(row)
    session.flush()
    return row


def other_code() -> str:
    """Return the code of another firm."""
    return code(2)


def ask_departments(
    session: Session, actor: Actor, seats: Sequence[Seat], case: Application, *, now: datetime
) -> list[Inquiry]:
    """Ask every department of the stage about one case; return what was asked."""
    ask_about_all(session, actor, seats, [case], now=now)
    return list(inquiries_of(session, case.id).values())
