"""Objections 异议 to firms that were made public: by real name, while the list runs; each answered once. Never commits.

Who objected, and how to reach him, is for the office of the list alone; the firm is told that there was an objection
and that it was answered, never by whom.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.lookup_codes import new_code
from registry.domain.procedure import LEADERS, Level
from registry.domain.trail import Doer, Tag
from registry.store.cases import Application
from registry.store.publicities import Objection, ObjectionFile, Publicity
from registry.store.publicity_lists import is_running
from registry.work.case_guards import Given
from registry.work.case_steps import note_step
from registry.work.decide import tie_against
from registry.work.keep_evidence import Offered
from registry.work.move_case import make_move
from registry.work.notify import FIRM_CASE, people_of_firm, people_of_office, tell, told_of_case
from registry.work.objection_words import Said
from registry.work.open_account import read_text
from registry.work.post import Post
from registry.work.seal import Keys, open_sealed, seal
from registry.work.trace import record

SHORTEST_REPLY, LONGEST_REPLY = 5, 2_000
MOST_FILES = 5


def ensure_open(listed: Publicity, case: Application, on: date) -> None:
    """Make sure that an objection to a firm of a list may be made on a day, the whole last day included.

    Raises:
        MoveNotAllowed: the list has not begun, or is over; or the firm is no longer there.
    """
    if case.state != f"stage:{listed.stage}":
        raise MoveNotAllowed("这家企业已不在公示环节，不再受理异议 (the firm is no longer being made public)")
    if is_running(listed, on):
        return
    if on < listed.first_day:
        raise MoveNotAllowed(f"公示自 {listed.first_day} 开始 (the publicity begins on {listed.first_day})")
    raise MoveNotAllowed(
        f"公示已于 {listed.last_day} 结束，不再受理异议 (the publicity ended on {listed.last_day}: too late to object)"
    )


def object_to(
    session: Session,
    listed: Publicity,
    case: Application,
    said: Said,
    *,
    files: Sequence[Offered] = (),
    keys: Keys,
    doer: Doer,
    now: datetime,
    post: Post | None = None,
) -> Objection:
    """Make an objection online.

    Args:
        files: they lie in the vault.
        doer: as the trail names a visitor; never by his name.
        now: in the zone of the office.

    Raises:
        MoveNotAllowed: as `ensure_open`.
        Refused: at `files`, more than may come.
    """
    ensure_open(listed, case, now.date())
    row = _add(session, listed, case, said, files, keys, channel="online", taken_by="", now=now)
    note_step(session, None, None, case, action=Action.OBJECT, details={"objection": row.id}, now=now)
    _note(session, listed, case, row, files, doer, now, post)
    return row


def enter_objection(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    listed: Publicity,
    case: Application,
    said: Said,
    *,
    received_on: date,
    files: Sequence[Offered] = (),
    keys: Keys,
    now: datetime,
    post: Post | None = None,
) -> Objection:
    """Enter an objection that the office of the list received by letter; it counts by the day it was received.

    Raises:
        Refused: at `received_on`, a day to come or outside the publicity; at `files`.
        MoveNotAllowed: the firm is no longer there, or another office has the case.
        Barred: the actor may not work on the case.
    """
    if received_on > now.date():
        raise Refused.at("received_on", "收到日期不能晚于今天 (not a day to come)")
    if not is_running(listed, received_on):
        raise Refused.at(
            "received_on",
            f"收到日期应在公示期内，{listed.first_day} 至 {listed.last_day} (a day of the publicity expected)",
        )
    given = Given(real_name=True, details={"received_on": received_on})
    step = make_move(session, actor, seats, case, Action.OBJECT, given, now=now, post=post)
    row = _add(session, listed, case, said, files, keys, channel="office", taken_by=step.doer, now=now)
    doer = actor.doer(next((one for one in actor.seats if one.id == step.seat_id), None))
    _note(session, listed, case, row, files, doer, now, post)
    return row


def reply_to(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    listed: Publicity,
    case: Application,
    objection: Objection,
    *,
    reply: str,
    is_upheld: bool | None,
    now: datetime,
    post: Post | None = None,
) -> Objection:
    """Answer an objection, once; whoever holds its code reads the answer.

    Raises:
        Refused: at `reply`, `is_upheld`.
        MoveNotAllowed: it was answered before, or the firm is no longer there.
        Barred: the actor may not work on the case.
    """
    faults: list[Fault] = []
    words = ""
    try:
        words = read_text(reply, "reply", LONGEST_REPLY)
    except Refused as refused:
        faults += refused.faults
    if not faults and len("".join(words.split())) < SHORTEST_REPLY:
        faults.append(
            Fault(
                "reply", f"请写明答复，不少于 {SHORTEST_REPLY} 字 (an answer of {SHORTEST_REPLY} characters at least)"
            )
        )
    if is_upheld is None:
        faults.append(Fault("is_upheld", "请选择异议是否成立 (say whether it is upheld)"))
    if not faults and objection.objector in words:
        # Every office that has the case reads the answer among its steps.
        faults.append(
            Fault(
                "reply",
                "答复里写了异议人的姓名，其他机构办理本案时会看到，请删去 "
                "(it names the objector, and other offices read it with the case: leave the name out)",
            )
        )
    if faults:
        raise Refused(faults)
    if objection.application_id != case.id or objection.publicity_id != listed.id:
        raise LookupError(objection.id)
    if objection.replied_at is not None:
        raise MoveNotAllowed("这条异议已答复 (it was answered before: reload the page)")
    told = {"objection": objection.id, "is_upheld": bool(is_upheld)}
    step = make_move(session, actor, seats, case, Action.REPLY, Given(opinion=words, details=told), now=now, post=post)
    objection.reply, objection.is_upheld = words, bool(is_upheld)
    objection.replied_at, objection.replied_by = now, actor.person_id
    session.flush()
    doer = actor.doer(next((one for one in actor.seats if one.id == step.seat_id), None))
    subject = f"application:{case.id}"
    record(session, Tag.OBJECTION_ANSWERED, doer, now=now, subject=subject, after={**told, "reply": words})
    _tell_firm(session, case, objection, "objection_answered", now, post)
    return objection


def office_seat(listed: Publicity, seats: Iterable[Seat]) -> Seat | None:
    """Return the seat at the office that made a list; None: whoever asks may not know who objected."""
    role = LEADERS[Level(listed.level)]
    return next((one for one in seats if one.role is role and one.district == listed.district), None)


def reveal_contact(
    session: Session, keys: Keys, objection: Objection, case: Application, *, actor: Actor, seat: Seat, now: datetime
) -> str:
    """Return how an objector is reached to somebody of the office of the list, and trace that he saw it.

    Raises:
        Barred: he is tied to the firm that was objected to.
    """
    against = tie_against(session, actor, case.uscc, now)
    if against:
        raise Barred(against)
    told = {"field": "contact", "why": f"publicity:{objection.publicity_id}"}
    subject, doer = f"objection:{objection.id}", actor.doer(seat)
    record(session, Tag.CONFIDENTIAL_REVEALED, doer, now=now, subject=subject, after=told)
    return open_sealed(keys, objection.contact_sealed, about=about_contact(objection))


def note_file_seen(session: Session, row: ObjectionFile, *, doer: Doer, now: datetime) -> None:
    """Trace that a file of an objection is handed out to somebody of the office of the list."""
    told = {"file": row.id, "name": row.name, "sha256": row.sha256}
    record(session, Tag.EVIDENCE_SEEN, doer, now=now, subject=f"objection:{row.objection_id}", after=told)


def about_contact(objection: Objection) -> str:
    """Return what the seal of a contact is bound to."""
    return f"objection:{objection.id}:contact"


def _add(
    session: Session,
    listed: Publicity,
    case: Application,
    said: Said,
    files: Sequence[Offered],
    keys: Keys,
    *,
    channel: str,
    taken_by: str,
    now: datetime,
) -> Objection:
    if len(files) > MOST_FILES:
        raise Refused.at("files", f"最多附 {MOST_FILES} 份文件 (at most {MOST_FILES} files)")
    row = Objection(
        publicity_id=listed.id,
        application_id=case.id,
        code=new_code(),
        objector=said.name,
        contact_sealed="",
        grounds=said.grounds,
        channel=channel,
        made_at=now,
        taken_by=taken_by,
        reply="",
    )
    session.add(row)
    session.flush()
    row.contact_sealed = seal(keys, said.contact, about=about_contact(row))
    session.add_all(
        ObjectionFile(objection_id=row.id, name=one.name, kind=one.kind, size=one.size, sha256=one.sha256, added_at=now)
        for one in files
    )
    session.flush()
    return row


def _note(
    session: Session,
    listed: Publicity,
    case: Application,
    row: Objection,
    files: Sequence[Offered],
    doer: Doer,
    now: datetime,
    post: Post | None,
) -> None:
    """Trace an objection without who made it, tell the office of the list and, in fewer words, the firm."""
    told = {"objection": row.id, "publicity": listed.id, "channel": row.channel}
    told |= {"files": [one.sha256 for one in files]}
    record(session, Tag.OBJECTION_MADE, doer, now=now, subject=f"application:{case.id}", after=told)
    _tell_firm(session, case, row, "objection_noted", now, post)
    tell(
        session,
        people_of_office(session, LEADERS[Level(listed.level)], district=listed.district),
        "objection",
        {**told_of_case(case), "title": listed.title},
        once=f"objection:{row.id}:office",
        address=f"/publicities/{listed.id}/objections/{row.id}",
        application_id=case.id,
        now=now,
        post=post,
    )


def _tell_firm(
    session: Session, case: Application, row: Objection, template: str, now: datetime, post: Post | None
) -> None:
    tell(
        session,
        people_of_firm(session, case.firm_id, now.date()),
        template,
        told_of_case(case),
        once=f"objection:{row.id}:{template}",
        address=FIRM_CASE.format(case.id),
        firm_id=case.firm_id,
        application_id=case.id,
        now=now,
        post=post,
    )
