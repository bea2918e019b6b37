"""What a page costs: how often a list asks the database, and how much a first visit loads. Counted, not timed."""

import gzip
import re
import sqlite3

import pytest
from desk import counted_queries
from matrix_build import fixture_city  # noqa: F401
from matrix_city import KINDS, City
from matrix_objects import address_of, things_of
from test_matrix import admitted, reaches, routes

from registry.policy.watch_lists import watch_lists

pytestmark = pytest.mark.slow

MOST_QUERIES = 8
# Bytes, of everything that a page loads at the first visit, each file by itself compressed as a proxy does it.
MOST_BYTES = 150_000
# Lists of the bureau and of its desk, of firms, and of what is public; with somebody who works with it.
LISTS = {
    "announcements.announcements": "city",
    "announcements.listed": "anonymous",
    "applications.mine": "applicant",
    "books.counts": "city",
    "books.targets": "district",
    "bureau.firms": "city",
    "certificates.certificates": "applicant",
    "claims.waiting": "district",
    "desk_cases.cases": "district",
    "evidence.files": "applicant",
    "filings.mine": "district",
    "firm_people.people": "applicant",
    "imports_desk.imports": "city",
    "inquiries.mine": "department",
    "inquiries.overview": "district",
    "jobs.jobs": "district",
    "notices.mine": "applicant",
    "offices.offices": "system_admin",
    "open_data.about": "anonymous",
    "outcomes.outcomes": "city",
    "papers.changes": "applicant",
    "papers_desk.papers": "district",
    "people.people": "system_admin",
    "public_lists.listed": "anonymous",
    "public_lists.lists": "anonymous",
    "publications.published": "city",
    "publicities.listed": "district",
    "publicities.lists": "district",
    "register.titles": "anonymous",
    "revocations.revocations": "district",
    "samples.audits": "auditor",
    "samples.samples": "city",
    "screenings.screenings": "district",
    "self_assessments.kept": "applicant",
    "tiers.tiers": "anonymous",
    "ties.groups": "security_admin",
    "ties.ties": "district",
    "tokens.tokens": "system_admin",
    "trail.search": "audit_admin",
    "watching.entries": "district",
    "watching.lists": "district",
    "windows.windows": "city",
}
# Whoever first asks for one of these after the books changed has the register judged, table by table and rung by rung.
JUDGED = {"falling_below": 12, "reaching_next": 15}
_LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
_FOLLOWED = re.compile(rb"url\(['\"]?(?!['\"]?data:)([^)'\"]+)")


def address(city: City, endpoint: str, who: str) -> str:
    """Return the first address of a page that is there for somebody."""
    (rule,) = (rule for rule, method, _asked in routes(city) if rule.endpoint == endpoint and method == "GET")
    asked = city.app.view_functions[endpoint].permission  # type: ignore[attr-defined]
    assert admitted(KINDS[who], asked), endpoint
    things = things_of(city, endpoint, rule.arguments, who)
    return next(address_of(city, endpoint, one) for one in things if reaches(who, KINDS[who], asked, one))


def queries(city: City, endpoint: str, who: str) -> list[str]:
    """Return what a page asks the database, whoever is signed in included."""
    with counted_queries(city.app) as asked:
        assert city.ask(who, "GET", address(city, endpoint, who)).status_code == 200
    return asked


@pytest.fixture(autouse=True)
def _as_built(city: City) -> None:
    city.restore()


def test_no_list_asks_the_database_more_than_eight_times(city: City) -> None:
    asked = {endpoint: len(queries(city, endpoint, who)) for endpoint, who in LISTS.items()}

    assert {endpoint: count for endpoint, count in asked.items() if count > MOST_QUERIES} == {}


def test_no_watch_list_asks_more_often_either_once_the_register_was_judged_for_it(city: City) -> None:
    first, again = {}, {}
    for key in watch_lists():
        for asked in (first, again):
            with counted_queries(city.app) as found:
                assert city.ask("district", "GET", f"/watch/{key}").status_code == 200
            asked[key] = len(found)

    assert {key: count for key, count in again.items() if count > MOST_QUERIES} == {}
    assert {key: count for key, count in first.items() if count > JUDGED.get(key, MOST_QUERIES)} == {}


def weight_of(city: City, place: str) -> int:
    """Return what a file of ours weighs compressed."""
    answer = city.ask("anonymous", "GET", place)
    assert answer.status_code == 200, place
    # Fonts and pictures would be loaded by a style in turn: none is.
    assert not (place.endswith(".css") and _FOLLOWED.findall(answer.data)), place
    return len(gzip.compress(answer.data))


def test_a_first_visit_loads_at_most_150_kilobytes_but_for_charts(city: City) -> None:
    pages = {
        **LISTS,
        "public.front": "anonymous",
        "public.check": "anonymous",
        "home.home": "city",
        "books.dashboard": "city",
        "bureau.firm": "city",
        "bureau.assessment": "city",
        "cases.case": "district",
        "firm_home.firm": "applicant",
        "profile.part": "applicant",
        "applications.check": "applicant",
        "sign_in.sign_in": "anonymous",
        "open_data.statistics": "anonymous",
        "papers_desk.report": "district",
    }
    heavy, with_charts = {}, set()
    files: dict[str, int] = {}
    for endpoint, who in pages.items():
        answer = city.ask(who, "GET", address(city, endpoint, who))
        assert answer.status_code == 200, endpoint
        weight = len(gzip.compress(answer.data))
        for place in set(_LOADED.findall(answer.text)):
            if "/echarts/" in place:
                with_charts.add(endpoint)
                continue
            files[place] = files.get(place) or weight_of(city, place)
            weight += files[place]
        if weight > MOST_BYTES:
            heavy[endpoint] = weight

    assert heavy == {}
    assert with_charts == {"books.dashboard", "open_data.statistics"}


def test_firms_of_a_page_are_looked_up_and_nobody_else_is_walked_through(city: City) -> None:
    """SQLite would walk everybody who holds a title, or every seat there is, where an index of the firm is at hand."""
    walked, lookups = set(), 0
    connection = sqlite3.connect(city.file)
    for endpoint, who in LISTS.items():
        for statement in queries(city, endpoint, who):
            asks_of_firms = "standing_span.firm_id IN (?" in statement
            lookups += asks_of_firms
            # What the plan is does not depend on the values.
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
            steps = " | ".join(row[3] for row in plan)
            if "SCAN seat LEFT" in steps or (asks_of_firms and "ix_standing_span_stock" in steps):
                walked.add((endpoint, steps))
    connection.close()

    assert lookups

    assert walked == set()
