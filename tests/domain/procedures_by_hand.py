"""Procedures as plain values, for the tests of the domain: they know no file of the law."""

from datetime import date

from registry.domain.procedure import (
    Filing,
    Level,
    Opens,
    Outcome,
    Procedure,
    Publicity,
    Sample,
    Stage,
    StageKind,
    Unit,
)
from registry.domain.roles import Role


def out(key: str, to: str) -> Outcome:
    return Outcome(key, (f"词{key}", f"word {key}"), to)


def stage(key: str, kind: StageKind, level: Level, role: Role, *outcomes: Outcome, **more: object) -> Stage:
    return Stage(key, (f"环节{key}", f"Stage {key}"), kind, level, (role,), outcomes, "§9", **more)  # type: ignore[arg-type]


OFFICER, WORKER = Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER
BACK, NO = out("return", "returned"), out("refuse", "refused")
PUBLICITY = Publicity(5, Unit.WORKING_DAYS, objections_answered_first=True)

# One stage of every kind that a city may have, in one course.
LONG = Procedure(
    id="long-1",
    tier="specialized",
    version="1",
    document="一号",
    title=("长程序", "A long procedure"),
    in_force_from=date(2022, 8, 1),
    in_force_until=date(2030, 12, 31),
    filings=(Filing("new", Opens.BATCH), Filing("re_review", Opens.BEFORE_EXPIRY, 90)),
    filed_by=(Role.APPLICANT,),
    correction_limit=10,
    ban_years=3,
    stages=(
        stage(
            "first", StageKind.REVIEW, Level.DISTRICT, OFFICER, out("pass", "asked"), BACK, NO, limit=10, inspects=True
        ),
        stage(
            "asked",
            StageKind.INQUIRY,
            Level.DEPARTMENTS,
            Role.DEPARTMENT_OFFICER,
            out("clear", "shown"),
            out("adverse", "refused"),
            led_by=Level.DISTRICT,
            departments=("tax",),
            limit=10,
        ),
        stage(
            "shown", StageKind.PUBLICITY, Level.DISTRICT, OFFICER, out("hand_on", "visited"), NO, publicity=PUBLICITY
        ),
        stage(
            "visited",
            StageKind.INSPECTION,
            Level.CITY,
            WORKER,
            out("settle", "audited"),
            limit=15,
            sample=Sample(10, (Level.DISTRICT,)),
        ),
        stage(
            "audited",
            StageKind.AUDIT,
            Level.AUDITOR,
            Role.AUDITOR,
            out("settle", "second"),
            led_by=Level.CITY,
            limit=30,
            sample=Sample(10),
        ),
        stage("second", StageKind.REVIEW, Level.CITY, WORKER, out("propose", "last"), BACK, NO, limit=20),
        stage("last", StageKind.DECISION, Level.CITY, WORKER, out("recognise", "recognised"), NO, limit=5),
    ),
    source="§9",
    decided=(),
    digest="sha256:long",
)
# Filed by a district too, decided outside; no re-review and no ban.
SHORT = Procedure(
    id="short-1",
    tier="above_scale",
    version="1",
    document="二号",
    title=("短程序", "A short procedure"),
    in_force_from=date(2011, 1, 1),
    in_force_until=None,
    filings=(Filing("new", Opens.ANY_TIME),),
    filed_by=(Role.APPLICANT, OFFICER),
    correction_limit=10,
    ban_years=None,
    stages=(
        stage("check", StageKind.REVIEW, Level.DISTRICT, OFFICER, out("pass", "outside"), BACK, NO, limit=10),
        stage(
            "outside",
            StageKind.OUTSIDE,
            Level.OUTSIDE,
            Role.STATISTICIAN,
            out("entered", "entered"),
            out("not", "refused"),
        ),
    ),
    source="§9",
    decided=(),
    digest="sha256:short",
)
