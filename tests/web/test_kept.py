"""Parts of pages that are kept: made once for the same values, and never shown for others."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from registry.app import create_app
from registry.store.queries import FirmLine
from registry.web.kept import kept

FIRM = FirmLine(1, "91370200MA3C0A0A0A", "青岛<示例>公司", "370214", None, "3410")
DAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


def shown(app: Flask, *values: object, lang: str = "zh", root: str = "") -> str:
    with app.test_request_context(f"/verify?lang={lang}", environ_overrides={"SCRIPT_NAME": root}):
        return _ROW(*values)


_ROW = kept("firms/row.html", "firm_row")


def test_a_row_is_another_for_each_value_language_and_root(app: Flask) -> None:
    asked = [
        ((FIRM, ("innovative",), DAY), {}),
        ((FIRM, ("innovative",), DAY), {"lang": "en"}),
        ((FIRM, ("innovative",), DAY), {"root": "/ladder"}),
        ((FIRM, (), DAY), {}),
        ((FIRM, ("innovative",), date(2026, 11, 25)), {}),
        ((replace(FIRM, name="改名公司"), ("innovative",), DAY), {}),
        ((replace(FIRM, district=None), ("innovative",), DAY), {}),
    ]

    found = [shown(app, *values, **how) for values, how in asked]

    assert len(set(found)) == len(asked)
    assert [shown(app, *values, **how) for values, how in asked] == found
    assert "青岛&lt;示例&gt;公司" in found[0] and "创新型" in found[0] and "Innovative" in found[1]
    assert 'href="/ladder/firms/' in found[2] and "改名公司" in found[5]


def test_what_can_change_is_not_kept(app: Flask) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        shown(app, FIRM, ["innovative"], DAY)
