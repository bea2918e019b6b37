"""The download centre, screening and imports on the pages: progress, files, faults by cell, each effect once."""

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter
from casework import Hall
from evidence_desk import BOUNDARY, part
from hall_town import HallTown, Visitor, hall_town
from make import code
from people import firm_in
from python_calamine import CalamineWorkbook
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from registry.domain.trail import Tag
from registry.evidence.vault import Vault
from registry.store.engine import open_engine
from registry.store.firms import Firm
from registry.store.jobs import KEPT, Job, files_of_jobs
from registry.store.ledger import Filing
from registry.store.people import Person
from registry.store.statements import Title
from registry.store.trail import TRAIL
from registry.web import db
from registry.work.job_files import Written, written_so_far
from registry.work.job_imports import FAULTS_SHOWN
from registry.work.job_kinds import handlers
from registry.work.job_templates import LIST_NAMES
from registry.work.keep_evidence import sweep
from registry.work.queue_job import outcome_of
from registry.work.run_jobs import run_next

HEAD = "统一社会信用代码,企业名称,区市,梯度,类型,公告日期"
ROW = f"{code(1)},青岛示例轴承有限公司,370285,专精特新中小企业,首次,2026-05-09"


def _two_districts(hall: Hall) -> None:
    firm_in(hall.session, 2, "370214")
    firm_in(hall.session, 3, "370202")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _two_districts) as made:
        yield made


def run(town: HallTown) -> int:
    """Let a worker do what waits; return how many jobs it did."""
    engine, did = open_engine(town.url), 0
    kinds = handlers(town.app.config["SETTINGS"])
    while run_next(engine, kinds, worker="test", clock=lambda: town.clock.at):
        did += 1
    engine.dispose()
    return did


def job_in(town: HallTown, number: int) -> Job:
    with town.rows() as session:
        return session.get_one(Job, number)


def number_of(answer: TestResponse) -> int:
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def send(browser: Visitor, *rows: str, kind: str = "titles", name: str = "名单.csv") -> TestResponse:
    content = "\n".join((HEAD, *rows)).encode()
    return browser.post("/imports", "/imports", list=kind, file=(BytesIO(content), name))


def checked(town: HallTown, browser: Visitor, *rows: str) -> int:
    number = number_of(send(browser, *rows))
    assert run(town) == 1
    return number


def sheet_of(content: bytes, name: str) -> list[list[object]]:
    return list(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name).to_python())


# ---- the download centre ----


def test_a_job_shows_how_far_it_is_and_asks_again_until_it_is_over(town: HallTown) -> None:
    city = town.browser("city")
    number = number_of(city.post("/screenings", "/screenings", tier="innovative", kind="new", on="2026-11-09"))
    answer = city.client.get(f"/jobs/{number}")
    assert answer.headers["Refresh"] == "3" and "等待处理" in answer.text
    assert f'href="/jobs/{number}">刷新' in answer.text
    still = city.client.get(f"/jobs/{number}?still=1")
    assert "Refresh" not in still.headers and "等待处理" in still.text

    with town.rows() as session:
        job = session.get_one(Job, number)
        job.state, job.lease_until, job.done, job.total = "running", town.clock.at, 1, 4
        job.step = "写出 (writing)"
    page = city.get("/jobs")
    assert 'value="25"' in page and "1 / 4（25%）" in page and "写出" in page and "正在处理" in page
    vault = town.app.extensions["vault"]
    told = Written(vault, number, 8_000)
    told.add(6_000)
    assert "6,000 / 8,000（75%）" in city.get("/jobs") and "正在写入，不能取消" in city.get(f"/jobs/{number}")
    told.over()
    assert written_so_far(vault, number) is None

    with town.rows() as session:
        job = session.get_one(Job, number)
        job.state, job.lease_until = "waiting", None
    assert run(town) == 1
    over = city.client.get(f"/jobs/{number}")
    assert "Refresh" not in over.headers and "已完成" in over.text


