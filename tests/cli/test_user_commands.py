"""`registry user`: accounts of the first administrators, the links that let them in, and what the trail says of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.cli.user import user_group
from registry.config import load_settings
from registry.domain.errors import MoveNotAllowed, NotFound, Refused, RegistryError
from registry.domain.trail import Entry
from registry.store.engine import open_ready
from registry.store.people import Person
from registry.store.sign_ins import Link, SignIn
from registry.store.trail import trail_page
from registry.web import db

URL = "sqlite:///registry.sqlite"
EMAIL, PASSWORD = "sys@city.example", "correct horse battery 9 Staple"
CREATE = ("create", EMAIL, "--name", "郑系统", "--role", "system_admin")
# The last administrator of a kind cannot be disabled.
SECOND = ("create", "qian@city.example", "--name", "钱系统", "--role", "system_admin")


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", URL)
    monkeypatch.setenv("REGISTRY_PUBLIC_URL", "https://registry.example")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("REGISTRY_PUBLIC_URL", "http://127.0.0.1:8000")
    made = create_app(load_settings())
    yield made
    with made.app_context():
        db.engine.dispose()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(user_group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | RegistryError):
        raise result.exception
    return result


def did(*arguments: str) -> Result:
    result = run(*arguments)

    assert result.exit_code == 0, (result.output, result.exception)
    return result


def fails(kind: type[RegistryError], *arguments: str) -> str:
    result = run(*arguments)

    assert isinstance(result.exception, kind), result.exception
    return str(result.exception)


def path_in(result: Result) -> str:
    found = re.search(r"^https?://[^/]+(/link/[A-Za-z0-9_-]{43})$", result.output, re.MULTILINE)
    assert found, result.output
    return found[1]


def entries() -> list[Entry]:
    engine = open_ready(URL)
    with Session(engine) as session:
        found = list(reversed(trail_page(session)))
    engine.dispose()
    return found


def told() -> list[tuple[str, str]]:
    return [(one.tag, one.name) for one in entries()]


def token_of(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def choose(client: FlaskClient, path: str, password: str = PASSWORD) -> int:
    """Open a link and choose a password; return the status."""
    boxes = {"csrf_token": token_of(client, "/sign-in"), "password": password, "again": password}
    return client.post(path, data=boxes).status_code


def sign_in(client: FlaskClient, password: str = PASSWORD) -> int:
    boxes = {"csrf_token": token_of(client, "/sign-in"), "email": EMAIL, "password": password}
    return client.post("/sign-in", data=boxes).status_code


def test_an_account_is_opened_and_seated_and_its_link_printed() -> None:
    result = did(*CREATE)

    assert f"{EMAIL}：已开立" in result.output
    assert result.output.count("https://registry.example/link/") == 1
    assert "三员须由三人分别担任" in result.stderr and "/link/" not in result.stderr
    assert told() == [(tag, "registry user create") for tag in ("person.created", "seat.granted", "link.made")]
    assert {one.seat for one in entries()} == {"program"}
    # The link itself stands nowhere but on the screen.
    secret = path_in(result).removeprefix("/link/")
    assert all(secret not in str(one) for one in entries())
    assert secret.encode() not in Path("registry.sqlite").read_bytes()


def test_nobody_is_told_that_three_are_needed_for_a_seat_of_one() -> None:
    result = did("create", "wu@city.example", "--name", "吴区审", "--role", "district_reviewer", "--at", "370285")

    assert "三员" not in result.output
    assert '"role":"district_reviewer"' in (entries()[1].after or "")


def test_the_link_works_once_and_the_password_then_signs_in(app: Flask) -> None:
    path = path_in(did(*CREATE))
    client = app.test_client()
    # Looking uses nothing up.
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]
    assert sign_in(client) == 422
    assert choose(client, path) == 303
    assert client.get(path).status_code == choose(client, path, PASSWORD + "x") == 404
    assert sign_in(client, PASSWORD + "x") == 422
    assert sign_in(client) == 303
    # An administrator without a second factor sees nothing else first.
    assert client.get("/people").location == "/account/duties"


def test_a_new_link_makes_the_one_before_good_for_nothing(app: Flask) -> None:
    first = path_in(did(*CREATE))
    second = path_in(did("link", f" {EMAIL.upper()} "))
    client = app.test_client()

    assert first != second
    assert client.get(first).status_code == 404
    assert choose(client, second) == 303
    assert ("link.made", "registry user link") in told()


def test_a_closed_account_is_out_at_once_and_may_be_opened_again(app: Flask) -> None:
    client = app.test_client()
    choose(client, path_in(did(*CREATE)))
    sign_in(client)
    waiting = path_in(did("link", EMAIL))
    assert client.get("/account/duties").status_code == 200
    assert "最后一位" in fails(MoveNotAllowed, "disable", EMAIL)
    did(*SECOND)
    assert "已停用" in did("disable", EMAIL).output

    assert client.get("/account/duties").location.startswith("/sign-in")
    assert client.get(waiting).status_code == 404
    assert sign_in(client) == 422
    assert "已停用" in fails(MoveNotAllowed, "disable", EMAIL)
    # A link would be printed that lets nobody in.
    assert "已停用" in fails(MoveNotAllowed, "link", EMAIL)

    assert "已启用" in did("enable", EMAIL).output
    assert "已启用" in fails(MoveNotAllowed, "enable", EMAIL)
    # What was ended stays ended.
    assert client.get("/account/duties").location.startswith("/sign-in")
    assert client.get(waiting).status_code == 404
    assert sign_in(client) == 303
    names = {tag: name for tag, name in told() if tag in ("person.disabled", "person.enabled", "session.ended")}
    assert names == {
        "person.disabled": "registry user disable",
        "person.enabled": "registry user enable",
        "session.ended": "registry user disable",
    }


def test_the_list_names_who_holds_which_seat_and_who_is_closed() -> None:
    did(*CREATE)
    did("create", "wu@city.example", "--name", "吴区审", "--role", "district_reviewer", "--at", "370285")
    did("create", "shui@city.example", "--name", "水协查", "--role", "department_officer", "--at", "tax")
    did("disable", "wu@city.example")
    lines = did("list").output.splitlines()

    assert [line.split("\t")[:3] for line in lines] == [
        ["shui@city.example", "水协查", "department_officer"],
        ["wu@city.example", "吴区审", "district_reviewer"],
        [EMAIL, "郑系统", "system_admin"],
    ]
    assert ["已停用" in line for line in lines] == [False, True, False]


def test_on_a_fresh_database_the_list_is_empty() -> None:
    assert did("list").output == ""


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({"--role": "system_admin", "--at": "370285"}, Refused, "--at"),
        ({"--role": "city_reviewer", "--at": "tax"}, Refused, "--at"),
        ({"--role": "district_reviewer"}, Refused, "office"),
        ({"--role": "district_reviewer", "--at": "tax"}, Refused, "office"),
        ({"--role": "department_officer", "--at": "370285"}, Refused, "office"),
        ({"--role": "auditor"}, Refused, "office"),
        ({"--role": "district_reviewer", "--at": "999999"}, NotFound, "999999"),
        ({"--name": " "}, Refused, "name"),
        ({"--name": "a\nb\x1b[2J"}, Refused, "name"),
    ],
    ids=str,
)
def test_a_wrong_place_or_name_opens_no_account(changes: dict[str, str], kind: type[RegistryError], word: str) -> None:
    stated = {"--name": "郑系统", "--role": "system_admin", **changes}

    assert word in fails(kind, "create", EMAIL, *(part for pair in stated.items() for part in pair))
    assert (told(), did("list").output) == ([], "")


@pytest.mark.parametrize("email", ["sys", "sys@", "a b@city.example", "sys@city.example\n"])
def test_what_is_no_address_opens_no_account(email: str) -> None:
    if email.strip() == EMAIL:
        did("create", email, *CREATE[2:])
        assert did("list").output.startswith(f"{EMAIL}\t")
        return

    assert "email" in fails(Refused, "create", email, *CREATE[2:])
    assert told() == []


def test_one_person_holds_one_key(app: Flask) -> None:
    """A second account for the same address is refused: seats that exclude each other are never one person's."""
    did(*CREATE)
    before = told()
    for role in ("security_admin", "audit_admin", "city_reviewer"):
        said = fails(Refused, "create", EMAIL.upper(), "--name", "郑系统", "--role", role)
        assert "已有账户" in said

    assert told() == before


def test_an_applicant_is_not_made_here() -> None:
    result = run("create", EMAIL, "--name", "凌经办", "--role", "applicant")

    assert result.exit_code == 2 and "applicant" in result.output


@pytest.mark.parametrize("command", ["link", "disable", "enable"])
def test_an_account_that_is_not_there_is_named(command: str) -> None:
    assert "nobody@city.example" in fails(NotFound, command, "nobody@city.example")


def test_no_command_takes_or_shows_a_password(app: Flask) -> None:
    choose(app.test_client(), path_in(did(*CREATE)))
    engine = open_ready(URL)
    with Session(engine) as session:
        hashed = session.scalars(select(Person.password)).one()
        kept = [*session.scalars(select(Link.token_hash)), *session.scalars(select(SignIn.token_hash))]
    engine.dispose()
    did(*SECOND)
    shown = "".join(
        did(*one).output for one in (("list",), ("link", EMAIL), ("disable", EMAIL), ("enable", EMAIL), ("--help",))
    )

    assert hashed and hashed.startswith("$argon2id$")
    for secret in (hashed, PASSWORD, *kept):
        assert secret not in shown
    options = [name for command in user_group.commands.values() for one in command.params for name in one.opts]
    assert not [name for name in options if "pass" in name]
