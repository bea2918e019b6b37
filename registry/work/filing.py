"""Opens a filing: one deed that changes what is known, under one moment that is later than every moment before.

Whoever asks for the books as known at the last moment they changed gets the same answer for ever, because whatever
is filed later carries a later moment, also when two clocks disagree.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Table, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from registry.domain.chain import GENESIS, Entry, Head, filed_by, link
from registry.domain.trail import Doer, Tag
from registry.store.ledger import Filing, LedgerEntry
from registry.store.standing import Tally
from registry.work.identify import Row, insert_rows
from registry.work.trace import record

_FILING: Table = Filing.__table__  # type: ignore[assignment]
_LEDGER: Table = LedgerEntry.__table__  # type: ignore[assignment]
_TALLY: Table = Tally.__table__  # type: ignore[assignment]
# Two writers of a PostgreSQL database take their turn; on SQLite a writing transaction holds the lock already.
_LOCK = 7_202_402
TallyKey = tuple[str, str, date, str]


class OpenFiling:
    """A deed under way. Nothing is written of it until it changes something.

    Attributes:
        moment: when what it states became known.
        touched: the rows of the firms it stated something of, by code; their books are brought up to date once, when
            everything is stated (see `keep_books.keep_touched`).
    """

    def __init__(
        self,
        connection: Connection,
        *,
        now: datetime,
        deed: str,
        source: str,
        actor: str = "",
        doer: Doer | None = None,
    ) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        last = connection.scalar(select(func.max(_FILING.c.filed_at)))
        # A moment of PostgreSQL and SQLite alike is whole microseconds.
        self.moment = now if last is None else max(now, last + timedelta(microseconds=1))
        self.touched: dict[str, Row] = {}
        self._connection = connection
        self._told = {"deed": deed, "source": source, "actor": actor}
        self._filed = filed_by(deed, source, actor)
        self._doer = doer or Doer.program(deed, actor)
        self._id: int | None = None
        self._head: Head | None = None
        self._tally: Counter[TallyKey] = Counter()

    def note(self) -> int:
        """Write down that the deed changed something; return its number."""
        if self._id is None:
            row = self._connection.execute(
                _FILING.insert().values(filed_at=self.moment, **self._told).returning(_FILING.c.id)
            )
            self._id = row.scalar_one()
            # The ledger says what became of every firm; the trail, that there was this deed.
            told = {"deed": self._told["deed"], "source": self._told["source"]}
            record(
                self._connection, Tag.BOOKS_FILED, self._doer, now=self.moment, subject=f"filing:{self._id}", after=told
            )
        return self._id

    def append(self, rows: list[Row]) -> None:
        """Append entries to the ledger, in order, and link them.

        Args:
            rows: everything of an entry but its number, moment and hash.
        """
        if not rows:
            return
        filing_id = self.note()
        head = self._head or last_head(self._connection)
        for row in rows:
            row |= {"seq": head.seq + 1, "known_at": self.moment}
            head = Head(head.seq + 1, link(head.hash, Entry(**row, filed=self._filed)))
            row |= {"filing_id": filing_id, "hash": head.hash}
        self._head = head
        insert_rows(self._connection, _LEDGER, rows)

    def count(self, key: TallyKey, by: int) -> None:
        """Note that the tally of a day changes."""
        self._tally[key] += by

    def close(self) -> None:
        """Write what the deed changed of the tallies."""
        names = ("tier", "kind", "day", "district")
        changes: list[Row] = [
            dict(zip(names, key, strict=True)) | {"count": by} for key, by in sorted(self._tally.items()) if by
        ]
        self._tally.clear()
        grown = [row for row in changes if row["count"] > 0]
        if grown:
            insert = insert_sqlite if self._connection.dialect.name == "sqlite" else insert_postgresql
            adding = insert(_TALLY)
            adding = adding.on_conflict_do_update(
                index_elements=names, set_={"count": _TALLY.c.count + adding.excluded.count}
            )
            self._connection.execute(adding, grown)
        shrunk = [{f"key_{name}": value for name, value in row.items()} for row in changes if row["count"] < 0]
        if shrunk:
            where = [_TALLY.c[name] == bindparam(f"key_{name}") for name in names]
            self._connection.execute(
                _TALLY.update().where(*where).values(count=_TALLY.c.count + bindparam("key_count")), shrunk
            )


def last_head(connection: Connection) -> Head:
    """Return where the ledger stands: the number and hash of its last entry."""
    last = connection.execute(
        select(_LEDGER.c.seq, _LEDGER.c.hash).order_by(_LEDGER.c.seq.desc()).limit(1)
    ).one_or_none()
    return Head(last.seq, last.hash) if last else Head(0, GENESIS)
