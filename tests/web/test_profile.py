"""A firm's own information on its pages: prefilled from the register, kept part by part, by one's own people only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from firm_desk import FIRM, FOREIGN, FirmDesk, firm_desk_over

from registry.domain.trail import Tag
from registry.store.papers import Profile
from registry.store.queries import firm_by_uscc
from registry.work.keep_profile import answers_kept

PARTS = ("basic", "years", "titles", "innovation", "chain", "management", "local")


@pytest.fixture
def desk(city_file: Path, tmp_path: Path) -> Iterator[FirmDesk]:
    with firm_desk_over(city_file, tmp_path) as made:
        yield made


def kept(desk: FirmDesk) -> tuple[dict[str, str], int]:
    with desk.rows() as session:
        firm = firm_by_uscc(session, FIRM.rsplit("/", 1)[1])
        assert firm is not None
        found = answers_kept(session, firm.id)
        return dict(found.typed), found.version


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_it_is_whole_in_both_languages(desk: FirmDesk, lang: str) -> None:
    desk.page(f"{FIRM}/profile", lang=lang)
    for part in PARTS:
        desk.page(f"{FIRM}/profile/{part}", lang=lang)


def test_where_the_firm_never_typed_the_register_fills_the_boxes(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/years")
    assert boxes["years.2024.revenue"] == "5000"
    assert boxes["years.2022.main_revenue"] == "3500"
    assert boxes["years.2022.revenue"] == ""
    assert boxes["version"] == "0"
    basic = desk.boxes(f"{FIRM}/profile/basic")
    assert basic["facts.industry"] == "3451"
    assert basic["facts.serious_incident_on.none"] == "1"
    titles = desk.boxes(f"{FIRM}/profile/titles")
    assert titles["facts.titles-0.kind"] == "hi_tech"
    # The books tell of the ladder; the form does not ask for it.
    assert "innovative" not in titles.values() and "specialized" not in titles.values()
    assert "尚未填写过" in desk.page(f"{FIRM}/profile").text
    assert kept(desk) == ({}, 0)


def test_a_part_is_kept_and_leads_on_to_the_next(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/innovation") | {"facts.ip_class1": "9"}
    answer = desk.post(f"{FIRM}/profile/innovation", **boxes, then="next")

    assert (answer.status_code, answer.location) == (303, f"{FIRM}/profile/chain")
    answers, version = kept(desk)
    assert (answers["facts.ip_class1"], answers["facts.ip_class1_own"], version) == ("9", "5", 1)
    assert "已保存“创新能力”" in desk.page(f"{FIRM}/profile/chain").text
    (entry,) = desk.entries(Tag.PROFILE_SAVED)
    assert '"facts.ip_class1"' in entry.after and '"9"' not in entry.after
    # The last part, or whoever asks for it, goes back to the overview.
    boxes = desk.boxes(f"{FIRM}/profile/local")
    assert desk.post(f"{FIRM}/profile/local", **boxes).location == f"{FIRM}/profile"


def test_a_box_left_blank_on_purpose_stays_blank_though_the_register_has_a_value(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/innovation") | {"facts.ip_class1": ""}
    desk.post(f"{FIRM}/profile/innovation", **boxes)

    assert kept(desk)[0]["facts.ip_class1"] == ""
    assert desk.boxes(f"{FIRM}/profile/innovation")["facts.ip_class1"] == ""
    desk.post(
        f"{FIRM}/profile/titles",
        **{
            **desk.boxes(f"{FIRM}/profile/titles"),
            **dict.fromkeys(("facts.titles-0.kind", "facts.titles-0.from", "facts.titles-0.until"), ""),
        },
    )
    assert desk.boxes(f"{FIRM}/profile/titles")["facts.titles-0.kind"] == ""


def test_what_changes_nothing_is_not_traced(desk: FirmDesk) -> None:
    for _time in range(2):
        desk.post(f"{FIRM}/profile/innovation", **desk.boxes(f"{FIRM}/profile/innovation"))

    assert len(desk.entries(Tag.PROFILE_SAVED)) == 1
    assert kept(desk)[1] == 1


def test_a_fault_is_kept_as_typed_and_told_by_its_box(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/innovation") | {"facts.ip_class1": "三项"}
    answer = desk.post(f"{FIRM}/profile/innovation", **boxes)

    assert answer.status_code == 422
    assert "请填写数字" in answer.text and 'href="#facts.ip_class1"' in answer.text and 'value="三项"' in answer.text
    assert kept(desk)[0]["facts.ip_class1"] == "三项"
    assert "1 处填写有误" in desk.page(f"{FIRM}/profile").text
    # The other facts are assessed all the same.
    assert desk.get(f"{FIRM}/assessment?tier=innovative").status_code == 200


def test_of_two_who_save_at_once_the_second_is_told_and_loses_nothing(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/innovation")
    desk.post(f"{FIRM}/profile/innovation", **boxes | {"facts.ip_class1": "9"})
    answer = desk.post(f"{FIRM}/profile/innovation", "delegate", **boxes | {"facts.ip_class1": "8"})

    assert answer.status_code == 409
    assert "企业信息刚被他人修改" in answer.text and 'name="facts.ip_class1" type="text" value="8"' in answer.text
    assert 'name="version" value="1"' in answer.text
    assert kept(desk)[0]["facts.ip_class1"] == "9"


def test_an_answer_that_is_too_long_is_refused_whole(desk: FirmDesk) -> None:
    boxes = desk.boxes(f"{FIRM}/profile/basic") | {"facts.functional_area": "长" * 2001}
    answer = desk.post(f"{FIRM}/profile/basic", **boxes)

    assert answer.status_code == 422 and "不超过 2000 个字符" in answer.text
    assert kept(desk) == ({}, 0)


def test_what_does_not_fit_is_told_on_the_overview_and_leads_to_its_box(desk: FirmDesk) -> None:
    page = desk.page(f"{FIRM}/profile")

    assert f"{FIRM}/profile/innovation#facts.ip_class1_own" in page.links
    assert "5，大于Ⅰ类知识产权数 3" in page.text
    english = desk.page(f"{FIRM}/profile", lang="en")
    assert "5 is above class I IP: 3" in english.text
    boxes = desk.boxes(f"{FIRM}/profile/years") | {"years.2024.revenue": "6000"}
    answer = desk.post(f"{FIRM}/profile/years", **boxes, then="overview")
    assert answer.location == f"{FIRM}/profile"
    assert "填报 6,000.00 万元，库中为 5,000.00 万元" in desk.page(f"{FIRM}/profile").text


def test_a_delegate_may_and_nobody_else(desk: FirmDesk) -> None:
    assert desk.get(f"{FIRM}/profile", "delegate").status_code == 200
    boxes = desk.boxes(f"{FIRM}/profile/innovation", "delegate") | {"facts.ip_class2": "7"}
    assert desk.post(f"{FIRM}/profile/innovation", "delegate", **boxes).status_code == 303
    for address in ("", "/basic", "/figures", "/figures.xlsx"):
        assert desk.get(f"{FOREIGN}/profile{address}").status_code == 404
        assert desk.get(f"{FIRM}/profile{address}", "city").status_code == 403
    assert desk.post(f"{FOREIGN}/profile/basic", version="0").status_code == 404
    assert desk.post(f"{FIRM}/profile/basic", "other_applicant", version="0").status_code == 404
    assert desk.get(f"{FIRM}/profile/nothing").status_code == 404
    with desk.rows() as session:
        assert session.query(Profile).count() == 1
