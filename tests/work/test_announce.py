"""Announcing recognitions: all of a list or none, into the books, with certificates; what stands against it is told."""

from datetime import date, timedelta

import pytest
from announced_table import NUMBER, TODAY, Table, fixture_table  # noqa: F401
from casework import MONDAY, window
from make import code, title
from recognitions import KEYS
from sqlalchemy import func, select

from registry.domain.errors import Refused
from registry.domain.trail import Tag
from registry.store.cases import CaseStep
from registry.store.decisions import Decision
from registry.store.firms import Firm
from registry.store.ledger import LedgerEntry
from registry.store.letters import Letter
from registry.store.notices import Notice
from registry.store.recognition_lists import announcement_listed
from registry.store.recognitions import AnnouncementEntry, Certificate
from registry.store.standing import StandingChange
from registry.store.statements import Title
from registry.store.trail import trail_page
from registry.work.announce import list_digest
from registry.work.file_books import file_titles
from registry.work.post import Post
from registry.work.seal import open_sealed
from registry.work.weigh_recognition import waiting_states


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


def test_the_longest_of_everything_is_taken_and_a_number_once(table: Table) -> None:
    first, second, _third = table.cases
    table.announce(number="号" * 60, title="题" * 120, source="据" * 200, case_ids=[first.id])
    with pytest.raises(Refused, match="用过"):
        table.announce(number="号" * 60, case_ids=[second.id])


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


def test_a_firm_is_named_as_the_register_names_it_today(table: Table) -> None:
    firm = table.session.get_one(Firm, table.cases[0].firm_id)
    firm.name, firm.name_on = "青岛新名轴承有限公司", TODAY
    table.session.flush()
    row = table.announce(case_ids=[table.cases[0].id])

    (entry,) = table.session.scalars(select(AnnouncementEntry).where(AnnouncementEntry.announcement_id == row.id))
    assert entry.name == "青岛新名轴承有限公司"
