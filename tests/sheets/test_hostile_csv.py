"""Text files that are not what they say, or not readable as a table: each is refused in words."""

from pathlib import Path

import pytest
from sheet_files import (
    OLD_OFFICE,
    PNG,
    USCC,
    handmade,
    packed,
    refusal,
    write_csv,
)

from registry.sheets import limits
from registry.sheets.firm_rows import read_firms

CSV_ROW = f"uscc,name\r\n{USCC},示例\r\n"
HOSTILE_CSV: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "文件为空"),
    "utf16": (CSV_ROW.encode("utf-16"), "UTF-16"),
    "utf16_without_mark": (CSV_ROW.encode("utf-16-le"), "NUL"),
    "gbk": (CSV_ROW.encode("gbk"), "第 2 行不是 UTF-8"),
    "nul": (CSV_ROW.encode() + b"\0", "NUL"),
    "workbook_renamed": (packed(handmade()), "改为 .xlsx"),
    "old_office_renamed": (OLD_OFFICE, "加密"),
    "picture": (PNG * 20, "NUL"),
    "open_quote": (CSV_ROW.encode() + b'"' + b"x" * 200_000, "引号"),
    "text_after_quote": (CSV_ROW.encode() + b'"abc"def,x\r\n', "引号"),
    "cell_too_long": (CSV_ROW.encode() + b"x" * 200_000, "过长"),
    "too_many_columns": (CSV_ROW.encode() + b"," * 1000 + b"x", "多于 300 列"),
    "half_a_character": (CSV_ROW.encode()[:-4], "UTF-8"),
}


@pytest.mark.parametrize("case", HOSTILE_CSV)
def test_a_hostile_csv_file_is_refused_in_words(case: str, tmp_path: Path) -> None:
    content, expected = HOSTILE_CSV[case]
    path = tmp_path / "名单.csv"
    path.write_bytes(content)

    assert expected in refusal(path)


@pytest.mark.parametrize("name", ["名单.xls", "名单.xlsm", "名单.txt", "名单", "名单.csv.exe"])
def test_only_two_endings_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(packed(handmade()))

    assert "只接受 .xlsx 或 .csv" in refusal(path)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "无法读取" in refusal(tmp_path / "没有.csv")
    folder = tmp_path / "folder.csv"
    folder.mkdir()

    assert "无法读取" in refusal(folder)


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    path = tmp_path / "名单.csv"
    path.write_bytes(b"x" * 1001)

    assert "file too large" in refusal(path)


def test_plain_csv_is_read_with_and_without_a_mark(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        path = write_csv(tmp_path / "名单.csv", [("uscc", "name"), (USCC, "示例")], encoding)

        assert len(read_firms(path).rows) == 1
