"""The answers of an application as a form in parts, one a page: what each part holds, how far it has come.

Parses and puts together what is shown; judges and keeps nothing (see `registry.work.apply`, `apply_outlook`).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from registry.domain.case_states import Phase
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.domain.firms import Firm
from registry.store.cases import Application, ReturnedPart
from registry.web.check_form import GROUPS, NOBODY, ROWS, CheckForm
from registry.web.labels import path_label
from registry.web.language import say as _
from registry.work.case_bars import state_of
from registry.work.case_guards import is_open_for

YEARS = "years"
EVIDENCE = "evidence"
# In the order in which a firm fills them in.
PARTS = {
    "basic": GROUPS["basic"],
    YEARS: lazy_gettext("年度数据"),
    **{key: GROUPS[key] for key in GROUPS if key != "basic"},
}
_TRIES = 5
_ENTRY = re.compile(r"\[[0-9]+\].*")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a page asks for: a fact, or a list of entries.

    Attributes:
        path: as an assessment names it, `facts.ip_class1`.
        fields: what is drawn; of a list row by row.
        is_asked: the rules ask for it.
        is_judged: a reviewer judges it, so that what is typed here is a claim only.
        is_open: it may be changed now.
        is_known: what is typed is what the register has.
        comment: the reviewer's words, where it was returned.
    """

    path: str
    fact: Fact
    fields: tuple[Any, ...]
    is_asked: bool = False
    is_judged: bool = False
    is_open: bool = True
    is_known: bool = False
    comment: str = ""

    @property
    def is_list(self) -> bool:
        """Say whether it is a list of entries."""
        return self.fact.kind is Kind.LIST

    @property
    def faults(self) -> list[str]:
        """Return what is wrong with what is typed."""
        return [fault for one in self.fields for fault in one.faults]


@dataclass(frozen=True, slots=True)
class Line:
    """A figure over the years, as one line of the page of figures."""

    key: str
    fact: Fact
    cells: tuple[Item, ...]

    @property
    def is_asked(self) -> bool:
        """Say whether the rules ask for it in some year."""
        return any(one.is_asked for one in self.cells)

    @property
    def is_typed(self) -> bool:
        """Say whether anything is typed for it in some year."""
        return any(box.typed.strip() for one in self.cells for box in one.fields)

    @property
    def is_open(self) -> bool:
        """Say whether it may be changed in some year."""
        return any(one.is_open for one in self.cells)

    @property
    def faults(self) -> list[str]:
        """Return what is wrong with it in any year."""
        return [fault for one in self.cells for fault in one.faults]


