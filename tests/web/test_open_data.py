"""Statistics and open data: whole years only, the files say what the pages say, and nothing that is not public."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asked_of_rows import stock_on
from flask import Flask
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from small_city import HOSTILE, NOW, settings

from registry.app import create_app
from registry.web import db, open_data


@pytest.fixture(scope="module")
def app(city_file: Path) -> Iterator[Flask]:
    """The small city, asked by one address as often as these tests do."""
    made = create_app(settings(city_file, rate_limit="100000 per minute"), clock=lambda: NOW)
    yield made
    with made.app_context():
        db.engine.dispose()


def file(client: FlaskClient, name: str, status: int = 200, **query: str) -> Any:
    answer = client.get(f"/open-data/{name}", query_string=query)

    assert status == answer.status_code, answer.text
    if status != 200 or name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    return json.loads(answer.data)


def test_the_register_is_handed_out_as_it_stands_on_a_day(stranger: FlaskClient) -> None:
    rows, told = file(stranger, "register.csv"), file(stranger, "register.json")

    assert len(rows) == len(told["rows"]) == 73 and told["as_of"] == "2025-11-25"
    assert "使用" in told["licence"]
    (first, second) = (one for one in told["rows"] if one["uscc"] == code(1))
    assert (first["tier"], first["recognised_on"], first["valid_until"]) == ("innovative", "2025-10-17", "2028-10-16")
    assert (second["tier"], second["source"], second["district_name"]) == ("specialized", "公告1号", "莱西市")
    assert set(first) == {key for key, _heading, _meaning in open_data.FILES["register"]}
    assert [one["uscc"] for one in file(stranger, "register.json", on="2028-10-16")["rows"]] == [code(1)]
    assert file(stranger, "register.json", on="2028-10-17")["rows"] == []


def test_tier_and_district_narrow_the_file(stranger: FlaskClient) -> None:
    assert {one["uscc"] for one in file(stranger, "register.json", tier="innovative")["rows"]} == {code(1)}
    (row,) = file(stranger, "register.json", district="370202")["rows"]
    assert (row["uscc"], row["name"]) == (code(2), HOSTILE)


def test_a_register_too_long_for_one_file_is_asked_for_by_district(
    stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_data, "MOST_LINES", 73)
    assert len(file(stranger, "register.json")["rows"]) == 73
    monkeypatch.setattr(open_data, "MOST_LINES", 72)
    assert "按区市分别下载" in stranger.get("/open-data/register.csv", headers={"Accept-Language": "zh"}).text
    assert stranger.get("/open-data/register.csv").status_code == 400
    assert len(file(stranger, "register.json", district="370214")["rows"]) == 70


def test_yearly_counts_are_of_whole_years_and_districts_add_up_to_the_city(stranger: FlaskClient, app: Flask) -> None:
    rows = file(stranger, "yearly-counts.json")["rows"]
    years = {row["year"] for row in rows}

    # Today is in November 2025: that year is not over.
    assert max(years) == 2024 and min(years) == 2015
    for year in years:
        for tier in ("innovative", "specialized", "little_giant", "above_scale"):
            of_tier = [row for row in rows if (row["year"], row["tier"]) == (year, tier)]
            (city,) = (row for row in of_tier if row["district"] == "city")
            parts = [row for row in of_tier if row["district"] != "city"]
            for key in ("stock", "new", "renewed", "reinstated", "expired", "revoked", "exited"):
                assert city[key] == sum(part[key] for part in parts), (year, tier, key)
    with app.app_context():
        for year in years:
            stock = stock_on(db.session(), date(year, 12, 31))
            assert {row["tier"]: row["stock"] for row in rows if row["year"] == year and row["district"] == "city"} == {
                tier: stock[tier] for tier in ("innovative", "specialized", "little_giant", "above_scale")
            }


def test_the_rule_sets_are_listed_with_their_digests(stranger: FlaskClient) -> None:
    rows = file(stranger, "rule-sets.csv")

    assert {"specialized-2022", "specialized-2026", "above_scale-2011"} <= {row["标准代号"] for row in rows}
    assert all(row["摘要"].startswith("sha256:") for row in rows)


def test_statistics_show_whole_years_with_the_same_numbers(stranger: FlaskClient) -> None:
    page = Page(stranger.get("/statistics", headers={"Accept-Language": "zh"}).text)

    assert "2024" in page.text and "2025年" not in page.text
    assert page.all("figure", **{"data-chart": "line"}) and page.all("figure", **{"data-chart": "bars"})
    assert Page(stranger.get("/statistics?year=2022", headers={"Accept-Language": "zh"}).text).text.count("2022年") >= 2
    for query, status in (
        ("year=1900", 400),
        ("year=1999", 200),
        ("year=20x4", 400),
        ("year=2023", 200),
        ("year=2030", 200),
    ):
        assert stranger.get(f"/statistics?{query}").status_code == status, query


def test_every_column_of_every_file_is_explained(stranger: FlaskClient) -> None:
    page = Page(stranger.get("/open-data", headers={"Accept-Language": "zh"}).text)

    for name, fields in open_data.FILES.items():
        for form in ("csv", "json"):
            assert f"/open-data/{name}.{form}" in page.links
            assert stranger.get(f"/open-data/{name}.{form}").headers["Content-Disposition"].endswith(f"{name}.{form}")
        for key, heading, meaning in fields:
            assert key in page.text and heading in page.text and meaning in page.text, key


def test_what_is_not_there_is_said(stranger: FlaskClient) -> None:
    for name in ("register.xlsx", "firms.csv", "..%2f.csv", "yearly-counts."):
        assert stranger.get(f"/open-data/{name}").status_code == 404, name
    for query in ("tier=above_scale", "district=x", "on=2025-13-01"):
        assert stranger.get(f"/open-data/register.csv?{query}").status_code == 400, query
