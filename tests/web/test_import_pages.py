"""Lists are imported on the pages: checked as a job, filed once when somebody confirms."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from evidence_desk import BOUNDARY, part
from hall_town import HallTown, hall_town
from jobs_town import HEAD, ROW, _two_districts, checked, job_in, number_of, run, send, titles
from make import code
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.domain.trail import Tag
from registry.store.firms import Firm
from registry.store.ledger import Filing
from registry.store.trail import TRAIL
from registry.work.job_imports import FAULTS_SHOWN
from registry.work.job_templates import LIST_NAMES
from registry.work.queue_job import outcome_of


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _two_districts) as made:
        yield made


def test_a_list_is_checked_first_and_filed_when_confirmed_once(town: HallTown) -> None:
    city = town.browser("city")
    number = checked(town, city, ROW)
    page = city.get(f"/jobs/{number}")
    assert "1 行全部可以导入" in page and "确认导入 1 行" in page
    assert titles(town) == [], "a check stores nothing"

    filing = number_of(city.post(f"/imports/{number}", f"/jobs/{number}"))
    assert number_of(city.post(f"/imports/{number}", f"/jobs/{number}")) == filing, "pressed twice, filed once"
    assert run(town) == 1 and run(town) == 0
    told = outcome_of(job_in(town, filing))
    assert told == {"added": 1, "changed": 0, "unchanged": 0, "left_out": 0}
    assert titles(town) == [date(2026, 5, 9)] and "导入结果" in city.get(f"/jobs/{filing}")
    with town.rows() as session:
        filed = session.scalars(select(Filing).order_by(Filing.id.desc())).first()
        assert filed and (filed.deed, filed.source, filed.actor) == ("import titles", "名单.csv", "测试city")
        entry = session.execute(
            select(TRAIL).where(TRAIL.c.tag == Tag.BOOKS_FILED).order_by(TRAIL.c.seq.desc())
        ).first()
        assert entry and "测试city" in str(entry)

    again = checked(town, city, ROW)
    filing = number_of(city.post(f"/imports/{again}", f"/jobs/{again}"))
    run(town)
    assert outcome_of(job_in(town, filing)) == {"added": 0, "changed": 0, "unchanged": 1, "left_out": 0}
    assert titles(town) == [date(2026, 5, 9)]


def test_faults_are_told_by_cell_and_bad_rows_are_left_out_only_when_asked(town: HallTown) -> None:
    city = town.browser("city")
    number = checked(town, city, ROW, ROW.replace("2026-05-09", "2026-13-09"))
    page = city.get(f"/jobs/{number}")
    assert "F3" in page and "1 行可以导入，1 行有错误" in page
    assert "13-09" not in str(trail_of(town, number)), "what stands in the list is not in the trail"
    copy = city.client.get(f"/jobs/{number}/file")
    assert "校验结果" in copy.data.decode("utf-8-sig").splitlines()[0]
    assert city.post(f"/imports/{number}", f"/jobs/{number}").status_code == 422
    filing = number_of(city.post(f"/imports/{number}", f"/jobs/{number}", skip="yes"))
    run(town)
    assert outcome_of(job_in(town, filing)) == {"added": 1, "changed": 0, "unchanged": 0, "left_out": 1}


def trail_of(town: HallTown, number: int) -> list[object]:
    with town.rows() as session:
        return [tuple(row) for row in session.execute(select(TRAIL).where(TRAIL.c.subject == f"job:{number}"))]


def test_at_most_so_many_faults_are_shown_and_the_copy_has_all(town: HallTown) -> None:
    city = town.browser("city")
    rows = [ROW.replace("2026-05-09", f"2026-13-{number}") for number in range(FAULTS_SHOWN + 50)]
    number = checked(town, city, *rows)
    told = outcome_of(job_in(town, number))
    assert (told["faults"], len(told["first"]), told["good"]) == (FAULTS_SHOWN + 50, FAULTS_SHOWN, 0)
    assert city.post(f"/imports/{number}", f"/jobs/{number}", skip="yes").status_code == 409, "no row is good"


def test_a_wrong_header_stops_the_whole_list(town: HallTown) -> None:
    city = town.browser("city")
    content = f"{HEAD},颜色\n{ROW},红".encode()
    number = number_of(city.post("/imports", "/imports", list="titles", file=(BytesIO(content), "a.csv")))
    run(town)
    assert "表头有错误" in city.get(f"/jobs/{number}")
    assert city.post(f"/imports/{number}", f"/jobs/{number}", skip="yes").status_code == 409


def test_each_keeps_the_lists_of_his_office(town: HallTown) -> None:
    city, statistician = town.browser("city"), town.browser("statistician")
    assert send(city, ROW, kind="scale").status_code == 422
    assert send(statistician, ROW, kind="titles").status_code == 422
    content = (
        f"统一社会信用代码,企业名称,区市,入库日期,入库方式\n{code(1)},青岛示例轴承有限公司,370285,2026-01-31,月度\n"
    )
    file = (BytesIO(content.encode()), "规上.csv")
    number = number_of(statistician.post("/imports", "/imports", list="scale", file=file))
    run(town)
    assert city.post(f"/imports/{number}", "/imports").status_code == 404, "somebody else's"
    told = outcome_of(job_in(town, number))
    if told["good"]:
        filing = number_of(statistician.post(f"/imports/{number}", f"/jobs/{number}"))
        run(town)
        assert outcome_of(job_in(town, filing))["added"] == 1
    assert told["faults"] == 0, told
    town.browser("district").get("/imports", 403)


def test_what_is_no_list_is_refused_with_the_form(town: HallTown) -> None:
    city = town.browser("city")
    assert send(city, ROW, name="名单.pdf").status_code == 422
    assert city.post("/imports", "/imports", list="titles").status_code == 422
    assert send(city, ROW, kind="conquests").status_code == 422
    body = part("list", b"titles") + part("file", b"x" * (21 * 2**20), "large.csv") + f"--{BOUNDARY}--".encode()
    too_large = city.client.post(
        "/imports",
        data=body,
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        headers={"Accept-Language": "zh"},
    )
    assert too_large.status_code == 413 and "最大 20 MB" in too_large.text
    number = number_of(send(city, ROW, name="../../etc/名单.csv"))
    assert '"name":"名单.csv"' in job_in(town, number).told
    assert city.post(f"/imports/{number}", "/imports").status_code == 409, "not checked yet"


def test_a_list_that_is_no_longer_there_fails_in_words(town: HallTown) -> None:
    city = town.browser("city")
    number = checked(town, city, ROW)
    filing = number_of(city.post(f"/imports/{number}", f"/jobs/{number}"))
    for place in (Path(town.app.extensions["vault"].folder)).glob("[0-9a-f][0-9a-f]/*"):
        place.unlink()
    run(town)
    assert job_in(town, filing).state == "failed" and "请重新选择" in city.get(f"/jobs/{filing}")


@pytest.mark.parametrize("which", list(LIST_NAMES))
def test_a_template_that_is_filled_in_is_taken(town: HallTown, which: str) -> None:
    who = "statistician" if which == "scale" else "city"
    browser = town.browser(who)
    template = browser.client.get(f"/imports/{which}.xlsx")
    assert template.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(template.data))
    values = {
        "统一社会信用代码": code(1),
        "企业名称": "青岛示例轴承有限公司",
        "区市": "即墨区",
        "梯度": "创新型中小企业",
        "类型": "首次",
        "公告日期": "2026-05-09",
        "入库日期": "2026-01-31",
        "入库方式": "月度",
    }
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as filled:
        for name in book.sheet_names:
            sheet, rows = filled.add_worksheet(name), book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if name == LIST_NAMES[which]:
                rows.append([values.get(str(heading), "") for heading in rows[0]])
                sheet.activate()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    out.seek(0)
    number = number_of(browser.post("/imports", "/imports", list=which, file=(out, "模板.xlsx")))
    run(town)
    told = outcome_of(job_in(town, number))
    assert (told["rows"], told["good"], told["faults"]) == (1, 1, 0), told
    browser.get("/imports/colours.xlsx", 404)


def test_firms_are_imported_with_their_figures(town: HallTown) -> None:
    city = town.browser("city")
    content = f"统一社会信用代码,企业名称,区市,2025年营业收入(万元)\n{code(50)},青岛新企业有限公司,即墨区,1234.5\n"
    number = number_of(city.post("/imports", "/imports", list="firms", file=(BytesIO(content.encode()), "企业.csv")))
    run(town)
    filing = number_of(city.post(f"/imports/{number}", f"/jobs/{number}"))
    run(town)
    assert outcome_of(job_in(town, filing))["added"] == 1
    with town.rows() as session:
        assert session.scalars(select(Firm.name).where(Firm.uscc == code(50))).one() == "青岛新企业有限公司"
