"""Cases: applications of firms with the rounds in which they were submitted, and every step taken on them.

An application changes state only by a compare-and-set on its version (see `registry.work.move_case`); rounds and steps
are never changed once written: rules of the database refuse it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.domain.codes import KIND_WORDS, TIERS
from registry.domain.procedure import Level
from registry.domain.roles import Role
from registry.store.base import BIG, Base, FirmId, Id, Utc, UtcMoment, digits, one_of

VERDICTS = ("met", "not_met", "undetermined")
UNDER_WAY = text("closed_at IS NULL")


class FilingWindow(Base):
    """A batch: the days on which cases of a tier and kind may be submitted, as the bureau laid them down."""

    __tablename__ = "filing_window"
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("kind", tuple(KIND_WORDS)),
        CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
        CheckConstraint("batch <> ''", name="batch_is_named"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"),
        Index("ix_filing_window_tier", "tier", "kind", "opens_on"),
    )
    id: Mapped[Id]
    tier: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text, comment="new or re_review; null: both")
    batch: Mapped[str] = mapped_column(Text)
    opens_on: Mapped[date] = mapped_column(comment="first day on which a case may be submitted")
    closes_on: Mapped[date] = mapped_column(comment="last day on which a case may be submitted")
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Utc] = mapped_column(comment="when it was entered")
    made_by: Mapped[str] = mapped_column(Text, comment="by whom, as the trail names him")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it was taken back as mistaken")
    withdrawn_by: Mapped[str | None] = mapped_column(Text, comment="who took it back")


class Application(Base):
    """One case of one firm: where it stands now, what is being filled in, and by which rules it is judged."""

    __tablename__ = "application"
    __table_args__ = (
        one_of("tier", TIERS),
        one_of("kind", tuple(KIND_WORDS)),
        one_of("verdict", VERDICTS),
        digits("district", 6),
        CheckConstraint("length(uscc) = 18", name="uscc_has_18_characters"),
        CheckConstraint("version >= 0 AND round >= 1", name="counted_from_the_start"),
        CheckConstraint("state IN ('draft', 'ended:withdrawn') OR submitted_on IS NOT NULL", name="submitted_on_a_day"),
        CheckConstraint(
            "(submitted_on IS NULL) = (reference IS NULL) AND (submitted_on IS NULL) = (rule_set_id IS NULL) "
            "AND (submitted_on IS NULL) = (procedure_id IS NULL)",
            name="rules_fixed_when_submitted",
        ),
        CheckConstraint("(state LIKE 'ended:%') = (closed_at IS NOT NULL)", name="closed_when_it_ended"),
        CheckConstraint("verdict IS NULL OR submitted_on IS NOT NULL", name="verdict_of_what_was_submitted"),
        # A firm has one case of a tier under way.
        Index(
            "uq_application_under_way",
            "firm_id",
            "tier",
            unique=True,
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
        Index("ix_application_window_id", "window_id"),
        # The desk: what waits in a district, in the whole city, at a stage, by the day it is due.
        Index("ix_application_desk", "state", "district", "due_on", "id"),
        Index("ix_application_tier", "tier", "state", "district", "id"),
        Index("ix_application_handler", "handler_id", "state", "id"),
        Index("ix_application_firm_id", "firm_id", "id"),
        Index("ix_application_uscc", "uscc"),
        Index("ix_application_firm_name", "firm_name"),
    )
    id: Mapped[Id]
    reference: Mapped[str | None] = mapped_column(Text, unique=True, comment="what the firm was told; null in a draft")
    firm_id: Mapped[FirmId]
    uscc: Mapped[str] = mapped_column(Text)
    firm_name: Mapped[str] = mapped_column(Text, comment="as the register named it when it was submitted last")
    district: Mapped[str] = mapped_column(Text, comment="whose bureau handles it; stays when the firm moves")
    tier: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, comment="as registry.domain.case_states.State writes it")
    round: Mapped[int] = mapped_column(Integer, comment="1, and one more with each submission after a return")
    version: Mapped[int] = mapped_column(Integer, comment="one more with each step: what compare-and-set compares")
    answers: Mapped[str] = mapped_column(
        Text, comment="what is typed in so far, by field, as JSON; frozen in the rounds"
    )
    filed_by: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who began it")
    filed_role: Mapped[str] = mapped_column(Text, comment="applicant, or the district that files for a firm")
    opened_at: Mapped[Utc] = mapped_column(comment="when the draft was begun")
    saved_at: Mapped[Utc] = mapped_column(comment="when something was last typed in")
    window_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("filing_window.id"), comment="in which batch")
    procedure_id: Mapped[str | None] = mapped_column(Text, comment="by which procedure it is handled, for good")
    procedure_digest: Mapped[str | None] = mapped_column(Text, comment="of that procedure's content")
    rule_set_id: Mapped[str | None] = mapped_column(Text, comment="by which rules it is judged, for good")
    rule_set_digest: Mapped[str | None] = mapped_column(Text, comment="of those rules' content")
    submitted_on: Mapped[date | None] = mapped_column(comment="the day that chose the rules; of the first submission")
    verdict: Mapped[str | None] = mapped_column(Text, comment="of the last round with the judgements entered so far")
    score_low: Mapped[int | None] = mapped_column(Integer, comment="least points; null where nothing is scored")
    score_high: Mapped[int | None] = mapped_column(Integer, comment="most points; null where nothing is scored")
    entered_at: Mapped[Utc] = mapped_column(comment="when it came into its present state")
    due_on: Mapped[date | None] = mapped_column(comment="last day of the present state; null where none is set")
    due_is_provisional: Mapped[bool] = mapped_column(comment="the day may still change: a year has no calendar yet")
    handler_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="to whom it is assigned")
    closed_at: Mapped[datetime | None] = mapped_column(UtcMoment, comment="when it ended")


class ApplicationRound(Base):
    """What was submitted once, as it was: facts, evidence, the declaration and the verdict of that moment."""

    __tablename__ = "application_round"
    __table_args__ = (one_of("verdict", VERDICTS), CheckConstraint("round >= 1", name="counted_from_one"))
    application_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("application.id"), primary_key=True, autoincrement=False, comment="of which case"
    )
    round: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 …")
    answers: Mapped[str] = mapped_column(Text, comment="as typed, by field, as JSON")
    firm: Mapped[str] = mapped_column(Text, comment="the firm by contract §1 as JSON, titles of the books included")
    incomplete: Mapped[str] = mapped_column(Text, comment="list facts that may have more entries, as a JSON list")
    evidence: Mapped[str] = mapped_column(Text, comment="files on record: number, name, digest, criterion, as JSON")
    verdict: Mapped[str] = mapped_column(Text, comment="of these facts alone, by the rules of the case")
    score_low: Mapped[int | None] = mapped_column(Integer, comment="least points")
    score_high: Mapped[int | None] = mapped_column(Integer, comment="most points")
    signed_as: Mapped[str] = mapped_column(Text, comment="the name under the declaration of truth")
    person_id: Mapped[int] = mapped_column(BIG, ForeignKey("person.id"), comment="who submitted it")
    submitted_at: Mapped[Utc] = mapped_column(comment="when it was submitted")


class CaseStep(Base):
    """One thing done on a case, by whom, from which state to which; the last one is where the case stands."""

    __tablename__ = "case_step"
    __table_args__ = (
        one_of("role", tuple(Role)),
        one_of("level", tuple(Level)),
        CheckConstraint("number >= 1", name="counted_from_one"),
        CheckConstraint("action <> ''", name="action_is_given"),
        # The last guard against two at once, whatever they read before.
        UniqueConstraint("application_id", "number"),
        Index("ix_case_step_person_id", "person_id", "application_id"),
        Index("ix_case_step_at", "at"),
    )
    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(BIG, ForeignKey("application.id"), comment="of which case")
    number: Mapped[int] = mapped_column(Integer, comment="1, 2, 3 …: the version of the case after it")
    round: Mapped[int] = mapped_column(Integer, comment="the round it belongs to")
    from_state: Mapped[str] = mapped_column(Text, comment="where the case was")
    action: Mapped[str] = mapped_column(
        Text, comment="what was done: a move of the procedure, or assign, remind, judge"
    )
    to_state: Mapped[str] = mapped_column(Text, comment="where the case is since")
    role: Mapped[str | None] = mapped_column(Text, comment="in which role; null for the program")
    level: Mapped[str | None] = mapped_column(Text, comment="on whose behalf; null for the program")
    person_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("person.id"), comment="who; null for the program")
    seat_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("seat.id"), comment="in which seat")
    doer: Mapped[str] = mapped_column(Text, comment="name and seat, as the trail names him")
    opinion: Mapped[str] = mapped_column(Text, comment="in his own words; empty where none was asked")
    details: Mapped[str] = mapped_column(Text, comment="what else belongs to it, as canonical JSON")
    at: Mapped[Utc] = mapped_column(comment="when")


class ReturnedPart(Base):
    """One thing that a return asks to have corrected: a fact by its path, or a criterion by its key."""

    __tablename__ = "returned_part"
    __table_args__ = (CheckConstraint("part <> ''", name="part_is_named"),)
    application_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("application.id"), primary_key=True, autoincrement=False, comment="of which case"
    )
    round: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="the round that was returned"
    )
    part: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="a field, as facts.ip_class1 or years.2025.revenue, or `evidence`"
    )
    criterion: Mapped[str] = mapped_column(Text, comment="the criterion it was returned for; empty where none")
    comment: Mapped[str] = mapped_column(Text, comment="the reviewer's words")
