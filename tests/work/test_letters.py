"""Mails: written sealed, sent once by whoever comes first, tried again with patience, gone from the database then."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Barrier, Thread

import pytest
from letter_box import FROM, KEYS, LINK, URL, Clock, deliver, letter, letters, read, write
from people import NOW, PROGRAM, home
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry.domain.trail import Entry
from registry.store.engine import writing
from registry.store.letters import Letter
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.work import send_letters
from registry.work.open_account import open_account
from registry.work.seal import open_sealed
from registry.work.send_letters import LEASE, MOST_TRIES, Send
from registry.work.write_letter import answer, invitation, reset, welcome

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(own_url: str) -> Iterator[Engine]:
    """A database of the test's own, where two senders see what the other committed."""
    with home(own_url) as made:
        yield made


def trail(engine: Engine) -> list[Entry]:
    with Session(engine) as session:
        return [one for one in reversed(trail_page(session, limit=200)) if one.tag.startswith("mail.")]


def failing(fault: Exception) -> Send:
    def send(_mail: EmailMessage) -> None:
        raise fault

    return send


def test_a_text_is_sealed_until_it_is_sent_and_gone_afterwards(engine: Engine, clock: Clock) -> None:
    write(engine)
    waiting = letter(engine)
    assert (waiting.state, waiting.tries, waiting.due_at, waiting.sent_at) == ("waiting", 0, NOW, None)
    assert waiting.body_sealed and "link" not in waiting.body_sealed
    assert open_sealed(KEYS, waiting.body_sealed, about=f"letter:{waiting.id}") == f"您好：{LINK}\n"
    sent: list[EmailMessage] = []

    assert deliver(engine, sent.append, clock) == 1
    gone = letter(engine)
    assert (gone.state, gone.tries, gone.sent_at, gone.body_sealed, gone.fault) == ("sent", 1, NOW, None, "")
    assert [mail.get_content() for mail in sent] == [f"您好：{LINK}\n"]
    assert [(one.tag, one.name, one.subject) for one in trail(engine)] == [
        ("mail.sent", "registry mail", f"letter:{gone.id}")
    ]
    assert "secret-of-a-link" not in str(trail(engine))
    assert deliver(engine, sent.append, clock) == 0 and len(sent) == 1


def test_a_mail_says_from_whom_to_whom_and_that_a_program_wrote_it(engine: Engine, clock: Clock) -> None:
    number = write(engine)
    sent: list[EmailMessage] = []
    deliver(engine, sent.append, clock)
    (mail,) = sent

    assert (mail["From"], mail["To"], mail["Subject"]) == (FROM, "p1@example.com", "信 1")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == f"<letter-{number}.20251125013000000000@city.example>"
    assert mail.get_content_type() == "text/plain"
    assert message_from_bytes(bytes(mail), policy=policy.default).get_content() == f"您好：{LINK}\n"


def test_those_that_wait_longest_go_first_and_no_more_than_asked(engine: Engine, clock: Clock) -> None:
    for number in range(1, 6):
        write(engine, number)
    sent: list[EmailMessage] = []

    assert deliver(engine, sent.append, clock, most=3) == 3
    assert [mail["Subject"] for mail in sent] == ["信 1", "信 2", "信 3"]
    assert deliver(engine, sent.append, clock) == 2


def test_whoever_stops_takes_no_other_mail(engine: Engine, clock: Clock) -> None:
    for number in (1, 2):
        write(engine, number)
    sent: list[EmailMessage] = []

    assert deliver(engine, sent.append, clock, goes_on=lambda: not sent) == 1
    assert [one.state for one in letters(engine)] == ["sent", "waiting"]


