"""The addresses at which a firm applies: its applications, a new one, its parts, the check, submitting, taking back."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from registry.store.application_lists import applications_listed
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.waiting import firms_visible
from registry.web import application_case, application_parts, application_start, application_submit, db
from registry.web.access import may, visible
from registry.web.asking import now, today
from registry.web.case_words import firm_state
from registry.web.desk import init_blueprint

blueprint = Blueprint("applications", __name__)
init_blueprint(blueprint)
MOST_LISTED = 200


@blueprint.get("/applications")
@may("see_own_cases")
def mine() -> str:
    """List the applications of one's firms, those under way first, each with what to do next."""
    return listed(applications_listed(db.session(), visible(Application), MOST_LISTED), _firms())


@blueprint.get("/applications/new")
@may("apply")
def new() -> str:
    """Show what a firm may apply for, and what stands against it."""
    return application_start.new_page(_firms())


@blueprint.post("/applications/new")
@may("apply")
def begin() -> Response | tuple[str, int]:
    """Begin an application with what is known of the firm; one that is under way is gone on with."""
    return application_start.begin_case(_firms)


@blueprint.get("/applications/<int:number>")
@may("see_own_cases")
def case(number: int) -> str:
    """Show the task list of a draft or a correction; of a submitted case its course."""
    return application_case.case_page(number)


@blueprint.get("/applications/<int:number>/part/<part>")
@may("apply")
def part(number: int, part: str) -> str | Response:
    """Show one part to be filled in."""
    return application_parts.part_page(number, part)


@blueprint.post("/applications/<int:number>/part/<part>")
@may("apply")
def save(number: int, part: str) -> Response | tuple[str, int]:
    """Keep what is typed in a part, and go on; what is wrong in it is told and kept as well."""
    return application_parts.save_part(number, part)


@blueprint.get("/applications/<int:number>/check")
@may("apply")
def check(number: int) -> str | Response:
    """Show all answers together, what the rules say of them, and the declaration."""
    return application_submit.check_page(number)


@blueprint.post("/applications/<int:number>/submit")
@may("apply")
def submit(number: int) -> Response | tuple[str, int]:
    """Submit a draft or a correction; the same form sent twice is submitted once."""
    return application_submit.submit_case(number)


@blueprint.get("/applications/<int:number>/submitted")
@may("see_own_cases")
def submitted(number: int) -> str | Response:
    """Confirm a submission: the reference, and what comes next."""
    return application_submit.submitted_page(number)


@blueprint.get("/applications/<int:number>/print")
@may("see_own_cases")
def printed(number: int) -> str:
    """Show the application as a paper: what was submitted last, or the draft."""
    return application_submit.print_page(number)


@blueprint.get("/applications/<int:number>/withdraw")
@may("apply")
def withdraw_form(number: int) -> str | Response:
    """Ask whether an application is really to be taken back."""
    return application_case.withdrawal_page(number)


@blueprint.post("/applications/<int:number>/withdraw")
@may("apply")
def withdraw(number: int) -> Response | tuple[str, int]:
    """Take an application back."""
    return application_case.withdraw_case(number)


def listed(rows: list[Application], firms: list[Firm], *, here: str = "applications.mine", **more: object) -> str:
    """Return the list of applications, with what whoever files them is told of each."""
    return render_template(
        "applications/list.html",
        here=here,
        open_rows=[(row, *firm_state(row)) for row in rows if row.closed_at is None],
        closed_rows=[(row, *firm_state(row)) for row in rows if row.closed_at is not None],
        firms=firms,
        today=today(),
        is_cut=len(rows) == MOST_LISTED,
        zone=now().tzinfo,
        **more,
    )


def _firms() -> list[Firm]:
    return firms_visible(db.session(), visible(Firm, "apply"), MOST_LISTED)
