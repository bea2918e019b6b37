"""The download centre, screening and imports on the pages: progress, files, faults by cell, each effect once."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hall_town import HallTown, Visitor, hall_town
from jobs_town import ROW, _two_districts, checked, job_in, number_of, run, send
from make import code
from python_calamine import CalamineWorkbook
from sqlalchemy import event, func, select

from registry.domain.trail import Tag
from registry.evidence.vault import Vault
from registry.store.firms import Firm
from registry.store.jobs import KEPT, Job, files_of_jobs
from registry.store.people import Person
from registry.store.trail import TRAIL
from registry.web import db
from registry.work.job_files import Written, written_so_far
from registry.work.keep_evidence import files_needed
from registry.work.queue_job import outcome_of


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, _two_districts) as made:
        yield made


def sheet_of(content: bytes, name: str) -> list[list[object]]:
    return list(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name).to_python())


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
    expired = town.clock.at + KEPT
    later = expired - timedelta(seconds=1)
    with town.rows() as session:
        assert vault.sweep(files_needed(session, later), later).orphans == 0
        assert files_of_jobs(session, later) == set(vault.digests())
        assert vault.sweep(files_needed(session, expired), expired).orphans == 2
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
