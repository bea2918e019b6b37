"""`registry import` end to end: files in, rows in the database, faults at their cells, nothing by halves."""

import csv
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from make import code

from registry.cli.database import settings, upgrade
from registry.cli.imports import import_group
from registry.domain.errors import Refused

FIRMS = ["统一社会信用代码", "企业名称", "区市", "行业代码", "2023年营业收入(万元)", "revenue@2022"]
GOOD = [code(1), "甲示例", "370285", "3451", "6123.00", "54000000"]
BAD = [code(2), "乙示例", "370211", "3451", "很多", ""]
TITLES = ["uscc", "name", "district", "tier", "kind", "recognised_on", "valid_until", "batch", "source"]
SCALE = ["uscc", "name", "district", "entered_on", "entry", "exited_on", "exit_reason", "source"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, *rows: list[str]) -> str:
    with open(name, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return name


def run(command: click.Command, *arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | Refused):
        raise result.exception
    return result


def stored(query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect("var/registry.sqlite")) as raw:
        return raw.execute(query).fetchall()


def test_a_list_of_firms_is_stored_and_twice_changes_nothing() -> None:
    file = write("名单.csv", FIRMS, GOOD)
    first, second = run(import_group, "firms", file), run(import_group, "firms", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "新增 1 行" in first.output
    assert "新增 0 行，更新 0 行，无变化 1 行" in second.output
    assert stored("SELECT uscc, name, district, industry FROM firm") == [(code(1), "甲示例", "370285", "3451")]
    assert stored("SELECT year, revenue FROM yearly_figures ORDER BY year") == [
        (2022, 5_400_000_000),
        (2023, 6_123_000_000),
    ]
    assert stored("SELECT source FROM firm_name") == [("名单.csv",)]


def test_one_bad_row_stops_the_whole_list_before_there_is_a_database() -> None:
    result = run(import_group, "firms", write("名单.csv", FIRMS, GOOD, BAD))

    assert isinstance(result.exception, Refused)
    said = str(result.exception)
    assert "E3" in said and "2023年营业收入(万元)" in said and "很多" in said
    assert "未写入任何数据" in said
    assert not Path("var").exists()
    with open("名单.faults.csv", encoding="utf-8-sig", newline="") as file:
        header, good, bad = list(csv.reader(file))
    assert header[:-1] == FIRMS
    assert good == [*GOOD, ""]
    assert bad[:-1] == BAD and "E " in bad[-1]


def test_good_rows_are_stored_when_bad_ones_may_be_skipped() -> None:
    file = write("名单.csv", FIRMS, GOOD, BAD)
    result = run(import_group, "firms", file, "--skip-bad-rows", "--faults", "错误.csv")

    assert result.exit_code == 0
    assert "E3" in result.stderr and "E3" not in result.stdout
    assert "跳过 1 行" in result.stdout and "新增 1 行" in result.stdout
    assert Path("错误.csv").exists()
    assert stored("SELECT name FROM firm") == [("甲示例",)]


def test_a_bad_header_stops_even_a_lenient_import() -> None:
    file = write("名单.csv", [*FIRMS, "幸福指数"], [*GOOD, "9"])

    assert isinstance(run(import_group, "firms", file, "--skip-bad-rows").exception, Refused)
    assert not Path("var").exists()


def test_a_dry_run_stores_nothing() -> None:
    good, bad = write("好.csv", FIRMS, GOOD), write("坏.csv", FIRMS, BAD)

    assert run(import_group, "firms", good, "--dry-run").exit_code == 0
    assert isinstance(run(import_group, "firms", bad, "--dry-run", "--skip-bad-rows").exception, Refused)
    assert not Path("var").exists()


def test_a_copy_with_faults_never_replaces_the_list_itself() -> None:
    file = write("名单.csv", FIRMS, BAD)
    before = Path(file).read_bytes()

    assert "不得覆盖原文件" in str(run(import_group, "firms", file, "--faults", file).exception)
    assert Path(file).read_bytes() == before


def test_titles_and_stays_are_filed_and_corrected() -> None:
    row = [code(1), "甲示例", "370285", "专精特新", "首次", "2023-04-19", "", "第一批", "1号"]
    assert "新增 1 行" in run(import_group, "titles", write("t.csv", TITLES, row)).output
    row[6] = "2025-12-31"
    assert "更新 1 行" in run(import_group, "titles", write("t2.csv", TITLES, row)).output
    stay = [code(1), "甲示例", "370285", "2022-01-31", "年度", "", "", ""]
    assert "新增 1 行" in run(import_group, "scale", write("s.csv", SCALE, stay)).output

    assert stored("SELECT valid_until, filed_from, superseded_at IS NULL FROM title ORDER BY id") == [
        ("2026-04-18", "t.csv", 0),
        ("2025-12-31", "t2.csv", 1),
    ]
    assert stored("SELECT entered_on, entry FROM scale_stay") == [("2022-01-31", "annual")]


def test_settings_lists_every_setting_and_hides_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "geheim" * 8)
    result = run(settings)

    assert result.exit_code == 0
    assert "REGISTRY_DATABASE_URL=sqlite:///var/registry.sqlite" in result.output
    assert "REGISTRY_SECRET_KEY=******" in result.output
    assert "geheim" not in result.output


def test_upgrade_says_from_where_to_where() -> None:
    assert "空 → " in run(upgrade).output
    assert "已是最新版本" in run(upgrade).output


def test_the_program_refuses_with_two_and_without_a_traceback() -> None:
    write("名单.csv", FIRMS, BAD)

    def registry(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from registry.cli.main import main; main()", *arguments],
            capture_output=True,
            encoding="utf-8",
            env=os.environ | environment,
            timeout=60,
        )

    refusals = [
        registry("import", "firms", "名单.csv"),
        registry("import", "firms", "无此文件.xlsx"),
        registry("settings", REGISTRY_DATABSE_URL="x"),
        registry("upgrade", REGISTRY_DATABASE_URL="sqlite:////无此文件夹/无/x.sqlite"),
        registry("upgrade", REGISTRY_DATABASE_URL="postgresql+nothing://x"),
    ]
    for refusal in refusals:
        assert (refusal.returncode, refusal.stdout) == (2, ""), refusal
        assert refusal.stderr and "Traceback" not in refusal.stderr
    assert "REGISTRY_DATABASE_URL" in refusals[2].stderr
    helped = registry("import", "titles", "--help")
    assert helped.returncode == 0 and "--skip-bad-rows" in helped.stdout
