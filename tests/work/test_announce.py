"""Announcing recognitions: all of a list or none, into the books, with certificates; what stands against it is told."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from casework import MONDAY, Hall, open_hall, window
from make import code, title
from recognitions import KEYS, case_at_announcement, firms_named, publicity
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.trail import Tag
from registry.store.cases import Application, CaseStep
from registry.store.decisions import Decision, TieRow
from registry.store.firms import Firm
from registry.store.ledger import LedgerEntry
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.store.publicities import Objection, Publicity
from registry.store.recognition_lists import announcement_listed
from registry.store.recognitions import Announcement, AnnouncementEntry, Ban, Certificate
from registry.store.standing import StandingChange
from registry.store.statements import Title
from registry.store.trail import trail_page
from registry.work.announce import announce, list_digest
from registry.work.file_books import file_titles
from registry.work.post import Post
from registry.work.seal import open_sealed
from registry.work.weigh_recognition import waiting_states, weigh

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


@pytest.fixture
def table(session: Session) -> Table:
    hall = open_hall(session, windows=False)
    listed = publicity(session, "specialized", now=MONDAY)
    filed_by = hall.people["applicant"].id
    cases = [
        case_at_announcement(session, firm, listed, filed_by=filed_by, now=MONDAY)
        for firm in firms_named(session, range(1, 4), MONDAY)
    ]
    return Table(hall, listed, cases)


def test_only_what_the_city_decides_is_announced_here() -> None:
    assert waiting_states("innovative") == waiting_states("specialized") == {"stage:announcement"}
    assert waiting_states("little_giant") == waiting_states("above_scale") == set()


def test_a_list_is_recognised_with_everything_that_follows(table: Table) -> None:
    session = table.session
    assert table.weigh() == ["", "", ""]
    row = table.announce(source="市政府专题会议纪要")

    assert (row.number, row.announced_on, row.is_outside) == (NUMBER, TODAY, False)
    assert table.states() == {"ended:recognised"}
    listed = announcement_listed(session, row.id)
    assert [one.entry.position for one in listed] == [1, 2, 3]
    assert [one.entry.uscc for one in listed] == sorted(code(number) for number in (1, 2, 3))
    assert row.digest == list_digest(NUMBER, "specialized", TODAY, [one.entry for one in listed])
    assert [one.certificate.number for one in listed if one.certificate] == [
        "QDZT2026-00001",
        "QDZT2026-00002",
        "QDZT2026-00003",
    ]
    held = session.scalars(select(Title).order_by(Title.id)).all()
    assert {(one.recognised_on, one.valid_until, one.kind, one.source) for one in held} == {
        (TODAY, date(2029, 11, 8), "new", NUMBER)
    }
    assert session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.tag == "recognised")) == 3
    steps = session.scalars(select(CaseStep)).all()
    assert {(one.action, one.to_state, one.opinion) for one in steps} == {
        ("recognise", "ended:recognised", "经审核、公示，同意认定")
    }
    assert session.scalar(select(func.count()).select_from(Decision).where(Decision.level == "city")) == 3
    (notice,) = session.scalars(select(Notice).where(Notice.template == "recognised"))
    assert (notice.person_id, notice.address) == (
        table.hall.people["applicant"].id,
        f"/firms/{code(1)}/certificates",
    )
    tags = [one.tag for one in trail_page(session, subject=f"announcement:{row.id}")]
    assert tags == [Tag.CERTIFICATE_ISSUED, Tag.ANNOUNCEMENT_MADE]


def test_a_title_names_the_batch_in_which_its_case_was_submitted(table: Table) -> None:
    batch = window("specialized")
    table.session.add(batch)
    table.session.flush()
    table.cases[0].window_id = batch.id
    table.session.flush()
    table.announce()

    found = table.session.execute(select(Title.firm_id, Title.batch).order_by(Title.firm_id)).all()
    assert dict(found) == {
        table.cases[0].firm_id: "2026年第二批",
        table.cases[1].firm_id: "",
        table.cases[2].firm_id: "",
    }


def test_a_firm_is_written_to_once(table: Table) -> None:
    table.announce(post=Post(KEYS, "https://registry.example.cn"))

    session = table.session
    notices = session.scalars(select(Notice).where(Notice.firm_id == table.cases[0].firm_id)).all()
    assert sorted((one.template, one.letter_id is not None) for one in notices) == [
        ("case", False),
        ("recognised", True),
    ]
    (letter,) = session.scalars(select(Letter))
    text = open_sealed(KEYS, letter.body_sealed or "", about=f"letter:{letter.id}")
    for word in (NUMBER, "QDZT2026-00001", "2029-11-08"):
        assert word in text, word


def test_who_is_left_out_waits_on(table: Table) -> None:
    left = table.cases[1]
    table.announce(case_ids=[table.cases[0].id, table.cases[2].id])

    table.session.refresh(left)
    assert left.state == "stage:announcement"
    assert table.session.scalar(select(func.count()).select_from(Certificate)) == 2


def test_the_list_goes_by_district_and_code(table: Table) -> None:
    firm = table.session.get_one(Firm, table.cases[0].firm_id)
    firm.district = "370214"
    table.cases[0].district = "370214"
    row = table.announce()

    entries = [one.entry for one in announcement_listed(table.session, row.id)]
    assert [one.district for one in entries] == ["370214", "370285", "370285"]


def ban(table: Table, case: Application, last_day: date) -> None:
    row = Ban(
        firm_id=case.firm_id,
        uscc=case.uscc,
        first_day=date(2026, 1, 1),
        last_day=last_day,
        cause="false_data",
        source="test",
        made_at=MONDAY,
        made_by="test",
    )
    table.session.add(row)
    table.session.flush()


@pytest.mark.parametrize(("last_day", "against"), [(TODAY, True), (TODAY - timedelta(days=1), False)])
def test_a_ban_refuses_the_whole_list_to_its_last_day(table: Table, last_day: date, against: bool) -> None:
    ban(table, table.cases[1], last_day)
    assert [bool(one) for one in table.weigh()] == [False, against, False]
    if not against:
        assert table.announce().number == NUMBER
        return
    with pytest.raises(MoveNotAllowed, match="有 1 家不能认定，未作任何办理") as refused, table.session.begin_nested():
        table.announce()
    assert "青岛示例第2轴承有限公司：禁止申报至 2026-11-09" in str(refused.value)
    assert table.states() == {"stage:announcement"}
    assert table.session.scalar(select(func.count()).select_from(Announcement)) == 0
    assert table.session.scalar(select(func.count()).select_from(Title)) == 0


def test_everything_that_stands_against_is_told_with_names(table: Table) -> None:
    session = table.session
    ban(table, table.cases[0], date(2030, 1, 1))
    city = table.hall.people["city"]
    tie = TieRow(
        person_id=city.id, uscc=table.cases[2].uscc, kind="family", note="", declared_at=MONDAY, declared_by="test"
    )
    session.add(tie)
    session.flush()
    with pytest.raises(MoveNotAllowed, match="有 2 家不能认定") as refused, session.begin_nested():
        table.announce()
    for word in ("第1轴承", "禁止申报", "第3轴承", "回避"):
        assert word in str(refused.value)
    session.expire_all()
    assert [bool(one) for one in table.weigh()] == [True, False, True]


def test_whoever_is_barred_from_all_of_them_is_told_so(table: Table) -> None:
    for case in table.cases:
        tie = TieRow(
            person_id=table.hall.people["city"].id,
            uscc=case.uscc,
            kind="family",
            note="",
            declared_at=MONDAY,
            declared_by="test",
        )
        table.session.add(tie)
    table.session.flush()
    with pytest.raises(Barred):
        table.announce()


def test_an_upheld_objection_stands_against(table: Table) -> None:
    row = Objection(
        publicity_id=table.listed.id,
        application_id=table.cases[0].id,
        code="0" * 26,
        objector="王某",
        contact_sealed="x",
        grounds="不符",
        channel="online",
        made_at=MONDAY,
        taken_by="",
        reply="属实",
        is_upheld=True,
        replied_at=MONDAY,
        replied_by=table.hall.people["city"].id,
    )
    table.session.add(row)
    table.session.flush()
    assert "有异议成立" in table.weigh()[0]
    with pytest.raises(MoveNotAllowed, match="有异议成立"):
        table.announce()


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 10, 30), "公示至 2026-10-30"),
        (date(2026, 10, 31), ""),
        (TODAY, ""),
        (TODAY + timedelta(days=1), "不能晚于今天"),
    ],
)
def test_the_day_lies_after_the_publicity_and_not_ahead(table: Table, on: date, why: str) -> None:
    if not why:
        assert table.announce(announced_on=on).announced_on == on
        return
    with pytest.raises((MoveNotAllowed, Refused), match=why):
        table.announce(announced_on=on)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"number": " "}, "number"),
        ({"number": "号" * 61}, "number"),
        ({"title": ""}, "title"),
        ({"title": "题" * 121}, "title"),
        ({"announced_on": None}, "announced_on"),
        ({"opinion": " "}, "opinion"),
        ({"source": "据" * 201}, "source"),
        ({"case_ids": []}, "cases"),
        ({"tier": "little_giant"}, "tier"),
    ],
)
def test_what_is_missing_or_too_long_is_told_by_its_field(table: Table, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        table.announce(**changes)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_the_longest_of_everything_is_taken_and_a_number_once(table: Table) -> None:
    first, second, _third = table.cases
    table.announce(number="号" * 60, title="题" * 120, source="据" * 200, case_ids=[first.id])
    with pytest.raises(Refused, match="用过"):
        table.announce(number="号" * 60, case_ids=[second.id])


def test_a_case_that_moved_since_it_was_looked_at_refuses_the_list(table: Table) -> None:
    versions = {case.id: case.version for case in table.cases}
    versions[table.cases[2].id] -= 1
    with pytest.raises(MoveNotAllowed, match="刚有变动"):
        table.announce(versions=versions)


def test_a_case_elsewhere_or_decided_is_not_announced(table: Table) -> None:
    table.cases[0].state = "stage:city_review"
    table.session.flush()
    with pytest.raises(MoveNotAllowed, match="不在公告环节"):
        table.announce()
    with pytest.raises(MoveNotAllowed, match="不属于本梯度"):
        table.announce(tier="innovative")


@pytest.mark.parametrize("who", ["district", "applicant", "statistician"])
def test_only_the_city_announces(table: Table, who: str) -> None:
    assert all(table.weigh(who))
    with pytest.raises((MoveNotAllowed, Barred)):
        table.announce(who)


def test_who_reviewed_for_the_district_does_not_announce(table: Table) -> None:
    case = table.cases[0]
    table.session.add(
        CaseStep(
            application_id=case.id,
            number=1,
            round=1,
            from_state="stage:district_review",
            action="pass",
            to_state="stage:inquiries",
            role="district_reviewer",
            level="district",
            person_id=table.hall.people["city"].id,
            doer="test",
            opinion="",
            details="{}",
            at=MONDAY,
        )
    )
    table.session.flush()
    assert [bool(one) for one in table.weigh()] == [True, False, False]


@pytest.mark.parametrize(
    ("since", "change", "until"),
    [
        # Held to 2027-04-18: a renewal; the later end holds.
        (date(2024, 4, 19), "renewed", date(2029, 11, 8)),
        # Held to yesterday: without a gap.
        (date(2023, 11, 9), "renewed", date(2029, 11, 8)),
        # Held to the day before yesterday: a gap of a day.
        (date(2023, 11, 8), "reinstated", date(2029, 11, 8)),
    ],
)
def test_a_re_review_runs_from_the_day_of_the_document(table: Table, since: date, change: str, until: date) -> None:
    session, case = table.session, table.cases[0]
    file_titles(session, [title(1, recognised_on=since)], now=MONDAY - timedelta(days=9), source="test")
    case.kind = "re_review"
    session.flush()
    table.announce(case_ids=[case.id])

    found = session.scalars(
        select(StandingChange.kind).where(
            StandingChange.firm_id == case.firm_id,
            StandingChange.tier == "specialized",
            StandingChange.day == TODAY,
            StandingChange.superseded_at.is_(None),
        )
    ).all()
    assert change in found
    certificate = session.scalars(select(Certificate)).one()
    assert (certificate.valid_from, certificate.valid_until) == (TODAY, until)


def test_a_title_of_the_same_day_stands_against(table: Table) -> None:
    file_titles(table.session, [title(1, recognised_on=TODAY)], now=MONDAY, source="test")
    assert "已有同一称号" in table.weigh()[0]
    with pytest.raises(MoveNotAllowed, match="已有同一称号"):
        table.announce()


def test_a_firm_is_named_as_the_register_names_it_today(table: Table) -> None:
    firm = table.session.get_one(Firm, table.cases[0].firm_id)
    firm.name, firm.name_on = "青岛新名轴承有限公司", TODAY
    table.session.flush()
    row = table.announce(case_ids=[table.cases[0].id])

    (entry,) = table.session.scalars(select(AnnouncementEntry).where(AnnouncementEntry.announcement_id == row.id))
    assert entry.name == "青岛新名轴承有限公司"
