"""Pages on which a firm looks after its own people: invitations, seats, delegation to intermediaries."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.actors import Seat
from registry.domain.errors import NotFound, Refused
from registry.store.claims import Invitation
from registry.store.firms import Firm
from registry.store.offices import Delegation, SeatRow
from registry.store.waiting import (
    delegation_visible,
    delegations_of,
    firm_visible,
    intermediaries,
    invitation_visible,
    invitations_of,
    people_of,
    seat_visible,
)
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, choice, day, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import actor, settings
from registry.work.join_firm import (
    INVITATION_DAYS,
    delegate,
    invite,
    leave,
    revoke_delegation,
    revoke_invitation,
)
from registry.work.seat import office_of
from registry.work.write_letter import invitation as write_invitation

blueprint = Blueprint("firm_people", __name__)


class InviteForm(EntryForm):
    """Whom to invite."""

    email = text(N_("对方的邮箱"), wanted(N_("请填写邮箱")))


class DelegateForm(EntryForm):
    """To whom, and until when."""

    office = choice(N_("代办机构"), wanted(N_("请选择代办机构")))
    until = day(N_("委托至（含当日）"))


@blueprint.get("/firms/<uscc>/people")
@may("run_firm")
def people(uscc: str) -> str:
    """Show who acts for the firm."""
    return _page(_own(uscc), InviteForm(), DelegateForm())


@blueprint.post("/firms/<uscc>/people/invite")
@may("run_firm")
def send(uscc: str) -> Response | tuple[str, int]:
    """Invite somebody."""
    form, who = InviteForm(), actor()
    if form.validate():
        try:
            with deed() as session:
                firm = _firm(firm_visible(session, visible(Firm), uscc))
                row, token = invite(session, firm, form.email.data, doer=who.doer(_seat(firm)), now=now())
                write_invitation(
                    session,
                    keys(),
                    to=row.email,
                    firm=firm.name,
                    by=who.name,
                    token=token,
                    public_url=settings().public_url,
                    days=INVITATION_DAYS,
                    now=now(),
                )
            return redirect(url_for(".people", uscc=uscc), 303)
        except Refused as refused:
            form.blame_for(refused)
    return _page(_own(uscc), form, _blank()), 422


@blueprint.post("/firms/invitations/<int:number>/revoke")
@may("run_firm")
def take_back(number: int) -> Response:
    """Take back an invitation."""
    who = actor()
    with deed() as session:
        found = invitation_visible(session, visible(Invitation), number)
        if found is None:
            raise NotFound(_("没有这份邀请"))
        revoke_invitation(session, found, doer=who.doer(next(iter(acting_seats()), None)), now=now())
        uscc = session.get_one(Firm, found.firm_id).uscc
    return redirect(url_for(".people", uscc=uscc), 303)


@blueprint.post("/firms/seats/<int:number>/end")
@may("run_firm")
def end(number: int) -> Response:
    """End somebody's seat, or one's own, at the firm."""
    who = actor()
    with deed() as session:
        found = seat_visible(session, visible(SeatRow), number)
        if found is None or found.firm_id is None:
            raise NotFound(_("没有这位经办人"))
        firm = session.get_one(Firm, found.firm_id)
        uscc, is_own = firm.uscc, found.person_id == who.person_id
        leave(session, found, doer=who.doer(_seat(firm)), now=now())
    return redirect(url_for("home.home") if is_own else url_for(".people", uscc=uscc), 303)


@blueprint.post("/firms/<uscc>/delegations")
@may("run_firm")
def entrust(uscc: str) -> Response | tuple[str, int]:
    """Let an intermediary act for the firm."""
    form, who = DelegateForm(), actor()
    _offer(form)
    if form.validate() and form.until.data is None and not form.until.errors:
        form.until.errors = [_("请填写委托的最后一天")]
    if not form.has_faults:
        try:
            with deed() as session:
                firm = _firm(firm_visible(session, visible(Firm), uscc))
                office = office_of(session, int(form.office.data))
                delegate(session, firm, office, form.until.data, doer=who.doer(_seat(firm)), now=now())
            return redirect(url_for(".people", uscc=uscc), 303)
        except Refused as refused:
            form.blame_for(refused)
    return _page(_own(uscc), InviteForm(), form), 422


@blueprint.post("/firms/delegations/<int:number>/revoke")
@may("run_firm")
def revoke(number: int) -> Response:
    """Take a delegation back."""
    who = actor()
    with deed() as session:
        found = delegation_visible(session, visible(Delegation), number)
        if found is None:
            raise NotFound(_("没有这项委托"))
        row, firm = found
        uscc = firm.uscc
        revoke_delegation(session, row, firm, doer=who.doer(_seat(firm)), now=now())
    return redirect(url_for(".people", uscc=uscc), 303)


def _seat(firm: Firm) -> Seat | None:
    return next((seat for seat in acting_seats() if firm.id in seat.firm_ids), None)


def _own(uscc: str) -> Firm:
    return _firm(firm_visible(db.session(), visible(Firm), uscc))


def _firm(found: Firm | None) -> Firm:
    if found is None:
        raise NotFound(_("没有这家企业"))
    return found


def _blank() -> DelegateForm:
    form = DelegateForm()
    # What was posted belongs to another form of the page.
    form.process(None)
    return form


def _offer(form: DelegateForm) -> None:
    offices = [(str(office.id), office.name) for office in intermediaries(db.session())]
    form.office.choices = [("", _("请选择")), *offices]


def _page(firm: Firm, inviting: InviteForm, delegating: DelegateForm) -> str:
    _offer(delegating)
    if request.method == "GET":
        delegating.until.data = (now() + timedelta(days=180)).date()
    return render_template(
        "claims/people.html",
        here="bureau.firms",
        firm=firm,
        seated=people_of(db.session(), firm.id),
        invitations=invitations_of(db.session(), firm.id),
        delegations=delegations_of(db.session(), firm.id),
        inviting=inviting,
        delegating=delegating,
        now=now(),
        zone=now().tzinfo,
    )
