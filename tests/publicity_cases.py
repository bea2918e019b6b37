"""Cases that wait at a publicity, and lists of them, for tests: past what comes before, over a hall of casework."""

from collections.abc import Sequence
from datetime import date, datetime

from casework import Hall
from make import DISTRICT, code
from make import firm as stated
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.publicities import Publicity
from registry.store.queries import firm_by_uscc
from registry.work.enrol import enrol
from registry.work.publicise import publicise
from registry.work.seal import Keys, new_key_text

KEYS = Keys.parse(new_key_text("tests"))
STAGES = {"publicity": "innovative", "district_publicity": "specialized", "city_publicity": "specialized"}


def place_case(
    session: Session,
    filed_by: int,
    number: int,
    *,
    stage: str = "publicity",
    district: str = DISTRICT,
    kind: str = "new",
    name: str = "",
    now: datetime,
) -> Application:
    """Put a case of the n-th firm at a stage, as if it had come there."""
    firm = firm_by_uscc(session, code(number))
    if firm is None:
        called = name or f"青岛公示{number:03}有限公司"
        enrol(session, [stated(number, name=called, district=district)], now=now, on=now.date(), source="test")
        firm = session.scalars(select(Firm).where(Firm.uscc == code(number))).one()
    tier = STAGES[stage]
    case = Application(
        reference=f"TEST{number:07}{stage}",
        firm_id=firm.id,
        uscc=firm.uscc,
        firm_name=name or firm.name,
        district=district,
        tier=tier,
        kind=kind,
        state=f"stage:{stage}",
        round=1,
        version=1,
        answers="{}",
        filed_by=filed_by,
        filed_role=Role.APPLICANT,
        opened_at=now,
        saved_at=now,
        entered_at=now,
        procedure_id=f"{tier}-2022",
        procedure_digest="sha256:0",
        rule_set_id="innovative-2022" if tier == "innovative" else "specialized-2026",
        rule_set_digest="sha256:0",
        submitted_on=now.date(),
        due_is_provisional=False,
    )
    session.add(case)
    session.flush()
    return case


def waiting_case(hall: Hall, number: int = 1, **told: str) -> Application:
    """Put a case of the n-th firm at a stage of a hall; the applicant of the hall acts for the first."""
    return place_case(hall.session, hall.people["applicant"].id, number, now=hall.now, **told)  # type: ignore[arg-type]


def list_of(
    hall: Hall,
    cases: Sequence[Application],
    *,
    who: str = "city",
    first_day: date | None = None,
    title: str = "关于2026年度青岛市创新型中小企业名单的公示",
) -> Publicity:
    """Make cases public, from today on unless told otherwise."""
    actor = hall.actor(who)
    return publicise(
        hall.session,
        actor,
        actor.seats,
        tier=cases[0].tier,
        stage=cases[0].state.partition(":")[2],
        title=title,
        case_ids=[case.id for case in cases],
        first_day=first_day or hall.now.date(),
        now=hall.now,
    )
