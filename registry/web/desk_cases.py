"""The work desk of the reviewers: the cases by tab, narrowed, sorted and taken away; filters saved; cases passed on."""

from io import BytesIO
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from registry.domain.actors import Actor
from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.roles import Role
from registry.store.cases import Application
from registry.store.desk_lists import CasesPage, Reader, Wanted, all_cases, calendar_between, cases_page, tab_counts
from registry.store.people import Person
from registry.web import db
from registry.web.access import acting_seats, admitted, may, visible
from registry.web.asking import now, today
from registry.web.books import TYPES
from registry.web.bulk import bulk_form
from registry.web.case_words import acting_on, case_found, post, seats_over, state_word
from registry.web.deeds import deed, stop_reading
from registry.web.desk import init_blueprint, page_links, told
from registry.web.desk_words import (
    KEYS,
    SORT_WORDS,
    TAB_WORDS,
    VERDICT_WORDS,
    rows,
    sort_asked,
    stages,
    tab_asked,
    wanted,
)
from registry.web.exported import note_export
from registry.web.forms import EntryForm, choice, lines, text
from registry.web.kept import kept
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.assign_case import assign as assign_case
from registry.work.assign_case import people_at_desk, seat_at_desk
from registry.work.keep_views import drop_view as drop
from registry.work.keep_views import save_view as save
from registry.work.keep_views import views_of
from registry.work.lay_out_cases import write_cases
from registry.work.lay_out_counts import Made
from registry.work.remind_case import ensure_remindable
from registry.work.remind_case import remind as remind_case

blueprint = Blueprint("desk_cases", __name__)
init_blueprint(blueprint)
_PAGE = "desk_cases.cases"
_NOBODY = "0"
_case_row = kept("desk_cases/row.html", "case_row")


class ViewForm(EntryForm):
    """Under which name a filter is saved."""

    name = text(N_("筛选名称"))


class AssignForm(EntryForm):
    """Who is to see to a case, and what he is told with it."""

    handler = choice(N_("分派给"))
    note = lines(N_("附言（对方会看到）"))


def reader_of(who: Actor) -> Reader:
    """Return whose desk it is: of whoever asks, by the permission to see cases."""
    return Reader(int(who.person_id or 0), who.seats, visible(Application, "see_cases"), today())


def desk_counts(who: Actor) -> list[tuple[str, str, int]]:
    """Return what the first page says of somebody's desk: tab, words and how many cases."""
    words = {"waiting": _("待办案件"), "overdue": _("逾期案件（含等待企业和其他单位的）"), "mine": _("我承办的案件")}
    counts = tab_counts(db.session(), reader_of(who), Wanted(), tuple(words))
    return [(tab, word, counts[tab]) for tab, word in words.items()]


@blueprint.get("/cases")
@may("see_cases")
def cases() -> str:
    """List the cases of a tab, a page at a time."""
    return _list(ViewForm())


@blueprint.get("/cases/export.xlsx")
@may("see_cases")
def export() -> Response:
    """Hand out every case of a tab that fits as a workbook."""
    tab, asked = tab_asked(), wanted()
    found = list(all_cases(db.session(), reader_of(actor()), tab, asked, sort=sort_asked(tab)))
    out = BytesIO()
    stop_reading()
    write_cases(out, _(TAB_WORDS[tab]), found, _asked_in_words(), Made(now(), actor().name))
    out.seek(0)
    note_export("cases.xlsx", out, rows=len(found))
    return send_file(out, mimetype=TYPES["xlsx"], as_attachment=True, download_name=f"cases-{tab}-{today()}.xlsx")


@blueprint.post("/cases/views")
@may("see_cases")
def save_view() -> Answer | tuple[str, int]:
    """Save what the list asks for, as the address has it, under a name."""
    form, who, query = ViewForm(), actor(), _query()
    if form.validate():
        try:
            with deed() as session:
                view = save(session, who, _PAGE, name=form.name.data, query=query, now=now())
                name = view.name
            return told(_("已保存筛选“%(name)s”", name=name), f"{url_for('.cases')}?{query}")
        except Refused as refused:
            form.blame_for(refused)
    return _list(form), 422


@blueprint.post("/cases/views/<int:number>/drop")
@may("see_cases")
def drop_view(number: int) -> Answer:
    """Delete a filter of one's own."""
    who = actor()
    with deed() as session:
        name = drop(session, who, number, now=now())
    return told(_("已删除筛选“%(name)s”", name=name), url_for(".cases"))


@blueprint.get("/cases/<int:number>/assign")
@may("review_cases")
def handling(number: int) -> str:
    """Show who has a case in hand, who is at work, and to whom it can be passed."""
    return _handling(number, AssignForm())


