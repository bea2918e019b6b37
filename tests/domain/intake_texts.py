"""Texts of firms as they come in."""

import pytest

from registry.domain.errors import Refused
from registry.domain.intake import firm_from
from registry.domain.json_text import read_json

CODE = "91370200264574251E"


def text_of(facts: str = "{}", years: str = "{}", more: str = "") -> str:
    return f'{{"uscc": "{CODE}", "name": "青岛示例轴承有限公司", "facts": {facts}, "years": {years}{more}}}'


def read(facts: str = "{}", years: str = "{}", more: str = ""):
    return firm_from(read_json(text_of(facts, years, more)))


def faults(facts: str = "{}", years: str = "{}", more: str = "") -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        read(facts, years, more)
    return [(fault.path, fault.message) for fault in caught.value.faults]


def paths(*arguments: str) -> list[str]:
    return [path for path, _ in faults(*arguments)]
