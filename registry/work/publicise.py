"""Makes firms public 公示: freezes the list, works out its last day, tells the firms. Flushes, never commits.

A list is never changed; only its last day is worked out again, while it is provisional, once a year's holidays are
known (`refresh_provisional`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Action
from registry.domain.codes import DISTRICTS, TIER_WORDS
from registry.domain.errors import Fault, Refused
from registry.domain.procedure import Level, Stage, StageKind
from registry.domain.procedure import Publicity as Length
from registry.domain.procedure import Unit as Counted
from registry.domain.trail import Doer, Tag
from registry.domain.workdays import End, Period, Unit, end_of
from registry.policy.procedures import procedures
from registry.store.cases import Application
from registry.store.publicities import Publicity, PublicityEntry
from registry.store.publicity_lists import cases_of, cases_waiting, digest_of, lists_to_settle
from registry.work.case_bars import procedure_of, seats_at
from registry.work.case_findings import publicity_of
from registry.work.case_guards import Given
from registry.work.case_steps import note_step
from registry.work.keep_calendar import calendar_of
from registry.work.notify import FIRM_CASE, people_of_firm, tell, told_of_case
from registry.work.post import Post
from registry.work.trace import record
from registry.work.try_move import possible

ACTION = "publicise"
LONGEST_TITLE = 100
MOST_DAYS_AHEAD = 30
PROGRAM = Doer.program("publicity")
_UNITS = {Counted.WORKING_DAYS: Unit.WORKING, Counted.CALENDAR_DAYS: Unit.CALENDAR}
# What anybody at the desk of a publicity may do: whoever may not is barred, or sits elsewhere.
_AT_THE_DESK = (Action.OBJECT, Given(real_name=True))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The cases of one tier that wait at a publicity, and the seat at whose desk that is."""

    tier: str
    stage: Stage
    seat: Seat
    cases: tuple[Application, ...]


def waiting(session: Session, seats: Iterable[Seat], visible: ColumnElement[bool]) -> list[Waiting]:
    """Return what waits to be made public at the desks of some seats, by tier and stage.

    Args:
        seats: of whoever asks.
        visible: which cases he may see.
    """
    stages = {one.key for handled in procedures() for one in handled.stages if one.kind is StageKind.PUBLICITY}
    found: dict[tuple[str, str, int], tuple[Stage, Seat, list[Application]]] = {}
    held = list(seats)
    for case in cases_waiting(session, visible, stages):
        stage = procedure_of(case).stage(case.state.partition(":")[2])
        for seat in held:
            if seat.role in stage.leaders and seats_at(case, seat):
                found.setdefault((case.tier, stage.key, seat.id), (stage, seat, []))[2].append(case)
                break
    return [Waiting(key[0], stage, seat, tuple(cases)) for key, (stage, seat, cases) in found.items()]


def usual_title(tier: str, stage: Stage, district: str | None, year: int) -> str:
    """Return the heading that the bureaus write over such a list."""
    if stage.desk is Level.DISTRICT:
        return f"关于{year}年度{DISTRICTS.get(district or '', '')}拟推荐{TIER_WORDS[tier]}名单的公示"
    return f"关于{year}年度青岛市{TIER_WORDS[tier]}名单的公示"


def length_of(stage: Stage) -> Length:
    """Return how long a publicity lasts; LookupError for a stage that is none."""
    if stage.publicity is None:
        raise LookupError(f"{stage.key} is no publicity")
    return stage.publicity


def end_from(session: Session, stage: Stage, first_day: date) -> End:
    """Return the last day of a publicity at a stage that begins on a day."""
    length = length_of(stage)
    return end_of(first_day, Period(length.days, _UNITS[length.unit]), calendar_of(session))


def check_list(title: str, first_day: date | None, today: date) -> str:
    """Return the heading of a list, trimmed, when it and the first day can be used.

    Raises:
        Refused: at `title`, `first_day`.
    """
    faults = []
    words = " ".join(title.split())
    if not words or len(words) > LONGEST_TITLE or not words.isprintable():
        faults.append(Fault("title", f"请填写标题，不超过 {LONGEST_TITLE} 字 (a heading of at most {LONGEST_TITLE})"))
    last = today + timedelta(days=MOST_DAYS_AHEAD)
    if first_day is None:
        faults.append(Fault("first_day", "请填写公示首日 (the first day, please)"))
    elif not today <= first_day <= last:
        faults.append(Fault("first_day", f"公示首日应在 {today} 至 {last} 之间 (a day from {today} to {last})"))
    if faults:
        raise Refused(faults)
    return words


def check_cases(
    session: Session, actor: Actor, seats: Sequence[Seat], cases: Sequence[Application], stage: str, now: datetime
) -> None:
    """Refuse cases that cannot be made public now; all that stands against any is told at once.

    Raises:
        Refused: at `cases`: none, one that is not there any more, or one from which the actor is barred.
    """
    if not cases:
        raise Refused.at("cases", "请至少选择一家企业 (choose one firm at least)")
    faults = []
    for case in cases:
        against = possible(session, actor, seats, case, *_AT_THE_DESK, now)
        if case.state != f"stage:{stage}":
            against = against or "不在公示环节 (not at the publicity)"
        elif publicity_of(session, case.id, stage) is not None:
            against = "已列入公示名单 (it is on a list already)"
        if against:
            faults.append(Fault("cases", told_of(case, against)))
    if faults:
        raise Refused(faults)


