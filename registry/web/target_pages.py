"""Pages of one target: what it means, what was entered for it, and the form by which staff enter a value.

A computed target has inputs instead: numbers of their own that staff enter in the same way.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from registry.domain.errors import Refused
from registry.policy.target_rows import INPUTS_OF, UNITS, Input, Target
from registry.policy.targets import targets_of
from registry.store.targets import TargetValue, values_of
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, today
from registry.web.book_words import target_label
from registry.web.deeds import deed
from registry.web.desk import doer_here, init_blueprint, told
from registry.web.fields import number_of
from registry.web.forms import EntryForm, day, lines, text, wanted
from registry.web.labels import N_
from registry.web.language import current
from registry.web.language import say as _
from registry.work.enter_target import LONGEST_TEXT, enter_value
from registry.work.targets import target_board

blueprint = Blueprint("target_pages", __name__)
init_blueprint(blueprint)


def _is_number(_form: EntryForm, field: Any) -> None:
    """Ask for a number, in words that say how one is written."""
    if not field.data:
        return
    try:
        number_of(field.data)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None


def _is_given(_form: EntryForm, field: Any) -> None:
    if field.data is None and not field.errors:
        raise ValidationError(_("请填写日期"))


class ValueForm(EntryForm):
    """A value to be entered; its unit is that of the row."""

    value = text(N_("数值"), wanted(N_("请填写数值")), _is_number)
    as_of = day(N_("数据截至"), _is_given)
    source = text(N_("来源"), wanted(N_("请填写载明这个数的公报、报表或文件")))
    note = lines(N_("备注"), longest=LONGEST_TEXT)


@blueprint.get("/targets/<int:year>/<key>")
@may("see_books")
def target(year: int, key: str) -> str:
    """Show what a target means and what was entered for it, or for each of its inputs."""
    targets = targets_of(year)
    one = targets.target(key)
    parts: list[Target | Input] = [one] if one.how == "S" else []
    parts += [row for row in targets.inputs if row.key in INPUTS_OF.get(one.measure or "", ())]
    entered = [(part, values_of(db.session(), year, part.key)) for part in parts]
    on = min(today(), date(year, 12, 31))
    # A year that has not begun has a goal and no value.
    row = target_board(db.session(), year, on, now=now()).row(key) if on.year == year else None
    return render_template(
        "books/target.html",
        here="books.targets",
        year=year,
        target=one,
        row=row,
        on=on,
        entered=entered,
        label_of=label_of,
    )


@blueprint.get("/targets/<int:year>/<key>/enter")
@may("enter_targets")
def form(year: int, key: str) -> str:
    """Show the form of a value."""
    return _page(year, targets_of(year).entered(key), ValueForm())


@blueprint.post("/targets/<int:year>/<key>/enter")
@may("enter_targets")
def enter(year: int, key: str) -> Response | tuple[str, int]:
    """Enter a value; whatever was entered before is kept."""
    wanted_value, given = targets_of(year).entered(key), ValueForm()
    if given.validate():
        try:
            with deed() as session:
                entered = enter_value(
                    session,
                    year,
                    key,
                    number_of(given.value.data),
                    given.as_of.data,
                    source=given.source.data,
                    doer=doer_here(),
                    note=given.note.data,
                    now=now(),
                    today=today(),
                )
                said = _("已录入：%(what)s", what=label_of(wanted_value))
                if entered.speaks_of_an_earlier_day and entered.replaced is not None:
                    said += _("。请留意：原来的数值截至 %(day)s，晚于刚录入的", day=entered.replaced.as_of)
            return told(said, url_for(".target", year=year, key=_shown_at(year, key)))
        except Refused as refused:
            given.blame_for(refused)
    return _page(year, wanted_value, given), 422


def label_of(part: Target | Input) -> str:
    """Return what is entered, in the reader's language."""
    if isinstance(part, Target):
        return target_label(part)
    return part.label_en if current() == "en" else part.label


def _shown_at(year: int, key: str) -> str:
    """Return the key of the target on whose page something entered is shown."""
    for one in targets_of(year).targets:
        if key in INPUTS_OF.get(one.measure or "", ()):
            return one.key
    return key


def _page(year: int, part: Target | Input, given: ValueForm) -> str:
    before: Sequence[TargetValue] = values_of(db.session(), year, part.key)
    more: dict[str, Any] = {"label": label_of(part), "unit": UNITS[part.unit][current() == "en"]}
    return render_template(
        "books/enter_target.html",
        here="books.targets",
        year=year,
        key=part.key,
        back=_shown_at(year, part.key),
        form=given,
        before=before[0] if before else None,
        today=today(),
        **more,
    )
