"""What a person signs in with, and his confidential fields: set, added, removed, used up, revealed. Never commits.

Hashes and encrypted secrets come from the web floor; no password and no code in the clear is kept or traced.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.domain import contacts
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.passwords import Profile
from registry.domain.trail import Doer, Tag
from registry.store.people import KeptPassword, Passkey, Person, RecoveryCode
from registry.store.persons import passkeys_of, person_by_email
from registry.store.sign_ins import Link, Purpose
from registry.work.open_account import read_name
from registry.work.prove_address import prove_address
from registry.work.seal import Keys, open_sealed, seal
from registry.work.sign_in import digest, end_all
from registry.work.trace import record

MOST_PASSKEYS = 10
_SEALED = {"phone": "phone_sealed", "id_number": "id_number_sealed"}


def remembered_passwords(session: Session, person: Person, profile: Profile) -> list[str]:
    """Return the hashes that a new password must not match: the present one and as many before as are remembered."""
    present = [person.password] if person.password else []
    if not profile.remembered:
        return present
    query = select(KeptPassword.password).where(KeptPassword.person_id == person.id)
    newest_first = query.order_by(KeptPassword.set_at.desc(), KeptPassword.id.desc())
    kept = [one for one in session.scalars(newest_first.limit(profile.remembered + 1)) if one not in present]
    return present + kept[: profile.remembered]


def set_password(
    session: Session, person: Person, hashed: str, *, doer: Doer, now: datetime, but: int | None = None
) -> None:
    """Set a new password, end the person's other sessions, and make links good for nothing by which to choose one.

    Args:
        hashed: by argon2id.
        but: the session that goes on.
    """
    person.password, person.password_set_at = hashed, now
    session.add(KeptPassword(person_id=person.id, password=hashed, set_at=now))
    # Or whoever came by an earlier mail could still set another.
    stale = update(Link).where(Link.person_id == person.id, Link.used_at.is_(None), Link.purpose != Purpose.DEMO)
    session.execute(stale.values(used_at=now))
    record(session, Tag.PASSWORD_SET, doer, now=now, subject=_subject(person))
    end_all(session, person.id, reason="password", doer=doer, now=now, but=but)


def enrol_codes(
    session: Session, person: Person, secret: str, counter: int, *, doer: Doer, now: datetime, but: int | None = None
) -> None:
    """Enrol an authenticator whose first code was right; it takes the place of an earlier one.

    Args:
        secret: encrypted.
        counter: the step of that code, which is used up by it.
    """
    person.tf_totp_secret, person.totp_enrolled_at, person.totp_counter = secret, now, counter
    record(session, Tag.FACTOR_ENROLLED, doer, now=now, subject=_subject(person), after={"factor": "totp"})
    end_all(session, person.id, reason="factor", doer=doer, now=now, but=but)


def add_passkey(
    session: Session,
    person: Person,
    *,
    name: str,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    doer: Doer,
    now: datetime,
    but: int | None = None,
) -> Passkey:
    """Add a passkey whose registration was verified.

    Raises:
        Refused: at `name`; or there are as many as there may be, or this very one.
    """
    held = passkeys_of(session, person.id)
    called = read_name(name)
    if len(held) >= MOST_PASSKEYS:
        raise Refused.at("name", f"最多登记 {MOST_PASSKEYS} 个通行密钥，请先删除不用的 (too many passkeys)")
    if any(one.name == called for one in held):
        raise Refused.at("name", "已有同名的通行密钥 (a passkey has this name)")
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None:
        raise Refused.at("name", "这个通行密钥已登记 (this passkey is enrolled)")
    passkey = Passkey(
        person_id=person.id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=called,
        added_at=now,
    )
    session.add(passkey)
    told = {"factor": "passkey", "name": called}
    record(session, Tag.FACTOR_ENROLLED, doer, now=now, subject=_subject(person), after=told)
    end_all(session, person.id, reason="factor", doer=doer, now=now, but=but)
    return passkey


def use_passkey(session: Session, passkey: Passkey, sign_count: int, now: datetime) -> None:
    """Note that a passkey was used, and how often its device has signed."""
    passkey.sign_count, passkey.last_used_at = max(passkey.sign_count, sign_count), now


def remove_factor(
    session: Session, person: Person, *, passkey_id: int | None, is_staff: bool, doer: Doer, now: datetime
) -> None:
    """Remove a passkey, or the authenticator when none is named.

    Raises:
        NotFound: there is no such factor.
        MoveNotAllowed: it is the last one of a person who must have one.
    """
    held = passkeys_of(session, person.id)
    passkey = next((one for one in held if one.id == passkey_id), None)
    if (passkey is None) if passkey_id is not None else (person.tf_totp_secret is None):
        raise NotFound("没有这个验证方式 (no such factor)")
    if is_staff and len(held) + (person.tf_totp_secret is not None) == 1:
        raise MoveNotAllowed("工作人员至少保留一种第二步验证方式，请先添加另一种 (staff keep at least one factor)")
    told = {"factor": "passkey", "name": passkey.name} if passkey else {"factor": "totp"}
    if passkey is not None:
        session.delete(passkey)
    else:
        person.tf_totp_secret = person.totp_enrolled_at = person.totp_counter = None
    record(session, Tag.FACTOR_REMOVED, doer, now=now, subject=_subject(person), before=told)


def renew_factors(session: Session, person: Person, *, doer: Doer, now: datetime) -> None:
    """Take away every second factor of a person who lost them, and end the sessions; he enrols anew.

    Raises:
        MoveNotAllowed: a person does this to himself.
    """
    if person.id == doer.person_id:
        raise MoveNotAllowed("不能重置自己的验证方式 (nobody resets his own factors)")
    person.tf_totp_secret = person.totp_enrolled_at = person.totp_counter = None
    for model in (Passkey, RecoveryCode):
        session.execute(delete(model).where(model.person_id == person.id))
    record(session, Tag.FACTOR_REMOVED, doer, now=now, subject=_subject(person), before={"factor": "all"})
    end_all(session, person.id, reason="factor", doer=doer, now=now)


def keep_recovery_codes(session: Session, person: Person, codes: Sequence[str], *, doer: Doer, now: datetime) -> None:
    """Keep new recovery codes, as hashes; those made before are good for nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(RecoveryCode(person_id=person.id, code_hash=_code_hash(person.id, code)) for code in codes)
    record(session, Tag.RECOVERY_MADE, doer, now=now, subject=_subject(person), after={"count": len(codes)})


