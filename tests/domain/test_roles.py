"""Which seats exclude each other, and where each role sits."""

from itertools import combinations

import pytest

from registry.domain.roles import (
    ADMINISTRATORS,
    EXCLUDED,
    OFFICE_WORDS,
    OFFICIALS,
    ROLE_WORDS,
    SEATED_IN,
    STAFF,
    Office,
    OfficeKind,
    Role,
    excluded_by,
    place_fault,
)

# Written out by hand: the only roles one person may hold side by side.
TOGETHER = {
    frozenset(pair)
    for pair in combinations(
        (Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER, Role.DEPARTMENT_OFFICER, Role.STATISTICIAN), 2
    )
}


@pytest.mark.parametrize(("one", "other"), list(combinations(Role, 2)))
def test_two_roles_exclude_each_other_unless_both_are_officials(one: Role, other: Role) -> None:
    pair = frozenset({one, other})

    assert (pair not in TOGETHER) == (pair in EXCLUDED)
    assert (excluded_by(one, [other]) == (other,)) == (excluded_by(other, [one]) == (one,)) == (pair in EXCLUDED)


def test_a_role_does_not_exclude_itself_since_one_may_hold_it_twice() -> None:
    assert [role for role in Role if excluded_by(role, [role])] == []


def test_what_excludes_is_told_once_each_in_the_order_of_the_roles() -> None:
    held = [Role.SECURITY_ADMIN, Role.STATISTICIAN, Role.SECURITY_ADMIN, Role.APPLICANT]

    assert excluded_by(Role.AUDITOR, held) == (Role.APPLICANT, Role.STATISTICIAN, Role.SECURITY_ADMIN)
    assert excluded_by(Role.AUDITOR, []) == ()


def test_everybody_but_an_applicant_is_staff() -> None:
    assert set(Role) - {Role.APPLICANT} == STAFF
    assert not OFFICIALS & ADMINISTRATORS
    assert Role.AUDITOR not in OFFICIALS | ADMINISTRATORS


def test_every_role_and_every_kind_of_office_has_words_and_a_place() -> None:
    assert ROLE_WORDS.keys() == set(Role) == SEATED_IN.keys()
    assert OFFICE_WORDS.keys() == set(OfficeKind) == set(SEATED_IN.values())


@pytest.mark.parametrize("role", Role)
def test_a_role_sits_in_one_kind_of_office_only(role: Role) -> None:
    fits = [kind for kind in OfficeKind if place_fault(role, Office(kind)) is None]

    assert [SEATED_IN[role]] == fits


@pytest.mark.parametrize("role", Role)
def test_only_an_applicant_sits_at_a_firm(role: Role) -> None:
    assert (role is Role.APPLICANT) == (place_fault(role, None) is None)
