"""The first page of whoever signed in: what waits, and where to go on."""

from flask import Blueprint, render_template

from registry.domain.roles import Role
from registry.store.claims import Claim
from registry.store.firms import Firm
from registry.store.waiting import claims_waiting, firms_visible
from registry.web import db
from registry.web.access import admitted, may, visible
from registry.web.asking import now
from registry.web.signed_in import actor
from registry.work.claim_firm import claims_of

blueprint = Blueprint("home", __name__)


@blueprint.get("/home")
@may("own_account")
def home() -> str:
    """Show what waits for whoever is signed in, seat by seat."""
    who = actor()
    is_applicant = Role.APPLICANT in who.roles
    return render_template(
        "account/home.html",
        here="home.home",
        who=who,
        firms=firms_visible(db.session(), visible(Firm, "see_firms")) if is_applicant else [],
        own={number for seat in who.seats if seat.is_own for number in seat.firm_ids},
        claims=claims_of(db.session(), int(who.person_id or 0)) if not who.is_staff else [],
        waiting=claims_waiting(db.session(), visible(Claim, "see_claims")) if admitted("see_claims") else None,
        zone=now().tzinfo,
    )
