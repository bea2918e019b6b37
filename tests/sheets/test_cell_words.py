"""Cells that hold words: choices, districts, codes, names, lists; by key, by Chinese word, as people write them."""

from datetime import date
from decimal import Decimal

import pytest
from make import code

from registry.domain.codes import DISTRICTS, ENTRY_WORDS, EXIT_REASONS, KIND_WORDS
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.sheets.cells import Cell, Unusable, Wrong
from registry.sheets.values import DISTRICT, NAME, read_cell, read_uscc, read_word

FACTS = {**FIRM_FACTS, **YEAR_FACTS, "name": NAME}
YUAN, WAN, YI = 0, 4, 8
ERROR = Unusable("#N/A", "公式结果为错误值 #N/A")


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
