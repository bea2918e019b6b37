"""The addresses at which a district files above-scale papers for a firm; the pages are those of applications."""

from flask import Blueprint
from werkzeug.wrappers import Response

from registry.domain.roles import Role
from registry.store.application_lists import applications_listed
from registry.store.cases import Application
from registry.web import application_case, application_parts, application_start, application_submit, db
from registry.web.access import may, visible
from registry.web.application_side import FOR_FIRMS
from registry.web.applications import MOST_LISTED, listed
from registry.web.desk import init_blueprint

blueprint = Blueprint(FOR_FIRMS, __name__)
init_blueprint(blueprint)


@blueprint.get("/cases/filings")
@may("file_for_firm")
def mine() -> str:
    """List what the district filed for its firms."""
    is_ours = Application.filed_role == Role.DISTRICT_REVIEWER
    rows = applications_listed(db.session(), visible(Application) & is_ours, MOST_LISTED)
    return listed(rows, [], here="filings.mine", is_for_firms=True)


@blueprint.get("/cases/filings/new")
@may("file_for_firm")
def new() -> str:
    """Ask for which firm, and show what may be filed for it."""
    return application_start.new_page([])


@blueprint.post("/cases/filings/new")
@may("file_for_firm")
def begin() -> Response | tuple[str, int]:
    """Begin the papers of a firm, with what the register knows of it."""
    return application_start.begin_case(list)


@blueprint.get("/cases/filings/<int:number>")
@may("file_for_firm")
def case(number: int) -> str:
    """Show the task list of what is being filed; of what was submitted its course."""
    return application_case.case_page(number)


@blueprint.get("/cases/filings/<int:number>/part/<part>")
@may("file_for_firm")
def part(number: int, part: str) -> str | Response:
    """Show one part to be filled in."""
    return application_parts.part_page(number, part)


@blueprint.post("/cases/filings/<int:number>/part/<part>")
@may("file_for_firm")
def save(number: int, part: str) -> Response | tuple[str, int]:
    """Keep what is typed in a part, and go on."""
    return application_parts.save_part(number, part)


@blueprint.get("/cases/filings/<int:number>/check")
@may("file_for_firm")
def check(number: int) -> str | Response:
    """Show all answers together, what the rules say of them, and the declaration."""
    return application_submit.check_page(number)


@blueprint.post("/cases/filings/<int:number>/submit")
@may("file_for_firm")
def submit(number: int) -> Response | tuple[str, int]:
    """Submit the papers; the same form sent twice is submitted once."""
    return application_submit.submit_case(number)


@blueprint.get("/cases/filings/<int:number>/submitted")
@may("file_for_firm")
def submitted(number: int) -> str | Response:
    """Confirm a submission: the reference, and what comes next."""
    return application_submit.submitted_page(number)


@blueprint.get("/cases/filings/<int:number>/print")
@may("file_for_firm")
def printed(number: int) -> str:
    """Show the papers as they were submitted last, or the draft."""
    return application_submit.print_page(number)


@blueprint.get("/cases/filings/<int:number>/withdraw")
@may("file_for_firm")
def withdraw_form(number: int) -> str | Response:
    """Ask whether the papers are really to be taken back."""
    return application_case.withdrawal_page(number)


@blueprint.post("/cases/filings/<int:number>/withdraw")
@may("file_for_firm")
def withdraw(number: int) -> Response | tuple[str, int]:
    """Take the papers back."""
    return application_case.withdraw_case(number)
