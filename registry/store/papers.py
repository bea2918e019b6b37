"""What firms keep here beside their cases: profile, self-assessments, yearly updates, changes; and reports on firms."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import KIND_WORDS, TIERS
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, digits, one_of, within
from registry.store.cases import VERDICTS

CHANGE_KINDS = ("rename", "merger", "restructuring", "move", "foreign_branch", "other")
CHANGE_OUTCOMES = ("still_qualified", "not_qualified", "refused")
REPORT_STATES = ("open", "asked", "settled")


class Profile(Base):
    """What a firm says of itself, as typed: carried into its next application, judged by its self-assessments."""

    __tablename__ = "profile"
    firm_id: Mapped[int] = mapped_column(BIG, ForeignKey("firm.id"), primary_key=True, autoincrement=False)
    answers: Mapped[str] = mapped_column(Text, comment="as typed, by field, as JSON")
    version: Mapped[int] = mapped_column(Integer, comment="one more with each change")
    saved_at: Mapped[Utc] = mapped_column(comment="when it was changed last")
    saved_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")


class SelfAssessment(Base):
    """A self-assessment that a firm kept: the facts of that moment and what came of them."""

    __tablename__ = "self_assessment"
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("kind", tuple(KIND_WORDS)),
        one_of("verdict", VERDICTS),
        Index("ix_self_assessment_firm_id", "firm_id", "id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    tier: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    assessed_on: Mapped[date] = mapped_column(comment="for a submission on this day")
    rule_set_id: Mapped[str] = mapped_column(Text, comment="by which rules")
    firm: Mapped[str] = mapped_column(Text, comment="the firm by contract §1 as JSON")
    verdict: Mapped[str] = mapped_column(Text, comment="what came of it")
    score_low: Mapped[int | None] = mapped_column(Integer, comment="least points")
    score_high: Mapped[int | None] = mapped_column(Integer, comment="most points")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")


class YearlyUpdate(Base):
    """The yearly update of a firm's information: the facts as they were stated, once a year or corrected."""

    __tablename__ = "yearly_update"
    __table_args__ = (
        within("year", FIRST_YEAR, LAST_YEAR),
        CheckConstraint("signed_as <> ''", name="declaration_is_signed"),
        UniqueConstraint("firm_id", "year", "number"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    year: Mapped[int] = mapped_column(Integer, comment="calendar year in which it was due")
    number: Mapped[int] = mapped_column(Integer, comment="1, and one more with each correction")
    firm: Mapped[str] = mapped_column(Text, comment="the firm by contract §1 as JSON")
    due_on: Mapped[date] = mapped_column(comment="last day on which it was in time")
    filed_at: Mapped[Utc]
    filed_by: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who filed it")
    signed_as: Mapped[str] = mapped_column(Text, comment="the name under the declaration of truth")


class ChangeReport(Base):
    """A major change that a firm reports; the bureau says whether it is still qualified."""

    __tablename__ = "change_report"
    __table_args__ = (
        one_of("kind", CHANGE_KINDS),
        one_of("outcome", CHANGE_OUTCOMES),
        digits("district", 6),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_at_a_moment"),
        Index("ix_change_report_firm_id", "firm_id", "id"),
        Index("ix_change_report_district", "district", "outcome", "id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    district: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[date] = mapped_column(comment="the day of the change")
    due_on: Mapped[date] = mapped_column(comment="three months later: last day on which the report is in time")
    told: Mapped[str] = mapped_column(Text, comment="in the firm's words")
    reported_at: Mapped[Utc] = mapped_column(comment="when it was reported")
    reported_by: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who reported it")
    outcome: Mapped[str | None] = mapped_column(Text, comment="what the bureau found; null while it waits")
    reply: Mapped[str] = mapped_column(Text, comment="the bureau's words; empty while it waits")
    settled_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was settled")
    settled_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who settled it")


class Report(Base):
    """A report 实名举报 on a firm's information: by real name; the firm is asked, the bureau settles it."""

    __tablename__ = "report"
    __table_args__ = (
        one_of("state", REPORT_STATES),
        digits("district", 6),
        CheckConstraint("length(code) = 26", name="code_is_whole"),
        CheckConstraint("reporter <> '' AND grounds <> ''", name="by_real_name_with_grounds"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at_a_moment"),
        Index("ix_report_district", "district", "state", "id"),
        Index("ix_report_firm_id", "firm_id", "id"),
    )
    id: Mapped[Id]
    firm_id: Mapped[FirmId]
    district: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text, unique=True, comment="under which the reporter looks for the answer")
    reporter: Mapped[str] = mapped_column(Text, comment="real name")
    contact_sealed: Mapped[str] = mapped_column(Text, comment="telephone or address, sealed")
    grounds: Mapped[str] = mapped_column(Text, comment="what is reported and what shows it")
    state: Mapped[str] = mapped_column(Text, comment="open, asked (the firm is to answer) or settled")
    made_at: Mapped[Utc] = mapped_column(comment="when it was made")
    question: Mapped[str] = mapped_column(Text, comment="what the bureau asks the firm; the reporter is never named")
    due_on: Mapped[date | None] = mapped_column(comment="last day for the firm's answer")
    firm_reply: Mapped[str] = mapped_column(Text, comment="what the firm says to it; empty while nothing")
    firm_replied_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when the firm said it")
    is_upheld: Mapped[bool | None] = mapped_column(comment="whether it was found true")
    finding: Mapped[str] = mapped_column(Text, comment="what was found; empty while it waits")
    settled_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was settled")
    settled_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who settled it")
