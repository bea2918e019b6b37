"""Freezes a counted year as it is published, and gives it back exactly as it was frozen. Flushes, never commits.

A publication is counted once, from the books as they are known at their last moment; asked again as known then, every
row comes out the same. What becomes known later changes nothing of it (see `recount`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.errors import Fault, Refused, RegistryError
from registry.domain.standing import ANY_TITLE
from registry.domain.trail import Doer, Tag
from registry.store import books
from registry.store.books import Question
from registry.store.publications import (
    COUNTED,
    Publication,
    PublicationRow,
    canonical_keys,
    digest_of,
    frozen_already,
    publication_of,
    publications,
    rows_of,
)
from registry.work.count import Count, CountRow, count, question_of, rolled_up
from registry.work.identify import insert_rows
from registry.work.trace import record

TOTAL = ""
DEFAULT_BY = (TOTAL, "district", "industry", "size", "functional_area", "district,industry")
LONGEST_TEXT = 1000


class PublicationDamaged(RegistryError):
    """The rows of a publication are not those that were frozen: somebody changed them past the rules."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A publication as it was frozen.

    Attributes:
        counts: one for each breakdown, in the order in which they were frozen; the first is the total.
    """

    publication: Publication
    counts: tuple[Count, ...]

    def question(self, by: Sequence[str], known_at: datetime) -> Question:
        """Return the question that was published, broken down in a way, as known at a moment."""
        return _question(self.publication, by, known_at)


def freeze(
    session: Session,
    year: int,
    as_of: date | None = None,
    *,
    title: str,
    source: str,
    author: str,
    by: Sequence[str] = DEFAULT_BY,
    now: datetime,
    today: date,
) -> Publication:
    """Count a year and keep every row of it for ever.

    Args:
        as_of: the last day counted; the end of the year, or today in the running year.
        title: the name of the publication.
        source: the document or bulletin in which it is published.
        by: what to freeze besides the total, each as names with commas: "district,industry".
        now: with its zone.
        today: in the zone of the office.

    Raises:
        Refused: with every fault: a text is missing, the day lies in the future, the books are empty, or they are
            frozen already under this title as they are now.
        BooksDoNotBalance: the kept standing contradicts itself; nothing is kept.
    """
    texts = {"title": title.strip(), "source": source.strip(), "author": author.strip()}
    known_at = books.last_moment(session)
    asked = question_of(year, today=today, as_of=as_of, known_at=known_at)
    wanted = _breakdowns(year, asked.as_of, by, today)
    faults = [fault for name, text in texts.items() for fault in _faults_of(name, text)]
    if asked.as_of > today:
        faults.append(Fault("as_of", f"{asked.as_of} 尚未到来，不能公布 (a day in the future cannot be published)"))
    if known_at is None:
        faults.append(Fault("", "账上还没有任何记录，无可公布 (the books are empty)"))
    elif standing := frozen_already(session, texts["title"], year, asked.as_of, known_at):
        told = f"《{texts['title']}》已按同一日期、同一账目冻结，编号 {standing.id}，用 registry publications show 查看"
        faults.append(Fault("title", f"{told} (frozen already)"))
    if faults or known_at is None:
        raise Refused(faults)
    head = Publication(
        id=max((one.id for one in publications(session)), default=0) + 1,
        year=year,
        as_of=asked.as_of,
        known_at=known_at,
        breakdowns=json.dumps(wanted, ensure_ascii=False, separators=(",", ":")),
        frozen_at=now,
        **texts,
    )
    names = {part for breakdown in wanted for part in parts_of(breakdown)}
    whole = count(session, _question(head, tuple(names), known_at), now=now)
    counts = [rolled_up(whole, parts_of(breakdown)) for breakdown in wanted]
    rows = [row | {"publication_id": head.id} for row in _rows(counts)]
    head.digest = digest_of(head, rows)
    # The publication comes after its rows, and seals them.
    insert_rows(session.connection(), PublicationRow.__table__, rows)  # type: ignore[arg-type]
    session.add(head)
    frozen_now = {"deed": "publications freeze", "title": head.title, "source": head.source, "digest": head.digest}
    doer = Doer.program("publications freeze", texts["author"])
    record(session, Tag.BOOKS_FILED, doer, now=now, subject=f"publication:{head.id}", after=frozen_now)
    return head


def frozen(session: Session) -> Sequence[Publication]:
    """Return every publication in the order in which they were frozen."""
    return publications(session)


def frozen_count(session: Session, number: int) -> Frozen:
    """Return a publication exactly as it was frozen.

    Raises:
        Refused: there is none of this number.
        PublicationDamaged: what is kept of it is not what was frozen.
    """
    head = publication_of(session, number)
    if head is None:
        raise Refused.at("id", f"没有编号 {number} 的公布，用 registry publications list 查看 (no such publication)")
    rows = rows_of(session, number)
    if digest_of(head, rows) != head.digest:
        told = f"公布 {number}《{head.title}》的内容与冻结时的摘要不符，已被改动，不予采用"
        raise PublicationDamaged(f"{told} (the rows are not those that were frozen)")
    kept = {name: list(of_name) for name, of_name in groupby(rows, key=lambda row: row["breakdown"])}
    return Frozen(head, tuple(_count(head, name, kept.get(name, [])) for name in head.by))


def parts_of(breakdown: str) -> tuple[str, ...]:
    """Return the names in a breakdown; of the total none."""
    return tuple(part.strip() for part in breakdown.split(",") if part.strip())


def _question(head: Publication, by: Sequence[str], known_at: datetime) -> Question:
    return question_of(head.year, today=head.as_of, as_of=head.as_of, by=by, known_at=known_at)


def _faults_of(name: str, text: str) -> list[Fault]:
    if not text:
        return [Fault(name, "不能为空 (must not be empty)")]
    if len(text) > LONGEST_TEXT or "\0" in text:
        return [Fault(name, f"应为不超过 {LONGEST_TEXT} 字的文字 (a text of at most so many characters)")]
    return []


def _breakdowns(year: int, as_of: date, by: Sequence[str], today: date) -> list[str]:
    """Return the breakdowns as they are written, each once, after the total."""
    wanted = [TOTAL]
    for breakdown in by:
        try:
            written = ",".join(question_of(year, today=today, as_of=as_of, by=parts_of(breakdown)).by)
        except Refused as refused:
            raise Refused(Fault("breakdown", fault.message) for fault in refused.faults) from None
        if written not in wanted:
            wanted.append(written)
    return wanted


def _rows(counts: Sequence[Count]) -> list[dict[str, Any]]:
    lines = [(",".join(one.by), row) for one in counts for row in (*one.rows, *one.holders)]
    return [
        {"number": number, "breakdown": breakdown, "tier": row.tier, "keys": canonical_keys(row.keys)}
        | {name: row.counts[name] for name in COUNTED}
        for number, (breakdown, row) in enumerate(lines, start=1)
    ]


def _count(head: Publication, breakdown: str, kept: Sequence[dict[str, Any]]) -> Count:
    by = parts_of(breakdown)
    rows = []
    for row in kept:
        keys = json.loads(row["keys"])
        counts = {name: row[name] for name in COUNTED}
        rows.append(CountRow(row["tier"], {name: keys[name] for name in by}, counts))
    return Count(
        head.year,
        head.as_of,
        head.known_at,
        by,
        tuple(row for row in rows if row.tier != ANY_TITLE),
        tuple(row for row in rows if row.tier == ANY_TITLE),
    )
