"""The menu: what is in sight, what stands behind “more”, and how many notices wait to be opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hall_town import HallTown, hall_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[HallTown]:
    with hall_town(tmp_path, lambda hall: None) as made:
        yield made


def header_of(page: str) -> str:
    return page.split('<nav aria-label="主导航"')[1].split("</nav>")[0]


def test_a_visitor_has_his_few_pages_in_one_row(town: HallTown) -> None:
    header = header_of(town.browser("nobody").get("/verify"))
    assert "<details" not in header and "/public/lists" in header and "/cases" not in header


def test_what_is_used_seldom_stands_behind_more_without_script(town: HallTown) -> None:
    header = header_of(town.browser("city").get("/home"))
    before, folded = header.split('<details class="nav-more">')
    assert "/cases" in before and "/samples" not in before
    assert "更多" in folded and "/samples" in folded and "/windows" in folded and "/verify" in folded
    assert "/offices" not in header


def test_the_page_one_is_on_is_named_though_it_is_folded_away(town: HallTown) -> None:
    header = header_of(town.browser("city").get("/samples"))
    assert '<summary class="is-here">更多：抽样</summary>' in header
    assert 'href="/samples" aria-current="page"' in header


def test_what_is_kept_of_a_menu_is_shown_to_nobody_else(town: HallTown) -> None:
    city, district, nobody = (town.browser(name) for name in ("city", "district", "nobody"))

    menus = [header_of(browser.get("/verify")) for browser in (city, district, nobody, city, nobody)]
    english = city.get("/verify?lang=en")

    assert len({*menus}) == 3 and menus[0] == menus[3] and menus[2] == menus[4]
    assert 'aria-label="Main"' in english and "案件办理" not in english.split("<main")[0]
