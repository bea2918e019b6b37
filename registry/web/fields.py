"""Form fields of the dictionary of facts: what a person types becomes a value of the contract. No thresholds.

A blank field is unknown (None). Typing is forgiven its full-width digits, spaces, grouping and unit; what is
left must be exact. Bounds are the business of `registry.domain.intake`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Field

from registry.domain.codes import DISTRICTS
from registry.domain.facts import Fact, Kind
from registry.domain.intake import LONGEST_TEXT, read_day
from registry.web.labels import district
from registry.web.language import say as _

# Bounded, so that moving the point stays exact in decimal arithmetic.
_NUMBER = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,12})?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")

# What stands behind a box, and how it is typed.
UNITS: Mapping[Kind, Any] = {Kind.MONEY: lazy_gettext("万元"), Kind.SHARE: "%", Kind.SCORE: lazy_gettext("分")}


class FactField(Field):  # type: ignore[misc]
    """A control of one fact; `typed` is kept as it came, `data` is a value of the contract or None.

    Attributes:
        control: `text`, `date`, `select` or `radios`: what the page draws.
        options: stored text to word in the reader's language, of a select or of radios.
    """

    control = "text"
    # Declared because wtforms has no types; it sets both while it processes and validates.
    process_errors: list[str]
    errors: Sequence[str]
    data: Any

    def __init__(self, fact: Fact, **settings: Any) -> None:
        super().__init__(**settings)
        self.fact = fact
        self.typed = ""
        self.options: Mapping[str, str] = {}
        self.unit = UNITS.get(fact.kind, "")

    def process_data(self, value: Any) -> None:
        """Start unknown: a form is filled from what was typed only."""
        self.data = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was typed; raises ValueError with what to do when it cannot be read."""
        self.typed = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        text = unicodedata.normalize("NFKC", self.typed).strip()
        self.data = self.read(text) if text else None

    def read(self, text: str) -> Any:
        """Return the contract's value of a text."""
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise ValueError(_("请填写不超过 %(most)s 个字符", most=LONGEST_TEXT))
        return text

    @property
    def faults(self) -> Sequence[str]:
        """Return what is wrong with what was typed."""
        return [*self.process_errors, *self.errors]

    def blame(self, message: str) -> None:
        """Add a fault that was found below."""
        self.errors = [*self.errors, message]


class WholeNumber(FactField):
    """A count."""

    numeric = "numeric"

    def read(self, text: str) -> int:
        number = number_of(text)
        if number != number.to_integral_value():
            raise ValueError(_("请填写整数，例如 12"))
        return int(number)


class ExactNumber(FactField):
    """Money in 万元, a share in per cent, or a score."""

    numeric = "decimal"
    # To the contract's unit: yuan, the whole, points.
    _SHIFT: Mapping[Kind, int] = {Kind.MONEY: 4, Kind.SHARE: -2, Kind.SCORE: 0}
    _MOST_PLACES: Mapping[Kind, int] = {Kind.MONEY: 6, Kind.SHARE: 10, Kind.SCORE: 2}

    def read(self, text: str) -> Decimal:
        number = number_of(text.removesuffix("万元").removesuffix("%").rstrip())
        most = self._MOST_PLACES[self.fact.kind]
        if -int(number.as_tuple().exponent) > most:
            raise ValueError(_("小数请不超过 %(most)s 位", most=most))
        return number.scaleb(self._SHIFT[self.fact.kind])


class Day(FactField):
    """A day of the calendar."""

    control = "date"

    @property
    def is_shown_as_day(self) -> bool:
        """Say whether a date box can show what was typed; it shows nothing for what is no date."""
        return not self.typed or read_day(self.typed) is not None

    def read(self, text: str) -> str:
        return self.parsed(text)

    @staticmethod
    def parsed(text: str) -> str:
        """Return a day as the contract writes it; whether the calendar has it is asked below."""
        found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
        if not found:
            raise ValueError(_("请按 2024-05-10 的格式填写日期"))
        year, month, day = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"


class DayOrNone(Day):
    """A day, or the box 从未发生, whose name is the field's with `.none`."""

    is_none = False

    def process(self, formdata: MultiDict[str, str] | None, *args: Any, **kwargs: Any) -> None:
        self.is_none = bool(formdata and f"{self.name}.none" in formdata)
        super().process(formdata, *args, **kwargs)
        if self.is_none and self.data is None and not self.process_errors:
            self.data = "none"
        elif self.is_none:
            self.process_errors = [*self.process_errors, _("填了日期就不要勾选“无”，两者只能选一个")]


class Choice(FactField):
    """One of a few words."""

    control = "select"

    def __init__(self, fact: Fact, options: Mapping[str, str] | None = None, **settings: Any) -> None:
        super().__init__(fact, **settings)
        self.options = options or {value: _(word) for value, word in (fact.choices or {}).items()}

    def read(self, text: str) -> Any:
        if text not in self.options:
            raise ValueError(_("请从列出的选项中选择"))
        return text


class Allowed(Choice):
    """One of a few numbers."""

    def __init__(self, fact: Fact, **settings: Any) -> None:
        super().__init__(fact, {str(number): str(number) for number in fact.allowed}, **settings)

    def read(self, text: str) -> int:
        return int(super().read(text))


class District(Choice):
    """A district of the city."""

    def __init__(self, fact: Fact, **settings: Any) -> None:
        super().__init__(fact, {code: district(code) for code in DISTRICTS}, **settings)


class YesNo(Choice):
    """是, 否, or not known."""

    control = "radios"

    def __init__(self, fact: Fact, **settings: Any) -> None:
        super().__init__(fact, {"true": _("是"), "false": _("否")}, **settings)

    def read(self, text: str) -> bool:
        return bool(super().read(text) == "true")


_FIELDS: Mapping[Kind, Callable[..., Any]] = {
    Kind.BOOL: YesNo,
    Kind.COUNT: WholeNumber,
    Kind.MONEY: ExactNumber,
    Kind.SHARE: ExactNumber,
    Kind.SCORE: ExactNumber,
    Kind.DATE: Day,
    Kind.DATE_OR_NONE: DayOrNone,
    Kind.CHOICE: Choice,
    Kind.TEXT: FactField,
    Kind.CODE: FactField,
}


def field_of(fact: Fact) -> Any:
    """Return the field of a fact that is not a list, not yet bound to a form."""
    made = District if fact.key == "district" else Allowed if fact.allowed else _FIELDS[fact.kind]
    return made(fact=fact)


def number_of(text: str) -> Decimal:
    """Return the number that a text writes, exactly; raises ValueError with what to do."""
    text = text.replace(" ", "").replace("−", "-")
    if not _NUMBER.fullmatch(text):
        raise ValueError(_("请填写数字，例如 1234.5（整数部分不超过 15 位）"))
    return Decimal(text.replace(",", ""))
