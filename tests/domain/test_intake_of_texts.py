"""What is no firm, no JSON text or no day is refused with a reason at its place."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from intake_texts import CODE, faults, paths, read

from registry.domain.errors import Refused
from registry.domain.intake import firm_from, read_day
from registry.domain.json_text import LONGEST_DOCUMENT, read_json


@pytest.mark.parametrize("year", ["23", "20233", "1948", "2200", "2023 ", "２０２３", "-023", "", "revenue", "2023.0"])
def test_a_year_is_four_digits_within_reason(year: str) -> None:
    (path,) = paths("{}", f'{{"{year}": {{}}}}')

    assert path == f"years.{year}"


@pytest.mark.parametrize(
    ("facts", "years", "path"), [("[]", "{}", "facts"), ("{}", "[]", "years"), ("{}", '{"2023": 5}', "years.2023")]
)
def test_what_should_be_an_object_is_refused_where_it_stands(facts: str, years: str, path: str) -> None:
    assert paths(facts, years) == [path]


@pytest.mark.parametrize("document", [None, [], "x", 3, True, Decimal(1)])
def test_a_firm_that_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(Refused, match="an object expected"):
        firm_from(document)


def test_every_fault_is_named_in_the_order_of_the_document() -> None:
    found = paths(
        '{"own_brand": 1, "awards": [{"rank": 0}, {"top": 5}], "ip_class1": -1}', '{"2023": {"revenue": -1, "x": 1}}'
    )

    assert found == [
        "facts.own_brand",
        "facts.awards[0].rank",
        "facts.awards[1].top",
        "facts.ip_class1",
        "years.2023.x",
        "years.2023.revenue",
    ]


def test_a_path_within_a_larger_document_goes_before_each_fault() -> None:
    with pytest.raises(Refused) as caught:
        firm_from({"uscc": CODE, "name": "甲", "facts": {"own_brand": 1}}, "firms[3]")

    assert [fault.path for fault in caught.value.faults] == ["firms[3].facts.own_brand"]


def test_a_thousand_entries_are_enough() -> None:
    assert len(read(f'{{"titles": [{",".join(["{}"] * 1000)}]}}').facts["titles"]) == 1000
    assert paths(f'{{"titles": [{",".join(["{}"] * 1001)}]}}') == ["facts.titles"]


def test_a_fault_shows_only_the_beginning_of_a_long_or_unprintable_value() -> None:
    ((_, message),) = faults(f'{{"own_brand": "{"长" * 5000}\\u001b[31m"}}')

    assert len(message) < 200
    ((path, _),) = faults(f'{{"{"长" * 5000}\\u001b": 1}}')
    assert len(path) < 100
    assert "\x1b" not in path


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "1e-999999999", "1E400", "0.1e-400", "0e999999999"])
def test_a_huge_exponent_costs_nothing(number: str) -> None:
    """0e999999999 is zero as written; the rest is out of bounds or has too many places."""
    years = f'{{"2023": {{"net_profit": {number}}}}}'
    if number.startswith("0e"):
        assert read(years=years).years == {2023: {"net_profit": 0}}
    else:
        assert paths("{}", years) == ["years.2023.net_profit"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not JSON"),
        (b"   ", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON"),
        (b'{"a": 1, "a": 2}', "duplicate key"),
        (b'{"facts": {"own_brand": true, "own_brand": true}}', "duplicate key"),
        ("青岛".encode("gb18030"), "not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number too long"),
        (b'{"a": 0.' + b"9" * 5000 + b"}", "number too long"),
        (b'{"a": 1e99999999999999999999}', "exponent too large"),
        (b" " * (LONGEST_DOCUMENT + 1), "too large"),
    ],
)
def test_what_is_not_a_json_text_is_refused_with_a_reason(content: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word):
        read_json(content)


def test_a_byte_order_mark_is_tolerated_in_bytes_and_in_text() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert read_json('\ufeff{"a": 1}') == {"a": 1}


def test_decimals_are_kept_as_written_and_never_pass_through_a_float() -> None:
    assert read_json("[1.10, 0.1, 3, 1e2]") == [Decimal("1.10"), Decimal("0.1"), 3, Decimal("1e2")]
    assert str(read_json("[1.10]")[0]) == "1.10"


@pytest.mark.parametrize("raw", ["2024-02-29", "1949-10-01"])
def test_a_day_is_read(raw: str) -> None:
    assert read_day(raw) == date.fromisoformat(raw)


@pytest.mark.parametrize(
    "raw", [None, 20240229, date(2024, 2, 29), "2024-02-30", "2024-2-9", "2024-02-29\n", b"2024-02-29"]
)
def test_what_is_not_a_day_as_written_in_the_contract_is_none(raw: Any) -> None:
    assert read_day(raw) is None
