"""Lists of titles and of stays: words and keys alike, and what two cells of a row may not say together."""

from datetime import date
from pathlib import Path

import pytest
from make import code
from sheet_files import SCALE_HEADER, TITLE_HEADER, USCC, write_csv, write_xlsx

from registry.domain.firms import ScaleRow, TitleRow
from registry.sheets.book_rows import read_scale, read_titles

TITLE = (USCC, "示例", "莱西", "专精特新", "首次", "2023-04-19", "2026-04-18", "第三批", "鲁工信〔2023〕1号")
STAY = (USCC, "示例", "莱西", "2022-01-31", "年度", "", "", "统计局通知")


def changed(row: tuple[str, ...], header: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    keys = {"梯度": "tier", "类型": "kind", "公告日期": "recognised_on", "有效期至": "valid_until", "批次": "batch"}
    keys |= {"入库日期": "entered_on", "入库方式": "entry", "退库日期": "exited_on", "退库原因": "exit_reason"}
    keys |= {"统一社会信用代码": "uscc", "企业名称": "name", "区市": "district"}
    return tuple(cells.get(keys.get(head, ""), cell) for head, cell in zip(header, row, strict=True))


def titles(tmp_path: Path, *rows: tuple[str, ...]) -> tuple[list[TitleRow], list[tuple[str, str]]]:
    reading = read_titles(write_csv(tmp_path / "a.csv", [TITLE_HEADER, *rows]))
    return [row for _, row in reading.rows], [(fault.address, fault.message) for fault in reading.faults]


def stays(tmp_path: Path, *rows: tuple[str, ...]) -> tuple[list[ScaleRow], list[tuple[str, str]]]:
    reading = read_scale(write_csv(tmp_path / "a.csv", [SCALE_HEADER, *rows]))
    return [row for _, row in reading.rows], [(fault.address, fault.message) for fault in reading.faults]


def test_a_row_becomes_a_title(tmp_path: Path) -> None:
    assert titles(tmp_path, TITLE) == (
        [
            TitleRow(
                USCC,
                "示例",
                "370285",
                "specialized",
                "new",
                date(2023, 4, 19),
                date(2026, 4, 18),
                "第三批",
                "鲁工信〔2023〕1号",
            )
        ],
        [],
    )


def test_a_row_becomes_a_stay(tmp_path: Path) -> None:
    left = changed(STAY, SCALE_HEADER, exited_on="2024/1/31", exit_reason="迁出")

    assert stays(tmp_path, left) == (
        [ScaleRow(USCC, "示例", "370285", date(2022, 1, 31), "annual", date(2024, 1, 31), "moved_out", "统计局通知")],
        [],
    )


def test_keys_and_real_dates_are_taken_as_well(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        [
            ("kind", "tier", "recognised_on", "uscc", "name", "district"),
            ("re_review", "little_giant", date(2024, 2, 29), USCC, "示例", 370202),
        ],
    )

    assert [row for _, row in read_titles(path).rows] == [
        TitleRow(USCC, "示例", "370202", "little_giant", "re_review", date(2024, 2, 29))
    ]


@pytest.mark.parametrize(
    ("word", "tier"),
    [
        ("创新型", "innovative"),
        ("创新型中小企业", "innovative"),
        ("innovative", "innovative"),
        ("专精特新", "specialized"),
        ("专精特新中小企业", "specialized"),
        ("小巨人", "little_giant"),
        ("“小巨人”", "little_giant"),
        ("专精特新“小巨人”企业", "little_giant"),
        ('专精特新"小巨人"企业', "little_giant"),
        ("专精特新小巨人企业", "little_giant"),
        ("LITTLE_GIANT", "little_giant"),
    ],
)
def test_tiers_are_read_by_their_words(word: str, tier: str, tmp_path: Path) -> None:
    quoted = word.replace('"', '""')
    ((row,), _) = titles(tmp_path, changed(TITLE, TITLE_HEADER, tier=f'"{quoted}"'))

    assert row.tier == tier


@pytest.mark.parametrize("word", ["规上", "above_scale", "规模以上工业企业"])
def test_above_scale_is_no_title(word: str, tmp_path: Path) -> None:
    _, ((address, message),) = titles(tmp_path, changed(TITLE, TITLE_HEADER, tier=word))

    assert address == "D2"
    assert "import scale" in message


@pytest.mark.parametrize("key", ["uscc", "name", "district", "tier", "kind", "recognised_on"])
def test_a_title_lacks_nothing_that_is_required(key: str, tmp_path: Path) -> None:
    place = dict(zip(("uscc", "name", "district", "tier", "kind", "recognised_on"), "ABCDEF", strict=True))[key]
    rows, told = titles(tmp_path, changed(TITLE, TITLE_HEADER, **{key: " "}))

    assert rows == []
    assert told == [(f"{place}2", "必填 (required)")]


@pytest.mark.parametrize("key", ["uscc", "name", "district", "entered_on", "entry"])
def test_a_stay_lacks_nothing_that_is_required(key: str, tmp_path: Path) -> None:
    place = dict(zip(("uscc", "name", "district", "entered_on", "entry"), "ABCDE", strict=True))[key]

    assert stays(tmp_path, changed(STAY, SCALE_HEADER, **{key: ""}))[1] == [(f"{place}2", "必填 (required)")]


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"valid_until": "2023-04-18"}, "G2"),
        ({"valid_until": "-"}, "G2"),
        ({"valid_until": "永久"}, "G2"),
        ({"recognised_on": "2023-02-29"}, "F2"),
        ({"recognised_on": "0203-04-19"}, "F2"),
        ({"kind": "新增"}, "E2"),
        ({"tier": "专精"}, "D2"),
        ({"district": "火星"}, "C2"),
        ({"uscc": "123"}, "A2"),
        ({"batch": "—"}, "H2"),
    ],
)
def test_a_wrong_cell_of_a_title_is_a_fault_there(cells: dict[str, str], place: str, tmp_path: Path) -> None:
    rows, told = titles(tmp_path, changed(TITLE, TITLE_HEADER, **cells))

    assert rows == []
    assert [address for address, _ in told] == [place]


