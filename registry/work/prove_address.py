"""Takes an address for its owner's, when he has shown that he reads what is sent there. Never commits."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry.domain.trail import Doer, Tag
from registry.store.people import Passkey, Person
from registry.store.persons import passkeys_of
from registry.work.sign_in import end_all
from registry.work.trace import record


def prove_address(session: Session, person: Person, *, doer: Doer, now: datetime) -> None:
    """Note that whoever acts reads the mails of a person's address.

    Anybody may have registered under it before. So by the first proof falls what lets somebody in by itself:
    password, passkeys, sessions. A second factor stays, since it only asks for more.
    """
    is_first = person.email_proved_at is None
    person.email_proved_at = now
    if not is_first or person.password is None:
        return
    person.password = person.password_set_at = None
    subject = f"person:{person.id}"
    if passkeys_of(session, person.id):
        session.execute(delete(Passkey).where(Passkey.person_id == person.id))
        record(session, Tag.FACTOR_REMOVED, doer, now=now, subject=subject, before={"factor": "passkey"})
    end_all(session, person.id, reason="address", doer=doer, now=now)
