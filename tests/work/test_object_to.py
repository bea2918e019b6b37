"""Objections to firms on lists: who may make one until when, what is kept of him, who answers, what the firm reads."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from casework import SHANGHAI, Hall, open_hall
from objected_cases import SAID, answer, listed_case, object_here
from publicity_cases import KEYS, list_of, waiting_case
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.lookup_codes import canonical
from registry.domain.trail import Tag
from registry.evidence.vault import Vault
from registry.store.cases import CaseStep
from registry.store.evidence import digests_needed
from registry.store.notices import Notice
from registry.store.publicities import Objection, ObjectionFile
from registry.store.publicity_lists import files_of_objection, objection_by_code, objections_of
from registry.store.trail import trail_page
from registry.work.keep_evidence import Offered, files_needed
from registry.work.object_to import enter_objection
from registry.work.objection_words import read_objection
from registry.work.seal import open_sealed

SECRETS = ("王大明", "13812345678", "纳税申报不符")


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def offered(letter: str) -> Offered:
    return Offered(f"{letter}.pdf", "pdf", 10, letter * 64)


def test_an_objection_is_kept_with_its_contact_sealed_and_its_name_nowhere_else(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case, files=[offered("a"), offered("b")])

    assert (row.objector, row.channel, row.taken_by, row.reply, row.is_upheld) == ("王大明", "online", "", "", None)
    assert canonical(row.code) == row.code
    assert "13812345678" not in row.contact_sealed
    assert open_sealed(KEYS, row.contact_sealed, about=f"objection:{row.id}:contact") == "13812345678"
    assert [one.name for one in files_of_objection(hall.session, row.id)] == ["a.pdf", "b.pdf"]
    step = hall.session.scalars(select(CaseStep).order_by(CaseStep.id.desc())).first()
    assert step is not None
    assert (step.action, step.person_id, step.role, step.details) == ("object", None, None, f'{{"objection":{row.id}}}')
    assert case.state == "stage:publicity"
    told = [str(one) for one in trail_page(hall.session, limit=1000)]
    told += [f"{one.told}{one.address}" for one in hall.session.scalars(select(Notice))]
    told += [f"{one.details}{one.opinion}{one.doer}" for one in hall.session.scalars(select(CaseStep))]
    for secret in (*SECRETS, row.code):
        assert not [one for one in told if secret in one], secret
    (entry,) = trail_page(hall.session, tag=Tag.OBJECTION_MADE)
    assert (entry.subject, entry.address, entry.name) == (f"application:{case.id}", "10.9.9.9", "")


def test_the_office_is_told_to_answer_and_the_firm_that_there_was_one(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    told = {(one.person_id, one.template): one.address for one in hall.session.scalars(select(Notice))}
    people = hall.people

    assert told[people["applicant"].id, "objection_noted"] == f"/applications/{case.id}"
    address = f"/publicities/{listed.id}/objections/{row.id}"
    assert told[people["city"].id, "objection"] == told[people["second_city"].id, "objection"] == address
    assert (people["district"].id, "objection") not in told
    answer(hall, "city", listed, case, row)
    templates = [one.template for one in hall.session.scalars(select(Notice).order_by(Notice.id))]
    assert templates.count("objection_answered") == 1


def test_of_a_districts_list_that_districts_office_is_told(hall: Hall) -> None:
    listed, case = listed_case(hall, stage="district_publicity")
    object_here(hall, listed, case)
    query = select(Notice.person_id).where(Notice.template == "objection")

    assert set(hall.session.scalars(query)) == {hall.people[one].id for one in ("district", "second_district")}


@pytest.mark.parametrize(
    ("at", "is_taken"),
    [
        (datetime(2026, 11, 9, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 13, 23, 59, 59, 999_999, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 14, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_the_whole_last_day_belongs_to_the_publicity(hall: Hall, at: datetime, is_taken: bool) -> None:
    listed, case = listed_case(hall)
    hall.now = at
    if is_taken:
        assert object_here(hall, listed, case).made_at == at
        return
    with pytest.raises(MoveNotAllowed, match="公示已于 2026-11-13 结束"):
        object_here(hall, listed, case)
    assert hall.session.scalars(select(Objection)).all() == []


def test_before_the_first_day_nobody_objects(hall: Hall) -> None:
    case = waiting_case(hall, 1)
    listed = list_of(hall, [case], first_day=date(2026, 11, 11))
    hall.now = datetime(2026, 11, 10, 23, 59, tzinfo=SHANGHAI)
    with pytest.raises(MoveNotAllowed, match="公示自 2026-11-11 开始"):
        object_here(hall, listed, case)
    hall.now = datetime(2026, 11, 11, 0, 0, tzinfo=SHANGHAI)
    object_here(hall, listed, case)


def test_a_firm_that_withdrew_is_objected_to_no_more(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    hall.act("applicant", case, "withdraw")
    with pytest.raises(MoveNotAllowed, match="不再受理"):
        object_here(hall, listed, case)
    with pytest.raises(MoveNotAllowed):
        answer(hall, "city", listed, case, row)
    found = objection_by_code(hall.session, row.code)
    assert found is not None and found.state == "moot"


@pytest.mark.parametrize(
    "name",
    ["", " ", "王", "匿名", "匿名群众", "Anonymous", "ANONYMOUS citizen", "不愿透露姓名", "12345678", "……", "长" * 51],
)
def test_an_anonymous_objection_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(Refused) as refused:
        read_objection(**(SAID | {"name": name}))
    (fault,) = refused.value.faults
    assert fault.path == "name"
    assert "实名" in fault.message and "不会告知企业" in fault.message


@pytest.mark.parametrize(
    ("field", "value", "is_taken"),
    [
        ("name", "王明", True),
        ("name", "长" * 50, True),
        ("name", "Müller-Lüdenscheidt", True),
        ("name", "青岛某某商会3区", True),
        ("contact", "1234", False),
        ("contact", "12345", True),
        ("contact", "长" * 200, True),
        ("contact", "长" * 201, False),
        ("contact", "", False),
        ("contact", "a\x00bcdef", False),
        ("grounds", "九个字九个字九个字", False),
        ("grounds", "十个字十个字十个字十", True),
        ("grounds", "空 \n白 不 算 字 \t 数", False),
        ("grounds", "长" * 5_000, True),
        ("grounds", "长" * 5_001, False),
        ("grounds", "长" * 10_000, False),
        ("grounds", "带有控制符\x00的异议内容在此", False),
        ("grounds", "<script>alert(1)</script>", True),
    ],
)
def test_what_is_said_is_read_at_its_bounds(field: str, value: str, is_taken: bool) -> None:
    if is_taken:
        said = read_objection(**(SAID | {field: value}))
        assert getattr(said, field) == value
        return
    with pytest.raises(Refused) as refused:
        read_objection(**(SAID | {field: value}))
    assert [fault.path for fault in refused.value.faults] == [field]
    assert not value or value not in str(refused.value)


def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        read_objection("", "", "")
    assert [fault.path for fault in refused.value.faults] == ["name", "contact", "grounds"]


def test_five_files_may_come_and_not_six(hall: Hall) -> None:
    listed, case = listed_case(hall)
    with pytest.raises(Refused, match="最多附 5 份"):
        object_here(hall, listed, case, files=[offered(letter) for letter in "abcdef"])
    object_here(hall, listed, case, files=[offered(letter) for letter in "abcde"])


def test_a_sweep_keeps_the_files_of_objections(hall: Hall, tmp_path: Any) -> None:
    listed, case = listed_case(hall)
    vault, kept = Vault(tmp_path / "vault"), []
    for content in (b"of an objection", b"of nobody"):
        source = tmp_path / "source"
        source.write_bytes(content)
        with source.open("rb") as file, vault.draft(file, 1000) as draft:
            vault.keep(draft)
            kept.append(Offered("x.pdf", "pdf", draft.size, draft.sha256))
    object_here(hall, listed, case, files=[kept[0]])
    assert kept[0].sha256 in digests_needed(hall.session)
    later = datetime.now(SHANGHAI) + timedelta(days=3)
    swept = vault.sweep(files_needed(hall.session, later), later)

    assert swept.orphans == 1
    assert vault.read(kept[0].sha256) == b"of an objection"


def test_a_letter_is_entered_by_the_office_of_the_list_and_by_no_other(hall: Hall) -> None:
    listed, case = listed_case(hall)
    said, monday = read_objection(**SAID), hall.now.date()

    def enter(who: str, received_on: date = monday) -> Objection:
        actor = hall.actor(who)
        return enter_objection(
            hall.session, actor, actor.seats, listed, case, said, received_on=received_on, keys=KEYS, now=hall.now
        )

    for who in ("district", "statistician", "tax", "applicant"):
        with pytest.raises((MoveNotAllowed, Barred)):
            enter(who)
    row = enter("city")
    assert row.channel == "office" and row.taken_by.startswith("测试city")
    step = hall.session.scalars(select(CaseStep).order_by(CaseStep.id.desc())).first()
    assert step is not None
    assert (step.action, step.level, step.person_id) == ("object", "city", hall.people["city"].id)
    # A letter that came in time may be entered later, and none by a day outside the publicity.
    hall.move(days=6)
    assert hall.now.date() > listed.last_day
    enter("city", date(2026, 11, 13))
    for day in (date(2026, 11, 8), date(2026, 11, 14), hall.now.date() + timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            enter("city", day)
        assert [fault.path for fault in refused.value.faults] == ["received_on"]
    assert len(objections_of(hall.session, listed.id)[case.id]) == 2


def test_a_row_without_a_name_or_grounds_is_refused_by_the_database(hall: Hall) -> None:
    listed, case = listed_case(hall)
    row = object_here(hall, listed, case)
    assert hall.session.get(Objection, row.id) is row
    hall.session.execute(delete(ObjectionFile))
    assert objection_by_code(hall.session, "0" * 26) is None
