"""Pages of inquiries: a district asks the departments and sees their answers; a department's officer answers.

A department reads of the firm what it needs to look into it, and its own answer; nothing else of the case.
"""

from collections.abc import Iterable

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound, Refused
from registry.domain.firm_text import firm_of
from registry.domain.procedure import Level
from registry.domain.roles import DEPARTMENT_WORDS, Role
from registry.domain.workdays import deadline
from registry.store.cases import Application
from registry.store.examination_lists import (
    cases_asked_about,
    cases_to_ask_about,
    count_to_ask_about,
    inquiries_about,
    inquiries_counted,
    inquiries_page,
)
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now, today, word_asked
from registry.web.case_words import acting_on, case_found, post
from registry.web.deeds import deed
from registry.web.desk import chosen, in_words, init_blueprint, number_asked, options, page_links, told
from registry.web.forms import EntryForm, choice, lines
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.ask_departments import (
    ANSWER_WORDS,
    answer_clear,
    answer_inquiry,
    ask_about_all,
    department_words,
    inquiry_stage,
    inquiry_states,
)
from registry.work.case_bars import bar_of
from registry.work.case_findings import inquiries_of
from registry.work.case_guards import LONGEST_OPINION
from registry.work.judge_case import round_of
from registry.work.keep_calendar import calendar_of
from registry.work.notify import OFFICE_CASE

blueprint = Blueprint("inquiries", __name__)
init_blueprint(blueprint)
TABS = {"waiting": N_("待答复"), "overdue": N_("逾期"), "answered": N_("已答复")}
# What is shown, and then done, at once.
MOST = 100
_LONGEST_NUMBER = 15


class AnswerForm(EntryForm):
    """What a department answers."""

    answer = choice(N_("答复"), chosen(N_("请选择答复")))
    opinion = lines(N_("意见"), longest=LONGEST_OPINION, render_kw={"rows": 5})

    def offer(self) -> "AnswerForm":
        """Give the list its choices."""
        self.answer.choices = options(ANSWER_WORDS)
        return self


@blueprint.get("/inquiries")
@may("answer_inquiries")
def mine() -> str:
    """List what the own department was asked, a tab and a page at a time."""
    tab = word_asked("tab", tuple(TABS)) or "waiting"
    own, states = _departments(), inquiry_states()
    page = inquiries_page(db.session(), own, tab, states=states, today=today(), after=number_asked("after"))
    return render_template(
        "inquiries/mine.html",
        here="inquiries.mine",
        page=page,
        tab=tab,
        tabs=TABS,
        counts=inquiries_counted(db.session(), own, states=states, today=today()),
        departments={one: in_words(DEPARTMENT_WORDS[one]) for one in own},
        answers=ANSWER_WORDS,
        today=today(),
        most=MOST,
        **page_links(".mine", page.after),
    )


@blueprint.get("/inquiries/<int:number>")
@may("answer_inquiries")
def inquiry(number: int) -> str:
    """Show what a department was asked about a firm, with the form to answer."""
    return _page(case_found(db.session(), number), AnswerForm().offer())


@blueprint.post("/inquiries/<int:number>")
@may("answer_inquiries")
def answer(number: int) -> Response | tuple[str, int]:
    """Answer for the own department."""
    form = AnswerForm().offer()
    if form.validate():
        try:
            with acting_on(number) as at:
                given = {"answer": form.answer.data, "opinion": form.opinion.data}
                answer_inquiry(at.session, actor(), at.seats, at.case, **given, now=now(), post=post())
                name = at.case.firm_name
            said = in_words(ANSWER_WORDS[form.answer.data])
            return told(_("已答复：%(firm)s，%(answer)s", firm=name, answer=said), url_for(".mine"))
        except Refused as refused:
            form.blame_for(refused)
    return _page(case_found(db.session(), number), form), 422


@blueprint.get("/inquiries/answer")
@may("answer_inquiries")
def confirm() -> str:
    """Show for exactly which firms it would be answered that nothing stands against them; does nothing."""
    cases = _waiting() if request.args.get("whole") else _cases(db.session(), numbers_of(request.args.getlist("case")))
    asked = inquiries_about(db.session(), [case.id for case in cases])
    mine = set(_departments())
    open_ones = [
        case
        for case in cases
        if inquiry_stage(case) and any(row.answer is None for one, row in asked[case.id].items() if one in mine)
    ]
    bars = _bars(open_ones, Level.DEPARTMENTS)
    return render_template(
        "inquiries/confirm.html",
        here="inquiries.mine",
        cases=[case for case in open_ones if case.id not in bars],
        barred=[(case, bars[case.id]) for case in open_ones if case.id in bars],
        passed_over=len(cases) - len(open_ones),
        departments=department_words(_departments()),
    )


@blueprint.post("/inquiries/answer")
@may("answer_inquiries")
def answer_all() -> Response:
    """Answer that nothing stands against the firms that were shown; all or none."""
    numbers = numbers_of(request.form.getlist("case"))
    if not numbers:
        raise Refused.at("case", "请至少勾选一家企业 (tick one firm at least)")
    with deed() as session:
        count = answer_clear(session, actor(), acting_seats(), _cases(session, numbers), now=now(), post=post())
    return told(_("已答复 %(count)s 家企业：无异议", count=count), url_for(".mine", tab="answered"))