def test_a_file_is_handed_out_to_whoever_asked_for_it_until_it_expires(town: HallTown) -> None:
    city = town.browser("city")
    number = number_of(city.post("/screenings", "/screenings", tier="innovative", kind="new", on="2026-11-09"))
    city.get(f"/jobs/{number}/file", 404)
    run(town)
    answer = city.client.get(f"/jobs/{number}/file")
    assert answer.status_code == 200
    assert "UTF-8''%E7%AD%9B%E6%9F%A5" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    rows = sheet_of(answer.data, "筛查结果")
    with town.rows() as session:
        assert len(rows) == 1 + (session.scalar(select(func.count()).select_from(Firm)) or 0)
        traced = select(func.count()).select_from(TRAIL).where(TRAIL.c.tag == Tag.DATA_EXPORTED)
        assert session.scalar(traced.where(TRAIL.c.subject == f"job:{number}")) == 1

    for who, status in (("second_city", 404), ("applicant", 404), ("nobody", 303)):
        for address in (f"/jobs/{number}", f"/jobs/{number}/file"):
            town.browser(who).get(address, status)
    assert town.browser("second_city").post(f"/jobs/{number}/cancel").status_code == 404

    assert job_in(town, number).expires_at == town.clock.at + KEPT
    town.clock.at += KEPT
    city = town.browser("city")
    city.get(f"/jobs/{number}/file", 409)
    assert "文件已过期" in city.get("/jobs")


def test_files_of_jobs_outlive_the_sweep_as_long_as_they_are_handed_out(town: HallTown) -> None:
    city = town.browser("city")
    number = checked(town, city, ROW.replace("首次", "再次"))
    vault: Vault = town.app.extensions["vault"]
    for digest in vault.digests():
        os.utime(vault.folder / digest[:2] / digest, (0, 0))
    assert len(list(vault.digests())) == 2, "the list and the copy with its faults"
    later = town.clock.at + KEPT - timedelta(seconds=1)
    with town.rows() as session:
        assert sweep(session, vault, now=later).orphans == 0
        assert files_of_jobs(session, later) == set(vault.digests())
        assert sweep(session, vault, now=later + timedelta(seconds=1)).orphans == 2
    city.get(f"/jobs/{number}/file", 409)


def test_a_job_that_waits_is_cancelled_and_one_that_failed_says_why(town: HallTown) -> None:
    city = town.browser("city")
    number = number_of(send(city, ROW))
    assert city.post(f"/jobs/{number}/cancel", f"/jobs/{number}").status_code == 303
    assert "已取消" in city.get(f"/jobs/{number}") and run(town) == 0
    assert city.post(f"/jobs/{number}/cancel", "/jobs").status_code == 409

    number = number_of(send(city, name="名单.xlsx"))
    run(town)
    assert "未能完成" in city.get("/jobs") and "不是 .xlsx 工作簿" in city.get(f"/jobs/{number}")


def test_what_came_of_a_job_goes_with_the_seat(town: HallTown) -> None:
    city = town.browser("city")
    number = number_of(city.post("/screenings", "/screenings", tier="innovative", kind="new", on="2026-11-09"))
    run(town)
    with town.rows() as session:
        job = session.get_one(Job, number)
        job.person_id = session.scalars(select(Person.id).where(Person.name == "测试applicant")).one()
    applicant = town.browser("applicant")
    assert "最接近达标" not in applicant.get(f"/jobs/{number}")
    applicant.get(f"/jobs/{number}/file", 404)


def test_the_list_of_jobs_is_paged_and_costs_few_look_ups(town: HallTown) -> None:
    city = town.browser("city")
    for _ in range(18):
        number_of(city.post("/screenings", "/screenings", tier="innovative", kind="new", on="2026-11-09"))
    run(town)
    for _ in range(18):
        number_of(city.post("/screenings", "/screenings", tier="innovative", kind="new", on="2026-11-09"))
    page = city.get("/jobs")
    more = re.search(r'href="(/jobs\?after=\d+)"', page)
    assert more and page.count("job-head") == 30
    assert city.get(more[1]).count("job-head") == 6
    assert queries(town, city, "/jobs") <= 8


