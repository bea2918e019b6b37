"""Pages of a firm's papers: its yearly update, the major changes it reports, what the bureau asks it."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.errors import Fault, NotFound, Refused
from registry.policy.updates import duty_of, first_asked
from registry.store.firms import Firm
from registry.store.paper_lists import changes_of_firm, names_of, question_visible, questions_of_firm
from registry.store.papers import CHANGE_KINDS, Report
from registry.web import db
from registry.web.access import may, visible
from registry.web.application_form import PARTS, Paper
from registry.web.asking import now, today
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import in_words, init_blueprint, told
from registry.web.forms import EntryForm, choice, day, lines, text, wanted
from registry.web.labels import N_, path_label
from registry.web.language import say as _
from registry.web.profile_sheet import firm_acted_for, seat_for, sheet_of_firm
from registry.web.signed_in import actor
from registry.work.keep_updates import due_day, file_update, owes_update, updates_of, was_in_time
from registry.work.report_change import KIND_WORDS, LONGEST, OUTCOME_WORDS, report_change, was_late
from registry.work.report_firm import reply as reply_to_report

blueprint = Blueprint("papers", __name__)
init_blueprint(blueprint)
blueprint.context_processor(lambda: {"change_kinds": KIND_WORDS, "change_outcomes": OUTCOME_WORDS})


class UpdateForm(EntryForm):
    """The name under the declaration of truth."""

    signed_as = text(N_("声明人姓名"), wanted(N_("请输入您的姓名")))


class ChangeForm(EntryForm):
    """What changed, and when."""

    kind = choice(N_("变更事项"), wanted(N_("请选择变更事项")))
    happened_on = day(N_("发生日期"))
    told = lines(N_("变更情况"), longest=LONGEST, render_kw={"rows": 5})


class ReplyForm(EntryForm):
    """What the firm says."""

    words = lines(N_("答复"), longest=LONGEST, render_kw={"rows": 5})


@dataclass(frozen=True, slots=True)
class Group:
    """A part of what a firm says of itself: what is filled in, as one reads it."""

    word: str
    lines: list[tuple[str, str]]


@blueprint.get("/firms/<uscc>/updates")
@may("keep_papers")
def updates(uscc: str) -> str:
    """Show this year's duty, what would be filed, and what was filed before."""
    return _updates_page(_firm(uscc), UpdateForm())


@blueprint.post("/firms/<uscc>/updates")
@may("keep_papers")
def file(uscc: str) -> Response | tuple[str, int]:
    """File this year's update."""
    form = UpdateForm()
    if form.validate():
        try:
            with deed() as session:
                firm = _firm(uscc, session)
                paper = sheet_of_firm(session, firm).paper
                if not paper.is_whole:
                    raise Refused([Fault("", _WRONG)])
                row = file_update(
                    session,
                    actor(),
                    [seat_for(firm)],
                    firm,
                    paper.firm,
                    signed_as=form.signed_as.data,
                    now=now(),
                )
                year, is_late = row.year, not was_in_time(row, now().tzinfo)
            done = _("%(year)s 年度更新已提交；已过截止日，记为逾期", year=year) if is_late else ""
            return told(done or _("%(year)s 年度更新已按期提交", year=year), url_for(".updates", uscc=uscc))
        except Refused as refused:
            form.blame_for(refused)
    return _updates_page(_firm(uscc), form), 422


@blueprint.get("/firms/<uscc>/changes")
@may("keep_papers")
def changes(uscc: str) -> str:
    """Show the form of a major change, and what was reported before."""
    return _changes_page(_firm(uscc), _offered(ChangeForm()))


@blueprint.post("/firms/<uscc>/changes")
@may("keep_papers")
def report(uscc: str) -> Response | tuple[str, int]:
    """Report a major change."""
    form = _offered(ChangeForm())
    if form.validate():
        try:
            with deed() as session:
                firm = _firm(uscc, session)
                row = report_change(
                    session,
                    actor(),
                    seat_for(firm),
                    firm,
                    kind=form.kind.data,
                    happened_on=form.happened_on.data,
                    told=form.told.data,
                    now=now(),
                    post=post(),
                )
                is_late = was_late(row, now().tzinfo)
            done = _("已提交；超过三个月期限，记为逾期报告") if is_late else _("已提交，主管部门处理后会通知您")
            return told(done, url_for(".changes", uscc=uscc))
        except Refused as refused:
            form.blame_for(refused)
    return _changes_page(_firm(uscc), form), 422


