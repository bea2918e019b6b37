"""Windows for applications: laid down for the tiers that are filed in batches, never two at once, taken back unused."""

from datetime import date
from typing import Any

import pytest
from casework import Hall, open_hall
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.trail import Tag
from registry.store.cases import FilingWindow
from registry.store.trail import trail_page
from registry.work.keep_windows import (
    open_window,
    submissions_in,
    tiers_in_batches,
    windows,
    windows_open,
    withdraw_window,
)

GOOD: dict[str, Any] = {
    "tier": "specialized",
    "kind": None,
    "batch": "2027年第一批",
    "opens_on": date(2027, 3, 1),
    "closes_on": date(2027, 3, 31),
    "source": "青工信通知〔2027〕1号",
}


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session, windows=False)


def lay(hall: Hall, **changes: Any) -> FilingWindow:
    actor = hall.actor("city")
    return open_window(hall.session, actor, actor.seats[0], **(GOOD | changes), now=hall.now)


def take_back(hall: Hall, row: FilingWindow) -> None:
    actor = hall.actor("city")
    withdraw_window(hall.session, actor, actor.seats[0], row, now=hall.now)


def faults(hall: Hall, **changes: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        lay(hall, **changes)
    return [fault.path for fault in refused.value.faults]


def test_which_tiers_are_filed_in_batches_follows_from_their_procedures(hall: Hall) -> None:
    assert tiers_in_batches(hall.now.date()) == {
        "specialized": ("new", "re_review"),
        "little_giant": ("new", "re_review"),
    }


def test_a_window_is_laid_down_and_traced(hall: Hall) -> None:
    row = lay(hall)

    assert (row.tier, row.kind, row.opens_on, row.closes_on) == (
        "specialized", None, date(2027, 3, 1), date(2027, 3, 31)
    )  # fmt: skip
    (entry,) = trail_page(hall.session, tag=Tag.WINDOW_OPENED)
    assert entry.subject == f"window:{row.id}" and "2027年第一批" in (entry.after or "")


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"tier": ""}, ["tier"]),
        ({"tier": "innovative"}, ["tier"]),
        ({"tier": "above_scale"}, ["tier"]),
        ({"kind": "other"}, ["kind"]),
        ({"batch": " "}, ["batch"]),
        ({"batch": "批" * 51}, ["batch"]),
        ({"source": ""}, ["source"]),
        ({"source": "a\x00b"}, ["source"]),
        ({"opens_on": None}, ["opens_on"]),
        ({"closes_on": None}, ["closes_on"]),
        ({"opens_on": None, "closes_on": None, "batch": ""}, ["batch", "opens_on", "closes_on"]),
        ({"closes_on": date(2027, 2, 28)}, ["closes_on"]),
        ({"opens_on": date(2026, 11, 1), "closes_on": date(2026, 11, 8)}, ["closes_on"]),
        ({"closes_on": date(9999, 1, 1)}, ["closes_on"]),
    ],
)
def test_what_is_wrong_is_told_by_its_field(hall: Hall, changes: dict[str, Any], paths: list[str]) -> None:
    assert faults(hall, **changes) == paths
    assert windows(hall.session) == []


def test_a_window_of_one_day_that_closes_today_is_one(hall: Hall) -> None:
    row = lay(hall, opens_on=date(2026, 11, 9), closes_on=date(2026, 11, 9))

    assert windows_open(hall.session, date(2026, 11, 9)) == [row]
    assert windows_open(hall.session, date(2026, 11, 8)) == []
    assert windows_open(hall.session, date(2026, 11, 10)) == []


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "is_free"),
    [
        (date(2027, 2, 1), date(2027, 2, 28), True),
        (date(2027, 2, 1), date(2027, 3, 1), False),
        (date(2027, 3, 10), date(2027, 3, 11), False),
        (date(2027, 1, 1), date(2027, 12, 31), False),
        (date(2027, 3, 31), date(2027, 4, 30), False),
        (date(2027, 4, 1), date(2027, 4, 30), True),
    ],
)
def test_two_windows_of_one_tier_and_kind_never_share_a_day(
    hall: Hall, opens_on: date, closes_on: date, is_free: bool
) -> None:
    lay(hall)
    if is_free:
        assert lay(hall, opens_on=opens_on, closes_on=closes_on).id
    else:
        assert faults(hall, opens_on=opens_on, closes_on=closes_on) == ["opens_on"]
    assert lay(hall, tier="little_giant", opens_on=opens_on, closes_on=closes_on).id


def test_a_window_of_one_kind_stands_beside_one_of_the_other_and_not_beside_one_of_both(hall: Hall) -> None:
    lay(hall, kind="new")
    assert faults(hall, kind="new") == ["opens_on"]
    assert faults(hall, kind=None) == ["opens_on"]
    assert lay(hall, kind="re_review").kind == "re_review"


def test_what_was_taken_back_is_no_window_any_more(hall: Hall) -> None:
    row = lay(hall)
    take_back(hall, row)
    assert windows_open(hall.session, date(2027, 3, 10)) == []
    assert row.withdrawn_at == hall.now
    with pytest.raises(MoveNotAllowed, match="已经撤回"):
        take_back(hall, row)
    assert lay(hall).id != row.id
    assert [one.tag for one in trail_page(hall.session, tag=Tag.WINDOW_WITHDRAWN)] == [Tag.WINDOW_WITHDRAWN]


def test_a_window_in_which_something_was_submitted_stays(hall: Hall) -> None:
    hall.hold("innovative")
    row = lay(hall, opens_on=date(2026, 11, 1), closes_on=date(2026, 11, 30))
    case = hall.begin("specialized")
    assert submissions_in(hall.session, [row.id]) == {}
    hall.submit(case)
    assert submissions_in(hall.session, [row.id]) == {row.id: 1}

    with pytest.raises(MoveNotAllowed, match="已有 1 件"):
        take_back(hall, row)


def test_open_windows_stand_in_the_order_of_the_ladder(hall: Hall) -> None:
    giant = lay(hall, tier="little_giant", closes_on=date(2027, 3, 5))
    again = lay(hall, kind="re_review", closes_on=date(2027, 4, 30))
    fresh = lay(hall, kind="new")

    assert windows_open(hall.session, date(2027, 3, 3)) == [fresh, again, giant]
