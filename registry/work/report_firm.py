"""Reports 实名举报 on a firm's information: by real name; the firm is asked, the bureau settles it. Never commits.

Who reported is never told to the firm; the contact is sealed and shown to an official only, who leaves a trace of it.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from registry.domain import uscc as codes
from registry.domain.actors import Actor, Seat
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.lookup_codes import new_code
from registry.domain.trail import Doer, Tag, plain
from registry.domain.workdays import deadline
from registry.store.firms import Firm
from registry.store.papers import Report
from registry.store.queries import firm_by_uscc
from registry.store.statements import ScaleStay, Title
from registry.work.decide import tie_against
from registry.work.keep_calendar import calendar_of
from registry.work.notify import people_of_bureau, people_of_firm, tell
from registry.work.post import Post
from registry.work.report_change import bar_on_papers, faults_of_words
from registry.work.seal import Keys, open_sealed, seal
from registry.work.trace import record

LEAST_GROUNDS, LEAST_WORDS = 10, 5
LONGEST_NAME, LONGEST_CONTACT = 30, 100
# [D] Working days in which the firm is to answer.
ANSWER_DAYS = 10
# What people write who do not want to be named.
_NO_NAMES = re.compile(r"匿名|无名|某某|路人|群众|不便|保密|x{2,}|\*|某$|^某|anonym|nobody|unknown", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9]")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def report(
    session: Session,
    keys: Keys,
    *,
    uscc: str,
    reporter: str,
    contact: str,
    grounds: str,
    doer: Doer,
    now: datetime,
    post: Post | None = None,
) -> Report:
    """Take a report on a firm whose title or entry is public.

    Raises:
        Refused: at `uscc`, `reporter`, `contact`, `grounds`; all faults at once.
    """
    name, ways, words = reporter.strip(), contact.strip(), grounds.strip()
    firm, faults = None, []
    code = codes.canonical(uscc)
    if fault := codes.fault_of(code):
        faults.append(Fault("uscc", fault))
    else:
        firm = firm_by_uscc(session, code)
        if firm is None or not is_public(session, firm):
            faults.append(
                Fault(
                    "uscc",
                    "没有查到已公布称号的这家企业；正在公示的企业请在公示页面提出异议 "
                    "(no firm with a public title has this code; to a firm on a publicity list, object there)",
                )
            )
    faults += _faults_of_name(name) + _faults_of_contact(ways) + faults_of_words("grounds", words, LEAST_GROUNDS)
    if faults or firm is None:
        raise Refused(faults)
    row = Report(
        firm_id=firm.id,
        district=firm.district,
        code=new_code(),
        reporter=name,
        contact_sealed="",
        grounds=words,
        state="open",
        made_at=now,
        question="",
        firm_reply="",
        finding="",
    )
    session.add(row)
    session.flush()
    row.contact_sealed = seal(keys, ways, about=_about(row))
    session.flush()
    record(session, Tag.REPORT_MADE, doer, now=now, subject=f"report:{row.id}", after={"firm": firm.uscc})
    _tell_bureau(session, row, firm, "report_made", now, post)
    return row


def is_public(session: Session, firm: Firm) -> bool:
    """Say whether the register told the public of a firm: it holds or held a title, or is or was above scale."""
    return session.scalar(select(Firm.id).where(Firm.id == firm.id, _PUBLIC)) is not None


def public_firms(session: Session, name: str, limit: int = 10) -> Sequence[Firm]:
    """Return firms with a public title whose name holds a text, by name; to choose from."""
    if len(name.strip()) < 2:
        return []
    query = select(Firm).where(Firm.name.contains(name.strip(), autoescape=True), _PUBLIC)
    return session.scalars(query.order_by(Firm.name, Firm.id).limit(limit)).all()


_PUBLIC = or_(
    exists().where(Title.firm_id == Firm.id, Title.superseded_at.is_(None)),
    exists().where(ScaleStay.firm_id == Firm.id, ScaleStay.superseded_at.is_(None)),
)


def report_by_code(session: Session, code: str) -> tuple[Report, Firm] | None:
    """Return a report by the code that its reporter was given."""
    query = select(Report, Firm).join(Firm, Firm.id == Report.firm_id).where(Report.code == code)
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def ask_firm(
    session: Session, actor: Actor, seat: Seat, row: Report, *, question: str, now: datetime, post: Post | None = None
) -> None:
    """Ask the firm about what was reported, once.

    Raises:
        Refused: at `question`; also where it names the reporter.
        MoveNotAllowed: it was asked, or the report is settled.
        Barred: the actor is tied to the firm.
    """
    _ensure_state(row, "open")
    words = question.strip()
    faults = faults_of_words("question", words, LEAST_WORDS)
    if not faults and row.reporter in words:
        faults.append(
            Fault(
                "question",
                "问题里写了举报人的姓名，不得向企业透露 (it names the reporter: the firm must not learn that)",
            )
        )
    if faults:
        raise Refused(faults)
    firm = _unbarred(session, actor, row, now)
    row.state, row.question = "asked", words
    row.due_on = deadline(now.date(), ANSWER_DAYS, calendar_of(session)).last_day
    session.flush()
    told = {"firm": firm.uscc, "question": words, "due_on": row.due_on}
    record(session, Tag.REPORT_ASKED, actor.doer(seat), now=now, subject=f"report:{row.id}", after=told)
    tell(
        session,
        people_of_firm(session, firm.id, now.date()),
        "report_question",
        {"firm": firm.name, "question": plain(words, 600), "due_on": row.due_on},
        once=f"report:{row.id}:asked",
        address=f"/firms/{firm.uscc}/questions/{row.id}",
        firm_id=firm.id,
        now=now,
        post=post,
    )


def reply(
    session: Session, actor: Actor, seat: Seat, row: Report, *, words: str, now: datetime, post: Post | None = None
) -> None:
    """Answer what the bureau asks, for the firm, once; late as long as nothing is settled.

    Raises:
        Refused: at `words`.
        MoveNotAllowed: nothing is asked, it was answered, or it is settled.
        Barred: the seat does not reach the firm.
    """
    if seat not in actor.seats or row.firm_id not in seat.firm_ids:
        raise Barred("您不能代表这家企业答复 (you do not act for this firm)")
    _ensure_state(row, "asked")
    if row.firm_replied_at is not None:
        raise MoveNotAllowed(
            "已经答复过，不能再改；补充材料请联系主管部门 (it was answered: ask the bureau to add more)"
        )
    text = words.strip()
    faults = faults_of_words("words", text, LEAST_WORDS)
    if faults:
        raise Refused(faults)
    row.firm_reply, row.firm_replied_at = text, now
    session.flush()
    firm = session.get_one(Firm, row.firm_id)
    told = {"firm": firm.uscc, "reply": text}
    record(session, Tag.REPORT_REPLIED, actor.doer(seat), now=now, subject=f"report:{row.id}", after=told)
    _tell_bureau(session, row, firm, "report_replied", now, post)


def settle_report(
    session: Session,
    actor: Actor,
    seat: Seat,
    row: Report,
    *,
    is_upheld: bool | None,
    finding: str,
    now: datetime,
    post: Post | None = None,
) -> None:
    """Say what was found. Nothing is upheld before the firm was heard, or had its time to answer.

    Raises:
        Refused: at `is_upheld`, `finding`.
        MoveNotAllowed: it is settled, or upheld without the firm having been heard.
        Barred: the actor is tied to the firm.
    """
    _ensure_state(row, "open", "asked")
    text, faults = finding.strip(), []
    if is_upheld is None:
        faults.append(Fault("is_upheld", "请选择是否属实 (choose whether it is true)"))
    faults += faults_of_words("finding", text, LEAST_WORDS)
    if not faults and row.reporter in text:
        faults.append(
            Fault("finding", "结论里写了举报人的姓名，企业会看到 (it names the reporter, and the firm will read it)")
        )
    if faults:
        raise Refused(faults)
    if is_upheld and not was_heard(row, now):
        raise MoveNotAllowed(
            "认定属实之前须先向企业核实：请先发问，并等企业答复或期限届满 "
            "(the firm is asked first: wait for its answer, or for the end of its time)"
        )
    firm = _unbarred(session, actor, row, now)
    was_asked = row.state == "asked"
    row.state, row.is_upheld, row.finding = "settled", is_upheld, text
    row.settled_at, row.settled_by = now, actor.person_id
    session.flush()
    told = {"firm": firm.uscc, "upheld": is_upheld, "finding": text}
    record(session, Tag.REPORT_SETTLED, actor.doer(seat), now=now, subject=f"report:{row.id}", after=told)
    if was_asked:
        tell(
            session,
            people_of_firm(session, firm.id, now.date()),
            "report_settled",
            {"firm": firm.name, "is_upheld": is_upheld, "finding": plain(text, 600)},
            once=f"report:{row.id}:settled",
            address=f"/firms/{firm.uscc}/questions/{row.id}",
            firm_id=firm.id,
            now=now,
            post=post,
        )


def was_heard(row: Report, now: datetime) -> bool:
    """Say whether the firm has answered, or its last day is over."""
    return row.firm_replied_at is not None or (row.due_on is not None and row.due_on < now.date())


def show_contact(session: Session, keys: Keys, row: Report, *, actor: Actor, seat: Seat, now: datetime) -> str:
    """Return how the reporter is reached, to an official, and trace that it was shown.

    Raises:
        Barred: the actor is tied to the firm.
    """
    against = tie_against(session, actor, session.get_one(Firm, row.firm_id).uscc, now)
    if against:
        raise Barred(against)
    told = {"field": "contact", "why": f"report:{row.id}"}
    subject = f"report:{row.id}"
    record(session, Tag.CONFIDENTIAL_REVEALED, actor.doer(seat), now=now, subject=subject, after=told)
    return open_sealed(keys, row.contact_sealed, about=_about(row))


def _about(row: Report) -> str:
    return f"report:{row.id}:contact"


def _unbarred(session: Session, actor: Actor, row: Report, now: datetime) -> Firm:
    firm = session.get_one(Firm, row.firm_id)
    against = bar_on_papers(session, actor, ("report", row.id), firm, now)
    if against:
        raise Barred(against)
    return firm


def _ensure_state(row: Report, *states: str) -> None:
    if row.state not in states:
        raise MoveNotAllowed("举报的状态已变，请刷新页面 (the report has moved on: reload the page)")


def _tell_bureau(session: Session, row: Report, firm: Firm, template: str, now: datetime, post: Post | None) -> None:
    tell(
        session,
        people_of_bureau(session, row.district),
        template,
        {"firm": firm.name},
        once=f"report:{row.id}:{template}",
        address=f"/papers/reports/{row.id}",
        firm_id=firm.id,
        now=now,
        post=post,
    )


def _faults_of_name(name: str) -> list[Fault]:
    if not name:
        return [Fault("reporter", "请填写您的真实姓名：只受理实名举报 (your real name, please)")]
    if len(name) < 2 or len(name) > LONGEST_NAME or not name.isprintable() or any(one.isdigit() for one in name):
        return [Fault("reporter", f"应为 2–{LONGEST_NAME} 个字的姓名 (a name of 2 to {LONGEST_NAME} characters)")]
    if _NO_NAMES.search(name):
        return [
            Fault(
                "reporter",
                "匿名举报不予受理；请填写真实姓名，主管部门不会向企业透露 "
                "(anonymous reports are not taken; the firm does not learn who you are)",
            )
        ]
    return []


def _faults_of_contact(ways: str) -> list[Fault]:
    if len(ways) > LONGEST_CONTACT or not ways.isprintable():
        return [Fault("contact", f"请填写不超过 {LONGEST_CONTACT} 个字符 (at most {LONGEST_CONTACT} characters)")]
    if _TELEPHONE.fullmatch(ways) or _ADDRESS.fullmatch(ways):
        return []
    return [Fault("contact", "请填写能联系到您的电话或邮箱 (a telephone number or e-mail address, please)")]
