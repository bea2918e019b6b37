"""The last pages of an application: check the answers, declare, submit, the confirmation, the paper to print."""

import json
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import ValidationError

from registry.domain.case_states import Action
from registry.domain.contradictions import contradictions
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.firm_text import firm_of
from registry.policy import choose, load
from registry.rules.wording import document_of
from registry.store.case_lists import rounds_of, steps_of
from registry.store.cases import Application, ApplicationRound
from registry.store.evidence import Evidence, evidence_of
from registry.store.firms import Firm
from registry.web import db
from registry.web.access import visible
from registry.web.application_form import PARTS, Paper, answers_of, changes_between, form_of
from registry.web.application_side import acting_here, can_fill, case_here
from registry.web.application_told import progress
from registry.web.application_view import (
    Filled,
    criteria_open,
    day_of,
    doubts_of,
    ensure_marked,
    filled,
    mark_of,
    version_seen,
)
from registry.web.asking import now
from registry.web.case_words import firm_state, options, post, seats_over
from registry.web.forms import EntryForm, text, wanted
from registry.web.labels import N_
from registry.web.language import current, of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.apply import Submission
from registry.work.apply import submit as submit_application
from registry.work.apply_outlook import stands_against
from registry.work.judge_case import judge, round_of, without_claims


def _declared(_form: EntryForm, box: BooleanField) -> None:
    if not box.data:
        raise ValidationError(_("请勾选确认真实性声明"))


class DeclarationForm(EntryForm):
    """The declaration of truth under an application."""

    declared = BooleanField(N_("我已阅读并同意上述声明"), [_declared])
    signed_as = text(N_("签署人姓名"), wanted(N_("请填写签署人姓名")))


def check_page(number: int) -> str | Response:
    """Return the page that shows everything before it is submitted."""
    case = case_here(db.session(), number)
    if not can_fill(case):
        return redirect(url_for(".case", number=number), 303)
    return _check(case, DeclarationForm())


def submit_case(number: int) -> Response | tuple[str, int]:
    """Submit a draft or a correction as it was looked at; sent twice, it lands on the confirmation twice."""
    form, version = DeclarationForm(), version_seen()
    if _was_submitted(number, version):
        return redirect(url_for(".submitted", number=number), 303)
    case = case_here(db.session(), number)
    if can_fill(case) and case.version == version:
        is_whole = filled(db.session(), case).paper.is_whole
        if not is_whole:
            form.above.append(_("还有填写错误，改正后才能提交"))
        if not form.validate() or not is_whole:
            return _check(case, form), 422
    try:
        with acting_here(number) as acting:
            # Whoever waited here while the same form was submitted is told so below.
            if acting.case.version == version:
                ensure_marked(acting.case)
            paper = Paper(acting.case, answers_of(acting.case), day_of(acting.case))
            submit_application(
                acting.session,
                actor(),
                acting.seats,
                acting.case,
                Submission(paper.firm, form.signed_as.data, version),
                now=now(),
                options=options(),
                post=post(),
            )
    except MoveNotAllowed as refused:
        if _was_submitted(number, version):
            return redirect(url_for(".submitted", number=number), 303)
        case = case_here(db.session(), number)
        if not can_fill(case):
            raise
        form.above.append(of_both(str(refused)))
        return _check(case, form), 409
    except Refused as refused:
        form.blame_for(refused)
        return _check(case_here(db.session(), number), form), 422
    return redirect(url_for(".submitted", number=number), 303)


def _was_submitted(number: int, version: int) -> bool:
    """Say whether the case, as the form saw it, was submitted by the same person already."""
    case = case_here(db.session(), number)
    found = [one for one in steps_of(db.session(), case.id) if one.number == version + 1]
    return any(one.action in (Action.SUBMIT, Action.RESUBMIT) and one.person_id == actor().person_id for one in found)


def submitted_page(number: int) -> str | Response:
    """Return the confirmation of a submission."""
    case = case_here(db.session(), number)
    kept = round_of(db.session(), case)
    if kept is None:
        return redirect(url_for(".case", number=number), 303)
    seen, title, advice = firm_state(case)
    return render_template(
        "applications/submitted.html",
        here=f"{request.blueprint}.mine",
        case=case,
        kept=kept,
        seen=seen,
        title=title,
        advice=advice,
        progress=progress(case),
        zone=now().tzinfo,
    )


def print_page(number: int) -> str:
    """Return an application as a paper: the last round that was submitted, or the draft, which is marked as one."""
    session, case = db.session(), case_here(db.session(), number)
    kept = round_of(session, case)
    if kept is not None and not can_fill(case):
        firm, document = firm_of(kept.firm), document_of_round(case, kept)
        files = json.loads(kept.evidence)
    else:
        draft = filled(session, case)
        firm, document = draft.paper.firm, draft.outlook.document
        files = [
            {"name": row.name, "criterion": row.criterion or "", "year": row.year}
            for row in evidence_of(session, visible(Evidence, "see_evidence"), case.firm_id)
        ]
        kept = None
    return render_template(
        "applications/print.html",
        here=f"{request.blueprint}.mine",
        case=case,
        kept=kept,
        facts=firm.facts,
        years=dict(sorted(firm.years.items(), reverse=True)),
        found=document,
        files=files,
        groups={key: word for key, word in PARTS.items() if key != "years"},
        now=now(),
        zone=now().tzinfo,
    )


def document_of_round(case: Application, kept: ApplicationRound) -> dict[str, Any]:
    """Return what the rules of a case say of what was submitted, without what reviewers judged since."""
    firm, incomplete = firm_of(kept.firm), frozenset(json.loads(kept.incomplete))
    judged = judge(case, without_claims(firm), incomplete, options())
    return document_of(
        judged, why=_why(case), warnings=contradictions(firm), lang="en" if current() == "en" else "zh", with_tree=False
    )


def rules_of(case: Application) -> dict[str, str] | None:
    """Return the rules that were fixed for a case; None before it is submitted."""
    if case.rule_set_id is None:
        return None
    rules = load(case.rule_set_id, case.kind, options())
    title = rules.title_en if current() == "en" and rules.title_en else rules.title
    return {"id": rules.id, "document": rules.document, "title": title, "why": _why(case)}


def _why(case: Application) -> str:
    chosen = choose(case.tier, case.kind, day_of(case), options())
    return chosen.why_en if current() == "en" else chosen.why


def _check(case: Application, form: DeclarationForm) -> str:
    session = db.session()
    found = filled(session, case)
    lacking = [of_both(one) for one in stands_against(session, actor(), seats_over(case), case, now=now())]
    return render_template(
        "applications/check.html",
        here=f"{request.blueprint}.mine",
        case=case,
        draft=found,
        criteria=criteria_open(found),
        paper=found.paper,
        parts=PARTS,
        doubts=[_told(fault) for fault in doubts_of(session, found)],
        changes=_changes(found),
        files=evidence_of(session, visible(Evidence, "see_evidence"), case.firm_id),
        firm=session.get_one(Firm, case.firm_id),
        lacking=lacking,
        mark=mark_of(case),
        form=form,
        zone=now().tzinfo,
    )


def _told(fault: Fault) -> tuple[str, str]:
    return fault.path, of_both(fault.message)


def _changes(found: Filled) -> list[tuple[str, str, str]]:
    """Return what a correction changed, before and after."""
    rounds = rounds_of(db.session(), found.case.id)
    if not rounds or not found.changed:
        return []
    before: dict[str, str] = json.loads(rounds[-1].answers)
    return changes_between(form_of(found.case, before, day_of(found.case)), found.paper.form, found.changed)
