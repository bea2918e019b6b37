"""What a name is found by: pieces of it and its pinyin; a query asks only for grams that a name answering it has."""

from collections.abc import Sequence

import pytest

from registry.domain.name_grams import Sought, grams_of, plain
from registry.domain.pinyin import SYLLABLES, cut

READ = {
    "青": ("qing",),
    "岛": ("dao",),
    "海": ("hai",),
    "辰": ("chen",),
    "重": ("zhong", "chong"),
    "庆": ("qing",),
    "西": ("xi",),
    "安": ("an",),
    "先": ("xian",),
    "绿": ("lv", "lu"),
}


def read(text: str) -> Sequence[tuple[str, ...]]:
    return [READ.get(one, (one,) if one.isascii() else ()) for one in text]


def finds(typed: str, name: str) -> bool:
    """Say whether a name is found, by its grams first and then by itself, as the register looks for it."""
    sought, grams = Sought(typed), grams_of(name, read)
    narrowed = any(all(any(gram in grams for gram in some) for some in way) for way in sought.ways())
    answers = sought.answers(name, read)
    assert narrowed or not answers, (typed, name)
    return narrowed and answers


@pytest.mark.parametrize(
    "typed",
    [
        *("青", "海辰", "岛海辰", "青岛海辰", "青岛(海辰)", "海 辰", "（海）辰"),
        *("haichen", "HaiChen", "hai chen", "haich", "haic", "qingdaohaichen", "daohaichen", "hai", "ha"),
        *("hc", "qdhc", "dhc", "QDH"),
    ],
)
def test_a_name_is_found_by_a_part_of_it_by_pinyin_and_by_initials(typed: str) -> None:
    assert finds(typed, "青岛海辰")


@pytest.mark.parametrize(
    "typed", ["辰海", "青海", "chenhai", "hd", "qhc", "haichens", "haichenx", "hcx", "q", "《》", ""]
)
def test_a_name_is_not_found_by_what_it_does_not_say(typed: str) -> None:
    assert not finds(typed, "青岛海辰")


def test_a_character_is_found_by_each_of_its_readings() -> None:
    assert [finds(typed, "重庆") for typed in ("chongqing", "zhongqing", "cq", "zq", "heqing")] == [
        *(True, True, True, True, False)
    ]
    assert [finds(typed, "绿岛") for typed in ("lvdao", "lüdao", "ludao")] == [True, True, True]


def test_letters_that_can_be_cut_in_several_ways_are_looked_for_in_all_of_them() -> None:
    assert finds("xian", "西安") and finds("xian", "先")
    assert {before for before, _last in cut("xian")} == {(), ("xi",), ("xi", "a"), ("xia",)}


def test_letters_and_digits_of_a_name_are_found_as_they_are() -> None:
    assert finds("abc", "青岛ＡＢＣ") and finds("3d", "青岛3D") and finds("qdabc", "青岛ABC")
    assert plain("青岛（ＡＢＣ）-１ Ⅱ") == "青岛abc1ii"


def test_a_name_in_rare_characters_is_found_by_them_alone() -> None:
    assert finds("𠮷", "青岛𠮷辰") and finds("qd", "青岛𠮷辰") and not finds("daochen", "青岛𠮷辰")


def test_a_long_query_asks_for_so_many_grams_at_most_and_still_reads_the_whole() -> None:
    name = "青岛海辰" * 10
    assert finds(name, name) and finds("qingdaohaichen" * 9, name)
    assert not finds(name + "辰", name)
    assert sum(len(way) for way in Sought("xi" * 50).ways()) < 2_000


def test_there_are_as_many_syllables_as_the_language_has() -> None:
    assert len(SYLLABLES) == 414 and all(one.isascii() and one.islower() for one in SYLLABLES)
