"""A firm assesses itself at any time by its own information, and keeps what came of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from firm_desk import FIRM, FOREIGN, FirmDesk, firm_desk_over

from registry.domain.trail import Tag
from registry.store.papers import SelfAssessment

ADDRESS = f"{FIRM}/assessment"
ASKED = {"tier": "little_giant", "kind": "new", "on": "2025-11-25"}


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[FirmDesk]:
    with firm_desk_over(city_file, tmp_path) as made:
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_tier_kind_and_page_is_whole_in_both_languages(desk: FirmDesk, lang: str) -> None:
    for tier in ("innovative", "specialized", "little_giant", "above_scale"):
        desk.page(f"{ADDRESS}?tier={tier}", lang=lang)
        desk.page(f"{ADDRESS}?tier={tier}&kind=re_review&on=2026-06-01", lang=lang)
    desk.page(f"{ADDRESS}?on=2012-01-01&tier=specialized", lang=lang)
    desk.page(f"{FIRM}/assessments", lang=lang)


def test_it_begins_with_the_next_tier_and_leads_to_the_boxes(desk: FirmDesk) -> None:
    page = desk.page(ADDRESS)

    assert "自评：专精特新“小巨人”企业" in page.text
    assert "以 2025-11-25 申报（首次）计" in page.text
    # The titles of the books count without being typed.
    assert "持有有效期内" in page.text
    links = [link for link in page.links if link.startswith(f"{FIRM}/profile/") and "#" in link]
    assert links
    for link in sorted(set(links))[:8]:
        address, box = link.split("#")
        assert box in desk.page(address).ids, link
    assert f"/applications/new?firm={FIRM.rsplit('/', 1)[1]}&tier=little_giant&kind=new" in page.links


def test_a_day_without_rules_is_told_in_words(desk: FirmDesk) -> None:
    page = desk.page(f"{ADDRESS}?tier=specialized&on=2012-01-01")
    assert "这一天没有适用的认定标准" in page.text
    assert desk.get(f"{ADDRESS}?tier=champion").status_code == 400
    assert desk.get(f"{ADDRESS}?on=2025-02-30").status_code == 400


def test_what_the_firm_types_changes_what_comes_out(desk: FirmDesk) -> None:
    before = desk.page(f"{ADDRESS}?tier=specialized").text
    boxes = desk.boxes(f"{FIRM}/profile/years") | {"years.2024.total_liabilities": "79999999"}
    desk.post(f"{FIRM}/profile/years", **boxes)
    after = desk.page(f"{ADDRESS}?tier=specialized").text

    assert "资产负债率 37.50%" in before
    assert "资产负债率 37.50%" not in after and "不满足" in after


def test_it_is_kept_with_its_verdict_and_tells_what_changed_since(desk: FirmDesk) -> None:
    assert "还没有保存过自评" in desk.page(f"{FIRM}/assessments").text
    answer = desk.post(f"{ADDRESS}/keep", **ASKED)
    assert (answer.status_code, answer.location) == (303, f"{FIRM}/assessments")
    page = desk.page(f"{FIRM}/assessments")
    assert "已保存，编号" in page.text and "之后信息没有变化" in page.text
    boxes = desk.boxes(f"{FIRM}/profile/innovation") | {"facts.ip_class1": "9", "facts.rd_institution": ""}
    desk.post(f"{FIRM}/profile/innovation", **boxes)
    page = desk.page(f"{FIRM}/assessments")
    assert "之后有 2 项信息变化" in page.text
    assert "Ⅰ类知识产权数 3 9" in page.text
    assert "研发机构级别 市级 未知" in page.text
    (entry,) = desk.entries(Tag.ASSESSMENT_KEPT)
    assert '"little_giant"' in entry.after
    desk.page(f"{FIRM}/assessments", lang="en")


def test_what_cannot_be_assessed_is_not_kept(desk: FirmDesk) -> None:
    for wrong in ({"on": "2012-01-01"}, {"tier": "champion"}, {"kind": "other"}, {"on": "bald"}):
        assert desk.post(f"{ADDRESS}/keep", **{**ASKED, **wrong}).status_code in (400, 422)
    with desk.rows() as session:
        assert session.query(SelfAssessment).count() == 0


def test_a_delegate_may_and_nobody_else(desk: FirmDesk) -> None:
    assert desk.get(ADDRESS, "delegate").status_code == 200
    assert desk.post(f"{ADDRESS}/keep", "delegate", **ASKED).status_code == 303
    for address in ("/assessment", "/assessments"):
        assert desk.get(f"{FOREIGN}{address}").status_code == 404
        assert desk.get(f"{FIRM}{address}", "other_applicant").status_code == 404
        assert desk.get(f"{FIRM}{address}", "city").status_code == 403
    assert desk.post(f"{FOREIGN}/assessment/keep", **ASKED).status_code == 404
