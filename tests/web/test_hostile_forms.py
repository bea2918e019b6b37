"""The form of the self-check, and pages beside it, withstand whatever is typed or sent."""

from urllib.parse import quote

import pytest
from checked_form import CASE, token_of
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_city import FIRM

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS
from registry.web.check_form import ROWS

NAMES = (
    *CASE,
    *(f"facts.{key}" for key in FIRM_FACTS),
    *(f"facts.{key}.none" for key in ("titles", "awards", "banned_until", "serious_incident_on")),
    *(f"facts.{key}-{row}.{part}" for key in ROWS for row in (0, 2, 9) for part in ENTRY_FACTS[key]),
    *(f"years.{year}.{key}" for year in (1949, 2022, 2024, 2025, 9999) for key in YEAR_FACTS),
    "lang",
    "facts.nothing",
    "years..",
)
HOSTILE_TEXTS = [
    "\x00",
    "０",
    "٣",
    "½",
    "१२",
    "1e999999999",
    "{{7*7}}",
    "%(x)s",
    "%s%n",
    "<script>",
    "'\"&",
    "2024-02-29",
    "0001-01-01",
    "true",
    "false",
    "none",
    "new",
    "re_review",
    "specialized",
    "little_giant",
    "national",
    "50",
    "370202",
    "3451",
]
TEXTS = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
    st.integers(-(10**22), 10**22).map(str),
    st.decimals(allow_nan=True, allow_infinity=True, places=3).map(str),
    st.dates().map(str),
    st.sampled_from(["", " ", *HOSTILE_TEXTS]),
)
KINDS_OF_BODY = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "application/json",
    "",
)
SHORT = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def typist(app: Flask) -> tuple[FlaskClient, str]:
    """A client and the token of its form, for many posts."""
    client = app.test_client()
    return client, token_of(client)


@settings(SHORT, max_examples=300)
@given(
    typed=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=12),
    days=st.sampled_from([{}, {"on": "2023-05-10"}, {"on": "2025-05-10"}, {"on": "2026-11-24"}]),
    lang=st.sampled_from(["zh", "en"]),
)
def test_nothing_that_is_typed_breaks_the_form(
    typist: tuple[FlaskClient, str], typed: dict[str, str], days: dict[str, str], lang: str
) -> None:
    client, token = typist
    answer = client.post(f"/check?lang={lang}", data={"csrf_token": token, **CASE, **typed, **days})

    assert answer.status_code in (200, 422)
    assert "<script" not in answer.text


@settings(SHORT, max_examples=60)
@given(body=st.binary(max_size=200), kind=st.sampled_from(KINDS_OF_BODY))
def test_no_body_breaks_the_form(typist: tuple[FlaskClient, str], body: bytes, kind: str) -> None:
    client, token = typist
    answer = client.post("/check", data=body, content_type=kind, headers={"X-CSRFToken": token})

    assert answer.status_code < 500


@settings(SHORT, max_examples=150)
@given(
    path=st.sampled_from(["/", "/firms", FIRM, f"{FIRM}/assessment/specialized", "/check"]),
    query=st.dictionaries(
        st.sampled_from(["on", "tier", "kind", "district", "q", "after", "new", "lang", "x", "_external"]),
        TEXTS,
        max_size=4,
    ),
)
def test_no_query_breaks_a_page(client: FlaskClient, path: str, query: dict[str, str]) -> None:
    answer = client.get(path, query_string=query)

    assert answer.status_code in (200, 400)
    assert "<script" not in answer.text


@settings(SHORT, max_examples=100)
@given(
    part=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=30),
    after=st.sampled_from(["", "/assessment/specialized"]),
)
def test_no_code_breaks_the_page_of_a_firm(client: FlaskClient, part: str, after: str) -> None:
    answer = client.get(f"/firms/{quote(part, safe='')}{after}")

    assert answer.status_code in (301, 308, 404)
