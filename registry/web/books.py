"""Pages of the books: the dashboard, the counts of a year, the target board. Every number is a link to its firms."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_file, url_for

from registry.domain.errors import NotFound
from registry.policy.targets import target_years
from registry.store.books import BREAKDOWNS, transitions
from registry.store.tallies import latest_day
from registry.web import db
from registry.web.access import may
from registry.web.asking import UNKNOWN, day_asked, moment_asked, now, several_asked, today, year_asked
from registry.web.deeds import stop_reading
from registry.web.desk import init_blueprint
from registry.web.exported import note_export
from registry.web.language import say as _
from registry.work.count import COUNTS, Count, CountRow, count, question_of, totals
from registry.work.lay_out_counts import ANNUAL, Made, write_annual, write_counts
from registry.work.overview import overview, step_table
from registry.work.targets import day_of_board, target_board

blueprint = Blueprint("books", __name__)
init_blueprint(blueprint)
# More rows than anybody reads on a page; the download has them all.
_ROWS_SHOWN = 400
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class CountForm:
    """What the page of counts was asked."""

    year: int
    as_of: date | None
    by: tuple[str, ...]
    known_at: datetime | None


@blueprint.get("/dashboard")
@may("see_books")
def dashboard() -> str:
    """Show the year: its targets, its months, the ladder and the steps on it, the districts."""
    day = day_asked(latest_day(db.session(), today()))
    told = overview(db.session(), day, now=now())
    return render_template(
        "books/dashboard.html",
        here="books.dashboard",
        told=told,
        steps=step_table(told.steps),
        firms_link=_firms_link,
        today=today(),
    )


@blueprint.get("/counts")
@may("see_books")
def counts() -> str:
    """Show the counts of a year."""
    form = _count_form()
    counted = _counted(form)
    rows = [*counted.rows, *counted.holders]
    shown = [row for row in rows if any(row.counts.values())] if len(form.by) > 1 else rows
    asked = urlencode([(key, value) for key, value in request.args.items(multi=True) if key != "lang"])
    return render_template(
        "books/counts.html",
        here="books.counts",
        form=form,
        counted=counted,
        rows=shown[:_ROWS_SHOWN],
        left_out=max(0, len(shown) - _ROWS_SHOWN),
        columns=COUNTS,
        sums=totals(counted),
        breakdowns=BREAKDOWNS,
        link=lambda row, name: _count_link(counted, form, row, name),
        asked=asked,
    )


@blueprint.get("/counts.<form>")
@may("see_books")
def counts_file(form: str) -> Response:
    """Hand out the counts of a year as a file; `?by=all` is the whole annual workbook."""
    if form not in TYPES:
        raise NotFound(_("没有这种格式：%(form)s", form=form[:20]))
    made, out = Made(now()), BytesIO()
    is_annual = form == "xlsx" and request.args.get("by") == "all"
    asked = _count_form(ANNUAL if is_annual else None)
    counted = _counted(asked)
    if is_annual:
        question = question_of(asked.year, today=today(), as_of=asked.as_of, known_at=asked.known_at)
        steps = transitions(db.session(), question.start, question.as_of, asked.known_at)
        stop_reading()
        write_annual(out, counted, steps, made)
    else:
        stop_reading()
        write_counts(out, form, counted, made)
    out.seek(0)
    note_export(f"counts.{form}", out, day=counted.as_of)
    name = f"counts-{counted.as_of}{'-annual' if is_annual else ''}.{form}"
    return send_file(out, mimetype=TYPES[form], as_attachment=True, download_name=name)


@blueprint.get("/targets")
@may("see_books")
def targets() -> str:
    """Show the target board of a year."""
    year = year_asked("year", latest_day(db.session(), today()).year)
    day = day_of_board(year, today=today(), as_of=day_asked(min(today(), date(year, 12, 31))))
    return render_template(
        "books/targets.html",
        here="books.targets",
        told=target_board(db.session(), year, day, now=now()),
        years=[one for one in target_years() if one <= today().year],
    )


def _count_form(by: tuple[str, ...] | None = None) -> CountForm:
    last = latest_day(db.session(), today())
    year = year_asked("year", last.year)
    as_of = day_asked(last if year == last.year else date(year, 12, 31), "as_of")
    return CountForm(year, as_of, by if by is not None else several_asked("by", BREAKDOWNS), moment_asked())


def _counted(form: CountForm) -> Count:
    question = question_of(form.year, today=today(), as_of=form.as_of, by=form.by, known_at=form.known_at)
    return count(db.session(), question, now=now().astimezone(UTC))


def _count_link(counted: Count, form: CountForm, row: CountRow, name: str) -> str:
    """Return the address of the firms behind a number of a count."""
    asked: dict[str, object] = {"tier": row.tier}
    asked |= {key: UNKNOWN if value is None else value for key, value in row.keys.items()}
    if name == "stock_start":
        asked["on"] = date(counted.year - 1, 12, 31)
    else:
        asked["on"] = counted.as_of
        if name != "stock_end":
            asked |= {"change": name, "since": date(counted.year, 1, 1)}
    if form.known_at is not None:
        asked["known"] = form.known_at.isoformat()
    return _firms_link(**asked)


def _firms_link(**asked: object) -> str:
    """Return the address of a list of firms; what is not asked for is left out."""
    return f"{url_for('bureau.firms')}?{urlencode({key: value for key, value in asked.items() if value is not None})}"
