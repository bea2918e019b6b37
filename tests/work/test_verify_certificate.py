"""Whether a certificate holds: by its seal, then by the books of the day; the line itself, to the day."""

from datetime import date, timedelta

import pytest
from casework import MONDAY, Hall, open_hall
from make import code, title
from recognitions import KEYS, case_at_announcement, publicity
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.domain.trail import Doer
from registry.store.firms import Firm
from registry.store.recognition_lists import certificate_of_code, certificate_of_number, certificates_of
from registry.store.recognitions import Certificate, CertificateLook
from registry.work.amend import Reason, revoke
from registry.work.announce import announce
from registry.work.file_books import file_titles
from registry.work.seal import Keys, new_key_text
from registry.work.verify_certificate import Answer, Verified, note_look, verify

TODAY = MONDAY.date()
LAST = date(2029, 11, 8)
OTHER_KEYS = Keys.parse(new_key_text("others"))
COLUMNS = [column.name for column in Certificate.__table__.columns]
NUMBERS = iter(range(1, 1000))


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session, windows=False)


def certified(hall: Hall, on: date = TODAY, kind: str = "new", who: str = "city") -> Certificate:
    """Recognise the hall's firm by a document of a day."""
    session, actor = hall.session, hall.actor(who)
    listed = publicity(session, "specialized", on - timedelta(days=3), now=hall.now)
    number = f"文号{next(NUMBERS)}"
    case = case_at_announcement(
        session,
        hall.firm,
        listed,
        filed_by=hall.people["applicant"].id,
        now=hall.now,
        kind=kind,
        reference=f"T{number}",
    )
    row = announce(
        session,
        actor,
        actor.seats,
        tier="specialized",
        number=number,
        title="名单",
        announced_on=on,
        case_ids=[case.id],
        opinion="同意",
        keys=KEYS,
        now=hall.now,
    )
    return session.scalars(select(Certificate).where(Certificate.announcement_id == row.id)).one()


def verified(hall: Hall, certificate: Certificate, on: date, keys: Keys = KEYS) -> Verified:
    found = certificate_of_code(hall.session, certificate.code)
    assert found is not None
    return verify(hall.session, *found, keys=keys, on=on)


def reason(hall: Hall) -> Reason:
    return Reason("撤销决定", "test", Doer.program("test"))


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (TODAY, Answer.VALID),
        (LAST - timedelta(days=1), Answer.VALID),
        (LAST, Answer.VALID),
        (LAST + timedelta(days=1), Answer.EXPIRED),
    ],
)
def test_it_holds_to_the_end_of_its_last_day(hall: Hall, on: date, answer: Answer) -> None:
    certificate = certified(hall)
    found = verified(hall, certificate, on)

    assert (found.answer, found.valid_until, found.name_now, found.newer) == (answer, LAST, None, "")


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2027, 6, 1) - timedelta(days=1), Answer.VALID),
        (date(2027, 6, 1), Answer.REVOKED),
        (date(2027, 6, 2), Answer.REVOKED),
        (LAST + timedelta(days=1), Answer.REVOKED),
    ],
)
def test_a_revocation_ends_it_on_its_day(hall: Hall, on: date, answer: Answer) -> None:
    certificate = certified(hall)
    revoke(
        hall.session,
        code(1),
        tier="specialized",
        on=date(2027, 6, 1),
        cause="false_data",
        reason=reason(hall),
        now=hall.now,
    )
    found = verified(hall, certificate, on)

    assert found.answer is answer
    assert found.revoked_on == (date(2027, 6, 1) if answer is Answer.REVOKED else None)


def test_a_revocation_of_a_later_title_leaves_an_expired_certificate_expired(hall: Hall) -> None:
    first = certified(hall, date(2026, 11, 2))
    hall.now = MONDAY.replace(year=2030)
    file_titles(hall.session, [title(1, recognised_on=date(2030, 1, 7))], now=hall.now, source="test")
    revoke(
        hall.session,
        code(1),
        tier="specialized",
        on=date(2030, 6, 3),
        cause="false_data",
        reason=reason(hall),
        now=hall.now,
    )

    assert verified(hall, first, date(2030, 11, 9)).answer is Answer.EXPIRED


def test_a_renewed_title_has_a_newer_certificate(hall: Hall) -> None:
    first = certified(hall, date(2026, 11, 2))
    hall.now = MONDAY.replace(year=2029, month=10, day=15)
    second = certified(hall, date(2029, 10, 15), kind="re_review", who="second_city")

    assert verified(hall, first, date(2029, 10, 20)).answer is Answer.VALID
    later = verified(hall, first, date(2029, 12, 1))
    assert (later.answer, later.newer) == (Answer.EXPIRED, second.number)
    assert verified(hall, second, date(2029, 12, 1)).answer is Answer.VALID
    assert [one.number for one, _by in certificates_of(hall.session, hall.firm.id)] == [second.number, first.number]


def test_the_books_correct_the_last_day(hall: Hall) -> None:
    certificate = certified(hall)
    row = title(1, recognised_on=TODAY, valid_until=date(2028, 11, 8))
    file_titles(hall.session, [row], now=hall.now + timedelta(days=1), source="更正")

    found = verified(hall, certificate, date(2028, 11, 9))
    assert (found.answer, found.valid_until) == (Answer.EXPIRED, date(2028, 11, 8))


def test_a_new_name_is_told(hall: Hall) -> None:
    certificate = certified(hall)
    firm = hall.session.get_one(Firm, hall.firm.id)
    firm.name = "青岛新名轴承有限公司"
    hall.session.flush()

    found = verified(hall, certificate, TODAY)
    assert (found.answer, found.name_now) == (Answer.VALID, "青岛新名轴承有限公司")


def test_what_was_not_sealed_is_not_confirmed(hall: Hall) -> None:
    certificate = certified(hall)

    assert verified(hall, certificate, TODAY, OTHER_KEYS).answer is Answer.BROKEN
    forged = Certificate(**{name: getattr(certificate, name) for name in COLUMNS})
    forged.valid_until = date(2036, 11, 8)
    assert verify(hall.session, forged, None, keys=KEYS, on=TODAY).answer is Answer.BROKEN


def test_nothing_changes_a_certificate_in_the_database(hall: Hall) -> None:
    certificate = certified(hall)
    for statement in ("UPDATE certificate SET valid_until = '2036-11-08'", "DELETE FROM certificate"):
        with pytest.raises(DatabaseError), hall.session.begin_nested():
            hall.session.execute(text(statement))
    hall.session.refresh(certificate)
    assert certificate.valid_until == LAST


def test_it_is_found_by_number_and_each_look_is_kept_without_who(hall: Hall) -> None:
    certificate = certified(hall)
    found = certificate_of_number(hall.session, certificate.number)
    assert found is not None and found[0].id == certificate.id
    assert certificate_of_number(hall.session, "QDZT2026-99999") is None
    assert certificate_of_code(hall.session, "0" * 26) is None

    note_look(hall.session, certificate, Answer.VALID, now=MONDAY)
    note_look(hall.session, certificate, Answer.EXPIRED, now=MONDAY)
    looks = hall.session.scalars(select(CertificateLook).order_by(CertificateLook.id)).all()
    assert [(one.certificate_id, one.answer) for one in looks] == [
        (certificate.id, "valid"),
        (certificate.id, "expired"),
    ]
    assert {one.name for one in CertificateLook.__table__.columns} == {"id", "certificate_id", "at", "answer"}
