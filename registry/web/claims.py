"""Pages on which a district confirms or refuses that somebody represents a firm."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain.conflicts import ToDecide
from registry.domain.errors import NotFound, Refused
from registry.store.claims import CLAIM_STATES, Claim
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.store.waiting import ClaimLine, claim_visible, claims_page, decision_on, people_of
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import count_asked, now, word_asked
from registry.web.deeds import deed
from registry.web.forms import EntryForm, lines, wanted
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import actor
from registry.work.claim_firm import confirm as confirm_claim
from registry.work.claim_firm import refuse as refuse_claim
from registry.work.decide import bar_for
from registry.work.secure_account import confidential, masked, reveal
from registry.work.write_letter import answer

blueprint = Blueprint("claims", __name__)
_MOST = 999_999


class RefusalForm(EntryForm):
    """Why a request is refused."""

    reason = lines(N_("拒绝的理由（申请人会看到）"), wanted(N_("请写明理由")))


@blueprint.get("/claims")
@may("see_claims")
def waiting() -> str:
    """List the requests, those that wait unless others are asked for."""
    state = word_asked("state", (*CLAIM_STATES, "all")) or "open"
    page = claims_page(
        db.session(),
        visible(Claim),
        state=None if state == "all" else state,
        after=count_asked("after", _MOST),
    )
    return render_template("claims/list.html", here="claims.waiting", page=page, state=state, zone=now().tzinfo)


@blueprint.get("/claims/<int:claim_id>")
@may("see_claims")
def claim(claim_id: int) -> str:
    """Show a request beside what the register knows of the firm and its people."""
    return _page(_found(claim_id), RefusalForm())


@blueprint.post("/claims/<int:claim_id>/confirm")
@may("decide_claims")
def confirm(claim_id: int) -> Response:
    """Confirm a request."""
    who = actor()
    with deed(f"claim:{claim_id}") as session:
        line = _line(claim_visible(session, visible(Claim), claim_id))
        seats = [seat for seat in acting_seats() if seat.district == line.claim.district]
        confirm_claim(session, who, seats, line.claim, now=now())
        answer(session, keys(), line.person, firm=line.claim.firm_name, told="", now=now())
    return redirect(url_for(".claim", claim_id=claim_id), 303)


@blueprint.post("/claims/<int:claim_id>/refuse")
@may("decide_claims")
def refuse(claim_id: int) -> Response | tuple[str, int]:
    """Refuse a request, with the reason that whoever asked is told."""
    who, form = actor(), RefusalForm()
    if form.validate():
        try:
            with deed(f"claim:{claim_id}") as session:
                line = _line(claim_visible(session, visible(Claim), claim_id))
                seats = [seat for seat in acting_seats() if seat.district == line.claim.district]
                refuse_claim(session, who, seats, line.claim, reason=form.reason.data, now=now())
                answer(session, keys(), line.person, firm=line.claim.firm_name, told=line.claim.told, now=now())
            return redirect(url_for(".claim", claim_id=claim_id), 303)
        except Refused as refused:
            form.blame_for(refused)
    return _page(_found(claim_id), form), 422


@blueprint.post("/claims/<int:claim_id>/reveal")
@may("see_claims")
def show(claim_id: int) -> str:
    """Show the telephone number of whoever asks, to call him back; that it was shown is traced."""
    who = actor()
    with deed() as session:
        line = _line(claim_visible(session, visible(Claim), claim_id))
        person = session.get_one(Person, line.claim.person_id)
        doer = who.doer(next(iter(acting_seats()), None))
        phone = reveal(session, keys(), person, "phone", why=f"claim:{claim_id}", doer=doer, now=now())
    return _page(_found(claim_id), RefusalForm(), phone)


def _found(claim_id: int) -> ClaimLine:
    return _line(claim_visible(db.session(), visible(Claim, "see_claims"), claim_id))


def _line(found: ClaimLine | None) -> ClaimLine:
    if found is None:
        raise NotFound(_("没有这份申请"))
    return found


def _page(line: ClaimLine, form: RefusalForm, phone: str | None = None) -> str:
    firm = firm_by_uscc(db.session(), line.claim.uscc)
    case = ToDecide(("claim", line.claim.id), "district", line.claim.uscc)
    against = bar_for(db.session(), actor(), case, now()) if line.claim.state == "open" else None
    return render_template(
        "claims/claim.html",
        here="claims.waiting",
        claim=line.claim,
        person=line.person,
        firm=firm,
        seated=people_of(db.session(), firm.id) if firm else [],
        decisions=decision_on(db.session(), "claim", line.claim.id),
        against=of_both(against) if against else None,
        phone=phone,
        masked_phone=masked("phone", confidential(keys(), line.person, "phone")),
        form=form,
        zone=now().tzinfo,
    )
