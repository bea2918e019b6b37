"""The public register of titles: who is on it on which day, how it is searched, and what it never shows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from small_city import HOSTILE, NOW, settings
from sqlalchemy import event

from registry.app import create_app
from registry.web import db

BEARING = "青岛示例轴承有限公司"


@pytest.fixture(scope="module")
def app(city_file: Path) -> Iterator[Flask]:
    """The small city, asked by one address as often as these tests do."""
    made = create_app(settings(city_file, rate_limit="100000 per minute"), clock=lambda: NOW)
    yield made
    with made.app_context():
        db.engine.dispose()


@contextmanager
def counted(app: Flask) -> Any:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def look(client: FlaskClient, address: str, status: int = 200, **query: str) -> Page:
    answer = client.get(address, query_string=query or None, headers={"Accept-Language": "zh"})

    assert status == answer.status_code, answer.text
    return Page(answer.text)


def listed(client: FlaskClient, **query: str) -> list[str]:
    """Return the codes of the firms on a page."""
    page = look(client, "/titles", **query)
    return [link.split("/")[2].split("?")[0] for link in page.links if link.startswith("/titles/9")]


def test_the_register_has_who_holds_a_title_today_and_nobody_else(stranger: FlaskClient) -> None:
    codes = listed(stranger)

    assert len(codes) == 50 and codes == sorted(codes)
    assert code(1) in codes and code(2) in codes and code(3) not in codes
    more = look(stranger, "/titles").links
    (following,) = {link for link in more if "after=" in link and "lang=" not in link}
    rest = [link.split("/")[2] for link in look(stranger, following).links if link.startswith("/titles/9")]
    assert len(rest) == 22 and not set(rest) & set(codes)


def test_the_register_is_searched_by_name_pinyin_initials_and_code(stranger: FlaskClient) -> None:
    for typed in (
        "轴承",
        "zhoucheng",
        "zc",
        "qdslzc",
        "ZHOUCH",
        "轴 承",
        BEARING,
        code(1),
        code(1).lower(),
        code(1)[:17],
    ):
        assert listed(stranger, q=typed) == [code(1)], typed
    for typed in ("空白", "kongbai", "承轴", "%", "91370999"):
        assert listed(stranger, q=typed) == [], typed
    assert len(listed(stranger, q="示例")) == 50


def test_tier_district_and_day_narrow(stranger: FlaskClient) -> None:
    assert listed(stranger, tier="innovative") == [code(1)]
    assert listed(stranger, tier="little_giant") == []
    assert listed(stranger, district="370202") == listed(stranger, district="370202", q="alert") == [code(2)]
    assert listed(stranger, district="370285", q="alert") == []
    # Recognised on 2025-04-10, the last valid day is 2028-04-09; the innovative title ends on 2028-10-16.
    for query in ({}, {"q": "轴承"}):
        assert listed(stranger, on="2028-04-09", tier="specialized", district="370285", **query) == [code(1)]
        assert listed(stranger, on="2028-04-10", tier="specialized", district="370285", **query) == []
        assert listed(stranger, on="2028-10-16", district="370285", **query) == [code(1)]
        assert listed(stranger, on="2028-10-17", district="370285", **query) == []


def test_pages_of_a_search_follow_one_another(stranger: FlaskClient) -> None:
    seen: list[str] = []
    address = "/titles?q=示例第"
    while address:
        links = look(stranger, address).links
        seen += [link.split("/")[2] for link in links if link.startswith("/titles/9")]
        address = next((link for link in links if "after=" in link and "lang=" not in link), "")

    assert sorted(seen) == sorted(code(number) for number in range(10, 80))


@pytest.mark.parametrize(
    "query",
    [
        {"tier": "above_scale"},
        {"tier": "any"},
        {"district": "1"},
        {"on": "2025-02-30"},
        {"after": "!"},
        {"after": "9" * 19},
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(stranger: FlaskClient, query: dict[str, str]) -> None:
    look(stranger, "/titles", 400, **query)


@pytest.mark.parametrize("after", ["0", "999999999999999999", "ZZZZ", "９"])
@pytest.mark.parametrize("typed", ["", "示例", "91"])
def test_any_place_is_borne(stranger: FlaskClient, typed: str, after: str) -> None:
    assert stranger.get("/titles", query_string={"q": typed, "after": after}).status_code in (200, 400)


def test_what_is_typed_is_shown_as_text(stranger: FlaskClient) -> None:
    page = look(stranger, "/titles", q='"><script>alert(1)</script>')

    assert "<script>alert(1)" not in page.source and page.value_of("q") == '"><script>alert(1)</script>'
    assert HOSTILE in look(stranger, "/titles", q="alert").text


def test_a_firm_shows_its_titles_and_what_came_of_them(stranger: FlaskClient) -> None:
    page = look(stranger, f"/titles/{code(1)}")

    assert "2025-10-17 至 2028-10-16" in page.text and "2025-04-10 至 2028-04-09" in page.text
    assert "公告1号" in page.text and "复核延续" in page.text and "2022-10-28" in page.text
    # Whether it is above scale, its figures and its people are not public here.
    for hidden in ("规模以上", "2022-12-31", "5000", "主营业务收入"):
        assert hidden not in page.text.replace("规模以上工业企业与", ""), hidden
    later = look(stranger, f"/titles/{code(1)}", on="2028-10-17")
    assert "没有有效的梯度称号" in later.text and "到期" in later.text
    assert "到期" not in look(stranger, f"/titles/{code(1)}", on="2025-11-01").text.replace("到期、撤销", "")


def test_a_firm_that_never_held_a_title_is_as_unknown_as_one_that_is_not_there(stranger: FlaskClient) -> None:
    known, unknown = (
        stranger.get(f"/titles/{code(number)}", headers={"Accept-Language": "zh"}) for number in (3, 8888)
    )

    assert (known.status_code, unknown.status_code) == (404, 404)
    told = [re.sub(r"[0-9a-f]{16}|9137\w{14}", "…", answer.text) for answer in (known, unknown)]
    assert told[0] == told[1]
    assert stranger.get("/titles/123").status_code == 404
    # Before its first title it is not on the register either.
    assert stranger.get(f"/titles/{code(2)}?on=2023-04-18").status_code == 404
    assert stranger.get(f"/titles/{code(2)}?on=2023-04-19").status_code == 200


def test_a_sloppy_code_leads_to_the_firm(stranger: FlaskClient) -> None:
    answer = stranger.get(f"/titles/{code(1).lower()}?on=2025-11-01")

    assert (answer.status_code, answer.location) == (301, f"/titles/{code(1)}?on=2025-11-01")


@pytest.mark.parametrize("address", ["/titles", "/titles?q=示例", "/titles?q=qd", f"/titles/{code(1)}", "/titles?q=91"])
def test_no_page_asks_the_database_more_than_eight_times(app: Flask, stranger: FlaskClient, address: str) -> None:
    with counted(app) as said:
        look(stranger, address)

    assert 0 < len([one for one in said if one.startswith("SELECT")]) <= 8
    assert {one.split()[0] for one in said} <= {"SELECT", "BEGIN"}


def test_the_front_page_leads_there(stranger: FlaskClient) -> None:
    page = look(stranger, "/")

    assert {"/titles", "/tiers", "/statistics", "/open-data", "/report", "/verify", "/public/lists"} <= set(page.links)
    assert page.all("form", action="/titles")