def publicise(
    session: Session,
    actor: Actor,
    seats: Sequence[Seat],
    *,
    tier: str,
    stage: str,
    title: str,
    case_ids: Collection[int],
    first_day: date,
    now: datetime,
    post: Post | None = None,
) -> Publicity:
    """Make the list of some cases that wait at a publicity, frozen in the order of names and codes.

    Args:
        seats: those whose reach covers the cases.
        case_ids: found by the scoped query.
        now: in the zone of the office.

    Raises:
        Refused: at `title`, `first_day`, `cases`.
    """
    words = check_list(title, first_day, now.date())
    query = select(Application).where(Application.id.in_(sorted(case_ids)), Application.tier == tier)
    cases = sorted(session.scalars(query), key=lambda case: (case.firm_name, case.uscc))
    if len(cases) != len(set(case_ids)):
        raise Refused.at(
            "cases", "所选企业有的已不在等待公示之列，请重新选择 (some do not wait any more: choose again)"
        )
    check_cases(session, actor, seats, cases, stage, now)
    asked = {procedure_of(case).stage(stage) for case in cases}
    if len({one.publicity for one in asked}) != 1:
        raise Refused.at(
            "cases", "所选企业的公示期长短不同，请分开公示 (they are public for different times: part them)"
        )
    at = next(iter(asked))
    seat = next(one for one in seats if one in actor.seats and one.role in at.leaders and seats_at(cases[0], one))
    length, end = length_of(at), end_from(session, at, first_day)
    listed = Publicity(
        title=words,
        tier=tier,
        stage=stage,
        level=at.desk,
        district=seat.district if at.desk is Level.DISTRICT else None,
        first_day=first_day,
        last_day=end.last_day,
        is_provisional=end.is_provisional,
        days=length.days,
        unit=length.unit,
        digest="",
        made_at=now,
        made_by=actor.doer(seat).signature,
    )
    entries = [
        PublicityEntry(
            application_id=case.id,
            position=position,
            uscc=case.uscc,
            name=case.firm_name,
            district=case.district,
            kind=case.kind,
        )
        for position, case in enumerate(cases, 1)
    ]
    listed.digest = digest_of(listed, entries)
    session.add(listed)
    session.flush()
    for entry in entries:
        entry.publicity_id = listed.id
    session.add_all(entries)
    session.flush()
    for case in cases:
        note_step(
            session, actor, seat, case, action=ACTION, details=_days_of(listed), values=_due(listed), now=now
        )  # fmt: skip
        _tell(session, case, listed, now, post)
    told: dict[str, Any] = {"title": words, "tier": tier, "stage": stage, "level": listed.level}
    told |= {"district": listed.district, **_days_of(listed), "firms": len(cases), "digest": listed.digest}
    record(session, Tag.PUBLICITY_OPENED, actor.doer(seat), now=now, subject=f"publicity:{listed.id}", after=told)
    return listed


def refresh_provisional(session: Session, now: datetime, doer: Doer = PROGRAM) -> list[Publicity]:
    """Work out the last day of every provisional list again; return those of which it changed or became certain."""
    calendar, changed = calendar_of(session), []
    for listed in lists_to_settle(session):
        end = end_of(listed.first_day, Period(listed.days, _UNITS[Counted(listed.unit)]), calendar)
        before = {"last_day": listed.last_day, "is_provisional": listed.is_provisional}
        if before == {"last_day": end.last_day, "is_provisional": end.is_provisional}:
            continue
        moved = listed.last_day != end.last_day
        listed.last_day, listed.is_provisional = end.last_day, end.is_provisional
        session.flush()
        for _entry, case in cases_of(session, listed.id):
            if case.state == f"stage:{listed.stage}":
                note_step(
                    session, None, None, case, action=ACTION, details=_days_of(listed), values=_due(listed), now=now
                )
                if moved:
                    _tell(session, case, listed, now, None)
        record(
            session,
            Tag.PUBLICITY_CHANGED,
            doer,
            now=now,
            subject=f"publicity:{listed.id}",
            before=before,
            after={"last_day": listed.last_day, "is_provisional": listed.is_provisional},
        )
        changed.append(listed)
    return changed


def told_of(case: Application, message: str) -> str:
    """Return a message, 中文 (english), with the firm it is about in both halves."""
    chinese, bracket, english = message.rpartition(" (")
    return f"{case.firm_name}：{chinese} ({case.uscc}: {english}" if bracket else f"{case.firm_name}：{message}"


def _days_of(listed: Publicity) -> dict[str, object]:
    return {
        "publicity": listed.id,
        "first_day": listed.first_day,
        "last_day": listed.last_day,
        "is_provisional": listed.is_provisional,
    }


def _due(listed: Publicity) -> dict[str, object]:
    return {"due_on": listed.last_day, "due_is_provisional": listed.is_provisional}


def _tell(session: Session, case: Application, listed: Publicity, now: datetime, post: Post | None) -> None:
    tell(
        session,
        people_of_firm(session, case.firm_id, now.date()),
        "publicity",
        {**told_of_case(case), **_days_of(listed), "title": listed.title},
        once=f"publicity:{listed.id}:case:{case.id}:{listed.last_day}",
        address=FIRM_CASE.format(case.id),
        firm_id=case.firm_id,
        application_id=case.id,
        now=now,
        post=post,
    )
