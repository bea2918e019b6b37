"""Cases that lie before the city to be recognised."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from casework import MONDAY, Hall, open_hall
from recognitions import KEYS, case_at_announcement, firms_named, publicity
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.cases import Application
from registry.store.publicities import Publicity
from registry.store.recognitions import Announcement
from registry.work.announce import announce
from registry.work.weigh_recognition import weigh

TODAY = MONDAY.date()
NUMBER = "青工信发〔2026〕12号"


@dataclass
class Table:
    """Three firms whose cases wait for the announcement, and the city's reviewer."""

    hall: Hall
    listed: Publicity
    cases: list[Application]

    @property
    def session(self) -> Session:
        return self.hall.session

    def announce(self, who: str = "city", **changes: Any) -> Announcement:
        actor = self.hall.actor(who)
        told: dict[str, Any] = {
            "tier": "specialized",
            "number": NUMBER,
            "title": "2026年度第二批专精特新中小企业名单",
            "announced_on": TODAY,
            "case_ids": [case.id for case in self.cases],
            "opinion": "经审核、公示，同意认定",
        }
        return announce(self.session, actor, actor.seats, **(told | changes), keys=KEYS, now=self.hall.now)

    def weigh(self, who: str = "city", on: date | None = TODAY) -> list[str]:
        actor = self.hall.actor(who)
        return [one.against for one in weigh(self.session, actor, actor.seats, self.cases, on, self.hall.now)]

    def states(self) -> set[str]:
        return set(self.session.scalars(select(Application.state)))


@pytest.fixture(name="table")
def fixture_table(session: Session) -> Table:
    hall = open_hall(session, windows=False)
    listed = publicity(session, "specialized", now=MONDAY)
    filed_by = hall.people["applicant"].id
    cases = [
        case_at_announcement(session, firm, listed, filed_by=filed_by, now=MONDAY)
        for firm in firms_named(session, range(1, 4), MONDAY)
    ]
    return Table(hall, listed, cases)
