"""Confidential fields are sealed in the database, masked in the trail, and shown only with a trace; no secret leaks."""

import base64

import pytest
from people import NOW, PROGRAM, doer_of, person, reviewer
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from registry.domain.errors import NotFound, Refused
from registry.domain.trail import Tag
from registry.store.people import Person
from registry.store.sign_ins import Factor, Purpose
from registry.store.trail import trail_page
from registry.work.open_account import disable, make_link, use_link
from registry.work.seal import Keys, SealBroken
from registry.work.secure_account import (
    add_passkey,
    confidential,
    enrol_codes,
    keep_recovery_codes,
    masked,
    reveal,
    set_contact,
    set_password,
    use_recovery_code,
)
from registry.work.sign_in import Door, begin, digest, note_failure

KEYS = Keys.parse(f"one:{base64.b64encode(bytes(32)).decode()}")
PHONE, ID_NUMBER = "13812345678", "11010519491231002X"


def everything(session: Session, *, but: str = "") -> str:
    """Return every value of every table, as text."""
    connection = session.connection()
    tables = [name for name in inspect(connection).get_table_names() if name != but]
    return "\n".join(str(tuple(row)) for name in tables for row in connection.execute(text(f'SELECT * FROM "{name}"')))  # noqa: S608


def trail(session: Session) -> str:
    return "\n".join(str(entry) for entry in trail_page(session, limit=1000))


def contacts(session: Session) -> Person:
    who = person(session)
    set_contact(session, KEYS, who, "phone", "+86 138-1234-5678", doer=PROGRAM, now=NOW)
    set_contact(session, KEYS, who, "id_number", ID_NUMBER.lower(), doer=PROGRAM, now=NOW)
    session.flush()
    return who


def test_what_is_confidential_stands_nowhere_in_the_clear(session: Session) -> None:
    who = contacts(session)

    assert (confidential(KEYS, who, "phone"), confidential(KEYS, who, "id_number")) == (PHONE, ID_NUMBER)
    kept = everything(session)
    assert "v1.aesgcm.one." in kept
    assert PHONE not in kept and ID_NUMBER not in kept and ID_NUMBER.lower() not in kept


def test_the_trail_tells_that_it_was_set_and_only_its_mask(session: Session) -> None:
    contacts(session)
    told = [entry.after for entry in trail_page(session, tag="person.changed")]

    assert told == ['{"field":"id_number","value":"1101**********002X"}', '{"field":"phone","value":"138****5678"}']
    assert (masked("phone", PHONE), masked("phone", None)) == ("138****5678", "")


def test_setting_the_same_again_changes_and_traces_nothing(session: Session) -> None:
    who = contacts(session)
    sealed = who.phone_sealed
    set_contact(session, KEYS, who, "phone", PHONE, doer=PROGRAM, now=NOW)

    assert sealed == who.phone_sealed
    assert len(trail_page(session, tag="person.changed")) == 2


def test_a_field_is_cleared_by_a_blank(session: Session) -> None:
    who = contacts(session)
    set_contact(session, KEYS, who, "phone", " ", doer=PROGRAM, now=NOW)

    assert (who.phone_sealed, confidential(KEYS, who, "phone")) == (None, None)
    assert trail_page(session, limit=1)[0].after == '{"field":"phone","value":""}'


@pytest.mark.parametrize(
    ("field", "typed"),
    [("phone", "12345"), ("phone", "x" * 1000), ("id_number", ID_NUMBER[:-1] + "1"), ("id_number", "11010519")],
)
def test_what_is_no_number_is_refused_at_its_field_and_not_repeated(session: Session, field: str, typed: str) -> None:
    who = person(session)
    with pytest.raises(Refused, match=field) as refused:
        set_contact(session, KEYS, who, field, typed, doer=PROGRAM, now=NOW)

    assert typed not in str(refused.value)


def test_nobody_is_born_tomorrow(session: Session) -> None:
    # Its check character is right; its owner will be born in 2050.
    with pytest.raises(Refused, match="birth date"):
        set_contact(session, KEYS, person(session), "id_number", "110105205012310025", doer=PROGRAM, now=NOW)


