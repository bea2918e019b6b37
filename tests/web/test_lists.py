"""Lists ask the database as often for ten firms as for two hundred."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clients import seat_cast, sign_in_as
from flask import Flask
from flask.testing import FlaskClient
from small_city import FIRM, NOW, build_city, settings
from sqlalchemy import event

from registry.app import create_app
from registry.web import db


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "address", ["/", "/firms", "/firms?tier=specialized&change=new&on=2025-12-31", "/firms?q=示例", FIRM]
)
def test_a_page_asks_as_often_for_few_firms_as_for_many(tmp_path: Path, address: str) -> None:
    asked = {}
    for size in (10, 200):
        file = build_city(tmp_path / f"{size}.sqlite", size)
        seat_cast(file, NOW)
        made = create_app(settings(file), clock=lambda: NOW)
        client = sign_in_as(made, "city", NOW)
        with counted(made) as statements:
            assert client.get(address).status_code == 200
        asked[size] = len([one for one in statements if one.startswith("SELECT")])
        with made.app_context():
            db.engine.dispose()

    assert asked[10] == asked[200] <= 20


def test_no_page_changes_anything(app: Flask, client: FlaskClient) -> None:
    with counted(app) as statements:
        for address in ("/", "/firms", FIRM, f"{FIRM}/assessment/specialized", "/check"):
            assert client.get(address).status_code == 200

    assert {"SELECT", "BEGIN"} >= {one.split()[0] for one in statements}
