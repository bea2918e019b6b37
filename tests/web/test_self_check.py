"""The self-check: what is typed is read exactly, kept as typed, and judged; nothing typed can break it."""

from typing import Any

import pytest
from checked_form import CASE, token_of
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import NOW
from werkzeug.datastructures import MultiDict

from registry.domain.errors import Fault
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Kind
from registry.domain.firms import Firm
from registry.domain.periods import NEVER
from registry.web.check_form import ROWS, CheckForm
from registry.web.fields import field_of


def post(client: FlaskClient, status: int = 200, lang: str = "zh", **typed: str) -> Page:
    data = CASE | {name.replace("__", "."): value for name, value in typed.items()}
    answer = client.post(f"/check?lang={lang}", data={"csrf_token": token_of(client), **data})

    assert status == answer.status_code
    page = Page(answer.text)
    assert page.faults() == []
    return page


def read(app: Flask, typed: dict[str, str]) -> Firm:
    with app.test_request_context("/check"):
        form = CheckForm(MultiDict(CASE | typed), NOW.date())
        asked = form.asked()

        assert asked, [(field.name, field.faults) for field in form if field.faults] + form.loose
        return asked.firm


def faults(app: Flask, typed: dict[str, str]) -> dict[str, str]:
    with app.test_request_context("/check"):
        form = CheckForm(MultiDict(CASE | typed), NOW.date())

        assert form.asked() is None
        return {field.name: field.faults[0] for field in form if field.faults}


def test_a_blank_form_is_judged_as_knowing_nothing(client: FlaskClient) -> None:
    page = post(client)

    assert "数据不全，尚不能判定" in page.text
    assert "0–100 / 100 分" in page.text


def test_what_was_typed_is_judged_and_kept(client: FlaskClient) -> None:
    page = post(client, **{"years__2024__revenue": " 6，000.00万元 ", "years__2024__rd_expense": "99"})

    assert "不满足专精特新中小企业的认定标准" in page.text
    assert "研发费用 还差 1.00 万元" in page.text
    assert page.value_of("years.2024.revenue") == " 6，000.00万元 "


def test_what_is_missing_leads_to_its_box(client: FlaskClient) -> None:
    page = post(client)

    for place in ("years.2024.rd_expense", "facts.segment_since", "facts.titles-0.kind"):
        assert f"#{place}" in page.links


def test_the_answer_is_given_in_the_language_of_the_reader(client: FlaskClient) -> None:
    page = post(client, lang="en", **{"years__2024__rd_expense": "99", "years__2024__revenue": "6000"})

    assert "R&D expense 1.00 万元 short" in page.text


def test_the_switch_of_languages_sends_the_form_again(client: FlaskClient) -> None:
    assert post(client).all("button", form="check") == [
        {"type": "submit", "form": "check", "formaction": "/check?lang=en", "lang": "en"}
    ]


def test_faults_stand_in_a_summary_and_beside_their_boxes(client: FlaskClient) -> None:
    page = post(client, 422, **{"years__2024__revenue": "六千", "facts__ip_class1": "2.5", "facts__industry": "34"})

    assert page.title.startswith("错误：")
    summary = page.all("div", role="alert")[0]
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    for name, words in (
        ("years.2024.revenue", "请填写数字"),
        ("facts.ip_class1", "请填写整数"),
        ("facts.industry", "应为 4 位数字"),
    ):
        assert f"#{name}" in page.links
        assert f"{name}-fault" in page.ids
        assert page.all("input", name=name)[0]["aria-invalid"] == "true"
        assert words in page.text
    assert page.value_of("years.2024.revenue") == "六千"


def test_the_summary_is_in_the_order_of_the_page(client: FlaskClient) -> None:
    page = post(client, 422, **{"facts__listing": "x", "years__2024__revenue": "x", "on": "x", "facts__industry": "x"})
    listed = [
        link[1:] for link in page.links if link[1:] in ("on", "years.2024.revenue", "facts.industry", "facts.listing")
    ]

    assert listed == ["on", "years.2024.revenue", "facts.industry", "facts.listing"]
    assert listed == sorted(listed, key=lambda name: page.source.index(f'id="{name}"'))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", 1_000_000),
        ("0", 0),
        ("1234.5", 1_234_500_000),
        ("12,345.67", 12_345_670_000),
        ("１２３", 123_000_000),
        ("0.000001", 1),
        ("99999999999.999999", 99_999_999_999_999_999),
        (" 5 万元", 5_000_000),
    ],
)
def test_money_is_read_exactly_in_ten_thousands(app: Flask, typed: str, value: int) -> None:
    assert {2024: {"revenue": value}} == read(app, {"years.2024.revenue": typed}).years


