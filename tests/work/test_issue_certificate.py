"""Certificates: numbered without gap or double under eight processes at once, coded, sealed over what they say."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from make import DISTRICT, code
from make import firm as stated
from people import PROGRAM, firm_in, home
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed
from registry.domain.lookup_codes import ALPHABET
from registry.domain.periods import last_valid_day
from registry.domain.trail import Tag
from registry.store.engine import open_engine, writing
from registry.store.firms import Firm
from registry.store.recognitions import Certificate
from registry.store.trail import trail_page
from registry.work.certificate_seal import is_genuine, said_by, seal_of
from registry.work.enrol import enrol
from registry.work.issue_certificate import Holder, issue_certificates, numbered
from registry.work.seal import Keys, new_key_text

NOW = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
TODAY = NOW.date()
KEYS = Keys.parse(new_key_text("tests"))
PROCESSES, EACH = 8, 25


def holder(firm_id: int, number: int, since: date = TODAY) -> Holder:
    return Holder(firm_id, code(number), f"青岛示例第{number}有限公司", since, last_valid_day(since))


def issue(session: Session, *holders: Holder, tier: str = "specialized", keys: Keys = KEYS) -> list[Certificate]:
    return issue_certificates(session, tier, holders, announcement=None, keys=keys, doer=PROGRAM, now=NOW)


@pytest.fixture
def firm(session: Session) -> Firm:
    return firm_in(session, 1, DISTRICT, now=NOW)


def test_numbers_run_on_within_tier_and_year(session: Session, firm: Firm) -> None:
    days = [date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2026, 6, 1)]
    made = issue(session, *(holder(firm.id, 1, day) for day in days))
    other = issue(session, holder(firm.id, 1), tier="innovative")

    assert [one.number for one in made] == ["QDZT2026-00001", "QDZT2026-00002", "QDZT2027-00001", "QDZT2026-00003"]
    assert [one.number for one in other] == ["QDCX2026-00001"]
    assert [one.number for one in issue(session, holder(firm.id, 1, date(2026, 2, 2)))] == ["QDZT2026-00004"]
    assert issue(session) == []
    assert {len(one.code) for one in made} == {26} and set("".join(one.code for one in made)) <= set(ALPHABET)
    tags = [one.tag for one in trail_page(session, limit=3)]
    assert tags == [Tag.CERTIFICATE_ISSUED] * 3


def test_no_number_is_made_longer_than_its_places() -> None:
    assert numbered("specialized", 2026, 99_999) == "QDZT2026-99999"
    with pytest.raises(MoveNotAllowed):
        numbered("specialized", 2026, 100_000)


def test_a_seal_holds_for_what_was_said_and_for_nothing_else(session: Session, firm: Firm) -> None:
    (one,) = issue(session, holder(firm.id, 1))
    said = said_by(one, "")

    assert is_genuine(KEYS, one, "")
    assert not is_genuine(KEYS, one, "青工信发〔2026〕12号")
    for change in (
        {"number": "QDZT2026-00002"},
        {"code": "0" * 26},
        {"uscc": code(2)},
        {"name": "别家公司"},
        {"tier": "little_giant"},
        {"valid_from": date(2026, 11, 8)},
        {"valid_until": date(2030, 11, 8)},
    ):
        assert seal_of(KEYS, replace(said, **change)) != one.seal, change
    assert not is_genuine(Keys.parse(new_key_text("others")), one, "")


def test_a_seal_holds_on_after_a_new_key_as_long_as_the_old_one_is_kept(session: Session, firm: Firm) -> None:
    old, new = new_key_text("old"), new_key_text("new")
    (one,) = issue(session, holder(firm.id, 1), keys=Keys.parse(old))

    assert is_genuine(Keys.parse(f"{new},{old}"), one, "")
    assert not is_genuine(Keys.parse(new), one, "")


def work_through(url: str, first: int, firm_ids: list[int]) -> None:
    """Issue certificates one by one, each in a transaction of its own; every fifth is undone once before."""
    # Whoever starts with nothing but this module knows no other table.
    import registry.store.tables  # noqa: F401

    engine = open_engine(url)
    for place, firm_id in enumerate(firm_ids):
        if place % 5 == 0:
            try:
                with writing(engine) as session:
                    issue(session, holder(firm_id, first + place))
                    raise LookupError
            except LookupError:
                pass
        with writing(engine) as session:
            issue(session, holder(firm_id, first + place))
    engine.dispose()


@pytest.mark.slow
def test_eight_processes_leave_no_gap_and_no_double(own_url: str) -> None:
    with home(own_url) as engine:
        numbers = range(1, PROCESSES * EACH + 1)
        with writing(engine) as session:
            firms = [stated(one, name=f"青岛示例第{one}有限公司", district=DISTRICT) for one in numbers]
            enrol(session, firms, now=NOW, on=NOW.date(), source="test")
            ids = {uscc: number for uscc, number in session.execute(select(Firm.uscc, Firm.id))}
        lists = [[ids[code(one)] for one in numbers[start::PROCESSES]] for start in range(PROCESSES)]
        with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
            working = [pool.submit(work_through, own_url, 1 + place, told) for place, told in enumerate(lists)]
            for one in working:
                one.result()
        with Session(engine) as session:
            made = sorted(session.scalars(select(Certificate.number)))
            codes = set(session.scalars(select(Certificate.code)))

    assert made == [f"QDZT2026-{one:05}" for one in numbers]
    assert len(codes) == PROCESSES * EACH
