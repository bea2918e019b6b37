"""Turns the text of a rule into its tree, once, when a rule set is read.

    rd_expense >= 100 万元 and rd_expense / revenue >= 3%
    some(awards, level is national and rank <= 3 and on within 3 年)
    in_each(2, rd_expense >= 100 万元)        at_least(2, own_brand, quality_award, system_certified)

Everything not listed here is refused, with the column. Facts, units and choices are checked on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.rules import tree
from registry.rules.case import YEARS_BACK
from registry.rules.forms import FORMS, MEASURES
from registry.rules.tokens import Cursor, Token
from registry.rules.tree import Condition, Node, Number, Op
from registry.rules.units import UNIT_OF_KIND, is_linear, unit_of

_DEEPEST = 40
MOST_YEARS_WITHIN = 100


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
    return Parser(text, scope).whole_condition()


def parse_number(text: str, scope: Scope = EMPTY) -> Number:
    """Return the number a text stands for, as the measure of a cascade of bands."""
    return Parser(text, scope).whole_number()


def parse_band(measure: Number, text: str, scope: Scope = EMPTY) -> Condition:
    """Return the condition of a band: a text that begins with a comparison sign speaks of the measure."""
    parser = Parser(text, scope)
    return parser.whole_band(measure) if parser.peek().kind == "op" else parser.whole_condition()


class Parser(Cursor):
    """A recursive descent over one text; each method reads one form and returns its tree."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text)
        self.scope = scope
        self.depth = 0
        self.entry: Mapping[str, Fact] | None = None
        self.is_yearly = False

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
        # One "not" only: a second one says nothing and would let a text nest without end.
        return tree.Not(self.single()) if self.take("not") else self.single()

    def single(self) -> Condition:
        if self.take("("):
            node = self.either()
            self.expect(")")
            return node
        token = self.peek()
        if token.text in FORMS and self.tokens[self.at + 1].text == "(":
            self.refuse_in_entry(token)
            self.at += 2
            form = FORMS[token.text](self, token)
            self.expect(")")
            return form
        if self.entry is not None and self.take("in_force"):
            if "until" not in self.entry:
                raise self.error("in_force speaks of titles only", token)
            return tree.InForce()
        defined = self.scope.definitions.get(token.text)
        if isinstance(defined, Condition):
            self.refuse_in_entry(token)
            self.at += 1
            return defined
        fact = self.fact_here(token)
        if fact and fact.kind not in UNIT_OF_KIND:
            self.at += 1
            return self.plain(fact, token)
        return self.comparison(self.number())

    def refuse_in_entry(self, token: Token) -> None:
        """Refuse what speaks of the firm inside `some()`, where only the entry's own keys have a meaning."""
        if self.entry is not None:
            raise self.error(f"some() compares the keys of an entry: {', '.join(self.entry)}", token)

    def years(self, most: int = YEARS_BACK) -> int:
        """Read a number of years, from one to the most that can be looked back."""
        token = self.peek()
        years = self.whole()
        if not 1 <= years <= most:
            raise self.error(f"from 1 to {most} years", token)
        return years

    def fact_here(self, token: Token) -> Fact | None:
        if self.entry is not None:
            return self.entry.get(token.text)
        return FIRM_FACTS.get(token.text) or YEAR_FACTS.get(token.text)

    def plain(self, fact: Fact, token: Token) -> Condition:
        """Read a condition on a fact that is not a number."""
        if fact.kind is Kind.BOOL:
            return tree.Is(fact.key, 0 if fact.key in YEAR_FACTS else None)
        if fact.kind in (Kind.DATE, Kind.DATE_OR_NONE):
            if self.take("ahead"):
                return tree.Ahead(fact.key)
            self.expect("within")
            years = self.years(MOST_YEARS_WITHIN)
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

    # Numbers

    def number(self) -> Number:
        left = self.amount()
        slash = self.take("/")
        if not slash:
            return left
        self.refuse_in_entry(slash)
        base = self.amount()
        if unit_of(left) is not unit_of(base) or not (is_linear(left) and is_linear(base)):
            raise self.error("a share divides one amount by another of the same unit", slash)
        return tree.Ratio(left, base)

    def amount(self) -> Number:
        token = self.peek()
        if token.text in MEASURES and self.tokens[self.at + 1].text == "(":
            self.refuse_in_entry(token)
            self.at += 2
            node = MEASURES[token.text](self)
            self.expect(")")
            return node
        token = self.name()
        defined = self.scope.definitions.get(token.text)
        if isinstance(defined, Number):
            self.refuse_in_entry(token)
            return defined
        fact = self.fact_here(token)
        if fact is None:
            raise self.error(f"unknown fact {token.text!r}", token)
        if fact.kind not in UNIT_OF_KIND:
            raise self.error(f"{fact.key} is not a number", token)
        return tree.Figure(fact.key) if fact.key in YEAR_FACTS and self.entry is None else tree.Amount(fact.key)

    def figure(self) -> str:
        token = self.name()
        if token.text not in YEAR_FACTS or YEAR_FACTS[token.text].kind not in UNIT_OF_KIND:
            raise self.error(f"expected a yearly figure, found {token.text!r}", token)
        return token.text

    def figure_and_years(self) -> tuple[str, int]:
        key = self.figure()
        self.expect(",")
        return key, self.years()
