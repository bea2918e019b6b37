"""Imports what was decided outside: a published list of little giants, or of firms entered above scale. Never commits.

The list is matched with the cases that wait for it, by code. What differs is shown before anything is written; then the
books take the whole list, the cases on it are closed as it says, and those not on it only if the list is complete.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Phase, State
from registry.domain.codes import DISTRICTS, DISTRICTS_EN, KIND_WORDS, TIER_WORDS
from registry.domain.errors import Fault, Refused
from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.procedure import Ending, Procedure, Stage, StageKind
from registry.domain.trail import Tag
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.recognitions import Announcement, AnnouncementEntry
from registry.work.case_bars import procedure_of
from registry.work.case_guards import Given
from registry.work.file_books import file_stays, file_titles
from registry.work.move_case import make_move
from registry.work.post import Post
from registry.work.trace import record

OUTSIDE_TIERS = ("little_giant", "above_scale")
LONGEST_NUMBER = 60
MOST_ROWS = 5_000
_BATCH = 900
_MOST_TOLD = 10
Row = TitleRow | ScaleRow


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list, with the case that waits for it, and in what the two differ.

    Attributes:
        case: None where nobody applied here.
        differences: each in both languages.
    """

    row: Row
    case: Application | None
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do.

    Attributes:
        listed: every row of the list, in its order.
        absent: the cases that wait for this decision and are not on the list.
    """

    tier: str
    listed: tuple[Listed, ...]
    absent: tuple[Application, ...]

    @property
    def mark(self) -> str:
        """Return what tells this plan from that of another moment: which cases it closes, as they stand."""
        cases = [*(one.case for one in self.matched if one.case), *self.absent]
        return hashlib.sha256(repr(sorted((case.id, case.version) for case in cases)).encode()).hexdigest()[:16]

    @property
    def matched(self) -> tuple[Listed, ...]:
        """Return the rows for which a case waits."""
        return tuple(one for one in self.listed if one.case is not None)


@dataclass(frozen=True, slots=True)
class Document:
    """The document in which the outcome was published.

    Attributes:
        number: of the document, or what the statistics authority calls its list.
        closes: the list is complete: who waits and is not on it was not recognised.
    """

    number: str
    title: str
    decided_on: date
    closes: bool


def waiting_state(tier: str) -> str:
    """Return the state in which cases of a tier wait for the outside decision."""
    for one in procedures():
        if one.tier == tier:
            return str(State(Phase.STAGE, _outside(one).key))
    raise Refused.at("tier", "这一类不由外部决定 (this tier is not decided outside)")


def plan(session: Session, visible: ColumnElement[bool], tier: str, rows: Sequence[Row]) -> Plan:
    """Match a published list with the cases that wait for it.

    Raises:
        Refused: the list is empty, too long, or of another tier.
    """
    if not rows:
        raise Refused.at("file", "名单里没有企业 (the list is empty)")
    if len(rows) > MOST_ROWS:
        raise Refused.at("file", f"一次最多 {MOST_ROWS} 行，请拆成几份 (at most {MOST_ROWS} rows)")
    strange = sorted({row.tier for row in rows if isinstance(row, TitleRow)} - {tier})
    if strange or (tier == "above_scale") is not isinstance(rows[0], ScaleRow):
        found = "、".join(TIER_WORDS[one] for one in strange) or "另一种名单"
        raise Refused.at("file", f"这份名单含有{found}，应只有{TIER_WORDS[tier]} (the list is of another tier)")
    codes = [row.uscc for row in rows]
    twice = sorted(one for one, count in Counter(codes).items() if count > 1)[:_MOST_TOLD]
    if twice:
        raise Refused.at("file", f"名单中重复出现：{'、'.join(twice)} (on the list more than once: {', '.join(twice)})")
    waits = {
        case.uscc: case
        for case in session.scalars(
            select(Application).where(Application.state == waiting_state(tier), Application.tier == tier, visible)
        )
    }
    firms = _firms(session, codes)
    listed = tuple(Listed(row, waits.get(row.uscc), _differences(row, waits.get(row.uscc), firms)) for row in rows)
    on_list = set(codes)
    absent = sorted((case for code, case in waits.items() if code not in on_list), key=lambda case: case.firm_name)
    return Plan(tier, listed, tuple(absent))


def carry_out(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    planned: Plan,
    document: Document,
    *,
    seen: str | None = None,
    now: datetime,
    post: Post | None = None,
) -> Announcement:
    """File the list into the books and close the cases as it says.

    Args:
        seen: the mark of the plan that was looked at; None: whatever it is.

    Raises:
        Refused: at `number`, `title`, `decided_on`; the plan is another by now; or the books refuse a row.
        MoveNotAllowed: a case moved on meanwhile.
        Barred: the actor may not work on one of the cases.
    """
    _check(session, document, now)
    if seen is not None and seen != planned.mark:
        raise Refused.at(
            "", "等待结果的案件刚有变动，请核对下面的比对后再导入 (cases changed meanwhile: compare again)"
        )
    held = [one for one in seats if one in actor.seats]
    source = f"{document.number} {document.decided_on}"
    rows = [one.row for one in planned.listed]
    doer = actor.doer(held[0] if held else None)
    if planned.tier == "above_scale":
        stays = [row for row in rows if isinstance(row, ScaleRow)]
        file_stays(session, stays, now=now, source=document.number, actor=actor.name, doer=doer)
    else:
        titles = [row for row in rows if isinstance(row, TitleRow)]
        file_titles(session, titles, now=now, source=document.number, actor=actor.name, doer=doer)
    made = _announcement(session, planned, document, doer.signature, now)
    for one in planned.matched:
        if one.case is not None:
            outcome = _outcome(procedure_of(one.case), good=True)
            given = Given(source=source, details={"document": document.number, "differs": list(one.differences)})
            make_move(session, actor, held, one.case, outcome, given, now=now, post=post)
    for case in planned.absent if document.closes else ():
        given = Given(source=source, details={"document": document.number})
        make_move(session, actor, held, case, _outcome(procedure_of(case), good=False), given, now=now, post=post)
    told = {
        "document": document.number,
        "on": document.decided_on,
        "listed": len(planned.listed),
        "matched": len(planned.matched),
        "closed": len(planned.absent) if document.closes else 0,
    }
    record(session, Tag.OUTCOME_IMPORTED, doer, now=now, subject=f"announcement:{made.id}", after=told)
    return made


def _outside(one: Procedure) -> Stage:
    for stage in one.stages:
        if stage.kind is StageKind.OUTSIDE:
            return stage
    raise Refused.at("tier", "这一类不由外部决定 (this tier is not decided outside)")


def _outcome(one: Procedure, *, good: bool) -> str:
    wanted = (Ending.RECOGNISED, Ending.ENTERED) if good else (Ending.REFUSED,)
    return next(outcome.key for outcome in _outside(one).outcomes if outcome.to in wanted)


def _check(session: Session, document: Document, now: datetime) -> None:
    faults = []
    number = document.number.strip()
    if not number or len(number) > LONGEST_NUMBER:
        faults.append(Fault("number", f"请填写文号或名单名称，不超过 {LONGEST_NUMBER} 字 (number of the document)"))
    elif session.scalar(select(Announcement.id).where(Announcement.number == number)) is not None:
        faults.append(Fault("number", "这份文件已经登记过 (this document is on record already)"))
    if not document.title.strip() or len(document.title) > 200:
        faults.append(Fault("title", "请填写标题，不超过 200 字 (a title of at most 200 characters)"))
    if document.decided_on > now.date():
        faults.append(Fault("decided_on", "不能晚于今天 (not later than today)"))
    if faults:
        raise Refused(faults)


def _firms(session: Session, codes: Sequence[str]) -> dict[str, Firm]:
    found: dict[str, Firm] = {}
    for start in range(0, len(codes), _BATCH):
        query = select(Firm).where(Firm.uscc.in_(codes[start : start + _BATCH]))
        found |= {firm.uscc: firm for firm in session.scalars(query)}
    return found


def _differences(row: Row, case: Application | None, firms: dict[str, Firm]) -> tuple[str, ...]:
    """Say in what a row of the list differs from what is known here."""
    firm, told = firms.get(row.uscc), []
    if firm is None:
        told.append("库中没有这家企业，导入后建立 (not in the register: it will be created)")
    elif firm.name != row.name:
        told.append(
            f"名称：库中为 {firm.name}，名单为 {row.name}，导入后按名单 (the name differs: the list's is taken)"
        )
    if firm is not None and row.district and firm.district != row.district:
        here, there = _district(firm.district), _district(row.district)
        told.append(f"区市：库中为{here[0]}，名单为{there[0]} (district: {here[1]} here, {there[1]} on the list)")
    if case is None:
        told.append("没有在此申报 (nobody applied here)")
    elif isinstance(row, TitleRow) and row.kind != case.kind:
        told.append(f"类型：申报为{KIND_WORDS[case.kind]}，名单为{KIND_WORDS[row.kind]} (kind differs)")
    return tuple(told)


def _district(code: str | None) -> tuple[str, str]:
    if not code:
        return "未登记", "unknown"
    return DISTRICTS.get(code, code), DISTRICTS_EN.get(code, code)


def _announcement(session: Session, planned: Plan, document: Document, made_by: str, now: datetime) -> Announcement:
    lines = [f"{one.row.uscc} {one.row.name}" for one in planned.listed]
    made = Announcement(
        number=document.number.strip(),
        title=document.title.strip(),
        tier=planned.tier,
        announced_on=document.decided_on,
        is_outside=True,
        source=document.number.strip(),
        digest=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        made_at=now,
        made_by=made_by,
    )
    session.add(made)
    session.flush()
    session.add_all(
        AnnouncementEntry(
            announcement_id=made.id,
            position=place,
            application_id=one.case.id if one.case else None,
            uscc=one.row.uscc,
            name=one.row.name,
            district=one.row.district or None,
            kind=one.row.kind if isinstance(one.row, TitleRow) else "new",
        )
        for place, one in enumerate(planned.listed, 1)
    )
    session.flush()
    return made
