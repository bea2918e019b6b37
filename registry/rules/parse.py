"""Turns the text of a rule into its tree, once, when a rule set is read.

    rd_expense >= 100 万元 and rd_expense / revenue >= 3%
    some(awards, level is national and rank <= 3 and on within 3 年)
    in_each(2, rd_expense >= 100 万元)        at_least(2, own_brand, quality_award, system_certified)

Everything not listed here is refused, with the column. Facts, units and choices are checked on the way.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from registry.domain.errors import RuleError
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.rules import tree
from registry.rules.tree import Condition, Const, Node, Number, Op, Unit

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)|(?P<unit>万元|亿元|元|%|年|分|人|项|级|名)|(?P<name>[a-z_][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
    r"|(?P<op>>=|<=|>|<|\.\.|[(),/+])|(?P<space>\s+)"
)
# Unit word: what it measures, and how much of the base (fen, one, year, point, piece) it is.
_UNITS: Mapping[str, tuple[Unit, Fraction]] = {
    "元": (Unit.MONEY, Fraction(100)),
    "万元": (Unit.MONEY, Fraction(1_000_000)),
    "亿元": (Unit.MONEY, Fraction(10_000_000_000)),
    "%": (Unit.SHARE, Fraction(1, 100)),
    "年": (Unit.YEARS, Fraction(1)),
    "分": (Unit.SCORE, Fraction(1)),
    "人": (Unit.COUNT, Fraction(1)),
    "项": (Unit.COUNT, Fraction(1)),
    "级": (Unit.COUNT, Fraction(1)),
    "名": (Unit.COUNT, Fraction(1)),
    "": (Unit.COUNT, Fraction(1)),
}
_UNIT_OF_KIND = {
    Kind.MONEY: Unit.MONEY,
    Kind.SHARE: Unit.SHARE,
    Kind.SCORE: Unit.SCORE,
    Kind.COUNT: Unit.COUNT,
}
_WORDS = {"and", "or", "not", "is", "in", "within", "ahead", "in_force"}
_DEEPEST = 40


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


@dataclass(frozen=True)
class Scope:
    """What a rule may name.

    Attributes:
        definitions: named trees of the rule set, as `size.large`; used like the text they stand for.
        criteria: keys that `met()` may name.
        parts: keys that `part()` may name.
    """

    definitions: Mapping[str, Node]
    criteria: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()


EMPTY = Scope({})


def parse_condition(text: str, scope: Scope = EMPTY) -> Condition:
    """Return the condition a text stands for.

    Raises:
        RuleError: with the column at which the text leaves the language.
    """
    return _Parser(text, scope).whole_condition()


def parse_number(text: str, scope: Scope = EMPTY) -> Number:
    """Return the number a text stands for, as the measure of a cascade of bands."""
    return _Parser(text, scope).whole_number()


def parse_band(measure: Number, text: str, scope: Scope = EMPTY) -> Condition:
    """Return the condition of a band: a text that begins with a comparison sign speaks of the measure."""
    parser = _Parser(text, scope)
    return parser.whole_band(measure) if parser.peek().kind == "op" else parser.whole_condition()


def unit_of(node: Number) -> Unit:
    """Return what a number measures."""
    match node:
        case tree.Figure(key):
            return _UNIT_OF_KIND[YEAR_FACTS[key].kind]
        case tree.Amount(key):
            return _UNIT_OF_KIND[_fact_anywhere(key).kind]
        case tree.YearsIn():
            return Unit.YEARS
        case tree.Sum(parts) | tree.Mean(parts):
            return unit_of(parts[0])
        case _:
            return Unit.SHARE


def _fact_anywhere(key: str) -> Fact:
    found = FIRM_FACTS.get(key)
    return found or next(entry[key] for entry in ENTRY_FACTS.values() if key in entry)


class _Parser:
    """A recursive descent over one text; each method reads one form and returns its tree."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope
        self.tokens = self._tokenise()
        self.at = 0
        self.depth = 0
        self.entry: Mapping[str, Fact] | None = None

    # The whole text

    def whole_condition(self) -> Condition:
        node = self.either()
        self.end()
        return node

    def whole_number(self) -> Number:
        node = self.number()
        self.end()
        return node

    def whole_band(self, measure: Number) -> Condition:
        node = self.comparison(measure)
        self.end()
        return node

    def end(self) -> None:
        token = self.peek()
        if token.kind != "end":
            raise self.error(f"unexpected {token.text!r} after the end of the rule", token)

    # Tokens

    def _tokenise(self) -> list[_Token]:
        tokens, place = [], 0
        while place < len(self.text):
            found = _TOKEN.match(self.text, place)
            if not found:
                raise RuleError(f"the language has no {self.text[place]!r}", column=place + 1)
            kind = found.lastgroup or ""
            if kind != "space":
                tokens.append(_Token(kind, found.group(), place + 1))
            place = found.end()
        return [*tokens, _Token("end", "the end", len(self.text) + 1)]

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        """Step over the next token when it is one of the texts."""
        token = self.peek()
        if token.text in texts and token.kind != "end":
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> _Token:
        token = self.take(text)
        if not token:
            raise self.error(f"expected {text!r}, found {self.peek().text!r}")
        return token

    def name(self) -> _Token:
        token = self.peek()
        if token.kind != "name" or token.text in _WORDS:
            raise self.error(f"expected a name, found {token.text!r}")
        self.at += 1
        return token

    def whole(self) -> int:
        token = self.peek()
        if token.kind != "number" or "." in token.text:
            raise self.error(f"expected a whole number, found {token.text!r}")
        self.at += 1
        return int(token.text)

    def error(self, message: str, token: _Token | None = None) -> RuleError:
        return RuleError(message, column=(token or self.peek()).column)

    # Conditions

    def either(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(f"nested deeper than {_DEEPEST}")
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else tree.Any(tuple(parts))

    def both(self) -> Condition:
        parts = [self.opposite()]
        while self.take("and"):
            parts.append(self.opposite())
        return parts[0] if len(parts) == 1 else tree.All(tuple(parts))

    def opposite(self) -> Condition:
        if self.take("not"):
            return tree.Not(self.opposite())
        return self.single()

    def single(self) -> Condition:
        if self.take("("):
            node = self.either()
            self.expect(")")
            return node
        token = self.peek()
        if token.text in _FORMS and self.tokens[self.at + 1].text == "(":
            self.at += 2
            form = _FORMS[token.text](self, token)
            self.expect(")")
            return form
        if self.entry is not None and self.take("in_force"):
            if "until" not in self.entry:
                raise self.error("in_force speaks of titles only", token)
            return tree.InForce()
        defined = self.scope.definitions.get(token.text)
        if isinstance(defined, Condition):
            self.at += 1
            return defined
        fact = self.fact_here(token)
        if fact and fact.kind not in _UNIT_OF_KIND:
            self.at += 1
            return self.plain(fact, token)
        return self.comparison(self.number())

    def fact_here(self, token: _Token) -> Fact | None:
        if self.entry is not None:
            return self.entry.get(token.text)
        return FIRM_FACTS.get(token.text) or YEAR_FACTS.get(token.text)

    def plain(self, fact: Fact, token: _Token) -> Condition:
        """Read a condition on a fact that is not a number."""
        if fact.kind is Kind.BOOL:
            return tree.Is(fact.key, 0 if fact.key in YEAR_FACTS else None)
        if fact.kind in (Kind.DATE, Kind.DATE_OR_NONE):
            if self.take("ahead"):
                return tree.Ahead(fact.key)
            self.expect("within")
            years = self.whole()
            self.expect("年")
            return tree.Within(fact.key, years)
        if fact.kind is Kind.CHOICE:
            return tree.OneOf(fact.key, self.choices(fact))
        if fact.kind is Kind.CODE:
            self.expect("in")
            return tree.InCodes(fact.key, self.ranges())
        raise self.error(f"{fact.key} cannot stand alone in a rule", token)

    def choices(self, fact: Fact) -> tuple[str, ...]:
        known = fact.choices or {}
        if self.take("is"):
            tokens = [self.name()]
        else:
            self.expect("in")
            self.expect("(")
            tokens = self.names()
            self.expect(")")
        for token in tokens:
            if token.text not in known:
                raise self.error(f"{fact.key} is never {token.text!r}; it is one of {', '.join(known)}", token)
        return tuple(token.text for token in tokens)

    def names(self) -> list[_Token]:
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        return found

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Read code ranges, as `0600..4699` or `(0600..4699, 6500..6599)`."""
        bracketed = self.take("(")
        found = [self.range()]
        while bracketed and self.take(","):
            found.append(self.range())
        if bracketed:
            self.expect(")")
        return tuple(found)

    def range(self) -> tuple[int, int]:
        token = self.peek()
        low = self.whole()
        high = self.whole() if self.take("..") else low
        if high < low:
            raise self.error(f"the range {low}..{high} is empty", token)
        return low, high

    def conditions(self) -> tuple[Condition, ...]:
        found = [self.either()]
        while self.take(","):
            found.append(self.either())
        return tuple(found)

    def comparison(self, left: Number) -> Condition:
        token = self.peek()
        if token.text not in {op.value for op in Op}:
            raise self.error(f"expected a comparison, found {token.text!r}")
        self.at += 1
        right = self.constant()
        if right.unit is not unit_of(left):
            expected = unit_of(left).value or "no unit"
            raise self.error(
                f"unit mismatch: compared with {right.unit.value or 'a bare number'}, measured in {expected}", token
            )
        return tree.Compare(left, Op(token.text), right)

    def constant(self) -> Const:
        token = self.peek()
        if token.kind != "number":
            raise self.error(f"expected a constant, found {token.text!r}")
        self.at += 1
        unit = self.peek().text if self.peek().kind == "unit" else ""
        self.at += bool(unit)
        measure, base = _UNITS[unit]
        return Const(Fraction(token.text) * base, measure, f"{token.text}{'' if unit in ('%', '') else ' '}{unit}")

    # Numbers

    def number(self) -> Number:
        left = self.amount()
        slash = self.take("/")
        if not slash:
            return left
        base = self.amount()
        if unit_of(left) is not unit_of(base) or not (_is_linear(left) and _is_linear(base)):
            raise self.error("a share divides one amount by another of the same unit", slash)
        return tree.Ratio(left, base)

    def amount(self) -> Number:
        token = self.peek()
        if token.text in _MEASURES and self.tokens[self.at + 1].text == "(":
            self.at += 2
            node = _MEASURES[token.text](self)
            self.expect(")")
            return node
        token = self.name()
        defined = self.scope.definitions.get(token.text)
        if isinstance(defined, Number):
            return defined
        fact = self.fact_here(token)
        if fact is None:
            raise self.error(f"unknown fact {token.text!r}", token)
        if fact.kind not in _UNIT_OF_KIND:
            raise self.error(f"{fact.key} is not a number", token)
        return tree.Figure(fact.key) if fact.key in YEAR_FACTS and self.entry is None else tree.Amount(fact.key)

    def figure(self) -> str:
        token = self.name()
        if token.text not in YEAR_FACTS or YEAR_FACTS[token.text].kind not in _UNIT_OF_KIND:
            raise self.error(f"expected a yearly figure, found {token.text!r}", token)
        return token.text

    def figure_and_years(self) -> tuple[str, int]:
        key = self.figure()
        self.expect(",")
        token = self.peek()
        years = self.whole()
        if not 1 <= years <= 5:
            raise self.error("from one to five years", token)
        return key, years


def _is_linear(node: Number) -> bool:
    return isinstance(node, tree.Figure | tree.Amount | tree.Sum)


# Forms that give a condition: each is called after its opening bracket.


def _some(parser: _Parser, token: _Token) -> Condition:
    name = parser.name()
    if name.text not in ENTRY_FACTS or parser.entry is not None:
        raise parser.error(f"some() asks one of {', '.join(ENTRY_FACTS)}", name)
    parser.expect(",")
    parser.entry = ENTRY_FACTS[name.text]
    when = parser.either()
    parser.entry = None
    return tree.Some(name.text, when)


def _holds(parser: _Parser, token: _Token) -> Condition:
    """Read `holds(hi_tech, ip_demo)`: one of these titles is in force on the day."""
    known = ENTRY_FACTS["titles"]["kind"].choices or {}
    tokens = parser.names()
    for name in tokens:
        if name.text not in known:
            raise parser.error(f"no title is called {name.text!r}", name)
    return tree.Some("titles", tree.All((tree.OneOf("kind", tuple(name.text for name in tokens)), tree.InForce())))


def _yearly(parser: _Parser) -> tuple[Condition, ...]:
    years = parser.whole()
    parser.expect(",")
    condition = parser.either()
    return tuple(tree.shift(condition, back) for back in range(years))  # type: ignore[misc]


def _at_least(parser: _Parser, token: _Token) -> Condition:
    k = parser.whole()
    parser.expect(",")
    parts = parser.conditions()
    if not 1 <= k <= len(parts):
        raise parser.error(f"{k} of {len(parts)} is always {'true' if k < 1 else 'false'}", token)
    return tree.AtLeast(k, parts)


def _met(parser: _Parser, token: _Token) -> Condition:
    name = parser.name()
    if name.text not in parser.scope.criteria:
        raise parser.error(f"no criterion is called {name.text!r}", name)
    return tree.Met(name.text)


def _points_of(parser: _Parser, token: _Token) -> Condition:
    part = None
    if token.text == "part":
        name = parser.name()
        if name.text not in parser.scope.parts:
            raise parser.error(f"no part is called {name.text!r}", name)
        part = name.text
        parser.expect(",")
    points = parser.whole()
    parser.take("分")
    return tree.Reaches(part, points)


_FORMS: Mapping[str, Callable[[_Parser, _Token], Condition]] = {
    "some": _some,
    "holds": _holds,
    "in_each": lambda parser, token: tree.All(_yearly(parser)),
    "in_either": lambda parser, token: tree.Any(_yearly(parser)),
    "at_least": _at_least,
    "met": _met,
    "part": _points_of,
    "score": _points_of,
}


# Forms that give a number.


def _years_in(parser: _Parser) -> Number:
    token = parser.name()
    if token.text not in FIRM_FACTS or FIRM_FACTS[token.text].kind is not Kind.DATE:
        raise parser.error(f"expected a date fact, found {token.text!r}", token)
    return tree.YearsIn(token.text)


def _figures(parser: _Parser) -> tuple[Number, ...]:
    key, years = parser.figure_and_years()
    return tuple(tree.Figure(key, back) for back in range(years))


def _mean_growth(parser: _Parser) -> Number:
    key, years = parser.figure_and_years()
    return tree.Mean(tuple(tree.Growth(key, back) for back in range(years)))


_MEASURES: Mapping[str, Callable[[_Parser], Number]] = {
    "years": _years_in,
    "total": lambda parser: tree.Sum(_figures(parser)),
    "mean": lambda parser: tree.Mean(_figures(parser)),
    "growth": lambda parser: tree.Growth(parser.figure()),
    "mean_growth": _mean_growth,
    "compound_growth": lambda parser: tree.Compound(*parser.figure_and_years()),
}
