"""Makes the rows that tests speak of: plain functions, real values, every part open to change."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from registry.domain.firms import Firm, ScaleRow, TitleRow
from registry.domain.uscc import check_character

DISTRICT = "370285"


def code(number: int = 1) -> str:
    """Return the valid code of the n-th firm of a test."""
    first = f"91370285MA{number:07d}"
    return first + check_character(first)


def firm(
    number: int = 1,
    *,
    name: str = "青岛示例轴承有限公司",
    years: Mapping[int, Mapping[str, int]] | None = None,
    **facts: Any,
) -> Firm:
    return Firm(code(number), name, facts, years or {})


def title(number: int = 1, **changes: Any) -> TitleRow:
    row: dict[str, Any] = {
        "name": "青岛示例轴承有限公司",
        "district": DISTRICT,
        "tier": "specialized",
        "kind": "new",
        "recognised_on": date(2023, 4, 19),
    }
    return TitleRow(uscc=code(number), **(row | changes))


def stay(number: int = 1, **changes: Any) -> ScaleRow:
    row: dict[str, Any] = {
        "name": "青岛示例轴承有限公司",
        "district": DISTRICT,
        "entered_on": date(2022, 1, 31),
        "entry": "annual",
    }
    return ScaleRow(uscc=code(number), **(row | changes))
