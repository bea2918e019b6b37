"""Announces recognitions 公告: the firms of a list are recognised, all of them or none, by one document. Never commits.

The moves of the cases, the frozen list, the titles in the books, the certificates and the word to the firms are one
transaction. What stands against one firm refuses the whole list with every name and reason, unless it is left out.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import Barred, Fault, MoveNotAllowed, Refused
from registry.domain.firms import TitleRow
from registry.domain.periods import last_valid_day
from registry.domain.trail import Tag
from registry.store.cases import Application
from registry.store.recognition_lists import MOST_ANNOUNCED, batches_of, firms_by_id
from registry.store.recognitions import Announcement, AnnouncementEntry, Certificate
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import LONGEST_OPINION, Given
from registry.work.file_books import file_titles
from registry.work.issue_certificate import Holder, issue_certificates
from registry.work.move_case import make_move
from registry.work.notify import people_of_firms, tell, told_of_case
from registry.work.post import Post
from registry.work.seal import Keys
from registry.work.trace import record
from registry.work.weigh_recognition import outcome_at, standing_against, waiting_states

LONGEST_NUMBER = 60
LONGEST_TITLE = 120
LONGEST_SOURCE = 200
_MOST_TOLD = 20
# The English half of a message, which cannot name firms.
_ENGLISH = re.compile(r"\s*\([ -~]+\)")


def announce(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    *,
    tier: str,
    number: str,
    title: str,
    announced_on: date | None,
    case_ids: Sequence[int],
    opinion: str,
    source: str = "",
    versions: Mapping[int, int] | None = None,
    keys: Keys,
    post: Post | None = None,
    now: datetime,
) -> Announcement:
    """Recognise the firms of a list and announce it; their titles run from the day of the document.

    Args:
        number: of the document 文号.
        case_ids: those to recognise; whoever is not among them is left out.
        versions: of the cases, as they were looked at.
        source: what it rests on beside the document itself.

    Raises:
        Refused: at `number`, `title`, `announced_on`, `cases`, `opinion` or `source`.
        MoveNotAllowed: some cannot be recognised; says which and why.
        Barred: every one of them is barred to this actor.
    """
    day = check_document(session, tier, number, title, announced_on, case_ids, opinion, source, now)
    own_seats = [seat for seat in seats if seat in actor.seats]
    cases = _cases(session, tier, case_ids)
    _refuse_if_any(cases, standing_against(session, cases, day))
    _recognise(session, actor, own_seats, cases, number.strip(), opinion, versions or {}, now)
    # Name and place as the register has them today: the document names the firm as it is called now.
    firms = firms_by_id(session, [case.firm_id for case in cases])
    batches = batches_of(session, {case.window_id for case in cases if case.window_id})
    entries = [
        AnnouncementEntry(
            position=position,
            application_id=case.id,
            uscc=case.uscc,
            name=firms[case.firm_id].name,
            district=firms[case.firm_id].district,
            kind=case.kind,
        )
        for position, case in enumerate(cases, start=1)
    ]
    doer = actor.doer(next(iter(own_seats), None))
    row = Announcement(
        number=number.strip(),
        title=title.strip(),
        tier=tier,
        announced_on=day,
        is_outside=False,
        source=source.strip(),
        digest=list_digest(number.strip(), tier, day, entries),
        made_at=now,
        made_by=doer.signature,
    )
    session.add(row)
    session.flush()
    for entry in entries:
        entry.announcement_id = row.id
    session.add_all(entries)
    until = last_valid_day(day)
    titles = [
        TitleRow(
            case.uscc,
            entry.name,
            entry.district or "",
            tier,
            case.kind,
            day,
            until,
            batches.get(case.window_id or 0, ""),
            row.number,
        )
        for case, entry in zip(cases, entries, strict=True)
    ]
    holders = [
        Holder(case.firm_id, case.uscc, entry.name, day, until, case.id)
        for case, entry in zip(cases, entries, strict=True)
    ]
    told_cases = {case.id: told_of_case(case) for case in cases}
    subject = f"announcement:{row.id}"
    told = {"number": row.number, "title": row.title, "tier": tier, "announced_on": day, "count": len(cases)}
    record(session, Tag.ANNOUNCEMENT_MADE, doer, now=now, subject=subject, after=told | {"digest": row.digest})
    file_titles(session, titles, now=now, source=row.number, actor=doer.signature, doer=doer)
    certificates = issue_certificates(session, tier, holders, announcement=row, keys=keys, doer=doer, now=now)
    _tell(session, row, certificates, told_cases, now, post)
    return row


def list_digest(number: str, tier: str, day: date, entries: Iterable[AnnouncementEntry]) -> str:
    """Return the digest of a list as it is frozen."""
    rows = [[one.position, one.uscc, one.name, one.district, one.kind] for one in entries]
    text = json.dumps([number, tier, day.isoformat(), rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_document(
    session: Session,
    tier: str,
    number: str,
    title: str,
    announced_on: date | None,
    case_ids: Sequence[int],
    opinion: str,
    source: str,
    now: datetime,
) -> date:
    """Return the day of a document whose words are all there.

    Raises:
        Refused: for all that is missing, too long or used already, by its field.
    """
    faults = []
    if not waiting_states(tier):
        faults.append(Fault("tier", "这一梯度不由本市公告认定 (this tier is not recognised by the city)"))
    for path, text, most, missing in (
        ("number", number, LONGEST_NUMBER, "请填写认定文号 (give the number of the document)"),
        ("title", title, LONGEST_TITLE, "请填写公告标题 (give the title)"),
        ("source", source, LONGEST_SOURCE, ""),
        ("opinion", opinion, LONGEST_OPINION, "请填写认定意见 (give an opinion)"),
    ):
        if missing and not text.strip():
            faults.append(Fault(path, missing))
        elif len(text.strip()) > most:
            faults.append(Fault(path, f"请填写不超过 {most} 个字符 (at most {most} characters)"))
    if announced_on is None:
        faults.append(Fault("announced_on", "请填写公告日期 (give the day of the document)"))
    elif announced_on > now.date():
        faults.append(Fault("announced_on", "公告日期不能晚于今天 (the day may not lie ahead)"))
    if session.scalar(select(Announcement.id).where(Announcement.number == number.strip())) is not None:
        faults.append(Fault("number", "这个文号已经用过 (there is an announcement of this number)"))
    if not case_ids:
        faults.append(Fault("cases", "请至少选择一家企业 (choose at least one firm)"))
    elif len(case_ids) > MOST_ANNOUNCED:
        faults.append(
            Fault("cases", f"一次最多公告 {MOST_ANNOUNCED} 家 (at most {MOST_ANNOUNCED} firms in one announcement)")
        )
    if faults or announced_on is None:
        raise Refused(faults)
    return announced_on


def _cases(session: Session, tier: str, case_ids: Sequence[int]) -> list[Application]:
    """Return the cases in the order of the list: by district, then by code."""
    wanted = set(case_ids)
    query = select(Application).where(Application.id.in_(wanted), Application.tier == tier)
    cases = list(session.scalars(query.order_by(Application.district, Application.uscc)))
    if len(cases) != len(wanted):
        raise MoveNotAllowed("名单中有不属于本梯度的案件，请刷新页面 (a case is not of this tier: reload the page)")
    return cases


def _recognise(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    cases: Sequence[Application],
    number: str,
    opinion: str,
    versions: Mapping[int, int],
    now: datetime,
) -> None:
    """Make the move of every case; what refuses one is told with all the others, and undoes all."""
    against: dict[int, str] = {}
    barred = 0
    for case in cases:
        outcome = outcome_at(procedure_of(case), state_of(case).at) or ""
        given = Given(opinion=opinion, version=versions.get(case.id), source=number, details={"announcement": number})
        try:
            # No mail of the move itself: the one that tells of the certificate says more.
            make_move(session, actor, seats, case, outcome, given, now=now)
        except (MoveNotAllowed, Barred) as refused:
            against[case.id] = str(refused)
            barred += isinstance(refused, Barred)
    if barred and barred == len(cases):
        raise Barred(next(iter(against.values())))
    _refuse_if_any(cases, against)


def _refuse_if_any(cases: Sequence[Application], against: Mapping[int, str]) -> None:
    """Refuse the list for everything that stands against firms on it, each named."""
    named = [f"{case.firm_name}：{_ENGLISH.sub('', against[case.id])}" for case in cases if case.id in against]
    if not named:
        return
    count = len(named)
    more = f"；另有 {count - _MOST_TOLD} 家" if count > _MOST_TOLD else ""
    raise MoveNotAllowed(
        f"有 {count} 家不能认定，未作任何办理。{'；'.join(named[:_MOST_TOLD])}{more} "
        f"({count} of the list cannot be recognised: nothing was done)"
    )


def _tell(
    session: Session,
    row: Announcement,
    certificates: Sequence[Certificate],
    told_cases: Mapping[int, Mapping[str, Any]],
    now: datetime,
    post: Post | None,
) -> None:
    people = people_of_firms(session, [one.firm_id for one in certificates], now.date())
    for one in certificates:
        told = {
            "certificate": one.number,
            "announcement": row.number,
            "valid_from": one.valid_from,
            "valid_until": one.valid_until,
        }
        tell(
            session,
            people.get(one.firm_id, []),
            "recognised",
            {**told_cases.get(one.application_id or 0, {}), **told},
            once=f"certificate:{one.id}",
            address=f"/firms/{one.uscc}/certificates",
            firm_id=one.firm_id,
            application_id=one.application_id,
            now=now,
            post=post,
        )
