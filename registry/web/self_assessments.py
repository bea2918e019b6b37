"""Pages on which a firm assesses itself at any time by its own information, and keeps what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.codes import KIND_WORDS, LADDER, TIERS
from registry.domain.errors import Fault, Refused
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.firm_text import firm_of
from registry.domain.firms import Firm as StatedFirm
from registry.store.papers import SelfAssessment
from registry.web import db
from registry.web.access import admitted, may
from registry.web.asking import day_asked, day_from, kind_asked, now, tier_asked, today
from registry.web.case_words import options
from registry.web.deeds import deed
from registry.web.labels import path_label, shown
from registry.web.language import current
from registry.web.language import say as _
from registry.web.profile_sheet import Sheet, firm_acted_for, seat_for, sheet_here, sheet_of_firm
from registry.web.signed_in import actor
from registry.work.assess import assess_firm
from registry.work.judge_case import JUDGED
from registry.work.keep_profile import assessments_kept, keep_assessment
from registry.work.next_rungs import fields_by_criterion

blueprint = Blueprint("self_assessments", __name__)
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A self-assessment that was kept, beside what holds today.

    Attributes:
        verdict_now: by today's information and rules; empty where none applies.
        changes: fact, as it was, as it is.
    """

    row: SelfAssessment
    verdict_now: str
    score_now: Mapping[str, Any] | None
    changes: tuple[tuple[str, str, str], ...]


@blueprint.get("/firms/<uscc>/assessment")
@may("see_own_cases")
def assess(uscc: str) -> str:
    """Assess a firm by its own information for a tier, a kind and a day."""
    return _page(sheet_here(uscc, day_asked(today())))


@blueprint.post("/firms/<uscc>/assessment/keep")
@may("keep_papers")
def keep(uscc: str) -> Response:
    """Keep an assessment as it comes out now."""
    tier, kind = request.form.get("tier", ""), request.form.get("kind", "")
    day = day_from(request.form.get("on", ""), "on")
    with deed() as session:
        sheet = sheet_of_firm(session, firm_acted_for(session, uscc), day)
        row = keep_assessment(
            session,
            actor(),
            seat_for(sheet.firm),
            sheet.firm,
            sheet.joined.firm,
            tier=tier,
            kind=kind,
            on=day,
            incomplete=sheet.joined.incomplete,
            options=options(),
            now=now(),
        )
        number = row.id
    flash(_("已保存，编号 %(number)s", number=number))
    return redirect(url_for(".kept", uscc=uscc), 303)


@blueprint.get("/firms/<uscc>/assessments")
@may("see_own_cases")
def kept(uscc: str) -> str:
    """List the self-assessments that were kept, each with what changed since."""
    sheet = sheet_here(uscc)
    rows = assessments_kept(db.session(), sheet.firm.id, _MOST_SHOWN)
    return render_template(
        "profile/kept.html",
        here="home.home",
        firm=sheet.firm,
        rows=list(_beside(rows, sheet)),
        most=_MOST_SHOWN,
        today=today(),
        zone=now().tzinfo,
    )


def _page(sheet: Sheet) -> str:
    tier = tier_asked() or next((one for one in LADDER if one not in sheet.life.held), LADDER[-1])
    kind = kind_asked()
    document: dict[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    asked: Mapping[str, tuple[str, ...]] = {}
    try:
        document = _document(sheet, tier, kind, sheet.day, with_tree=True)
        asked = fields_by_criterion(tier, kind, sheet.day, sheet.joined.firm.facts.get("industry"), options())
        for one in document["criteria"]:
            one["fields"] = asked.get(one["key"], ())
    except Refused as refused:
        faults = refused.faults
    paths = {path for fields in asked.values() for path in fields}
    return render_template(
        "profile/assessment.html",
        here="home.home",
        sheet=sheet,
        firm=sheet.firm,
        tier=tier,
        kind=kind,
        on=sheet.day,
        found=document,
        faults=faults,
        places=_places(sheet, document, paths),
        judged=sorted(path for path in paths if path.removeprefix("facts.") in JUDGED),
        warnings=sheet.warnings_by_place(),
        tiers=TIERS,
        kinds=KIND_WORDS,
        may_keep=admitted("keep_papers"),
        may_apply="applications.new" in current_app.view_functions and admitted("apply"),
    )


def _document(sheet: Sheet, tier: str, kind: str, on: date, with_tree: bool = False) -> dict[str, Any]:
    joined = sheet.joined
    return assess_firm(
        joined.firm,
        tier,
        kind,
        on,
        lang=current(),
        options=options(),
        incomplete=joined.incomplete,
        with_tree=with_tree,
    )


def _places(sheet: Sheet, document: Mapping[str, Any] | None, paths: set[str]) -> dict[str, str]:
    """Return where each fact that an assessment speaks of is filled in."""
    criteria = document["criteria"] if document else []
    return sheet.places(paths | {path for one in criteria for path in one["missing"]})


def _beside(rows: list[SelfAssessment], sheet: Sheet) -> Iterator[Kept]:
    now_by: dict[tuple[str, str], dict[str, Any] | None] = {}
    for row in rows:
        key = (row.tier, row.kind)
        if key not in now_by:
            try:
                now_by[key] = _document(sheet, *key, sheet.day)
            except Refused:
                now_by[key] = None
        document = now_by[key]
        changes = tuple(changes_since(firm_of(row.firm), sheet.joined.firm))
        yield Kept(row, document["verdict"] if document else "", document["score"] if document else None, changes)


def changes_since(then: StatedFirm, now_: StatedFirm) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between two states of a firm: the fact, as it was, as it is; blank is unknown."""
    for key, fact in FIRM_FACTS.items():
        before, after = then.facts.get(key), now_.facts.get(key)
        if before != after:
            yield path_label(f"facts.{key}"), shown(before, fact), shown(after, fact)
    for year in sorted(then.years.keys() | now_.years.keys(), reverse=True):
        for key, fact in YEAR_FACTS.items():
            before, after = then.years.get(year, {}).get(key), now_.years.get(year, {}).get(key)
            if before != after:
                yield path_label(f"years.{year}.{key}"), shown(before, fact), shown(after, fact)