def test_a_title_may_end_on_its_first_day(tmp_path: Path) -> None:
    assert titles(tmp_path, changed(TITLE, TITLE_HEADER, valid_until="2023-04-19"))[1] == []


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"exited_on": "2022-01-30"}, "F2"),
        ({"exit_reason": "迁出"}, "G2"),
        ({"exited_on": "2024-01-31", "exit_reason": "搬走"}, "G2"),
        ({"entry": "季度"}, "E2"),
        ({"entered_on": "2022年13月1日"}, "D2"),
    ],
)
def test_a_wrong_cell_of_a_stay_is_a_fault_there(cells: dict[str, str], place: str, tmp_path: Path) -> None:
    rows, told = stays(tmp_path, changed(STAY, SCALE_HEADER, **cells))

    assert rows == []
    assert [address for address, _ in told] == [place]


def test_a_firm_may_leave_on_the_day_it_entered_and_for_no_stated_reason(tmp_path: Path) -> None:
    assert stays(tmp_path, changed(STAY, SCALE_HEADER, exited_on="2022-01-31"))[1] == []


def test_equal_rows_are_tolerated(tmp_path: Path) -> None:
    rows, told = titles(tmp_path, TITLE, TITLE)

    assert told == []
    assert rows[0] == rows[1]


def test_the_same_key_with_other_content_is_a_fault_that_names_both_rows(tmp_path: Path) -> None:
    other = changed(TITLE, TITLE_HEADER, recognised_on="2020-04-19", valid_until="2023-04-18")
    rows, told = titles(tmp_path, TITLE, other, changed(TITLE, TITLE_HEADER, batch="第四批"))

    assert [row.recognised_on for row in rows] == [date(2020, 4, 19)]
    assert [address for address, _ in told] == ["A2", "A4"]
    assert all("第 2、4 行是同一条记录而内容不同" in message for _, message in told)

    _, told = stays(tmp_path, STAY, changed(STAY, SCALE_HEADER, entry="月度"))
    assert [address for address, _ in told] == ["A2", "A3"]


def test_one_firm_may_have_several_titles_and_stays(tmp_path: Path) -> None:
    rows, told = titles(tmp_path, TITLE, changed(TITLE, TITLE_HEADER, tier="创新型"), (code(2), *TITLE[1:]))

    assert len(rows) == 3
    assert told == []


@pytest.mark.parametrize("lacking", ["uscc", "name", "district", "tier", "kind", "recognised_on"])
def test_a_missing_column_is_told_once_and_not_at_every_row(lacking: str, tmp_path: Path) -> None:
    keys = [key for key in ("uscc", "name", "district", "tier", "kind", "recognised_on") if key != lacking]
    cells = dict(zip(("uscc", "name", "district", "tier", "kind", "recognised_on"), TITLE[:6], strict=True))
    path = write_csv(tmp_path / "a.csv", [keys, *[[cells[key] for key in keys]] * 3])

    (fault,) = read_titles(path).faults
    assert (fault.row, fault.column) == (1, "")
    assert f"({lacking})" in fault.message
    assert read_titles(path).rows == []
