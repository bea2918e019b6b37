"""A procedure as a value: the stages of a case, who works at each, where each outcome leads, how long it may take.

Plain data that the policy floor loads into (`registry.policy.procedures`) and checks; what may be done in which state
follows from it in `registry.domain.casework`. Counts no days and knows no calendar. Source: policy §8 and §9.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from registry.domain.roles import Role

Words = tuple[str, str]


class StageKind(StrEnum):
    """What is done at a stage."""

    REVIEW = "review"
    INQUIRY = "inquiry"
    INSPECTION = "inspection"
    AUDIT = "audit"
    PUBLICITY = "publicity"
    DECISION = "decision"
    OUTSIDE = "outside"


class Level(StrEnum):
    """Who is at work."""

    FIRM = "firm"
    DISTRICT = "district"
    CITY = "city"
    DEPARTMENTS = "departments"
    AUDITOR = "auditor"
    OUTSIDE = "outside"


class Ending(StrEnum):
    """How a case ends."""

    RECOGNISED = "recognised"
    ENTERED = "entered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Opens(StrEnum):
    """When a case may be submitted."""

    ANY_TIME = "any_time"
    BATCH = "batch"
    BEFORE_EXPIRY = "before_expiry"


class Unit(StrEnum):
    """How the days of a publicity are counted."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


KIND_OF_STAGE_WORDS: Mapping[StageKind, Words] = {
    StageKind.REVIEW: ("审核", "Review"),
    StageKind.INQUIRY: ("征求意见", "Inquiry to departments"),
    StageKind.INSPECTION: ("实地抽查", "Sample inspection"),
    StageKind.AUDIT: ("第三方审计", "Third-party audit"),
    StageKind.PUBLICITY: ("公示", "Publicity"),
    StageKind.DECISION: ("决定", "Decision"),
    StageKind.OUTSIDE: ("外部决定", "Outside decision"),
}
LEVEL_WORDS: Mapping[Level, Words] = {
    Level.FIRM: ("企业", "Firm"),
    Level.DISTRICT: ("区市主管部门", "District bureau"),
    Level.CITY: ("市级主管部门", "City bureau"),
    Level.DEPARTMENTS: ("有关部门", "Departments"),
    Level.AUDITOR: ("第三方审计机构", "Third-party auditor"),
    Level.OUTSIDE: ("上级或统计部门", "Higher or statistics authority"),
}
ENDING_WORDS: Mapping[Ending, Words] = {
    Ending.RECOGNISED: ("已认定", "Recognised"),
    Ending.ENTERED: ("已入库", "Entered"),
    Ending.REFUSED: ("未通过", "Refused"),
    Ending.WITHDRAWN: ("已撤回", "Withdrawn"),
    Ending.LAPSED: ("逾期未补正，已终止", "Lapsed: not corrected in time"),
}
OPENS_WORDS: Mapping[Opens, Words] = {
    Opens.ANY_TIME: ("随时", "Any time"),
    Opens.BATCH: ("按批次", "In a batch window"),
    Opens.BEFORE_EXPIRY: ("到期前", "Before expiry"),
}
UNIT_WORDS: Mapping[Unit, Words] = {
    Unit.WORKING_DAYS: ("个工作日", "working days"),
    Unit.CALENDAR_DAYS: ("个自然日", "calendar days"),
}

