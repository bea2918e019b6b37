"""Brings the books of a register up to date that an older version kept without a ledger. Flushes, never commits."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.store.firms import Firm, FirmTrade
from registry.store.ledger import LedgerEntry
from registry.store.statements import ScaleStay, Title
from registry.work.filing import OpenFiling
from registry.work.identify import BATCH, FIRM, find
from registry.work.keep_books import keep
from registry.work.size_up import resize, retrade


def is_behind(session: Session) -> bool:
    """Say whether the register states titles, stays or trades of which its books know nothing."""
    stated = session.scalar(select(exists().where(Title.id.is_not(None)))) or session.scalar(
        select(exists().where(ScaleStay.id.is_not(None)))
    )
    has_ledger = session.scalar(select(exists().where(LedgerEntry.seq.is_not(None))))
    has_firms = session.scalar(select(exists().where(Firm.industry.is_not(None))))
    has_trades = session.scalar(select(exists().where(FirmTrade.firm_id.is_not(None))))
    return bool(stated and not has_ledger) or bool(has_firms and not has_trades)


def catch_up(session: Session, *, now: datetime, progress: Callable[[int], None] = lambda count: None) -> int:
    """Derive events, standing, trades and sizes of every firm from what is stated of it; return how many firms.

    What is stated by then is known from this moment on: an older version kept no better. Run again it changes nothing.
    """
    connection = session.connection()
    filing = OpenFiling(connection, now=now, deed="catch up", source="registry upgrade")
    done, after = 0, ""
    while True:
        query = select(FIRM.c.uscc).where(FIRM.c.uscc > after).order_by(FIRM.c.uscc).limit(BATCH)
        codes = list(connection.scalars(query))
        if not codes:
            break
        rows = find(connection, codes)
        keep(connection, rows, filing)
        if retrade(connection, {}, rows, filing):
            filing.note()
        resize(
            connection,
            {row["id"]: row["industry"] for row in rows.values()},
            {row["id"] for row in rows.values()},
            filing,
        )
        done, after = done + len(codes), codes[-1]
        progress(len(codes))
    filing.close()
    session.expire_all()
    return done
