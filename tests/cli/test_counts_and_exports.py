"""`registry counts` and `registry export` end to end: one count in three forms, and lists that come back unchanged."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from make import code, firm, stay, title
from python_calamine import CalamineWorkbook

from registry.cli.counting import counts
from registry.cli.exports import export_group
from registry.cli.imports import import_group
from registry.domain.errors import Refused
from registry.store.engine import open_ready, writing
from registry.work.count import COUNTS
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
LATER = datetime(2025, 3, 1, 1, 0, tzinfo=UTC)
PLACE = "sqlite:///var/registry.sqlite"
FIGURES = {"revenue": 30_000_000_00, "employees": 120, "total_assets": 1, "main_revenue": 29_999_999_99}


@pytest.fixture(autouse=True)
def _a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_ready(PLACE)
    with writing(engine) as session:
        facts: dict[str, Any] = {"industry": "3451", "functional_area": "蓝谷", "market_share": 123_456_789_012}
        listed = [
            firm(1, district="370285", years={2023: FIGURES}, **facts),
            firm(2, name="=HYPERLINK(1)", district="370211", titles=()),
        ]
        enrol(session, listed, now=NOW, on=date(2022, 1, 1), source="企业")
        file_titles(
            session,
            [
                title(1, recognised_on=date(2024, 5, 1)),
                title(1, tier="innovative", recognised_on=date(2021, 4, 1), valid_until=date(2024, 3, 31)),
                title(2, tier="innovative", recognised_on=date(2024, 2, 29), district="370211", name="=HYPERLINK(1)"),
            ],
            now=NOW,
            source="称号",
        )
        file_stays(session, [stay(1), stay(2, district="370211", exited_on=date(2024, 12, 31))], now=NOW, source="规上")
    with writing(engine) as session:
        late = title(3, tier="innovative", recognised_on=date(2024, 6, 1), district="370211", name="迟报")
        file_titles(session, [late], now=LATER, source="补报")
    engine.dispose()


def run(command: click.Command, *arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def counted(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(counts, "--year", "2024", *arguments).stdout)
    return found


def row(found: dict[str, Any], tier: str, **keys: str | None) -> dict[str, int]:
    (one,) = [one for one in found["rows"] if one["tier"] == tier and all(one[key] == keys[key] for key in keys)]
    return {name: one[name] for name in COUNTS if one[name]}


def test_a_year_is_counted_as_the_contract_has_it() -> None:
    found = counted()

    assert (found["year"], found["as_of"], found["firms"], found["titles"]) == (2024, "2024-12-31", 3, 3)
    assert [one["tier"] for one in found["rows"]] == ["innovative", "specialized", "little_giant", "above_scale"]
    assert row(found, "innovative") == {"stock_start": 1, "new": 2, "expired": 1, "stock_end": 2}
    assert row(found, "specialized") == {"new": 1, "stock_end": 1}
    assert row(found, "above_scale") == {"stock_start": 2, "exited": 1, "stock_end": 1}
    assert list(found["rows"][0]) == ["tier", *COUNTS]


def test_what_was_printed_before_a_late_title_is_printed_again() -> None:
    then = counted("--known-at", "2025-02-01T00:00:00")

    assert row(then, "innovative") == {"stock_start": 1, "new": 1, "expired": 1, "stock_end": 1}
    assert then["known_at"] == "2025-02-01T00:00:00+08:00"
    assert counted("--known-at", counted()["known_at"]) == counted()
    assert then["firms"] == 2


def test_keys_are_bare_codes_and_what_is_unknown_is_null() -> None:
    found = counted("--by", "industry,district,size,functional_area")

    assert found["by"] == ["district", "industry", "size", "functional_area"]
    known: dict[str, Any] = {"district": "370285", "industry": "34", "size": "small", "functional_area": "蓝谷"}
    assert row(found, "specialized", **known) == {"new": 1, "stock_end": 1}
    unknown: dict[str, Any] = {"district": "370211", "industry": None, "size": None, "functional_area": None}
    assert row(found, "innovative", **unknown) == {"new": 2, "stock_end": 2}


def test_csv_json_and_xlsx_say_the_same() -> None:
    as_json = counted("--by", "district")
    text = run(counts, "--year", "2024", "--by", "district", "--format", "csv").stdout_bytes.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    run(counts, "--year", "2024", "--by", "district", "--format", "xlsx", "--out", "c.xlsx", "--author", "统计科")
    book = CalamineWorkbook.from_path("c.xlsx")

    expected = [[one[name] for name in COUNTS] for one in as_json["rows"] + as_json["holders"]]
    assert [[int(cell) for cell in line[3:]] for line in table[1:]] == expected
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names[2:]]
    lines = [line for sheet in sheets for line in sheet[1:] if line[0] != "合计" and len(line) > 12 and line[1]]
    assert [[int(float(str(cell))) for cell in line[3:13]] for line in lines] == expected
    assert "统计科" in str(book.get_sheet_by_index(0).to_python())


def test_a_sum_of_a_sheet_is_the_row_of_the_whole_city() -> None:
    run(counts, "--year", "2024", "--by", "all", "--format", "xlsx", "--out", "all.xlsx")
    book = CalamineWorkbook.from_path("all.xlsx")

    whole = {line[0]: line[1:11] for line in book.get_sheet_by_name("全市").to_python()[1:]}
    for name in ("创新型·区市", "创新型·行业大类", "创新型·规模", "创新型·功能区"):
        (total,) = [line for line in book.get_sheet_by_name(name).to_python() if line[0] == "合计"]
        assert total[-10:] == whole["创新型中小企业"], name
    assert "级别变化" in book.sheet_names


def test_the_steps_of_a_year_say_who_came_from_where() -> None:
    found = counted("--steps")
    steps = {(row["from"], row["to"]): row["firms"] for row in found["rows"] if row["firms"]}

    assert steps == {("innovative", "specialized"): 1, (None, "innovative"): 2}
    text = run(counts, "--year", "2024", "--steps", "--format", "csv").stdout_bytes.decode("utf-8-sig")
    assert text.splitlines()[:2] == ["年初 \\ 期末,无称号,创新型,专精特新,小巨人", "无称号,0,2,0,0"]
    assert run(counts, "--year", "2024", "--steps", "--format", "xlsx", "--out", "steps.xlsx").exit_code == 0
    assert counted("--steps", "--known-at", found["known_at"]) == found
    assert run(counts, "--year", "2024", "--steps", "--by", "size").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--year", "1800"], "year"),
        (["--year", "2024", "--as-of", "2025-01-01"], "as_of"),
        (["--year", "2024", "--as-of", "2024-02-30"], "as_of"),
        (["--year", "2024", "--by", "colour"], "by"),
        (["--year", "2024", "--by", "district,district"], "by"),
        (["--year", "2024", "--known-at", "yesterday"], "known_at"),
        (["--year", "2024", "--known-at", "0001-01-01T00:00:00+23:59"], "known_at"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_name(arguments: list[str], said: str) -> None:
    result = run(counts, *arguments)

    assert isinstance(result.exception, Refused)
    assert said in str(result.exception)


@pytest.mark.parametrize("kind", ["firms", "titles", "scale"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_own_list_comes_back_unchanged(kind: str, form: str) -> None:
    before = counted("--by", "district,industry,size,functional_area")
    run(export_group, kind, "--format", form, "--out", f"{kind}.{form}")
    result = run(import_group, kind, f"{kind}.{form}")

    assert result.exit_code == 0
    assert "新增 0 行，更新 0 行" in result.output
    after = counted("--by", "district,industry,size,functional_area")
    assert (after["rows"], after["holders"]) == (before["rows"], before["holders"])


def test_a_list_of_a_district_holds_its_firms_only() -> None:
    run(export_group, "firms", "--district", "370211", "--format", "csv", "--out", "d.csv")

    with open("d.csv", encoding="utf-8-sig", newline="") as file:
        assert [line["统一社会信用代码"] for line in csv.DictReader(file)] == [code(2), code(3)]
