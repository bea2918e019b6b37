"""Draws firms whose values stand on the lines of a rule set, one unit beside them, or are missing."""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, MONEY_BOUND_YUAN, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm
from registry.domain.periods import NEVER, add_years
from registry.rules import tree
from registry.rules.explain.numbers import scale_of
from registry.rules.ruleset import RuleSet
from registry.rules.tree import Node, Number

WAN = 1_000_000
YEARS = (0, 1, 2)
GREATEST = MONEY_BOUND_YUAN * 100 - 1
_UNKNOWN_PARTS = 0.08

# A firm that passes most of what can be asked, to be spoiled in a few places.
_GOOD_FACTS: dict[str, Any] = {
    "industry": "3451",
    "district": "370285",
    "established_on": date(2010, 5, 8),
    "independent_legal_entity": True,
    "on_abnormal_list": False,
    "restricted_products": False,
    "serious_incident_on": NEVER,
    "banned_until": NEVER,
    "segment_since": date(2013, 1, 1),
    "awards": (),
    "contests": (),
    "rd_institution": "national",
    "ip_class1": 6,
    "ip_class1_own": 5,
    "ip_class1_high_value": 1,
    "ip_class2": 3,
    "ip_class1_original": 4,
    "ip_in_use": True,
    "field_sei": True,
    "chain_role": "key_link",
    "key_link": True,
    "key_field": True,
    "reputation": True,
    "market_leader": True,
    "market_share": 2 * 10**11,
    "market_rank_national": 1,
    "market_rank_provincial": 1,
    "digital_level": 3,
    "process_on_information_system": True,
    "quality_award": True,
    "system_certified": True,
    "own_brand": True,
    "standard_participation": True,
    "product_certified_abroad": True,
    "local_field": "provincial_chain",
    "local_operation_kinds": 2,
    "listing": "listed",
    "controlled_by_little_giant": False,
}
_GOOD_FIGURES = {
    "revenue": 11_000 * WAN,
    "main_revenue": 10_500 * WAN,
    "main_product_revenue": 9_000 * WAN,
    "rd_expense": 1_100 * WAN,
    "total_assets": 10_000 * WAN,
    "total_liabilities": 5_000 * WAN,
    "net_profit": 1_200 * WAN,
    "value_added": 2_000 * WAN,
    "industrial_output": 9_000 * WAN,
    "equity_paid_in": 0,
    "employees": 100,
    "rd_staff": 25,
    "development_score": 7_000,
    "digitally_transformed": True,
}