@blueprint.get("/inquiries/to-ask")
@may("review_cases")
def ask_form() -> str:
    """Show the cases about which the departments are to be asked, all of them or the one that is named."""
    return _ask_page()


@blueprint.post("/inquiries/to-ask")
@may("review_cases")
def ask() -> Response | tuple[str, int]:
    """Ask the departments about the cases that were ticked; all or none."""
    numbers = numbers_of(request.form.getlist("case"))
    if not numbers:
        return _ask_page(_("请至少勾选一家企业")), 422
    with deed() as session:
        count = ask_about_all(session, actor(), acting_seats(), _cases(session, numbers), now=now(), post=post())
    return told(_("已就 %(count)s 家企业向各部门发函", count=count), url_for(".overview"))


@blueprint.get("/inquiries/overview")
@may("review_cases")
def overview() -> str:
    """Show which department has answered what of which case."""
    states = inquiry_states()
    cases, after = cases_asked_about(db.session(), visible(Application), states, after=number_asked("after"))
    asked = inquiries_about(db.session(), [case.id for case in cases])
    named = [one for one in DEPARTMENT_WORDS if any(one in rows for rows in asked.values())]
    return render_template(
        "inquiries/overview.html",
        here="desk_cases.cases",
        cases=cases,
        asked=asked,
        departments=[(one, in_words(DEPARTMENT_WORDS[one])) for one in named],
        unasked=count_to_ask_about(db.session(), visible(Application), states),
        may_ask=any(seat.role is Role.DISTRICT_REVIEWER for seat in acting_seats()),
        answers=ANSWER_WORDS,
        today=today(),
        case_page=OFFICE_CASE.format,
        **page_links(".overview", after),
    )


def numbers_of(texts: Iterable[str], most: int = MOST) -> list[int]:
    """Return the numbers of cases that a form or an address names, each once.

    Raises:
        Refused: one that is none, or more than are done at once.
    """
    found = dict.fromkeys(texts)
    if not all(text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER for text in found):
        raise Refused.at("case", "应为案件编号，即整数 (numbers of cases expected)")
    if len(found) > most:
        raise Refused.at("case", f"一次最多办理 {most} 件，请分几次 (at most {most} at once)")
    return [int(text) for text in found]


def _ask_page(fault: str = "") -> str:
    number, asking = number_asked("number"), visible(Application)
    if number:
        asking = asking & (Application.id == number)
    may_ask = any(seat.role is Role.DISTRICT_REVIEWER for seat in acting_seats())
    states = inquiry_states()
    cases = cases_to_ask_about(db.session(), asking, states, limit=MOST) if may_ask else []
    bars = _bars(cases, Level.DISTRICT)
    stage = next((found for case in cases if (found := inquiry_stage(case))), None)
    return render_template(
        "inquiries/to_ask.html",
        here="desk_cases.cases",
        cases=[case for case in cases if case.id not in bars],
        barred=[(case, bars[case.id]) for case in cases if case.id in bars],
        more=count_to_ask_about(db.session(), asking, states) - len(cases) if may_ask else 0,
        may_ask=may_ask,
        departments=department_words(stage.departments) if stage else ("", ""),
        limit=stage.limit if stage else None,
        end=deadline(today(), stage.limit, calendar_of(db.session())) if stage and stage.limit else None,
        is_one=number is not None,
        fault=fault,
    )


def _cases(session: Session, numbers: Iterable[int]) -> list[Application]:
    return [case_found(session, number) for number in numbers]


def _waiting() -> list[Application]:
    """Return the cases that wait for an answer of the own departments, those due first, as many as are done at once."""
    page = inquiries_page(db.session(), _departments(), "waiting", states=inquiry_states(), today=today(), limit=MOST)
    return list({line.case.id: line.case for line in page.lines}.values())


def _departments() -> list[str]:
    """Return the departments for which whoever asks answers, in the order of the list."""
    held = {seat.department for seat in acting_seats()}
    return [one for one in DEPARTMENT_WORDS if one in held]


def _bars(cases: Iterable[Application], level: Level) -> dict[int, str]:
    """Return why whoever asks may not work on some of the cases, by case."""
    told_of = ((case.id, bar_of(db.session(), actor(), case, level, now())) for case in cases)
    return {number: of_both(why) for number, why in told_of if why}


def _page(case: Application, form: AnswerForm) -> str:
    mine = _departments()
    rows = [row for one, row in inquiries_of(db.session(), case.id).items() if one in mine]
    if not rows:
        raise NotFound(_("没有这份征求意见"))
    row = next((one for one in rows if one.answer is None), rows[0])
    submitted = round_of(db.session(), case)
    return render_template(
        "inquiries/inquiry.html",
        here="inquiries.mine",
        case=case,
        row=row,
        others=[one for one in rows if one is not row],
        industry=firm_of(submitted.firm).facts.get("industry") if submitted else None,
        departments={one: in_words(DEPARTMENT_WORDS[one]) for one in mine},
        answers=ANSWER_WORDS,
        waits=row.answer is None and inquiry_stage(case) is not None,
        against=_bars([case], Level.DEPARTMENTS).get(case.id),
        today=today(),
        form=form,
    )
