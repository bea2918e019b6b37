"""Filters that somebody saved: named, of his own, not too many."""

import pytest
from casework import Hall, open_hall
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.trail import Tag
from registry.store.trail import trail_page
from registry.work.keep_views import LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS, drop_view, save_view, views_of

PAGE = "desk_cases.cases"


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def save(hall: Hall, name: str, query: str = "tab=mine", who: str = "city") -> int:
    return save_view(hall.session, hall.actor(who), PAGE, name=name, query=query, now=hall.now).id


def names(hall: Hall, who: str = "city") -> list[str]:
    return [one.name for one in views_of(hall.session, hall.people[who].id, PAGE)]


def test_a_filter_is_saved_listed_and_deleted_with_a_trace(hall: Hall) -> None:
    number = save(hall, "  我的  急件 ", "tab=mine&due=2026-11-20")
    assert names(hall) == ["我的 急件"] and names(hall, "district") == []
    entry = trail_page(hall.session, subject=f"view:{number}")[0]
    assert entry.tag == Tag.VIEW_SAVED and "due=2026-11-20" in entry.after

    assert drop_view(hall.session, hall.actor("city"), number, now=hall.now) == "我的 急件"
    assert names(hall) == []
    assert trail_page(hall.session, subject=f"view:{number}")[0].tag == Tag.VIEW_DROPPED


@pytest.mark.parametrize("name", ["", "  ", "字" * (LONGEST_NAME + 1), "a\x07b"])
def test_a_name_is_a_name(hall: Hall, name: str) -> None:
    with pytest.raises(Refused) as refused:
        save(hall, name)

    assert refused.value.faults[0].path == "name"


def test_names_and_queries_have_their_bounds(hall: Hall) -> None:
    save(hall, "字" * LONGEST_NAME, "q" * LONGEST_QUERY)
    with pytest.raises(Refused, match="同名"):
        save(hall, "字" * LONGEST_NAME)
    for query in ("", "q" * (LONGEST_QUERY + 1)):
        with pytest.raises(Refused):
            save(hall, "另一个", query)
    # Another person's name is no hindrance.
    save(hall, "字" * LONGEST_NAME, who="district")


def test_one_has_as_many_as_one_may(hall: Hall) -> None:
    for number in range(MOST_VIEWS):
        save(hall, f"筛选{number}")
    with pytest.raises(MoveNotAllowed, match=str(MOST_VIEWS)):
        save(hall, "再一个")

    assert len(names(hall)) == MOST_VIEWS


def test_anothers_filter_is_not_there(hall: Hall) -> None:
    number = save(hall, "我的")
    for who, which in (("district", number), ("city", number + 1)):
        with pytest.raises(NotFound):
            drop_view(hall.session, hall.actor(who), which, now=hall.now)

    assert names(hall) == ["我的"]
