"""The city draws by its pages after it saw of whom, commissions audits, and whoever looked reports once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from examination_desk import Browser, Examined, build, checked, examined_over
from examined_cases import cases_at, tie
from sqlalchemy import select
from tamper import own

from registry.domain.sampling import rank
from registry.store.cases import Application
from registry.store.examination_lists import members_of
from registry.store.examinations import SampleDraw, SampleMember
from registry.store.offices import OfficeRow

AUDIT = {"tier": "specialized", "stage": "city_audit"}
SAMPLE = {"tier": "innovative", "stage": "city_sample"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("samples") / "built.sqlite")


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Examined]:
    with examined_over(built, tmp_path) as made:
        yield made


def draw(city: Browser, where: dict[str, str] = AUDIT, seen: int = 11) -> str:
    """Draw by the page; return the address of the draw."""
    answer = city.post("/samples/draw", **where, seen=seen)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def seen_at(where: dict[str, str]) -> str:
    return f"/samples/draw?tier={where['tier']}&stage={where['stage']}"


def drawn_of(desk: Examined) -> list[Application]:
    with desk.rows() as session:
        (row,) = session.scalars(select(SampleDraw))
        return [one.case for one in members_of(session, row.id) if one.member.is_drawn]


def office(desk: Examined) -> int:
    with desk.rows() as session:
        return session.scalars(select(OfficeRow.id).where(OfficeRow.kind == "auditor")).one()


def results(desk: Examined) -> list[str | None]:
    with desk.rows() as session:
        return list(session.scalars(select(SampleMember.result).where(SampleMember.is_drawn)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_shown_of_whom_and_how_many_before_anything_is_drawn(desk: Examined, lang: str) -> None:
    city = desk.browser("city", lang)
    page = city.page("/samples")
    assert {link.partition("?")[0] for link in page.links if "/samples/" in link} == {"/samples/draw"}
    shown = city.page(seen_at(AUDIT))
    assert shown.value_of("seen") == "11"
    assert lang == "en" or "将从 11 件中抽取 2 件" in shown.text
    assert all(str(case.reference) in shown.text for case in desk.cases("city_audit"))
    with desk.rows() as session:
        assert list(session.scalars(select(SampleDraw))) == []

    drawn = city.page(draw(city))
    with desk.rows() as session:
        (row,) = session.scalars(select(SampleDraw))
    assert row.seed in drawn.text and row.digest in drawn.text
    # The two smallest lots of all, worked out here.
    every = [str(case.reference) for case in desk.cases("city_audit")]
    expected = sorted(every, key=lambda one: rank(row.seed, one))[:2]
    assert sorted(str(case.reference) for case in drawn_of(desk)) == sorted(expected)
    assert lang == "en" or "一致" in drawn.text
    assert f"/samples/{row.id}" in city.page("/samples").links


def test_nothing_is_drawn_that_was_not_seen_or_is_not_there(desk: Examined) -> None:
    city = desk.browser("city")
    assert city.post("/samples/draw", **AUDIT, seen=10).status_code == 409
    assert city.post("/samples/draw", **AUDIT).status_code == 400
    assert city.post("/samples/draw", **AUDIT, seen="x").status_code == 400
    assert city.post("/samples/draw", tier="specialized", stage="city_review", seen=11).status_code == 404
    assert city.get("/samples/draw?tier=little_giant&stage=city_review").status_code == 404
    assert city.get("/samples/draw?tier=none&stage=city_review").status_code == 400
    assert city.get("/samples/999999").status_code == 404
    draw(city)
    assert city.post("/samples/draw", **AUDIT, seen=0).status_code == 409
    assert "没有等待抽取的案件" in city.page(seen_at(AUDIT)).text


def test_a_draw_that_does_not_come_out_the_same_is_told(desk: Examined) -> None:
    city = desk.browser("city")
    address = draw(city)
    with desk.rows() as session:
        own(session)
        (row,) = session.scalars(select(SampleDraw))
        row.seed = "0" * 31 + ("1" if row.seed[-1] == "0" else "0")
        row.digest = "0" * 64
    assert "不一致" in city.page(address).text and "名单与记录的摘要不符" in city.page(address).text


def test_only_the_city_runs_samples_and_only_auditors_see_audits(desk: Examined) -> None:
    city = desk.browser("city")
    address, case = draw(city), drawn_of(desk)[0]
    for who in ("district", "statistician", "auditor", "tax", "applicant"):
        browser = desk.browser(who)
        for one in ("/samples", seen_at(AUDIT), address, f"/inspections/{case.id}"):
            assert browser.get(one).status_code == 403, (who, one)
        assert browser.post("/samples/draw", **AUDIT, seen=11).status_code == 403
        assert browser.post(f"{address}/auditor", office=office(desk), case=case.id).status_code == 403
    for who in ("city", "district", "tax", "applicant"):
        assert desk.browser(who).get("/audits").status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_audit_is_commissioned_and_reported(desk: Examined, lang: str) -> None:
    city, auditor = desk.browser("city", lang), desk.browser("auditor", lang)
    address, (first, second) = draw(city), drawn_of(desk)
    assert auditor.get(f"/audits/{first.id}").status_code == 404
    assert f"/audits/{first.id}" not in auditor.page("/audits").links

    city.does(f"{address}/auditor", office=office(desk), case=first.id)
    assert f"/audits/{first.id}" in auditor.page("/audits").links
    assert auditor.get(f"/audits/{second.id}").status_code == 404
    assert auditor.post(f"/audits/{second.id}", result="clear", finding="查过").status_code == 404
    # The city may look, and leaves the report to the auditor.
    assert city.page(f"/inspections/{second.id}").all("textarea") == []
    assert city.post(f"/inspections/{second.id}", result="clear", finding="查过").status_code == 409
    page = auditor.page(f"/audits/{first.id}")
    for word in (first.firm_name, first.uscc, str(first.reference), "审计报告.pdf", "2025", "3451"):
        assert word in page.text
    auditor.does(f"/audits/{first.id}", result="adverse", finding="营业收入多列 12 万元")
    assert sorted(results(desk), key=str) == [None, "adverse"]
    assert "营业收入多列 12 万元" in city.page(address).text
    again = checked(auditor.post(f"/audits/{first.id}", result="clear", finding="无"), 409)
    assert ("已经录入" if lang == "zh" else "The result is in already") in again.text
    assert f"/audits/{first.id}" in auditor.page("/audits?tab=reported").links
    assert auditor.page(f"/audits/{first.id}").all("textarea") == []


@pytest.mark.parametrize(
    ("lang", "boxes", "word"),
    [
        ("zh", {"result": "clear", "finding": ""}, "请写明检查情况"),
        ("zh", {"result": "", "finding": "查过"}, "请选择结果"),
        ("zh", {"result": "good", "finding": "查过"}, "请选择结果"),
        ("zh", {"result": "clear", "finding": "长" * 2001}, "不超过 2000 个字符"),
    ],
)
def test_what_is_wrong_with_a_result_stands_by_its_field(
    desk: Examined, lang: str, boxes: dict[str, str], word: str
) -> None:
    city = desk.browser("city", lang)
    draw(city, SAMPLE, 2)
    (case,) = drawn_of(desk)
    page = checked(city.post(f"/inspections/{case.id}", **boxes), 422)
    assert word in page.text and boxes["finding"] in page.text
    assert results(desk) == [None]


def test_the_city_reports_where_it_looks_itself(desk: Examined) -> None:
    city = desk.browser("city")
    address = draw(city, SAMPLE, 2)
    (case,) = drawn_of(desk)
    (other,) = [one for one in desk.cases("city_sample") if one.id != case.id]
    assert f"/inspections/{case.id}" in city.page(address).links
    assert city.page(address).all("select") == []
    assert checked(city.post(f"{address}/auditor", office=office(desk), case=case.id), 409)
    assert city.get(f"/inspections/{other.id}").status_code == 404

    done = city.does(f"/inspections/{case.id}", result="clear", finding="到现场，生产正常")
    assert "到现场，生产正常" in done.text and "未发现问题" in done.text
    assert city.post(f"/inspections/{case.id}", result="clear", finding="再次").status_code == 409


@pytest.mark.parametrize(
    ("boxes", "status", "word"),
    [
        ({"office": ""}, 422, "请选择第三方审计机构"),
        ({"office": "1"}, 422, "请选择第三方审计机构"),
        ({"case": []}, 422, "请至少选择一家"),
        ({"case": "x"}, 422, "应为案件编号"),
        ({"case": "999999"}, 409, "已委托该机构"),
    ],
)
def test_what_cannot_be_commissioned_is_said(desk: Examined, boxes: dict[str, object], status: int, word: str) -> None:
    city = desk.browser("city")
    address = draw(city)
    good: dict[str, object] = {"office": office(desk), "case": [case.id for case in drawn_of(desk)]}
    page = checked(city.post(f"{address}/auditor", **(good | boxes)), status)
    assert word in page.text
    assert desk.browser("auditor").page("/audits").all("table") == []


def test_an_auditor_that_is_tied_is_told_so(desk: Examined) -> None:
    city = desk.browser("city")
    address, (first, _second) = draw(city), drawn_of(desk)
    city.does(f"{address}/auditor", office=office(desk), case=first.id)
    with desk.hall() as hall:
        tie(hall, "auditor", first)
    auditor = desk.browser("auditor")
    assert "您须回避" in auditor.page(f"/audits/{first.id}").text
    assert auditor.post(f"/audits/{first.id}", result="clear", finding="查过").status_code == 403


def test_every_audit_stands_on_one_page(desk: Examined) -> None:
    with desk.hall() as hall:
        cases_at(hall, "specialized", "city_audit", 600, start=5000)
    city = desk.browser("city")
    address = draw(city, seen=611)
    numbers = [case.id for case in drawn_of(desk)]
    assert len(numbers) == 62
    city.does(f"{address}/auditor", office=office(desk), case=numbers)
    auditor, seen, link = desk.browser("auditor"), list[str](), "/audits"
    for _ in range(2):
        page = auditor.page(link)
        seen += [one for one in page.links if one.startswith("/audits/")]
        link = next((one["href"] for one in page.all("a", rel="next")), "")
    assert link == "" and sorted(seen) == sorted(f"/audits/{one}" for one in numbers)
