"""Many cases for the tests of the desk: more firms with the applicant of the hall, each with a case of its own."""

from datetime import date, timedelta
from typing import Any

from casework import MONDAY, SIGNED, Hall, good_firm
from make import DISTRICT, firm
from people import firm_in, seat
from sqlalchemy import select

from registry.domain.conflicts import TieKind
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.work.apply import Submission, open_application, submit
from registry.work.declare_tie import declare
from registry.work.enrol import enrol


def another(hall: Hall, number: int, tier: str = "innovative", district: str = DISTRICT) -> Application:
    """Submit a case of the n-th firm through the deeds."""
    place = firm_in(hall.session, number, district, now=MONDAY)
    seat(hall.session, hall.people["applicant"], Role.APPLICANT, place, now=MONDAY)
    actor = hall.actor("applicant")
    case = open_application(hall.session, actor, actor.seats, place, tier=tier, kind="new", now=hall.now)
    told = good_firm(number, district=district)
    submit(hall.session, actor, actor.seats, case, Submission(told, SIGNED), now=hall.now)
    return case


def crowd(hall: Hall, count: int, first: int = 1_000, **changes: Any) -> list[Application]:
    """Write cases of as many firms straight into the tables: every third without a day, the others due on few days."""
    numbers = range(first, first + count)
    district = changes.get("district", DISTRICT)
    stated = [firm(one, name=f"青岛示例第{one}有限公司", district=district) for one in numbers]
    enrol(hall.session, stated, now=MONDAY, on=MONDAY.date(), source="test")
    firms = {row.uscc: row for row in hall.session.scalars(select(Firm)) if row.name.startswith("青岛示例第")}
    rows = []
    for place, told in enumerate(stated):
        row = firms[told.uscc]
        values: dict[str, Any] = {
            "reference": f"CX2026{row.id:07}",
            "firm_id": row.id,
            "uscc": row.uscc,
            # Names tie as well.
            "firm_name": f"青岛示例第{place // 2}有限公司",
            "district": district,
            "tier": "innovative",
            "kind": "new",
            "state": "submitted",
            "round": 1,
            "version": 1,
            "answers": "{}",
            "filed_by": hall.people["applicant"].id,
            "filed_role": "applicant",
            "opened_at": MONDAY,
            "saved_at": MONDAY,
            "procedure_id": "innovative-2022",
            "procedure_digest": "sha256:test",
            "rule_set_id": "innovative-2022",
            "rule_set_digest": "sha256:test",
            "submitted_on": date(2026, 11, 2) + timedelta(days=place % 5),
            "verdict": ("met", "not_met", "undetermined")[place % 3],
            "entered_at": MONDAY,
            "due_on": None if place % 3 == 2 else date(2026, 11, 4) + timedelta(days=place % 4),
            "due_is_provisional": False,
        }
        rows.append(Application(**(values | changes)))
    hall.session.add_all(rows)
    hall.session.flush()
    return rows


def tie(hall: Hall, who: str, uscc: str) -> None:
    """Have somebody declare that he is tied to a firm."""
    actor = hall.actor(who)
    told = {"kind": TieKind.INTEREST, "ended_on": None, "note": "", "doer": actor.doer(), "now": hall.now}
    declare(hall.session, int(actor.person_id or 0), uscc=uscc, **told)
