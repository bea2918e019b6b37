"""Pages for everyone: the city's progress, and the self-check."""

from flask import Blueprint, current_app, render_template, request
from werkzeug.datastructures import MultiDict

from registry.domain.errors import Refused
from registry.store.board import board
from registry.store.tallies import latest_day
from registry.web import db
from registry.web.access import may
from registry.web.asking import day_asked, kind_asked, tier_asked, today
from registry.web.check_form import GROUPS, ROWS, CheckForm
from registry.web.language import current
from registry.work.assess import assess_firm

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@may("public")
def front() -> str:
    """Show how far the city has come."""
    day = day_asked(latest_day(db.session(), today()))
    return render_template("public/front.html", here="public.front", board=board(db.session(), day))


@blueprint.get("/check")
@may("public")
def check() -> str:
    """Show the blank form."""
    asked = {"tier": tier_asked() or "innovative", "kind": kind_asked(), "on": day_asked(today()).isoformat()}
    return _check_page(CheckForm(MultiDict(asked), today()))


@blueprint.post("/check")
@may("public")
def judge() -> str | tuple[str, int]:
    """Judge what was typed and show it again beside the verdict; nothing of it is stored."""
    form = CheckForm(request.form, today())
    asked = form.asked()
    found = None
    if asked is not None:
        try:
            options = current_app.config["POLICY_OPTIONS"]
            found = assess_firm(
                asked.firm, asked.tier, asked.kind, asked.on, lang=current(), options=options, with_tree=True
            )
        except Refused as refused:
            form.blame(refused.faults)
    page = _check_page(form, found)
    return page if found else (page, 422)


def _check_page(form: CheckForm, found: dict[str, object] | None = None) -> str:
    return render_template(
        "public/check.html",
        here="public.check",
        form=form,
        found=found,
        groups=GROUPS,
        rows=ROWS,
    )
