"""The page of API tokens: one is made and shown once, listed without it, revoked; for the system administrator."""

from datetime import timedelta

import pytest
from desk import Sit, entries, rows
from flask import Flask
from page_reader import Page
from small_city import NOW
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.tokens import ApiToken
from registry.work.keep_tokens import PREFIX, digest

FORM = {"name": "市大数据局数据平台", "scopes": "read:books", "expires_on": "2026-06-30"}
TODAY = NOW.date()


def made(sit: Sit, **changes: str) -> str:
    """Make a token by the page; return it."""
    answer = sit("system").send("/tokens", "/tokens", **(FORM | changes))
    assert answer.status_code == 200, answer.text
    page = Page(answer.text)
    assert page.faults() == []
    assert answer.headers["Cache-Control"] == "no-store"
    return next(word for word in page.text.split() if word.startswith(PREFIX))


def test_a_token_is_made_shown_once_and_works(desk_app: Flask, sit: Sit) -> None:
    token = made(sit)

    answer = desk_app.test_client().get("/api/v1/counts?year=2025", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    page = sit("system").ask("/tokens")
    for word in (FORM["name"], FORM["expires_on"], "read:books", "郑系统", "有效"):
        assert word in page.text, word
    assert token not in page.text
    with rows(desk_app) as session:
        assert session.scalars(select(ApiToken.token_hash)).all() == [digest(token)]


def test_what_was_done_is_traced_without_the_token(desk_app: Flask, sit: Sit) -> None:
    token = made(sit)
    sit("system").does("/tokens/1/revoke", "/tokens")

    found = entries(desk_app, tag="token", limit=2)
    assert [one.tag for one in found] == [Tag.TOKEN_REVOKED, Tag.TOKEN_MADE]
    assert {one.subject for one in found} == {"token:1"}
    assert token not in str(found) and digest(token) not in str(found)
    told = sit("audit").ask("/trail?tag=token").text
    assert "开立接口令牌" in told and "撤销接口令牌" in told


def test_a_revoked_token_stays_on_the_list_and_is_revoked_once(desk_app: Flask, sit: Sit) -> None:
    token, desk = made(sit), sit("system")

    assert "立即失效" in desk.does("/tokens/1/revoke", "/tokens").text
    assert "已撤销" in desk.ask("/tokens").text
    desk.is_refused("/tokens/1/revoke", "/tokens", 409)
    desk.is_refused("/tokens/99/revoke", "/tokens", 404)
    answer = desk_app.test_client().get("/api/v1/counts?year=2025", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_without_a_last_day_it_holds_a_year(desk_app: Flask, sit: Sit) -> None:
    made(sit, expires_on="", scopes="read:books read:firms")

    with rows(desk_app) as session:
        row = session.scalars(select(ApiToken)).one()
        assert (row.expires_on, row.scopes) == (TODAY + timedelta(days=365), "read:books read:firms")
    assert "Both" in sit("system").ask("/tokens", lang="en").text


@pytest.mark.parametrize(
    ("changes", "box", "fault"),
    [
        ({"name": ""}, "name", "请填写由哪个系统使用"),
        ({"name": "长" * 101}, "name", "1–100"),
        ({"scopes": ""}, "scopes", "请选择可读取的内容"),
        ({"scopes": "write:books"}, "scopes", "请选择可读取的内容"),
        ({"expires_on": "2025-11-24"}, "expires_on", "2025-11-25 至 2027-11-26"),
        ({"expires_on": "2027-11-27"}, "expires_on", "2025-11-25 至 2027-11-26"),
        ({"expires_on": "明年"}, "expires_on", "2024-05-10"),
    ],
)
def test_a_token_that_cannot_be_made_says_why_by_the_box(
    sit: Sit, changes: dict[str, str], box: str, fault: str
) -> None:
    page = sit("system").is_refused("/tokens", "/tokens", **(FORM | changes))

    assert fault in page.text
    assert [one for tag in ("input", "select") for one in page.all(tag, name=box, aria_invalid="true")]


@pytest.mark.parametrize("last_day", ["2025-11-25", "2027-11-26"])
def test_the_first_and_the_last_day_that_may_be_chosen(sit: Sit, last_day: str) -> None:
    assert made(sit, expires_on=last_day)


@pytest.mark.parametrize("handle", ["security", "audit", "reviewer", "nobody"])
def test_nobody_else_sees_the_tokens(sit: Sit, handle: str) -> None:
    desk = sit(handle)

    assert desk.client.get("/tokens").status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_list_says_so(sit: Sit, lang: str) -> None:
    page = sit("system").ask("/tokens", lang=lang)

    assert ("还没有令牌" in page.text) == (lang == "zh")
