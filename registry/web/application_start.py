"""Beginning an application: what may be applied for, what stands against it, and the draft with what is known."""

from collections.abc import Callable, Sequence

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain import uscc as codes
from registry.domain.actors import Seat
from registry.domain.codes import TIER_WORDS
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import Role
from registry.store.firms import Firm
from registry.store.records import record_of
from registry.store.waiting import firm_visible
from registry.web import db
from registry.web.access import acting_seats, visible
from registry.web.application_form import answers_of
from registry.web.application_side import filer_here
from registry.web.application_view import brought_up_to_date, known_answers
from registry.web.asking import now, text_asked
from registry.web.case_words import options
from registry.web.deeds import deed
from registry.web.labels import N_
from registry.web.language import current, of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.apply import application_under_way, open_application, save_answers
from registry.work.apply_outlook import chances


def new_page(firms: Sequence[Firm], uscc: str | None = None, faults: Sequence[str] = ()) -> str:
    """Return the page of what a firm may apply for.

    Args:
        firms: to choose from; a district names the firm by its code instead.
        uscc: the firm that was posted; else the one of `?firm=`, or the only one.
    """
    session = db.session()
    code = text_asked("firm") if uscc is None else uscc
    chosen = _firm(session, code) if code else firms[0] if len(firms) == 1 else None
    seats = _seats_over(chosen) if chosen else []
    return render_template(
        "applications/new.html",
        here=f"{request.blueprint}.mine",
        firms=firms,
        firm=chosen,
        chances=chances(session, actor(), seats[0], chosen, now=now(), lang=current(), options=options())
        if chosen and seats
        else [],
        is_for_firms=filer_here() is Role.DISTRICT_REVIEWER,
        faults=faults,
    )


def begin_case(firms_of: Callable[[], Sequence[Firm]]) -> Response | tuple[str, int]:
    """Begin what was chosen; where the same side has one of the tier under way, go on with that.

    Args:
        firms_of: finds the firms to choose from, where the choice is shown again.
    """
    uscc, tier, kind = (request.form.get(name, "") for name in ("firm", "tier", "kind"))
    try:
        with deed() as session:
            firm = _firm(session, uscc)
            under_way = application_under_way(session, firm.id, tier) if tier in TIER_WORDS else None
            if under_way is None:
                number, told = _open_draft(session, _seats_over(firm), firm, tier, kind)
            elif under_way.filed_role == filer_here():
                number, told = under_way.id, N_("这一梯度已有一份申报在办理中，请在此继续")
            else:
                raise MoveNotAllowed(
                    "这一梯度已有他方填报的申报在办理中 (the other side has one of this tier under way)"
                )
    except Refused as refused:
        return new_page(firms_of(), uscc, [of_both(fault.message) for fault in refused.faults]), 422
    flash(_(told))
    return redirect(url_for(".case", number=number), 303)


def _open_draft(session: Session, seats: list[Seat], firm: Firm, tier: str, kind: str) -> tuple[int, str]:
    """Begin an application; where the firm keeps nothing here yet, with what the register knows of it.

    Returns:
        The number of the case, and in a sentence what it begins with.
    """
    case = open_application(session, actor(), seats, firm, tier=tier, kind=kind, now=now())
    known = known_answers(record_of(session, firm))
    if case.answers != "{}":
        changes = brought_up_to_date(answers_of(case), known, now().date())
        save_answers(session, actor(), seats, case, changes, now=now())
        return case.id, N_("已建立草稿，内容来自贵企业上次填报的信息，请逐页核对更新")
    if known:
        save_answers(session, actor(), seats, case, known, now=now())
        return case.id, N_("已建立草稿，部分内容来自培育库，请逐页核对")
    return case.id, N_("已建立草稿，可随时保存，下次接着填")


def _seats_over(firm: Firm) -> list[Seat]:
    """Return the seats in which one files for a firm: those of the firm, or of its district."""
    return [
        seat
        for seat in acting_seats()
        if firm.id in seat.firm_ids or (seat.role is Role.DISTRICT_REVIEWER and seat.district == firm.district)
    ]


def _firm(session: Session, typed: str) -> Firm:
    """Return the firm of a code as it was typed, within reach."""
    code = codes.canonical(typed)
    # What is no code is not asked of the database: it may hold what no text of it can.
    found = None if codes.fault_of(code) else firm_visible(session, visible(Firm), code)
    if found is None:
        raise NotFound(_("没有这家企业"))
    return found
