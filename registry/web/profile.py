"""Pages of a firm's own information: an overview, and one part a page, saved as one goes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.web import db
from registry.web.access import admitted, may
from registry.web.application_form import PARTS, YEARS
from registry.web.application_view import next_part
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.profile_sheet import Sheet, changes_of, firm_acted_for, seat_for, sheet_here, sheet_of_firm
from registry.web.signed_in import actor
from registry.work.keep_profile import save_profile

blueprint = Blueprint("profile", __name__)
_TO_OVERVIEW = "overview"
_LONGEST_VERSION = 9


@blueprint.get("/firms/<uscc>/profile")
@may("see_own_cases")
def overview(uscc: str) -> str:
    """Show what the firm says of itself, part by part: how much is filled in, and what does not fit."""
    sheet = sheet_here(uscc)
    return render_template(
        "profile/overview.html",
        here="home.home",
        sheet=sheet,
        firm=sheet.firm,
        parts=[_line(sheet, part) for part in PARTS],
        warnings=sheet.warnings_by_place(),
        may_keep=admitted("keep_papers"),
        zone=now().tzinfo,
    )


@blueprint.get("/firms/<uscc>/profile/<part>")
@may("see_own_cases")
def part(uscc: str, part: str) -> str:
    """Show one part to be filled in."""
    _known(part)
    return _page(sheet_here(uscc), part)


@blueprint.post("/firms/<uscc>/profile/<part>")
@may("keep_papers")
def save(uscc: str, part: str) -> Response | tuple[str, int]:
    """Keep what is typed in a part, and go on; what is wrong in it is told, and kept as well."""
    _known(part)
    posted = request.form.to_dict()
    try:
        with deed() as session:
            sheet = sheet_of_firm(session, firm_acted_for(session, uscc))
            changes = changes_of(sheet.paper, part, posted, sheet.known)
            changed = save_profile(
                session, actor(), seat_for(sheet.firm), sheet.firm, changes, version=_version_seen(), now=now()
            )
    except (Refused, MoveNotAllowed) as refused:
        return _refused(uscc, part, posted, refused)
    sheet = sheet_here(uscc)
    if sheet.paper.faulty(part):
        return _page(sheet, part, is_kept=True), 422
    told = _("已保存“%(part)s”", part=PARTS[part]) if changed else _("“%(part)s”没有变化", part=PARTS[part])
    flash(told)
    following = next_part(PARTS, part) if request.form.get("then") != _TO_OVERVIEW else None
    if following:
        return redirect(url_for(".part", uscc=uscc, part=following), 303)
    return redirect(url_for(".overview", uscc=uscc), 303)


def _refused(uscc: str, part: str, posted: dict[str, str], refused: Refused | MoveNotAllowed) -> tuple[str, int]:
    """Show a page again that was not saved, with what was typed on it and what stands against it."""
    session = db.session()
    firm = firm_acted_for(session, uscc)
    now_kept = sheet_of_firm(session, firm)
    changes = changes_of(now_kept.paper, part, posted, now_kept.known)
    sheet = sheet_of_firm(session, firm, typed={name: text or "" for name, text in changes.items()})
    if isinstance(refused, Refused):
        sheet.paper.form.blame(refused.faults)
        return _page(sheet, part, is_kept=False), 422
    return _page(sheet, part, is_kept=False, against=of_both(str(refused))), 409


def _known(part: str) -> None:
    if part not in PARTS:
        raise NotFound(_("没有这一部分"))


def _version_seen() -> int:
    """Return the version that the form was made of; one that never was where the form says none."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_VERSION else -1


def _line(sheet: Sheet, part: str) -> dict[str, object]:
    """Return how far a part has come."""
    items = sheet.paper.items(part)
    return {
        "part": part,
        "title": PARTS[part],
        "filled": sum(bool(sheet.paper.text(item.path)) for item in items),
        "count": len(items),
        "blank": [item.path for item in items if not sheet.paper.text(item.path)],
        "known": sum(item.is_known for item in items),
        "faulty": len(sheet.paper.faulty(part)),
        "warnings": len(sheet.warnings_by_place(part)),
    }


def _page(sheet: Sheet, part: str, is_kept: bool | None = None, against: str = "") -> str:
    order = list(PARTS)
    return render_template(
        "profile/part.html",
        here="home.home",
        sheet=sheet,
        firm=sheet.firm,
        paper=sheet.paper,
        part=part,
        title=PARTS[part],
        is_years=part == YEARS,
        items=sheet.paper.items(part),
        on_record=sheet.on_record(part),
        lines=sheet.paper.lines() if part == YEARS else [],
        faulty=sheet.paper.faulty(part),
        loose=sheet.paper.form.loose,
        is_kept=is_kept,
        against=against,
        warnings=sheet.warnings_by_place(part),
        may_keep=admitted("keep_papers"),
        place=order.index(part) + 1,
        count=len(order),
        following=next_part(order, part),
        parts=PARTS,
    )