def test_a_sealed_field_that_was_moved_to_another_person_does_not_open(session: Session) -> None:
    who, other = contacts(session), person(session, "王经办")
    other.phone_sealed = who.phone_sealed
    with pytest.raises(SealBroken):
        confidential(KEYS, other, "phone")

    who.id_number_sealed = who.phone_sealed
    with pytest.raises(SealBroken):
        confidential(KEYS, who, "id_number")


def test_who_reveals_a_field_is_traced_with_his_reason(session: Session) -> None:
    who, he = contacts(session), reviewer(session)

    assert reveal(session, KEYS, who, "phone", why="核对身份", doer=doer_of(he), now=NOW) == PHONE
    (entry,) = trail_page(session, tag=Tag.CONFIDENTIAL_REVEALED)
    assert (he.id, f"person:{who.id}") == (entry.person_id, entry.subject)
    assert entry.after == '{"field":"phone","why":"核对身份"}'
    assert PHONE not in trail(session)


def test_a_field_that_is_empty_is_traced_as_well_when_somebody_looks(session: Session) -> None:
    assert reveal(session, KEYS, person(session), "phone", why="核对", doer=PROGRAM, now=NOW) is None
    assert len(trail_page(session, tag=Tag.CONFIDENTIAL_REVEALED)) == 1


@pytest.mark.parametrize(("field", "why"), [("phone", " "), ("phone", "")])
def test_nobody_reveals_without_a_reason(session: Session, field: str, why: str) -> None:
    with pytest.raises(Refused, match="why"):
        reveal(session, KEYS, contacts(session), field, why=why, doer=PROGRAM, now=NOW)

    assert trail_page(session, tag=Tag.CONFIDENTIAL_REVEALED) == []


@pytest.mark.parametrize("field", ["password", "tf_totp_secret", "", "phone_sealed"])
def test_what_is_no_confidential_field_is_not_revealed(session: Session, field: str) -> None:
    with pytest.raises(NotFound):
        reveal(session, KEYS, contacts(session), field, why="核对", doer=PROGRAM, now=NOW)


def test_no_secret_and_no_hash_of_one_reaches_the_trail(session: Session) -> None:
    who = contacts(session)
    secrets = ["$argon2id$v=19$secret", "encrypted-totp-secret", "k7wq-3h2m-x9pd", "k7wq3h2mx9pd", PHONE, ID_NUMBER]
    set_password(session, who, secrets[0], doer=doer_of(who), now=NOW)
    enrol_codes(session, who, secrets[1], 123456, doer=doer_of(who), now=NOW)
    keep_recovery_codes(session, who, [secrets[2]], doer=doer_of(who), now=NOW)
    use_recovery_code(session, who, secrets[2], doer=doer_of(who), now=NOW)
    add_passkey(
        session, who, name="手机", credential_id=b"cred-secret", public_key=b"key-secret", sign_count=0,
        doer=doer_of(who), now=NOW,
    )  # fmt: skip
    link = make_link(session, who, Purpose.RESET, doer=doer_of(who), now=NOW)
    use_link(session, link, doer=doer_of(who), now=NOW)
    token = begin(session, who, Factor.RECOVERY, doer=doer_of(who), agent="", hours=8, now=NOW)
    door = Door.account(who.email)
    note_failure(session, [door], tag=Tag.SESSION_REFUSED, subject="person:", doer=PROGRAM, now=NOW)
    disable(session, who, doer=PROGRAM, now=NOW)
    secrets += [link, digest(link), token, digest(token), door.key, who.fs_uniquifier, "cred-secret", "key-secret"]
    secrets += [digest(f"recovery:{who.id}:k7wq3h2mx9pd"), str(who.phone_sealed), str(who.id_number_sealed)]

    told = trail(session)
    assert [one for one in secrets if one in told] == []
    # And what is let in by is kept as its hash alone.
    kept = everything(session, but="trail")
    assert [one for one in (link, token, "k7wq-3h2m-x9pd", "k7wq3h2mx9pd") if one in kept] == []
