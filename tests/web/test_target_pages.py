"""Values of targets entered in the browser: by staff of the city, with day and source, kept beside those before."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from casework import MONDAY
from examination_desk import Examined, build, checked, examined_over

from registry.policy.targets import targets_of
from registry.store.targets import TargetValue, values_of
from registry.store.trail import trail_page

TODAY = MONDAY.date()
GROWTH = "above_scale_value_added_growth"
GOOD = {"value": "6.85", "as_of": "2026-10-31", "source": "10月工业经济运行月报", "note": "累计"}
AT = f"/targets/{TODAY.year}/{GROWTH}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("targets") / "built.sqlite")


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Examined]:
    with examined_over(built, tmp_path) as made:
        yield made


def entered(desk: Examined, key: str = GROWTH) -> list[TargetValue]:
    with desk.rows() as session:
        return list(values_of(session, TODAY.year, key))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_value_is_entered_shown_on_the_board_and_traced(desk: Examined, lang: str) -> None:
    city = desk.browser("city", lang)
    page = city.does(f"{AT}/enter", **GOOD)
    (row,) = entered(desk)

    assert (row.value, row.as_of.isoformat(), row.source, row.note) == (68500, "2026-10-31", GOOD["source"], "累计")
    assert "6.85" in page.text and GOOD["source"] in page.text and row.author in page.text
    assert "6.85" in city.page("/targets?year=2026").text
    with desk.rows() as session:
        (entry,) = [one for one in trail_page(session) if one.tag == "target.entered"]
    assert (entry.subject, entry.name) == (f"target:2026:{GROWTH}", row.author)
    assert entry.person_id is not None


@pytest.mark.parametrize("key", ["new_specialized", "above_scale", "seedlings", "digital_transformation_share"])
def test_the_page_of_a_target_says_where_it_stands_as_the_board_does(desk: Examined, key: str) -> None:
    for lang in ("zh", "en"):
        city = desk.browser("city", lang)
        board, page = city.page(f"/targets?year={TODAY.year}"), city.page(f"/targets/{TODAY.year}/{key}")
        row = board.source.split(f'/targets/{TODAY.year}/{key}"')[1].split("</tr>")[0]
        value = row.split('<td class="num">')[1].split("</td>")[0]

        assert value in page.source.split('id="stands"')[1].split("</section>")[0]
        if lang == "en":
            own = row.split("</th>")[1].replace("小升规", "")
            assert not re.search("[一-鿿]", own), own


def test_a_target_of_a_year_to_come_has_no_value(desk: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.target_pages.targets_of", lambda _year: targets_of(TODAY.year))

    assert 'id="stands"' not in desk.browser("city").page(f"/targets/{TODAY.year + 1}/new_specialized").source


def test_a_later_value_takes_its_place_and_a_step_back_in_time_is_told(desk: Examined) -> None:
    city = desk.browser("city")
    city.does(f"{AT}/enter", **GOOD)
    assert "现有数值 6.85 %，截至 2026-10-31" in city.page(f"{AT}/enter").text

    page = city.does(f"{AT}/enter", **(GOOD | {"value": "-0.5", "as_of": "2026-09-30"}))
    assert "原来的数值截至 2026-10-31" in page.text
    assert [one.value for one in entered(desk)] == [-5000, 68500]


def test_what_a_computed_target_rests_on_is_entered_from_its_page(desk: Examined) -> None:
    city = desk.browser("city")
    (link,) = [
        one["href"] for one in city.page("/targets/2026/seedlings").all("a") if "upgrade_target" in one.get("href", "")
    ]
    page = city.does(link, **(GOOD | {"value": "900"}))
    assert "900" in page.text and [one.value for one in entered(desk, "upgrade_target")] == [9_000_000]


@pytest.mark.parametrize(
    ("boxes", "word"),
    [
        ({"value": ""}, "请填写数值"),
        ({"value": "约七"}, "请填写数字"),
        ({"value": "1e400"}, "请填写数字"),
        ({"value": "6.12345"}, "最多 4 位小数"),
        ({"as_of": ""}, "请填写日期"),
        ({"as_of": "2025-12-31"}, "应在 2026-01-01 至"),
        ({"as_of": "2026-12-31"}, "应在 2026-01-01 至"),
        ({"source": " "}, "请填写载明这个数的"),
        ({"note": "字" * 1001}, "请填写不超过 1000 个字符"),
    ],
)
def test_what_is_wrong_stands_by_its_field(desk: Examined, boxes: dict[str, str], word: str) -> None:
    page = checked(desk.browser("city").post(f"{AT}/enter", **(GOOD | boxes)), 422)

    assert word in page.text and entered(desk) == []


def test_everything_that_is_wrong_is_told_at_once(desk: Examined) -> None:
    page = checked(desk.browser("city").post(f"{AT}/enter", value="x", as_of="", source=""), 422)

    assert [word for word in ("请填写数字", "请填写日期", "请填写载明这个数的") if word not in page.text] == []


def test_what_the_register_counts_is_not_entered(desk: Examined) -> None:
    city = desk.browser("city")
    answer = city.get("/targets/2026/new_specialized/enter")
    assert answer.status_code == 400 and "不能录入" in answer.text
    assert "/enter" not in city.page("/targets/2026/new_specialized").text
