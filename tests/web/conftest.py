"""The real application over the small city, with a fixed clock. Tests of pages only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import seat_cast, sign_in_as
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import NOW, Ask, build_city, settings

from registry.app import create_app
from registry.web import db


@pytest.fixture(scope="session")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = build_city(tmp_path_factory.mktemp("web") / "city.sqlite")
    seat_cast(file, NOW)
    return file


@pytest.fixture(scope="session")
def app(city_file: Path) -> Iterator[Flask]:
    made = create_app(settings(city_file), clock=lambda: NOW)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which a reviewer of the city is signed in: every page of the books is open to him."""
    return sign_in_as(app, "city", NOW)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Ask for a page, in Chinese unless another language is named, and take it apart."""

    def asked(address: str, status: int = 200, lang: str = "zh") -> Page:
        answer = client.get(address, headers={"Accept-Language": lang})

        assert status == answer.status_code, answer.text
        return Page(answer.text)

    return asked
