"""The yearly update: who owes it, in time to the last minute of the last day, what one and two missed ones mean."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from casework import SHANGHAI, SIGNED, Hall, good_firm, open_hall
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.firm_text import firm_of
from registry.domain.trail import Tag
from registry.policy import updates as policy
from registry.store.firms import Firm
from registry.store.paper_lists import missed_count, missed_page, titles_missed
from registry.store.papers import YearlyUpdate
from registry.store.trail import trail_page
from registry.work.case_guards import title_held
from registry.work.keep_updates import (
    due_day,
    ends_at,
    file_update,
    owes_update,
    updates_missed,
    updates_missed_twice,
    updates_missing,
    updates_of,
    was_in_time,
)

SINCE = date(2026, 5, 20)
# The facts of 2026, filed in 2027.
FACTS = good_firm()


@pytest.fixture
def hall(session: Session) -> Hall:
    made = open_hall(session)
    made.hold("innovative", SINCE)
    return made


def file_at(hall: Hall, at: datetime, who: str = "applicant", signed_as: str = SIGNED) -> YearlyUpdate:
    hall.now = at
    actor = hall.actor(who)
    years = {at.year - 1: FACTS.years[2025]}
    stated = good_firm(ip_class1=at.minute + 1)
    stated = type(stated)(stated.uscc, "别的名字", stated.facts, years)
    return file_update(hall.session, actor, actor.seats, hall.firm, stated, signed_as=signed_as, now=at)


def moment(year: int, month: int, day: int, hour: int = 10, minute: int = 0, zone: timezone = SHANGHAI) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=zone)


def test_an_update_is_kept_as_it_was_stated_and_traced(hall: Hall) -> None:
    row = file_at(hall, moment(2027, 5, 1))

    assert (row.year, row.number, row.due_on, row.signed_as) == (2027, 1, date(2027, 5, 31), "凌经办")
    kept = firm_of(row.firm)
    # The name is the register's, whatever was typed.
    assert kept.name == hall.firm.name and kept.uscc == hall.firm.uscc and kept.years.keys() == {2026}
    (entry,) = trail_page(hall.session, tag=Tag.UPDATE_FILED)
    assert entry.subject == f"firm:{hall.firm.uscc}" and '"late":false' in (entry.after or "")


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (moment(2027, 5, 31, 23, 59), True),
        (moment(2027, 6, 1, 0, 0), False),
        # By the clock of Greenwich it is still May.
        (moment(2027, 5, 31, 16, 30, UTC), False),
        (moment(2027, 5, 31, 15, 30, UTC), True),
    ],
)
def test_in_time_is_up_to_the_last_minute_of_the_offices_day(hall: Hall, at: datetime, in_time: bool) -> None:
    row = file_at(hall, at.astimezone(SHANGHAI))
    hall.session.expire(row)

    assert was_in_time(row, SHANGHAI) is in_time
    assert updates_missed(hall.session, hall.firm.id, SINCE, date(2027, 7, 1), SHANGHAI) == ([] if in_time else [2027])
    missed, _after = missed_page(
        hall.session,
        Firm.id == hall.firm.id,
        on=date(2027, 7, 1),
        due_on=date(2027, 5, 31),
        over_at=ends_at(date(2027, 5, 31), SHANGHAI),
    )
    assert [one.filed_at for one in missed] == ([] if in_time else [row.filed_at])


def test_a_late_one_stays_missed_and_a_correction_of_one_in_time_stays_in_time(hall: Hall) -> None:
    file_at(hall, moment(2027, 5, 31, 10))
    second = file_at(hall, moment(2027, 6, 2, 10, 5))

    assert second.number == 2 and [row.number for row in updates_of(hall.session, hall.firm.id)] == [2, 1]
    assert updates_missed(hall.session, hall.firm.id, SINCE, date(2027, 7, 1), SHANGHAI) == []


def test_on_the_last_day_itself_nothing_is_missed(hall: Hall) -> None:
    asked = [updates_missed(hall.session, hall.firm.id, SINCE, date(2027, 5, day), SHANGHAI) for day in (30, 31)]
    assert asked == [[], []]
    assert updates_missed(hall.session, hall.firm.id, SINCE, date(2027, 6, 1), SHANGHAI) == [2027]


def test_what_was_due_before_the_title_or_on_its_first_day_is_not_owed(hall: Hall) -> None:
    on = date(2027, 7, 1)
    assert updates_missed(hall.session, hall.firm.id, date(2027, 5, 30), on) == [2027]
    assert updates_missed(hall.session, hall.firm.id, date(2027, 5, 31), on) == []


def test_under_2hao_one_missed_does_not_bar_and_two_cancel(hall: Hall) -> None:
    session, firm = hall.session, hall.firm.id
    assert updates_missing(session, firm, SINCE, date(2027, 6, 1)) == []
    assert updates_missed_twice(session, firm, SINCE, date(2028, 5, 31)) == []
    assert updates_missing(session, firm, SINCE, date(2028, 6, 1)) == [2027, 2028]
    assert updates_missed_twice(session, firm, SINCE, date(2028, 6, 1)) == [2027, 2028]
    # A new validity begins to count anew.
    assert updates_missed_twice(session, firm, date(2027, 8, 1), date(2028, 6, 1)) == []


def test_under_63hao_one_missed_bars_and_none_cancels(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.work.keep_updates.first_asked", lambda: 2023)
    since, on = date(2023, 1, 1), date(2025, 7, 1)
    assert updates_missing(hall.session, hall.firm.id, since, on) == [2023, 2024, 2025]
    assert updates_missing(hall.session, hall.firm.id, since, date(2023, 5, 1)) == [2023]
    assert updates_missed_twice(hall.session, hall.firm.id, since, on) == []
    # The years of either rule are counted apart.
    assert updates_missing(hall.session, hall.firm.id, date(2025, 1, 1), date(2026, 6, 1)) == [2025]


def test_nothing_is_asked_before_the_first_year_here(hall: Hall) -> None:
    assert due_day(2026) is None and due_day(2027) == date(2027, 5, 31)
    assert updates_missed(hall.session, hall.firm.id, date(2023, 1, 1), date(2026, 12, 31)) == []
    with pytest.raises(MoveNotAllowed, match="2027"):
        file_at(hall, moment(2026, 11, 9))
    assert policy.first_asked() == 2027


def test_only_holders_owe_one(session: Session) -> None:
    hall = open_hall(session)
    assert not owes_update(session, hall.firm.id, date(2027, 5, 1))
    with pytest.raises(MoveNotAllowed, match="没有有效的称号"):
        file_at(hall, moment(2027, 5, 1))
    hall.hold("innovative", date(2024, 5, 20))
    assert owes_update(session, hall.firm.id, date(2027, 5, 19))
    assert not owes_update(session, hall.firm.id, date(2027, 5, 20))


def test_the_same_is_not_filed_twice(hall: Hall) -> None:
    file_at(hall, moment(2027, 5, 1))
    with pytest.raises(MoveNotAllowed, match="相同"):
        file_at(hall, moment(2027, 5, 1))


@pytest.mark.parametrize("name", ["", "  ", "名" * 61, "凌\x00"])
def test_the_declaration_is_signed(hall: Hall, name: str) -> None:
    with pytest.raises(Refused, match="signed_as"):
        file_at(hall, moment(2027, 5, 1), signed_as=name)


def test_without_a_figure_of_the_last_year_nothing_is_updated(hall: Hall) -> None:
    hall.now = moment(2027, 5, 1)
    actor = hall.actor("applicant")
    with pytest.raises(Refused, match="2026 年度的数据"):
        file_update(hall.session, actor, actor.seats, hall.firm, good_firm(), signed_as=SIGNED, now=hall.now)


def test_nobody_files_for_a_firm_he_does_not_act_for(hall: Hall) -> None:
    with pytest.raises(Barred):
        file_at(hall, moment(2027, 5, 1), who="district")


def test_the_desk_finds_who_missed_it_and_which_titles_are_to_be_cancelled(hall: Hall) -> None:
    session, everywhere = hall.session, Firm.id.is_not(None)
    years = [(year, date(year, 5, 31), ends_at(date(year, 5, 31), SHANGHAI)) for year in (2027, 2028)]

    def cancelled(on: date) -> list[str]:
        over = [one for one in years if one[1] < on]
        return [title.tier for title, _firm in titles_missed(session, everywhere, on=on, years=over, at_least=2)]

    def count(on: date, year: int) -> int:
        due_on = date(year, 5, 31)
        return missed_count(session, everywhere, on=on, due_on=due_on, over_at=ends_at(due_on, SHANGHAI))

    assert count(date(2027, 6, 1), 2027) == 1
    assert (
        missed_count(session, Firm.district == "370202", on=date(2027, 6, 1), due_on=years[0][1], over_at=years[0][2])
        == 0
    )
    assert cancelled(date(2028, 5, 31)) == []
    assert cancelled(date(2028, 6, 1)) == ["innovative"]
    file_at(hall, moment(2028, 5, 31, 23, 59))
    assert cancelled(date(2028, 6, 1)) == [] and count(date(2028, 6, 1), 2028) == 0
    # One that came late counts as missed.
    file_at(hall, moment(2027, 6, 1))
    assert count(date(2027, 6, 2), 2027) == 1


def test_the_guard_of_a_re_review_follows(hall: Hall) -> None:
    title = title_held(hall.session, hall.firm.id, "innovative", date(2028, 7, 1))
    assert title is not None
    assert updates_missing(hall.session, hall.firm.id, title.recognised_on, date(2028, 7, 1), SHANGHAI) == [2027, 2028]
    assert title.valid_until - title.recognised_on < timedelta(days=3 * 366)