@blueprint.get("/firms/<uscc>/questions/<int:number>")
@may("keep_papers")
def question(uscc: str, number: int) -> str:
    """Show what the bureau asks, and take the answer; who reported is not told."""
    return _question_page(uscc, number, ReplyForm())


@blueprint.post("/firms/<uscc>/questions/<int:number>")
@may("keep_papers")
def reply(uscc: str, number: int) -> Response | tuple[str, int]:
    """Answer what the bureau asks."""
    form = ReplyForm()
    if form.validate():
        try:
            with deed() as session:
                firm = _firm(uscc, session)
                row = _asked(session, number, firm)
                reply_to_report(session, actor(), seat_for(firm), row, words=form.words.data, now=now(), post=post())
            return told(_("答复已提交"), url_for(".question", uscc=uscc, number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _question_page(uscc, number, form), 422


_WRONG = (
    "企业信息里有填写错误，请先到“企业信息”改正，再提交更新 (the firm's information holds mistakes: mend them first)"
)


def _firm(uscc: str, session: Session | None = None) -> Firm:
    return firm_acted_for(session or db.session(), uscc)


def _asked(session: Session, number: int, firm: Firm) -> Report:
    found = question_visible(session, visible(Report), number, firm.id)
    if found is None:
        raise NotFound(_("没有这条核实"))
    return found


def _offered(form: ChangeForm) -> ChangeForm:
    form.kind.choices = [("", _("请选择")), *((key, in_words(KIND_WORDS[key])) for key in CHANGE_KINDS)]
    return form


def _updates_page(firm: Firm, form: UpdateForm) -> str:
    session, year, zone = db.session(), today().year, now().tzinfo
    rows = updates_of(session, firm.id)
    due_on = due_day(year)
    paper = sheet_of_firm(session, firm).paper
    is_owed = due_on is not None and owes_update(session, firm.id, today())
    if not is_owed:
        form.tell_above()
    return render_template(
        "papers/updates.html",
        here="home.home",
        firm=firm,
        form=form,
        year=year,
        due_on=due_on,
        duty=duty_of(year),
        first_asked=first_asked(),
        is_owed=is_owed,
        days_left=_days_left(due_on),
        filed=next((row for row in rows if row.year == year), None),
        is_in_time=any(row.year == year and was_in_time(row, zone) for row in rows),
        rows=[(row, was_in_time(row, zone)) for row in rows],
        names=names_of(session, [row.filed_by for row in rows]),
        groups=_groups(paper),
        is_whole=paper.is_whole,
        has_figures=bool(paper.firm.years.get(year - 1)),
        questions=questions_of_firm(session, firm.id),
        zone=zone,
    )


def _days_left(due_on: date | None) -> int | None:
    return (due_on - today()).days if due_on else None


def _groups(paper: Paper) -> list[Group]:
    """Return what is filled in, part by part."""
    found = []
    for key, word in PARTS.items():
        rows = [(path_label(item.path), paper.text(item.path)) for item in paper.items(key)]
        found.append(Group(str(word), [(label, value) for label, value in rows if value]))
    return found


def _changes_page(firm: Firm, form: ChangeForm) -> str:
    rows, zone = changes_of_firm(db.session(), firm.id), now().tzinfo
    return render_template(
        "papers/changes.html",
        here="home.home",
        firm=firm,
        form=form,
        rows=[(row, was_late(row, zone)) for row in rows],
        today=today(),
        zone=zone,
    )


def _question_page(uscc: str, number: int, form: ReplyForm) -> str:
    firm = _firm(uscc)
    row = _asked(db.session(), number, firm)
    return render_template(
        "papers/question.html",
        here="home.home",
        firm=firm,
        row=row,
        form=form,
        is_open=row.state == "asked" and row.firm_replied_at is None,
        is_over=row.due_on is not None and row.due_on < today(),
        zone=now().tzinfo,
    )
