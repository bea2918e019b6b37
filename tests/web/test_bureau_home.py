"""The first page of the bureau's staff: targets, what waits where and how long, what ends, what is unanswered."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from casework import Hall
from hall_town import HallTown, hall_town
from publicity_cases import list_of, waiting_case
from sqlalchemy import event, select
from test_jobs_pages import ROW, run, send

from registry.store.cases import Application
from registry.store.jobs import Job
from registry.store.publicities import Publicity
from registry.web import db
from registry.web.bureau_home import bureau_home


def _under_way(hall: Hall) -> None:
    hall.hold("innovative", date(2024, 1, 15))
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    list_of(hall, [waiting_case(hall, 2)])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _under_way) as made:
        yield made


def main_of(page: str) -> str:
    return page.split("<main")[1].split('id="goes"')[0]


def test_staff_see_what_waits_where_and_since_when(town: HallTown) -> None:
    with town.rows() as session:
        cases = list(session.scalars(select(Application)))
        oldest = min(one.entered_at for one in cases).astimezone(town.clock.at.tzinfo).date()
    town.clock.at += timedelta(days=3)
    page = main_of(town.browser("city").get("/home"))
    days = (town.clock.at.date() - oldest).days
    assert f"{oldest} 起，{days} 天" in page
    assert "莱西市" in page and "2026 年目标" in page and "按已过天数推算，年末约" in page
    assert "案件在哪里" in main_of(town.browser("district").get("/home"))
    assert "没有在办的案件" in main_of(town.browser("other_district").get("/home"))
    english = main_of(town.browser("statistician", "en").get("/home"))
    assert "/publicities" not in english


def test_only_who_keeps_the_books_has_the_overview(town: HallTown) -> None:
    for who in ("applicant", "ecology"):
        assert 'id="where"' not in town.browser(who).get("/home")


def test_publicities_of_this_week_and_titles_about_to_expire_are_told(town: HallTown) -> None:
    with town.rows() as session:
        listed = session.scalars(select(Publicity)).one()
        title, last = listed.title, listed.last_day
    monday = last - timedelta(days=last.weekday())
    for day, expected in ((monday - timedelta(days=1), False), (monday, True), (monday + timedelta(days=6), True)):
        town.clock.at = town.clock.at.replace(year=day.year, month=day.month, day=day.day)
        assert (title in main_of(town.browser("city").get("/home"))) == expected, day
    town.clock.at = town.clock.at.replace(year=2026, month=10, day=16)
    assert "90 天内到期的称号</a><strong>1 个" in main_of(town.browser("district").get("/home"))
    town.clock.at = town.clock.at.replace(month=10, day=15)
    assert "90 天内到期的称号</a><span" in main_of(town.browser("district").get("/home"))


def test_failed_jobs_are_told_to_whoever_asked_for_them_for_a_week(town: HallTown) -> None:
    city = town.browser("city")
    send(city, ROW, name="名单.xlsx")
    run(town)
    assert "最近 7 天未能完成的任务" in city.get("/home")
    assert "最近 7 天未能完成的任务" not in town.browser("second_city").get("/home")
    with town.rows() as session:
        session.scalars(select(Job)).one().finished_at = town.clock.at - timedelta(days=7)
    assert "最近 7 天未能完成的任务" not in town.browser("city").get("/home")


def test_the_overview_costs_at_most_ten_look_ups(town: HallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    city = town.browser("city")
    city.get("/home")
    seen: list[str] = []
    cost: list[int] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    def counted() -> dict[str, Any]:
        before = len(seen)
        told = bureau_home()
        cost.append(len(seen) - before)
        return told

    monkeypatch.setattr("registry.web.home.bureau_home", counted)
    with town.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    city.get("/home")
    event.remove(engine, "before_cursor_execute", note)

    assert 0 < cost[0] <= 10
