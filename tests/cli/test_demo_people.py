"""`registry demo`: a link for each of its people, good once and until the next run; none where anybody real is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from make import firm
from people import NOW, PROGRAM
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.city.parameters import seed_file
from registry.cli.demo import demo
from registry.config import load_settings
from registry.domain.roles import ROLE_WORDS, Role
from registry.store.claims import Claim
from registry.store.engine import open_ready, writing
from registry.store.firms import Firm
from registry.store.people import Person
from registry.store.persons import person_by_email, seats_of
from registry.store.trail import trail_page
from registry.web import db
from registry.work.enrol import enrol
from registry.work.open_account import disable, open_account

URL = "sqlite:///registry.sqlite"
CAST = tomllib.loads(seed_file("people.toml").read_text("utf-8"))
LINE = re.compile(
    r"^  (\S+) [^·]+ · (\S+) · (.+)\n    http://127\.0\.0\.1:8000(/link/[A-Za-z0-9_-]{43})$", re.MULTILINE
)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", URL)


@pytest.fixture
def app() -> Iterator[Flask]:
    made = create_app(load_settings())
    yield made
    with made.app_context():
        db.engine.dispose()


def run() -> dict[str, str]:
    """Make the city, or look at it; return the links by the name of whom each lets in."""
    result = CliRunner().invoke(demo, ["--firms", "60"], catch_exceptions=False)

    assert result.exit_code == 0
    assert result.output.count("/link/") == len(LINE.findall(result.output))
    return {name: path for _role, name, _place, path in LINE.findall(result.output)}


def use(client: FlaskClient, path: str) -> int:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    return client.post(path, data={"csrf_token": found[1] if found else ""}).status_code


def test_each_of_the_cast_gets_a_link_that_lets_him_in_once(app: Flask) -> None:
    links = run()
    assert list(links) == [one["name"] for one in CAST["people"]]

    for name, path in links.items():
        client = app.test_client()
        assert name in client.get(path).text
        assert use(client, path) == 303
        # Staff of the demo city need no second factor: the link stands for all of it.
        home = client.get("/home", follow_redirects=True)
        assert home.status_code == 200 and "/account/duties" not in home.request.path
        assert client.get(path).status_code == 404
        assert use(app.test_client(), path) == 404


def test_the_list_says_who_sits_where() -> None:
    result = CliRunner().invoke(demo, ["--firms", "60"], catch_exceptions=False)
    found = LINE.findall(result.output)

    assert [role for role, *_rest in found] == [ROLE_WORDS[Role(one["role"])][0] for one in CAST["people"]]
    assert all(place.strip() for _role, _name, place, _path in found)


def test_running_it_again_makes_new_links_and_voids_the_earlier(app: Flask) -> None:
    first, second = run(), run()

    assert list(first) == list(second)
    assert not set(first.values()) & set(second.values())
    client = app.test_client()
    for name in first:
        assert client.get(first[name]).status_code == use(client, first[name]) == 404
        assert client.get(second[name]).status_code == 200


def test_nobody_is_seated_twice() -> None:
    run()
    engine = open_ready(URL)
    with Session(engine) as session:
        before = (session.scalar(select(func.count(Person.id))), session.scalar(select(func.count(Claim.id))))
    run()
    with Session(engine) as session:
        assert before == (session.scalar(select(func.count(Person.id))), session.scalar(select(func.count(Claim.id))))
        assert before == (len(CAST["people"]) + len(CAST["claims"]), len(CAST["claims"]))
        for row in CAST["people"]:
            person = person_by_email(session, row["email"])
            assert person and [seat.role for seat in seats_of(session, person.id, NOW.date())] == [row["role"]]
            assert person.password is None
        seating = ("person.created", "seat.granted", "link.made", "office.opened", "delegation.granted")
        assert {one.name for one in trail_page(session, limit=200) if one.tag in seating} == {"registry demo"}
    engine.dispose()


def test_two_claims_wait_for_their_districts() -> None:
    run()
    engine = open_ready(URL)
    with Session(engine) as session:
        query = (
            select(Claim, Person, Firm)
            .join(Person, Person.id == Claim.person_id)
            .outerjoin(Firm, Firm.uscc == Claim.uscc)
        )
        found = session.execute(query.order_by(Claim.id)).all()
        assert [(claim.state, person.email) for claim, person, _firm in found] == [
            ("open", one["email"]) for one in CAST["claims"]
        ]
        assert [claim.district for claim, _person, _firm in found] == [one["district"] for one in CAST["claims"]]
        # Of firms that are there, and whose seat nobody of the cast holds.
        assert all(firm is not None for _claim, _person, firm in found)
        assert len({claim.uscc for claim, _person, _firm in found}) == 2
    engine.dispose()


def test_nobody_gets_a_link_once_somebody_real_has_an_account(app: Flask) -> None:
    links = run()
    engine = open_ready(URL)
    with writing(engine) as session:
        open_account(session, email="real@city.example", name="真人", doer=PROGRAM, now=NOW)
    engine.dispose()

    assert run() == {}
    # Those that were printed before still run out by themselves.
    assert app.test_client().get(links["周启航"]).status_code == 200


def test_an_address_that_only_looks_like_the_demo_citys_is_real() -> None:
    run()
    engine = open_ready(URL)
    with writing(engine) as session:
        open_account(session, email="real@demo.example.com", name="真人", doer=PROGRAM, now=NOW)
    engine.dispose()

    assert run() == {}


def test_a_closed_account_gets_no_link() -> None:
    run()
    engine = open_ready(URL)
    with writing(engine) as session:
        person = person_by_email(session, "he@demo.example")
        assert person
        disable(session, person, doer=PROGRAM, now=NOW)
    engine.dispose()

    assert "何建国" not in run()


def test_over_real_firms_nobody_invented_is_seated_even_before_the_first_account() -> None:
    engine = open_ready(URL)
    with writing(engine) as session:
        enrol(session, [firm(1)], now=NOW, on=NOW.date(), source="企业名单")
    result = CliRunner().invoke(demo, [], catch_exceptions=False)

    assert "未作改动" in result.output and "/link/" not in result.output
    with Session(engine) as session:
        assert session.scalar(select(func.count(Person.id))) == 0
    engine.dispose()
