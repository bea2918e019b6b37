"""Applying by the pages: begun, filled in part by part with faults and all, checked, signed, submitted, resumed."""

from datetime import date

from application_town import SIGNED, Bureau, Filer, fixture_built, fixture_bureau, fixture_filer, good_answers  # noqa: F401
from casework import window
from make import code, title
from sqlalchemy import update

from registry.store.cases import CaseStep, FilingWindow
from registry.store.notices import Notice
from registry.web.application_view import mark_of
from registry.work.file_books import file_titles


def test_a_firm_applies_from_choosing_to_the_reference(bureau: Bureau, filer: Filer) -> None:
    page = filer.get(f"/applications/new?firm={code(1)}")
    assert "随时可以提交" in page.text and "本批次开放中，2026-12-31 截止" in page.text
    number = filer.begin(code(1), "innovative")
    page = filer.get(f"/applications/{number}")
    assert "来自培育库" in page.text and "工信部企业〔2022〕63号" in page.text
    filer.fill(number, good_answers())
    page = filer.get(f"/applications/{number}/check")
    assert "按现有数据，满足创新型中小企业的认定标准" in page.text
    answer = filer.submit(number)
    assert (answer.status_code, answer.location) == (303, f"/applications/{number}/submitted")

    case = bureau.case(number)
    assert (case.state, case.reference, case.verdict) == ("submitted", f"CX2026{number:07}", "met")
    page = filer.get(f"/applications/{number}/submitted")
    # Ten working days after Monday 2026-11-09.
    assert case.reference in page.text and "已提交" in page.text and "2026-11-23" in page.text
    assert f"/applications/{number}/print" in page.links
    course = filer.get(f"/applications/{number}")
    assert "已提交，等待受理" in course.text and case.reference in course.text
    assert case.reference in filer.get("/applications").text
    assert bureau.count(Notice) >= 1


def test_it_reads_in_english(bureau: Bureau) -> None:
    filer = bureau.filer(lang="en")
    number = filer.begin(code(1), "specialized")
    tasks = filer.get(f"/applications/{number}")
    assert "This batch is open and closes on 2026-12-31" in tasks.text
    assert "Being filled in" in tasks.text and "Specialized SME" in tasks.text
    answer = filer.save(number, "years", {"years.2025.revenue": "six thousand"})
    assert answer.status_code == 422 and "Enter a number" in answer.text
    filer.save(number, "years", good_answers())
    assert filer.submit(number).status_code == 303
    assert "Submitted, waiting to be taken up" in filer.get(f"/applications/{number}").text


