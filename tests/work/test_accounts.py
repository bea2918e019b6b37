"""Accounts, links, passwords and second factors: each works once, to its line, and leaves no secret behind."""

from datetime import timedelta

import pytest
from people import NOW, PROGRAM, doer_of, person
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.passwords import PROFILES
from registry.store.people import KeptPassword, Passkey, Person
from registry.store.persons import passkeys_of, person_by_email, recovery_codes_left, sign_ins_of
from registry.store.sign_ins import Factor, Link, Purpose
from registry.store.trail import trail_page
from registry.work.open_account import (
    LIFETIMES,
    LONGEST_NAME,
    disable,
    enable,
    link_owner,
    make_link,
    open_account,
    read_text,
    use_link,
)
from registry.work.prove_address import prove_address
from registry.work.secure_account import (
    MOST_PASSKEYS,
    add_passkey,
    bind_subject,
    enrol_codes,
    keep_recovery_codes,
    remembered_passwords,
    remove_factor,
    renew_factors,
    set_password,
    use_passkey,
    use_recovery_code,
)
from registry.work.sign_in import begin, digest

MICROSECOND = timedelta(microseconds=1)
DJBH, ASVS = PROFILES["djbh"], PROFILES["asvs"]
CODES = ["k7wq-3h2m-x9pd", "aaaa-bbbb-cccc"]


def link_for(session: Session, who: Person, purpose: Purpose = Purpose.RESET) -> str:
    return make_link(session, who, purpose, doer=PROGRAM, now=NOW)


def is_good(session: Session, token: str, now: timedelta = timedelta()) -> bool:
    return link_owner(session, token, NOW + now) is not None


def passkey(session: Session, who: Person, number: int = 1, **changes: object) -> Passkey:
    told = {"name": f"钥匙{number}", "credential_id": bytes([number]), "public_key": b"k", "sign_count": 0}
    return add_passkey(session, who, **(told | changes), doer=PROGRAM, now=NOW)  # type: ignore[arg-type]


def tags(session: Session) -> list[str]:
    return [entry.tag for entry in reversed(trail_page(session))]


def test_a_new_account_has_neither_password_nor_seat(session: Session) -> None:
    who = open_account(session, email=" Ling@Example.COM ", name="  凌  云 ", doer=PROGRAM, now=NOW, language="fr")

    assert (
        who.email, who.name, who.language, who.active, who.password
    ) == ("ling@example.com", "凌 云", "zh", True, None)  # fmt: skip
    assert person_by_email(session, "ling@example.com") is who
    assert tags(session) == ["person.created"]


def test_an_address_has_one_account_in_capitals_or_not(session: Session) -> None:
    person(session, email="ling@example.com")

    with pytest.raises(Refused, match="email"):
        person(session, "别人", email="LING@example.com")


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "凌\x00", "凌\u202e云", "a\ud800", "\u200b"])
def test_a_name_that_cannot_be_shown_is_refused(session: Session, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        person(session, name, email="ling@example.com")


@pytest.mark.parametrize("text", ["x" * 6, "a\x00b", "a\x1bb", "a\ud800"])
def test_a_text_that_is_too_long_or_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="note"):
        read_text(text, "note", 5)


def test_a_text_may_have_several_lines_and_is_trimmed() -> None:
    assert read_text("  a\r\nb\tc \n", "note", 5) == "a\nb\tc"
    assert read_text(" \n ", "note", 5) == ""


def test_a_closed_account_loses_its_sessions_and_links_and_opens_again(session: Session) -> None:
    who = person(session)
    begin(session, who, Factor.PASSWORD, doer=PROGRAM, agent="", hours=8, now=NOW)
    token = link_for(session, who)
    disable(session, who, doer=PROGRAM, now=NOW)
    assert sign_ins_of(session, who.id, NOW) == []
    assert not is_good(session, token)

    with pytest.raises(MoveNotAllowed):
        disable(session, who, doer=PROGRAM, now=NOW)
    enable(session, who, doer=PROGRAM, now=NOW)
    # What was cut off stays cut off.
    assert not is_good(session, token)
    with pytest.raises(MoveNotAllowed):
        enable(session, who, doer=PROGRAM, now=NOW)
    assert tags(session)[-3:] == ["person.disabled", "session.ended", "person.enabled"]


def test_nobody_closes_his_own_account(session: Session) -> None:
    who = person(session)
    with pytest.raises(MoveNotAllowed, match="another administrator"):
        disable(session, who, doer=doer_of(who), now=NOW)

    assert who.active


def test_a_link_lets_its_owner_in_once(session: Session) -> None:
    who = person(session)
    token = link_for(session, who)
    link, owner = use_link(session, token, doer=PROGRAM, now=NOW)
    assert (who, Purpose.RESET, digest(token)) == (owner, link.purpose, link.token_hash)

    for spent in (token, "never made", digest(token)):
        with pytest.raises(NotFound):
            use_link(session, spent, doer=PROGRAM, now=NOW)
    assert tags(session).count("link.used") == 1


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_is_good_until_its_line(session: Session, purpose: Purpose) -> None:
    token = link_for(session, person(session), purpose)

    assert is_good(session, token, LIFETIMES[purpose] - MICROSECOND)
    assert not is_good(session, token, LIFETIMES[purpose])
    with pytest.raises(NotFound):
        use_link(session, token, doer=PROGRAM, now=NOW + LIFETIMES[purpose])


