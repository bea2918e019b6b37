"""Each kind of cell at its lines: what is read, to the last fen, and what is a fault."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from make import code

from registry.domain.codes import DISTRICTS, ENTRY_WORDS, EXIT_REASONS, KIND_WORDS
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.periods import NEVER
from registry.sheets.cells import Cell, Unusable, Wrong
from registry.sheets.values import DISTRICT, NAME, read_cell, read_uscc, read_word

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


@pytest.mark.parametrize("key", [key for key, fact in FACTS.items() if fact.choices])
def test_a_choice_is_read_by_key_and_by_word(key: str) -> None:
    for stored, word in (FACTS[key].choices or {}).items():
        for cell in (stored, word, f" {word} ", stored.upper()):
            assert read_cell(FACTS[key], cell) == stored


@pytest.mark.parametrize("cell", ["市", "国家", "x", 1, True, date(2024, 1, 1)])
def test_an_unknown_choice_is_a_fault_that_names_the_choices(cell: Cell) -> None:
    with pytest.raises(Wrong, match=r"市级以下\(below_city\)|text expected"):
        read_cell(FACTS["rd_institution"], cell)


@pytest.mark.parametrize("words", [KIND_WORDS, ENTRY_WORDS, EXIT_REASONS])
def test_the_words_of_the_books_are_read(words: dict[str, str]) -> None:
    for key, word in words.items():
        assert read_word(words, key) == read_word(words, word) == key


@pytest.mark.parametrize(
    ("cell", "district"),
    [
        ("370202", "370202"),
        (370285, "370285"),
        ("３７０２１１", "370211"),
        ("市南", "370202"),
        ("市南区", "370202"),
        ("市北", "370203"),
        ("黄岛", "370211"),
        ("黄岛区", "370211"),
        ("西海岸新区", "370211"),
        ("西海岸", "370211"),
        ("青岛西海岸新区", "370211"),
        ("黄岛区（西海岸新区）", "370211"),
        ("黄岛区(西海岸新区)", "370211"),
        ("崂山", "370212"),
        ("李沧区", "370213"),
        ("城阳", "370214"),
        ("即墨", "370215"),
        ("青岛市即墨区", "370215"),
        ("山东省青岛市胶州市", "370281"),
        ("平度", "370283"),
        ("莱西市", "370285"),
        ("371302", "371302"),
    ],
)
def test_a_district_is_read_by_code_name_and_short_name(cell: Cell, district: str) -> None:
    assert read_cell(DISTRICT, cell) == district


def test_every_district_of_the_table_is_read_by_its_name() -> None:
    assert [read_cell(DISTRICT, name) for name in DISTRICTS.values()] == list(DISTRICTS)


@pytest.mark.parametrize("cell", ["37020", "3702021", 37020, "青岛市", "高新区", "南区", "x", "", True])
def test_an_unknown_district_is_a_fault(cell: Cell) -> None:
    if cell == "":
        assert read_cell(DISTRICT, cell) is None
        return
    with pytest.raises(Wrong):
        read_cell(DISTRICT, cell)


@pytest.mark.parametrize(
    ("cell", "industry"), [("3451", "3451"), (3451, "3451"), (610, "0610"), ("610", "0610"), ("0610", "0610")]
)
def test_an_industry_that_lost_its_zero_gets_it_back(cell: Cell, industry: str) -> None:
    assert read_cell(FACTS["industry"], cell) == industry


@pytest.mark.parametrize("cell", [34, "34", "34510", "C3451", Decimal("345.1"), "通用设备", -610])
def test_what_is_no_industry_class_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(FACTS["industry"], cell)


@pytest.mark.parametrize(
    "cell",
    [
        code(7),
        f" {code(7).lower()} ",
        "".join(chr(ord(letter) + 0xFEE0) for letter in code(7)),
        f"\ufeff{code(7)}\u200b",
        f"{code(7)}\n",
    ],
)
def test_a_credit_code_is_trimmed_narrowed_and_upper_cased(cell: Cell) -> None:
    assert read_uscc(cell) == code(7)


@pytest.mark.parametrize("cell", [Decimal("9.13702002645742E+17"), 913702002645742, "9.13702E+17", "9.1E17"])
def test_a_credit_code_that_excel_made_a_number_says_so(cell: Cell) -> None:
    with pytest.raises(Wrong, match="设为文本格式"):
        read_uscc(cell)


@pytest.mark.parametrize(
    "cell", ["", "  ", "-", "9137", code(7)[:-1] + "?", code(7)[:-1] + "0", True, date(2024, 1, 1), ERROR]
)
def test_what_is_no_credit_code_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_uscc(cell)


def test_a_name_keeps_its_registered_brackets_and_loses_wide_letters_and_margins() -> None:
    assert read_cell(NAME, "\u3000青岛Ａ１（集团）有限公司\u00a0") == "青岛A1（集团）有限公司"


@pytest.mark.parametrize("cell", ["长" * 201, "两\n行", "铃\x07", True, date(2024, 1, 1)])
def test_a_name_that_is_no_printable_text_is_a_fault(cell: Cell) -> None:
    with pytest.raises(Wrong):
        read_cell(NAME, cell)


def test_a_text_that_excel_made_a_number_is_its_digits() -> None:
    assert read_cell(NAME, 360) == "360"


def test_a_list_fact_is_json_in_the_cell() -> None:
    cell = ' [{"kind": "innovative", "from": "2023-03-20", "until": null}, {}] '

    assert read_cell(FACTS["titles"], cell) == ({"kind": "innovative", "from": date(2023, 3, 20)}, {})
    assert read_cell(FACTS["awards"], "[]") == ()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("创新型", "JSON"),
        ("{}", "列表"),
        ('[{"kind": "x"}]', r"\[0\].kind"),
        ('[{"kind": "innovative", "kind": "champion"}]', "两次"),
        ('[{"from": "2023-02-30"}]', r"\[0\].from"),
        ("[" * 5000, "JSON"),
        (1, "JSON"),
    ],
)
def test_a_wrong_list_fact_says_where_it_is_wrong(cell: Cell, expected: str) -> None:
    with pytest.raises(Wrong, match=expected):
        read_cell(FACTS["titles"], cell)