# Where an outcome leads when not to a stage: back to the firm, or to one of the endings that somebody decides.
RETURNED = "returned"
DECIDED_ENDINGS = (Ending.RECOGNISED, Ending.ENTERED, Ending.REFUSED)
# Who answers for a stage at which others work: a bureau asks the departments and commissions the auditor.
LEADERS: Mapping[Level, Role] = {Level.DISTRICT: Role.DISTRICT_REVIEWER, Level.CITY: Role.CITY_REVIEWER}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way out of a stage.

    Attributes:
        to: the key of a later stage, RETURNED, or one of DECIDED_ENDINGS.
    """

    key: str
    words: Words
    to: str


@dataclass(frozen=True, slots=True)
class Publicity:
    """How long a publicity (公示) lasts, and whether every objection must be answered before it is closed."""

    days: int
    unit: Unit
    objections_answered_first: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of the cases at a stage are drawn.

    Attributes:
        share_percent: of the cases, in whole percent.
        never_after: the levels whose sampled firms are not drawn again.
    """

    share_percent: int
    never_after: tuple[Level, ...] = ()

    def size(self, cases: int) -> int:
        """Return how many of some cases are drawn: rounded up, so at least one of any [D]."""
        return -(-cases * self.share_percent // 100)


@dataclass(frozen=True, slots=True)
class Stage:
    """One station of a procedure.

    Attributes:
        level: who works there; departments answer, an auditor reports, outside authorities are waited for.
        roles: those who work there; of an outside decision, who records it.
        led_by: the bureau that leads and leaves the stage when others work at it; None: whoever works there.
        limit: working days; None for a publicity, which has its length, and for an outside decision.
        departments: those that are asked, one answer each, as keys of `registry.domain.roles.DEPARTMENT_WORDS`.
        inspects: whether its office may look at firms on site of its own accord; they are on record as sampled by it.
        decided: what this project decided, each marked [D].
    """

    key: str
    words: Words
    kind: StageKind
    level: Level
    roles: tuple[Role, ...]
    outcomes: tuple[Outcome, ...]
    source: str
    led_by: Level | None = None
    limit: int | None = None
    publicity: Publicity | None = None
    sample: Sample | None = None
    departments: tuple[str, ...] = ()
    inspects: bool = False
    decided: tuple[str, ...] = ()

    @property
    def desk(self) -> Level:
        """Return the level that answers for the stage and takes its outcomes."""
        return self.led_by or self.level

    @property
    def leaders(self) -> tuple[Role, ...]:
        """Return the roles that take its outcomes."""
        return (LEADERS[self.led_by],) if self.led_by else self.roles


@dataclass(frozen=True, slots=True)
class Filing:
    """When a kind of case may be submitted.

    Attributes:
        kind: new or re_review.
        days_before_expiry: how long before the last valid day a re-review opens; only for BEFORE_EXPIRY.
    """

    kind: str
    opens: Opens
    days_before_expiry: int | None = None

    def is_open(self, on: date, windows: Iterable[tuple[date, date]] = (), last_day: date | None = None) -> bool:
        """Say whether a case may be submitted on a day.

        Args:
            windows: the first and the last day of each batch, both included.
            last_day: the last valid day of the title that is to be re-reviewed; None: it has none.
        """
        if self.opens is Opens.ANY_TIME:
            return True
        if self.opens is Opens.BATCH:
            return any(first <= on <= last for first, last in windows)
        if last_day is None:
            return False
        return last_day - timedelta(days=self.days_before_expiry or 0) <= on <= last_day


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a case of one tier is handled, as one version says.

    Attributes:
        filed_by: who may fill in and submit a case.
        correction_limit: working days in which a returned case is to be corrected.
        ban_years: how long a firm whose title was revoked may not apply; None where the tier knows no ban.
        in_force_until: the last day for cases submitted; None until further notice.
        digest: `sha256:` of the canonical content of its file.
    """

    id: str
    tier: str
    version: str
    document: str
    title: Words
    in_force_from: date
    in_force_until: date | None
    filings: tuple[Filing, ...]
    filed_by: tuple[Role, ...]
    correction_limit: int
    ban_years: int | None
    stages: tuple[Stage, ...]
    source: str
    decided: tuple[str, ...]
    digest: str

    def __hash__(self) -> int:
        # What is remembered of a procedure is looked up many times a page; its content stays as its digest says.
        return hash(self.digest)

    def stage(self, key: str) -> Stage:
        """Return a stage; KeyError is a slip of the caller."""
        for one in self.stages:
            if one.key == key:
                return one
        raise KeyError(key)

    def filing(self, kind: str) -> Filing | None:
        """Return when a kind of case may be submitted; None: this tier does not know the kind."""
        return next((one for one in self.filings if one.kind == kind), None)

    def is_in_force(self, on: date) -> bool:
        """Say whether a case submitted on a day is handled by it."""
        return self.in_force_from <= on and (self.in_force_until is None or on <= self.in_force_until)
