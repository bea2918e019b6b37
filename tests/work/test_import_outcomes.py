"""Outcomes decided outside: a published list is matched by code, compared, and carried out with its cases."""

from datetime import date

import pytest
from casework import Hall, open_hall
from make import DISTRICT, code, stay, title
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.firms import TitleRow
from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.store.recognitions import Announcement, AnnouncementEntry
from registry.store.statements import ScaleStay, Title
from registry.store.trail import trail_page
from registry.work.import_outcomes import Document, Plan, carry_out, plan

DECIDED = date(2026, 11, 9)
LIST = Document("工信部企业函〔2026〕400号", "第八批专精特新“小巨人”企业名单", DECIDED, closes=True)


@pytest.fixture
def hall(session: Session) -> Hall:
    made = open_hall(session)
    made.hold("specialized", date(2025, 3, 20))
    return made


def recommended(hall: Hall) -> Application:
    """Return a case of a little giant that waits for the ministry."""
    case = hall.submitted("little_giant")
    hall.act("district", case, "take_up")
    hall.act("district", case, "recommend")
    hall.act("city", case, "recommend")
    assert case.state == "stage:outside_decision" and case.due_on is None
    return case


def giant(number: int = 1, **changes: object) -> TitleRow:
    return title(number, **({"tier": "little_giant", "recognised_on": DECIDED} | changes))


def planned(hall: Hall, *rows: TitleRow) -> Plan:
    return plan(hall.session, true(), "little_giant", rows)


def carried_out(hall: Hall, found: Plan, document: Document = LIST, who: str = "city") -> Announcement:
    actor = hall.actor(who)
    return carry_out(hall.session, actor, actor.seats, found, document, now=hall.now)


def test_a_listed_firm_is_recognised_and_the_books_have_it(hall: Hall) -> None:
    case = recommended(hall)
    made = carried_out(hall, planned(hall, giant(), giant(2, name="青岛他处精密有限公司")))

    assert case.state == "ended:recognised" and case.closed_at is not None
    held = hall.session.scalars(select(Title).where(Title.tier == "little_giant").order_by(Title.id)).all()
    assert [(one.recognised_on, one.valid_until) for one in held] == [(DECIDED, date(2029, 11, 8))] * 2
    entries = hall.session.scalars(select(AnnouncementEntry).order_by(AnnouncementEntry.position)).all()
    assert [(one.application_id, one.uscc) for one in entries] == [(case.id, code(1)), (None, code(2))]
    assert made.is_outside and made.announced_on == DECIDED
    entry = trail_page(hall.session, tag=Tag.OUTCOME_IMPORTED)[0]
    assert entry.name == "测试city" and '"matched":1' in (entry.after or "")


def test_differences_are_told_before_anything_is_written(hall: Hall) -> None:
    recommended(hall)
    found = planned(
        hall, giant(name="青岛改名轴承有限公司", district="370214", kind="re_review"), giant(2, name="青岛他处有限公司")
    )

    mine, other = found.listed
    assert [told[:2] for told in mine.differences] == ["名称", "区市", "类型"]
    assert [told[:4] for told in other.differences] == ["库中没有", "没有在此"]
    assert hall.session.scalar(select(Title.id).where(Title.tier == "little_giant")) is None


@pytest.mark.parametrize(("closes", "state"), [(True, "ended:refused"), (False, "stage:outside_decision")])
def test_who_is_not_on_the_list_is_refused_only_if_it_is_complete(hall: Hall, closes: bool, state: str) -> None:
    case = recommended(hall)
    found = planned(hall, giant(2, name="青岛他处有限公司"))
    assert found.absent == (case,)
    carried_out(hall, found, Document(LIST.number, LIST.title, DECIDED, closes))

    assert case.state == state


def test_a_document_is_imported_once_and_never_from_the_future(hall: Hall) -> None:
    recommended(hall)
    carried_out(hall, planned(hall, giant()))
    with pytest.raises(Refused) as refused:
        carried_out(hall, planned(hall, giant()), Document(LIST.number, "", date(2026, 11, 10), closes=True))

    assert [fault.path for fault in refused.value.faults] == ["number", "title", "decided_on"]


def test_a_firm_that_stands_on_the_list_twice_is_refused(hall: Hall) -> None:
    with pytest.raises(Refused, match=code(2)) as refused:
        planned(hall, giant(), giant(2), giant(2, kind="re_review"))
    assert code(1) not in str(refused.value)


def test_who_came_to_wait_since_the_list_was_looked_at_is_not_refused_by_it(hall: Hall) -> None:
    seen = planned(hall, giant(2)).mark
    case = recommended(hall)
    found, actor = planned(hall, giant(2)), hall.actor("city")
    with pytest.raises(Refused, match="刚有变动"):
        carry_out(hall.session, actor, actor.seats, found, LIST, seen=seen, now=hall.now)
    assert case.state == "stage:outside_decision"
    carry_out(hall.session, actor, actor.seats, found, LIST, seen=found.mark, now=hall.now)
    assert case.state == "ended:refused"


def test_a_list_of_another_tier_is_refused(hall: Hall) -> None:
    with pytest.raises(Refused, match="专精特新"):
        planned(hall, giant(), title(2, tier="specialized"))
    with pytest.raises(Refused, match="没有企业"):
        planned(hall)


def test_entry_above_scale_is_the_statisticians_to_import(hall: Hall) -> None:
    case = hall.submitted("above_scale")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass")
    hall.act("city", case, "pass")
    row = stay(1, entered_on=DECIDED, entry="annual", district=DISTRICT)
    found = plan(hall.session, true(), "above_scale", [row])
    with pytest.raises(MoveNotAllowed):
        carried_out(hall, found, Document("2026年入库名单", "入库名单", DECIDED, closes=True), who="city")
    hall.session.expire_all()


def test_the_statistician_imports_it(hall: Hall) -> None:
    case = hall.submitted("above_scale")
    hall.act("district", case, "take_up")
    hall.act("district", case, "pass")
    hall.act("city", case, "pass")
    found = plan(hall.session, true(), "above_scale", [stay(1, entered_on=DECIDED)])
    carried_out(hall, found, Document("2026年入库名单", "入库名单", DECIDED, closes=True), who="statistician")

    assert case.state == "ended:entered"
    assert hall.session.scalars(select(ScaleStay)).one().entered_on == DECIDED
