"""The facts of a case in one table: now, in the round before, in the case before, in the register; changes in words."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.firms import Firm as StatedFirm
from registry.domain.firms import Value
from registry.store.cases import ReturnedPart
from registry.web.case_criteria import fact_at
from registry.web.check_form import GROUPS
from registry.web.labels import fact_label, shown
from registry.web.language import say as _
from registry.work.compare_rounds import changed, paths_of, value_at
from registry.work.judge_case import JUDGED


@dataclass(frozen=True, slots=True)
class Beside:
    """What the facts of the last round are laid beside.

    Attributes:
        before: the round before; None in the first.
        earlier: what the firm submitted last in its case before this one.
        register: what the register knows.
        returned: what the round before was returned for, by part.
    """

    before: StatedFirm | None = None
    earlier: StatedFirm | None = None
    register: StatedFirm | None = None
    returned: Mapping[str, ReturnedPart] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact.

    Attributes:
        texts: what stands in each column beside the present one, in the order of the columns; empty for unknown.
        marks: what differs, in words.
        is_claim: what the firm says of a fact that a reviewer judges.
    """

    path: str
    label: str
    text: str
    texts: tuple[str, ...]
    marks: tuple[str, ...]
    asked: str
    is_claim: bool

    @property
    def is_marked(self) -> bool:
        """Say whether anything differs, or was asked to be corrected."""
        return bool(self.marks or self.asked)


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts under one heading.

    Attributes:
        is_older: figures of a year of which the case asks none, where nothing differs.
    """

    title: str
    rows: tuple[FactRow, ...]
    is_older: bool = False


def fact_groups(
    now: StatedFirm,
    beside: Beside,
    read: Iterable[str],
    only_changed: bool = False,
    asked: Collection[int] | None = None,
) -> list[FactGroup]:
    """Return the facts of a case by heading: all that is known anywhere, and all that its rules read.

    Args:
        read: paths that the rules read; they stand there also where nobody knows them.
        only_changed: leaves out what is the same everywhere.
        asked: the years of which figures are asked; all unless given.
    """
    read = set(read)
    others = [one for one in (beside.before, beside.earlier, beside.register) if one is not None]
    paths = dict.fromkeys([*paths_of(now, *others), *read])
    rows: dict[str, list[FactRow]] = {}
    order = {path: place for place, path in enumerate(_in_order(paths))}
    marks = _marks(now, beside)
    for path in sorted(paths, key=order.__getitem__):
        row = _row(path, now, beside, marks)
        if row.is_marked or not only_changed:
            rows.setdefault(_heading(path), []).append(row)
    return [
        FactGroup(title, tuple(lines), asked is not None and all(_is_older(row, read, asked) for row in lines))
        for title, lines in rows.items()
    ]


def _is_older(row: FactRow, read: Collection[str], asked: Collection[int]) -> bool:
    is_figure = row.path.startswith("years.")
    return is_figure and int(row.path.split(".")[1]) not in asked and not row.is_marked and row.path not in read


def columns_of(beside: Beside, earlier: str = "") -> list[str]:
    """Return the headings of the columns beside the present one.

    Args:
        earlier: the reference of the case before.
    """
    heads = [(beside.before, _("上一轮")), (beside.earlier, _("上次申报 %(reference)s", reference=earlier))]
    return [word for firm, word in (*heads, (beside.register, _("培育库"))) if firm is not None]


def _row(path: str, now: StatedFirm, beside: Beside, marks: Mapping[str, list[str]]) -> FactRow:
    fact, asked = fact_at(path), beside.returned.get(path)
    columns = [one for one in (beside.before, beside.earlier, beside.register) if one is not None]
    return FactRow(
        path,
        fact_label(fact),
        shown(value_at(now, path), fact),
        tuple(shown(value_at(one, path), fact) for one in columns),
        tuple(marks.get(path, ())),
        asked.comment if asked else "",
        path.removeprefix("facts.") in JUDGED,
    )


def _marks(now: StatedFirm, beside: Beside) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if beside.before is not None:
        for one in changed(beside.before, now):
            found.setdefault(one.path, []).append(_("本轮改过"))
    if beside.earlier is not None:
        for one in changed(beside.earlier, now):
            # A year that the earlier case could not know is no change.
            if one.before is not None:
                found.setdefault(one.path, []).append(_("与上次申报不同"))
    if beside.register is not None:
        for one in changed(beside.register, now):
            if one.before is not None and _sorted(one.before) != _sorted(one.after):
                found.setdefault(one.path, []).append(_("与培育库不同"))
    return found


def _sorted(value: Value | None) -> object:
    """Return a value so that lists of the same entries are equal in whatever order they stand."""
    return sorted(map(str, value)) if isinstance(value, tuple) else value


def _heading(path: str) -> str:
    if path.startswith("years."):
        return _("%(year)s 年度数据", year=path.split(".")[1])
    return str(GROUPS[FIRM_FACTS[path.removeprefix("facts.")].group])


def _in_order(paths: Iterable[str]) -> Iterator[str]:
    groups, known = list(GROUPS), list(FIRM_FACTS)
    of_firm = [path for path in paths if path.startswith("facts.")]
    yield from sorted(
        of_firm,
        key=lambda path: (groups.index(fact_at(path).group), known.index(path.removeprefix("facts."))),
    )
    figures = list(YEAR_FACTS)
    of_years = [path.split(".") for path in paths if path.startswith("years.")]
    for _years, year, key in sorted(of_years, key=lambda one: (-int(one[1]), figures.index(one[2]))):
        yield f"years.{year}.{key}"
