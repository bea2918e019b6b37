"""One firm whole: its lists come in the order in which they were stated, each part in its place, on either database."""

from datetime import date

from make import code, firm, title
from people import NOW
from sqlalchemy.orm import Session

from registry.store.queries import firm_by_uscc
from registry.store.records import firm_record, firm_records, record_of
from registry.work.amend import Reason, revoke
from registry.work.enrol import enrol
from registry.work.file_books import file_titles

TITLES = (
    {"kind": "hi_tech", "from": date(2023, 11, 1), "until": date(2026, 10, 31)},
    {"kind": "tech_sme"},
    {"until": date(2024, 1, 1)},
)
AWARDS = ({"level": "national", "rank": 2, "on": date(2024, 3, 1)}, {"rank": 1})
CONTESTS = ({"contest": "maker_china", "top": 50, "on": date(2024, 9, 1)}, {"top": 500})


def keep(session: Session, **facts: object) -> None:
    enrol(session, [firm(1, district="370285", **facts)], now=NOW, on=NOW.date(), source="test")


def test_every_list_is_read_whole_and_in_order(session: Session) -> None:
    keep(session, titles=TITLES, awards=AWARDS, contests=CONTESTS)
    found = firm_record(session, code(1))
    assert found is not None
    assert {key: found.firm.facts[key] for key in ("titles", "awards", "contests")} == {
        "titles": TITLES,
        "awards": AWARDS,
        "contests": CONTESTS,
    }
    assert found.incomplete_lists == frozenset()


def test_a_list_known_to_be_empty_is_empty_and_one_that_is_unknown_is_absent(session: Session) -> None:
    keep(session, titles=(), awards=AWARDS)
    found = firm_record(session, code(1))
    assert found is not None
    assert (found.firm.facts["titles"], found.firm.facts["awards"]) == ((), AWARDS)
    assert "contests" not in found.firm.facts


def test_titles_of_the_books_join_and_alone_they_are_incomplete(session: Session) -> None:
    keep(session)
    file_titles(session, [title(1, recognised_on=date(2025, 4, 10))], now=NOW, source="test")
    row = firm_by_uscc(session, code(1))
    assert row is not None
    found = record_of(session, row)
    assert found == firm_record(session, code(1))
    booked = {"kind": "specialized", "from": date(2025, 4, 10), "until": date(2028, 4, 9)}
    assert found.firm.facts["titles"] == (booked,)
    assert found.incomplete_lists == {"titles"}
    assert firm_record(session, code(2)) is None


def test_many_firms_are_read_as_each_of_them(session: Session) -> None:
    facts = {"titles": TITLES, "awards": AWARDS}
    years = {2023: {"revenue": 1}, 2025: {"revenue": 3, "employees": 7}}
    firms = [firm(1, district="370285", **facts), firm(2, contests=CONTESTS, years=years), firm(3)]
    enrol(session, firms, now=NOW, on=NOW.date(), source="test")
    days = (date(2025, 4, 10), date(2022, 4, 10))
    file_titles(session, [title(2, recognised_on=day) for day in days], now=NOW, source="test")

    found = firm_records(session, [code(3), code(2), code(2), code(9), code(1)])

    assert found == {code(number): firm_record(session, code(number)) for number in (1, 2, 3)}
    second = found[code(2)].firm
    assert (second.years, second.facts["contests"]) == (years, CONTESTS)
    # The books tell their titles by their days, in whatever order they came in.
    assert [told["from"] for told in second.facts["titles"]] == sorted(days)


def test_a_title_that_was_revoked_is_held_to_the_day_before_and_not_at_all_from_its_first_day(session: Session) -> None:
    keep(session)
    days = {"specialized": date(2025, 4, 10), "innovative": date(2025, 1, 1)}
    rows = [title(1, tier=tier, recognised_on=day) for tier, day in days.items()]
    file_titles(session, rows, now=NOW, source="test")
    for tier, day in (("specialized", date(2025, 6, 1)), ("innovative", days["innovative"])):
        revoke(session, code(1), tier=tier, on=day, cause="虚假材料", reason=Reason("test", "test"), now=NOW)

    found = firm_record(session, code(1))

    assert found is not None
    held = {"kind": "specialized", "from": days["specialized"], "until": date(2025, 5, 31)}
    assert found.firm.facts["titles"] == (held,)
