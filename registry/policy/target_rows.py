"""What a year's targets are made of: rows, definition cards, and the words of their units and comparators.

Data only: loaded by `targets`, judged by `attainment`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from registry.domain.errors import Refused

# What a row is counted in, with its word in both languages.
UNITS: Mapping[str, tuple[str, str]] = {
    "firms": ("家", "firms"),
    "items": ("个", "items"),
    "measures": ("项", "measures"),
    "percent": ("%", "%"),
    "times": ("倍", "times"),
}
WHOLE_UNITS = frozenset(("firms", "items", "measures"))
COMPARATORS = (">=", ">", "about")
HOWS: Mapping[str, tuple[str, str]] = {
    "R": ("登记系统计数", "counted from the registry"),
    "F": ("由企业年度指标计算", "computed from firms' yearly figures"),
    "S": ("工作人员录入", "entered by staff with its source"),
}
# What the registry can count or compute; `seedlings_ratio` rests on two numbers that staff enter.
MEASURES = ("first_recognitions", "above_scale_stock", "seedlings_ratio", "high_tech_share", "digital_share")
INPUTS_OF: Mapping[str, tuple[str, ...]] = {"seedlings_ratio": ("seedlings_selected", "upgrade_target")}
YEAR_ENDS = ("linear", "held", "none")


@dataclass(frozen=True, slots=True)
class Card:
    """What a row of the board means: its definition, whole.

    Attributes:
        decided: where the public text is silent, what this project decided [D].
    """

    meaning: str
    meaning_en: str
    denominator: str
    denominator_en: str
    frequency: str
    frequency_en: str
    department: str
    department_en: str
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the board.

    Attributes:
        goal: exact, in the unit (6.5 of `percent` is 6.5 %); None for a row that is watched and not judged.
        comparator: `>=`, `>` or `about`; None beside a goal of None.
        within: how many percentage points from the goal still meet an `about`.
        how: R, F or S.
        measure: what counts or computes it; None for what staff enter.
        year_end: `linear`, `held` or `none`: how the value is carried to the end of the year.
        source: document and action, as cited.
    """

    key: str
    actions: tuple[str, ...]
    action_en: str
    indicator: str
    indicator_en: str
    goal: Decimal | None
    comparator: str | None
    within: Decimal
    unit: str
    how: str
    measure: str | None
    year_end: str
    source: str
    card: Card

    @property
    def action(self) -> str:
        """Return the actions as one text."""
        return " / ".join(self.actions)


@dataclass(frozen=True, slots=True)
class Input:
    """A number that staff enter because a computed row needs it; it is no target itself."""

    key: str
    label: str
    label_en: str
    unit: str
    least: int


@dataclass(frozen=True, slots=True)
class TargetYear:
    """The targets that a year is measured by.

    Attributes:
        carried_from: the year whose goals these are, where the year has no document of its own yet.
        note: what is to be said of that.
    """

    year: int
    document: str
    title: str
    title_en: str
    decided: tuple[str, ...]
    targets: tuple[Target, ...]
    inputs: tuple[Input, ...]
    carried_from: int | None = None
    note: str = ""
    note_en: str = ""

    def target(self, key: str) -> Target:
        """Return a row by its key.

        Raises:
            Refused: at `key`, naming those there are.
        """
        for one in self.targets:
            if one.key == key:
                return one
        keys = "、".join(one.key for one in self.targets)
        raise Refused.at("key", f"{self.year} 年没有目标 {key!r}；现有 {keys} (no such target)")

    def entered(self, key: str) -> Target | Input:
        """Return what staff enter under a key.

        Raises:
            Refused: at `key`: it is computed, or there is no such key.
        """
        enterable: list[Target | Input] = [*(one for one in self.targets if one.how == "S"), *self.inputs]
        for one in enterable:
            if one.key == key:
                return one
        keys = "、".join(one.key for one in enterable)
        if any(one.key == key for one in self.targets):
            raise Refused.at("key", f"{key} 由登记系统计算，不能录入；可录入 {keys} (computed, not entered)")
        raise Refused.at("key", f"没有可录入的 {key!r}；可录入 {keys} (no such key)")
