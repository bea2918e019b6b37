"""The windows for applications by their pages: laid down by the city, told in words, taken back while unused."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from casework import MONDAY, window
from examination_desk import Examined, build, checked, examined_over
from sqlalchemy import select

from registry.store.cases import FilingWindow
from registry.web.windows import standing

GOOD = {
    "tier": "specialized",
    "kind": "",
    "batch": "2027年第一批",
    "opens_on": "2027-03-01",
    "closes_on": "2027-03-31",
    "source": "青工信通知〔2027〕1号",
}
TODAY = MONDAY.date()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("windows") / "built.sqlite")


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Examined]:
    with examined_over(built, tmp_path) as made:
        yield made


def rows(desk: Examined) -> list[FilingWindow]:
    with desk.rows() as session:
        return list(session.scalars(select(FilingWindow).order_by(FilingWindow.id)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_window_is_laid_down_listed_and_taken_back(desk: Examined, lang: str) -> None:
    city = desk.browser("city", lang)
    assert [one["value"] for one in city.page("/windows/new").all("option")][:3] == ["", "specialized", "little_giant"]
    page = city.does("/windows/new", **GOOD)
    row = rows(desk)[-1]
    assert (row.tier, row.kind, row.opens_on, row.closes_on) == (
        "specialized", None, date(2027, 3, 1), date(2027, 3, 31)
    )  # fmt: skip
    assert "2027年第一批" in page.text and "青工信通知〔2027〕1号" in page.text
    assert lang == "en" or "还有 112 天开始" in page.text

    assert city.does(f"/windows/{row.id}/withdraw").all("form", action=f"/windows/{row.id}/withdraw") == []
    assert rows(desk)[-1].withdrawn_at == MONDAY
    assert city.post(f"/windows/{row.id}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("lang", "boxes", "word"),
    [
        ("zh", {"tier": ""}, "请选择申报梯度"),
        ("zh", {"tier": "innovative"}, "请选择申报梯度"),
        ("zh", {"kind": "other"}, "请从列出的选项中选择"),
        ("zh", {"batch": " "}, "请填写批次名称"),
        ("zh", {"opens_on": ""}, "请填写日期"),
        ("en", {"opens_on": ""}, "A date expected"),
        ("zh", {"closes_on": "2027-13-01"}, "2024-05-10 的格式"),
        ("zh", {"closes_on": "2027-02-28"}, "截止日早于开始日"),
        ("en", {"closes_on": "2027-02-28"}, "It closes before it opens"),
        ("zh", {"opens_on": "2026-01-01", "closes_on": "2026-11-08"}, "截止日已过"),
        ("zh", {"opens_on": "2026-12-31"}, "与“2026年第二批”"),
        ("en", {"opens_on": "2026-12-31"}, "It overlaps the window of 2026-11-01"),
        ("zh", {"source": ""}, "请填写通知文件"),
    ],
)
def test_what_is_wrong_stands_by_its_field(desk: Examined, lang: str, boxes: dict[str, str], word: str) -> None:
    page = checked(desk.browser("city", lang).post("/windows/new", **(GOOD | boxes)), 422)

    assert word in page.text
    assert len(rows(desk)) == 2


def test_a_window_stays_in_which_something_was_submitted(desk: Examined) -> None:
    city, row = desk.browser("city"), rows(desk)[0]
    (case, *_others) = desk.cases("inquiries")
    with desk.rows() as session:
        session.merge(case).window_id = row.id
    page = city.page("/windows")
    assert "已有申报，不能撤回" in page.text
    assert "不能撤回" in checked(city.post(f"/windows/{row.id}/withdraw"), 409).text
    assert city.post("/windows/999999/withdraw").status_code == 404


def test_only_the_city_lays_windows_down(desk: Examined) -> None:
    number = rows(desk)[0].id
    for who in ("district", "statistician", "auditor", "tax", "applicant"):
        browser = desk.browser(who)
        assert browser.get("/windows").status_code == 403
        assert browser.get("/windows/new").status_code == 403
        assert browser.post("/windows/new", **GOOD).status_code == 403
        assert browser.post(f"/windows/{number}/withdraw").status_code == 403
    assert len(rows(desk)) == 2


def test_how_a_window_stands_is_told_in_words(desk: Examined) -> None:
    row = window("specialized", TODAY, TODAY + timedelta(days=12))
    words = {
        TODAY - timedelta(days=1): "还有 1 天开始",
        TODAY: "还有 12 天截止",
        TODAY + timedelta(days=11): "还有 1 天截止",
        TODAY + timedelta(days=12): "今天截止",
        TODAY + timedelta(days=13): "已截止",
    }
    with desk.app.test_request_context():
        assert {on: standing(row, on) for on in words} == words
        row.withdrawn_at = MONDAY
        assert standing(row, TODAY) == "已撤回"
