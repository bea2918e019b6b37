"""A whole register with casework, moved from SQLite to PostgreSQL by a backup: everything it tells stays the same."""

from pathlib import Path

import pytest
from moved_register import move
from told_lists import FEW


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(900)
def test_a_register_that_moved_to_postgresql_tells_the_same(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue("server")
    large = server.create()

    assert "lists" in move(f"sqlite:///{tmp_path / 'small.sqlite'}", large, tmp_path, 400, FEW)
    server.drop(large)
