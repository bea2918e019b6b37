"""`registry targets` end to end: one board as JSON, CSV and .xlsx, values entered, their history, refusals in words."""

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from registry.cli.targets import targets
from registry.domain.errors import Refused
from registry.policy.targets import targets_of

GROWTH = "above_scale_value_added_growth"
ENTERED = ["--year", "2024", "--as-of", "2024-12-31", "--source", "统计公报", "--author", "张三"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(targets, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def enter(key: str, value: str, *more: str) -> Result:
    return run("enter", key, "--value", value, *ENTERED, *more)


def board(*arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("--year", "2024", *arguments).stdout, parse_float=Decimal)
    return told


def row(key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in board()["rows"] if one["key"] == key)
    return found


def test_the_board_tells_every_row_with_exact_numbers() -> None:
    told = board()

    assert (told["year"], told["as_of"]) == (2024, "2024-12-31")
    assert [one["key"] for one in told["rows"]] == [one.key for one in targets_of(2024).targets]
    asked = {"key", "action", "indicator", "goal", "comparator", "unit", "value", "how", "as_of", "source", "met"}
    assert all(asked | {"gap", "projection"} <= set(one) for one in told["rows"])
    growth = row(GROWTH)
    assert (growth["goal"], growth["comparator"], growth["value"], growth["met"]) == (
        Decimal("6.5"),
        "about",
        None,
        None,
    )
    assert row("new_specialized")["value"] == 0


def test_an_entered_value_is_on_the_board_and_the_whole_history_is_kept() -> None:
    assert enter(GROWTH, "7.5").exit_code == 0
    second = enter(GROWTH, "6.9", "--note", "更正")

    assert (second.exit_code, "6.9%" in second.stdout) == (0, True)
    growth = row(GROWTH)
    assert (growth["value"], growth["met"], growth["source"], growth["author"], growth["note"]) == (
        Decimal("6.9"),
        True,
        "统计公报",
        "张三",
        "更正",
    )
    told = json.loads(
        run("history", GROWTH, "--year", "2024", "--format", "json").stdout, parse_float=Decimal, parse_int=Decimal
    )
    assert [one["value"] for one in told["values"]] == [Decimal("6.9"), Decimal("7.5")]
    lines = run("history", GROWTH, "--year", "2024").stdout.splitlines()
    assert "6.9%" in lines[1] and "7.5%" in lines[2] and "张三" in lines[2]


def test_an_empty_history_says_so() -> None:
    assert "尚未录入" in run("history", "upgrade_target", "--year", "2024").stdout


def test_a_negative_value_may_be_entered() -> None:
    assert enter(GROWTH, "-1.25").exit_code == 0
    assert row(GROWTH)["value"] == Decimal("-1.25")


def test_a_value_of_an_earlier_day_is_kept_and_remarked_on() -> None:
    enter(GROWTH, "9.4")
    late = run(
        "enter", GROWTH, "--value", "9.8", "--year", "2024", "--as-of", "2024-06-30", "--source", "a", "--author", "b"
    )

    assert late.exit_code == 0
    assert "注意" in late.stderr


def test_json_csv_and_xlsx_tell_the_same() -> None:
    enter(GROWTH, "9.4", "--note", "=1+1")
    enter("scenes_published", "5001")
    told = board()["rows"]
    for form in ("csv", "xlsx"):
        assert run("--year", "2024", "--format", form, "--out", f"board.{form}").exit_code == 0
    with open("board.csv", encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    book = CalamineWorkbook.from_path("board.xlsx")
    heading, *sheet = book.get_sheet_by_name("年度目标").to_python()
    cells = [dict(zip(heading, line, strict=True)) for line in sheet]
    words = {True: "达到", False: "未达到", None: "未知"}

    assert len(told) == len(listed) == len(cells) == 18
    for one, line, cell in zip(told, listed, cells, strict=True):
        for key, name in [("value", "现值"), ("goal", "目标值"), ("gap", "差距"), ("projection", "年末推算")]:
            number = one[key]
            assert line[name] == ("" if number is None else str(number)), (one["key"], key)
            assert (Decimal(repr(cell[name])) if cell[name] != "" else None) == number, (one["key"], key)
        expected = "" if one["goal"] is None else words[one["met"]]
        assert line["是否达到"] == cell["是否达到"] == expected
        assert line["指标"] == cell["指标"] == one["indicator"]
    growth = next(line for line in listed if line["代号"] == GROWTH)
    assert growth["备注"] != "=1+1" and growth["备注"].endswith("=1+1")
    assert growth["偏离方向"] == "高于区间"


def test_the_cover_of_a_workbook_tells_definitions_day_and_maker() -> None:
    run("--year", "2025", "--as-of", "2025-06-30", "--format", "xlsx", "--out", "board.xlsx")
    cover = CalamineWorkbook.from_path("board.xlsx").get_sheet_by_name("说明").to_python()
    told = "\n".join(str(cell) for line in cover for cell in line)

    assert "青办发〔2024〕3号" in told
    assert "沿用2024年目标，待当年文件" in told
    assert "2025-06-30" in told and "制表时间" in told
    assert "是和之比" in told and "责任部门" in told


def test_a_card_tells_meaning_denominator_frequency_and_department() -> None:
    told = run("card", "high_tech_share", "--year", "2024").stdout

    for word in ("分母", "频率", "责任部门", "青办发〔2024〕3号", "[D]", "≥ 13%"):
        assert word in told
    assert "沿用" in run("card", "high_tech_share").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--year", "2023"], "year: 没有 2023 年的目标"),
        (["--year", "2024", "--as-of", "2025-01-01"], "as_of:"),
        (["--year", "2024", "--as-of", "yesterday"], "as_of:"),
        (["--year", "soon"], "--year"),
        ([], "--year"),
        (["--year", "2024", "--format", "pdf"], "--format"),
        (["--year", "2024", "history", GROWTH, "--year", "2024"], "子命令"),
        (["--year", "2024", "--out", "no/such/folder/x.json"], "x.json"),
        (["enter", GROWTH, "--value", "many", *ENTERED], "value:"),
        (["enter", GROWTH, "--value", "1_0", *ENTERED], "value:"),
        (["enter", GROWTH, "--value", "6.55555", *ENTERED], "value:"),
        (["enter", "high_tech_share", "--value", "13", *ENTERED], "不能录入"),
        (["enter", "nothing", "--value", "13", *ENTERED], "没有可录入的"),
        (["enter", GROWTH, "--value", "6.5", *ENTERED[:-3], " ", "--author", "张三"], "source:"),
        (["enter", GROWTH, "--value", "6.5", *ENTERED[:-2]], "--author"),
        (["history", "nothing", "--year", "2024"], "没有可录入的"),
        (["card", "nothing"], "没有目标"),
    ],
)
def test_bad_input_ends_with_two_and_a_clear_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from registry.cli.main import main; main()", "targets", *arguments],
        cwd=tmp_path,
        env={**os.environ, "REGISTRY_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
