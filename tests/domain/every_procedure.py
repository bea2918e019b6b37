"""The procedures that tests of casework go through, and states read from their texts."""

from procedures_by_hand import LONG, SHORT

from registry.domain.roles import Role
from registry.policy.procedures import procedures

EVERY = (*procedures(), LONG, SHORT)
FIRM, DISTRICT, CITY = Role.APPLICANT, Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER
