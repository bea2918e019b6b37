"""Who there is: the roles, the offices they sit in, and which seats one person may never hold together.

Data and pure questions; who may do what stands in `registry.domain.permissions`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations


class Role(StrEnum):
    """What somebody does here."""

    APPLICANT = "applicant"
    DISTRICT_REVIEWER = "district_reviewer"
    CITY_REVIEWER = "city_reviewer"
    DEPARTMENT_OFFICER = "department_officer"
    AUDITOR = "auditor"
    STATISTICIAN = "statistician"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


class OfficeKind(StrEnum):
    """What an office is."""

    CITY = "city"
    DISTRICT = "district"
    DEPARTMENT = "department"
    AUDITOR = "auditor"
    INTERMEDIARY = "intermediary"


ROLE_WORDS: Mapping[Role, tuple[str, str]] = {
    Role.APPLICANT: ("企业经办人", "Applicant"),
    Role.DISTRICT_REVIEWER: ("区市审核员", "District reviewer"),
    Role.CITY_REVIEWER: ("市级审核员", "City reviewer"),
    Role.DEPARTMENT_OFFICER: ("部门协查员", "Department officer"),
    Role.AUDITOR: ("第三方审计", "Third-party auditor"),
    Role.STATISTICIAN: ("统计员", "Statistician"),
    Role.SYSTEM_ADMIN: ("系统管理员", "System administrator"),
    Role.SECURITY_ADMIN: ("安全管理员", "Security administrator"),
    Role.AUDIT_ADMIN: ("审计管理员", "Audit administrator"),
}
OFFICE_WORDS: Mapping[OfficeKind, tuple[str, str]] = {
    OfficeKind.CITY: ("市级主管部门", "City bureau"),
    OfficeKind.DISTRICT: ("区市主管部门", "District bureau"),
    OfficeKind.DEPARTMENT: ("征求意见部门", "Department asked for opinions"),
    OfficeKind.AUDITOR: ("第三方审计机构", "Third-party auditor"),
    OfficeKind.INTERMEDIARY: ("代办机构", "Intermediary"),
}
DEPARTMENT_WORDS: Mapping[str, tuple[str, str]] = {
    "ecology": ("生态环境", "Ecology and environment"),
    "market": ("市场监管", "Market regulation"),
    "emergency": ("应急管理", "Emergency management"),
    "tax": ("税务", "Taxation"),
    "publicity": ("宣传", "Publicity"),
}

# Where a role sits. An applicant sits at a firm, or at an intermediary to which firms have delegated.
SEATED_IN: Mapping[Role, OfficeKind] = {
    Role.APPLICANT: OfficeKind.INTERMEDIARY,
    Role.DISTRICT_REVIEWER: OfficeKind.DISTRICT,
    Role.CITY_REVIEWER: OfficeKind.CITY,
    Role.DEPARTMENT_OFFICER: OfficeKind.DEPARTMENT,
    Role.AUDITOR: OfficeKind.AUDITOR,
    Role.STATISTICIAN: OfficeKind.CITY,
    Role.SYSTEM_ADMIN: OfficeKind.CITY,
    Role.SECURITY_ADMIN: OfficeKind.CITY,
    Role.AUDIT_ADMIN: OfficeKind.CITY,
}

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# They examine and decide, or are asked for an opinion, on behalf of the public.
OFFICIALS = frozenset({Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER, Role.DEPARTMENT_OFFICER, Role.STATISTICIAN})
# They sign in with a second factor. A third-party auditor is no official but sees what officials see.
STAFF = OFFICIALS | ADMINISTRATORS | {Role.AUDITOR}


def _pairs() -> Iterable[frozenset[Role]]:
    # 三员分立: no administrator holds a second key, and none takes part in what he administers.
    yield from (frozenset(pair) for pair in combinations(ADMINISTRATORS, 2))
    yield from (frozenset({admin, other}) for admin in ADMINISTRATORS for other in set(Role) - ADMINISTRATORS)
    # Nobody sits on both sides of the desk.
    yield from (frozenset({Role.APPLICANT, role}) for role in STAFF)
    yield from (frozenset({Role.AUDITOR, role}) for role in OFFICIALS)


EXCLUDED: frozenset[frozenset[Role]] = frozenset(_pairs())


def excluded_by(role: Role, held: Iterable[Role]) -> tuple[Role, ...]:
    """Return the held roles beside which a person may not hold this one, in the order of `Role`."""
    excluding = {other for other in held if frozenset({role, other}) in EXCLUDED}
    return tuple(one for one in Role if one in excluding)


@dataclass(frozen=True, slots=True)
class Office:
    """An office as the rules see it."""

    kind: OfficeKind
    district: str | None = None
    department: str | None = None


def place_fault(role: Role, office: Office | None) -> str | None:
    """Say what is wrong with seating a role in an office, or at a firm when there is none; None when it fits."""
    if office is None:
        return None if role is Role.APPLICANT else "这个角色须在机构任职 (this role sits in an office)"
    wanted = SEATED_IN[role]
    if office.kind is not wanted:
        chinese, english = OFFICE_WORDS[wanted]
        return f"这个角色应在{chinese}任职 (this role sits in: {english})"
    return None