def test_a_newer_link_supersedes_those_of_its_purpose_and_person_only(session: Session) -> None:
    who, other = person(session), person(session, "王经办")
    old = link_for(session, who)
    kept = [link_for(session, who, Purpose.WELCOME), link_for(session, other)]
    new = link_for(session, who)

    assert not is_good(session, old)
    assert all(is_good(session, token) for token in (*kept, new))


def test_a_link_of_a_closed_account_is_good_for_nothing(session: Session) -> None:
    who = person(session)
    disable(session, who, doer=PROGRAM, now=NOW)

    assert not is_good(session, link_for(session, who))


def test_a_password_that_was_set_ends_other_sessions_and_links_to_choose_one(session: Session) -> None:
    who = person(session)
    stale = [link_for(session, who, Purpose.WELCOME), link_for(session, who)]
    demo = link_for(session, who, Purpose.DEMO)
    for _ in range(3):
        begin(session, who, Factor.PASSWORD, doer=PROGRAM, agent="", hours=8, now=NOW)
    kept = sign_ins_of(session, who.id, NOW)[1].id
    set_password(session, who, "$argon2id$1", doer=PROGRAM, now=NOW, but=kept)

    assert [kept] == [one.id for one in sign_ins_of(session, who.id, NOW)]
    assert [is_good(session, token) for token in (*stale, demo)] == [False, False, True]


