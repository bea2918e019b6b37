"""Where a firm stands on the ladder and what each tier lacks, by its own words joined with the books."""

from dataclasses import replace
from datetime import date

import pytest
from casework import Hall, good_firm, open_hall
from make import firm as stated
from sqlalchemy.orm import Session

from registry.domain.firms import Firm as StatedFirm
from registry.store.records import record_of
from registry.work.apply_facts import facts_joined
from registry.work.firm_tasks import life_of
from registry.work.next_rungs import Joined, Rung, fields_by_criterion, ladder_of, titles_until

TODAY = date(2026, 11, 9)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def ladder(hall: Hall, typed: StatedFirm, on: date = TODAY, lang: str = "zh") -> dict[str, Rung]:
    record, life = record_of(hall.session, hall.firm), life_of(hall.session, hall.firm.id, on)
    joined = Joined(*facts_joined(hall.firm, typed, record, life.banned_to))
    return {one.tier: one for one in ladder_of(record, joined, set(life.held), on, lang=lang)}


def test_a_firm_without_titles_applies_anew_and_is_told_what_it_lacks(hall: Hall) -> None:
    found = ladder(hall, good_firm())

    assert list(found) == ["innovative", "specialized", "little_giant"]
    assert (found["innovative"].kind, found["innovative"].held_until) == ("new", None)
    assert found["innovative"].document and found["innovative"].document["verdict"] == "met"
    assert (found["innovative"].failing, found["innovative"].missing) == ((), ())
    (lack,) = found["specialized"].failing
    assert (lack.criterion["key"], lack.paths) == ("rung_below", ("facts.titles",))
    assert found["specialized"].missing == ("facts.market_leader",)
    assert found["specialized"].judged == ("facts.market_leader",)


def test_a_title_of_the_books_counts_and_is_to_be_re_reviewed(hall: Hall) -> None:
    hall.hold("innovative", date(2024, 5, 20))
    found = ladder(hall, good_firm())

    held = found["innovative"]
    assert (held.kind, held.held_until, held.days_left) == ("re_review", date(2027, 5, 19), 191)
    assert found["specialized"].failing == ()
    assert ladder(hall, good_firm(), date(2027, 5, 19))["innovative"].days_left == 0
    assert ladder(hall, good_firm(), date(2027, 5, 20))["innovative"].held_until is None


def test_what_is_unknown_is_missing_and_never_failing(hall: Hall) -> None:
    found = ladder(hall, stated(1))

    for rung in found.values():
        assert rung.document and rung.document["verdict"] == "undetermined"
        assert rung.failing == ()
        assert rung.missing
    assert "years.2025.revenue" in found["specialized"].missing


def test_a_shortfall_is_told_with_the_fields_that_could_change_it(hall: Hall) -> None:
    typed = good_firm()
    poor = {**typed.years[2025], "total_liabilities": 7_000_000_000}
    found = ladder(hall, replace(typed, years={**typed.years, 2025: poor}))

    lacks = {lack.criterion["key"]: lack for lack in found["specialized"].failing}
    assert lacks["liability_ratio"].paths == ("years.2025.total_liabilities", "years.2025.total_assets")
    assert "7.50" in lacks["liability_ratio"].criterion["shortfall"]
    english = ladder(hall, replace(typed, years={**typed.years, 2025: poor}), lang="en")
    told = {lack.criterion["key"]: lack for lack in english["specialized"].failing}
    assert "percentage points" in told["liability_ratio"].criterion["shortfall"]


def test_a_ban_counts(hall: Hall) -> None:
    record = record_of(hall.session, hall.firm)
    joined = Joined(*facts_joined(hall.firm, good_firm(), record, date(2026, 12, 1)))
    first = ladder_of(record, joined, set(), TODAY)[0]
    assert [lack.criterion["key"] for lack in first.failing] == ["general.not_banned"]
    over = Joined(*facts_joined(hall.firm, good_firm(), record, date(2026, 11, 8)))
    assert ladder_of(record, over, set(), TODAY)[0].failing == ()


def test_where_the_register_knows_no_ban_there_is_none(hall: Hall) -> None:
    record = record_of(hall.session, hall.firm)
    typed = good_firm()
    silent = replace(typed, facts={key: value for key, value in typed.facts.items() if key != "banned_until"})
    joined = Joined(*facts_joined(hall.firm, silent, record, None))
    assert joined.firm.facts["banned_until"] == date.min
    assert ladder_of(record, joined, set(), TODAY)[0].missing == ()
    # What somebody else says of a ban does not count: bans stand in the register.
    claimed = replace(typed, facts={**typed.facts, "banned_until": date(2030, 1, 1)})
    assert facts_joined(hall.firm, claimed, record, None)[0].facts["banned_until"] == date.min


def test_a_day_without_rules_says_so(hall: Hall) -> None:
    rung = ladder(hall, good_firm(), date(2010, 1, 1))["specialized"]
    assert rung.document is None
    assert [fault.path for fault in rung.faults] == ["on"]


def test_of_titles_of_a_tier_the_one_that_lasts_longest_counts(hall: Hall) -> None:
    hall.hold("innovative", date(2024, 5, 20), valid_until=date(2027, 5, 19))
    hall.hold("innovative", date(2026, 10, 1), valid_until=date(2029, 9, 30))
    record = record_of(hall.session, hall.firm)
    assert titles_until(record, TODAY) == {"innovative": date(2029, 9, 30)}
    assert titles_until(record, date(2026, 9, 30)) == {"innovative": date(2027, 5, 19)}
    assert titles_until(record, date(2024, 5, 19)) == {}


def test_every_criterion_says_which_fields_it_asks_for() -> None:
    for tier in ("innovative", "specialized", "little_giant", "above_scale"):
        asked = fields_by_criterion(tier, "new", TODAY, "3451")
        assert asked
        for paths in asked.values():
            assert all(path.startswith(("facts.", "years.")) for path in paths)
    # What is asked of a firm by its size is known once its trade is.
    assert "years.2025.employees" in fields_by_criterion("specialized", "new", TODAY, "3451")["general.sme"]
    assert fields_by_criterion("specialized", "new", TODAY)["general.sme"] == ("facts.industry",)
