"""Many cases of one district at once, for races and kills: each firm has one, submitted and waiting to be taken up."""

from dataclasses import replace

from casework import SIGNED, Hall, good_firm
from make import DISTRICT, code
from make import firm as stated
from people import seat
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.work.apply import Submission, open_application, save_answers, submit
from registry.work.enrol import enrol


def crowd(session: Session, hall: Hall, count: int, *, first: int = 1000, submits: bool = True) -> list[int]:
    """Enrol so many firms and begin a case of each, submitted unless told otherwise; return the cases' numbers."""
    numbers = range(first, first + count)
    told = [stated(number, name=f"青岛示例{number}号有限公司", district=DISTRICT) for number in numbers]
    enrol(session, told, now=hall.now, on=hall.now.date(), source="test")
    firms = list(session.scalars(select(Firm).where(Firm.uscc.in_([code(number) for number in numbers]))))
    who = hall.actor("applicant")
    # One of the hall acts for all of them.
    own = replace(who.seats[0], firm_ids=frozenset(firm.id for firm in firms))
    actor = replace(who, seats=(own,))
    made = []
    for firm in firms:
        case = open_application(session, actor, [own], firm, tier="innovative", kind="new", now=hall.now)
        save_answers(session, actor, [own], case, hall.answers, now=hall.now)
        if submits:
            submit(session, actor, [own], case, Submission(good_firm(), SIGNED), now=hall.now)
        made.append(case.id)
    return made


def seat_applicant(session: Session, hall: Hall, cases: list[int]) -> None:
    """Seat the hall's applicant at the firms of some cases, so that he may act on their pages."""
    for number in cases:
        firm = session.get_one(Firm, session.get_one(Application, number).firm_id)
        seat(session, hall.people["applicant"], Role.APPLICANT, firm, now=hall.now)
