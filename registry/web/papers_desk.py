"""Pages of the bureau for firms' papers: reported changes, reports 实名举报, updates that were not filed in time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound, Refused
from registry.policy.updates import duty_of, first_asked
from registry.store.firms import Firm
from registry.store.paper_lists import (
    change_visible,
    changes_page,
    changes_waiting,
    missed_count,
    missed_page,
    names_of,
    report_visible,
    reports_page,
    reports_waiting,
    titles_missed,
)
from registry.store.papers import CHANGE_OUTCOMES, ChangeReport, Report
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now, text_asked, today, word_asked
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import chosen, in_words, init_blueprint, number_asked, page_links, told
from registry.web.forms import EntryForm, choice, lines
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import actor
from registry.work.decide import tie_against
from registry.work.keep_updates import ends_at, updates_missed_twice
from registry.work.report_change import (
    KIND_WORDS,
    LONGEST,
    OUTCOME_WORDS,
    bar_on_papers,
    settle_change,
    was_late,
)
from registry.work.report_firm import ask_firm, settle_report, show_contact, was_heard

blueprint = Blueprint("papers_desk", __name__)
init_blueprint(blueprint)
blueprint.context_processor(lambda: {"change_kinds": KIND_WORDS, "change_outcomes": OUTCOME_WORDS})
_LISTS = ("changes", "reports", "updates", "cancelled")
_UPHELD = {"yes": N_("属实"), "no": N_("不属实")}


class ChangeForm(EntryForm):
    """What the bureau says to a change."""

    outcome = choice(N_("处理结果"), chosen(N_("请选择处理结果")))
    reply = lines(N_("答复企业"), longest=LONGEST, render_kw={"rows": 5})


class QuestionForm(EntryForm):
    """What the firm is asked."""

    question = lines(N_("向企业提出的问题"), longest=LONGEST, render_kw={"rows": 5})


class FindingForm(EntryForm):
    """What was found."""

    is_upheld = choice(N_("反映的情况"), chosen(N_("请选择是否属实")))
    finding = lines(N_("核实结论"), longest=LONGEST, render_kw={"rows": 5})


@dataclass(frozen=True, slots=True)
class Year:
    """A year whose update is over: the day due, and the moment at which that day ended."""

    year: int
    due_on: date
    over_at: datetime


@blueprint.get("/papers")
@may("see_papers")
def papers() -> str:
    """Show what waits: changes, reports, updates that were missed, titles to be cancelled for that."""
    which = word_asked("list", _LISTS) or "changes"
    is_settled = word_asked("state", ("waiting", "settled")) == "settled"
    session, years = db.session(), _years_over()
    rows: list[Any]
    after: object = None
    if which == "changes":
        found, after = changes_page(session, visible(ChangeReport), is_settled=is_settled, after=number_asked("after"))
        rows = [(row, firm, was_late(row, now().tzinfo)) for row, firm in found]
    elif which == "reports":
        rows, after = reports_page(session, visible(Report), is_settled=is_settled, after=number_asked("after"))
    elif which == "updates":
        rows, after = _missed(session, years)
    else:
        rows = _cancelled(session, years)
    return render_template(
        "papers/desk.html",
        here="papers_desk.papers",
        which=which,
        is_settled=is_settled,
        rows=rows,
        counts=_counts(session, years),
        year=years[-1] if years else None,
        first_asked=first_asked(),
        links=page_links("papers_desk.papers", after),
        today=today(),
        zone=now().tzinfo,
    )


@blueprint.get("/papers/changes/<int:number>")
@may("see_papers")
def change(number: int) -> str:
    """Show a change that a firm reported, and what was said to it."""
    return _change_page(number, _change_form())


@blueprint.post("/papers/changes/<int:number>/settle")
@may("settle_papers")
def settle(number: int) -> Response | tuple[str, int]:
    """Say whether the firm is still qualified."""
    form = _change_form()
    if form.validate():
        try:
            with deed(f"change:{number}") as session:
                row, _firm = _change(session, number)
                settle_change(
                    session,
                    actor(),
                    acting_seats()[0],
                    row,
                    outcome=form.outcome.data,
                    reply=form.reply.data,
                    now=now(),
                    post=post(),
                )
            return told(_("已处理，并告知企业"), url_for(".change", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _change_page(number, form), 422


@blueprint.get("/papers/reports/<int:number>")
@may("see_papers")
def report(number: int) -> str:
    """Show a report, what the firm says to it, and what was found."""
    return _report_page(number)


@blueprint.post("/papers/reports/<int:number>/ask")
@may("settle_papers")
def ask(number: int) -> Response | tuple[str, int]:
    """Ask the firm about it."""
    form = QuestionForm()
    if form.validate():
        try:
            with deed(f"report:{number}") as session:
                row, _firm = _report(session, number)
                words = form.question.data
                ask_firm(session, actor(), acting_seats()[0], row, question=words, now=now(), post=post())
            return told(_("已向企业发问"), url_for(".report", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _report_page(number, asking=form), 422


@blueprint.post("/papers/reports/<int:number>/settle")
@may("settle_papers")
def close(number: int) -> Response | tuple[str, int]:
    """Say what was found."""
    form = _finding_form()
    if form.validate():
        try:
            with deed(f"report:{number}") as session:
                row, _firm = _report(session, number)
                settle_report(
                    session,
                    actor(),
                    acting_seats()[0],
                    row,
                    is_upheld=form.is_upheld.data == "yes",
                    finding=form.finding.data,
                    now=now(),
                    post=post(),
                )
            return told(_("已办结；举报人可凭查询码看到结论"), url_for(".report", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _report_page(number, finding=form), 422


@blueprint.post("/papers/reports/<int:number>/contact")
@may("settle_papers")
def contact(number: int) -> str:
    """Show how the reporter is reached, to verify what he says; that it was shown is traced."""
    with deed(f"report:{number}") as session:
        row, _firm = _report(session, number)
        shown = show_contact(session, keys(), row, actor=actor(), seat=acting_seats()[0], now=now())
    return _report_page(number, shown=shown)


def _years_over() -> list[Year]:
    """Return the years whose last day for an update is over, the oldest first."""
    zone = now().tzinfo
    duties = [(year, duty_of(year)) for year in range(first_asked(), today().year + 1)]
    return [
        Year(year, duty.due_on, ends_at(duty.due_on, zone)) for year, duty in duties if duty and duty.due_on < today()
    ]


def _missed(session: Session, years: list[Year]) -> tuple[list[Any], str | None]:
    if not years:
        return [], None
    last = years[-1]
    after = text_asked("after") or None
    return missed_page(session, visible(Firm), on=today(), due_on=last.due_on, over_at=last.over_at, after=after)


def _cancelled(session: Session, years: list[Year]) -> list[Any]:
    """Return the titles to be cancelled for updates that were missed, each with the years."""
    on, zone = today(), now().tzinfo
    counted = [
        (one.year, one.due_on, one.over_at) for one in years if (duty := duty_of(one.year)) and duty.cancelled_after
    ]
    least = min(
        (duty.cancelled_after for one in years if (duty := duty_of(one.year)) and duty.cancelled_after), default=0
    )
    if not least:
        return []
    found = titles_missed(session, visible(Firm), on=on, years=counted, at_least=least)
    lines_ = [
        (title, firm, updates_missed_twice(session, firm.id, title.recognised_on, on, zone)) for title, firm in found
    ]
    return [line for line in lines_ if line[2]]


def _counts(session: Session, years: list[Year]) -> dict[str, int]:
    last = years[-1] if years else None
    return {
        "changes": changes_waiting(session, visible(ChangeReport)),
        "reports": reports_waiting(session, visible(Report)),
        "updates": missed_count(session, visible(Firm), on=today(), due_on=last.due_on, over_at=last.over_at)
        if last
        else 0,
        "cancelled": len(_cancelled(session, years)),
    }


def _change(session: Session, number: int) -> tuple[ChangeReport, Firm]:
    found = change_visible(session, visible(ChangeReport), number)
    if found is None:
        raise NotFound(_("没有这份变更报告"))
    return found


def _report(session: Session, number: int) -> tuple[Report, Firm]:
    found = report_visible(session, visible(Report), number)
    if found is None:
        raise NotFound(_("没有这份举报"))
    return found


def _change_form() -> ChangeForm:
    form = ChangeForm()
    form.outcome.choices = [("", _("请选择")), *((key, in_words(OUTCOME_WORDS[key])) for key in CHANGE_OUTCOMES)]
    return form


def _finding_form() -> FindingForm:
    form = FindingForm()
    form.is_upheld.choices = [("", _("请选择")), *((key, _(word)) for key, word in _UPHELD.items())]
    return form


def _change_page(number: int, form: ChangeForm) -> str:
    row, firm = _change(db.session(), number)
    return render_template(
        "papers/change.html",
        here="papers_desk.papers",
        row=row,
        firm=firm,
        form=form,
        is_late=was_late(row, now().tzinfo),
        against=_against(("change", number), firm) if row.settled_at is None else None,
        names=names_of(db.session(), [row.reported_by, row.settled_by]),
        zone=now().tzinfo,
    )


def _report_page(
    number: int,
    *,
    asking: QuestionForm | None = None,
    finding: FindingForm | None = None,
    shown: str = "",
) -> str:
    row, firm = _report(db.session(), number)
    # Of two forms on a page only the one that was posted shows what was typed.
    blank = bool(asking or finding or shown) and request.method == "POST"
    return render_template(
        "papers/report.html",
        here="papers_desk.papers",
        row=row,
        firm=firm,
        asking=asking or _emptied(QuestionForm(), blank),
        finding=finding or _emptied(_finding_form(), blank),
        form=asking or finding or _emptied(QuestionForm(), blank),
        contact=shown,
        is_heard=was_heard(row, now()),
        against=_against(("report", number), firm) if row.state != "settled" else None,
        tied=tie_against(db.session(), actor(), firm.uscc, now()) is not None,
        names=names_of(db.session(), [row.settled_by]),
        zone=now().tzinfo,
    )


def _emptied(form: Any, blank: bool) -> Any:
    if blank:
        for box in form:
            box.data = ""
    return form


def _against(matter: tuple[str, int], firm: Firm) -> str | None:
    against = bar_on_papers(db.session(), actor(), matter, firm, now())
    return of_both(against) if against else None
