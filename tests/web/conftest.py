"""The real application with a fixed clock: over the small city, which is only read, or over one of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import seat_cast, sign_in_as
from desk import Desk, Sit, build_desk, desk_over
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import NOW, Ask, build_city, settings
from towns import Town, build_town, town_over

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


@pytest.fixture(scope="session")
def built_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_desk(tmp_path_factory.mktemp("desk") / "built.sqlite")


@pytest.fixture
def desk_app(built_desk: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application over the administrators' desk, for one test."""
    with desk_over(built_desk, tmp_path) as made:
        yield made


@pytest.fixture
def sit(desk_app: Flask) -> Sit:
    """Sign somebody of the desk's cast in."""
    return lambda handle: Desk(desk_app, handle)


@pytest.fixture(scope="session")
def built_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_town(tmp_path_factory.mktemp("town") / "built.sqlite")


@pytest.fixture
def town(built_town: Path, tmp_path: Path) -> Iterator[Town]:
    """A town in which people sign in by the pages, for one test."""
    with town_over(built_town, tmp_path) as made:
        yield made