@pytest.mark.parametrize(
    "typed", ["1e3", "1,2", "nan", "inf", "1.2.3", "0x10", "0.0000001", "-1", "9" * 16, "100000000000", "一", "1_0"]
)
def test_money_that_is_not_exact_is_refused_beside_its_box(app: Flask, typed: str) -> None:
    assert list(faults(app, {"years.2024.revenue": typed})) == ["years.2024.revenue"]


def test_only_profit_may_be_negative(app: Flask) -> None:
    assert read(app, {"years.2024.net_profit": "-1.5"}).years == {2024: {"net_profit": -1_500_000}}


def test_a_share_is_typed_in_per_cent(app: Flask) -> None:
    assert read(app, {"facts.market_share": "12.34%"}).facts["market_share"] == 123_400_000_000
    assert read(app, {"facts.market_share": "100"}).facts["market_share"] == 10**12
    assert list(faults(app, {"facts.market_share": "100.1"})) == ["facts.market_share"]


def test_yes_no_and_unknown_are_three_things(app: Flask) -> None:
    typed = {"facts.own_brand": "true", "facts.key_link": "false", "facts.key_field": ""}

    assert read(app, typed).facts == {"own_brand": True, "key_link": False}


def test_a_day_may_be_typed_or_known_to_be_none(app: Flask) -> None:
    assert read(app, {"facts.banned_until.none": "1"}).facts["banned_until"] == NEVER
    assert str(read(app, {"facts.banned_until": "2024年5月1日"}).facts["banned_until"]) == "2024-05-01"
    assert list(faults(app, {"facts.banned_until": "2024-05-01", "facts.banned_until.none": "1"})) == [
        "facts.banned_until"
    ]
    assert list(faults(app, {"facts.banned_until": "2024-02-30"})) == ["facts.banned_until"]


def test_lists_skip_blank_rows_and_may_be_known_to_be_empty(app: Flask) -> None:
    typed = {"facts.titles-3.kind": "hi_tech", "facts.titles-3.from": "2023-11-01", "facts.awards.none": "1"}
    facts: Any = read(app, typed).facts

    assert [(key, str(value)) for key, value in facts["titles"][0].items()] == [
        ("kind", "hi_tech"),
        ("from", "2023-11-01"),
    ]
    assert facts["awards"] == ()
    assert "contests" not in facts


def test_a_fault_in_a_list_stands_at_its_own_row(app: Flask) -> None:
    typed = {"facts.awards-0.level": "national", "facts.awards-2.rank": "0"}

    assert list(faults(app, typed)) == ["facts.awards-2.rank"]


def test_a_list_that_is_filled_in_and_empty_is_a_fault(app: Flask) -> None:
    assert list(faults(app, {"facts.titles-2.kind": "hi_tech", "facts.titles.none": "1"})) == ["facts.titles-0.kind"]


def test_figures_stay_those_of_their_year_when_the_day_moves(app: Flask) -> None:
    typed = {"years.2025.revenue": "7", "on": "2024-03-01"}

    assert read(app, typed).years == {2025: {"revenue": 7_000_000}}


def test_figures_of_years_far_away_are_not_asked_for(app: Flask) -> None:
    assert read(app, {"years.1990.revenue": "7", "years.abcd.revenue": "7", "years.2024.nothing": "7"}).years == {}


def test_a_fault_without_a_box_stands_above_all(app: Flask) -> None:
    with app.test_request_context("/check"):
        form = CheckForm(MultiDict(CASE), NOW.date())
        form.blame([Fault("elsewhere", "不行 (no)")])

        assert form.has_faults
        assert form.loose == ["elsewhere: 不行"]


def test_a_day_before_every_rule_is_a_fault_of_the_day(client: FlaskClient) -> None:
    page = post(client, 422, on="2020-01-01")

    assert "#on" in page.links
    assert "最早自 2022-08-01 起" in page.text


@pytest.mark.parametrize("name", ["tier", "kind", "on"])
def test_the_three_questions_must_be_answered(app: Flask, name: str) -> None:
    assert [name] == list(faults(app, {name: ""}))
    assert [name] == list(faults(app, {name: "emperor"}))


def test_every_fact_has_its_box(client: FlaskClient) -> None:
    page = Page(client.get("/check?on=2025-06-30").text)
    names = {one["name"] for tag in ("input", "select") for one in page.all(tag)}
    wanted = {f"facts.{key}" for key, fact in FIRM_FACTS.items() if fact.kind is not Kind.LIST}
    wanted |= {f"years.{year}.{key}" for year in (2024, 2023, 2022) for key in YEAR_FACTS}
    wanted |= {
        f"facts.{key}-{row}.{part}" for key, rows in ROWS.items() for row in range(rows) for part in ENTRY_FACTS[key]
    }

    assert wanted <= names


def test_every_kind_of_fact_has_a_field() -> None:
    for fact in (*FIRM_FACTS.values(), *YEAR_FACTS.values()):
        assert fact.kind is Kind.LIST or field_of(fact)
