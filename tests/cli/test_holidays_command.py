"""`registry holidays`: list, import and end on the command line; upgrade and demo fill the calendar."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from registry.cli.database import upgrade
from registry.cli.demo import demo
from registry.cli.holidays import holidays_group
from registry.domain.errors import Refused
from registry.sheets.writing import write_cells
from registry.store.engine import open_ready
from registry.store.trail import trail_page

OF_2027 = "日期,类别,节日\n2027-01-01,放假,元旦\n2027-02-08,放假,春节\n2027-02-20,上班,春节\n2027-10-01,放假,国庆节\n"
SOURCE = ("--year", "2027", "--source", "国办发明电〔2026〕9号")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "sqlite:///x.sqlite")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(holidays_group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def end(*arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("end", *arguments).stdout)
    return told


def refusal(*arguments: str) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def test_upgrade_fills_the_calendar_once() -> None:
    first, second = (CliRunner().invoke(upgrade) for _ in range(2))

    assert "工作日历：已写入 2022、2023、2024、2025、2026" in first.stdout
    assert "工作日历" not in second.stdout
    assert end("--from", "2023-03-20", "--days", "5") == {
        "from": "2023-03-20",
        "days": 5,
        "unit": "working",
        "last_day": "2023-03-24",
        "provisional": False,
        "closes_by_itself": True,
    }
    assert end("--from", "2024-09-29", "--days", "7", "--unit", "calendar")["last_day"] == "2024-10-05"
    assert end("--from", "2026-12-30", "--days", "5") == {
        "from": "2026-12-30",
        "days": 5,
        "unit": "working",
        "last_day": "2027-01-05",
        "provisional": True,
        "closes_by_itself": False,
    }


def test_the_demo_fills_the_calendar_in_its_own_name() -> None:
    made = CliRunner().invoke(demo, ["--firms", "10"])

    assert made.exit_code == 0, made.output
    told = end("--from", "2026-10-08", "--days", "3")
    assert (told["last_day"], told["provisional"]) == ("2026-10-10", False)
    engine = open_ready("sqlite:///x.sqlite")
    with Session(engine) as session:
        filed = [one for one in trail_page(session, limit=500) if one.subject.startswith("calendar:")]
    engine.dispose()
    assert [(one.subject, one.name) for one in filed[::-1]] == [
        (f"calendar:{year}", "registry demo") for year in range(2022, 2027)
    ]


def test_with_nothing_known_everything_is_provisional_and_the_list_says_what_to_do() -> None:
    assert end("--from", "2024-09-27", "--days", "5")["provisional"] is True
    assert "registry upgrade" in run("list").stdout
    assert "2031 年" in run("list", "--year", "2031").stdout


def test_a_year_is_imported_listed_replaced_and_not_twice(tmp_path: Path) -> None:
    CliRunner().invoke(upgrade)
    file = tmp_path / "2027.csv"
    file.write_text(OF_2027, "utf-8")

    assert "放假 3 天，周末上班 1 天，已写入" in run("import", str(file), *SOURCE, "--gazetted-on", "2026-11-03").stdout
    assert "未作改动" in run("import", str(file), *SOURCE, "--gazetted-on", "2026-11-03").stdout
    listed = json.loads(run("list", "--year", "2027", "--format", "json").stdout)["years"]
    assert listed == [
        {
            "year": 2027,
            "source": "国办发明电〔2026〕9号",
            "gazetted_on": "2026-11-03",
            "days": [
                {"day": "2027-01-01", "kind": "off", "name": "元旦"},
                {"day": "2027-02-08", "kind": "off", "name": "春节"},
                {"day": "2027-02-20", "kind": "worked", "name": "春节"},
                {"day": "2027-10-01", "kind": "off", "name": "国庆节"},
            ],
        }
    ]
    assert "2027-02-20 星期六  上班 worked  春节" in run("list", "--year", "2027").stdout
    assert [line[:4] for line in run("list").stdout.splitlines()] == ["2022", "2023", "2024", "2025", "2026", "2027"]
    assert end("--from", "2026-12-30", "--days", "5") == {
        "from": "2026-12-30",
        "days": 5,
        "unit": "working",
        "last_day": "2027-01-06",
        "provisional": False,
        "closes_by_itself": True,
    }
    file.write_text(OF_2027.replace("2027-02-08", "2027-02-09"), "utf-8")
    assert "已替换原来的“国办发明电〔2026〕9号”" in run("import", str(file), *SOURCE).stdout
    assert "2027-02-08" not in run("list", "--year", "2027").stdout


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    file = tmp_path / "2027.xlsx"
    rows: list[list[Any]] = [
        ["day", "kind", "name"],
        [date(2027, 1, 1), "off", "元旦"],
        ["2027-10-01", "off", "国庆节"],
    ]
    write_cells(file, "xlsx", "放假", enumerate(rows, start=1))

    assert "放假 2 天" in run("import", str(file), *SOURCE).stdout


def test_a_bad_file_is_refused_whole(tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(OF_2027 + "2027-02-21,放假,春节\n2026-11-30,放假,元旦\n", "utf-8")
    said = refusal("import", str(file), *SOURCE)

    assert ("第 6 行: 2027-02-21 是星期日" in said, "第 7 行: 2026-11-30 不在 2027 年内" in said) == (True, True)
    assert json.loads(run("list", "--format", "json").stdout) == {"years": []}
    assert "source" in refusal("import", str(write_good(tmp_path)), "--year", "2027", "--source", " ")
    assert "year" in refusal("import", str(write_good(tmp_path)), "--year", "1900", "--source", "甲号")
    assert "none.csv" in refusal("import", "none.csv", *SOURCE)


def write_good(folder: Path) -> Path:
    file = folder / "good.csv"
    file.write_text(OF_2027, "utf-8")
    return file


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2024-01-02", "--days", "0"),
        ("--from", "2024-01-02", "--days", "1001"),
        ("--from", "2024-01-02"),
        ("--days", "5"),
        ("--from", "2024-01-02", "--days", "5", "--unit", "lunar"),
        ("--from", "2024-02-30", "--days", "5"),
        ("--from", "1900-01-01", "--days", "5"),
        ("--from", "9999-12-31", "--days", "5"),
    ],
)
def test_a_bad_question_is_refused(arguments: tuple[str, ...]) -> None:
    result = run("end", *arguments)

    assert result.exit_code != 0
    assert isinstance(result.exception, Refused | SystemExit)
    assert result.stdout == ""
