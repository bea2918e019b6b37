"""Two languages: which one a page speaks, and that the catalogue is whole."""

import re

import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from page_reader import Page
from small_city import FIRM, Ask

from registry.web import catalogue
from registry.web.language import say

PLACES = re.compile(r"%\(\w+\)s|%%")


def spoken(client: FlaskClient, address: str = "/check", **headers: str) -> str:
    answer = client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return Page(answer.text).all("html")[0]["lang"]


def test_the_default_is_chinese(client: FlaskClient) -> None:
    assert spoken(client) == "zh-CN"


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,en;q=0.5", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("fr,en;q=0.1", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
        (";;;q=x,\x7f", "zh-CN"),
    ],
)
def test_the_browser_is_asked_when_nobody_chose(client: FlaskClient, preferred: str, language: str) -> None:
    assert language == spoken(client, Accept_Language=preferred)


def test_words_of_a_template_are_ours_and_what_is_put_into_them_is_not(client: FlaskClient) -> None:
    template = "{{ _('页面 <b>') }}{{ _('100%%') }}{{ _('%(name)s：%(count)s%%', name=name, count=3) }}"
    with client.application.test_request_context("/?lang=zh"):
        said = render_template_string(template, name="<i>")

    assert said == "页面 <b>100%&lt;i&gt;：3%"


def test_a_choice_is_remembered_and_weighs_more_than_the_browser(client: FlaskClient) -> None:
    assert spoken(client, "/check?lang=en", Accept_Language="zh-CN") == "en"
    assert spoken(client, Accept_Language="zh-CN") == "en"
    assert spoken(client, "/check?lang=zh", Accept_Language="en") == "zh-CN"
    assert spoken(client, Accept_Language="en") == "zh-CN"


def test_a_language_that_is_not_spoken_is_passed_over_and_not_remembered(client: FlaskClient) -> None:
    answer = client.get("/check?lang=xx%0d%0aSet-Cookie:x")

    assert answer.status_code == 200
    assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("lang=")]


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = next(one for one in client.get("/check?lang=en").headers.getlist("Set-Cookie") if one.startswith("lang="))

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_switch_keeps_the_page_and_its_query(ask: Ask) -> None:
    page = ask(f"{FIRM}?on=2025-06-30&kind=re_review")

    assert f"{FIRM}?on=2025-06-30&kind=re_review&lang=en" in page.links


def test_the_switch_takes_nothing_from_the_query_for_its_own(ask: Ask) -> None:
    page = ask("/?_scheme=javascript&_external=1&_anchor=x&endpoint=y&lang=zh")

    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in page.links)


def test_a_fault_from_below_is_told_in_the_language_of_the_reader(ask: Ask) -> None:
    assert "A date expected" in ask("/?on=x", 400, "en").text
    assert "应为日历上的日期" in ask("/?on=x", 400, "zh").text


def test_no_text_lacks_english() -> None:
    stored = catalogue.stored()

    assert [one.id for one in catalogue.extracted() if one.id and not getattr(stored.get(one.id), "string", "")] == []


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    extracted = {one.id for one in catalogue.extracted()}

    assert [one.id for one in catalogue.stored() if one.id not in extracted] == []


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert catalogue.compiled(catalogue.stored()) == catalogue.MO.read_bytes()


def test_english_keeps_every_place_of_a_value() -> None:
    wrong = [
        one.id for one in catalogue.stored() if sorted(PLACES.findall(one.id)) != sorted(PLACES.findall(one.string))
    ]

    assert [one for one in wrong if one] == []


def test_english_tells_one_from_more(client: FlaskClient) -> None:
    text = "%(count)s 家"
    said = {}
    for lang in ("en", "zh"):
        for count in (0, 1, 2, "1", "1,001"):
            with client.application.test_request_context(f"/?lang={lang}"):
                said[lang, count] = say(text, count=count)
                assert said[lang, count] == render_template_string("{{ _(text, count=count) }}", text=text, count=count)

    assert said["en", 1] == said["en", "1"] == "1 firm"
    assert [said["en", many] for many in (0, 2, "1,001")] == ["0 firms", "2 firms", "1,001 firms"]
    assert (said["zh", 1], said["zh", 2]) == ("1 家", "2 家")


def test_what_is_said_of_one_is_of_a_value_of_its_text() -> None:
    """Else it would never be said; nor where it says the same as of more."""
    stored = catalogue.stored()
    ones = [one for one in stored if one.context]

    assert ones
    for one in ones:
        assert f"%({one.context.removesuffix('=1')})s" in one.id and one.context.endswith("=1"), one.id
        assert one.string != stored[one.id].string, one.id


def test_english_is_english() -> None:
    allowed = re.compile(
        "万元|元 or 亿元|青工信发〔2026〕[0-9]+号|工信部企业〔2022〕63号|〔2026〕2号|青办发〔2024〕3号|语言"
    )
    found = [one.string for one in catalogue.stored() if re.search("[一-鿿]", allowed.sub("", str(one.string)))]

    assert found == []
