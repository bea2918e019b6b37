"""Who is admitted: every permission in every standing and role, held to a table written out by hand."""

import pytest

from registry.domain.actors import NOBODY, Actor, Seat, Standing
from registry.domain.permissions import BY_KEY, PERMISSIONS, REACH_WORDS, Permission, Reach, permission
from registry.domain.roles import Role

EVERYBODY = set(Role)
REVIEWERS = {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER, Role.STATISTICIAN}
WITHOUT_SEAT = {
    "public": {Standing.NOBODY, Standing.HALF, Standing.BOUND, Standing.FULL},
    # Whether a token with the scope was sent is asked by the API itself.
    "api_books": {Standing.NOBODY, Standing.HALF, Standing.BOUND, Standing.FULL},
    "api_firms": {Standing.NOBODY, Standing.HALF, Standing.BOUND, Standing.FULL},
    "watch_program": {Standing.NOBODY, Standing.HALF, Standing.BOUND, Standing.FULL},
    "sign_in": {Standing.NOBODY, Standing.HALF, Standing.BOUND, Standing.FULL},
    "second_step": {Standing.HALF},
    "settle": {Standing.BOUND, Standing.FULL},
    "own_account": {Standing.FULL},
    "represent": {Standing.FULL},
}
BY_ROLE = {
    "declare_ties": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER, Role.DEPARTMENT_OFFICER, Role.STATISTICIAN}
    | {Role.AUDITOR},
    "see_books": REVIEWERS,
    "see_firms": REVIEWERS | {Role.APPLICANT},
    "see_watch": REVIEWERS,
    "see_evidence": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER, Role.APPLICANT},
    "keep_evidence": {Role.APPLICANT},
    "see_own_cases": {Role.APPLICANT},
    "apply": {Role.APPLICANT},
    "keep_papers": {Role.APPLICANT},
    "file_for_firm": {Role.DISTRICT_REVIEWER},
    "see_cases": REVIEWERS | {Role.DEPARTMENT_OFFICER, Role.AUDITOR},
    "review_cases": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER},
    "answer_inquiries": {Role.DEPARTMENT_OFFICER},
    "report_audits": {Role.AUDITOR},
    "run_samples": {Role.CITY_REVIEWER},
    "announce": {Role.CITY_REVIEWER},
    "import_outcomes": {Role.CITY_REVIEWER, Role.STATISTICIAN},
    "import_lists": {Role.CITY_REVIEWER, Role.STATISTICIAN},
    "enter_targets": {Role.CITY_REVIEWER, Role.STATISTICIAN},
    "run_windows": {Role.CITY_REVIEWER},
    "see_revocations": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER},
    "propose_revocations": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER},
    "revoke_titles": {Role.CITY_REVIEWER},
    "see_papers": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER},
    "settle_papers": {Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER},
    "run_firm": {Role.APPLICANT},
    "see_claims": {Role.DISTRICT_REVIEWER},
    "decide_claims": {Role.DISTRICT_REVIEWER},
    "see_people": {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN},
    "run_accounts": {Role.SYSTEM_ADMIN},
    "run_seats": {Role.SECURITY_ADMIN},
    "see_trail": {Role.AUDIT_ADMIN},
}


def seated(*roles: Role, is_own: bool = True, standing: Standing = Standing.FULL) -> Actor:
    seats = tuple(
        Seat(number, role, "x", firm_ids=frozenset({7}) if role is Role.APPLICANT else frozenset(), is_own=is_own)
        for number, role in enumerate(roles, 1)
    )
    return Actor(1, "凌", standing=standing, seats=seats)


def test_the_table_is_whole() -> None:
    assert len(PERMISSIONS) == len(BY_KEY)
    assert BY_KEY.keys() == WITHOUT_SEAT.keys() | BY_ROLE.keys()
    assert REACH_WORDS.keys() == set(Reach)
    for one in PERMISSIONS:
        assert all(one.words) and one.key.isidentifier(), one.key
        # A table of grants that is empty would admit nobody and nobody would notice.
        assert one.grants is None or one.grants, one.key


def test_an_unknown_permission_is_a_slip() -> None:
    with pytest.raises(KeyError):
        permission("conquer")


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("key", WITHOUT_SEAT)
def test_what_asks_for_no_seat_is_open_by_standing_alone(key: str, standing: Standing) -> None:
    expected = standing in WITHOUT_SEAT[key]

    assert expected == permission(key).admits(Actor(1, standing=standing))
    assert {expected} == {permission(key).admits(seated(role, standing=standing)) for role in Role}


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("key", BY_ROLE)
def test_what_asks_for_a_seat_is_open_to_its_roles_when_fully_signed_in(key: str, standing: Standing) -> None:
    admitted = {role for role in Role if permission(key).admits(seated(role, standing=standing))}

    assert (BY_ROLE[key] if standing is Standing.FULL else set()) == admitted
    assert not permission(key).admits(Actor(1, standing=standing))


def test_nobody_sees_what_is_public_and_signs_in() -> None:
    assert [one.key for one in PERMISSIONS if one.admits(NOBODY)] == [
        "public",
        "api_books",
        "api_firms",
        "watch_program",
        "sign_in",
    ]


@pytest.mark.parametrize("standing", [Standing.NOBODY, Standing.BOUND, Standing.FULL])
def test_half_is_asked_for_exactly(standing: Standing) -> None:
    assert not permission("second_step").admits(seated(Role.CITY_REVIEWER, standing=standing))
    assert permission("second_step").admits(seated(Role.CITY_REVIEWER, standing=Standing.HALF))


def test_no_administrator_sees_a_firm_and_no_official_administers() -> None:
    admins = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
    for one in PERMISSIONS:
        roles = set(one.grants or {})
        assert not (roles & admins and roles - admins), one.key
        # Two may look at the same; what changes anything is one administrator's alone.
        assert len(roles & admins) <= 1 or one.key.startswith("see_"), one.key


def test_a_delegate_never_reaches_as_far_as_the_firm_itself() -> None:
    delegate = seated(Role.APPLICANT, is_own=False)
    own_only = [one for one in PERMISSIONS if Reach.OWN_FIRM in (one.grants or {}).values()]

    assert [one.key for one in own_only] == ["run_firm"]
    assert [one.key for one in own_only if one.admits(delegate) or one.seats_for(delegate)] == []
    assert permission("see_firms").admits(delegate)


def test_who_has_a_seat_of_both_kinds_reaches_his_own_firm_in_his_own_seat_only() -> None:
    at_agency = Seat(1, Role.APPLICANT, "office:30", office_id=30, firm_ids=frozenset({8}))
    own = Seat(2, Role.APPLICANT, "9137", firm_ids=frozenset({7}), is_own=True)
    actor = Actor(1, standing=Standing.FULL, seats=(at_agency, own))

    assert (own,) == permission("run_firm").seats_for(actor)
    assert (at_agency, own) == permission("see_firms").seats_for(actor)


def test_the_farthest_reaching_seat_comes_first_and_of_equals_the_oldest() -> None:
    actor = seated(Role.DISTRICT_REVIEWER, Role.DEPARTMENT_OFFICER, Role.STATISTICIAN, Role.CITY_REVIEWER)

    assert [seat.id for seat in permission("see_firms").seats_for(actor)] == [3, 4, 1]
    assert [seat.id for seat in permission("decide_claims").seats_for(actor)] == [1]
    assert permission("run_firm").seats_for(actor) == ()


def test_a_permission_without_grants_of_its_own_admits_nobody() -> None:
    assert {False} == {Permission("new", ("新", "new")).admits(seated(role)) for role in EVERYBODY}
