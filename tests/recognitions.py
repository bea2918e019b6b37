"""Cases that stand at the announcement, as tests of recognition need them: made public, undecided, one a firm."""

from datetime import date, datetime
from typing import Any

from make import code
from people import firm_in
from sqlalchemy.orm import Session

from registry.policy import choose
from registry.policy.procedures import procedure
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.publicities import Publicity, PublicityEntry
from registry.work.seal import Keys, new_key_text

KEYS = Keys.parse(new_key_text("tests"))
MADE_PUBLIC = (date(2026, 10, 26), date(2026, 10, 30))


def publicity(session: Session, tier: str, last_day: date = MADE_PUBLIC[1], now: datetime | None = None) -> Publicity:
    """Make a list public that ended on a day."""
    row = Publicity(
        title="拟认定名单公示",
        tier=tier,
        stage="publicity" if tier == "innovative" else "city_publicity",
        level="city",
        first_day=min(MADE_PUBLIC[0], last_day),
        last_day=last_day,
        is_provisional=False,
        days=5,
        unit="working_days",
        digest="0" * 64,
        made_at=now,
        made_by="test",
    )
    session.add(row)
    session.flush()
    return row


def case_at_announcement(
    session: Session,
    firm: Firm,
    listed: Publicity,
    *,
    filed_by: int,
    now: datetime,
    kind: str = "new",
    **changes: Any,
) -> Application:
    """Put a case of a firm where only the announcement is left, on a list that was public."""
    tier, on = listed.tier, listed.first_day
    chosen, handled = choose(tier, kind, on).rule_set, procedure(tier, on)
    row: dict[str, Any] = {
        "reference": f"T{tier[:2]}{firm.id:07}",
        "firm_id": firm.id,
        "uscc": firm.uscc,
        "firm_name": firm.name,
        "district": firm.district,
        "tier": tier,
        "kind": kind,
        "state": "stage:announcement",
        "round": 1,
        "version": 9,
        "answers": "{}",
        "filed_by": filed_by,
        "filed_role": "applicant",
        "opened_at": now,
        "saved_at": now,
        "procedure_id": handled.id,
        "procedure_digest": handled.digest,
        "rule_set_id": chosen.id,
        "rule_set_digest": chosen.digest,
        "submitted_on": on,
        "verdict": "met",
        "entered_at": now,
        "due_is_provisional": False,
    }
    case = Application(**(row | changes))
    session.add(case)
    session.flush()
    session.add(
        PublicityEntry(
            publicity_id=listed.id,
            application_id=case.id,
            position=firm.id,
            uscc=firm.uscc,
            name=firm.name,
            district=firm.district,
            kind=kind,
        )
    )
    session.flush()
    return case


def firms_named(session: Session, numbers: range, now: datetime, district: str | None = None) -> list[Firm]:
    """Enrol firms by their numbers, each with a name of its own."""
    made = [firm_in(session, number, **({"district": district} if district else {}), now=now) for number in numbers]
    for firm, number in zip(made, numbers, strict=True):
        if firm.uscc != code(number):
            raise LookupError(number)
        firm.name = f"青岛示例第{number}轴承有限公司"
    session.flush()
    return made
