"""Header rows: keys, labels, years and units; whatever is not understood says what would be."""

import pytest

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Kind
from registry.sheets.headings import (
    SCALE_HEADINGS,
    TITLE_HEADINGS,
    UnknownHeading,
    firm_column,
    list_column,
)


@pytest.mark.parametrize("key", sorted(FIRM_FACTS))
def test_a_fact_is_named_by_key_and_by_label(key: str) -> None:
    for heading in (key, FIRM_FACTS[key].label, f" {FIRM_FACTS[key].label}\n", key.upper()):
        column = firm_column(heading)

        assert (column.key, column.fact, column.year) == (key, FIRM_FACTS[key], None)


@pytest.mark.parametrize("key", sorted(YEAR_FACTS))
def test_a_yearly_figure_is_named_by_key_and_year(key: str) -> None:
    column = firm_column(f"{key}@2023")

    assert (column.key, column.year, column.power) == (key, 2023, 0)


@pytest.mark.parametrize("key", [key for key, fact in YEAR_FACTS.items() if fact.kind is Kind.MONEY])
@pytest.mark.parametrize(
    ("pattern", "power"),
    [
        ("2023年{}(元)", 0),
        ("2023年{}(万元)", 4),
        ("2023年{}（万元）", 4),
        ("2023年{}(亿元)", 8),
        ("２０２３年{}（亿元）", 8),
        ("2023年度{}(万元)", 4),
        (" 2023年\n{} (万元) ", 4),
        ("2023年{}（ 万元 ）", 4),
    ],
)
def test_an_amount_is_named_by_year_label_and_unit(key: str, pattern: str, power: int) -> None:
    column = firm_column(pattern.format(YEAR_FACTS[key].label))

    assert (column.key, column.year, column.power) == (key, 2023, power)


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("2023年从业人员", "employees"),
        ("2023年从业人员(人)", "employees"),
        ("2022年研发人员（人）", "rd_staff"),
        ("2023年发展评价得分", "development_score"),
        ("2023年发展评价得分(分)", "development_score"),
        ("2023年完成数字化转型", "digitally_transformed"),
    ],
)
def test_other_figures_take_no_unit_or_their_own(heading: str, key: str) -> None:
    assert firm_column(heading).key == key


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("2023年营业收人(万元)", r"“2023年营业收入\(万元\)”"),
        ("2023年营业总收入(万元)", r"“2023年营业收入\(万元\)”"),
        ("revenu@2023", "“revenue@2023”"),
        ("信用代码", "“统一社会信用代码”"),
        ("企业名", "“企业名称”"),
        ("distric", "“district”"),
        ("I类知识产权", "“Ⅰ类知识产权数”"),
        ("2023年营业收入", "缺少金额单位.*2023年营业收入\\(万元\\)"),
        ("2023年营业收入(千元)", "“千元”不可用"),
        ("2023年营业收入(人)", "“人”不可用"),
        ("2023年从业人员(万元)", "“万元”不可用.*只可写\\(人\\)"),
        ("2023年发展评价得分(人)", "只可写\\(分\\)"),
        ("2023年完成数字化转型(是)", "不写单位"),
        ("营业收入(万元)", "缺少年份"),
        ("revenue", "缺少年份"),
        ("1900年营业收入(万元)", "1949"),
        ("revenue@2200", "2199"),
        ("主导产品全国市场占有率(%)", "不带单位.*主导产品全国市场占有率"),
        ("2023年行业代码", "不分年度.*行业代码"),
        ("联系电话", "未知的表头"),
        ("x" * 100_000, "未知的表头"),
        ("2023", "未知的表头"),
    ],
)
def test_a_header_that_is_not_understood_says_what_would_be(heading: str, said: str) -> None:
    with pytest.raises(UnknownHeading, match=said):
        firm_column(heading)


@pytest.mark.parametrize("words", [TITLE_HEADINGS, SCALE_HEADINGS])
def test_the_books_have_fixed_columns(words: dict[str, str]) -> None:
    recognise = list_column(words)

    for key, word in words.items():
        assert recognise(key).key == recognise(f" {word} ").key == key
    with pytest.raises(UnknownHeading, match="未知的表头"):
        recognise("2023年营业收入(万元)")
    with pytest.raises(UnknownHeading, match="“企业名称”"):
        recognise("企业名")
