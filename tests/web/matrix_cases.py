"""Cases of the hostile tests' city: of the firms 1 and 2, of the stranger, and of firms beside them at every stage.

Each is put where it stands, with what was submitted; what is examined of them is built in `matrix_examined`.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Any

from clients import email_of
from make import code, firm
from matrix_city import FOREIGN_DISTRICT
from small_city import NOW, whole_firm
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Standing
from registry.domain.firm_text import firm_text
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import Role
from registry.policy import choose
from registry.policy.procedures import procedure
from registry.store.cases import Application, ApplicationRound, CaseStep, FilingWindow, ReturnedPart
from registry.store.firms import Firm
from registry.store.persons import person_by_email, seats_of
from registry.store.queries import firm_by_uscc
from registry.work.enrol import enrol

HERE = NOW.astimezone(timezone(timedelta(hours=8)))
SUBMITTED = date(2025, 11, 10)
NEAR, OTHER = "370285", "370202"
APPLICANT, DISTRICT = Role.APPLICANT, Role.DISTRICT_REVIEWER


@dataclass(frozen=True, slots=True)
class Put:
    """A case to be put: of which firm, and where it stands."""

    name: str
    number: int
    tier: str
    state: str
    role: Role = APPLICANT


# Of firm 1 and 2, whose people look at them; `innovative` is left free, so that it can be begun.
_OF_FIRMS = [
    Put("draft1", 1, "little_giant", "draft"),
    Put("returned1", 1, "specialized", "returned:district_review"),
    Put("filing1", 1, "above_scale", "draft", DISTRICT),
    Put("closed1", 1, "innovative", "ended:recognised"),
    Put("draft2", 2, "little_giant", "draft"),
    Put("filing2", 2, "above_scale", "draft", DISTRICT),
    Put("case2", 2, "innovative", "stage:district_review"),
    Put("closed2", 2, "specialized", "ended:refused"),
    Put("foreign_draft", 4, "little_giant", "draft"),
    Put("foreign_filing", 4, "above_scale", "draft", DISTRICT),
    Put("foreign_case", 4, "innovative", "stage:district_review"),
    Put("foreign_asked", 4, "specialized", "stage:inquiries"),
    Put("foreign_closed", 4, "specialized", "ended:refused"),
    Put("foreign_recognised", 4, "innovative", "ended:recognised"),
    Put("foreign_filed", 4, "above_scale", "ended:refused", DISTRICT),
]
# Of firms beside, in the district of firm 1 and in that of firm 2.
_BESIDE = [
    Put("waiting", 31, "innovative", "submitted"),
    Put("review", 32, "specialized", "stage:district_review"),
    Put("to_ask", 33, "specialized", "stage:inquiries"),
    Put("asked", 34, "specialized", "stage:inquiries"),
    Put("answered", 35, "specialized", "stage:inquiries"),
    Put("unlisted", 36, "specialized", "stage:district_publicity"),
    Put("listed", 37, "specialized", "stage:district_publicity"),
    Put("over", 38, "specialized", "stage:district_publicity"),
    Put("upheld", 39, "specialized", "stage:district_publicity"),
    Put("given", 40, "specialized", "stage:city_audit"),
    Put("drawn", 41, "specialized", "stage:city_audit"),
    Put("reported", 42, "specialized", "stage:city_audit"),
    Put("sampled", 43, "innovative", "stage:city_sample"),
    Put("to_draw", 44, "innovative", "stage:city_sample"),
    Put("announced", 45, "innovative", "stage:publicity"),
    Put("outside", 46, "little_giant", "stage:outside_decision"),
    Put("filed", 47, "above_scale", "submitted", DISTRICT),
    Put("judged", 48, "little_giant", "stage:district_review"),
    Put("given_away", 51, "specialized", "stage:city_audit"),
    Put("listed2", 52, "specialized", "stage:district_publicity"),
    Put("asked2", 53, "specialized", "stage:inquiries"),
    Put("to_ask2", 54, "specialized", "stage:inquiries"),
]


def place_of(number: int) -> str:
    """Return the district in which a firm of the city lies."""
    return FOREIGN_DISTRICT if number == 4 else OTHER if number == 2 or number > 50 else NEAR


def build_cases(session: Session, ids: dict[str, Any]) -> None:
    """Put the cases, and the windows in which they are filed."""
    beside = sorted({one.number for one in _BESIDE})
    enrol(
        session,
        [firm(one, name=f"青岛邻近第{one}有限公司", district=place_of(one), industry="3451") for one in beside],
        on=date(2025, 11, 1),
        now=NOW,
        source="名单",
    )
    _windows(session, ids)
    for one in (*_OF_FIRMS, *_BESIDE):
        ids[f"case {one.name}"] = _put(session, ids, one).id
    for name, part in (("returned1", "facts.ip_class1"), ("foreign_closed", "evidence")):
        told = {"criterion": "", "comment": "请核对后更正"}
        session.add(ReturnedPart(application_id=ids[f"case {name}"], round=1, part=part, **told))
    session.flush()


def found_firm(session: Session, number: int) -> Firm:
    """Return a firm of the city."""
    found = firm_by_uscc(session, code(number))
    assert found is not None
    return found


def facts_of(number: int, name: str) -> str:
    """Return what a firm stated, as text."""
    like = whole_firm()
    return firm_text(StatedFirm(code(number), name, like.facts, like.years))


def at_work(session: Session, who: str) -> Actor:
    """Return somebody of the city at work."""
    person = person_by_email(session, email_of(who))
    assert person is not None, who
    seats = seats_of(session, person.id, HERE.date())
    return Actor(person.id, person.name, person.email, Standing.FULL, seats, address="127.0.0.1", request_id="tests")


def _windows(session: Session, ids: dict[str, Any]) -> None:
    rows = {
        "window": FilingWindow(tier="specialized", opens_on=date(2025, 12, 1), closes_on=date(2025, 12, 31)),
        "open_window": FilingWindow(tier="little_giant", opens_on=date(2025, 11, 1), closes_on=date(2025, 12, 31)),
        "foreign_window": FilingWindow(tier="specialized", opens_on=date(2024, 5, 1), closes_on=date(2024, 5, 31)),
    }
    for name, row in rows.items():
        row.batch, row.source, row.made_at, row.made_by = f"批次 {name}", "通知", NOW, "tests"
        if name == "foreign_window":
            row.withdrawn_at, row.withdrawn_by = NOW, "tests"
        session.add(row)
        session.flush()
        ids[name] = row.id


def _put(session: Session, ids: dict[str, Any], put: Put) -> Application:
    row, is_draft = found_firm(session, put.number), put.state == "draft"
    filer = _filer(ids, put)
    moment = HERE - timedelta(days=15)
    case = Application(
        firm_id=row.id,
        uscc=row.uscc,
        firm_name=row.name,
        district=place_of(put.number),
        tier=put.tier,
        kind="new",
        state=put.state,
        round=1,
        version=0 if is_draft else 2,
        answers="{}" if is_draft else json.dumps({"facts.ip_class1": "3"}),
        filed_by=filer,
        filed_role=put.role,
        opened_at=moment,
        saved_at=moment,
        entered_at=moment,
        due_is_provisional=False,
        closed_at=HERE if put.state.startswith("ended") else None,
        **({} if is_draft else _fixed(put)),
    )
    if put.name.startswith("foreign"):
        case.window_id = ids["foreign_window"]
    session.add(case)
    session.flush()
    if not is_draft:
        _round(session, case, put, filer)
        session.add(_step(ids, case, 1, "submit", "draft", "submitted"))
        session.add(_step(ids, case, 2, "take_up", "submitted", put.state))
    session.flush()
    return case


def _fixed(put: Put) -> dict[str, Any]:
    handled, chosen = procedure(put.tier, SUBMITTED), choose(put.tier, "new", SUBMITTED).rule_set
    return {
        "reference": f"QD2025-{put.name}",
        "procedure_id": handled.id,
        "procedure_digest": handled.digest,
        "rule_set_id": chosen.id,
        "rule_set_digest": chosen.digest,
        "submitted_on": SUBMITTED,
        "verdict": "met",
        "due_on": date(2025, 12, 1),
    }


def _filer(ids: dict[str, Any], put: Put) -> int:
    if put.role is DISTRICT:
        who = {FOREIGN_DISTRICT: "foreign_reviewer", OTHER: "other_district"}.get(place_of(put.number), "district")
    else:
        who = {4: "foreign", 2: "other_applicant"}.get(put.number, "applicant")
    return int(ids[who])


def _round(session: Session, case: Application, put: Put, filer: int) -> None:
    files = [{"criterion": "", "id": 0, "name": f"{put.name}.pdf", "sha256": "", "year": 2024}]
    session.add(
        ApplicationRound(
            application_id=case.id,
            round=1,
            answers=case.answers,
            firm=facts_of(put.number, case.firm_name),
            incomplete="[]",
            evidence=json.dumps(files),
            verdict="met",
            signed_as="签署人",
            person_id=filer,
            submitted_at=case.opened_at,
        )
    )


def _step(ids: dict[str, Any], case: Application, number: int, action: str, before: str, after: str) -> CaseStep:
    is_first = number == 1
    reviewer = {FOREIGN_DISTRICT: "foreign_reviewer", OTHER: "other_district"}.get(case.district, "district")
    return CaseStep(
        application_id=case.id,
        number=number,
        round=1,
        from_state=before,
        action=action,
        to_state=after,
        role=APPLICANT if is_first else DISTRICT,
        level="firm" if is_first else "district",
        person_id=case.filed_by if is_first else ids[reviewer],
        doer="经办",
        opinion="" if is_first else "意见",
        details="{}",
        at=case.opened_at,
    )
