"""The page of an application for whoever files it, and taking it back."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.case_states import WITHDRAWN
from registry.store.application_lists import filers_of
from registry.store.case_lists import rounds_of, steps_of
from registry.store.case_reads import publicities_of
from registry.store.cases import Application
from registry.store.evidence import evidence_held
from registry.web import db
from registry.web.application_form import PARTS
from registry.web.application_side import acting_here, can_fill, case_here, filer_here
from registry.web.application_submit import rules_of
from registry.web.application_told import history, progress, reason_of_end, return_words
from registry.web.application_view import criteria_open, filled, version_seen
from registry.web.asking import now, today
from registry.web.case_words import firm_state, post, seats_over
from registry.web.desk import in_words, told
from registry.web.forms import EntryForm, lines
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.apply import withdraw as take_back
from registry.work.apply_outlook import filing_words, stands_against
from registry.work.case_bars import state_of


class WithdrawalForm(EntryForm):
    """Why an application is taken back."""

    reason = lines(N_("撤回原因"))


def case_page(number: int) -> str:
    """Return the task list of a draft or a correction; of any other case its course as the firm is told it."""
    session, found = db.session(), case_here(db.session(), number)
    steps = steps_of(session, found.id)
    seen, title, advice = firm_state(found)
    shown = {
        "here": f"{request.blueprint}.mine",
        "case": found,
        "seen": seen,
        "title": title,
        "advice": advice,
        "history": history(found, steps, filers_of(session, found.id)),
        "zone": now().tzinfo,
        "today": today(),
    }
    if can_fill(found):
        draft = filled(session, found)
        return render_template(
            "applications/tasks.html",
            draft=draft,
            criteria=criteria_open(draft),
            parts=PARTS,
            files=evidence_held(session, found.firm_id)[0],
            opens=in_words(filing_words(session, found, today())),
            return_words=return_words(found, steps),
            lacking=[of_both(one) for one in stands_against(session, actor(), seats_over(found), found, now=now())],
            **shown,
        )
    is_ours = found.filed_role == filer_here()
    return render_template(
        "applications/case.html",
        progress=progress(found) if found.submitted_on and state_of(found) != WITHDRAWN else [],
        reason=reason_of_end(found, steps),
        rounds=rounds_of(session, found.id),
        rules=rules_of(found),
        is_ours=is_ours,
        can_withdraw=is_ours and not state_of(found).is_over,
        lists=[one for one, _objections in publicities_of(session, found.id) if one.first_day <= today()],
        **shown,
    )


def withdrawal_page(number: int) -> str | Response:
    """Return the page that asks; of a case that is over, or was filed by the other side, the case."""
    found = case_here(db.session(), number)
    if state_of(found).is_over or found.filed_role != filer_here():
        return redirect(url_for(".case", number=number), 303)
    return _withdrawal(found, WithdrawalForm())


def withdraw_case(number: int) -> Response | tuple[str, int]:
    """Take an application back; one that was taken back already stays so."""
    form = WithdrawalForm()
    if not form.validate():
        return _withdrawal(case_here(db.session(), number), form), 422
    with acting_here(number) as acting:
        was_draft = acting.case.submitted_on is None
        if state_of(acting.case) != WITHDRAWN:
            take_back(
                acting.session,
                actor(),
                acting.seats,
                acting.case,
                reason=form.reason.data,
                version=version_seen(),
                now=now(),
                post=post(),
            )
    done = _("草稿已放弃") if was_draft else _("申报已撤回，可以重新申报")
    return told(done, url_for(".case", number=number))


def _withdrawal(found: Application, form: WithdrawalForm) -> str:
    return render_template("applications/withdraw.html", here=f"{request.blueprint}.mine", case=found, form=form)
