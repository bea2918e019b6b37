"""What is found out of a case beside its papers: judgements, answers of departments, samples and their results."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import TIERS
from registry.domain.roles import DEPARTMENT_WORDS
from registry.store.base import BIG, Base, Id, Utc, UtcMoment, digits, one_of, within
from registry.store.decisions import LEVELS

ANSWERS = ("clear", "adverse")
RESULTS = ("clear", "adverse")


class Judgement(Base):
    """A fact of a case that a reviewer judged, as 链 or 品, with his reason; the newest of a fact counts."""

    __tablename__ = "judgement"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_is_given"),
        CheckConstraint("length(fact) > 0", name="fact_is_named"),
        Index("ix_judgement_application_id", "application_id", "id"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(BIG, ForeignKey("application.id"), comment="of which case")
    fact: Mapped[str] = mapped_column(Text, comment="which fact of contract §1, as key_link")
    value: Mapped[bool | None] = mapped_column(comment="yes or no; null: taken back, open again")
    reason: Mapped[str] = mapped_column(Text, comment="what it rests on")
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who judged")
    seat_id: Mapped[int] = mapped_column(BIG, ForeignKey("seat.id"), comment="in which seat")
    judged_at: Mapped[Utc] = mapped_column(comment="when")


class Inquiry(Base):
    """A department is asked whether anything stands against a firm: one answer, once."""

    __tablename__ = "inquiry"
    __table_args__ = (
        one_of("department", tuple(DEPARTMENT_WORDS)),
        one_of("answer", ANSWERS),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at_a_moment"),
        CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answered_by_somebody"),
        UniqueConstraint("application_id", "department"),
        Index("ix_inquiry_desk", "department", "answer", "due_on", "id"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(BIG, ForeignKey("application.id"), comment="about which case")
    department: Mapped[str] = mapped_column(Text, comment="which department")
    asked_at: Mapped[Utc] = mapped_column(comment="when it was asked")
    asked_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")
    due_on: Mapped[date] = mapped_column(comment="last day for the answer")
    due_is_provisional: Mapped[bool] = mapped_column(comment="the day may still change: a year has no calendar yet")
    answer: Mapped[str | None] = mapped_column(Text, comment="clear or adverse; null while it waits")
    opinion: Mapped[str] = mapped_column(Text, comment="in the department's words; required where adverse")
    answered_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it answered")
    answered_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who answered")


class SampleDraw(Base):
    """A random draw among the cases at a stage; whoever has the seed and the list can draw it again."""

    __tablename__ = "sample_draw"
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("level", LEVELS),
        digits("district", 6),
        within("share_percent", 1, 100),
        CheckConstraint("length(seed) = 32", name="seed_is_whole"),
        CheckConstraint("length(digest) = 64", name="digest_is_whole"),
        Index("ix_sample_draw_tier", "tier", "stage", "id"),
    )
    id: Mapped[Id]
    tier: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text, comment="at which stage of the procedure")
    level: Mapped[str] = mapped_column(Text, comment="of which office")
    district: Mapped[str | None] = mapped_column(Text)
    share_percent: Mapped[int] = mapped_column(Integer, comment="of the cases, in whole percent")
    seed: Mapped[str] = mapped_column(Text, comment="of the draw, 32 hexadecimal digits, from the system's source")
    digest: Mapped[str] = mapped_column(Text, comment="SHA-256 over the references drawn from, in order")
    drawn_at: Mapped[Utc] = mapped_column(comment="when it was drawn")
    drawn_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")


class SampleMember(Base):
    """A case that a draw drew from; what was found of it if it was drawn."""

    __tablename__ = "sample_member"
    __table_args__ = (
        one_of("result", RESULTS),
        CheckConstraint("is_drawn OR result IS NULL", name="only_drawn_ones_have_results"),
        CheckConstraint("NOT (is_drawn AND is_spared)", name="spared_ones_are_never_drawn"),
        CheckConstraint("(result IS NULL) = (reported_at IS NULL)", name="reported_at_a_moment"),
        UniqueConstraint("draw_id", "position"),
        Index("ix_sample_member_application_id", "application_id"),
        Index("ix_sample_member_auditor", "auditor_id", "result"),
    )
    draw_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("sample_draw.id"), primary_key=True, autoincrement=False, comment="of which draw"
    )
    application_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("application.id"), primary_key=True, autoincrement=False, comment="which case"
    )
    position: Mapped[int] = mapped_column(Integer, comment="place in the list drawn from, by reference")
    is_spared: Mapped[bool] = mapped_column(comment="never drawn: the level below sampled it")
    is_drawn: Mapped[bool] = mapped_column(comment="whether it is in the sample")
    auditor_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("office.id"), comment="which auditor looks at it")
    result: Mapped[str | None] = mapped_column(Text, comment="clear or adverse; null while nothing was reported")
    finding: Mapped[str] = mapped_column(Text, comment="in the words of who looked")
    reported_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was reported")
    reported_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who reported")