def test_the_present_password_and_five_before_it_may_not_come_back(session: Session) -> None:
    who = person(session)
    assert [] == remembered_passwords(session, who, DJBH) == remembered_passwords(session, who, ASVS)

    # Two at one moment: the order is that in which they were set.
    for number in range(8):
        set_password(session, who, f"$argon2id${number}", doer=PROGRAM, now=NOW + timedelta(days=number // 2))
    assert [f"$argon2id${number}" for number in (7, 6, 5, 4, 3, 2)] == remembered_passwords(session, who, DJBH)
    assert remembered_passwords(session, who, ASVS) == ["$argon2id$7"]


def test_a_present_password_that_no_row_keeps_is_remembered_too(session: Session) -> None:
    who = person(session)
    set_password(session, who, "$argon2id$1", doer=PROGRAM, now=NOW)
    session.execute(KeptPassword.__table__.delete())  # type: ignore[attr-defined]

    assert remembered_passwords(session, who, DJBH) == ["$argon2id$1"]


@pytest.mark.parametrize("typed", ["k7wq-3h2m-x9pd", "K7WQ3H2MX9PD", " k7wq 3h2m x9pd\n", "k7wq–3h2m–x9pd"])
def test_a_recovery_code_is_taken_once_however_it_is_typed(session: Session, typed: str) -> None:
    who = person(session)
    keep_recovery_codes(session, who, CODES, doer=PROGRAM, now=NOW)

    assert use_recovery_code(session, who, typed, doer=PROGRAM, now=NOW)
    assert not use_recovery_code(session, who, CODES[0], doer=PROGRAM, now=NOW)
    assert recovery_codes_left(session, who.id) == 1
    assert tags(session).count("recovery.used") == 1


@pytest.mark.parametrize("typed", ["", "-", "k7wq", "\ud800", "x" * 10_000, digest("k7wq")])
def test_what_is_no_recovery_code_opens_nothing(session: Session, typed: str) -> None:
    who = person(session)
    keep_recovery_codes(session, who, CODES, doer=PROGRAM, now=NOW)

    assert not use_recovery_code(session, who, typed, doer=PROGRAM, now=NOW)


def test_a_recovery_code_is_its_owners_and_new_ones_replace_the_old(session: Session) -> None:
    who, other = person(session), person(session, "王经办")
    keep_recovery_codes(session, who, CODES, doer=PROGRAM, now=NOW)
    keep_recovery_codes(session, other, ["dddd-eeee-ffff"], doer=PROGRAM, now=NOW)
    assert not use_recovery_code(session, other, CODES[0], doer=PROGRAM, now=NOW)

    keep_recovery_codes(session, who, ["gggg-hhhh-iiii"], doer=PROGRAM, now=NOW)
    assert not use_recovery_code(session, who, CODES[0], doer=PROGRAM, now=NOW)
    assert (recovery_codes_left(session, who.id), recovery_codes_left(session, other.id)) == (1, 1)


def test_passkeys_are_limited_and_each_has_its_own_name(session: Session) -> None:
    who = person(session)
    for number in range(MOST_PASSKEYS - 1):
        passkey(session, who, number)
    for changes in ({"name": "钥匙0"}, {"credential_id": b"\0"}, {"name": ""}):
        with pytest.raises(Refused, match="name"):
            passkey(session, who, 99, **changes)
    passkey(session, who, 99)

    with pytest.raises(Refused, match="too many"):
        passkey(session, who, 100)
    assert len(passkeys_of(session, who.id)) == MOST_PASSKEYS
    # A device is one person's.
    with pytest.raises(Refused, match="enrolled"):
        passkey(session, person(session, "王经办"), 99)


def test_how_often_a_device_signed_never_falls(session: Session) -> None:
    held = passkey(session, person(session), sign_count=7)
    use_passkey(session, held, 9, NOW)
    use_passkey(session, held, 8, NOW + timedelta(hours=1))

    assert (9, NOW + timedelta(hours=1)) == (held.sign_count, held.last_used_at)


def test_staff_keep_one_factor_of_whatever_kind(session: Session) -> None:
    who = person(session)
    key = passkey(session, who)
    with pytest.raises(MoveNotAllowed, match="at least one"):
        remove_factor(session, who, passkey_id=key.id, is_staff=True, doer=PROGRAM, now=NOW)

    enrol_codes(session, who, "encrypted", 1, doer=PROGRAM, now=NOW)
    remove_factor(session, who, passkey_id=key.id, is_staff=True, doer=PROGRAM, now=NOW)
    with pytest.raises(MoveNotAllowed, match="at least one"):
        remove_factor(session, who, passkey_id=None, is_staff=True, doer=PROGRAM, now=NOW)
    remove_factor(session, who, passkey_id=None, is_staff=False, doer=PROGRAM, now=NOW)
    assert (
        who.tf_totp_secret, who.totp_enrolled_at, who.totp_counter, passkeys_of(session, who.id)
    ) == (None, None, None, [])  # fmt: skip


def test_nobody_removes_a_factor_that_is_not_there_or_anothers(session: Session) -> None:
    who, other = person(session), person(session, "王经办")
    key = passkey(session, other)

    for number in (None, key.id, 0):
        with pytest.raises(NotFound):
            remove_factor(session, who, passkey_id=number, is_staff=False, doer=PROGRAM, now=NOW)


def test_who_lost_his_factors_starts_anew_and_nobody_does_that_to_himself(session: Session) -> None:
    who, other = person(session), person(session, "王经办")
    passkey(session, who, 1)
    passkey(session, other, 2)
    enrol_codes(session, who, "encrypted", 1, doer=PROGRAM, now=NOW)
    keep_recovery_codes(session, who, CODES, doer=PROGRAM, now=NOW)
    begin(session, who, Factor.TOTP, doer=PROGRAM, agent="", hours=8, now=NOW)
    with pytest.raises(MoveNotAllowed, match="nobody resets"):
        renew_factors(session, who, doer=doer_of(who), now=NOW)
    renew_factors(session, who, doer=PROGRAM, now=NOW)

    assert (who.tf_totp_secret, passkeys_of(session, who.id), recovery_codes_left(session, who.id)) == (None, [], 0)
    assert sign_ins_of(session, who.id, NOW) == []
    assert len(passkeys_of(session, other.id)) == 1


@pytest.mark.parametrize("by_mail", [True, False])
def test_whoever_registered_under_anothers_address_is_out_when_its_owner_comes(session: Session, by_mail: bool) -> None:
    who = person(session)
    set_password(session, who, "of a stranger", doer=PROGRAM, now=NOW)
    passkey(session, who)
    enrol_codes(session, who, "encrypted", 1, doer=PROGRAM, now=NOW)
    begin(session, who, Factor.PASSKEY, doer=PROGRAM, agent="", hours=8, now=NOW)
    if by_mail:
        use_link(session, link_for(session, who), doer=PROGRAM, now=NOW)
    else:
        bind_subject(session, who, "https://id.example 7", doer=PROGRAM, now=NOW)
    session.expire_all()

    assert (who.password, who.email_proved_at) == (None, NOW)
    assert passkeys_of(session, who.id) == sign_ins_of(session, who.id, NOW) == []
    # It only asks for more, and lets nobody in by itself.
    assert who.tf_totp_secret == "encrypted"
    assert "factor.removed" in tags(session)


def test_who_proved_his_address_before_keeps_what_he_set_up_since(session: Session) -> None:
    who = person(session)
    prove_address(session, who, doer=PROGRAM, now=NOW)
    set_password(session, who, "his own", doer=PROGRAM, now=NOW)
    passkey(session, who)
    use_link(session, link_for(session, who), doer=PROGRAM, now=NOW + MICROSECOND)

    assert (who.password, who.email_proved_at) == ("his own", NOW + MICROSECOND)
    assert len(passkeys_of(session, who.id)) == 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"password": "x"}, "password_is_dated"),
        ({"tf_totp_secret": "x"}, "secret_is_dated"),
        ({"email": "Ling@example.com"}, "email_is_lower_case"),
        ({"name": ""}, "name_is_not_empty"),
    ],
)
def test_the_database_refuses_half_an_account(session: Session, change: dict[str, str], rule: str) -> None:
    who = person(session)
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        session.execute(Person.__table__.update().where(Person.id == who.id).values(**change))  # type: ignore[attr-defined]


def test_the_database_keeps_no_link_in_the_clear(session: Session) -> None:
    token = link_for(session, person(session))

    assert [digest(token)] == list(session.scalars(select(Link.token_hash)))
