"""A whole register with casework, moved from SQLite to PostgreSQL by a backup: everything it tells stays the same."""

from datetime import date
from pathlib import Path

import pytest
from casework import MONDAY, hall_again, open_hall
from crowd import crowd
from moved_register import move
from told_lists import FEW

from registry.store.engine import open_engine, open_ready, writing
from registry.work.back_up import back_up
from registry.work.publish import freeze
from registry.work.restore import restore


@pytest.mark.long
@pytest.mark.postgresql
@pytest.mark.timeout(900)
def test_a_register_that_moved_to_postgresql_tells_the_same(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue("server")
    large = server.create()

    assert "lists" in move(f"sqlite:///{tmp_path / 'small.sqlite'}", large, tmp_path, 400, FEW)
    server.drop(large)


@pytest.mark.postgresql
def test_a_register_moves_from_sqlite_to_postgresql_and_back(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue("server")
    small, large = open_ready(f"sqlite:///{tmp_path / 'small.sqlite'}"), server.create()
    with writing(small) as session:
        hall = open_hall(session)
        crowd(session, hall, 3)
        # Its rows are checked against it only at the end of the transaction.
        hall.hold("innovative")
        told = {"title": "2025年统计", "source": "测试", "author": "test", "now": MONDAY, "today": MONDAY.date()}
        freeze(session, 2025, date(2025, 12, 31), **told)
    there, back = tmp_path / "there.backup", tmp_path / "back.backup"
    manifest = back_up(small, None, there, now=MONDAY)
    city = open_engine(large)
    restore(city, None, there)
    with writing(city) as session:
        crowd(session, hall_again(session), 1, first=5000)
    returned = back_up(city, None, back, now=MONDAY)
    again = open_engine(f"sqlite:///{tmp_path / 'again.sqlite'}")
    restore(again, None, back)

    assert returned.tables["application"].rows == manifest.tables["application"].rows + 1
    assert returned.tables["publication_row"].rows > 0
    assert returned.tables["calendar_day"].sha256 == manifest.tables["calendar_day"].sha256
    for one in (small, city, again):
        one.dispose()
    server.drop(large)