@dataclass
class Paper:
    """An application as it is typed so far.

    Attributes:
        answers: what is typed, by field.
        returned: what a return asks to have corrected, by part; None of a draft, all of which is open.
        asked, judged: paths of the facts that the rules ask for, and that reviewers judge.
        known: what would be typed of what the register knows.
    """

    case: Application
    answers: Mapping[str, str]
    day: date
    returned: Mapping[str, ReturnedPart] | None = None
    asked: Collection[str] = ()
    judged: Collection[str] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.form = form_of(self.case, self.answers, self.day)
        read = self.form.asked()
        self.firm: Firm = read.firm if read else _readable(self.case, self.answers, self.day, self.form)
        self.is_whole = read is not None
        self._items: dict[str, list[Item]] = {}
        self._lines: list[Line] | None = None

    def compare(self, asked: Collection[str], judged: Collection[str], known: Mapping[str, str]) -> None:
        """Take in what the rules ask for and what the register knows, which are found out from what is typed."""
        self.asked, self.judged, self.known = asked, judged, known
        self._items, self._lines = {}, None

    def names(self, part: str) -> list[str]:
        """Return the names of the boxes of a part that may be changed."""
        return [
            name
            for item in self.items(part)
            if item.is_open
            for name in (*(one.name for one in item.fields), f"{item.path}.none")
            if not name.endswith(".none") or item.is_list or item.fact.kind is Kind.DATE_OR_NONE
        ]

    def items(self, part: str) -> list[Item]:
        """Return what a part asks for, in the order of the page."""
        if part not in self._items:
            self._items[part] = self._items_of(part)
        return self._items[part]

    def _items_of(self, part: str) -> list[Item]:
        if part == YEARS:
            return [cell for line in self.lines() for cell in line.cells]
        facts = sorted(
            ((key, fact) for key, fact in FIRM_FACTS.items() if fact.group == part), key=lambda one: one[0] not in ROWS
        )
        return [self._item(f"facts.{key}", fact, self._fields(key, fact)) for key, fact in facts]

    def lines(self) -> list[Line]:
        """Return the figures, each over the years that are asked for."""
        if self._lines is None:
            self._lines = self._all_lines()
        return self._lines

    def _all_lines(self) -> list[Line]:
        return [
            Line(
                key,
                fact,
                tuple(
                    self._item(path, fact, (self.form[path],))
                    for path in (f"years.{year}.{key}" for year in self.form.years)
                ),
            )
            for key, fact in YEAR_FACTS.items()
        ]

    def rows(self, item: Item) -> list[list[Any]]:
        """Return the boxes of a list, row by row."""
        width = len(ENTRY_FACTS[item.fact.key])
        return [list(item.fields[start : start + width]) for start in range(0, len(item.fields), width)]

    def faulty(self, part: str) -> list[Any]:
        """Return the boxes of a part in which something is wrong."""
        return [one for item in self.items(part) for one in item.fields if one.faults]

    def open_parts(self) -> list[str]:
        """Return the parts that can be filled in now: what the rules ask for first."""
        parts = [part for part in PARTS if any(item.is_open for item in self.items(part))]
        return sorted(parts, key=lambda part: not self.is_asked(part))

    def is_asked(self, part: str) -> bool:
        """Say whether the rules ask for anything in a part that the firm can say."""
        return any(item.is_asked and not item.is_judged for item in self.items(part))

    def text(self, path: str) -> str:
        """Return what is typed for a fact or a list, as one reads it; empty for nothing."""
        return text_at(self.form, path)

    def _fields(self, key: str, fact: Fact) -> tuple[Any, ...]:
        if fact.kind is not Kind.LIST:
            return (self.form[f"facts.{key}"],)
        return tuple(self.form[f"facts.{key}-{row}.{part}"] for row in range(ROWS[key]) for part in ENTRY_FACTS[key])

    def _item(self, path: str, fact: Fact, fields: tuple[Any, ...]) -> Item:
        names = [*(one.name for one in fields), f"{path}.none"]
        typed = {name: self.answers[name] for name in names if name in self.answers}
        known = {name: self.known[name] for name in names if name in self.known}
        row = (self.returned or {}).get(path)
        return Item(
            path,
            fact,
            fields,
            is_asked=path in self.asked,
            is_judged=path in self.judged,
            is_open=self.returned is None or is_open_for(path, self.returned),
            is_known=bool(typed) and typed == known,
            comment=row.comment if row else "",
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the task list: a part, and how far it has come.

    Attributes:
        state: todo, doing, done, faulty; of a correction to_correct or corrected.
        count: how many facts are missing, or faulty.
    """

    part: str
    state: str
    count: int = 0


def form_of(case: Application, answers: Mapping[str, str], day: date) -> CheckForm:
    """Return answers as the form of an application."""
    return CheckForm(MultiDict({**answers, "tier": case.tier, "kind": case.kind, "on": day.isoformat()}), day)


def answers_of(case: Application) -> dict[str, str]:
    """Return what is typed of an application."""
    found: dict[str, str] = json.loads(case.answers)
    return found


def tasks_of(paper: Paper, missing: Collection[str], changed: Collection[str] = ()) -> list[Task]:
    """Return the task list of a draft or a correction.

    Args:
        missing: paths of the facts that the rules still lack.
        changed: names of the boxes that differ from what was submitted last.
    """
    lacking = {_ENTRY.sub("", path) for path in missing}
    is_correction = state_of(paper.case).phase is Phase.RETURNED
    return [_task(paper, part, lacking, changed, is_correction) for part in paper.open_parts()]


def _task(paper: Paper, part: str, lacking: Collection[str], changed: Collection[str], is_correction: bool) -> Task:
    items = [item for item in paper.items(part) if item.is_open]
    if faults := paper.faulty(part):
        return Task(part, "faulty", len(faults))
    if is_correction:
        left = [item for item in items if item.path not in {owner_of(name) for name in changed}]
        return Task(part, "to_correct" if left else "corrected", len(left))
    if not any(paper.text(item.path) for item in items):
        return Task(part, "todo")
    missing = [item for item in items if item.path in lacking and not item.is_judged]
    return Task(part, "doing" if missing else "done", len(missing))


def owner_of(name: str) -> str:
    """Return the path of the fact or list that a box belongs to."""
    return name.split("-")[0] if "-" in name else name.removesuffix(".none")


def part_of(path: str) -> str:
    """Return the part in which a fact stands; empty for what is none."""
    if path.startswith("years."):
        return YEARS
    fact = FIRM_FACTS.get(_ENTRY.sub("", path).removeprefix("facts."))
    return fact.group if fact else ""


def box_of(path: str) -> str:
    """Return the name of the box to go to for a fact or a list."""
    bare = _ENTRY.sub("", path)
    key = bare.removeprefix("facts.")
    return f"{bare}-0.{next(iter(ENTRY_FACTS[key]))}" if key in ENTRY_FACTS else bare


def text_at(form: CheckForm, path: str) -> str:
    """Return what a form has for a fact or a list, as one reads it."""
    key = path.removeprefix("facts.")
    if key in ROWS:
        rows = [
            _entry_text(key, {part: _text(form[f"facts.{key}-{row}.{part}"]) for part in ENTRY_FACTS[key]})
            for row in range(ROWS[key])
        ]
        return "；".join(row for row in rows if row) or (_("没有") if key in form.none_ticked else "")
    return _text(form[path]) if path in form._fields else ""


def _entry_text(key: str, texts: Mapping[str, str]) -> str:
    """Return an entry of a list as one reads it, as 高新技术企业 2022-11-01 – 2025-10-31."""
    words = [_("第 %(rank)s 名", rank=text) if part == "rank" and text else text for part, text in texts.items()]
    if key == "titles":
        words = [words[0], " – ".join(filter(None, words[1:]))]
    return " ".join(filter(None, words))


def changes_between(before: CheckForm, after: CheckForm, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return what differs as label, before and after, a fact or list once."""
    paths = list(dict.fromkeys(owner_of(name) for name in sorted(names)))
    return [(path_label(path), text_at(before, path), text_at(after, path)) for path in paths]


def _text(box: Any) -> str:
    typed = str(box.typed).strip()
    if not typed:
        return _("无") if getattr(box, "is_none", False) else ""
    if box.options:
        return str(box.options.get(typed, typed))
    unit = str(box.unit)
    return typed if not unit or typed.endswith(unit) else f"{typed} {unit}" if unit != "%" else f"{typed}%"


def _readable(case: Application, answers: Mapping[str, str], day: date, form: CheckForm) -> Firm:
    """Return the firm of those answers that can be read, where some cannot."""
    left = dict(answers)
    for _try in range(_TRIES):
        wrong = set(_wrong(form))
        left = {name: text for name, text in left.items() if name not in wrong}
        form = form_of(case, left, day)
        read = form.asked()
        if read is not None:
            return read.firm
    return Firm(NOBODY["uscc"], NOBODY["name"])


def _wrong(form: CheckForm) -> Iterator[str]:
    for box in form:
        if box.faults:
            yield box.name
            yield f"{owner_of(box.name)}.none"
