"""What we export, we take back: equal to the last fen, in both forms."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import code, firm, stay, title

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, PLACES, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm, ScaleRow, TitleRow
from registry.domain.periods import NEVER
from registry.sheets.book_rows import read_scale, read_titles
from registry.sheets.firm_rows import read_firms
from registry.sheets.layout import CoverLine
from registry.sheets.own_lists import firm_list, scale_list, title_list
from registry.sheets.reading import write_faulted_copy
from registry.sheets.writing import Form, write_table

COVER = [CoverLine("as_of", "截至", date(2025, 12, 31)), CoverLine("firms", "企业数", 3)]
DAYS = st.dates(date(1949, 1, 1), date(2199, 12, 31))
TEXTS = st.text(st.sampled_from("青岛示例（集团）=+-@' \"，,;AZ09"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text.strip("'") and text not in ("-", "--")
)


def values(fact: Fact) -> st.SearchStrategy[object]:
    if fact.allowed:
        return st.sampled_from(fact.allowed)
    most = {Kind.MONEY: 10**17 - 1, Kind.SHARE: 10 ** PLACES[Kind.SHARE], Kind.SCORE: 10_000}
    return {
        Kind.BOOL: st.booleans(),
        Kind.COUNT: st.integers(fact.low, fact.high),
        Kind.MONEY: st.integers(1 - 10**17 if fact.signed else 0, most[Kind.MONEY]),
        Kind.SHARE: st.integers(0, most[Kind.SHARE]),
        Kind.SCORE: st.integers(0, most[Kind.SCORE]),
        Kind.DATE: DAYS,
        Kind.DATE_OR_NONE: DAYS | st.just(NEVER),
        Kind.CHOICE: st.sampled_from(sorted(fact.choices or ("",))),
        Kind.TEXT: TEXTS,
        Kind.CODE: st.integers(1, 10**fact.digits - 1).map(lambda number: f"{number:0{fact.digits}}"),
        Kind.LIST: st.lists(entries(fact.key), max_size=3).map(tuple),
    }[fact.kind]


def entries(key: str) -> st.SearchStrategy[object]:
    parts = {name: values(fact) for name, fact in ENTRY_FACTS.get(key, {}).items()}
    return st.fixed_dictionaries({}, optional=parts)


FACTS = st.fixed_dictionaries({}, optional={key: values(fact) for key, fact in FIRM_FACTS.items()})
FIGURES = st.fixed_dictionaries({}, optional={key: values(fact) for key, fact in YEAR_FACTS.items()})
YEARS = st.dictionaries(st.integers(2020, 2025), FIGURES.filter(bool), max_size=2)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=st.lists(TEXTS, max_size=4), data=st.data())
def test_a_list_of_firms_comes_back_equal(form: Form, names: list[str], data: st.DataObject, tmp_path: Path) -> None:
    firms = [Firm(code(n), name, data.draw(FACTS), data.draw(YEARS)) for n, name in enumerate(names)]  # type: ignore[arg-type]
    path = tmp_path / f"企业.{form}"
    write_table(path, form, "企业", *firm_list(firms), COVER)

    reading = read_firms(path)

    assert reading.faults == []
    assert [one for _, one in reading.rows] == firms


TITLES = [
    title(1),
    title(2, tier="little_giant", kind="re_review", valid_until=date(2026, 4, 18), batch="第五批", source="=公告"),
    title(3, name="-1+1公司", tier="innovative", recognised_on=date(2024, 2, 29)),
]
STAYS = [
    stay(1),
    stay(2, entry="monthly", exited_on=date(2024, 1, 31), exit_reason="moved_out", source="国统字〔2024〕1号"),
    stay(3, exited_on=date(2022, 1, 31)),
]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_lists_of_titles_and_stays_come_back_equal(form: Form, tmp_path: Path) -> None:
    titles_path, stays_path = tmp_path / f"称号.{form}", tmp_path / f"规上.{form}"
    write_table(titles_path, form, "称号", *title_list(TITLES), COVER)
    write_table(stays_path, form, "规上", *scale_list(STAYS), COVER)

    titles, stays = read_titles(titles_path), read_scale(stays_path)

    assert [*titles.faults, *stays.faults] == []
    assert [row for _, row in titles.rows] == TITLES
    assert [row for _, row in stays.rows] == STAYS
    assert isinstance(titles.rows[0][1], TitleRow)
    assert isinstance(stays.rows[0][1], ScaleRow)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_empty_list_comes_back_empty(form: Form, tmp_path: Path) -> None:
    path = tmp_path / f"企业.{form}"
    write_table(path, form, "企业", *firm_list([]), COVER)

    reading = read_firms(path)

    assert (reading.rows, reading.faults, reading.row_count) == ([], [], 0)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_copy_without_faults_reads_as_the_list_itself(form: Form, tmp_path: Path) -> None:
    firms = [firm(1, name="=甲", years={2023: {"net_profit": -150, "revenue": 10**17 - 1}}), firm(2, titles=())]
    path, copy = tmp_path / f"企业.{form}", tmp_path / f"副本.{form}"
    write_table(path, form, "企业", *firm_list(firms))
    write_faulted_copy(read_firms(path), copy)

    again = read_firms(copy)

    assert again.faults == []
    assert [one for _, one in again.rows] == firms
