"""The registry beside an issuer, and people who come in through it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from small_city import NOW, settings
from sso_issuer import CLIENT, DOER, SECRET, Browser, Clock, Issuer

from registry.app import create_app
from registry.domain.roles import Role
from registry.store.engine import open_ready, writing
from registry.web import db
from registry.work.open_account import disable, open_account
from registry.work.seat import grant, office_at


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def people_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("oidc") / "people.sqlite"
    engine = open_ready(f"sqlite:///{file}")
    with writing(engine) as session:
        reviewer = open_account(session, email="reviewer@example.com", name="何审核", doer=DOER, now=NOW)
        grant(session, reviewer, Role.DISTRICT_REVIEWER, office=office_at(session, "370285"), doer=DOER, now=NOW)
        open_account(session, email="clerk@example.com", name="凌经办", doer=DOER, now=NOW)
        gone = open_account(session, email="gone@example.com", name="钱离任", doer=DOER, now=NOW)
        disable(session, gone, doer=DOER, now=NOW)
    engine.dispose()
    return file


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(people_file: Path, tmp_path: Path, issuer: Issuer, clock: Clock) -> Iterator[Flask]:
    told = {"oidc_issuer": issuer.address, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    file = shutil.copy(people_file, tmp_path / "people.sqlite")
    made = create_app(settings(file, **told), clock=lambda: clock.now)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def browser(app: Flask, issuer: Issuer) -> Browser:
    return Browser(app, issuer)
