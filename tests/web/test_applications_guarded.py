"""Applications under a careless or hostile hand: sent twice, stale, another's, nonsense; taken back; what is traced."""

from datetime import date

import pytest
from application_town import (  # noqa: F401
    SIGNED,
    Bureau,
    Filer,
    fixture_built,
    fixture_bureau,
    fixture_filer,
    good_answers,
    hidden_of,
)
from make import code, title

from registry.domain.trail import Tag
from registry.store.cases import Application, ApplicationRound, CaseStep
from registry.store.notices import Notice
from registry.store.trail import trail_page
from registry.work.file_books import file_titles

PARTS = ("basic", "years", "titles", "innovation", "chain", "management", "local")


def test_the_same_form_sent_twice_has_one_effect(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    hidden = hidden_of(filer.get(f"/applications/{number}/check"))
    answers = [filer.send_as(f"/applications/{number}/submit", hidden, **SIGNED)]
    told = bureau.count(Notice)
    answers += [filer.send_as(f"/applications/{number}/submit", hidden, **SIGNED) for _time in range(2)]

    assert [(one.status_code, one.location) for one in answers] == [(303, f"/applications/{number}/submitted")] * 3
    assert (bureau.count(ApplicationRound), bureau.count(CaseStep), bureau.count(Notice)) == (1, 1, told)


def test_beginning_twice_goes_on_with_the_first(bureau: Bureau, filer: Filer) -> None:
    first, second = filer.begin(code(1), "innovative"), filer.begin(code(1), "innovative")

    assert first == second and bureau.count(Application) == 1


def test_nobody_signs_what_he_has_not_seen(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    hidden = hidden_of(filer.get(f"/applications/{number}/check"))
    bureau.filer("delegate").save(number, "years", good_answers() | {"years.2025.revenue": "1"})
    answer = filer.send_as(f"/applications/{number}/submit", hidden, **SIGNED)

    assert answer.status_code == 409 and "本案刚有变动" in answer.text
    assert bureau.case(number).state == "draft"


def test_a_stale_form_is_told(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    part = hidden_of(filer.get(f"/applications/{number}/part/years"))
    check = hidden_of(filer.get(f"/applications/{number}/check"))
    bureau.filer("delegate").submit(number)

    saved = filer.send_as(f"/applications/{number}/part/years", part, **{"years.2025.revenue": "1"})
    assert saved.status_code == 409 and "刷新页面" in saved.text
    submitted = filer.send_as(f"/applications/{number}/submit", check, **SIGNED)
    assert submitted.status_code == 409
    withdrawn = filer.send_as(f"/applications/{number}/withdraw", check, reason="")
    assert withdrawn.status_code == 409
    assert bureau.answers(number)["years.2025.revenue"] == "6000" and bureau.count(CaseStep) == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 30])
def test_a_form_without_a_version_is_stale(bureau: Bureau, filer: Filer, version: str) -> None:
    number = filer.begin(code(1), "innovative")
    hidden = hidden_of(filer.get(f"/applications/{number}/check")) | {"version": version}

    assert filer.send_as(f"/applications/{number}/submit", hidden, **SIGNED).status_code == 409
    assert filer.send_as(f"/applications/{number}/part/basic", hidden).status_code == 409
    assert bureau.case(number).state == "draft"


@pytest.mark.parametrize("who", ["other_applicant", "district", "city"])
def test_another_firms_application_is_not_there(bureau: Bureau, filer: Filer, who: str) -> None:
    number = filer.begin(code(1), "innovative")
    other = bureau.filer(who)
    expected = 404 if who == "other_applicant" else 403
    for page in ("", "/part/basic", "/check", "/submitted", "/print", "/withdraw"):
        answer = other.client.get(f"/applications/{number}{page}")
        assert answer.status_code == expected, page
    hidden = hidden_of(filer.get(f"/applications/{number}/check"))
    del hidden["csrf_token"]
    for page in ("/part/basic", "/submit", "/withdraw"):
        answer = other.send(f"/applications/{number}{page}", "/account/overview", **hidden, **SIGNED)
        assert answer.status_code in (expected, 400), page
    assert bureau.case(number).state == "draft"
    assert other.client.get(f"/applications/new?firm={code(1)}").status_code == expected


def test_a_delegate_may_and_a_bare_number_is_not_there(bureau: Bureau, filer: Filer) -> None:
    delegate = bureau.filer("delegate")
    number = delegate.begin(code(1), "innovative")
    assert delegate.submit(number).status_code == 303
    assert filer.get("/applications/999999", 404)
    assert filer.get(f"/applications/{number}/part/nothing", 404)


def test_what_is_not_offered_is_refused(bureau: Bureau, filer: Filer) -> None:
    for tier, kind in (
        ("gold", "new"),
        ("\0", "new"),
        ("innovative", "\0"),
        ("innovative", "old"),
        ("above_scale", "re_review"),
    ):
        answer = filer.send("/applications/new", "/applications/new", firm=code(1), tier=tier, kind=kind)
        assert answer.status_code == 422, (tier, kind)
    for firm in ("", "x", "\0", code(2), code(777), f" {code(1).lower()}\0"):
        answer = filer.send("/applications/new", "/applications/new", firm=firm, tier="innovative", kind="new")
        assert answer.status_code == 404, firm
    assert bureau.count(Application) == 0


@pytest.mark.parametrize("typed", ["\0", "\ud7ff\x07", "<script>alert(1)</script>", "' OR 1=1 --", "％", "9" * 400])
def test_whatever_is_typed_is_kept_told_and_shown_as_it_is(bureau: Bureau, typed: str) -> None:
    filer = bureau.filer("other_applicant")
    number = filer.begin(code(2), "innovative")
    for part, box in (("years", "years.2025.revenue"), ("basic", "facts.industry"), ("titles", "facts.awards-0.on")):
        assert filer.save(number, part, {box: typed}).status_code == 422, box
    for page in ("", "/part/years", "/part/basic", "/part/titles", "/check", "/print"):
        source = filer.client.get(f"/applications/{number}{page}")
        assert source.status_code == 200 and "<script>alert" not in source.text, page
    assert bureau.answers(number)["facts.industry"] == typed


def test_it_is_taken_back_after_being_asked(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.submit(number)
    bureau.act("district", number, "take_up")
    page = filer.get(f"/applications/{number}/withdraw")
    assert "不能恢复" in page.text
    hidden = hidden_of(page)
    answers = [filer.send_as(f"/applications/{number}/withdraw", hidden, reason="数据有误") for _time in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert bureau.case(number).state == "ended:withdrawn" and bureau.count(CaseStep) == 3
    page = filer.get(f"/applications/{number}")
    assert "已撤回" in page.text and "撤回原因：数据有误" in page.text
    assert "已办结" in filer.get("/applications").text
    assert filer.client.get(f"/applications/{number}/withdraw").status_code == 303
    assert filer.begin(code(1), "innovative") != number


def test_a_draft_is_thrown_away(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    answer = filer.send(f"/applications/{number}/withdraw", f"/applications/{number}/withdraw", reason="")

    assert answer.status_code == 303 and bureau.case(number).state == "ended:withdrawn"
    assert "已撤回" in filer.get(f"/applications/{number}").text
    assert "未提交" in filer.get(f"/applications/{number}/print").text


def test_the_firm_never_reads_the_inner_course(bureau: Bureau, filer: Filer) -> None:
    with bureau.rows() as session:
        file_titles(
            session,
            [title(1, tier="innovative", recognised_on=date(2024, 5, 20))],
            now=bureau.clock.at,
            source="test",
        )
    number = filer.begin(code(1), "specialized")
    filer.submit(number)
    bureau.act("district", number, "take_up")
    bureau.act("district", number, "pass", "初审通过：内部意见")
    page = filer.get(f"/applications/{number}")

    assert bureau.case(number).state == "stage:inquiries"
    assert "区市审核中" in page.text
    for word in ("征求", "部门", "内部意见", "测试 district", "抽"):
        assert word not in page.text.replace("主管部门", "").replace("上级部门", ""), word


def test_saving_leaves_its_trail_without_the_answers(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    filer.save(number, "years", good_answers() | {"years.2025.revenue": "7654"})
    with bureau.rows() as session:
        entries = trail_page(session, subject=f"application:{number}")

    assert [one.tag for one in entries] == [Tag.CASE_SAVED, Tag.CASE_SAVED, Tag.CASE_OPENED]
    assert "years.2025.revenue" in str(entries[0].after) and "7654" not in str(entries[0].after)


def test_looking_writes_nothing(bureau: Bureau, filer: Filer) -> None:
    number = filer.begin(code(1), "innovative")
    before = bureau.file.read_bytes()
    for page in ("", "/check", "/print", "/withdraw", "/submitted", *(f"/part/{one}" for one in PARTS)):
        filer.client.get(f"/applications/{number}{page}")
    filer.get("/applications"), filer.get("/applications/new")

    assert bureau.file.read_bytes() == before
