"""The words of the rule language: tokens with their columns, constants with their units, code ranges."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from registry.domain.errors import RuleError
from registry.rules.tree import Const, Unit

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<unit>万元|亿元|元|%|年|分|人|项|级|名)|(?P<name>[a-z_][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
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
WORDS = {"and", "or", "not", "is", "in", "within", "ahead", "in_force"}


_LONGEST_NUMBER = 20


class Token(NamedTuple):
    kind: str
    text: str
    column: int


class Cursor:
    """Walks the tokens of one text; knows what a name, a number and a constant look like, not what they mean."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokenise()
        self.at = 0

    def _tokenise(self) -> list[Token]:
        tokens, place = [], 0
        while place < len(self.text):
            found = _TOKEN.match(self.text, place)
            if not found:
                raise RuleError(f"the language has no {self.text[place]!r}", column=place + 1)
            kind = found.lastgroup or ""
            if kind == "number" and len(found.group()) > _LONGEST_NUMBER:
                raise RuleError(f"a number of {len(found.group())} characters is not meant", column=place + 1)
            if kind != "space":
                tokens.append(Token(kind, found.group(), place + 1))
            place = found.end()
        return [*tokens, Token("end", "the end", len(self.text) + 1)]

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        """Step over the next token when it is one of the texts."""
        token = self.peek()
        if token.text in texts and token.kind != "end":
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> Token:
        token = self.take(text)
        if not token:
            raise self.error(f"expected {text!r}, found {self.peek().text!r}")
        return token

    def name(self) -> Token:
        token = self.peek()
        if token.kind != "name" or token.text in WORDS:
            raise self.error(f"expected a name, found {token.text!r}")
        self.at += 1
        return token

    def whole(self) -> int:
        token = self.peek()
        if token.kind != "number" or "." in token.text:
            raise self.error(f"expected a whole number, found {token.text!r}")
        self.at += 1
        return int(token.text)

    def error(self, message: str, token: Token | None = None) -> RuleError:
        return RuleError(message, column=(token or self.peek()).column)

    def end(self) -> None:
        token = self.peek()
        if token.kind != "end":
            raise self.error(f"unexpected {token.text!r} after the end of the rule", token)

    def names(self) -> list[Token]:
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

    def constant(self) -> Const:
        token = self.peek()
        if token.kind != "number":
            raise self.error(f"expected a constant, found {token.text!r}")
        self.at += 1
        unit = self.peek().text if self.peek().kind == "unit" else ""
        self.at += bool(unit)
        measure, base = _UNITS[unit]
        return Const(Fraction(token.text) * base, measure, f"{token.text}{'' if unit in ('%', '') else ' '}{unit}")
