"""Whether somebody may decide a case: levels, ties, and earlier decisions. Pure; the one place where it is decided.

Source: policy §9 – nobody decides on a case at two levels, nor on a firm they are tied to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.domain.periods import add_years


class TieKind(StrEnum):
    """How a person is tied to a firm."""

    INTEREST = "interest"
    FAMILY = "family"
    FORMER_EMPLOYER = "former_employer"


TIE_WORDS: Mapping[TieKind, tuple[str, str]] = {
    TieKind.INTEREST: ("投资、任职或其他利益关系", "Investment, post or other interest"),
    TieKind.FAMILY: ("近亲属在该企业任职或持股", "Close family working there or holding shares"),
    TieKind.FORMER_EMPLOYER: ("曾在该企业工作", "Formerly employed there"),
}
# [D] A former employer binds for three years after leaving; the public rules are silent.
FORMER_EMPLOYER_YEARS = 3


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie of a person to a firm.

    Attributes:
        ended_on: the last day of the employment or interest; None while it lasts.
        through: the other firm of the same group, where the tie is to that one.
    """

    kind: TieKind
    uscc: str
    ended_on: date | None = None
    through: str | None = None

    def binds(self, on: date) -> bool:
        """Say whether the tie still bars on a day; the last day itself still does."""
        if self.ended_on is None:
            return True
        if self.kind is TieKind.FORMER_EMPLOYER:
            return on <= add_years(self.ended_on, FORMER_EMPLOYER_YEARS)
        return on <= self.ended_on


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that a person took before.

    Attributes:
        matter: what kind of thing was decided, and its number.
        level: district or city.
        is_review: the matter was a new application or a re-review of the firm, not a request to represent it.
    """

    matter: tuple[str, int]
    level: str
    uscc: str
    is_review: bool = False


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What is to be decided."""

    matter: tuple[str, int]
    level: str
    uscc: str
    is_re_review: bool = False


def bar(case: ToDecide, on: date, ties: Iterable[Tie], earlier: Iterable[Decided]) -> str | None:
    """Say why a person may not decide a case, in both languages; None when nothing stands against it.

    Args:
        ties: those of the person to the firm of the case, also through its group.
        earlier: decisions of the person on this case, and on this firm.
    """
    for tie in ties:
        if tie.binds(on):
            chinese, english = TIE_WORDS[tie.kind]
            if tie.through:
                return (
                    f"您与同一集团的企业 {tie.through} 有利害关系（{chinese}），须回避 "
                    f"(you are tied to {tie.through} of the same group: {english})"
                )
            return f"您与这家企业有利害关系（{chinese}），须回避 (you are tied to this firm: {english})"
    for decided in earlier:
        if decided.matter == case.matter and decided.level != case.level:
            return "您已在另一层级办理过本案，同一人不得在两级作出决定 (you decided this case at another level)"
        if case.is_re_review and decided.is_review and decided.uscc == case.uscc and decided.matter != case.matter:
            return "您办理过这家企业此前的申报，复核须由他人办理 (you examined it before; its re-review is another's)"
    return None
