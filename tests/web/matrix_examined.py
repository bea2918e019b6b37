"""What is found of the hostile tests' cases: departments asked, samples drawn, lists made public and objected to."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from casework import ask_departments, drawn
from clients import DOER
from evidence_files import pdf, stream
from make import code
from matrix_canaries import FOREIGN_PHONE
from matrix_cases import HERE, at_work, found_firm
from matrix_city import FIELD_KEYS, FOREIGN_DISTRICT, NEAR_PHONE
from matrix_evidence import keep_file
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.lookup_codes import new_code
from registry.domain.roles import OfficeKind
from registry.store.cases import Application
from registry.store.examinations import Inquiry, Judgement, SampleMember
from registry.store.offices import OfficeRow
from registry.store.publicities import Objection, ObjectionFile, Publicity, PublicityEntry
from registry.store.recognitions import Announcement, AnnouncementEntry, CertificateLook
from registry.work.ask_departments import answer_inquiry
from registry.work.issue_certificate import Holder, issue_certificates
from registry.work.keep_calendar import ensure_calendar
from registry.work.object_to import about_contact, object_to, reply_to
from registry.work.objection_words import read_objection
from registry.work.publicise import publicise
from registry.work.seal import Keys, seal
from registry.work.seat import open_office

KEYS = Keys.parse(FIELD_KEYS)
# Lists that ran some weeks ago are over by now.
_BEFORE = HERE - timedelta(days=20)


def examine_cases(session: Session, ids: dict[str, Any], folder: Path) -> None:
    """Have the cases examined, made public and announced."""
    ensure_calendar(session, HERE, DOER)
    _ask(session, ids)
    _draw(session, ids)
    _make_public(session, ids, folder)
    _announce(session, ids)


def case_named(session: Session, ids: dict[str, Any], name: str) -> Application:
    """Return a case by its name."""
    return session.get_one(Application, ids[f"case {name}"])


def _ask(session: Session, ids: dict[str, Any]) -> None:
    for who, names in (("district", ("asked", "answered")), ("other_district", ("asked2",))):
        actor = at_work(session, who)
        for name in names:
            ask_departments(session, actor, actor.seats, case_named(session, ids, name), now=HERE)
    officer = at_work(session, "department")
    answer_inquiry(session, officer, officer.seats, case_named(session, ids, "answered"), answer="clear", now=HERE)
    # Of the stranger others were asked than the one who looks.
    for case, department, answer in (("foreign_asked", "tax", None), ("foreign_closed", "emergency", "adverse")):
        row = Inquiry(
            application_id=ids[f"case {case}"], department=department, asked_at=HERE, asked_by="x",
            due_on=HERE.date(), due_is_provisional=False, answer=answer, opinion="x",
        )  # fmt: skip
        if answer:
            row.answered_at, row.answered_by = HERE, ids["foreign_reviewer"]
        session.add(row)
    judged = Judgement(application_id=ids["case foreign_case"], fact="key_link", value=True, reason="x")
    judged.person_id, judged.seat_id = ids["foreign_reviewer"], ids["foreign_reviewer_seat"]
    judged.judged_at = HERE
    session.add(judged)
    session.flush()


def _draw(session: Session, ids: dict[str, Any]) -> None:
    own = session.scalars(select(OfficeRow.id).where(OfficeRow.name == "测试auditor")).one()
    other = open_office(session, OfficeKind.AUDITOR, "别家事务所", uscc=code(960), doer=DOER, now=HERE).id
    ids["own_auditors"] = own
    members: dict[str, list[tuple[str, int | None, str | None]]] = {
        "draw": [("given", own, None), ("drawn", None, None), ("reported", own, "clear"), ("given_away", other, None)],
        "inspection": [("sampled", None, None)],
        "foreign_draw": [("foreign_closed", other, "adverse")],
    }
    for name, listed in members.items():
        tier, stage = ("innovative", "city_sample") if name == "inspection" else ("specialized", "city_audit")
        row = drawn(session, tier, stage, HERE)
        ids[name] = row.id
        for position, (case, office, result) in enumerate(listed, 1):
            member = SampleMember(
                draw_id=row.id, application_id=ids[f"case {case}"], position=position, is_spared=False, is_drawn=True,
                auditor_id=office, result=result, finding="x" if result else "",
            )  # fmt: skip
            if result:
                member.reported_at, member.reported_by = HERE, ids["auditor"]
            session.add(member)
    session.flush()


def _make_public(session: Session, ids: dict[str, Any], folder: Path) -> None:
    yesterday = HERE - timedelta(days=1)
    for name, who, cases, when in (
        ("list", "district", ("listed",), yesterday),
        ("list2", "other_district", ("listed2",), yesterday),
        ("past_list", "district", ("over", "upheld"), _BEFORE),
        ("city_list", "city", ("announced",), _BEFORE),
    ):
        actor = at_work(session, who)
        first = case_named(session, ids, cases[0])
        row = publicise(
            session,
            actor,
            actor.seats,
            tier=first.tier,
            stage=first.state.partition(":")[2],
            title=f"公示 {name}",
            case_ids=[ids[f"case {one}"] for one in cases],
            first_day=when.date(),
            now=when,
        )
        ids[name] = row.id
    case_named(session, ids, "announced").state = "stage:announcement"
    ids["announced version"] = case_named(session, ids, "announced").version
    _foreign_list(session, ids)
    ids["foreign_objection file"] = _file(session, folder, "foreign", objection_id=ids["foreign_objection"])
    for name, listed, case, when in (
        ("objection", "list", "listed", HERE),
        ("objection2", "list2", "listed2", HERE),
        ("past_objection", "past_list", "upheld", _BEFORE),
    ):
        said = read_objection("张三丰", NEAR_PHONE, "该企业的研发投入与实际不符")
        at = session.get_one(Publicity, ids[listed]), case_named(session, ids, case)
        made = object_to(session, *at, said, keys=KEYS, doer=DOER, now=when)
        ids[name], ids[f"{name} code"] = made.id, made.code
        ids[f"{name} file"] = _file(session, folder, name, objection_id=made.id)
    actor, past = at_work(session, "district"), session.get_one(Objection, ids["past_objection"])
    at = session.get_one(Publicity, ids["past_list"]), case_named(session, ids, "upheld")
    reply_to(session, actor, actor.seats, *at, past, reply="经核实，异议成立", is_upheld=True, now=_BEFORE)


def _foreign_list(session: Session, ids: dict[str, Any]) -> None:
    row = Publicity(
        title="x", tier="specialized", stage="district_publicity", level="district", district=FOREIGN_DISTRICT,
        first_day=date(2025, 11, 3), last_day=date(2025, 11, 7), is_provisional=False, days=5, unit="working_days",
        digest="0" * 64, made_at=_BEFORE, made_by="x",
    )  # fmt: skip
    session.add(row)
    session.flush()
    ids["foreign_list"], number = row.id, ids["case foreign_closed"]
    entry = PublicityEntry(publicity_id=row.id, application_id=number, position=1, uscc=code(4), name="x", kind="new")
    entry.district = FOREIGN_DISTRICT
    session.add(entry)
    made = Objection(
        publicity_id=row.id, application_id=number, code=new_code(), objector="x", contact_sealed="", grounds="x",
        channel="online", made_at=_BEFORE, taken_by="x", reply="x", is_upheld=True, replied_at=HERE,
        replied_by=ids["foreign_reviewer"],
    )  # fmt: skip
    session.add(made)
    session.flush()
    made.contact_sealed = seal(KEYS, FOREIGN_PHONE, about=about_contact(made))
    ids["foreign_objection"] = made.id


def _file(session: Session, folder: Path, name: str, **of: int) -> int:
    told = b"canary.objection_file.name" if name == "foreign" else b"near"
    draft = keep_file(folder, pdf({5: stream(told + b" " + name.encode(), packed=False)}))
    row = ObjectionFile(name=f"{name}.pdf", kind="pdf", size=draft[0], sha256=draft[1], added_at=HERE, **of)
    session.add(row)
    session.flush()
    return row.id


def _announce(session: Session, ids: dict[str, Any]) -> None:
    for name, tier, numbers in (("announcement", "innovative", (1, 2)), ("foreign_announcement", "innovative", (4,))):
        row = Announcement(
            number=f"文号 {name}", title="认定公告", tier=tier, announced_on=date(2025, 10, 17), is_outside=False,
            source="x", digest="0" * 64, made_at=HERE, made_by="x",
        )  # fmt: skip
        session.add(row)
        session.flush()
        ids[name] = row.id
        holders = []
        for position, number in enumerate(numbers, 1):
            firm = found_firm(session, number)
            entry = AnnouncementEntry(
                announcement_id=row.id, position=position, application_id=_case_of(ids, number), uscc=firm.uscc,
                name=firm.name, district=firm.district, kind="new",
            )  # fmt: skip
            session.add(entry)
            holders.append(Holder(firm.id, firm.uscc, firm.name, date(2025, 10, 17), date(2028, 10, 16)))
        made = issue_certificates(session, tier, holders, announcement=row, keys=KEYS, doer=DOER, now=HERE)
        for number, certificate in zip(numbers, made, strict=True):
            whose = "foreign_" if number == 4 else ""
            ids[f"{whose}certificate{'' if number == 4 else number}"] = certificate.id
            ids[f"{whose}certificate{'' if number == 4 else number} code"] = certificate.code
    session.add(CertificateLook(certificate_id=ids["foreign_certificate"], at=HERE, answer="valid"))
    session.flush()


def _case_of(ids: dict[str, Any], number: int) -> int | None:
    return {1: ids["case closed1"], 4: ids["case foreign_recognised"]}.get(number)
