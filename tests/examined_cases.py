"""Cases that stand at a stage already, for tests of what is examined there: many at once, past the deeds."""

from casework import Hall, good_firm
from make import DISTRICT, code
from make import firm as stated
from people import doer_of
from sqlalchemy import select

from registry.domain.conflicts import TieKind
from registry.domain.firm_text import firm_text
from registry.policy.procedures import procedure
from registry.store.cases import Application, ApplicationRound
from registry.store.firms import Firm
from registry.work.declare_tie import declare
from registry.work.enrol import enrol

_PREFIX = {"innovative": "CX", "specialized": "ZT"}


def cases_at(
    hall: Hall, tier: str, stage: str, count: int, *, start: int = 1000, district: str = DISTRICT
) -> list[Application]:
    """Return so many cases of firms of their own at a stage, as if they had come there."""
    session, now = hall.session, hall.now
    numbers = range(start, start + count)
    firms = [stated(one, name=f"青岛示例第{one}有限公司", district=district, industry="3451") for one in numbers]
    enrol(session, firms, now=now, on=now.date(), source="test")
    handled = procedure(tier, now.date())
    rows = []
    for firm in session.scalars(select(Firm).where(Firm.uscc.in_([code(one) for one in numbers])).order_by(Firm.uscc)):
        rows.append(
            Application(
                reference=f"{_PREFIX[tier]}{now.year}9{firm.id:06}",
                firm_id=firm.id,
                uscc=firm.uscc,
                firm_name=firm.name,
                district=district,
                tier=tier,
                kind="new",
                state=f"stage:{stage}",
                round=1,
                version=3,
                answers="{}",
                filed_by=hall.people["applicant"].id,
                filed_role="applicant",
                opened_at=now,
                saved_at=now,
                procedure_id=handled.id,
                procedure_digest=handled.digest,
                rule_set_id="innovative-2022" if tier == "innovative" else "specialized-2026",
                rule_set_digest="test",
                submitted_on=now.date(),
                entered_at=now,
                due_on=now.date(),
                due_is_provisional=False,
            )
        )
    session.add_all(rows)
    session.flush()
    for row in rows:
        session.add(
            ApplicationRound(
                application_id=row.id,
                round=1,
                answers="{}",
                firm=firm_text(good_firm()),
                incomplete="[]",
                evidence='[{"criterion":"","id":1,"name":"审计报告.pdf","sha256":"","year":2025}]',
                verdict="undetermined",
                signed_as="凌经办",
                person_id=hall.people["applicant"].id,
                submitted_at=now,
            )
        )
    session.flush()
    return rows


def tie(hall: Hall, who: str, case: Application) -> None:
    """Have somebody declare that he is tied to the firm of a case."""
    row = hall.people[who]
    declare(
        hall.session,
        row.id,
        uscc=case.uscc,
        kind=TieKind.FAMILY,
        ended_on=None,
        note="",
        doer=doer_of(row),
        now=hall.now,
    )
