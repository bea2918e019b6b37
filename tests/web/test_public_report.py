"""The public page of reports: by real name, counted by address, looked up by the code alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from make import code
from paper_town import FIRM, PaperTown, paper_town
from sqlalchemy import Engine, event, select

from registry.domain.lookup_codes import spaced
from registry.store.papers import Report
from registry.web.public_report import MOST_REPORTS

GOOD = {
    "uscc": FIRM,
    "reporter": "宋举报",
    "contact": "song@example.com",
    "grounds": "该企业营业收入与纳税申报不一致，附申报表",
}


@pytest.fixture
def town(city_file: Path, tmp_path: Path) -> Iterator[PaperTown]:
    with paper_town(city_file, tmp_path) as made:
        yield made


def reports(town: PaperTown) -> list[Report]:
    with town.rows() as session:
        return list(session.scalars(select(Report).order_by(Report.id)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whoever_reports_gets_a_code_and_looks_the_answer_up(town: PaperTown, lang: str) -> None:
    somebody = town.sit("anonymous", lang)
    assert somebody.ask("/report").all("textarea")
    page = somebody.does("/report", **GOOD)
    (row,) = reports(town)

    assert spaced(row.code) in page.text
    # Nothing of who reported, nor of what, is shown to whoever holds the code.
    assert "宋举报" not in page.source and "song@example.com" not in page.source
    assert "纳税申报不一致" not in page.source
    # The code as it was typed off paper.
    sloppy = spaced(row.code).lower().replace("0", "o")
    answer = somebody.client.get("/report/answer", query_string={"code": sloppy})
    assert (answer.status_code, answer.location) == (303, f"/report/{row.code}")
    assert somebody.client.get(f"/report/{sloppy}").status_code == 301
    assert somebody.client.get("/report/" + "0" * 26).status_code == 404
    assert somebody.client.get("/report/nothing").status_code == 404
    assert somebody.ask("/report/answer?code=12").all("div", role="alert")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("field", "typed", "zh", "en"),
    [
        ("uscc", "", "请填写统一社会信用代码", ""),
        ("uscc", code(3), "没有查到已公布称号", "no firm with a public title"),
        ("reporter", "", "只受理实名举报", "real name"),
        ("reporter", "匿名", "匿名举报不予受理", "Anonymous reports are not taken"),
        ("contact", "", "电话或邮箱", "telephone"),
        ("grounds", "不实", "至少 10 个字", "10 characters"),
    ],
)
def test_what_is_lacking_stands_by_its_box_and_what_was_typed_stays(
    town: PaperTown, lang: str, field: str, typed: str, zh: str, en: str
) -> None:
    page = town.sit("anonymous", lang).is_refused("/report", **GOOD | {field: typed})
    (told,) = re.findall(rf'id="{field}-fault">.*?</span>([^<]+)</p>', page.source)

    assert (zh if lang == "zh" else en).lower() in told.lower()
    assert field == "grounds" or GOOD["grounds"] in page.source
    assert reports(town) == []


@pytest.mark.parametrize("typed", ["\x00", "9137028\x0000000000019"])
def test_what_no_database_takes_is_refused_before_it_is_asked(town: PaperTown, typed: str) -> None:
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_more: Any) -> None:
        asked.append(repr(parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        answer = town.sit("anonymous").send("/report", **(GOOD | {"uscc": typed}))
    finally:
        event.remove(Engine, "before_cursor_execute", listen)

    assert answer.status_code == 422 and reports(town) == []
    assert not [one for one in asked if "x00" in one]


def test_a_firm_is_looked_for_by_name_among_those_with_public_titles(town: PaperTown) -> None:
    somebody = town.sit("anonymous")
    page = somebody.ask("/report?q=轴承")
    assert f"/report?uscc={FIRM}" in page.links
    chosen = somebody.ask(f"/report?uscc={FIRM}")
    assert chosen.value_of("uscc") == FIRM and "青岛示例轴承有限公司" in chosen.text
    # Firm 3 is in the register without any title.
    assert "没有查到" in somebody.ask("/report?q=示例空白").text
    assert "青岛示例空白" not in somebody.ask(f"/report?uscc={code(3)}").text


def test_from_one_address_so_many_are_taken_and_no_more(town: PaperTown) -> None:
    somebody = town.sit("anonymous")
    for _ in range(MOST_REPORTS):
        assert somebody.send("/report", **GOOD).status_code == 303
    assert "次数过多" in somebody.is_refused("/report", **GOOD).text
    assert len(reports(town)) == MOST_REPORTS
    town.at = town.at.replace(hour=11)
    assert town.sit("anonymous").send("/report", **GOOD).status_code == 303


def test_a_report_without_the_pages_token_is_refused(town: PaperTown) -> None:
    assert town.sit("anonymous").client.post("/report", data=GOOD).status_code == 400
    assert reports(town) == []
