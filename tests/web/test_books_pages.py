"""Pages of the books: every number opens a list of as many firms, and a file says what the page says."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from make import code
from small_city import Ask

NUMBER = re.compile(r'<a href="(/firms\?[^"]+)">([\d,]+)</a>')
PAGES = (
    "/dashboard",
    "/dashboard?on=2025-05-31",
    "/dashboard?on=2023-12-31",
    "/counts?year=2025",
    "/counts?year=2025&by=district",
    "/counts?year=2025&by=size&by=industry",
    "/counts?year=2025&by=functional_area",
    "/counts?year=2022&as_of=2022-12-31",
    "/counts?year=2025&by=district&known=2025-11-25T10:30:00",
)


@pytest.mark.parametrize("address", PAGES)
def test_every_number_opens_a_list_of_as_many_firms(ask: Ask, address: str) -> None:
    links = {(unescape(link), int(number.replace(",", ""))) for link, number in NUMBER.findall(ask(address).source)}

    assert links
    for link, number in sorted(links):
        told = re.search(r"共 ([\d,]+) 家", ask(link).text)
        assert told is not None, link
        assert int(told[1].replace(",", "")) == number, link


def test_the_counts_of_the_page_are_those_of_the_file(client: FlaskClient, ask: Ask) -> None:
    asked = "year=2025&as_of=2025-11-25&by=district"
    found = json.loads(client.get(f"/counts.json?{asked}").text)

    page = ask(f"/counts?{asked}").text
    assert f"各级合计 {found['titles']} 个称号，持有任一称号的企业 {found['firms']} 家" in page
    assert found["firms"] == 72
    assert len(found["rows"]) == 40


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_a_file_is_handed_out_under_its_name(client: FlaskClient, form: str) -> None:
    answer = client.get(f"/counts.{form}?year=2025&by=size")

    assert answer.status_code == 200
    assert f"attachment; filename=counts-2025-11-25.{form}" == answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_annual_workbook_is_handed_out(client: FlaskClient) -> None:
    answer = client.get("/counts.xlsx?year=2025&by=all")

    assert answer.data.startswith(b"PK")
    assert "counts-2025-11-25-annual.xlsx" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/counts.pdf?year=2025", 404),
        ("/counts?year=2025&as_of=2024-01-01", 400),
        ("/counts?by=colour", 400),
        ("/targets?year=2019", 400),
        ("/targets?year=2030", 400),
        ("/targets/2024/nothing", 400),
        ("/watch/nobody", 404),
        ("/watch/pool.pdf", 404),
        ("/watch/expiring?days=-1", 400),
        ("/watch/expiring?tier=gold", 400),
        ("/publications/1", 404),
        ("/dashboard?on=yesterday", 400),
    ],
)
def test_what_cannot_be_meant_is_said_on_a_page(ask: Ask, address: str, status: int) -> None:
    assert "class=" in ask(address, status).source


def test_the_months_of_the_dashboard_run_to_the_day(ask: Ask) -> None:
    page = ask("/dashboard?on=2025-06-15").source
    table = page.split('data-chart="line"')[1].split("</table>")[0]
    (this_year,) = [row for row in table.split("<tr>") if "2025年累计" in row]
    values = re.findall(r'data-value="(\d+)"', this_year)

    assert values == ["0", "0", "0", "1", "1", "71"]
    assert this_year.count("—") == 6
    assert "至15日" in table


def test_a_firm_shows_its_ledger_with_when_it_was_known_and_from_what(ask: Ask) -> None:
    text = ask(f"/firms/{code(1)}").text

    assert "台账" in text
    assert "专精特新 认定" in text
    assert "创新型 复核延续" in text
    assert "规上 退库" in text
    assert "2025-11-25 09:30 · 称号名单" in text
    assert "主营业务收入不达标" in text


def test_a_watch_list_says_whom_why_and_of_whom_it_cannot_tell(ask: Ask, client: FlaskClient) -> None:
    page = ask("/watch/update_overdue?on=2025-06-01").text
    found = json.loads(client.get("/watch/update_overdue.json?on=2025-06-01").text)

    assert f"共 {len(found['rows'])} 条" in page
    assert [row["uscc"] for row in found["rows"]] == [code(2)]
    assert "逾期 32 天" in page
