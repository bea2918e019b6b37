"""Lists that are read row by row on a phone: each answer stands under the word of its column."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
_TABLE = re.compile(r'<table class="[^"]*table--stack[^"]*".*?</table>', re.S)
_KEPT_ROW = re.compile(r"\{\{ \w+_row\(")
_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.S)
_CELL = re.compile(r'<(t[dh])((?:[^>"]|"[^"]*")*)>', re.S)
# A column for each of several things is named by its loop.
_IN_A_LOOP = re.compile(r"\{\{ (\w+|\w+\[loop\.index0\]) \}\}")
_LABEL = re.compile(r'data-label="(.*?)"')


def tables() -> list[tuple[str, str]]:
    """Return every such table with its rows in it, as `file: nth` and text."""
    found = []
    for file in sorted(TEMPLATES.rglob("*.html")):
        for number, table in enumerate(_TABLE.findall(file.read_text("utf-8"))):
            # A row that is kept is a file of its own.
            row = file.with_name("row.html").read_text("utf-8") if _KEPT_ROW.search(table) else ""
            found.append((f"{file.relative_to(TEMPLATES)}: {number}", table + row))
    return found


@pytest.mark.parametrize(("name", "table"), tables())
def test_a_label_is_the_heading_of_its_column(name: str, table: str) -> None:
    head, _, body = table.partition("</thead>")
    headings = _HEAD.findall(head)
    labels = [found[1] if (found := _LABEL.search(told)) else None for _tag, told in _CELL.findall(body)]
    said = [one for one in labels if one and not _IN_A_LOOP.fullmatch(one)]

    assert said, name
    assert [one for one in said if one not in headings] == [], name
    # Rows may have cells that another cell's condition leaves out; what is there stands in the order of the headings.
    places = [headings.index(one) for one in said]
    assert places == sorted(places), name
    if len(headings) == len(labels):
        assert [(own, one) for own, one in zip(headings, labels, strict=True) if one and one != own] == [], name


def test_there_are_such_tables() -> None:
    assert len(tables()) > 40
