"""The forms of the rule language that look like calls: `some(...)`, `in_each(...)`, `growth(...)`.

Each is called after its opening bracket and reads up to, not over, its closing one.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, Kind
from registry.rules import tree
from registry.rules.tokens import Token
from registry.rules.tree import Condition, Number

if TYPE_CHECKING:
    from registry.rules.parse import Parser

# Forms that give a condition.


def _some(parser: "Parser", token: Token) -> Condition:
    name = parser.name()
    if name.text not in ENTRY_FACTS:
        raise parser.error(f"some() asks one of {', '.join(ENTRY_FACTS)}", name)
    parser.expect(",")
    parser.entry = ENTRY_FACTS[name.text]
    when = parser.either()
    parser.entry = None
    return tree.Some(name.text, when)


def _holds(parser: "Parser", token: Token) -> Condition:
    """Read `holds(hi_tech, ip_demo)`: one of these titles is in force on the day."""
    known = ENTRY_FACTS["titles"]["kind"].choices or {}
    tokens = parser.names()
    for name in tokens:
        if name.text not in known:
            raise parser.error(f"no title is called {name.text!r}", name)
    return tree.Some("titles", tree.All((tree.OneOf("kind", tuple(name.text for name in tokens)), tree.InForce())))


def _yearly(parser: "Parser", token: Token) -> tuple[Condition, ...]:
    """Read `2, CONDITION` and return the condition as it reads in each of the last years."""
    if parser.is_yearly:
        raise parser.error(f"{token.text} does not stand inside another", token)
    years = parser.years()
    parser.expect(",")
    parser.is_yearly = True
    condition = parser.either()
    parser.is_yearly = False
    return tuple(tree.shift(condition, back) for back in range(years))


def _at_least(parser: "Parser", token: Token) -> Condition:
    k = parser.whole()
    parser.expect(",")
    parts = parser.conditions()
    if not 1 <= k <= len(parts):
        raise parser.error(f"{k} of {len(parts)} is always {'true' if k < 1 else 'false'}", token)
    return tree.AtLeast(k, parts)


def _met(parser: "Parser", token: Token) -> Condition:
    name = parser.name()
    if name.text not in parser.scope.criteria:
        raise parser.error(f"no criterion is called {name.text!r}", name)
    return tree.Met(name.text)


def _points_of(parser: "Parser", token: Token) -> Condition:
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


FORMS: Mapping[str, Callable[["Parser", Token], Condition]] = {
    "some": _some,
    "holds": _holds,
    "in_each": lambda parser, token: tree.All(_yearly(parser, token)),
    "in_either": lambda parser, token: tree.Any(_yearly(parser, token)),
    "at_least": _at_least,
    "met": _met,
    "part": _points_of,
    "score": _points_of,
}


# Forms that give a number.


def _years_in(parser: "Parser") -> Number:
    token = parser.name()
    if token.text not in FIRM_FACTS or FIRM_FACTS[token.text].kind is not Kind.DATE:
        raise parser.error(f"expected a date fact, found {token.text!r}", token)
    return tree.YearsIn(token.text)


def _figures(parser: "Parser") -> tuple[Number, ...]:
    key, years = parser.figure_and_years()
    return tuple(tree.Figure(key, back) for back in range(years))


def _mean_growth(parser: "Parser") -> Number:
    key, years = parser.figure_and_years()
    return tree.Mean(tuple(tree.Growth(key, back) for back in range(years)))


MEASURES: Mapping[str, Callable[["Parser"], Number]] = {
    "years": _years_in,
    "total": lambda parser: tree.Sum(_figures(parser)),
    "mean": lambda parser: tree.Mean(_figures(parser)),
    "growth": lambda parser: tree.Growth(parser.figure()),
    "mean_growth": _mean_growth,
    "compound_growth": lambda parser: tree.Compound(*parser.figure_and_years()),
}
