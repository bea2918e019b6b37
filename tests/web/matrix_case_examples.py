"""A valid form for every endpoint of casework that takes one, with somebody who is admitted with it."""

import csv
import io
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from make import code
from matrix_city import TODAY, City
from matrix_evidence import keep_file
from matrix_jobs import job_examples
from matrix_thing import Example
from small_city import whole_firm

from registry.sheets.figures_rows import figures_layout
from registry.sheets.writing import write_table

_DAY = TODAY.isoformat()
# Of a draft in which nothing was typed so far.
_MARK = sha256(b"{}").hexdigest()[:16]
_SIGNED = {"declared": "1", "signed_as": "凌经办", "version": "0", "mark": _MARK}
_ASKED = {"tier": "innovative", "kind": "new", "on": _DAY, "firm": {"uscc": code(1), "name": "青岛示例轴承有限公司"}}
_TOKEN = {"name": "伙伴系统", "scopes": "read:books", "expires_on": "2026-06-30"}
_SAID = {"name": "王五", "contact": "青岛市市南区香港中路1号", "grounds": "该企业的研发投入与实际不符"}


def case_examples(city: City) -> dict[str, Example]:
    """Return them by endpoint; each goes with the first thing of its address."""
    ids = city.ids
    return {
        **_of_firms(ids),
        **_of_desks(ids),
        **_of_lists(ids),
        **_of_outcomes(city),
        **_of_papers(ids),
        **job_examples(ids),
    }


def _of_firms(ids: dict[str, Any]) -> dict[str, Example]:
    typed, left = {"version": "0", "facts.functional_area": "蓝谷"}, {"version": "0", "reason": "暂不申报"}
    return {
        "applications.begin": Example("applicant", {"firm": code(1), "tier": "innovative", "kind": "re_review"}),
        "applications.save": Example("applicant", typed),
        "applications.submit": Example("applicant", _SIGNED),
        "applications.withdraw": Example("applicant", left),
        "filings.begin": Example("district", {"firm": code(32), "tier": "above_scale", "kind": "new"}),
        "filings.save": Example("district", typed),
        "filings.submit": Example("district", _SIGNED),
        "filings.withdraw": Example("district", left),
        "figures_book.read": Example("applicant", {"file": (ids["figures"], "数据.xlsx")}, changes=False),
        "profile.save": Example("applicant", typed),
        "self_assessments.keep": Example("applicant", {"tier": "innovative", "kind": "new", "on": _DAY}),
        "notices.open_one": Example("applicant"),
        "notices.read_all": Example("applicant"),
    }


def _of_desks(ids: dict[str, Any]) -> dict[str, Example]:
    opinion, waiting = {"opinion": "情况属实，同意"}, ids["case waiting"]
    return {
        "cases.move": Example("district", {"action": "take_up", "version": "2", **opinion}),
        "cases.send_back": Example(
            "district", {"summary": "请补正", "version": "2", "note:facts.ip_class1": "请核对知识产权数量"}
        ),
        "cases.enter": Example("district", {"fact": "key_link", "value": "yes", "reason": "经核查", "version": "2"}),
        "desk_cases.assign": Example("district", {"handler": str(ids["district"]), "note": "请办"}),
        "desk_cases.remind": Example("city"),
        "desk_cases.save_view": Example("district", {"name": "本周到期"}),
        "desk_cases.drop_view": Example("district"),
        "bulk.preview": Example(
            "district", {"action": "submitted/take_up", "case": str(waiting), **opinion}, changes=False
        ),
        "bulk.act": Example("district", {"action": "submitted/take_up", "seen": f"{waiting}:2", **opinion}),
        "inquiries.ask": Example("district", {"case": str(ids["case to_ask"])}),
        "inquiries.answer": Example("department", {"answer": "clear"}),
        "inquiries.answer_all": Example("department", {"case": str(ids["case asked"])}),
        "samples.draw": Example("city", {"tier": "innovative", "stage": "city_sample", "seen": "1"}),
        "samples.assign": Example("city", {"office": str(ids["own_auditors"]), "case": str(ids["case drawn"])}),
        "samples.enter": Example("city", {"result": "clear", "finding": "现场核查未发现问题"}),
        "samples.report": Example("auditor", {"result": "clear", "finding": "账目与申报一致"}),
        "windows.lay_down": Example(
            "city",
            {
                "tier": "specialized",
                "batch": "2026年第一批",
                "opens_on": "2026-03-01",
                "closes_on": "2026-03-31",
                "source": "青工信〔2025〕1号",
            },
        ),
        "windows.withdraw": Example("city"),
    }


