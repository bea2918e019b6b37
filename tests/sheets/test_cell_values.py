"""Cells that hold amounts, counts, shares, days, yes and no: at their lines, to the last fen, and what is a fault."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.periods import NEVER
from registry.sheets.cells import Cell, Unusable, Wrong
from registry.sheets.values import NAME, read_cell

FACTS = {**FIRM_FACTS, **YEAR_FACTS, "name": NAME}
YUAN, WAN, YI = 0, 4, 8
ERROR = Unusable("#N/A", "公式结果为错误值 #N/A")


@pytest.mark.parametrize(
    ("cell", "power", "fen"),
    [
        ("61230000.01", YUAN, 6123000001),
        ("0.01", YUAN, 1),
        (Decimal("6123.45"), WAN, 6123450000),
        ("6123.456789", WAN, 6123456789),
        ("0.000001", WAN, 1),
        ("1.23456789", YI, 12345678900),
        ("0.0000000001", YI, 1),
        (12, YI, 120000000000),
        (5, WAN, 5000000),
        ("1,234,567.89", YUAN, 123456789),
        ("１２３．４５", YUAN, 12345),
        ("１，２３４", YUAN, 123400),
        (" 100 ", YUAN, 10000),
        ("\u200b100\u00a0", YUAN, 10000),
        ("+5", YUAN, 500),
        ("0", YUAN, 0),
        ("99999999999.999999", WAN, 10**17 - 1),
        ("999999999999999.99", YUAN, 10**17 - 1),
    ],
)
def test_money_is_read_to_the_fen_in_its_unit(cell: Cell, power: int, fen: int) -> None:
    assert read_cell(FACTS["revenue"], cell, power) == fen


@pytest.mark.parametrize(
    ("cell", "power"),
    [
        ("0.001", YUAN),
        ("1.000", YUAN),
        (Decimal("0.0000001"), WAN),
        ("0.00000000001", YI),
        ("-1", YUAN),
        ("100000000000", WAN),
        ("1000000000000000", YUAN),
        ("1,23", YUAN),
        ("1,2345", YUAN),
        ("12,34,567", YUAN),
        ("100万元", WAN),
        ("约100", YUAN),
        ("¥100", YUAN),
        ("(100)", YUAN),
        ("1.2.3", YUAN),
        (".5", YUAN),
        ("5.", YUAN),
        ("1e5", YUAN),
        ("6.123E+07", YUAN),
        ("0x10", YUAN),
        ("nan", YUAN),
        ("inf", YUAN),
        ("9" * 26, YUAN),
        ("1" * 100_000, YUAN),
        ("١٢٣", YUAN),
        (Decimal("1E+300"), YUAN),
        (True, YUAN),
        (date(2024, 1, 1), YUAN),
        ("-", YUAN),
        ("—", YUAN),
        ("－", YUAN),
        ("/", YUAN),
        ("N/A", YUAN),
        (ERROR, YUAN),
    ],
)
def test_money_that_is_no_exact_amount_is_a_fault(cell: Cell, power: int) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["revenue"], cell, power)


def test_only_net_profit_may_be_negative() -> None:
    assert read_cell(FACTS["net_profit"], "-12.34", WAN) == -12340000
    assert read_cell(FACTS["net_profit"], "－12.34", WAN) == -12340000


@pytest.mark.parametrize("key", sorted(FACTS))
@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u00a0", "\t\n", "\u200b", "\ufeff"])
def test_a_blank_cell_is_unknown_and_nothing_else_is(key: str, blank: str) -> None:
    assert read_cell(FACTS[key], blank) is None


@pytest.mark.parametrize("key", sorted(FACTS))
@pytest.mark.parametrize("mark", ["-", "—", "——", "－", " - ", "/", ERROR])
def test_a_dash_or_an_error_is_a_fault_in_every_column(key: str, mark: Cell) -> None:
    with pytest.raises(Wrong, match=r"留空|错误值"):
        read_cell(FACTS[key], mark)


@pytest.mark.parametrize("cell", ["true", "TRUE", "1", "１", "是", "有", "yes", "Yes", " 是 ", 1, True])
def test_yes_is_read(cell: Cell) -> None:
    assert read_cell(FACTS["own_brand"], cell) is True


@pytest.mark.parametrize("cell", ["false", "False", "0", "否", "无", "no", "NO", 0, False])
def test_no_is_read(cell: Cell) -> None:
    assert read_cell(FACTS["own_brand"], cell) is False


@pytest.mark.parametrize("cell", ["对", "√", "y", "2", "是的", 2, Decimal("0.5"), date(2024, 1, 1)])
def test_neither_yes_nor_no_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong, match="是/否"):
        read_cell(FACTS["own_brand"], cell)


@pytest.mark.parametrize(
    ("cell", "count"), [("0", 0), (300, 300), ("１２", 12), ("1,200", 1200), ("999999999", 10**9 - 1)]
)
def test_a_count_is_read(cell: Cell, count: int) -> None:
    value = read_cell(FACTS["employees"], cell)

    assert value == count
    assert type(value) is int


@pytest.mark.parametrize("cell", ["3.0", "3.5", Decimal("3.5"), "-1", "25人", "1000000000", True])
def test_what_is_no_count_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["employees"], cell)


@pytest.mark.parametrize(
    ("key", "cell"), [("market_rank_national", 0), ("digital_level", 5), ("local_operation_kinds", 7)]
)
def test_a_count_keeps_the_bounds_of_its_fact(key: str, cell: Cell) -> None:
    with pytest.raises(Wrong, match="之间"):
        read_cell(FACTS[key], cell)


@pytest.mark.parametrize(
    ("cell", "share"),
    [
        ("0.125", 125 * 10**9),
        (Decimal("0.125"), 125 * 10**9),
        ("12.5%", 125 * 10**9),
        ("12.5 %", 125 * 10**9),
        ("１２．５％", 125 * 10**9),
        ("100%", 10**12),
        (1, 10**12),
        (0, 0),
        ("0%", 0),
        ("0.0000000001%", 1),
        ("0.123456789012", 123456789012),
    ],
)
def test_a_share_is_read_as_a_number_or_in_per_cent(cell: Cell, share: int) -> None:
    assert read_cell(FACTS["market_share"], cell) == share


@pytest.mark.parametrize("cell", ["12.5", "101%", "1.01", "-1%", "%", "12.5‰", "0.1234567890123", "1e-3", "12%%"])
def test_what_is_no_share_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["market_share"], cell)


@pytest.mark.parametrize(("cell", "score"), [("87.65", 8765), (100, 10000), (Decimal("0.5"), 50), (0, 0)])
def test_a_score_is_read_in_hundredths(cell: Cell, score: int) -> None:
    assert read_cell(FACTS["development_score"], cell) == score


@pytest.mark.parametrize("cell", ["100.01", "87.655", "-1", "八十"])
def test_what_is_no_score_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["development_score"], cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-09",
        "2024-5-9",
        "2024/5/9",
        "2024/05/09",
        "2024.5.9",
        "2024年5月9日",
        "2024年05月09日",
        "2024 年 5 月 9 日",
        "２０２４－０５－０９",
        "２０２４／５／９",
        "2024-05-09 00:00:00",
        "2024/5/9 0:00",
        "2024-05-09T00:00:00",
        date(2024, 5, 9),
        datetime(2024, 5, 9),  # noqa: DTZ001 - Excel knows no zone
    ],
)
def test_a_day_is_read_in_each_of_its_forms(cell: Cell) -> None:
    assert read_cell(FACTS["established_on"], cell) == date(2024, 5, 9)


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-29",
        "2024-02-30",
        "2024-13-01",
        "2024-00-10",
        "2024-04-31",
        "2024年2月30日",
        "0000-01-01",
        "2024-05",
        "2024年5月",
        "2024",
        "2024-05/09",
        "2024--05-09",
        "24-5-9",
        "9/5/2024",
        "20240509",
        20240509,
        45421,
        Decimal("45421.5"),
        True,
        "2024-05-09 08:30",
        datetime(2024, 5, 9, 8, 30),  # noqa: DTZ001 - Excel knows no zone
        "昨天",
        "无",
        "none",
        Unusable("12:00:00", "是时间而不是日期"),
    ],
)
def test_what_is_no_day_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["established_on"], cell)


def test_29_february_is_a_day_in_leap_years_only() -> None:
    assert read_cell(FACTS["established_on"], "2024年2月29日") == date(2024, 2, 29)
    with pytest.raises(Wrong, match="没有这一天"):
        read_cell(FACTS["established_on"], "2100/2/29")


@pytest.mark.parametrize("cell", ["none", "None", "无", " 无 "])
def test_never_is_a_known_day_where_the_fact_allows_it(cell: Cell) -> None:
    assert read_cell(FACTS["banned_until"], cell) == NEVER