def queries(town: HallTown, browser: Visitor, address: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    with town.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    browser.get(address)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


# ---- screening ----


def test_a_screening_shows_the_nearest_with_what_they_lack_and_by_which_rules(town: HallTown) -> None:
    city = town.browser("city")
    city.get("/screenings")
    page = city.get("/screenings?tier=specialized&kind=new&on=2026-11-09")
    assert "适用标准" in page and "工信部企业〔2026〕2号" in page
    assert page.index(code(1)) < page.index(code(2)), "the firm that is known stands before those of which little is"
    assert "待补充资料的条款" in page
    assert city.get("/screenings?tier=specialized&on=2026-11-09&district=370214").count('name="firm"') == 1
    assert city.get("/screenings?tier=specialized&on=2026-11-09&show=met").count('name="firm"') == 0
    assert city.get("/screenings?tier=specialized&on=2026-11-09&show=not_yet").count('name="firm"') == 3
    for wrong in (
        "tier=none",
        "tier=specialized&show=x",
        "tier=specialized&on=x",
        "tier=specialized&kind=old",
        "tier=specialized&district=1",
    ):
        city.get(f"/screenings?{wrong}", 400)
    city.get("/screenings?tier=innovative&on=2012-01-01", 400)
    town.browser("applicant").get("/screenings", 403)


def test_a_screening_by_another_version_says_that_it_only_compares(town: HallTown) -> None:
    city = town.browser("city")
    page = city.get("/screenings?tier=specialized&on=2026-11-09&rule_set=specialized-2022")
    assert "工信部企业〔2022〕63号" in page and "仅供比较" in page
    assert 'name="rule_set" value="specialized-2022"' in page, "lists and call-ups go by the same"
    # That of another tier, left over from what was chosen before, is not taken.
    page = city.get("/screenings?tier=innovative&on=2026-11-09&rule_set=specialized-2022")
    assert "innovative-2022" in page and "仅供比较" not in page

    asked = {"tier": "specialized", "kind": "new", "on": "2026-11-09", "rule_set": "specialized-2022"}
    number = number_of(city.post("/screenings", "/screenings", **asked))
    run(town)
    assert "specialized-2022" in city.get(f"/jobs/{number}")


def test_a_district_screens_its_own_firms_only(town: HallTown) -> None:
    district = town.browser("district")
    page = district.get("/screenings?tier=specialized&on=2026-11-09")
    assert code(1) in page and code(2) not in page
    district.get("/screenings?tier=specialized&on=2026-11-09&district=370214", 404)
    asked = {"tier": "specialized", "kind": "new", "on": "2026-11-09"}
    assert district.post("/screenings", "/screenings", **asked, district="370214").status_code == 404
    number = number_of(district.post("/screenings", "/screenings", **asked))
    run(town)
    assert "370285" in job_in(town, number).told
    assert code(1) in district.get(f"/jobs/{number}") and code(2) not in district.get(f"/jobs/{number}")
    assert district.post("/screenings/call-up", "/screenings", **asked, firm=[code(2)]).status_code == 404


def test_a_large_register_is_screened_by_a_job(town: HallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.screenings.AT_ONCE", 2)
    city = town.browser("city")
    page = city.get("/screenings?tier=specialized&on=2026-11-09")
    assert "需要较长时间" in page and 'name="firm"' not in page
    asked = {"tier": "specialized", "kind": "new", "on": "2026-11-09"}
    number = number_of(city.post("/screenings", "/screenings", **asked))
    run(town)
    assert code(1) in city.get(f"/jobs/{number}")
    assert outcome_of(job_in(town, number))["firms"][0]["uscc"] == code(1)


def test_called_up_firms_stand_in_a_workbook_per_district(town: HallTown) -> None:
    city = town.browser("city")
    asked = {"tier": "specialized", "kind": "new", "on": "2026-11-09"}
    for firms in ([], [code(number) for number in range(1, 102)]):
        assert city.post("/screenings/call-up", "/screenings", **asked, firm=firms).status_code == 422
    assert city.post("/screenings/call-up", "/screenings", **asked, firm=[code(90)]).status_code == 404
    number = number_of(city.post("/screenings/call-up", "/screenings", **asked, firm=[code(1), code(2), code(2)]))
    run(town)
    answer = city.client.get(f"/jobs/{number}/file")
    with ZipFile(BytesIO(answer.data)) as packed:
        names = packed.namelist()
        assert len(names) == 2 and all(name.endswith(".xlsx") for name in names)
        rows = [sheet_of(packed.read(name), "提升清单")[1] for name in names]
    assert {row[0] for row in rows} == {code(1), code(2)}
    assert all(row[2] in ("满足", "不满足", "待定") for row in rows) and any(row[3] or row[4] for row in rows)

    number = number_of(city.post("/screenings/call-up", "/screenings", **asked, firm=code(1)))
    run(town)
    assert (job_in(town, number).result_name or "").endswith(".xlsx")


# ---- imports ----


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


def titles(town: HallTown) -> list[date]:
    with town.rows() as session:
        return list(session.scalars(select(Title.recognised_on).where(Title.source == "", Title.tier == "specialized")))


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
