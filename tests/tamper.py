"""Tampers with the books as the owner of a database can: the rules taken away first, then plain SQL."""

from datetime import UTC, datetime

from sqlalchemy import Table, bindparam, select, text
from sqlalchemy.orm import Session

from registry.domain.chain import GENESIS, Entry, filed_by, link
from registry.domain.events import StatusEvent, Tag
from registry.store.base import UtcMoment
from registry.store.ledger import Filing, LedgerEntry
from registry.work.filing import OpenFiling
from registry.work.identify import find
from registry.work.keep_books import events_in_ledger, restand

_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]


def own(session: Session) -> None:
    """Take away the rules that keep the ledger as it is; the rollback after the test gives them back."""
    if session.get_bind().dialect.name == "sqlite":
        rules = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        statements = [f"DROP TRIGGER {name}" for name in rules]
    else:
        found = session.execute(text("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"))
        statements = [f"DROP TRIGGER {name} ON {table}" for name, table in found.all()]
    for statement in statements:
        session.execute(text(statement))


def run(session: Session, *statements: str, **values: object) -> None:
    """Run statements of an owner; a value is named in them as `:name`, a part of the statement as `{name}`."""
    own(session)
    parts = {name: value for name, value in values.items() if not isinstance(value, datetime)}
    for statement in statements:
        moments = [bindparam(name, value, UtcMoment) for name, value in values.items() if f":{name}" in statement]
        session.execute(text(statement.format_map(parts) if parts else statement).bindparams(*moments))
    session.expire_all()


def shift(session: Session, first: int, by: int) -> None:
    """Give every entry from a number on another number."""
    for step in (1_000_000 + by, -1_000_000):
        run(session, "UPDATE ledger SET seq = seq + ({step}) WHERE seq >= {first}", step=step, first=first)


def put_copy(session: Session, seq: int, new: int) -> None:
    """Put a copy of an entry in under another number, with a made-up hash."""
    columns = "filing_id, known_at, takes_effect_on, uscc, tag, tier, district, details"
    statement = (
        "INSERT INTO ledger (seq, hash, {columns}) SELECT {new}, '{mark}', {columns} FROM ledger WHERE seq = {seq}"
    )
    run(session, statement, columns=columns, seq=seq, new=new, mark="f" * 64)


def chain_again(session: Session) -> None:
    """Give every entry the hash that follows from what it says now: another chain, whole in itself."""
    own(session)
    head = GENESIS
    filings = {one.id: filed_by(one.deed, one.source, one.actor) for one in session.scalars(select(Filing))}
    for row in session.execute(_LEDGER.select().order_by(_LEDGER.c.seq)).mappings().all():
        told = {name: row[name] for name in Entry.__slots__ if name != "filed"}
        head = link(head, Entry(**told, filed=filings[row["filing_id"]]))
        session.execute(_LEDGER.update().where(_LEDGER.c.seq == row["seq"]).values(hash=head))
    session.expire_all()


def stand_again(session: Session) -> None:
    """Put the standing in the place of the kept one that follows from what the ledger says now."""
    run(session, "DELETE FROM standing_span", "DELETE FROM standing_change", "DELETE FROM tally")
    connection = session.connection()
    codes = list(session.scalars(text("SELECT uscc FROM firm")))
    firms = find(connection, codes)
    derived = {
        firms[code]["id"]: [StatusEvent(key[0], Tag(key[1]), key[2], key[3]) for _, key in events]
        for code, events in events_in_ledger(connection, codes).items()
    }
    filing = OpenFiling(connection, now=datetime(2026, 1, 1, tzinfo=UTC), deed="again", source="")
    restand(connection, derived, filing)
    filing.close()
    session.expire_all()
