"""Trades: every division of GB/T 4754-2017 has words, and industry is its sections B, C and D."""

from registry.domain.trades import DIVISIONS, HIGH_TECH, INDUSTRY


def test_every_division_has_words() -> None:
    assert list(DIVISIONS) == [f"{number:02}" for number in range(1, 98)]
    assert DIVISIONS["04"] == "渔业" and DIVISIONS["65"] == "软件和信息技术服务业"


def test_industry_is_mining_manufacturing_and_supply() -> None:
    assert sorted(INDUSTRY) == [f"{number:02}" for number in range(6, 47)]
    assert {one[:2] for one in HIGH_TECH} <= INDUSTRY