def test_what_the_register_knows_is_there_and_to_be_checked(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")

    answers = bureau.answers(number)
    assert answers["years.2025.revenue"] == "6000" and answers["facts.titles.none"] == "1"
    assert answers == good_answers()
    page = filer.get(f"/applications/{number}/part/innovation")
    assert "来自培育库，请核对" in page.text and page.value_of("facts.ip_class1") == "5"


def test_a_firm_of_which_nothing_is_known_begins_with_its_district_alone(bureau: Bureau) -> None:
    filer = bureau.filer("other_applicant")
    number = filer.begin(code(2), "innovative")

    assert bureau.answers(number) == {"facts.district": "370202"}
    assert "未开始" in filer.get(f"/applications/{number}").text


def test_faults_are_told_by_their_boxes_and_nothing_typed_is_lost(bureau: Bureau) -> None:
    filer = bureau.filer("other_applicant")
    number = filer.begin(code(2), "specialized")
    answer = filer.save(number, "basic", {"facts.industry": "34", "facts.established_on": "去年"})

    assert answer.status_code == 422
    assert "所填内容已保存" in answer.text and 'href="#facts.industry"' in answer.text
    assert {"facts.industry": "34", "facts.established_on": "去年"}.items() <= bureau.answers(number).items()
    assert "有错误 2 处" in filer.get(f"/applications/{number}").text
    page = filer.get(f"/applications/{number}/part/basic")
    assert page.value_of("facts.established_on") == "去年" and page.title.startswith("错误：")
    check = filer.get(f"/applications/{number}/check")
    assert "还有填写错误，改正后才能提交" in check.text and not check.all("button", type="submit")[1:]
    refused = filer.send(
        f"/applications/{number}/submit", f"/applications/{number}/check", **SIGNED, mark="x", version="0"
    )
    assert refused.status_code == 422 and "还有填写错误" in refused.text
    assert bureau.count(CaseStep) == 0


def test_what_contradicts_itself_is_a_fault_and_can_be_mended(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    both = good_answers() | {"facts.awards.none": "1", "facts.awards-0.level": "national"}
    answer = filer.save(number, "titles", both)

    assert answer.status_code == 422 and "两者只能选一个" in answer.text
    assert filer.save(number, "titles", good_answers()).status_code == 303


def test_far_too_long_an_answer_is_not_kept_and_says_so(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    before = bureau.answers(number)
    answer = filer.save(number, "basic", good_answers() | {"facts.functional_area": "长" * 2001})

    assert answer.status_code == 422 and "这一页没有保存" in answer.text and "2000" in answer.text
    assert bureau.answers(number) == before


def test_one_saves_goes_on_and_comes_back_later(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "specialized")
    onward = filer.save(number, "basic", good_answers(), then="next")
    back = filer.save(number, "years", good_answers() | {"years.2025.revenue": "6,100.5"}, then="list")

    assert onward.location == f"/applications/{number}/part/years"
    assert back.location == f"/applications/{number}"
    bureau.clock.move(days=20)
    again = bureau.filer()
    assert again.get(f"/applications/{number}/part/years").value_of("years.2025.revenue") == "6,100.5"
    assert again.get("/applications").text.count("专精特新中小企业") == 1
    # The delegation ended on the first day.
    assert bureau.filer("delegate").get(f"/applications/{number}/part/years", 404)


def test_what_the_rules_ask_for_comes_first_and_the_rest_is_optional(filer: Filer) -> None:
    number = filer.begin(code(1), "specialized")
    page = filer.get(f"/applications/{number}")

    first, others = page.text.split("其他信息（选填）")
    assert "创新能力" in first and "地方特色与上市挂牌" not in first
    assert "精细化管理" in others and "地方特色与上市挂牌" in others
    years = filer.get(f"/applications/{number}/part/years").source
    assert years.index("figure-revenue") < years.index("其他信息（选填）") < years.index("figure-value_added")


def test_a_shortfall_leads_to_the_very_box(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "specialized")
    filer.save(number, "years", good_answers() | {"years.2024.rd_expense": "99"})
    page = filer.get(f"/applications/{number}")

    assert "2024年研发费用 还差 1.00 万元" in page.text
    place = f"/applications/{number}/part/years#years.2024.rd_expense"
    assert place in page.links
    assert "years.2024.rd_expense" in filer.get(place.partition("#")[0]).ids


def test_what_a_reviewer_judges_is_marked_and_never_counted(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "specialized")
    filer.save(number, "chain", good_answers() | {"facts.market_leader": "true"})

    assert "由审核人员判断，这里填写的只供参考" in filer.get(f"/applications/{number}/part/chain").text
    assert (
        "主导产品在国内外细分市场地位领先 要求 细分市场地位领先：是 由审核人员判断"
        in filer.get(f"/applications/{number}").text
    )


def test_warnings_are_told_and_block_nothing(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.save(number, "years", good_answers() | {"years.2025.revenue": "9000"})
    page = filer.get(f"/applications/{number}/check")

    assert "请再核对以下内容" in page.text and "9,000.00" in page.text
    assert filer.submit(number).status_code == 303


def test_the_declaration_is_ticked_and_signed(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    unsigned = filer.submit(number, declared="", signed_as="")
    blank = filer.submit(number, signed_as="  ")

    assert unsigned.status_code == 422
    assert "请勾选确认真实性声明" in unsigned.text and "请填写签署人姓名" in unsigned.text
    assert blank.status_code == 422 and "请填写签署人姓名" in blank.text
    assert bureau.case(number).state == "draft"


def test_a_closed_window_is_told_with_the_next_opening(bureau: Bureau, filer: Filer) -> None:
    with bureau.rows() as session:
        session.execute(update(FilingWindow).values(withdrawn_at=bureau.clock.at, withdrawn_by="test"))
    number = filer.begin(code(1), "specialized")
    page = filer.get(f"/applications/{number}")
    assert "现在不在申报期内，下一批时间尚未公布" in page.text
    with bureau.rows() as session:
        opens = bureau.clock.at.date().replace(month=12, day=1)
        session.add(window("specialized", opens, opens.replace(day=31)))
    for address in (f"/applications/{number}", f"/applications/new?firm={code(1)}"):
        assert "下一批 2026-12-01 至 2026-12-31" in filer.get(address).text
    check = filer.get(f"/applications/{number}/check")
    assert "现在还不能提交" in check.text and "尚未到申报期，2026-12-01 开始" in check.text
    assert filer.save(number, "years", good_answers()).status_code == 303
    posted = filer.send(
        f"/applications/{number}/submit",
        f"/applications/{number}/part/basic",
        **SIGNED,
        mark=mark_of(bureau.case(number)),
    )
    assert posted.status_code == 409 and "2026-12-01 开始" in posted.text
    # The first day itself is within.
    bureau.clock.move(days=22)
    assert bureau.filer().submit(number).status_code == 303


def test_a_re_review_is_offered_to_whoever_holds_the_title(bureau: Bureau, filer: Filer) -> None:
    page = filer.get(f"/applications/new?firm={code(1)}")
    assert "开始填报：专精特新中小企业 复核申报" not in page.source
    with bureau.rows() as session:
        file_titles(session, [title(1, recognised_on=date(2024, 5, 20))], now=bureau.clock.at, source="test")
    page = filer.get(f"/applications/new?firm={code(1)}")
    assert "已持有，有效至 2027-05-19" in page.text
    assert "开始填报：专精特新中小企业 复核申报" in page.source
    number = filer.begin(code(1), "specialized", "re_review")
    assert "复核申报" in filer.get(f"/applications/{number}").text


def test_the_last_application_is_carried_over_to_the_next(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.save(number, "local", {"facts.listing": "listed"})
    filer.save(number, "years", good_answers() | {"years.2025.revenue": "6200"})
    filer.submit(number)
    second = filer.begin(code(1), "specialized")

    assert bureau.answers(second)["facts.listing"] == "listed"
    assert bureau.answers(second)["years.2025.revenue"] == "6200"
    assert "上次填报" in filer.get(f"/applications/{second}").text


def test_next_year_the_years_move_on_and_the_rest_is_carried_over(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.save(number, "local", {"facts.listing": "listed"})
    filer.save(number, "years", {"years.2025.revenue": "6200", "years.2023.revenue": "5000"})
    filer.submit(number)
    bureau.clock.move(days=60)
    again = bureau.filer()
    second = again.begin(code(1), "little_giant")

    answers = bureau.answers(second)
    assert answers["facts.listing"] == "listed" and answers["years.2025.revenue"] == "6200"
    assert "years.2023.revenue" not in answers
    # Left blank last year, and known to the register.
    assert answers["years.2024.revenue"] == "5500"
    page = again.get(f"/applications/{second}/part/years")
    assert "2026年" in page.text and "2024年" in page.text and "2023年" not in page.text


def test_the_paper_is_a_draft_until_it_is_submitted(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    page = filer.get(f"/applications/{number}/print")
    assert "草稿，尚未提交" in page.text and "尚未签署" in page.text and "6,000.00 万元" in page.text
    filer.submit(number)
    page = filer.get(f"/applications/{number}/print")
    assert "尚未提交" not in page.text and "签署人：凌经办" in page.text
    assert f"CX2026{number:07}" in page.text and "/ 100 分" in page.text


def test_a_refusal_gives_its_reason(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.submit(number)
    bureau.act("district", number, "take_up")
    bureau.act("district", number, "refuse", "研发投入凭证不足")
    page = filer.get(f"/applications/{number}")

    assert "未通过" in page.text and "办理意见：研发投入凭证不足" in page.text
    assert f"/applications/new?firm={code(1)}" in page.links
