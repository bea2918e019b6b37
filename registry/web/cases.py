"""The page of a case, on which reviewers work: everything about it in one place, and what can be done with it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from registry.domain.case_states import Action
from registry.domain.casework import allowed
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.facts import FIRM_FACTS
from registry.domain.procedure import LEVEL_WORDS
from registry.domain.roles import DEPARTMENT_WORDS
from registry.web import db
from registry.web.access import admitted, may
from registry.web.asking import now, today, word_asked
from registry.web.case_criteria import part_label
from registry.web.case_history import answer_word, measured, outcome_word, result_word, trade_word
from registry.web.case_moves import (
    is_made_here,
    needs_opinion,
    page_of_audit,
    page_of_filing,
    page_of_inquiry,
    page_of_list,
)
from registry.web.case_page import opened, reduced_page, whole_page
from registry.web.case_words import Acting, acting_on, action_word, options, post
from registry.web.desk import init_blueprint, told
from registry.web.forms import EntryForm, day, lines
from registry.web.labels import N_, fact_label
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import LONGEST_OPINION, Given
from registry.work.case_steps import STALE, ensure_seen
from registry.work.judge_case import LONGEST_REASON, enter_judgement
from registry.work.move_case import make_move
from registry.work.return_case import LONGEST_COMMENT, Part, return_case

blueprint = Blueprint("cases", __name__)
init_blueprint(blueprint)
_WORDS = {
    "part_label": part_label,
    "answer_word": answer_word,
    "result_word": result_word,
    "outcome_word": outcome_word,
    "measured": measured,
    "trade_word": trade_word,
    "department_words": DEPARTMENT_WORDS,
    "level_words": LEVEL_WORDS,
}
blueprint.context_processor(lambda: _WORDS)
_VALUES = {"yes": True, "no": False, "back": None}
_MOST_PARTS = 400


class MoveForm(EntryForm):
    """What is done with a case, and why."""

    action = StringField(N_("如何办理"))
    opinion = lines(N_("意见"), longest=LONGEST_OPINION)


class VisitForm(EntryForm):
    """What was found on site."""

    action = StringField("")
    opinion = lines(N_("核查情况"), longest=LONGEST_OPINION, id="visit-opinion")
    visited_on = day(N_("核查日期"))


class ReturnForm(EntryForm):
    """What the firm is to correct; the parts themselves stand beside the criteria and the facts.

    Attributes:
        places: what is wrong, by where it stands: `why:CRITERION`, `comment:PART`, `summary`, `parts`.
    """

    summary = lines(N_("退回意见（企业会看到）"), longest=LONGEST_OPINION)

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        super().__init__()

    def blame(self, faults: Iterable[Fault]) -> None:
        """Put faults at their places; of several at one place the first is told."""
        for fault in faults:
            self.places.setdefault(fault.path, of_both(fault.message))
        if "summary" in self.places:
            self.summary.errors = [self.places["summary"]]


class JudgeForm(EntryForm):
    """How a reviewer judges a fact."""

    fact = StringField("")
    value = StringField("")
    reason = lines("", longest=LONGEST_OPINION)


@blueprint.get("/cases/<int:number>")
@may("see_cases")
def case(number: int) -> str:
    """Show a case: to reviewers the whole of it, to a department or an auditor his own part."""
    return _page(number)


@blueprint.post("/cases/<int:number>/move")
@may("review_cases")
def move(number: int) -> Response | tuple[str, int]:
    """Make a move of a case that takes an opinion and nothing more."""
    action = request.form.get("action", "")
    is_visit = action == Action.INSPECT
    form: Any = VisitForm() if is_visit else MoveForm()
    if form.validate():
        try:
            with acting_on(number) as acting:
                word = _move(acting, action, form.opinion.data, form.visited_on.data if is_visit else None)
            return told(_("已办理：%(deed)s", deed=word), url_for(".case", number=number))
        except Refused as refused:
            form.blame_for(refused)
        except MoveNotAllowed as refused:
            return _page(number, **{"visit" if is_visit else "form": form}, refusal=of_both(str(refused))), 409
    return _page(number, **{"visit" if is_visit else "form": form}), 422


@blueprint.post("/cases/<int:number>/return")
@may("review_cases")
def send_back(number: int) -> Response | tuple[str, int]:
    """Return a case to the firm: the parts that it is to correct, each with what is wanted."""
    form, (parts, faults) = ReturnForm(), _parts_typed()
    form.validate()
    form.blame([*faults, *(Fault("summary", message) for message in form.summary.errors)])
    if not form.summary.data:
        form.blame([Fault("summary", "请填写退回意见 (say why it is returned)")])
    if not form.places:
        try:
            with acting_on(number) as acting:
                ensure_seen(acting.case, _version())
                return_case(
                    acting.session,
                    actor(),
                    acting.seats,
                    acting.case,
                    parts,
                    opinion=form.summary.data,
                    options=options(),
                    now=now(),
                    post=post(),
                )
            return told(_("已退回企业补正"), url_for(".case", number=number))
        except Refused as refused:
            form.blame_for(refused)
        except MoveNotAllowed as refused:
            return _page(number, back=form, refusal=of_both(str(refused))), 409
    return _page(number, back=form), 422


@blueprint.post("/cases/<int:number>/judge")
@may("review_cases")
def enter(number: int) -> Response | tuple[str, int]:
    """Enter how a reviewer judges a fact of a case, or take that back."""
    form = JudgeForm()
    fact = str(form.fact.data or "")
    if not form.validate():
        form.above.extend(form.reason.errors)
        form.reason.errors = []
    else:
        try:
            if form.value.data not in _VALUES:
                raise Refused.at("value", "请选择是、否或收回 (choose yes, no or take back)")
            with acting_on(number) as acting:
                ensure_seen(acting.case, _version())
                _judge(acting, fact, _VALUES[form.value.data], form.reason.data)
            label = fact_label(FIRM_FACTS[fact]) if fact in FIRM_FACTS else fact
            return told(_("已录入判断：%(fact)s", fact=label), f"{url_for('.case', number=number)}#judge-{fact}")
        except Refused as refused:
            # The boxes stand once for each fact to be judged, so that none of them has the field's own name.
            form.above.extend(of_both(fault.message) for fault in refused.faults)
        except MoveNotAllowed as refused:
            return _page(number, judging=form, refusal=of_both(str(refused))), 409
    return _page(number, judging=form), 422


def _move(acting: Acting, action: str, opinion: str, visited_on: date | None) -> str:
    """Make a move, and return what it is called."""
    case = acting.case
    ensure_seen(case, _version())
    # What an older page offered may be gone; the move itself says what can be done now.
    if not is_made_here(case, action):
        raise MoveNotAllowed("这一事项在专门的页面办理，请按案件页的链接进入 (this is done on a page of its own)")
    faults = []
    if not opinion and needs_opinion(case, action):
        faults.append(Fault("opinion", "请填写意见 (give an opinion)"))
    if visited_on is not None and visited_on > today():
        faults.append(Fault("visited_on", "核查日期不能晚于今天 (the visit cannot lie in the future)"))
    if faults:
        raise Refused(faults)
    word = action_word(case, action)
    details = {"visited_on": visited_on} if visited_on else {}
    given = Given(opinion=opinion, details=details)
    make_move(acting.session, actor(), acting.seats, case, action, given, now=now(), post=post())
    return word


def _judge(acting: Acting, fact: str, value: bool | None, reason: str) -> None:
    case = acting.case
    procedure, state = procedure_of(case), state_of(case)
    seat = next((one for one in acting.seats if allowed(procedure, state, one.role)), None)
    if seat is None:
        raise MoveNotAllowed("本案不在您的办理环节，不能录入判断 (the case is not at your desk)")
    enter_judgement(
        acting.session, actor(), seat, case, fact=fact, value=value, reason=reason, options=options(), now=now()
    )


def _version() -> int | None:
    """Return the version of the case that was looked at.

    Raises:
        MoveNotAllowed: it is none.
    """
    typed = request.form.get("version", "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
        raise MoveNotAllowed(STALE)
    return int(typed)


def _parts_typed() -> tuple[list[Part], list[Fault]]:
    """Return what was chosen to be corrected: fields ticked by a criterion, and fields with words of their own.

    What is ticked without words, or said without a tick, is told besides.
    """
    faults = []
    told = {name: text.strip() for name, text in request.form.items() if text.strip()}
    ticked = [value.partition("|") for value in request.form.getlist("part")][:_MOST_PARTS]
    parts = [Part(part, told.get(f"why:{criterion}", ""), criterion) for criterion, _bar, part in ticked]
    chosen = {criterion for criterion, _bar, _part in ticked}
    for criterion in sorted(chosen):
        if f"why:{criterion}" not in told:
            faults.append(Fault(f"why:{criterion}", "请写明要企业补正什么 (say what the firm is to correct)"))
    for name, text in told.items():
        group, _colon, of = name.partition(":")
        if group == "note":
            parts.append(Part(of, text))
        elif group == "why" and of not in chosen:
            faults.append(Fault(name, "请勾选要企业修改的内容 (tick what the firm is to change)"))
    if not parts and not faults:
        faults.append(Fault("parts", "请至少选择一项要企业补正的内容 (choose at least one thing to be corrected)"))
    return parts, faults


def _page(number: int, refusal: str = "", **forms: Any) -> str:
    """Render the page, with the forms as they were typed where one was refused."""
    session = db.session()
    found = opened(session, number)
    if not found.is_whole:
        pages = {"answer_page": page_of_inquiry(found.case), "report_page": page_of_audit(found.case)}
        return render_template("cases/reduced.html", here="", **reduced_page(session, found), **pages, typed={})
    ticked = set(request.form.getlist("part")) if forms.get("back") else set()
    return render_template(
        "cases/case.html",
        here="",
        **whole_page(session, found, word_asked("only", ("changed",)) == "changed"),
        form=forms.get("form") or _blank(MoveForm()),
        visit=forms.get("visit") or _blank(VisitForm()),
        back=forms.get("back") or _blank(ReturnForm()),
        judging=forms.get("judging"),
        typed=request.form if forms.get("back") else {},
        ticked=ticked,
        ticked_criteria={one.partition("|")[0] for one in ticked},
        refusal=refusal,
        page_of_list=page_of_list,
        filing_page=page_of_filing(found.case) if admitted("file_for_firm") else "",
        longest_comment=LONGEST_COMMENT,
        longest_reason=LONGEST_REASON,
        zone=now().tzinfo,
        today=today(),
    )


def _blank(form: Any) -> Any:
    """Return a form without what another form of the page sent."""
    form.process()
    return form