def _of_lists(ids: dict[str, Any]) -> dict[str, Example]:
    group = {"tier": "specialized", "stage": "district_publicity", "case": str(ids["case unlisted"])}
    listed = {**group, "title": "拟推荐名单公示", "first_day": _DAY}
    closed = {"case": str(ids["case over"]), "opinion": "公示期满无异议"}
    return {
        "publicities.preview": Example("district", listed, changes=False),
        "publicities.make": Example("district", listed),
        "publicities.closing": Example("district", closed, changes=False),
        "publicities.close": Example("district", closed),
        "objections.enter": Example("district", {**_SAID, "received_on": _DAY}),
        "objections.reply": Example("district", {"is_upheld": "no", "reply": "经核实，异议不成立"}),
        "objections.refuse": Example("district", {"opinion": "异议成立，不予通过"}),
        "objections.show": Example("district"),
        "public_lists.object_": Example("anonymous", _SAID),
    }


def _compared(ids: dict[str, Any]) -> dict[str, Any]:
    return {"tier": "little_giant", "file": (ids["outcomes"], "名单.csv")}


def compare_outcomes(city: City) -> None:
    """Compare the published list, as somebody must before he imports it; what the page hands on is kept."""
    page = city.ask("city", "POST", "/outcomes/compare", _compared(city.ids)).text
    city.ids["outcomes compared"] = page.split('name="list" value="')[1].split('"')[0]


def _of_outcomes(city: City) -> dict[str, Example]:
    ids = city.ids
    handed = ids["outcomes compared"]
    document = {"number": "工信部〔2025〕9号", "title": "第七批名单", "decided_on": _DAY, "closes": "no"}
    return {
        "announcements.make": Example(
            "city",
            {
                "tier": "innovative",
                "number": "青工信〔2025〕8号",
                "title": "创新型中小企业公告",
                "announced_on": _DAY,
                "opinion": "同意认定",
                "case": f"{ids['case announced']}:{ids['announced version']}",
                "step": "decided",
            },
        ),
        "outcomes.compare": Example("city", _compared(ids), changes=False),
        "outcomes.carried_out": Example("city", {**document, "list": handed}),
        "revocations.create": Example(
            "district", {"uscc": code(1), "tier": "innovative", "cause": "other", "facts": "经查不再符合条件"}
        ),
        "revocations.decide": Example(
            "city", {"outcome": "dropped", "hearing": "已听取陈述申辩，情况不属实", "document": "", "revoked_on": ""}
        ),
        "revocations.lifted": Example("city", {"why": "原决定有误，予以解除"}),
        "revocations.spoken": Example("applicant", {"words": "我公司仍符合条件，附材料"}),
    }


def _of_papers(ids: dict[str, Any]) -> dict[str, Example]:
    told = {"kind": "rename", "happened_on": "2025-11-03", "told": "企业名称变更，已办理登记"}
    report = {"uscc": code(1), "reporter": "王五", "contact": "wang@example.com", "grounds": _SAID["grounds"]}
    return {
        "papers.file": Example("applicant", {"signed_as": "凌经办"}),
        "papers.report": Example("applicant", told),
        "papers.reply": Example("applicant", {"words": "我公司现有职工120人"}),
        "papers_desk.ask": Example("district", {"question": "贵企业现有职工多少人"}),
        "papers_desk.close": Example("district", {"is_upheld": "no", "finding": "经核实，情况不属实"}),
        "papers_desk.contact": Example("district"),
        "papers_desk.settle": Example("district", {"outcome": "still_qualified", "reply": "经审核仍符合条件"}),
        "public_report.send": Example("anonymous", report),
        # A program asks, without a form.
        "api.assess": Example("anonymous", changes=False, more={"json": _ASKED}),
        "tokens.make": Example("system_admin", _TOKEN),
        "tokens.revoke": Example("system_admin"),
    }


def lay_down_lists(ids: dict[str, Any], folder: Path) -> None:
    """Write the workbook of figures and the published list that the examples send."""
    with (folder / "figures.xlsx").open("wb") as out:
        columns, rows = figures_layout(code(1), [2024, 2023, 2022], whole_firm().years)
        write_table(out, "xlsx", "年度数据", columns, rows, [])  # type: ignore[arg-type]
    ids["figures"], ids["outcomes"] = str(folder / "figures.xlsx"), str(folder / "outcomes.csv")
    text = io.StringIO()
    heads = ("统一社会信用代码", "企业名称", "区市", "梯度", "类型", "公告日期")
    row = (code(46), "青岛邻近第46有限公司", "370285", "小巨人", "首次", date(2025, 11, 20))
    csv.writer(text).writerows([heads, row])
    Path(ids["outcomes"]).write_text(text.getvalue(), encoding="utf-8")
    ids["outcomes sha256"] = keep_file(folder, text.getvalue().encode())[1]
