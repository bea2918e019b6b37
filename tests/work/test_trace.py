"""A deed and its entry in the trail stand or fall together, and nothing that was typed breaks out of its entry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from make import code
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.trail import LONGEST_TEXT, Doer, Tag
from registry.store.engine import open_engine, writing
from registry.store.firms import Firm
from registry.store.trail import TrailEntry, trail_page
from registry.work import trace
from registry.work.keep_trail import KEEP_DAYS, archive, entry_count, export, verify_trail
from registry.work.read_trail import read_archived
from registry.work.trace import record

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
HE = Doer(12, "何审核", seat="district_reviewer@370214", address="10.0.0.7", request_id="r-1")


@pytest.fixture
def home(own_url: str) -> Iterator[Engine]:
    """A database of the test's own, where commits are commits."""
    engine = open_engine(own_url)
    yield engine
    engine.dispose()


def a_firm() -> Firm:
    return Firm(uscc=code(1), name="青岛示例轴承有限公司", name_on=NOW.date(), created_at=NOW)


def held(engine: Engine) -> tuple[int, int]:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Firm)) or 0, entry_count(session)


def test_an_entry_says_who_did_what_when_and_from_where(session: Session) -> None:
    seq = record(session, Tag.SEAT_ENDED, HE, now=NOW, subject="person:7", before={"on": NOW.date()}, after={})
    entry = session.get_one(TrailEntry, seq)

    assert (entry.at, entry.tag, entry.person_id, entry.name, entry.seat) == (NOW, "seat.ended", 12, HE.name, HE.seat)
    assert (entry.address, entry.request_id, entry.subject) == ("10.0.0.7", "r-1", "person:7")
    assert (entry.before, entry.after) == ('{"on":"2024-06-01"}', "{}")


def test_a_deed_whose_entry_the_database_refuses_is_not_done(home: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "link", lambda before, entry: "no hash")
    with pytest.raises(DBAPIError, match="hash_is_whole"), writing(home) as session:
        session.add(a_firm())
        record(session, Tag.PERSON_CREATED, HE, now=NOW)

    assert held(home) == (0, 0)


def test_a_deed_of_a_tag_that_nobody_knows_is_not_done(home: Engine) -> None:
    with pytest.raises(ValueError, match="conquered"), writing(home) as session:
        session.add(a_firm())
        record(session, "firm.conquered", HE, now=NOW)  # type: ignore[arg-type]

    assert held(home) == (0, 0)


def test_a_deed_that_is_undone_or_refused_leaves_no_trace(home: Engine) -> None:
    with pytest.raises(Refused), writing(home) as session:
        record(session, Tag.PERSON_CREATED, HE, now=NOW)
        raise Refused.at("", "second thoughts")
    with pytest.raises(DBAPIError, match="uscc_has_18"), writing(home) as session:
        session.add(Firm(uscc="too short", name="x", name_on=NOW.date(), created_at=NOW))
        record(session, Tag.PERSON_CREATED, HE, now=NOW)

    assert held(home) == (0, 0)


def test_writers_at_the_same_time_take_their_numbers_in_turn(home: Engine) -> None:
    def deed(number: int) -> int:
        with writing(home) as session:
            return record(session, Tag.MAIL_SENT, HE, now=NOW - timedelta(seconds=number))

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(deed, range(20)))

    assert sorted(taken) == list(range(1, 21))
    with Session(home) as session:
        assert verify_trail(session).holds


def test_of_two_that_do_not_queue_the_second_is_refused_with_its_deed(home: Engine) -> None:
    if home.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with Session(home) as one, Session(home) as other:
        trail_page(other)
        record(one, Tag.MAIL_SENT, HE, now=NOW)
        one.commit()
        other.add(a_firm())
        with pytest.raises(DBAPIError, match="pk_trail"):
            record(other, Tag.MAIL_SENT, HE, now=NOW)

    assert held(home) == (0, 1)


@pytest.mark.parametrize(
    "typed",
    [
        '王\r\n{"seq": 99, "tag": "seat.granted"}',
        "\x1b[1A\x1b[2K",
        "\u202e何审核\u2066",
        "x" * 100_000,
        "\x00",
        "\ud800",
        "'; DROP TABLE trail; --",
    ],
)
def test_whatever_is_typed_stays_within_its_line(session: Session, typed: str) -> None:
    doer = Doer(None, typed, seat=typed, address=typed, request_id=typed)
    record(session, Tag.SESSION_REFUSED, doer, now=NOW, subject=typed, before={typed: typed}, after={"name": typed})
    (row,) = export(session)
    lines: list[str] = []
    later = NOW + timedelta(days=KEEP_DAYS + 1)
    archive(session, before=later - timedelta(days=KEEP_DAYS), now=later, doer=HE, write=lines.append)

    assert len("".join(lines).splitlines()) == 1
    told = " ".join(str(value) for value in row.values())
    assert not set(told) & set("\r\n\x1b\x00\u202e\u2066\ud800")
    assert all(len(str(value)) <= 2 * LONGEST_TEXT for value in row.values())
    assert verify_trail(session, archived=read_archived(lines, "a")).holds
