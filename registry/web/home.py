"""The first page of whoever signed in: what waits, and where to go on. Of one firm it is that firm's home."""

from datetime import date

from flask import Blueprint, render_template

from registry.domain.case_states import Phase
from registry.domain.roles import Role
from registry.store.application_lists import applications_listed
from registry.store.board import standings
from registry.store.cases import Application
from registry.store.claims import Claim
from registry.store.firms import Firm
from registry.store.waiting import claims_waiting, firms_visible
from registry.web import db
from registry.web.access import admitted, may, visible
from registry.web.asking import now, today
from registry.web.bureau_home import bureau_home
from registry.web.case_words import firm_state
from registry.web.desk import init_blueprint
from registry.web.desk_cases import desk_counts
from registry.web.firm_home import home_of
from registry.web.signed_in import actor
from registry.web.waiting_work import work_waiting
from registry.work.case_bars import state_of
from registry.work.claim_firm import claims_of
from registry.work.firm_tasks import cases_under_way

blueprint = Blueprint("home", __name__)
init_blueprint(blueprint)
_MOST = 200


@blueprint.get("/home")
@may("own_account")
def home() -> str:
    """Show what waits for whoever is signed in, seat by seat."""
    who = actor()
    is_applicant = Role.APPLICANT in who.roles
    # Whoever is only asked about cases has no desk of his own: his lists tell what waits.
    is_asked_only = admitted("see_cases") and set(who.roles) <= {Role.DEPARTMENT_OFFICER, Role.AUDITOR}
    firms = firms_visible(db.session(), visible(Firm, "see_own_cases")) if is_applicant else []
    return render_template(
        "account/home.html",
        here="home.home",
        who=who,
        firms=firms,
        held=standings(db.session(), firms, today()) if len(firms) > 1 else {},  # type: ignore[arg-type]
        count_under_way=cases_under_way(db.session(), {firm.id for firm in firms}) if len(firms) > 1 else {},
        own={number for seat in who.seats if seat.is_own for number in seat.firm_ids},
        claims=claims_of(db.session(), int(who.person_id or 0)) if not who.is_staff else [],
        waiting=claims_waiting(db.session(), visible(Claim, "see_claims")) if admitted("see_claims") else None,
        desk=desk_counts(who) if admitted("see_cases") and not is_asked_only else [],
        work=work_waiting(),
        to_do=_to_do() if len(firms) > 1 else [],
        bureau=bureau_home() if who.is_staff else {},
        zone=now().tzinfo,
        today=today(),
        **({name: value for name, value in home_of(firms[0]).items() if name != "zone"} if len(firms) == 1 else {}),
    )


def _to_do() -> list[tuple[Application, str, str, str]]:
    """Return what waits for whoever acts for several firms, due first: applications that were returned, and drafts."""
    rows = applications_listed(db.session(), visible(Application, "see_own_cases"), _MOST)
    open_ones = [row for row in rows if state_of(row).phase in (Phase.DRAFT, Phase.RETURNED)]
    return [(row, *firm_state(row)) for row in sorted(open_ones, key=lambda row: row.due_on or date.max)]