def use_recovery_code(session: Session, person: Person, code: str, *, doer: Doer, now: datetime) -> bool:
    """Take a recovery code, once; False when it is none of the person's, or was used."""
    wanted = _code_hash(person.id, code)
    query = select(RecoveryCode).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    found = [row for row in session.scalars(query) if hmac.compare_digest(row.code_hash, wanted)]
    if not found:
        return False
    found[0].used_at = now
    record(session, Tag.RECOVERY_USED, doer, now=now, subject=_subject(person))
    return True


def account_of(session: Session, subject: str, email: str) -> Person | None:
    """Return the open account that a subject of the single sign-on comes in by; None when there is none.

    Args:
        subject: issuer and subject, parted by a blank.
        email: verified by the issuer, or empty. It finds an account only while no subject is bound to that one.
    """
    found = session.scalar(select(Person).where(Person.oidc_subject == subject))
    if found is None and email:
        found = person_by_email(session, email)
        if found is not None and found.oidc_subject is not None:
            return None
    return found if found is not None and found.active else None


def bind_subject(session: Session, person: Person, subject: str, *, doer: Doer, now: datetime) -> None:
    """Bind a subject of the single sign-on to a person: from now on it alone finds him, whatever address it has."""
    prove_address(session, person, doer=doer, now=now)
    person.oidc_subject = subject
    told = {"field": "oidc_subject", "value": subject}
    record(session, Tag.PERSON_CHANGED, doer, now=now, subject=_subject(person), after=told)


def set_contact(
    session: Session, keys: Keys, person: Person, field: str, text: str, *, doer: Doer, now: datetime
) -> None:
    """Set or clear a confidential field, `phone` or `id_number`; what is kept is sealed, what is traced is masked.

    Raises:
        Refused: at the field.
    """
    readers: dict[str, Callable[[str, str], str]] = {
        "phone": contacts.phone,
        "id_number": partial(contacts.id_number, today=now.date()),
    }
    value = readers[field](text, field) if text.strip() else None
    before = confidential(keys, person, field)
    if value == before:
        return
    setattr(person, _SEALED[field], seal(keys, value, about=_about(person, field)) if value else None)
    told = {"field": field, "value": masked(field, value)}
    record(session, Tag.PERSON_CHANGED, doer, now=now, subject=_subject(person), after=told)


def confidential(keys: Keys, person: Person, field: str) -> str | None:
    """Return a confidential field in the clear; whoever shows it to another must trace that (see `reveal`)."""
    sealed = getattr(person, _SEALED[field])
    return open_sealed(keys, sealed, about=_about(person, field)) if sealed else None


def masked(field: str, value: str | None) -> str:
    """Return a confidential value as pages show it."""
    if not value:
        return ""
    return contacts.masked_phone(value) if field == "phone" else contacts.masked_id(value)


def reveal(
    session: Session, keys: Keys, person: Person, field: str, *, why: str, doer: Doer, now: datetime
) -> str | None:
    """Return a confidential field to somebody who may see it, and trace that he did, with his reason.

    Raises:
        NotFound: there is no such field.
        Refused: at `why`, when no reason is given.
    """
    if field not in _SEALED:
        raise NotFound("没有这个字段 (no such field)")
    if not why.strip():
        raise Refused.at("why", "请写明查看理由 (a reason expected)")
    told = {"field": field, "why": why}
    record(session, Tag.CONFIDENTIAL_REVEALED, doer, now=now, subject=_subject(person), after=told)
    return confidential(keys, person, field)


def _code_hash(person_id: int, code: str) -> str:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return digest(f"recovery:{person_id}:{plain}")


def _subject(person: Person) -> str:
    return f"person:{person.id}"


def _about(person: Person, field: str) -> str:
    return f"person:{person.id}:{field}"
