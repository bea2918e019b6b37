"""`registry watch` end to end: the lists named, told in every form, and what is refused."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make import code, firm, title
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from registry.cli.watching import watch
from registry.domain.errors import Refused
from registry.policy.watch_lists import WAN, watch_lists
from registry.store.engine import open_ready
from registry.work.enrol import enrol
from registry.work.file_books import file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
ON = "2025-11-07"


@pytest.fixture(autouse=True)
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A register of three firms, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    firms = [
        firm(1, name="=甲示例", district="370285", industry="3451", years={2024: {"main_revenue": 1850 * WAN}}),
        firm(2, name="乙示例", district="370211", industry="3451", years={2024: {"main_revenue": 1000 * WAN}}),
        firm(3, name="丙示例", district="370211", industry="3451"),
    ]
    engine = open_ready("sqlite:///var/registry.sqlite")
    with Session(engine) as session:
        enrol(session, firms, now=NOW, on=date(2025, 6, 1), source="测试")
        file_titles(session, [title(3, name="丙示例", valid_until=date(2025, 12, 31))], now=NOW, source="测试")
        session.commit()
    engine.dispose()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(watch, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def told(*arguments: str) -> dict[str, object]:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_the_lists_are_named_with_what_they_mean_and_rest_on() -> None:
    said = run("--list").stdout

    for one in watch_lists().values():
        assert f"{one.key}\t{one.name} ({one.name_en})" in said
        assert one.definition in said and one.source in said


def test_a_list_as_json_holds_its_definition_its_counts_and_a_reason_a_firm() -> None:
    found = told("pool", "--on", ON)

    assert (found["list"], found["on"], found["total"], found["unknown"]) == ("pool", ON, 2, 1)
    assert str(found["definition"]).startswith("工业企业") and found["source"]
    rows = found["rows"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "uscc": code(1),
        "name": "=甲示例",
        "district": "370285",
        "industry": "3451",
        "main_revenue": 18500000.00,
        "shortfall": 1500000.00,
        "reason": "2024年主营业务收入 1,850.00 万元，距 2000 万元还差 150.00 万元",
        "reason_en": "main-business revenue 2024 1,850.00 万元, 150.00 万元 short of 2000 万元",
    }
    assert len(rows) == found["total"]


def test_a_district_a_tier_and_a_number_of_days_narrow_a_list() -> None:
    assert told("pool", "--on", ON, "--district", "370211")["total"] == 1
    assert told("expiring", "--on", ON)["total"] == 1
    assert told("expiring", "--on", ON, "--days", "53")["total"] == 0
    assert told("expiring", "--on", ON, "--days", "54")["total"] == 1
    assert told("expiring", "--on", ON, "--tier", "innovative")["total"] == 0


def test_a_list_that_the_rules_draw_names_what_judged() -> None:
    found = told("falling_below", "--on", ON, "--tier", "specialized")

    assert str(found["rule_set.specialized-2022"]).startswith("sha256:")


def test_a_list_as_csv_is_safe_and_speaks_the_words_of_staff() -> None:
    assert run("pool", "--on", ON, "--format", "csv", "--out", "名单.csv").exit_code == 0

    raw = Path("名单.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, first, _ = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert head[:5] == ["统一社会信用代码", "企业名称", "区市代码", "区市", "行业代码"]
    assert first[1] == "'=甲示例"
    assert first[2:6] == ["370285", "莱西市", "3451", "18500000.00"]


def test_a_list_as_a_workbook_has_a_cover_that_defines_it() -> None:
    assert run("expiring", "--on", ON, "--format", "xlsx", "--out", "名单.xlsx", "--author", "王工").exit_code == 0

    book = CalamineWorkbook.from_path("名单.xlsx")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    cells = [str(cell) for rows in sheets.values() for row in rows for cell in row]
    assert "称号即将到期" in sheets
    for said in (watch_lists()["expiring"].definition, "王工", "专精特新中小企业", "最后有效日"):
        assert any(said in cell for cell in cells), said


def test_the_lines_of_a_list_are_counted_on_standard_error() -> None:
    assert "小升规培育库 2 行，无法判断 1" in run("pool", "--on", ON).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("pool",),
        ("nonsense", "--on", ON),
        ("pool", "--on", "2025-02-30"),
        ("pool", "--on", ON, "--district", "莱西"),
        ("pool", "--on", ON, "--tier", "specialized"),
        ("expiring", "--on", ON, "--days", "-1"),
        ("expiring", "--on", ON, "--tier", "above_scale"),
        ("reaching_next", "--on", "2023-01-01"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_written(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--out", "名单.json")

    assert isinstance(result.exception, Refused) or result.exit_code == 2
    assert not Path("名单.json").exists()


def test_watching_changes_nothing_but_the_trail_tells_of_it() -> None:
    def dump() -> list[str]:
        with closing(sqlite3.connect("var/registry.sqlite")) as raw:
            return list(raw.iterdump())

    before = dump()
    for key in watch_lists():
        assert run(key, "--on", ON).exit_code == 0
    after = dump()
    added = [line for line in after if line not in before]
    assert [line for line in after if line not in added] == before
    assert len(added) == len(watch_lists()) and all(line.startswith('INSERT INTO "trail"') for line in added)