class Drawer:
    """Draws firms for one rule set and day.

    Args:
        random: where every choice comes from, so that a seed gives the same firms.
        huge: amounts reach up to the greatest that the contract takes, so that products pass 64 bits.
    """

    def __init__(self, rule_set: RuleSet, on: date, random: Random, huge: bool = False) -> None:
        self.on, self.random, self.huge = on, random, huge
        nodes = [node for one in rule_set.criteria for node in tree.walk(one.rule)]
        self.lines = [node for node in nodes if isinstance(node, tree.Compare)]
        self.code_edges = sorted(
            {
                code
                for node in nodes
                for low, high in _ranges(node)
                for code in (low - 1, low, high, high + 1)
                if 0 <= code <= 9999
            }
        ) or [3451]
        self.spans = sorted({node.years for node in nodes if isinstance(node, tree.Within)} | {3})

    def firms(self, count: int) -> list[Firm]:
        return [self.firm(number) for number in range(count)]

    def firm(self, number: int = 0) -> Firm:
        pick = self.random
        self.facts: dict[str, Any] = {}
        self.years: list[dict[str, Any]] = [{} for _ in YEARS]
        good = pick.random() < 0.6
        self.unknown = pick.choice((0, 0, 0.02, 0.1, 0.5))
        if good:
            self._good()
        for key, fact in FIRM_FACTS.items():
            if not good or pick.random() < 0.04:
                self.facts[key] = self._fact(fact)
        for figures in self.years:
            for key, fact in YEAR_FACTS.items():
                if not good or pick.random() < 0.03:
                    figures[key] = self._figure(fact)
        for line in pick.sample(self.lines, min(len(self.lines), pick.randrange(0, 6))):
            place(self, line.left, line.right.value, pick.choice((-1, 0, 0, 1)))
        facts = {key: value for key, value in self.facts.items() if pick.random() >= self.unknown}
        years = {
            self.on.year - 1 - back: {key: value for key, value in figures.items() if pick.random() >= self.unknown}
            for back, figures in enumerate(self.years)
            if pick.random() > 0.03
        }
        return Firm(f"FIRM{number:014d}", f"示例{number}", facts, years)

    def _good(self) -> None:
        pick = self.random
        scale = pick.choice((1, 1, 1, 2)) if not self.huge else pick.choice((1, 7, 10**6 + 3))
        self.facts = dict(_GOOD_FACTS)
        self.facts["titles"] = tuple(
            {"kind": kind, "from": add_years(self.on, -1), "until": add_years(self.on, 1)}
            for kind in pick.sample(("innovative", "specialized", "tech_sme"), 2)
        )
        for back, figures in enumerate(self.years):
            for key, value in _GOOD_FIGURES.items():
                money = YEAR_FACTS[key].kind is Kind.MONEY
                figures[key] = value * scale * (100 - 9 * back) // 100 if money else value

    # Single values

    def amount(self) -> int:
        pick = self.random
        if self.huge and pick.random() < 0.5:
            return pick.choice((GREATEST, GREATEST - 1, pick.randrange(10**14, GREATEST)))
        return pick.choice((0, 1, pick.randrange(1000), pick.randrange(10**8), pick.randrange(5 * 10**10)))

    def day(self) -> date:
        """Return a day at the edge of a window, on 29 February, or anywhere."""
        pick = self.random
        edge = add_years(self.on, -pick.choice((*self.spans, 0, 1)))
        other = date(pick.randrange(1990, self.on.year + 2), pick.randrange(1, 13), pick.randrange(1, 29))
        leap = date(self.on.year - self.on.year % 4, 2, 29)
        return pick.choice((edge, edge + timedelta(1), edge - timedelta(1), other, leap, date(other.year, 1, 1)))

    def _fact(self, fact: Fact) -> Any:
        pick = self.random
        match fact.kind:
            case Kind.BOOL:
                return pick.random() < 0.5
            case Kind.COUNT:
                return min(fact.high, fact.low + pick.choice((0, 1, 2, 3, 4, 10, 10**9)))
            case Kind.SHARE:
                return pick.choice((0, 10**11, 10**11 - 1, 10**11 + 1, 10**12, pick.randrange(10**12)))
            case Kind.DATE:
                return self.day()
            case Kind.DATE_OR_NONE:
                return pick.choice((NEVER, self.day()))
            case Kind.CHOICE:
                return pick.choice(list(fact.choices or {}))
            case Kind.CODE:
                code = pick.choice(self.code_edges)
                return f"{code:04d}" if fact.digits == 4 else pick.choice(("370202", "370285", "999999"))
            case Kind.LIST:
                return tuple(self._entry(fact.key) for _ in range(pick.choice((0, 0, 1, 2, 5))))
        return "高新区"

    def _entry(self, key: str) -> dict[str, Any]:
        return {
            name: self._part(fact) for name, fact in ENTRY_FACTS[key].items() if self.random.random() >= _UNKNOWN_PARTS
        }

    def _part(self, fact: Fact) -> Any:
        pick = self.random
        if fact.allowed:
            return pick.choice(fact.allowed)
        if fact.kind is Kind.COUNT:
            return pick.randrange(1, 8)
        if fact.key in ("from", "until"):
            return pick.choice(
                (self.on, self.on + timedelta(1), self.on - timedelta(1), add_years(self.on, -1), self.day())
            )
        return self._fact(fact)

    def _figure(self, fact: Fact) -> Any:
        pick = self.random
        match fact.kind:
            case Kind.BOOL:
                return pick.random() < 0.5
            case Kind.COUNT:
                return pick.choice((0, 1, 10, 20, 100, 300, 1000, pick.randrange(3000), 10**9 - 1))
            case Kind.SCORE:
                return pick.randrange(10_001)
        amount = self.amount()
        return -amount if fact.signed and pick.random() < 0.4 else amount

    def put(self, node: tree.Figure | tree.Amount, value: Fraction | int) -> None:
        """Set a figure or fact of the firm to a value in base units, held within what the contract takes."""
        yearly = isinstance(node, tree.Figure)
        fact = (YEAR_FACTS if yearly else FIRM_FACTS).get(node.key)
        if fact is None:
            return
        greatest = {Kind.MONEY: GREATEST, Kind.SHARE: 10**12, Kind.SCORE: 10_000}.get(fact.kind, fact.high)
        least = -GREATEST if fact.signed else fact.low
        held = max(least, min(greatest, math.floor(value)))
        if isinstance(node, tree.Figure):
            self.years[node.back][node.key] = held
        else:
            self.facts[node.key] = held

    def multiple(self, of: int, bound: int = GREATEST) -> int:
        """Return some multiple of a whole number, so that a line on it is exact."""
        most = max(1, bound // of)
        wanted = self.amount() // of
        return of * max(1, min(most, wanted or self.random.randrange(1, 1000)))


def _ranges(node: Node) -> Iterable[tuple[int, int]]:
    if isinstance(node, tree.InCodes):
        return node.ranges
    if isinstance(node, tree.Choose):
        return [one for ranges, _ in node.branches for one in ranges]
    return ()


def place(drawer: Drawer, node: Number, line: Fraction, beside: int) -> None:
    """Change the firm in hand so that a number stands on its line, or one unit beside it."""
    pick = drawer.random
    match node:
        case tree.Figure() | tree.Amount():
            drawer.put(node, line * scale_of(node) + beside)
        case tree.YearsIn(key):
            years = math.floor(line)
            if years < drawer.on.year - 1:
                drawer.facts[key] = date(drawer.on.year - years, 1, 1) + timedelta(beside)
        case tree.Ratio(tree.Figure() as top, tree.Figure() as base):
            counted = YEAR_FACTS[base.key].kind is Kind.COUNT
            whole = drawer.multiple(line.denominator, 10**9 - 1 if counted else GREATEST)
            drawer.put(base, whole)
            drawer.put(top, whole * line + beside)
        case tree.Growth(key, back):
            first = drawer.multiple(line.denominator, GREATEST // 2)
            drawer.put(tree.Figure(key, back + 1), first)
            drawer.put(tree.Figure(key, back), first * (1 + line) + beside)
        case tree.Mean((tree.Growth(key, 0), tree.Growth(_, 1))):
            earlier = Fraction(pick.randrange(-50, 100), 100)
            later = 2 * line - earlier
            first = drawer.multiple(100 * math.lcm(later.denominator, 100), GREATEST // 4)
            drawer.put(tree.Figure(key, 2), first)
            drawer.put(tree.Figure(key, 1), first * (1 + earlier))
            drawer.put(tree.Figure(key, 0), first * (1 + earlier) * (1 + later) + beside)
        case tree.Compound(key, years, back):
            first = drawer.multiple(line.denominator**years, GREATEST // 4)
            drawer.put(tree.Figure(key, back + years), first)
            drawer.put(tree.Figure(key, back), first * (1 + line) ** years + beside)
        case tree.Sum(parts) | tree.Mean(parts) if all(isinstance(part, tree.Figure) for part in parts):
            scale = scale_of(parts[0])  # type: ignore[arg-type]
            left = math.floor(line * scale * (len(parts) if isinstance(node, tree.Mean) else 1)) + beside
            for part in parts[1:]:
                share = pick.randrange(max(1, left + 1))
                drawer.put(part, share)  # type: ignore[arg-type]
                left -= share
            drawer.put(parts[0], left)  # type: ignore[arg-type]
