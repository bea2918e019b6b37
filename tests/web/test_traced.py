"""Whatever is changed is traced in the same transaction: the deed and its entry stand or fall together."""

import importlib
import pkgutil
from types import SimpleNamespace
from typing import Any

import pytest
from matrix_build import fixture_city  # noqa: F401
from matrix_city import City
from matrix_examples import examples
from matrix_objects import address_of, things_of
from matrix_thing import Example
from sqlalchemy import func, select
from structlog.testing import capture_logs
from test_matrix import changes_of, digests, fingerprint, routes
from werkzeug.test import TestResponse

import registry.web
import registry.work
from registry.store.trail import TRAIL, trail_page
from registry.web import passkeys
from registry.work import trace

pytestmark = pytest.mark.slow

# The first thing of the address is not always one that the deed goes with.
THINGS = {"people.enable_account": 2}


# That somebody read what he was told stands with the notice itself, and nowhere else.
UNTRACED = {"notices.open_one": "notice", "notices.read_all": "notice"}
# No update is asked for in the year of this city; that one is traced is shown where there is one (test_papers_pages).
NOT_NOW = {"papers.file": 409}


def posts(city: City) -> list[str]:
    return [rule.endpoint for rule, method, _asked in routes(city) if method == "POST"]


def send(city: City, endpoint: str, example: Example) -> TestResponse:
    (rule,) = city.app.url_map.iter_rules(endpoint)
    thing = things_of(city, endpoint, rule.arguments)[THINGS.get(endpoint, 0)]
    address = address_of(city, endpoint, thing)
    cookie = city.cookie(example.who, **example.cookie)
    # A failure is told with all that led to it, which takes a second each.
    with capture_logs():
        return city.ask(example.who, "POST", address, {**example.form, **thing.form}, cookie=cookie, **example.more)


def entries(city: City) -> int:
    with city.rows() as session:
        return session.scalar(select(func.count()).select_from(TRAIL)) or 0


@pytest.fixture(autouse=True)
def _passkeys_are_good(monkeypatch: pytest.MonkeyPatch, city: City) -> None:
    """What a device would say is taken for right: not its proof is tried here, but what follows from it."""
    made = SimpleNamespace(credential_id=b"new", credential_public_key=b"k", sign_count=0, new_sign_count=1)
    said = SimpleNamespace(raw_id=b"city")
    monkeypatch.setattr(passkeys.webauthn, "verify_registration_response", lambda **_told: made)
    monkeypatch.setattr(passkeys.webauthn, "verify_authentication_response", lambda **_told: made)
    monkeypatch.setattr(passkeys, "parse_registration_credential_json", lambda _text: said)
    monkeypatch.setattr(passkeys, "parse_authentication_credential_json", lambda _text: said)


def test_every_change_leaves_an_entry_that_names_who_and_from_where(city: City) -> None:
    wrong = []
    for endpoint in posts(city):
        city.restore()
        example, before = examples(city)[endpoint], entries(city)
        whole, head = fingerprint(city.file), changes_of(city.file)
        answer = send(city, endpoint, example)
        if endpoint in NOT_NOW:
            if (answer.status_code, changes_of(city.file)) != (NOT_NOW[endpoint], head):
                wrong.append(f"{endpoint}: {answer.status_code}")
        elif endpoint in UNTRACED:
            wrong += touched(city, endpoint)
        elif answer.status_code not in (200, 303):
            wrong.append(f"{endpoint}: not a valid example: {answer.status_code}")
        elif not example.changes:
            if changes_of(city.file) != head:
                wrong.append(f"{endpoint}: changed something")
        else:
            wrong += not_traced(city, endpoint, example, before, whole)

    assert wrong == []


def touched(city: City, endpoint: str) -> list[str]:
    """Return in which tables something changed besides the one that may."""
    changed = [table for table, rows in digests(city.file).items() if rows != digests(city.master)[table]]
    return [] if changed == [UNTRACED[endpoint]] else [f"{endpoint}: {changed}"]


def not_traced(city: City, endpoint: str, example: Example, before: int, whole: str) -> list[str]:
    with city.rows() as session:
        new = trail_page(session, limit=entries(city) - before) if entries(city) > before else []
    if not new:
        return [f"{endpoint}: left no entry (changed: {fingerprint(city.file) != whole})"]
    if any(entry.address != "127.0.0.1" or len(entry.request_id) != 16 for entry in new):
        return [f"{endpoint}: {new}"]
    if example.who != "anonymous" and {entry.person_id for entry in new} != {city.ids[example.who]}:
        return [f"{endpoint}: another is named: {new}"]
    return []


class Untraceable(Exception):
    """Nothing can be traced."""


def break_record(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make tracing fail wherever a module took it from; return in how many."""

    def fails(*_args: Any, **_told: Any) -> None:
        raise Untraceable

    broken = 0
    for package in (registry.work, registry.web):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            # What runs on Spark is not there without Spark, and traces nothing.
            if found.name == "registry.work.run_on_spark":
                continue
            module = importlib.import_module(found.name)
            for name, value in list(vars(module).items()):
                if value is trace.record and module is not trace:
                    monkeypatch.setattr(module, name, fails)
                    broken += 1
    return broken


def refuse_entries(city: City) -> None:
    with city.rows() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )


@pytest.mark.parametrize("way", ["the program fails", "the database refuses"])
def test_what_cannot_be_traced_is_not_done(city: City, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    city.restore()
    monkeypatch.setitem(city.app.config, "PROPAGATE_EXCEPTIONS", False)
    if way == "the program fails":
        assert break_record(monkeypatch) >= 10
    wrong = []
    for endpoint in posts(city):
        example = examples(city)[endpoint]
        if not example.changes or endpoint in UNTRACED or endpoint in NOT_NOW:
            continue
        city.restore()
        if way == "the database refuses":
            refuse_entries(city)
        before = changes_of(city.file), fingerprint(city.file)
        answer = send(city, endpoint, example)
        if answer.status_code != 500 or (changes_of(city.file), fingerprint(city.file)) != before:
            wrong.append(f"{endpoint}: {answer.status_code}")
    city.restore()

    assert wrong == []


def test_a_deed_that_fails_after_it_was_traced_leaves_neither(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail of an invitation cannot be written: then nobody was invited, and nothing says so."""
    city.restore()
    monkeypatch.setitem(city.app.config, "PROPAGATE_EXCEPTIONS", False)
    for name, endpoint in (("write_invitation", "firm_people.send"), ("answer", "claims.confirm")):
        room = importlib.import_module(f"registry.web.{endpoint.partition('.')[0]}")
        monkeypatch.setattr(room, name, lambda *_args, **_told: 1 / 0)
        before = changes_of(city.file)
        answer = send(city, endpoint, examples(city)[endpoint])

        assert answer.status_code == 500
        assert changes_of(city.file) == before
