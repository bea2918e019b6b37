"""Draws rule sets over the whole dictionary: every node of the language, in any order that makes sense."""

from collections.abc import Callable
from fractions import Fraction
from random import Random

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.rules import tree
from registry.rules.parse import unit_of
from registry.rules.ruleset import Criterion, Part, RuleSet
from registry.rules.tree import Condition, Const, Number, Op, Points, Unit

NUMERIC = (Kind.MONEY, Kind.COUNT, Kind.SHARE, Kind.SCORE)
_LINES = {
    Unit.MONEY: (0, 1, 100, 10**8, 5 * 10**9, 10**16),
    Unit.SHARE: tuple(Fraction(hundredths, 1000) for hundredths in (0, 15, 30, 50, 100, 500, 550, 1000, -100)),
    Unit.YEARS: (1, 2, 3, 10),
    Unit.SCORE: (1, 50, 60, Fraction(121, 2)),
    Unit.COUNT: (1, 2, 3, 20, 300),
}


class RuleDrawer:
    """Draws from one source of chance; `deepest` bounds how far conditions nest."""

    def __init__(self, random: Random, deepest: int = 3) -> None:
        self.random, self.deepest = random, deepest
        self.earlier: list[str] = []
        self.parts: tuple[Part, ...] = ()

    def rule_set(self) -> RuleSet:
        pick = self.random
        self.earlier, criteria = [], []
        indicators = [
            (f"part{part}", f"indicator{part}{place}", self.points(2)) for part in range(2) for place in (0, 1)
        ]
        self.parts = tuple(
            Part(key, key, key, sum(most(rule) for part, _, rule in indicators if part == key))
            for key in ("part0", "part1")
        )
        criteria += [
            Criterion(key, "1", "1", key, key, rule, required=False, part=part, max=most(rule))
            for part, key, rule in indicators
        ]
        for place in range(6):
            key = f"condition{place}"
            rule = self.condition(self.deepest)
            criteria.append(Criterion(key, "1", "1", key, key, rule, required=pick.random() < 0.4 or place == 5))
            self.earlier.append(key)
        # Named before they stand: the readings put them in order.
        criteria[4:] = pick.sample(criteria[4:], len(criteria[4:]))
        return RuleSet(
            "drawn", "specialized", "new", "document", "title", "title", None, "sha256:0", self.parts, tuple(criteria)
        )

    # Numbers

    def constant(self, unit: Unit) -> Const:
        value = Fraction(self.random.choice(_LINES[unit]))
        return Const(value, unit, str(value))

    def figure(self, kind: Kind | None = None, latest: int = 2) -> tree.Figure:
        pick = self.random
        keys = [key for key, fact in YEAR_FACTS.items() if fact.kind in NUMERIC and kind in (None, fact.kind)]
        return tree.Figure(pick.choice(keys), pick.randrange(latest + 1))

    def several(self, kind: Kind) -> tuple[Number, ...]:
        key = self.figure(kind).key
        return tuple(tree.Figure(key, back) for back in range(self.random.randrange(1, 4)))

    def number(self) -> Number:
        pick = self.random
        facts = [key for key, fact in FIRM_FACTS.items() if fact.kind in NUMERIC]
        days = [key for key, fact in FIRM_FACTS.items() if fact.kind is Kind.DATE]
        draws: list[Callable[[], Number]] = [
            self.figure,
            lambda: tree.Amount(pick.choice(facts)),
            lambda: tree.YearsIn(pick.choice(days)),
            self.ratio,
            lambda: tree.Sum(self.several(pick.choice((Kind.MONEY, Kind.COUNT, Kind.SCORE)))),
            lambda: tree.Mean(self.several(pick.choice((Kind.MONEY, Kind.COUNT, Kind.SCORE)))),
            lambda: tree.Growth(self.figure().key, pick.randrange(2)),
            self.mean_growth,
            lambda: tree.Compound(self.figure().key, pick.choice((1, 2)), 0),
        ]
        return pick.choice(draws)()

    def ratio(self) -> tree.Ratio:
        kind = self.random.choice((Kind.MONEY, Kind.MONEY, Kind.COUNT, Kind.SCORE))
        sides = (self.figure(kind), self.figure(kind), tree.Sum(self.several(kind)))
        return tree.Ratio(self.random.choice(sides), self.random.choice(sides))

    def mean_growth(self) -> tree.Mean:
        key = self.figure().key
        return tree.Mean(tuple(tree.Growth(key, back) for back in range(self.random.choice((1, 2)))))

    def compare(self, left: Number | None = None) -> tree.Compare:
        left = left or self.number()
        return tree.Compare(left, self.random.choice(list(Op)), self.constant(unit_of(left)))

    # Conditions

    def conditions(self, depth: int, least: int = 1) -> tuple[Condition, ...]:
        return tuple(self.condition(depth) for _ in range(self.random.randrange(least, 4)))

    def condition(self, depth: int) -> Condition:
        pick = self.random
        leaves: list[Callable[[], Condition]] = [self.compare, self.compare, self.on_fact, self.some]
        if self.earlier:
            leaves += [lambda: tree.Met(pick.choice(self.earlier)), self.reaches]
        if not depth or pick.random() < 0.25:
            return pick.choice(leaves)()
        inner: list[Callable[[], Condition]] = [
            lambda: tree.All(self.conditions(depth - 1)),
            lambda: tree.Any(self.conditions(depth - 1)),
            lambda: tree.Not(self.condition(depth - 1)),
            lambda: self.at_least(depth - 1),
            lambda: tree.Choose(
                "industry",
                (
                    ((self.codes(0), self.codes(3000)), self.condition(depth - 1)),
                    ((self.codes(6000),), self.condition(0)),
                ),
                self.condition(depth - 1),
                "某类",
                "some kind",
            ),
        ]
        return pick.choice(inner)()

    def at_least(self, depth: int) -> tree.AtLeast:
        parts = self.conditions(depth, 2)
        return tree.AtLeast(self.random.randrange(1, len(parts) + 1), parts)

    def codes(self, above: int) -> tuple[int, int]:
        low = above + self.random.randrange(1000)
        return low, low + self.random.randrange(1500)

    def reaches(self) -> tree.Reaches:
        part = self.random.choice((None, *self.parts))
        of = part.max if part else sum(one.max for one in self.parts)
        return tree.Reaches(part.key if part else None, self.random.randrange(1, max(2, of + 1)))

    def on_fact(self) -> Condition:
        pick = self.random
        plain = [fact for fact in FIRM_FACTS.values() if fact.kind not in (*NUMERIC, Kind.LIST, Kind.TEXT)]
        flags = [key for key, fact in YEAR_FACTS.items() if fact.kind is Kind.BOOL]
        if pick.random() < 0.15:
            return tree.Is(pick.choice(flags), pick.randrange(3))
        kind = pick.choice((Kind.BOOL, Kind.CHOICE, Kind.CODE, Kind.DATE, Kind.DATE_OR_NONE))
        return self.of_fact(pick.choice([fact for fact in plain if fact.kind is kind]))

    def of_fact(self, fact: Fact) -> Condition:
        pick = self.random
        match fact.kind:
            case Kind.BOOL:
                return tree.Is(fact.key)
            case Kind.CHOICE:
                known = list(fact.choices or {})
                return tree.OneOf(fact.key, tuple(pick.sample(known, pick.randrange(1, max(2, len(known))))))
            case Kind.CODE:
                if fact.digits == 6:
                    return tree.InCodes(fact.key, ((370202, pick.choice((370202, 370285))),))
                return tree.InCodes(fact.key, (self.codes(0), self.codes(4000)))
            case Kind.COUNT:
                line = Fraction(pick.choice((2, 3, 5, 50, 100, 500)))
                return tree.Compare(tree.Amount(fact.key), pick.choice(list(Op)), Const(line, Unit.COUNT, str(line)))
        return pick.choice((tree.Within(fact.key, pick.choice((1, 2, 3, 5))), tree.Ahead(fact.key)))

    def some(self) -> tree.Some:
        key = self.random.choice(list(ENTRY_FACTS))
        return tree.Some(key, self.of_entry(key, 2))

    def of_entry(self, key: str, depth: int) -> Condition:
        pick = self.random
        if not depth or pick.random() < 0.4:
            if key == "titles" and pick.random() < 0.4:
                return tree.InForce()
            return self.of_fact(pick.choice(list(ENTRY_FACTS[key].values())))
        parts = tuple(self.of_entry(key, depth - 1) for _ in range(pick.randrange(1, 4)))
        return pick.choice((tree.All(parts), tree.Any(parts), tree.Not(parts[0])))

    # Points

    def points(self, depth: int) -> Points:
        pick = self.random
        kind = pick.randrange(4 if depth else 3)
        if kind == 0:
            return tree.Bands(
                tuple((points, self.condition(1)) for points in sorted(pick.sample(range(1, 20), 3), reverse=True)), 0
            )
        if kind == 1:
            return self.bands_on_measure()
        if kind == 2:
            items = self.conditions(1, 2)
            each = pick.randrange(1, 5)
            return tree.PerItem(each, pick.randrange(each, each * len(items) + 1), items)
        return tree.Better((self.points(depth - 1), self.points(depth - 1)))

    def bands_on_measure(self) -> tree.Bands:
        pick = self.random
        measure = self.number()
        lines = sorted(set(map(Fraction, _LINES[unit_of(measure)])), reverse=True)[:4]
        ops = (Op.AT_LEAST, Op.OVER)
        if pick.random() < 0.5:
            lines, ops = lines[::-1], (Op.AT_MOST, Op.UNDER)
        scores = sorted(pick.sample(range(2, 20), len(lines)), reverse=True)
        return tree.Bands(
            tuple(
                (points, tree.Compare(measure, pick.choice(ops), Const(line, unit_of(measure), str(line))))
                for points, line in zip(scores, lines, strict=True)
            ),
            pick.randrange(2),
        )


def most(node: Points) -> int:
    match node:
        case tree.Bands(bands, otherwise):
            return max(otherwise, *(points for points, _ in bands))
        case tree.Better(parts):
            return max(most(part) for part in parts)
        case tree.PerItem(each, cap, items):
            return min(cap, each * len(items))
    raise TypeError(node)
