"""The document of permissions is what the program does: it is made again and compared, and every part is asked for."""

import pytest
from flask import Flask

from registry.domain.permissions import PERMISSIONS
from registry.domain.roles import ROLE_WORDS, Role
from registry.web.access import may
from registry.web.permission_table import FILE, LETTERS, SYMBOLS, document_app, methods_of, permission_table, undeclared


@pytest.fixture(scope="module")
def app() -> Flask:
    return document_app()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.fixture(scope="module")
def lines(app: Flask) -> list[list[str]]:
    return [cells(line) for line in permission_table(app).splitlines() if line.startswith("|")]


def test_the_file_is_what_the_program_makes(app: Flask) -> None:
    made = permission_table(app)

    assert FILE.read_text("utf-8") == made, "run: python -m registry.web.permission_table"


def test_it_is_made_the_same_every_time(app: Flask) -> None:
    assert permission_table(app) == permission_table(document_app())


def test_every_permission_has_its_line_with_each_role_and_its_reach(lines: list[list[str]]) -> None:
    told = {line[0]: line for line in lines if len(line) == 5}
    for one in PERMISSIONS:
        line = told[f"`{one.key}`"]
        assert line[1] == " ".join(one.words)
        assert line[4] == " ".join(one.state).strip()
        said = set() if one.grants is None else set(line[2].split("<br>"))
        wanted = {
            f"{SYMBOLS[reach]} {LETTERS[role]} {' '.join(ROLE_WORDS[role])}"
            for role, reach in (one.grants or {}).items()
        }
        assert said == wanted, one.key


def test_every_route_has_its_line(app: Flask, lines: list[list[str]]) -> None:
    told = {(line[0], line[1].strip("`")) for line in lines if len(line) == 13}
    routes = {(" ".join(methods_of(rule)), rule.rule) for rule in app.url_map.iter_rules()}

    assert routes == told - {("方法", "网址 Address"), ("---", "---")}


def test_no_two_symbols_and_no_two_letters_are_the_same() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    assert len(set(LETTERS.values())) == len(LETTERS) == len(Role)


def test_no_cell_breaks_its_row(lines: list[list[str]]) -> None:
    assert {len(line) for line in lines} == {3, 5, 13}


def test_an_address_that_declares_nothing_cannot_be_written_down() -> None:
    app = document_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    assert undeclared(app) == ["forgotten"]
    with pytest.raises(LookupError, match="forgotten"):
        permission_table(app)


def test_another_address_or_another_permission_changes_the_document() -> None:
    app = document_app()
    app.add_url_rule("/more", "more", may("see_trail")(lambda: "more"))
    with_more = permission_table(app)
    app.view_functions["more"] = may("see_people")(lambda: "more")

    assert FILE.read_text("utf-8") != with_more != permission_table(app)