def test_two_senders_at_once_send_each_mail_once(engine: Engine, clock: Clock) -> None:
    for number in range(12):
        write(engine, number)
    together, sent = Barrier(2), []

    def work() -> None:
        together.wait()
        deliver(engine, sent.append, clock)

    threads = [Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(mail["Subject"] for mail in sent) == sorted(f"信 {number}" for number in range(12))
    assert {(one.state, one.tries) for one in letters(engine)} == {("sent", 1)}
    assert len(trail(engine)) == 12


class Died(BaseException):
    """The process was killed."""


def test_the_lease_of_a_dead_sender_is_taken_over_when_it_ran_out(engine: Engine, clock: Clock) -> None:
    write(engine)

    def die(_mail: EmailMessage) -> None:
        raise Died

    with pytest.raises(Died):
        deliver(engine, die, clock)
    assert (letter(engine).state, letter(engine).due_at) == ("sending", NOW + LEASE)
    sent: list[EmailMessage] = []
    clock.now = NOW + LEASE - SECOND
    assert deliver(engine, sent.append, clock) == 0
    clock.now = NOW + LEASE

    assert deliver(engine, sent.append, clock) == 1
    assert (letter(engine).state, letter(engine).tries) == ("sent", 2)


def test_a_mail_that_goes_out_twice_has_one_message_id(engine: Engine, clock: Clock) -> None:
    write(engine)
    sent: list[EmailMessage] = []

    def die(mail: EmailMessage) -> None:
        sent.append(mail)
        raise Died

    with pytest.raises(Died):
        deliver(engine, die, clock)
    clock.now += LEASE
    deliver(engine, sent.append, clock)

    assert len({mail["Message-ID"] for mail in sent}) == 1 and len(sent) == 2


def test_many_slow_mails_outlast_no_lease(engine: Engine, clock: Clock) -> None:
    for number in range(10):
        write(engine, number)
    first: list[str] = []
    second: list[EmailMessage] = []

    def slowly(mail: EmailMessage) -> None:
        first.append(mail["Subject"])
        # A server that takes its time, and another sender that looks for work meanwhile.
        clock.now += LEASE - SECOND
        if len(first) == 9:
            assert deliver(engine, second.append, clock) == 1

    deliver(engine, slowly, clock)

    assert first == [f"信 {number}" for number in range(9)]
    assert [mail["Subject"] for mail in second] == ["信 9"]


@pytest.mark.parametrize("fault", [None, OSError("too late")])
def test_who_comes_back_after_his_lease_was_taken_over_spoils_nothing(
    engine: Engine, clock: Clock, fault: Exception | None
) -> None:
    write(engine)
    sent: list[EmailMessage] = []

    def late(_mail: EmailMessage) -> None:
        clock.now += LEASE
        assert deliver(engine, sent.append, clock) == 1
        if fault:
            raise fault

    deliver(engine, late, clock)

    assert (letter(engine).state, letter(engine).fault, letter(engine).body_sealed) == ("sent", "", None)
    assert [one.tag for one in trail(engine)] == ["mail.sent"]
    clock.now += timedelta(days=30)
    assert deliver(engine, sent.append, clock) == 0 and len(sent) == 1


def test_a_mail_is_tried_again_after_growing_pauses_and_given_up_in_the_end(engine: Engine, clock: Clock) -> None:
    number = write(engine)
    fault = smtplib.SMTPRecipientsRefused({"p1@example.com": (550, b"no such\r\nuser")})
    pauses = []
    for turn in range(1, MOST_TRIES):
        assert deliver(engine, failing(fault), clock) == 0
        row = letter(engine)
        assert (row.state, row.tries) == ("waiting", turn)
        assert "550" in row.fault and "\n" not in row.fault
        assert row.body_sealed and trail(engine) == []
        pauses.append(row.due_at - clock.now)
        # Not a moment earlier.
        clock.now = row.due_at - SECOND
        assert deliver(engine, failing(AssertionError("too early")), clock) == 0
        clock.now = row.due_at
    assert pauses == [MINUTE * 2**turn for turn in range(1, MOST_TRIES)]

    deliver(engine, failing(fault), clock)
    row = letter(engine)
    assert (row.state, row.tries) == ("failed", MOST_TRIES)
    (entry,) = trail(engine)
    assert (entry.tag, entry.name, entry.subject) == ("mail.failed", "registry mail", f"letter:{number}")
    assert "550" in (entry.after or "") and "secret-of-a-link" not in str(entry)
    clock.now += timedelta(days=365)
    assert deliver(engine, failing(AssertionError("given up")), clock) == 0


def test_what_went_wrong_is_forgotten_when_it_goes_right(engine: Engine, clock: Clock) -> None:
    write(engine)
    deliver(engine, failing(OSError("no way there")), clock)
    assert letter(engine).fault == "no way there"
    clock.now += timedelta(hours=1)

    assert deliver(engine, lambda _mail: None, clock) == 1
    assert letter(engine).fault == ""


def test_a_fault_without_words_is_named_by_its_kind(engine: Engine, clock: Clock) -> None:
    write(engine)
    deliver(engine, failing(TimeoutError()), clock)

    assert letter(engine).fault == "TimeoutError"


def lose_the_key(row: Letter) -> None:
    row.body_sealed = (row.body_sealed or "").replace(".one.", ".gone.")


def lose_the_text(row: Letter) -> None:
    row.body_sealed = None


def break_the_subject(row: Letter) -> None:
    row.subject = "一\r\nBcc: everybody@example.com"


def break_the_address(row: Letter) -> None:
    row.to = "p1@example.com\nBcc: everybody@example.com"


@pytest.mark.parametrize("harm", [lose_the_key, lose_the_text, break_the_subject, break_the_address])
def test_a_mail_that_cannot_be_made_holds_up_no_other_and_is_given_up_like_any(
    engine: Engine, clock: Clock, harm: Callable[[Letter], None]
) -> None:
    for number in (1, 2):
        write(engine, number)
    with writing(engine) as session:
        harm(session.scalars(select(Letter).order_by(Letter.id)).first())  # type: ignore[arg-type]
    sent: list[EmailMessage] = []

    assert deliver(engine, sent.append, clock) == 1
    assert [mail["To"] for mail in sent] == ["p2@example.com"]
    assert all("everybody" not in str(mail) for mail in sent)
    assert [one.state for one in letters(engine)] == ["waiting", "sent"]
    assert letters(engine)[0].fault
    for _ in range(MOST_TRIES):
        clock.now += timedelta(hours=5)
        deliver(engine, sent.append, clock)
    assert letters(engine)[0].state == "failed"
    assert len(sent) == 1


def person(session: Session, language: str, name: str = "何建国") -> Person:
    return open_account(session, email=f"{language}@example.com", name=name, doer=PROGRAM, now=NOW, language=language)


WRITERS: dict[str, Callable[[Session, Person], Letter]] = {
    "welcome": lambda session, who: welcome(session, KEYS, who, "token-1", public_url=URL, now=NOW),
    "reset": lambda session, who: reset(session, KEYS, who, "token-1", public_url=URL, now=NOW),
    "confirmed": lambda session, who: answer(session, KEYS, who, firm="青岛示例轴承有限公司", told="", now=NOW),
    "refused": lambda session, who: answer(session, KEYS, who, firm="青岛示例轴承有限公司", told="缺授权书", now=NOW),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_each_reads_it_in_the_language_of_his_account(session: Session, kind: str) -> None:
    (subject_zh, zh), (subject_en, en) = (
        read(WRITERS[kind](session, person(session, language))) for language in ("zh", "en")
    )

    assert subject_zh.startswith("青岛市") and "自动发送" in zh and "Please" not in zh and "program" not in zh
    assert subject_en.replace("·", "").isascii() and "sent by a program" in en and "请" not in en
    for text in (zh, en):
        assert text.startswith("何建国") and text.endswith("\n")
        assert (f"{URL}/link/token-1" in text) is (kind in ("welcome", "reset"))
        assert ("缺授权书" in text) is (kind == "refused")
        assert ("青岛示例轴承有限公司" in text) is (kind in ("confirmed", "refused"))


def test_an_invitation_speaks_both_languages(session: Session) -> None:
    told = {"firm": "青岛示例轴承有限公司", "by": "凌经办", "token": "t-1", "public_url": URL, "days": 7, "now": NOW}
    row = invitation(session, KEYS, to="new@example.com", **told)  # type: ignore[arg-type]
    subject, body = read(row)

    assert row.to == "new@example.com" and "经办人邀请" in subject and "An invitation" in subject
    assert "凌经办 邀请您担任" in body and "凌经办 invites you" in body and f"{URL}/invitation/t-1" in body
    assert "7 天" in body and "7 days" in body


@pytest.mark.parametrize("name", ["何\r\nBcc: everybody@example.com", "何\nSubject: x", "何\x0bX: y", "何\u2028X: y"])
def test_no_name_reaches_a_header(session: Session, name: str) -> None:
    # Names are refused or folded where an account is opened; and none stands in a header anyway.
    who = person(session, "zh")
    who.name = name
    for kind in WRITERS:
        row = WRITERS[kind](session, who)
        mail = send_letters._mail(KEYS, row, FROM, NOW)
        again = message_from_bytes(bytes(mail), policy=policy.default)

        expected = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
        assert set(again.keys()) - {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"} == expected
        assert again["To"] == "zh@example.com"
        assert "Bcc" not in str(again["Subject"])


def test_a_database_never_holds_what_lets_somebody_in(session: Session) -> None:
    row = WRITERS["reset"](session, person(session, "zh"))

    kept = " ".join(str(getattr(row, column.key)) for column in Letter.__table__.columns)
    assert "token-1" not in kept and "何建国" not in kept
