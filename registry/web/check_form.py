"""The self-check form, built from the dictionary of facts: parses and coerces, judges nothing.

A field is named by the path of its fact in the contract, as `years.2024.revenue`, so a fault found anywhere
below finds its way back to the box it came from.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from registry.domain.codes import TIER_WORDS
from registry.domain.errors import Fault, Refused
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Kind
from registry.domain.firms import Firm
from registry.domain.intake import firm_from
from registry.domain.periods import last_fiscal_year
from registry.web.asking import day_from
from registry.web.fields import Choice, Day, field_of
from registry.web.labels import CASE, tier
from registry.web.language import of_both
from registry.web.language import say as _

# A self-check names no firm; the code of a demonstration firm stands in, and its check character holds.
NOBODY = {"uscc": "91370200MA00000002", "name": "自评企业"}
YEARS_ASKED = 3
_MOST_YEARS = 12
ROWS = {"titles": 6, "awards": 3, "contests": 3}
GROUPS = {
    "basic": lazy_gettext("基本情况"),
    "titles": lazy_gettext("称号与荣誉"),
    "innovation": lazy_gettext("创新能力"),
    "chain": lazy_gettext("专业化与产业链"),
    "management": lazy_gettext("精细化管理"),
    "local": lazy_gettext("地方特色与上市挂牌"),
}
_YEAR_FIELD = re.compile(r"years\.([0-9]{4})\.(\w+)")
_ENTRY_PATH = re.compile(r"facts\.(\w+)\[([0-9]+)\](.*)")


@dataclass(frozen=True)
class Asked:
    """A form that could be read: one firm to be judged, for one tier, kind and day."""

    firm: Firm
    tier: str
    kind: str
    on: date


class CheckForm(BaseForm):  # type: ignore[misc]
    """The form as typed; `asked()` reads it, `blame()` takes faults found below."""

    def __init__(self, typed: MultiDict[str, str], day: date) -> None:
        """Build the form.

        Args:
            typed: what was posted or is to be filled in; empty for a new form.
            day: the day of submission unless one was typed.
        """
        typed = typed.copy()
        typed.setdefault("on", day.isoformat())
        typed.setdefault("kind", "new")
        typed.setdefault("tier", "innovative")
        self.loose: list[str] = []
        self.years = _years(typed, day)
        super().__init__(dict(self._fields_of()))
        self.process(typed)
        self.none_ticked = {key for key in ROWS if f"facts.{key}.none" in typed}

    def _fields_of(self) -> Iterator[tuple[str, Any]]:
        yield "tier", Choice(fact=CASE["tier"], options={key: tier(key) for key in TIER_WORDS})
        yield "kind", Choice(fact=CASE["kind"])
        yield "on", Day(fact=CASE["on"])
        for year in self.years:
            for key, fact in YEAR_FACTS.items():
                yield f"years.{year}.{key}", field_of(fact)
        # In the order of the page, so that a list of faults reads like it; lists come first in their group.
        groups = list(GROUPS)
        for key, fact in sorted(FIRM_FACTS.items(), key=lambda one: (groups.index(one[1].group), one[0] not in ROWS)):
            if fact.kind is not Kind.LIST:
                yield f"facts.{key}", field_of(fact)
                continue
            for row in range(ROWS[key]):
                for part, entry_fact in ENTRY_FACTS[key].items():
                    yield f"facts.{key}-{row}.{part}", field_of(entry_fact)

    def asked(self) -> Asked | None:
        """Return what is to be judged, or None when a field holds a fault."""
        day: date | None = None
        for name in CASE:
            if self[name].data is None and not self[name].faults:
                self[name].blame(_("必须填写"))
        try:
            if self["on"].data is not None:
                day = day_from(self["on"].data, "on")
        except Refused as refused:
            self.blame(refused.faults)
        firm: Firm | None = None
        try:
            firm = firm_from(self._document())
        except Refused as refused:
            self.blame(refused.faults)
        for key in self.none_ticked:
            if self._rows_of(key):
                self[f"facts.{key}-0.{next(iter(ENTRY_FACTS[key]))}"].blame(
                    _("填了内容就不要勾选“没有”，两者只能选一个")
                )
        if firm is None or day is None or self.has_faults:
            return None
        return Asked(firm, self["tier"].data, self["kind"].data, day)

    def blame(self, faults: Iterable[Fault]) -> None:
        """Put each fault beside the field of its path; one without a field stands above all."""
        for fault in faults:
            name = self._field_at(fault.path)
            if name is None:
                self.loose.append(of_both(str(fault)))
            else:
                self[name].blame(of_both(fault.message))

    @property
    def has_faults(self) -> bool:
        """Say whether anything is wrong with what was typed."""
        return bool(self.loose) or any(field.faults for field in self)

    @property
    def places(self) -> Mapping[str, str]:
        """Return where each fact of an assessment is asked for: its path there to the field here."""
        found = {}
        for name in self._fields:
            bare = name.removeprefix("facts.")
            found[name] = found[bare] = name
        for key in ROWS:
            found[key] = found[f"facts.{key}"] = f"facts.{key}-0.{next(iter(ENTRY_FACTS[key]))}"
        return found

    def _document(self) -> dict[str, Any]:
        """Return the firm as plain data of the contract; rows and fields left blank are unknown."""
        facts: dict[str, Any] = {}
        for key, fact in FIRM_FACTS.items():
            if fact.kind is not Kind.LIST:
                facts[key] = self[f"facts.{key}"].data
            elif rows := self._rows_of(key):
                facts[key] = [
                    {part: self[f"facts.{key}-{row}.{part}"].data for part in ENTRY_FACTS[key]} for row in rows
                ]
            elif key in self.none_ticked:
                facts[key] = []
        figures = {str(year): {key: self[f"years.{year}.{key}"].data for key in YEAR_FACTS} for year in self.years}
        years = {year: found for year, found in figures.items() if any(value is not None for value in found.values())}
        return {**NOBODY, "facts": facts, "years": years}

    def _rows_of(self, key: str) -> list[int]:
        """Return the rows of a list in which anything was typed."""
        return [
            row
            for row in range(ROWS[key])
            if any(self[f"facts.{key}-{row}.{part}"].typed.strip() for part in ENTRY_FACTS[key])
        ]

    def _field_at(self, path: str) -> str | None:
        found = _ENTRY_PATH.fullmatch(path)
        if found:
            key, place, rest = found.groups()
            path = f"facts.{key}-{self._rows_of(key)[int(place)]}{rest}"
        return path if path in self._fields else None


def _years(typed: MultiDict[str, str], day: date) -> list[int]:
    """Return the fiscal years to ask for, newest first: those before the day, and any that figures were typed for."""
    with suppress(Refused, ValueError):
        day = day_from(Day.parsed(typed["on"]), "on")
    last = last_fiscal_year(day)
    asked = {last - back for back in range(YEARS_ASKED)}
    for name, value in typed.items():
        found = _YEAR_FIELD.fullmatch(name)
        # Figures that were typed for a year stay that year's, also when the day moves on.
        if found and value.strip() and found[2] in YEAR_FACTS and abs(int(found[1]) - last) <= _MOST_YEARS:
            asked.add(int(found[1]))
    return sorted(asked, reverse=True)