@blueprint.post("/cases/<int:number>/assign")
@may("review_cases")
def assign(number: int) -> Answer | tuple[str, int]:
    """Assign a case to somebody at its desk, or to nobody."""
    form = AssignForm()
    form.handler.choices = _people(number)
    if form.validate():
        chosen = int(form.handler.data or _NOBODY) or None
        try:
            with acting_on(number) as acting:
                who = actor()
                assign_case(
                    acting.session, who, acting.seats, acting.case, chosen, note=form.note.data, now=now(), post=post()
                )
            return told(_("已分派"), url_for("cases.case", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _handling(number, form), 422


@blueprint.post("/cases/<int:number>/remind")
@may("review_cases")
def remind(number: int) -> Answer:
    """Remind whoever is at work on a case."""
    with acting_on(number) as acting:
        _step, people = remind_case(acting.session, actor(), acting.seats, acting.case, now=now(), post=post())
        names = "、".join(one.name for one in people)
    return told(_("已提醒 %(names)s", names=names), url_for("cases.case", number=number))


def _list(form: ViewForm) -> str:
    tab, asked = tab_asked(), wanted()
    sort, reader, session = sort_asked(tab), reader_of(actor()), db.session()
    counts = tab_counts(session, reader, asked)
    page = cases_page(session, reader, tab, asked, sort=sort, after=_after()) if counts[tab] else CasesPage((), None)
    days = [line.case.due_on for line in page.lines if line.case.due_on is not None]
    calendar = calendar_between(session, today(), max([today(), *days]))
    typed = {key: value for key in KEYS if (value := request.args.get(key, "").strip())}
    narrowed = [(key, value) for key, value in typed.items() if key not in ("tab", "sort")]
    return render_template(
        "desk_cases/list.html",
        here=_PAGE,
        form=form,
        tab=tab,
        tabs=[(key, _(word), counts[key], _at([*narrowed, ("tab", key)])) for key, word in TAB_WORDS.items()],
        sort=sort,
        sorts=SORT_WORDS,
        typed=typed,
        narrowed=bool(narrowed),
        query=_query(),
        rows=rows(page.lines, calendar),
        case_row=_case_row,
        total=counts[tab],
        bulk=bulk_form([line.case for line in page.lines]) if _has_bulk(tab, page) else None,
        views=[(view, _at_query(view.query)) for view in views_of(session, reader.person_id, _PAGE)],
        stages=stages(),
        verdicts=VERDICT_WORDS,
        all_districts=any(seat.role is not Role.DISTRICT_REVIEWER for seat in acting_seats()),
        **page_links(".cases", page.after),
    )


def _has_bulk(tab: str, page: CasesPage) -> bool:
    """Say whether anything can be done with the cases of a page."""
    return bool(page.lines) and tab != "closed" and admitted("review_cases")


def _handling(number: int, form: AssignForm) -> str:
    case = case_found(db.session(), number)
    form.handler.choices = _people(number)
    if form.handler.data is None:
        form.handler.data = str(case.handler_id or _NOBODY)
    seats, why = seats_over(case), ""
    at_work: list[Person] = []
    try:
        _seat, at_work = ensure_remindable(db.session(), actor(), seats, case, now=now())
    except MoveNotAllowed as refused:
        why = of_both(str(refused))
    return render_template(
        "desk_cases/handling.html",
        here=_PAGE,
        form=form,
        case=case,
        state=state_word(case),
        handler=dict(form.handler.choices).get(str(case.handler_id)) if case.handler_id else None,
        at_work=[one.name for one in at_work],
        why_not=why,
        can_assign=seat_at_desk(seats, case) is not None,
    )


def _people(number: int) -> list[tuple[str, str]]:
    """Return to whom a case can be assigned, as choices."""
    people = people_at_desk(db.session(), case_found(db.session(), number))
    own = actor().person_id
    return [
        (_NOBODY, _("不分派给个人（本机构都可办理）")),
        *((str(one.id), _("%(name)s（我）", name=one.name) if one.id == own else one.name) for one in people),
    ]


def _after() -> str | None:
    """Return where the page before ended; what is none of ours is passed over below."""
    return request.args.get("after", "")[:400] or None


def _query() -> str:
    """Return what the list asks for, as an address has it and a filter keeps it."""
    return urlencode([(key, value) for key in KEYS if (value := request.args.get(key, "").strip())])


def _at(asked: list[tuple[str, str]]) -> str:
    return f"{url_for('.cases')}?{urlencode(asked)}"


def _at_query(query: str) -> str:
    return f"{url_for('.cases')}?{query}"


def _asked_in_words() -> list[tuple[str, str]]:
    """Return what the list was narrowed to, for the cover of a workbook."""
    labels = {
        "q": N_("企业、代码或编号"),
        "tier": N_("梯度"),
        "kind": N_("类型"),
        "district": N_("区市"),
        "stage": N_("环节"),
        "verdict": N_("系统核对"),
        "since": N_("提交自"),
        "until": N_("提交至"),
        "due": N_("期限不晚于"),
        "handler": N_("承办人"),
    }
    return [(_(label), value) for key, label in labels.items() if (value := request.args.get(key, "").strip())]
