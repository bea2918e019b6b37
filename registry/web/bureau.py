"""Pages for the bureau's staff: the list of firms, a firm, its assessments."""

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain import uscc as codes
from registry.domain.codes import TIERS
from registry.domain.errors import NotFound
from registry.domain.standing import ANY_TITLE
from registry.store.board import standings
from registry.store.firms import Firm
from registry.store.lists import Asked, Listed, firms_listed
from registry.store.queries import FirmsPage
from registry.store.tallies import latest_day
from registry.web import db
from registry.web.access import may, visible
from registry.web.asking import (
    change_asked,
    day_asked,
    keys_asked,
    kind_asked,
    moment_asked,
    step_asked,
    text_asked,
    tier_asked,
    today,
)
from registry.web.kept import kept
from registry.web.language import current, of_both
from registry.web.language import say as _
from registry.work.portray import Portrait, portray

blueprint = Blueprint("bureau", __name__)
_firm_row = kept("firms/row.html", "firm_row")


@blueprint.get("/firms")
@may("see_firms")
def firms() -> str | tuple[str, int]:
    """List the firms that a query finds, or those behind a number of the books, a page at a time."""
    day = day_asked(latest_day(db.session(), today()))
    asked = Asked(
        on=day,
        tier=tier_asked(ANY_TITLE),
        change=change_asked(),
        step=step_asked(),
        since=day_asked(date(day.year, 1, 1), "since"),
        keys=keys_asked(),
        query=text_asked("q"),
        known_at=moment_asked(),
    )
    # A change is one of a tier; which, the reader must say.
    lacks_tier = asked.change is not None and asked.tier is None
    listed = (
        Listed(FirmsPage((), None))
        if lacks_tier
        else firms_listed(db.session(), asked, visible=visible(Firm), after=text_asked("after") or None)
    )
    found = listed.page
    query = {key: value for key, value in request.args.items() if key not in ("after", "lang") and value}
    page = render_template(
        "firms/list.html",
        here="bureau.firms",
        found=found,
        listed=listed,
        held=standings(db.session(), found.firms, day),
        firm_row=_firm_row,
        any_title=ANY_TITLE,
        asked=asked,
        lacks_tier=lacks_tier,
        next_page=f"{url_for('.firms')}?{urlencode({**query, 'after': found.after})}" if found.after else None,
        first_page=f"{url_for('.firms')}?{urlencode(query)}" if text_asked("after") else None,
    )
    return (page, 400) if lacks_tier else page


@blueprint.get("/firms/<uscc>")
@may("see_firms")
def firm(uscc: str) -> str | Response:
    """Show a firm: who it is, where it stands, its figures, what each tier's rules say of it."""
    canonical = codes.canonical(uscc)
    if canonical != uscc and codes.fault_of(canonical) is None:
        return redirect(f"{url_for('.firm', uscc=canonical)}?{urlencode(request.args.to_dict())}", 301)
    return render_template(
        "firms/firm.html",
        here="bureau.firms",
        portrait=_portrait(uscc, TIERS),
    )


@blueprint.get("/firms/<uscc>/assessment/<tier>")
@may("see_firms")
def assessment(uscc: str, tier: str) -> str:
    """Show the whole assessment of a firm for a tier."""
    if tier not in TIERS:
        raise NotFound(_("没有这个梯度：%(tier)s", tier=tier[:40]))
    return render_template(
        "firms/assessment.html", here="bureau.firms", portrait=_portrait(uscc, (tier,), with_tree=True), tier=tier
    )


def _portrait(uscc: str, tiers: tuple[str, ...], with_tree: bool = False) -> Portrait:
    canonical = codes.canonical(uscc)
    wrong = codes.fault_of(canonical)
    if wrong:
        raise NotFound(of_both(wrong))
    day = day_asked(latest_day(db.session(), today()))
    found = portray(
        db.session(),
        canonical,
        kind_asked(),
        day,
        visible=visible(Firm),
        lang=current(),
        options=current_app.config["POLICY_OPTIONS"],
        tiers=tiers,
        with_tree=with_tree,
    )
    if found is None:
        raise NotFound(_("培育库中没有统一社会信用代码为 %(code)s 的企业", code=canonical))
    return found
