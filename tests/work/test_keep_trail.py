"""The trail tells whatever an owner of the database did to it, and loses nothing that is younger than 200 days."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import tamper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import registry
from registry.domain.chain import GENESIS, Head
from registry.domain.errors import Refused
from registry.domain.trail import Doer, Entry, Tag, link
from registry.store.trail import TRAIL, TRAIL_CUT, TrailEntry, trail_head, trail_page
from registry.work.keep_trail import (
    KEEP_DAYS,
    TrailAudit,
    archive,
    export,
    trail_checkpoint,
    verify_trail,
)
from registry.work.read_trail import read_archived
from registry.work.trace import record

# Every moment here is older than 200 days by the database's own clock, unless a test says otherwise.
NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
START = NOW - timedelta(days=600)
HE = Doer(12, "何审核", seat="district_reviewer@370214", address="10.0.0.7", request_id="r-1")
PROGRAM = Doer.program("trail archive")


def fill(session: Session, count: int = 6, *, every: timedelta = timedelta(days=100)) -> None:
    for number in range(count):
        after = {"name": f"人员{number}"}
        record(session, Tag.PERSON_RENAMED, HE, now=START + every * number, subject=f"person:{number}", after=after)


@pytest.fixture
def trail(session: Session) -> Session:
    """Six entries, a hundred days apart; the last is a hundred days old by NOW."""
    fill(session)
    return session


def head_of(session: Session) -> Head:
    return trail_head(session.connection())


def numbers(session: Session) -> list[int]:
    return list(session.scalars(select(TRAIL.c.seq).order_by(TRAIL.c.seq)))


def broken_at(audit: TrailAudit) -> str:
    return next(finding.where for finding in audit.findings if finding.part == "chain")


def put_away(session: Session, before: datetime, now: datetime = NOW) -> list[str]:
    lines: list[str] = []
    archive(session, before=before, now=now, doer=PROGRAM, write=lines.append)
    return lines


def chain_again(session: Session) -> None:
    """Give every entry the hash that follows from what it says now: another trail, whole in itself."""
    head = GENESIS
    for row in session.execute(TRAIL.select().order_by(TRAIL.c.seq)).mappings().all():
        head = link(head, Entry(**{name: row[name] for name in Entry.__slots__}))
        session.execute(TRAIL.update().where(TRAIL.c.seq == row["seq"]).values(hash=head))


def test_a_trail_that_nobody_touched_holds(trail: Session) -> None:
    done: list[int] = []
    audit = verify_trail(trail, [head_of(trail)], done.append)

    assert audit.holds, audit.findings
    assert (audit.entries, audit.head, sum(done)) == (6, head_of(trail), 6)


def test_an_empty_trail_holds(session: Session) -> None:
    stands = trail_checkpoint(session, NOW)

    assert (stands["seq"], stands["hash"], stands["at"]) == (0, GENESIS, None)
    assert verify_trail(session, [Head(0, GENESIS)]).holds


def test_a_checkpoint_says_where_the_trail_stands(trail: Session) -> None:
    entry = trail.get_one(TrailEntry, 6)

    assert trail_checkpoint(trail, NOW) == {
        "chain": "trail",
        "seq": 6,
        "hash": entry.hash,
        "at": entry.at.isoformat(timespec="microseconds"),
        "entries": 6,
        "made_at": "2024-06-01T08:00:00+00:00",
        "program": registry.__version__,
    }


@pytest.mark.parametrize(
    "edit",
    [
        "at = (SELECT max(at) FROM trail)",
        "tag = 'person.created'",
        "person_id = 13",
        "person_id = NULL",
        "name = '别人'",
        "seat = ''",
        "address = '10.0.0.8'",
        "request_id = 'r-2'",
        "subject = 'person:99'",
        "before = 'null'",
        "after = NULL",
        "hash = '{zeros}'",
    ],
)
def test_an_edited_column_breaks_the_chain_there(trail: Session, edit: str) -> None:
    tamper.run(trail, "UPDATE trail SET {edit} WHERE seq = 3", edit=edit.format(zeros="0" * 64))
    audit = verify_trail(trail)

    assert broken_at(audit) == "trail 3"
    assert audit.head.seq == 2


def test_a_deleted_entry_breaks_the_chain_there(trail: Session) -> None:
    tamper.run(trail, "DELETE FROM trail WHERE seq = 3")

    assert broken_at(verify_trail(trail)) == "trail 3"


def test_a_deleted_entry_is_found_though_the_rest_moves_up(trail: Session) -> None:
    tamper.run(trail, "DELETE FROM trail WHERE seq = 3")
    for seq in (4, 5, 6):
        tamper.run(trail, "UPDATE trail SET seq = seq - 1 WHERE seq = {seq}", seq=seq)

    assert broken_at(verify_trail(trail)) == "trail 3"


def test_two_entries_that_changed_places_break_the_chain(trail: Session) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        tamper.run(trail, "UPDATE trail SET seq = {new} WHERE seq = {old}", old=old, new=new)

    assert broken_at(verify_trail(trail)) == "trail 3"


@pytest.mark.parametrize("new", [0, 7])
def test_an_entry_slipped_in_breaks_the_chain(trail: Session, new: int) -> None:
    columns = "at, tag, person_id, name, seat, address, request_id, subject, before, after, hash"
    statement = "INSERT INTO trail (seq, {columns}) SELECT {new}, {columns} FROM trail WHERE seq = 6"
    tamper.run(trail, statement, columns=columns, new=new)

    assert not verify_trail(trail).holds


def test_a_tail_cut_off_is_found_by_a_checkpoint_only(trail: Session) -> None:
    kept = head_of(trail)
    tamper.run(trail, "DELETE FROM trail WHERE seq > 4")

    assert verify_trail(trail).holds
    assert broken_at(verify_trail(trail, [kept])) == "trail 5"


def test_another_trail_in_its_place_is_found_by_a_checkpoint_only(trail: Session) -> None:
    kept = head_of(trail)
    tamper.run(trail, "UPDATE trail SET name = '别人' WHERE seq = 2")
    chain_again(trail)

    assert verify_trail(trail).holds
    assert broken_at(verify_trail(trail, [kept])) == "trail 6"


def test_a_moment_that_goes_backwards_is_found_in_a_chain_that_holds(trail: Session) -> None:
    tamper.run(trail, "UPDATE trail SET at = :at WHERE seq = 3", at=START - timedelta(days=1))
    chain_again(trail)

    assert [str(finding) for finding in verify_trail(trail).findings] == [
        "trail 3: 时刻早于前一条 (the moment goes backwards)"
    ]


@pytest.mark.parametrize("edit", ["at = 'soon'", "name = X'00FF'", "after = CAST(X'FF' AS TEXT)", "person_id = 'x'"])
def test_a_value_of_another_kind_is_a_finding_on_sqlite(trail: Session, edit: str) -> None:
    if trail.get_bind().dialect.name != "sqlite":
        pytest.skip("columns of PostgreSQL have types")
    tamper.run(trail, "UPDATE trail SET {edit} WHERE seq = 2", edit=edit)

    assert broken_at(verify_trail(trail)) == "trail 2"
    with pytest.raises(Refused, match="nothing was archived"):
        put_away(trail, NOW - timedelta(days=300))


def test_the_beginning_taken_away_is_no_archiving(trail: Session) -> None:
    tamper.run(trail, "DELETE FROM trail WHERE seq < 3")
    assert broken_at(verify_trail(trail)) == "trail 1"

    trail.execute(text("INSERT INTO trail_cut SELECT 2, (SELECT hash FROM trail WHERE seq = 3), at FROM trail LIMIT 1"))
    assert broken_at(verify_trail(trail)) == "trail 3"


def test_an_archiving_that_no_entry_tells_of_is_found(trail: Session) -> None:
    tamper.run(trail, "INSERT INTO trail_cut SELECT seq, hash, at FROM trail WHERE seq = 2")
    tamper.run(trail, "DELETE FROM trail WHERE seq <= 2")

    assert [finding.where for finding in verify_trail(trail).findings] == ["trail_cut 2"]


def test_an_archive_holds_the_entries_and_the_trail_goes_on_from_it(trail: Session) -> None:
    before = NOW - timedelta(days=300)
    first, last = Head(2, trail.get_one(TrailEntry, 2).hash), head_of(trail)
    lines = put_away(trail, before)

    # The entry of that very moment stays.
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3]
    assert numbers(trail) == [4, 5, 6, 7]
    told = trail_page(trail, limit=1)[0]
    assert (told.tag, told.name, told.subject) == ("trail.archived", "registry trail archive", "trail")
    assert json.loads(told.after or "")["entries"] == 3

    audit = verify_trail(trail, [last, head_of(trail), first])
    assert audit.holds and (audit.start.seq, audit.passed_over) == (3, (2,))
    whole = verify_trail(trail, [last, first], archived=read_archived(lines, "a.jsonl"))
    assert whole.holds and (whole.entries, whole.start.seq, whole.passed_over) == (7, 0, ())
    assert broken_at(verify_trail(trail, [Head(3, "f" * 64)])) == "trail 3"


def test_archives_follow_one_another_and_one_that_was_edited_is_found(trail: Session) -> None:
    lines = put_away(trail, NOW - timedelta(days=400))
    lines += put_away(trail, NOW, NOW + timedelta(days=KEEP_DAYS))

    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert verify_trail(trail, archived=read_archived(lines, "a")).holds
    forged = [line.replace("人员1", "别人") for line in lines]
    assert broken_at(verify_trail(trail, archived=read_archived(forged, "a"))) == "trail 2"
    assert broken_at(verify_trail(trail, archived=read_archived(lines[2:], "a"))) == "trail 1"


def test_a_trail_may_be_archived_to_the_last_old_entry(trail: Session) -> None:
    put_away(trail, NOW, NOW + timedelta(days=1000))

    assert numbers(trail) == [7]
    assert record(trail, Tag.MAIL_SENT, HE, now=NOW) == 8
    assert verify_trail(trail).holds
    assert put_away(trail, START, NOW + timedelta(days=1000)) == []
    assert numbers(trail) == [7, 8]


@pytest.mark.parametrize("days", [0, 1, KEEP_DAYS - 1])
def test_nothing_younger_than_two_hundred_days_is_archived_whatever_is_asked(trail: Session, days: int) -> None:
    with pytest.raises(Refused, match="200 days"):
        put_away(trail, NOW - timedelta(days=days))
    with pytest.raises(Refused, match="200 days"):
        put_away(trail, NOW - timedelta(days=KEEP_DAYS) + timedelta(microseconds=1))
    assert numbers(trail) == [1, 2, 3, 4, 5, 6]


def test_a_clock_that_runs_ahead_does_not_fool_the_database(session: Session) -> None:
    later = datetime(2999, 1, 1, tzinfo=UTC)
    record(session, Tag.MAIL_SENT, HE, now=later)
    before = session.scalar(select(func.count()).select_from(TRAIL_CUT))

    with pytest.raises(Refused, match="its own clock"), session.begin_nested():
        put_away(session, later + timedelta(days=1), later + timedelta(days=400))
    assert numbers(session) == [1]
    assert session.scalar(select(func.count()).select_from(TRAIL_CUT)) == before


def test_a_broken_trail_is_not_archived(trail: Session) -> None:
    tamper.run(trail, "UPDATE trail SET name = '别人' WHERE seq = 2")

    with pytest.raises(Refused, match="nothing was archived"):
        put_away(trail, NOW - timedelta(days=300))
    assert numbers(trail) == [1, 2, 3, 4, 5, 6]


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(-500, 500), max_size=8), st.integers(0, 700), st.integers(-5, 5))
def test_archiving_never_removes_an_entry_younger_than_two_hundred_days(
    session: Session, ages: list[int], asked: int, microseconds: int
) -> None:
    """Clocks jump to and fro by hundreds of days; half of what is asked for is too young."""
    savepoint = session.begin_nested()
    for age in ages:
        record(session, Tag.MAIL_SENT, HE, now=NOW - timedelta(days=KEEP_DAYS + age, microseconds=age))
    moments = {entry.seq: entry.at for entry in trail_page(session, limit=100)}
    before = NOW - timedelta(days=asked, microseconds=microseconds)
    try:
        put_away(session, before)
    except Refused:
        assert before > NOW - timedelta(days=KEEP_DAYS)
    gone = moments.keys() - set(numbers(session))

    assert all(moments[seq] < before and moments[seq] < NOW - timedelta(days=KEEP_DAYS) for seq in gone)
    assert verify_trail(session).holds
    savepoint.rollback()


def test_an_export_gives_every_entry_that_fits_newest_first(trail: Session) -> None:
    assert [row["seq"] for row in export(trail)] == [6, 5, 4, 3, 2, 1]
    (row,) = export(trail, subject="person:2", tag="person")

    assert row["words"] == "账户改名" and row["at"] == "2023-04-28T08:00:00.000000+00:00"
    assert list(export(trail, since=NOW)) == []


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b'{"seq": 1}\n', b"\xff\n", b'{"hash": 1, "at": "soon"}\n', b"null\n"]
)
def test_a_line_that_no_archive_has_is_refused(trail: Session, line: bytes) -> None:
    good = put_away(trail, NOW - timedelta(days=300))[0].encode()

    with pytest.raises(Refused, match="a:2"):
        list(read_archived(io.BytesIO(good + line), "a"))
    other = json.loads(good) | {"person_id": "x"}
    with pytest.raises(Refused, match="a:1"):
        list(read_archived([json.dumps(other)], "a"))
