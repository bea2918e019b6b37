"""Lays down the windows 申报期 in which cases of a tier may be submitted, takes back mistaken ones. Never commits."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.codes import KIND_WORDS, TIER_WORDS, TIERS
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.procedure import Opens
from registry.domain.trail import Tag
from registry.policy.procedures import procedure
from registry.store.cases import Application, FilingWindow
from registry.work.trace import record

LONGEST_BATCH = 50
LONGEST_SOURCE = 200
_AMONG_THE_LISTED = "请从列出的选项中选择 (choose one of the list)"


def tiers_in_batches(on: date) -> dict[str, tuple[str, ...]]:
    """Return the tiers whose cases are submitted in batches, with the kinds of which that holds, on a day."""
    found = {}
    for tier in TIERS:
        try:
            filings = procedure(tier, on).filings
        except Refused:
            continue
        kinds = tuple(one.kind for one in filings if one.opens is Opens.BATCH)
        if kinds:
            found[tier] = kinds
    return found


def windows(session: Session) -> list[FilingWindow]:
    """Return every window, the one that closes last before the others; those taken back as well."""
    return list(session.scalars(select(FilingWindow).order_by(FilingWindow.closes_on.desc(), FilingWindow.id.desc())))


def windows_open(session: Session, on: date) -> list[FilingWindow]:
    """Return the windows in which cases may be submitted on a day, by tier, the one that closes first before others."""
    query = select(FilingWindow).where(
        FilingWindow.withdrawn_at.is_(None), FilingWindow.opens_on <= on, FilingWindow.closes_on >= on
    )
    order = list(TIERS)
    return sorted(session.scalars(query), key=lambda row: (order.index(row.tier), row.closes_on, row.id))


def windows_ahead(session: Session, on: date) -> list[FilingWindow]:
    """Return the windows that open after a day, the next one first."""
    query = select(FilingWindow).where(FilingWindow.withdrawn_at.is_(None), FilingWindow.opens_on > on)
    return list(session.scalars(query.order_by(FilingWindow.opens_on, FilingWindow.id)))


def submissions_in(session: Session, window_ids: Sequence[int]) -> dict[int, int]:
    """Count the cases that were submitted in some windows."""
    query = select(Application.window_id, func.count()).where(Application.window_id.in_(window_ids))
    return {number: count for number, count in session.execute(query.group_by(Application.window_id)) if number}


def open_window(
    session: Session,
    actor: Actor,
    seat: Seat,
    *,
    tier: str,
    kind: str | None,
    batch: str,
    opens_on: date | None,
    closes_on: date | None,
    source: str,
    now: datetime,
) -> FilingWindow:
    """Lay a window down.

    Args:
        kind: new or re_review; None: both.
        now: in the zone of the office; a window that is over already is refused.

    Raises:
        Refused: at `tier`, `kind`, `batch`, `opens_on`, `closes_on` or `source`; at `opens_on` as well where it would
            overlap another window of the same tier and kind.
    """
    batch, source = batch.strip(), source.strip()
    faults = _faults_of_words(tier, kind, batch, source, now.date())
    faults += _faults_of_days(opens_on, closes_on, now.date())
    if faults or opens_on is None or closes_on is None:
        raise Refused(faults)
    beside = _overlapping(session, tier, kind, opens_on, closes_on)
    if beside is not None:
        days = f"{beside.opens_on} – {beside.closes_on}"
        raise Refused.at("opens_on", f"与“{beside.batch}”（{days}）重叠 (it overlaps the window of {days})")
    row = FilingWindow(
        tier=tier,
        kind=kind,
        batch=batch,
        opens_on=opens_on,
        closes_on=closes_on,
        source=source,
        made_at=now,
        made_by=actor.doer(seat).signature,
    )
    session.add(row)
    session.flush()
    told = {"tier": tier, "kind": kind, "batch": batch, "opens_on": opens_on, "closes_on": closes_on, "source": source}
    record(session, Tag.WINDOW_OPENED, actor.doer(seat), now=now, subject=f"window:{row.id}", after=told)
    return row


def withdraw_window(session: Session, actor: Actor, seat: Seat, row: FilingWindow, *, now: datetime) -> None:
    """Take back a window that was laid down by mistake; one in which something was submitted stays.

    Raises:
        MoveNotAllowed: it was taken back, or a case was submitted in it.
    """
    if row.withdrawn_at is not None:
        raise MoveNotAllowed("这个申报期已经撤回 (it was taken back already)")
    count = submissions_in(session, [row.id]).get(row.id, 0)
    if count:
        raise MoveNotAllowed(
            f"已有 {count} 件申报在此期间提交，不能撤回 ({count} cases were submitted in it: it stays)"
        )
    row.withdrawn_at, row.withdrawn_by = now, actor.doer(seat).signature
    session.flush()
    told = {"tier": row.tier, "batch": row.batch, "opens_on": row.opens_on, "closes_on": row.closes_on}
    record(session, Tag.WINDOW_WITHDRAWN, actor.doer(seat), now=now, subject=f"window:{row.id}", before=told)


def _faults_of_words(tier: str, kind: str | None, batch: str, source: str, on: date) -> list[Fault]:
    faults = []
    batches = tiers_in_batches(on)
    if tier not in TIER_WORDS:
        faults.append(Fault("tier", _AMONG_THE_LISTED))
    elif tier not in batches:
        faults.append(Fault("tier", f"{TIER_WORDS[tier]}随时可以申报，不按批次 (this tier is not filed in batches)"))
    elif kind is not None and kind not in batches[tier]:
        fault = "这一梯度不按批次办理此类申报 (not filed in batches)" if kind in KIND_WORDS else _AMONG_THE_LISTED
        faults.append(Fault("kind", fault))
    for path, text, most, wanted in (
        ("batch", batch, LONGEST_BATCH, "请填写批次名称，如 2026年第二批"),
        ("source", source, LONGEST_SOURCE, "请填写通知文件的名称或文号"),
    ):
        if not text or len(text) > most or not text.isprintable():
            faults.append(Fault(path, f"{wanted}，不超过 {most} 字 (1 to {most} characters expected)"))
    return faults


def _faults_of_days(opens_on: date | None, closes_on: date | None, today: date) -> list[Fault]:
    days = (("opens_on", opens_on), ("closes_on", closes_on))
    faults = [Fault(path, "请填写日期 (a date expected)") for path, day in days if day is None]
    faults += [
        Fault(path, f"年份应在 {FIRST_YEAR}–{LAST_YEAR} 之间 (year out of range)")
        for path, day in days
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR
    ]
    if faults or opens_on is None or closes_on is None:
        return faults
    if closes_on < opens_on:
        return [Fault("closes_on", "截止日早于开始日 (it closes before it opens)")]
    if closes_on < today:
        return [Fault("closes_on", f"截止日已过，今天是 {today} (it is over already)")]
    return []


def _overlapping(session: Session, tier: str, kind: str | None, opens_on: date, closes_on: date) -> FilingWindow | None:
    query = select(FilingWindow).where(
        FilingWindow.tier == tier,
        FilingWindow.withdrawn_at.is_(None),
        FilingWindow.opens_on <= closes_on,
        FilingWindow.closes_on >= opens_on,
    )
    if kind is not None:
        query = query.where((FilingWindow.kind == kind) | FilingWindow.kind.is_(None))
    return session.scalars(query.order_by(FilingWindow.opens_on, FilingWindow.id).limit(1)).first()
