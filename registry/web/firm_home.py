"""The home of a firm: where it stands, what to do next, what each tier still lacks, its cases, what it was told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from sqlalchemy import select

from registry.store.case_lists import cases_of_firm
from registry.store.cases import Application
from registry.store.firms import Firm
from registry.store.notices import Notice
from registry.web import db
from registry.web.access import admitted, may, visible
from registry.web.asking import now, today
from registry.web.case_words import firm_state, options
from registry.web.desk import in_words
from registry.web.labels import N_, short_tier
from registry.web.language import current
from registry.web.language import say as _
from registry.web.profile_sheet import Sheet, firm_acted_for, sheet_of_firm
from registry.web.signed_in import actor
from registry.work.firm_tasks import Task, tasks_of
from registry.work.next_rungs import Rung, ladder_of, titles_until
from registry.work.notice_words import words_of

blueprint = Blueprint("firm_home", __name__)
_MOST_CASES, _MOST_NOTICES = 6, 5
# Of what a tier lacks the home tells so much; the rest stands on the page of the assessment.
MOST_LACKS, MOST_PATHS = 3, 6
_WHAT = {
    "correct": N_("补正退回的申报：%(tier)s"),
    "draft": N_("继续填写申报：%(tier)s"),
    "report": N_("答复主管部门的核实"),
    "revocation": N_("对拟撤销称号作出说明：%(tier)s"),
    "update": N_("更新 %(number)s 年企业信息"),
    "re_review": N_("申报复核：%(tier)s称号即将到期"),
}
# Where each is done: the page, and which arguments its address takes.
_WHERE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "correct": ("applications.case", ("number",)),
    "draft": ("applications.case", ("number",)),
    "report": ("papers.question", ("uscc", "number")),
    "revocation": ("revocations.own", ("uscc", "number")),
    "update": ("papers.updates", ("uscc",)),
    "re_review": ("applications.new", ("firm", "tier", "kind")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A task in words.

    Attributes:
        address: where it is done; empty where no page does it.
        state: over, soon (within ten days) or later; none where no day is set.
    """

    words: str
    address: str
    due: date | None
    left: int | None
    state: str
    is_provisional: bool


@blueprint.get("/firms/<uscc>/home")
@may("see_own_cases")
def firm(uscc: str) -> str:
    """Show the home of one of the firms that whoever asks acts for."""
    found = firm_acted_for(db.session(), uscc)
    return render_template("firm_home/firm.html", here="home.home", **home_of(found))


def home_of(found: Firm) -> dict[str, Any]:
    """Return what the home of a firm shows."""
    session, on = db.session(), today()
    sheet = sheet_of_firm(session, found, on)
    held = set(sheet.life.held)
    cases = cases_of_firm(session, visible(Application, "see_own_cases"), found.id)
    until = {tier: last for tier, last in titles_until(sheet.record, on).items() if tier in held}
    ladder = ladder_of(sheet.record, sheet.joined, held, on, lang=current(), options=options())
    return {
        "firm": found,
        "sheet": sheet,
        "ladder": ladder,
        "next_tier": next((rung.tier for rung in ladder if not rung.held_until), None),
        "places": _places(sheet, ladder),
        "is_above_scale": "above_scale" in held,
        "tasks": [_line(task, found) for task in tasks_of(session, cases, sheet.life, until, on)],
        "cases": [(case, *firm_state(case)) for case in cases[:_MOST_CASES]],
        "count_cases": len(cases),
        "under_way": {case.tier: case.id for case in cases if case.closed_at is None},
        "notices": _notices(found.id),
        "most_lacks": MOST_LACKS,
        "most_paths": MOST_PATHS,
        "link": link,
        "is_own": any(seat.is_own and found.id in seat.firm_ids for seat in actor().seats),
        "may_apply": admitted("apply"),
        "on": on,
        "zone": now().tzinfo,
    }


def link(endpoint: str, **values: Any) -> str:
    """Return the address of a page, empty where the program has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _places(sheet: Sheet, ladder: tuple[Rung, ...]) -> dict[str, str]:
    paths = {path for rung in ladder for path in (*rung.missing, *(one for lack in rung.failing for one in lack.paths))}
    return sheet.places(paths)


def _line(task: Task, found: Firm) -> Line:
    told = {"tier": short_tier(task.word) if task.word else "", "number": task.number}
    values = {"uscc": found.uscc, "firm": found.uscc, "tier": task.word, "kind": "re_review", "number": task.number}
    endpoint, names = _WHERE[task.what]
    address = link(endpoint, **{name: values[name] for name in names})
    state = "none" if task.left is None else "over" if task.left < 0 else "soon" if task.left <= 10 else "later"
    return Line(_(_WHAT[task.what], **told), address, task.due, task.left, state, task.is_provisional)


def _notices(firm_id: int) -> list[tuple[Notice, str]]:
    """Return the newest notices of whoever asks about a firm, with their words."""
    query = select(Notice).where(Notice.person_id == actor().person_id, Notice.firm_id == firm_id)
    rows = db.session().scalars(query.order_by(Notice.id.desc()).limit(_MOST_NOTICES))
    return [(row, in_words(words_of(row.template, json.loads(row.told)).subject)) for row in rows]
