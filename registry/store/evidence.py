"""Evidence of firms: what each file is called and proves, and its state. What it holds lies in the vault."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, Integer, Text, column, func, select, table
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.store.base import Base, FirmId, Id, Utc, UtcMoment, one_of, within
from registry.store.firms import Firm

EVIDENCE_STATES = ("quarantined", "clean", "refused")
EVIDENCE_KINDS = ("pdf", "ofd", "jpeg", "png", "xlsx", "docx")
LARGEST_BYTES = 20 * 2**20


class Evidence(Base):
    """A file by which a firm proves something. A row is never deleted; several rows may speak of one file."""

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("kind", EVIDENCE_KINDS),
        one_of("state", EVIDENCE_STATES),
        within("size", 1, LARGEST_BYTES),
        within("year", FIRST_YEAR, LAST_YEAR),
        CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        CheckConstraint("name <> ''", name="name_is_not_empty"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_by_somebody"),
        Index("ix_evidence_firm_id", "firm_id", "id"),
        Index("ix_evidence_sha256", "sha256"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    criterion: Mapped[str | None] = mapped_column(Text, comment="what it proves: a criterion, in the firm's own words")
    year: Mapped[int | None] = mapped_column(Integer, comment="the fiscal year it speaks of")
    name: Mapped[str] = mapped_column(Text, comment="as the firm called it; never a path")
    kind: Mapped[str] = mapped_column(Text, comment="as registry.evidence.kinds names it")
    size: Mapped[int] = mapped_column(Integer, comment="bytes")
    sha256: Mapped[str] = mapped_column(Text, comment="of what it holds: the name of the file in the vault")
    state: Mapped[str] = mapped_column(Text, comment="quarantined until it was scanned; then clean or refused")
    note: Mapped[str] = mapped_column(Text, comment="what the firm adds; empty when nothing")
    added_by: Mapped[str] = mapped_column(Text, comment="who uploaded it, as the trail names him")
    added_at: Mapped[Utc] = mapped_column(comment="when it was uploaded")
    removed_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when the firm took it back")
    removed_by: Mapped[str | None] = mapped_column(Text, comment="who took it back, as the trail names him")


_STANDS = Evidence.removed_at.is_(None)


def evidence_of(session: Session, visible: ColumnElement[bool], firm_id: int) -> list[Evidence]:
    """Return what a firm has on file and the reader may see, the newest first."""
    query = select(Evidence).where(Evidence.firm_id == firm_id, _STANDS, visible)
    return list(session.scalars(query.order_by(Evidence.id.desc())))


def evidence_visible(session: Session, visible: ColumnElement[bool], number: int) -> tuple[Evidence, Firm] | None:
    """Return a piece of evidence by its number with its firm, if the reader may see it and it was not taken back."""
    query = select(Evidence, Firm).join(Firm, Firm.id == Evidence.firm_id)
    found = session.execute(query.where(Evidence.id == number, _STANDS, visible)).one_or_none()
    return (found[0], found[1]) if found else None


def evidence_held(session: Session, firm_id: int) -> tuple[int, int]:
    """Return how many files a firm has on file, and how many bytes they are."""
    query = select(func.count(), func.coalesce(func.sum(Evidence.size), 0)).where(Evidence.firm_id == firm_id, _STANDS)
    count, size = session.execute(query).one()
    return int(count), int(size)


def evidence_alike(session: Session, firm_id: int, sha256: str) -> Evidence | None:
    """Return what a firm has on file that holds the very same."""
    query = select(Evidence).where(Evidence.firm_id == firm_id, _STANDS, Evidence.sha256 == sha256)
    return session.scalars(query.order_by(Evidence.id)).first()


def evidence_quarantined(session: Session, firm_id: int, most: int) -> list[Evidence]:
    """Return what waits to be scanned, the oldest first."""
    query = select(Evidence).where(Evidence.firm_id == firm_id, _STANDS, Evidence.state == "quarantined")
    return list(session.scalars(query.order_by(Evidence.id).limit(most)))


def digests_needed(session: Session) -> set[str]:
    """Return the digests of the files that a row needs: evidence not taken back and not refused, and of objections."""
    needed = set(session.scalars(select(Evidence.sha256).where(_STANDS, Evidence.state != "refused").distinct()))
    # By its name: its table's module is made of the kinds of files that stand here.
    of_objections: Any = select(column("sha256", Text)).select_from(table("objection_file")).distinct()
    return needed | set(session.scalars(of_objections))


def digests_submitted(session: Session) -> set[str]:
    """Return the digests of the files that were submitted with a case: they stay, though the firm took them back."""
    # By its name, as above: evidence is known below cases.
    rounds: Any = select(column("evidence")).select_from(table("application_round"))
    return {str(one["sha256"]) for text in session.scalars(rounds) for one in json.loads(text)}


def digests_kept(session: Session) -> set[str]:
    """Return the digests of all files that belong to the register: a backup holds them, and no sweep takes them."""
    return digests_needed(session) | digests_submitted(session)
