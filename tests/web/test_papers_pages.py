"""Pages of a firm's papers: yearly update, major changes, questions of the bureau; and those of the bureau for them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from paper_town import FIRM, MAY, OTHER, SHANGHAI, PaperTown, paper_town
from sqlalchemy import select

from registry.domain.conflicts import TieKind
from registry.domain.trail import Doer, Tag
from registry.store.papers import ChangeReport, Report, YearlyUpdate
from registry.work.declare_tie import declare

UPDATES, CHANGES = f"/firms/{FIRM}/updates", f"/firms/{FIRM}/changes"
CHANGE = {"kind": "rename", "happened_on": "2027-04-01", "told": "企业名称变更，已领取新的营业执照"}
REPORT = {
    "uscc": FIRM,
    "reporter": "宋举报",
    "contact": "13800138000",
    "grounds": "该企业营业收入与纳税申报不一致，附申报表",
}


@pytest.fixture
def town(city_file: Path, tmp_path: Path) -> Iterator[PaperTown]:
    with paper_town(city_file, tmp_path) as made:
        yield made


def reported(town: PaperTown) -> int:
    """Report firm 1 as somebody who is not signed in, and return the number of the report."""
    town.sit("anonymous").does("/report", **REPORT)
    with town.rows() as session:
        return session.scalars(select(Report.id).order_by(Report.id.desc())).first() or 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_firm_files_its_update_from_its_own_information(town: PaperTown, lang: str) -> None:
    town.fill_in()
    firm = town.sit("applicant", lang)
    page = firm.ask(UPDATES)
    assert "2027-05-31" in page.text and ("未提交" in page.text or lang == "en")
    assert "5,000" in page.text or "5000" in page.text
    done = firm.does(UPDATES, signed_as="凌经办")

    with town.rows() as session:
        (row,) = session.scalars(select(YearlyUpdate)).all()
    assert (row.year, row.number, row.signed_as) == (2027, 1, "凌经办")
    assert "凌经办" in done.text and done.all("p", role="status")
    assert [one.subject for one in town.entries(Tag.UPDATE_FILED)] == [f"firm:{FIRM}"]
    # The same again is refused, and a correction is taken.
    assert firm.send(UPDATES, signed_as="凌经办").status_code == 409
    town.fill_in({"years.2026.revenue": "5001"})
    firm.does(UPDATES, signed_as="凌经办")


def test_what_keeps_an_update_back_is_told(town: PaperTown) -> None:
    firm = town.sit("applicant")
    assert "还没有 2026 年度的数据" in firm.ask(UPDATES).text
    assert "还没有 2026 年度的数据" in firm.is_refused(UPDATES, signed_as="凌经办").text
    town.fill_in()
    assert "请输入您的姓名" in firm.is_refused(UPDATES, signed_as=" ").text
    town.fill_in({"years.2026.revenue": "很多"})
    assert "填写错误" in firm.ask(UPDATES).text
    assert "填写错误" in firm.is_refused(UPDATES, signed_as="凌经办").text
    with town.rows() as session:
        assert session.scalars(select(YearlyUpdate)).all() == []


@pytest.mark.parametrize(
    ("at", "word", "late"),
    [
        (datetime(2027, 5, 31, 23, 59, tzinfo=SHANGHAI), "已按期提交", "按期"),
        (datetime(2027, 6, 1, 0, 0, tzinfo=SHANGHAI), "记为逾期", "逾期"),
    ],
)
def test_late_ones_are_taken_and_told_as_late(town: PaperTown, at: datetime, word: str, late: str) -> None:
    town.fill_in()
    town.at = at
    page = town.sit("applicant").does(UPDATES, signed_as="凌经办")

    assert word in page.text and late in page.text


def test_before_the_first_year_nothing_is_asked(town: PaperTown) -> None:
    town.at = datetime(2026, 11, 26, 10, 0, tzinfo=SHANGHAI)
    page = town.sit("applicant").ask(UPDATES)

    assert "自 2027 年起" in page.text and not page.all("input", name="signed_as")
    # Whoever sends the form all the same is told so, and led to no box.
    assert "自 2027 年起" in town.sit("applicant").is_refused(UPDATES, signed_as=" ").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_change_is_reported_settled_and_told(town: PaperTown, lang: str) -> None:
    firm = town.sit("applicant", lang)
    page = firm.does(CHANGES, **CHANGE)
    assert CHANGE["told"] in page.text and "2027-07-01" in page.text
    with town.rows() as session:
        (row,) = session.scalars(select(ChangeReport)).all()
    assert any("重大变更" in one or "major change" in one for one in town.mails("district"))
    desk = town.sit("district", lang)
    assert f"/papers/changes/{row.id}" in desk.ask("/papers").links
    assert CHANGE["told"] in desk.ask(f"/papers/changes/{row.id}").text
    at = f"/papers/changes/{row.id}/settle"
    bad = desk.is_refused(at, outcome="", reply="经核实不再符合条件")
    assert "经核实不再符合条件" in bad.source
    done = desk.does(at, outcome="not_qualified", reply="经核实不再符合条件")
    assert f"/revocations/new?firm={FIRM}" in done.links
    assert "经核实不再符合条件" in firm.ask(CHANGES).text
    assert desk.send(at, outcome="refused", reply="再处理一次试试").status_code == 409
    assert f"/papers/changes/{row.id}" not in desk.ask("/papers").links
    assert f"/papers/changes/{row.id}" in desk.ask("/papers?list=changes&state=settled").links


def test_what_is_wrong_with_a_change_stands_by_its_box_and_stays_typed(town: PaperTown) -> None:
    firm = town.sit("applicant")
    page = firm.is_refused(CHANGES, **CHANGE | {"happened_on": "2027-05-21"})
    assert "至今天之间" in page.text and CHANGE["told"] in page.source
    assert "2024-05-10 的格式" in firm.is_refused(CHANGES, **CHANGE | {"happened_on": "去年"}).text
    assert "至少 10 个字" in firm.is_refused(CHANGES, **CHANGE | {"told": "更名"}).text
    assert "从列出的选项" in firm.is_refused(CHANGES, **CHANGE | {"kind": "whim"}).text
    assert (
        "A day from 2010-01-01"
        in town.sit("applicant", "en").is_refused(CHANGES, **CHANGE | {"happened_on": "2027-05-21"}).text
    )


def test_papers_are_for_who_acts_for_the_firm_and_for_its_bureau(town: PaperTown) -> None:
    town.sit("applicant").does(CHANGES, **CHANGE)
    number = reported(town)
    town.sit("district").does(f"/papers/reports/{number}/ask", question="请说明营业收入的构成")
    own = {"applicant": 200, "other_applicant": 404, "delegate": 404, "district": 403, "city": 403, "anonymous": 303}
    for who, status in own.items():
        for address in (UPDATES, CHANGES, f"/firms/{FIRM}/questions/{number}"):
            town.sit(who).ask(address, status) if status == 200 else None
            assert town.sit(who).client.get(address).status_code == status, (who, address)
    # A delegation ended long ago.
    desk = {"district": 200, "city": 200, "other_district": 404, "applicant": 403, "statistician": 403, "auditor": 403}
    with town.rows() as session:
        change = session.scalars(select(ChangeReport.id)).one()
    for who, status in desk.items():
        for address in (f"/papers/changes/{change}", f"/papers/reports/{number}"):
            assert town.sit(who).client.get(address).status_code == status, (who, address)
    stranger = town.sit("other_district")
    assert f"/papers/changes/{change}" not in stranger.ask("/papers").links
    assert f"/papers/reports/{number}" not in stranger.ask("/papers?list=reports").links
    for address, boxes in (
        (f"/papers/changes/{change}/settle", {"outcome": "refused", "reply": "不归我们管辖"}),
        (f"/papers/reports/{number}/ask", {"question": "请说明情况如何"}),
        (f"/papers/reports/{number}/settle", {"is_upheld": "no", "finding": "经核实不属实"}),
        (f"/papers/reports/{number}/contact", {}),
    ):
        assert stranger.send(address, **boxes).status_code == 404, address
    # Another firm's address leads to no question of this one.
    other = town.sit("other_applicant")
    assert other.client.get(f"/firms/{OTHER}/questions/{number}").status_code == 404
    assert other.send(f"/firms/{FIRM}/questions/{number}", words="我们答复如下").status_code == 404


def test_a_report_goes_to_the_firm_and_back_and_the_reporter_reads_the_finding(town: PaperTown) -> None:
    asked = town.sit("anonymous").does("/report", **REPORT)
    assert "已收到您的举报" in asked.text
    number = reported(town)
    firm, desk = town.sit("applicant"), town.sit("district")
    question = f"/firms/{FIRM}/questions/{number}"
    # Until it is asked the firm learns nothing.
    assert firm.client.get(question).status_code == 404
    at = f"/papers/reports/{number}"
    page = desk.ask(at)
    assert "宋举报" in page.text and "13800138000" not in page.source
    shown = desk.send(f"{at}/contact")
    assert shown.status_code == 200 and "13800138000" in shown.text and "本次查看已记录" in shown.text
    (entry,) = town.entries(Tag.CONFIDENTIAL_REVEALED)
    assert entry.subject == f"report:{number}" and entry.name == "测试 district"
    assert "举报人的姓名" in desk.is_refused(f"{at}/ask", question="宋举报反映收入不实，请说明").text
    assert desk.send(f"{at}/settle", is_upheld="yes", finding="经核实情况属实").status_code == 409
    desk.does(f"{at}/ask", question="请说明 2026 年营业收入的构成")
    page = firm.ask(question)
    assert "请说明 2026 年营业收入的构成" in page.text and "2027-06-03" in page.text
    firm.is_refused(question, words="没有")
    assert "收入按权责发生制确认" in firm.does(question, words="收入按权责发生制确认，详见证明材料").text
    assert firm.send(question, words="再答复一次试试看").status_code == 409
    assert "收入按权责发生制确认" in desk.ask(at).text
    bad = desk.is_refused(f"{at}/settle", is_upheld="", finding="经核实情况属实")
    assert "请选择是否属实" in bad.text and "经核实情况属实" in bad.source
    done = desk.does(f"{at}/settle", is_upheld="yes", finding="经核实情况属实")
    assert f"/revocations/new?firm={FIRM}" in done.links
    for page in (firm.ask(question), town.sit("applicant", "en").ask(question), firm.ask(UPDATES)):
        assert "宋举报" not in page.source and "13800138000" not in page.source
    said = "\n".join(town.mails("applicant"))
    assert "请说明 2026 年营业收入的构成" in said and "宋举报" not in said


def test_the_desk_lists_who_missed_an_update_and_what_is_to_be_cancelled(town: PaperTown) -> None:
    desk = town.sit("district")
    assert "自 2027 年起" in desk.ask("/papers?list=updates").text
    town.at = datetime(2027, 6, 1, 10, 0, tzinfo=SHANGHAI)
    page = town.sit("district").ask("/papers?list=updates")
    assert FIRM in page.text and "2027-05-31" in page.text
    assert FIRM not in town.sit("other_district").ask("/papers?list=updates").text
    assert "没有这样的企业" in town.sit("district").ask("/papers?list=cancelled").text
    town.at = datetime(2028, 6, 1, 10, 0, tzinfo=SHANGHAI)
    page = town.sit("district", "en").ask("/papers?list=cancelled")
    assert "2027, 2028" in page.text and f"/revocations/new?firm={FIRM}" in page.links


def test_the_missed_ones_are_paged_along_the_codes(town: PaperTown) -> None:
    town.at = datetime(2027, 6, 1, 10, 0, tzinfo=SHANGHAI)
    desk = town.sit("city")
    first = desk.ask("/papers?list=updates")
    (following,) = [link for link in first.links if "after=" in link]
    second = desk.ask(following)

    assert "list=updates" in following
    seen = [{one for one in page.text.split() if one.startswith("91370285MA")} for page in (first, second)]
    assert len(seen[0]) == 50 and seen[1] and not seen[0] & seen[1]


def test_whoever_is_tied_reads_why_and_is_traced(town: PaperTown) -> None:
    town.sit("applicant").does(CHANGES, **CHANGE)
    who = town.person("district")
    with town.rows() as session:
        number = session.scalars(select(ChangeReport.id)).one()
        doer = Doer(who.id, who.name)
        declare(session, who.id, uscc=FIRM, kind=TieKind.FAMILY, ended_on=None, note="", doer=doer, now=MAY)
    desk = town.sit("district")
    page = desk.ask(f"/papers/changes/{number}")
    assert "您须回避" in page.text and not page.all("textarea")
    answer = desk.send(f"/papers/changes/{number}/settle", outcome="refused", reply="我来处理一下")
    assert answer.status_code == 403
    assert [one.subject for one in town.entries(Tag.DECISION_BARRED)] == [f"change:{number}"]
