"""The yearly updates of firms: when each is due, which were missed, and filing one. Flushes, never commits.

Whoever holds a title of the ladder owes one a year (policy §8; `registry.policy.updates`). One that comes late is taken
and told as late: it stays missed. A day is one of the office's clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.facts import FIRST_YEAR
from registry.domain.firm_text import firm_text
from registry.domain.firms import Firm as StatedFirm
from registry.domain.roles import Role
from registry.domain.standing import ANY_TITLE
from registry.domain.trail import Tag
from registry.policy.updates import Duty, duty_of, first_asked
from registry.store.books import as_known, stands
from registry.store.firms import Firm
from registry.store.papers import YearlyUpdate
from registry.store.standing import StandingSpan
from registry.work.trace import record

LONGEST_NAME = 60


def due_day(year: int) -> date | None:
    """Return the last day on which the update of a calendar year is in time; None where none is asked for here."""
    duty = _asked(year)
    return duty.due_on if duty else None


def was_in_time(row: YearlyUpdate, zone: tzinfo | None) -> bool:
    """Say whether an update was filed by its last day, that whole day included."""
    return row.filed_at.astimezone(zone).date() <= row.due_on


def updates_of(session: Session, firm_id: int) -> list[YearlyUpdate]:
    """Return what a firm filed, the newest first."""
    query = select(YearlyUpdate).where(YearlyUpdate.firm_id == firm_id)
    return list(session.scalars(query.order_by(YearlyUpdate.year.desc(), YearlyUpdate.number.desc())))


def updates_missed(session: Session, firm_id: int, since: date, on: date, zone: tzinfo | None = None) -> list[int]:
    """Return the years whose update was due in a validity, before a day, and was not filed in time.

    Args:
        since: first valid day of the title; what was due on it or before is not owed under it.
        on: a day on which an update is due still belongs to the firm.
        zone: of the office.
    """
    asked = {year: duty for year, duty in _duties(since, on).items() if since < duty.due_on < on}
    if not asked:
        return []
    query = select(YearlyUpdate).where(YearlyUpdate.firm_id == firm_id, YearlyUpdate.year.in_(sorted(asked)))
    in_time = {row.year for row in session.scalars(query) if was_in_time(row, zone)}
    return [year for year in sorted(asked) if year not in in_time]


def updates_missing(session: Session, firm_id: int, since: date, on: date, zone: tzinfo | None = None) -> list[int]:
    """Return the missed years of a validity that bar from re-review: under 63号 each does, under 2号 only two."""
    missed = updates_missed(session, firm_id, since, on, zone)
    by_rule = _by_rule(missed)
    return [year for duty, years in by_rule.values() if len(years) >= duty.barred_after for year in years]


def updates_missed_twice(
    session: Session, firm_id: int, since: date, on: date, zone: tzinfo | None = None
) -> list[int]:
    """Return the missed years of a validity for which the title is to be cancelled; empty where it is not."""
    by_rule = _by_rule(updates_missed(session, firm_id, since, on, zone))
    return [
        year
        for duty, years in by_rule.values()
        if duty.cancelled_after is not None and len(years) >= duty.cancelled_after
        for year in years
    ]


def owes_update(session: Session, firm_id: int, on: date) -> bool:
    """Say whether a firm holds a title of the ladder on a day by the books, and so owes the update due on it."""
    query = select(StandingSpan.firm_id).where(
        StandingSpan.firm_id == firm_id,
        StandingSpan.tier == ANY_TITLE,
        stands(on),
        as_known(StandingSpan, None),
    )
    return session.scalar(query.limit(1)) is not None


def ends_at(day: date, zone: tzinfo | None) -> datetime:
    """Return the moment at which a day of the office is over."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def file_update(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    firm: Firm,
    stated: StatedFirm,
    *,
    signed_as: str,
    now: datetime,
) -> YearlyUpdate:
    """File this year's update, or file it anew: the last one that was in time counts, none replaces another.

    Args:
        stated: the firm's information as it says it is now.
        now: in the zone of the office.

    Raises:
        Refused: at `signed_as`; or there is no figure of the last fiscal year.
        MoveNotAllowed: none is asked for this year, the firm holds no title, or nothing changed since the last one.
        Barred: none of the seats is one of this firm.
    """
    seat = next((one for one in seats if one in actor.seats and firm.id in one.firm_ids), None)
    if seat is None or seat.role is not Role.APPLICANT or actor.person_id is None:
        raise Barred("您不能代表这家企业更新信息 (you do not act for this firm)")
    name = signed_as.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused.at("signed_as", f"请输入您的姓名，不超过 {LONGEST_NAME} 字 (your name, please)")
    today = now.date()
    due_on = due_day(today.year)
    if due_on is None:
        raise MoveNotAllowed(
            f"{today.year} 年不在本系统更新，自 {first_asked()} 年起 (updates are filed here from {first_asked()} on)"
        )
    if not owes_update(session, firm.id, today):
        raise MoveNotAllowed("企业现在没有有效的称号，无需更新 (the firm holds no title and owes no update)")
    if not stated.years.get(today.year - 1):
        raise Refused.at(
            "",
            f"还没有 {today.year - 1} 年度的数据，请先在“企业信息”中填写 "
            f"(fill in the figures of {today.year - 1} first)",
        )
    text = firm_text(replace(stated, uscc=firm.uscc, name=firm.name))
    before = [row for row in updates_of(session, firm.id) if row.year == today.year]
    if before and before[0].firm == text:
        raise MoveNotAllowed(
            "与本年度上次更新的内容相同，无需再次提交 (the same was filed before: there is nothing to file anew)"
        )
    row = YearlyUpdate(
        firm_id=firm.id,
        year=today.year,
        number=before[0].number + 1 if before else 1,
        firm=text,
        due_on=due_on,
        filed_at=now,
        filed_by=actor.person_id,
        signed_as=name,
    )
    session.add(row)
    session.flush()
    told = {"year": row.year, "number": row.number, "due_on": due_on, "late": not was_in_time(row, now.tzinfo)}
    record(session, Tag.UPDATE_FILED, actor.doer(seat), now=now, subject=f"firm:{firm.uscc}", after=told)
    return row


def _asked(year: int) -> Duty | None:
    return duty_of(year) if year >= first_asked() else None


def _duties(since: date, on: date) -> Mapping[int, Duty]:
    years = range(max(since.year, FIRST_YEAR), on.year + 1)
    return {year: duty for year in years if (duty := _asked(year))}


def _by_rule(years: Iterable[int]) -> dict[date, tuple[Duty, list[int]]]:
    found: dict[date, tuple[Duty, list[int]]] = {}
    for year in years:
        duty = _asked(year)
        if duty is not None:
            found.setdefault(duty.rule, (duty, []))[1].append(year)
    return found
