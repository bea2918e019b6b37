"""`registry publications` end to end: frozen once, shown as it was, counted again, reconciled, refused in words."""

import csv
import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from make import code, title
from python_calamine import CalamineWorkbook

from registry.cli.publications import publications_group
from registry.domain.errors import Refused
from registry.domain.firms import TitleRow
from registry.store.engine import open_ready, writing
from registry.work.file_books import file_titles
from registry.work.publish import PublicationDamaged

TOLD = ["--title", "统计公报", "--source", "青工信〔2025〕1号", "--by", "张三"]


@pytest.fixture(autouse=True)
def _a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'x.sqlite'}")
    # The second firm is a little giant as well: three titles, two firms.
    rows = [title(1, recognised_on=date(2023, 5, 1)), title(2, recognised_on=date(2024, 5, 1), district="370211")]
    file([*rows, title(2, tier="little_giant", recognised_on=date(2024, 7, 1), district="370211")], 1, "公告.xlsx")


def file(rows: list[TitleRow], day: int, source: str) -> None:
    engine = open_ready(f"sqlite:///{Path.cwd() / 'x.sqlite'}")
    with writing(engine) as session:
        file_titles(session, rows, now=datetime(2025, 1, day, tzinfo=UTC), source=source, actor="李四")
    engine.dispose()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(publications_group, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def freeze(year: int = 2024, *more: str) -> Result:
    return run("freeze", "--year", str(year), *TOLD, *more)


def told(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments).stdout)
    return found


def lines(*arguments: str) -> list[list[str]]:
    text = run(*arguments).stdout_bytes.decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def late() -> None:
    """File a title of the published year after it was published."""
    file([title(3, recognised_on=date(2024, 6, 1), name="迟报企业")], 20, "补报.xlsx")


def test_a_year_is_frozen_listed_and_shown() -> None:
    assert "编号 1" in freeze().stdout

    assert "《统计公报》" in run("list").stdout
    (one,) = told("list", "--format", "json")["publications"]
    assert (one["id"], one["year"], one["as_of"], one["author"]) == (1, 2024, "2024-12-31", "张三")
    assert len(one["digest"]) == 64
    shown = told("show", "1")
    assert shown["source"] == "青工信〔2025〕1号"
    total, by_district = shown["counts"][:2]
    assert (total["by"], total["titles"], total["firms"]) == ([], 3, 2)
    stocks = {(row["tier"], row["district"]): row["stock_end"] for row in by_district["rows"]}
    assert (stocks["specialized", "370285"], stocks["specialized", "370211"]) == (1, 1)


def test_what_was_frozen_is_shown_alike_whatever_is_filed_later() -> None:
    freeze()
    before = run("show", "1").stdout
    late()

    assert run("show", "1").stdout == before


def test_only_the_breakdowns_that_are_asked_for_are_frozen() -> None:
    freeze(2024, "--breakdown", "industry,district", "--breakdown", "size")

    assert told("show", "1")["breakdowns"] == ["", "district,industry", "size"]
    rows = lines("show", "1", "--format", "csv")
    assert rows[0][:6] == ["分组", "梯度", "区市代码", "区市", "行业大类代码", "行业大类"]
    assert {row[0] for row in rows[1:]} == {"合计", "区市与行业大类", "规模"}


def test_a_recount_says_what_differs_which_firm_and_why() -> None:
    freeze()
    assert told("recount", "1")["numbers"] == []
    late()

    found = told("recount", "1")

    (new,) = [
        one for one in found["numbers"] if not one["by"] and one["tier"] == "specialized" and one["measure"] == "new"
    ]
    assert (new["frozen"], new["now"], new["difference"]) == (1, 2, 1)
    assert {firm["uscc"] for firm in found["firms"]} == {code(3)}
    reason = found["firms"][0]["reasons"][0]
    assert (reason["kind"], reason["source"], reason["by"]) == ("late", "补报.xlsx", "李四")
    assert reason["known_at"].startswith("2025-01-20T08:00:00")
    assert reason["entries"][0]["tag"] == "recognised"
    # As known when it was frozen, nothing differs.
    known_at = told("list", "--format", "json")["publications"][0]["known_at"]
    assert told("recount", "1", "--known-at", known_at)["numbers"] == []
    assert run("recount", "1", "--limit", "1").stderr.endswith("列出 1 (listed)\n")


def test_a_recount_as_csv_and_as_a_workbook(tmp_path: Path) -> None:
    freeze()
    late()

    numbers = lines("recount", "1", "--format", "csv")
    assert numbers[0][-4:] == ["指标", "公布数", "现计数", "差"]
    assert numbers[1][:2] == ["合计", "专精特新中小企业"]
    assert numbers[1][-4:] == ["新增", "1", "2", "1"]
    firms = lines("recount", "1", "--format", "csv", "--sheet", "firms")
    assert firms[1][:2] == [code(3), "迟报企业"]
    assert firms[1][-4] == "补录"
    out = tmp_path / "差异.xlsx"
    run("recount", "1", "--format", "xlsx", "--out", str(out), "--author", "张三")
    book = CalamineWorkbook.from_path(out)
    assert book.sheet_names == ["封面", "差异", "企业"]
    assert [str(cell) for cell in book.get_sheet_by_name("企业").to_python()[1][:2]] == [code(3), "迟报企业"]
    run("show", "1", "--format", "xlsx", "--out", str(out))
    assert CalamineWorkbook.from_path(out).sheet_names[:3] == ["封面", "合计", "区市"]


def test_two_publications_are_reconciled(tmp_path: Path) -> None:
    freeze(2024, "--as-of", "2024-06-30")
    late()
    freeze()

    found = told("reconcile", "1", "2")

    (city,) = [one for one in found["rows"] if one["tier"] == "specialized" and not one["by"]]
    assert (city["stock_from"], city["added"], city["stock_amended"], city["stock_to"]) == (2, 1, 3, 3)
    (giants,) = [one for one in found["rows"] if one["tier"] == "little_giant" and not one["by"]]
    assert (giants["stock_from"], giants["new"], giants["stock_to"]) == (0, 1, 1)
    assert [firm["uscc"] for firm in found["firms"]] == [code(3), code(3)]
    assert lines("reconcile", "2", "1", "--format", "csv")[0][4] == "先公布期末"
    out = tmp_path / "对账.xlsx"
    run("reconcile", "1", "2", "--format", "xlsx", "--out", str(out))
    assert CalamineWorkbook.from_path(out).sheet_names == ["封面", "对账", "企业"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "9"], "编号 9"),
        (["recount", "9"], "编号 9"),
        (["reconcile", "1", "9"], "编号 9"),
        (["freeze", "--year", "2024", *TOLD], "已按同一日期"),
        (["freeze", "--year", "2024", *TOLD, "--as-of", "2025-01-01"], "as_of"),
        (["freeze", "--year", "2024", *TOLD, "--breakdown", "colour"], "breakdown:"),
        (["freeze", "--year", "2190", *TOLD], "尚未到来"),
    ],
)
def test_bad_input_is_refused_in_words(arguments: list[str], said: str) -> None:
    freeze()

    with pytest.raises(Refused, match=said):
        run(*arguments)


def test_a_damaged_publication_is_refused(tmp_path: Path) -> None:
    freeze()
    engine = open_ready(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER publication_no_update")
        connection.exec_driver_sql("UPDATE publication SET as_of = '2024-12-30'")
    engine.dispose()

    for command in ("show", "recount"):
        with pytest.raises(PublicationDamaged, match="已被改动"):
            run(command, "1")
