"""Looking writes nothing: no page that is got changes a table, but for the entry that says what was handed out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from matrix_build import fixture_city  # noqa: F401
from matrix_city import KINDS, City
from matrix_objects import QUESTIONS, address_of, things_of
from sqlalchemy import event
from test_matrix import admitted, changes_of, reaches, routes

from registry.domain.trail import Tag
from registry.store.trail import trail_page
from registry.web import db

pytestmark = pytest.mark.slow

# What is handed out as a file, and therefore traced; and as what. What is public is nobody's to trace.
_MADE = (
    *("books.counts_file", "watching.file", "trail.file", "figures_book.template"),
    *("desk_cases.export", "announcements.file", "certificates.file", "jobs.file"),
)
_SEEN = ("evidence.download", "objections.download")
EXPORTS = {**dict.fromkeys(_MADE, Tag.DATA_EXPORTED), **dict.fromkeys(_SEEN, Tag.EVIDENCE_SEEN)}
# Who between them may look at every page; everybody else's turn comes in the long proof.
FIRST = (
    "anonymous",
    "half",
    "applicant",
    "district",
    "city",
    "auditor",
    "department",
    "system_admin",
    "security_admin",
    "audit_admin",
)
# Where a certificate is looked up, that it was is noted: one row of one table, and who looked is not in it.
LOOK_UPS = ("verify.certificate", "api.verification")
BY_QUESTION = "verify.form"


@contextmanager
def written(app: Flask) -> Iterator[list[str]]:
    """Note every statement that changes anything."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        first = statement.lstrip().split(None, 1)[0].upper()
        # A transaction that writes is counted as well, and so is everything that is none of the known ways to read.
        if first not in ("SELECT", "WITH", "PRAGMA", "BEGIN", "ROLLBACK") or "IMMEDIATE" in statement:
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def looks(city: City, who: str) -> Iterator[tuple[str, str]]:
    """Yield every endpoint that somebody may look at, with each address of it that is there for him."""
    for rule, method, asked in routes(city):
        if method != "GET" or not admitted(KINDS[who], asked):
            continue
        for thing in things_of(city, rule.endpoint, rule.arguments, who):
            if reaches(who, KINDS[who], asked, thing):
                address = address_of(city, rule.endpoint, thing)
                yield rule.endpoint, address
                yield from ((rule.endpoint, f"{address}?{question}") for question in QUESTIONS.get(rule.endpoint, ()))


def last_entries(city: City, count: int = 2) -> list[Any]:
    with city.rows() as session:
        return trail_page(session, limit=count)


def is_one_look(found: list[str]) -> bool:
    """Say whether nothing was written but that a certificate was looked up."""
    done = [one for one in found if not one.startswith(("BEGIN", "COMMIT"))]
    return len(done) == 1 and done[0].startswith("INSERT INTO certificate_look ")


@pytest.mark.parametrize("who", [who if who in FIRST else pytest.param(who, marks=pytest.mark.long) for who in KINDS])
def test_looking_changes_no_table(city: City, who: str) -> None:
    city.restore()
    wrong = []
    for endpoint, address in looks(city, who):
        before = changes_of(city.file)
        (last,) = last_entries(city, 1)
        with written(city.app) as found:
            answer = city.ask(who, "GET", address)
        assert answer.status_code < 500 or endpoint == "oidc.start", address
        if endpoint in EXPORTS and answer.status_code == 200:
            newest, one_before = last_entries(city)
            one_insert = [one for one in found if one.startswith("INSERT")]
            if len(one_insert) != 1 or one_before.seq != last.seq or newest.tag != EXPORTS[endpoint]:
                wrong.append(f"{address}: {found} {newest}")
        elif answer.status_code == 200 and (endpoint in LOOK_UPS or (endpoint == BY_QUESTION and found)):
            if last_entries(city, 1) != [last] or not is_one_look(found):
                wrong.append(f"{address}: {found}")
        elif found or changes_of(city.file) != before:
            wrong.append(f"{address}: {found}")

    assert wrong == []


def test_every_page_was_looked_at_by_somebody(city: City) -> None:
    pages = {rule.endpoint for rule, method, _asked in routes(city) if method == "GET"}
    seen = {endpoint for who in FIRST for endpoint, _address in looks(city, who)}

    assert seen == pages
    assert pages >= EXPORTS.keys() | {*LOOK_UPS, BY_QUESTION}


@pytest.mark.parametrize("address", ["/counts.csv", "/watch/pool.json", "/cases/export.xlsx?tab=all", "/trail.csv"])
def test_an_export_that_cannot_be_traced_is_not_handed_out(city: City, address: str) -> None:
    city.restore()
    with city.rows() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    city.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = city.ask("audit_admin" if "trail" in address else "city", "GET", address)
    city.restore()

    assert answer.status_code == 500
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_whoever_asks_for_the_headers_of_an_export_takes_nothing_away(city: City) -> None:
    city.restore()
    before = changes_of(city.file)
    for who, address in (("city", "/counts.csv"), ("city", "/watch/pool.json"), ("audit_admin", "/trail.csv")):
        answer = city.ask(who, "HEAD", address)
        assert (answer.status_code, answer.data) == (200, b"")

    assert changes_of(city.file) == before
