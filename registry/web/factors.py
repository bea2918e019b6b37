"""Pages of one's own second factors and recovery codes: whoever opens them proved a moment ago who he is."""

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound
from registry.store.people import Person
from registry.store.persons import passkeys_of, recovery_codes_left
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.security import CODES, codes
from registry.web.signed_in import actor, must_prove, person
from registry.work.secure_account import enrol_codes, keep_recovery_codes, remove_factor

blueprint = Blueprint("factors", __name__)
# The secret of an authenticator that is being enrolled: encrypted, in the cookie, until its first code is right.
_NEW_SECRET = "new_secret"  # noqa: S105 - the name of a place


class CodeForm(EntryForm):
    """The first code of a new authenticator."""

    code = text(N_("6 位验证码"), wanted(N_("请填写应用上显示的 6 位验证码")))


@blueprint.before_request
def _prove_first() -> Response | None:
    """Send whoever signed in a while ago to prove again who he is."""
    return redirect(url_for("account.confirm", next=url_for(".factors")), 303) if must_prove() else None


@blueprint.get("/account/factors")
@may("settle")
def factors() -> str:
    """Show the second factors and how to add one."""
    return _factors(CodeForm())


@blueprint.post("/account/factors/codes")
@may("settle")
def enrol() -> Response | tuple[str, int]:
    """Enrol an authenticator by its first code."""
    form, who = CodeForm(), actor()
    secret_kept = str(session.get(_NEW_SECRET, ""))
    step = codes().step_of(secret_kept, form.code.data or "") if form.validate() and secret_kept else None
    if step is None:
        if not form.has_faults:
            form.code.errors = [_("验证码不对。请确认手机时间准确，填写最新的 6 位数字")]
        return _factors(form), 422
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        enrol_codes(writing, row, secret_kept, step, doer=who.doer(), now=now(), but=who.sign_in_id)
    session.pop(_NEW_SECRET, None)
    return redirect(url_for(".factors"), 303)


@blueprint.post("/account/factors/remove")
@may("own_account")
def remove() -> Response:
    """Remove a passkey, or the authenticator."""
    who = actor()
    stated = request.form.get("passkey", "")
    if stated and not (stated.isascii() and stated.isdigit() and len(stated) < 19):
        raise NotFound(_("没有这个验证方式"))
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        number = int(stated) if stated else None
        remove_factor(writing, row, passkey_id=number, is_staff=who.is_staff, doer=who.doer(), now=now())
    return redirect(url_for(".factors"), 303)


@blueprint.post("/account/factors/recovery")
@may("own_account")
def recovery() -> str:
    """Make new recovery codes and show them, this once."""
    who = actor()
    made = codes().generate_recovery_codes(CODES)
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        keep_recovery_codes(writing, row, made, doer=who.doer(), now=now())
    return render_template("account/recovery.html", here="account.overview", codes=made)


def _factors(form: CodeForm) -> str:
    row = person()
    if _NEW_SECRET not in session:
        session[_NEW_SECRET] = codes().generate_totp_secret()
    kept = session[_NEW_SECRET]
    picture = segno.make(codes().get_totp_uri(row.email, kept), error="m", micro=False)
    return render_template(
        "account/factors.html",
        here="account.overview",
        form=form,
        person=row,
        passkeys=passkeys_of(db.session(), row.id),
        codes_left=recovery_codes_left(db.session(), row.id),
        picture=picture.svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
        key=codes().get_totp_pretty_key(kept),
        zone=now().tzinfo,
    )
