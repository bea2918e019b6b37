"""The pages of the parts of an application: one group of facts a page, saved as one goes, faults and all."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.case_states import Phase
from registry.domain.errors import NotFound, Refused
from registry.store.cases import Application
from registry.web import db
from registry.web.application_form import PARTS, YEARS, Paper, answers_of
from registry.web.application_side import acting_here, can_fill, case_here
from registry.web.application_view import Filled, day_of, filled, next_part, version_seen
from registry.web.asking import now
from registry.web.check_form import ROWS
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.apply import save_answers
from registry.work.case_bars import state_of
from registry.work.case_guards import parts_returned
from registry.work.case_steps import ensure_seen

NEXT, TO_LIST = "next", "list"


def part_page(number: int, part: str) -> str | Response:
    """Return the page of a part; of a case that is not to be filled in now, or a part that is closed, the case."""
    _known(part)
    case = case_here(db.session(), number)
    if not can_fill(case):
        return redirect(url_for(".case", number=number), 303)
    found = filled(db.session(), case)
    if part not in found.paper.open_parts():
        return redirect(url_for(".case", number=number), 303)
    return _page(found, part)


def save_part(number: int, part: str) -> Response | tuple[str, int]:
    """Keep what is typed in a part, what is wrong with it as well, and go to the next part or back to the list."""
    _known(part)
    changes: dict[str, str] = {}
    try:
        with acting_here(number) as acting:
            ensure_seen(acting.case, version_seen())
            returned = (
                parts_returned(acting.session, acting.case) if state_of(acting.case).phase is Phase.RETURNED else None
            )
            paper = Paper(acting.case, answers_of(acting.case), day_of(acting.case), returned)
            changes = {name: request.form.get(name, "") for name in paper.names(part)}
            save_answers(acting.session, actor(), acting.seats, acting.case, changes, now=now())
    except Refused as refused:
        case = case_here(db.session(), number)
        found = filled(db.session(), case, {**answers_of(case), **changes})
        found.paper.form.blame(refused.faults)
        return _page(found, part, is_kept=False), 422
    found = filled(db.session(), case_here(db.session(), number))
    if found.paper.faulty(part):
        return _page(found, part, is_kept=True), 422
    flash(_("已保存“%(part)s”", part=PARTS[part]))
    following = next_part(found.paper.open_parts(), part) if request.form.get("then") != TO_LIST else None
    if following:
        return redirect(url_for(".part", number=number, part=following), 303)
    return redirect(url_for(".case", number=number), 303)


def _known(part: str) -> None:
    if part not in PARTS:
        raise NotFound(_("没有这一部分"))


def _page(found: Filled, part: str, is_kept: bool | None = None) -> str:
    order = found.paper.open_parts()
    case: Application = found.case
    return render_template(
        "applications/part.html",
        here=f"{request.blueprint}.mine",
        case=case,
        draft=found,
        paper=found.paper,
        part=part,
        title=PARTS[part],
        is_years=part == YEARS,
        items=found.paper.items(part),
        lines=found.paper.lines() if part == YEARS else [],
        faulty=found.paper.faulty(part),
        loose=found.paper.form.loose,
        is_kept=is_kept,
        place=order.index(part) + 1 if part in order else 1,
        count=len(order),
        following=next_part(order, part),
        parts=PARTS,
        rows=ROWS,
    )
