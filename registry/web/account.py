"""Pages of one's own account: what must be settled, password, contacts, second factors, recovery codes, sessions."""

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound, Refused
from registry.domain.roles import STAFF
from registry.domain.trail import Tag
from registry.store.people import Person
from registry.store.persons import passkeys_of, recovery_codes_left, sign_ins_of
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, secret, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.links import PasswordForm, new_passwords
from registry.web.redirects import safe_next
from registry.web.security import codes, hash_password, is_password, keys, password_faults
from registry.web.signed_in import actor, is_fresh, person, profile, prove
from registry.work.secure_account import (
    confidential,
    enrol_codes,
    keep_recovery_codes,
    masked,
    remove_factor,
    reveal,
    set_contact,
    set_password,
)
from registry.work.sign_in import Door, end, end_all, locked_until, note_failure

blueprint = Blueprint("account", __name__)
_FIELDS = ("phone", "id_number")
# What changes how one signs in.
_SENSITIVE = frozenset(f"account.{name}" for name in ("factors", "enrol", "remove", "recovery"))
# The secret of an authenticator that is being enrolled: encrypted, in the cookie, until its first code is right.
_NEW_SECRET = "new_secret"  # noqa: S105 - the name of a place


class ChangeForm(PasswordForm):
    """The present password and a new one, twice."""

    present = secret(N_("现在的密码"), wanted(N_("请填写现在的密码")))
    password, again = new_passwords()


class ConfirmForm(EntryForm):
    """The present password."""

    present = secret(N_("现在的密码"), wanted(N_("请填写现在的密码")))


class ContactForm(EntryForm):
    """Confidential fields; a blank one stays as it is."""

    phone = text(N_("手机号码"))
    id_number = text(N_("身份证号码"))


class CodeForm(EntryForm):
    """The first code of a new authenticator."""

    code = text(N_("6 位验证码"), wanted(N_("请填写应用上显示的 6 位验证码")))


@blueprint.get("/account")
@may("own_account")
def overview() -> str:
    """Show the account."""
    return _overview(ContactForm())


@blueprint.post("/account/contacts")
@may("own_account")
def contacts() -> Response | tuple[str, int]:
    """Set confidential fields."""
    form, who = ContactForm(), actor()
    if form.validate():
        try:
            with deed() as writing:
                row = writing.get_one(Person, who.person_id)
                for field in _FIELDS:
                    if form[field].data:
                        set_contact(writing, keys(), row, field, form[field].data, doer=who.doer(), now=now())
        except Refused as refused:
            form.blame_for(refused)
    return (_overview(form), 422) if form.has_faults else redirect(url_for(".overview"), 303)


@blueprint.post("/account/reveal/<field>")
@may("own_account")
def show(field: str) -> str:
    """Show one of the own confidential fields in full; that it was shown is traced."""
    who = actor()
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        value = reveal(writing, keys(), row, field, why="本人查看", doer=who.doer(), now=now())
    return _overview(ContactForm(), {field: value or ""})


@blueprint.get("/account/duties")
@may("settle")
def duties() -> str | Response:
    """Say what must be settled before anything else is open."""
    if not actor().duties:
        return redirect(url_for("home.home"), 303)
    return render_template("account/duties.html", here="account.overview", duties=actor().duties)


@blueprint.get("/account/password")
@may("settle")
def password() -> str:
    """Ask for a new password."""
    return _password(ChangeForm())


@blueprint.post("/account/password")
@may("settle")
def change_password() -> Response | tuple[str, int]:
    """Set a new password; other sessions end."""
    form, who = ChangeForm(), actor()
    if form.validate():
        form.check_again()
        if not _proves(form.present.data):
            form.present.errors = [_("密码不对，或尝试次数过多")]
        else:
            form.blame_password(password_faults(db.session(), person(), form.password.data))
    if form.has_faults:
        return _password(form), 422
    hashed = hash_password(form.password.data)
    with deed() as writing:
        own = writing.get_one(Person, who.person_id)
        set_password(writing, own, hashed, doer=who.doer(), now=now(), but=who.sign_in_id)
    return redirect(url_for(".duties"), 303)


@blueprint.get("/account/confirm")
@may("settle")
def confirm() -> str:
    """Ask for the password again before what one signs in with is changed."""
    return render_template("account/confirm.html", here="account.overview", form=ConfirmForm())


@blueprint.post("/account/confirm")
@may("settle")
def confirmed() -> Response | tuple[str, int]:
    """Take the password again; a wrong one counts as a failed sign-in."""
    form = ConfirmForm()
    if form.validate():
        if _proves(form.present.data):
            prove()
            return redirect(safe_next(request.args.get("next")), 303)
        form.present.errors = [_("密码不对，或尝试次数过多")]
    return render_template("account/confirm.html", here="account.overview", form=form), 422


@blueprint.before_request
def _prove_first() -> Response | None:
    """Send whoever signed in a while ago to prove again who he is, before a sensitive change.

    People of the demo city have no password to prove it by.
    """
    if request.endpoint not in _SENSITIVE or is_fresh() or person().password is None:
        return None
    return redirect(url_for(".confirm", next=url_for(".factors")), 303)


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
    is_staff = bool(who.roles & STAFF)
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        number = int(stated) if stated else None
        remove_factor(writing, row, passkey_id=number, is_staff=is_staff, doer=who.doer(), now=now())
    return redirect(url_for(".factors"), 303)


@blueprint.post("/account/factors/recovery")
@may("own_account")
def recovery() -> str:
    """Make new recovery codes and show them, this once."""
    who = actor()
    made = codes().generate_recovery_codes(10)
    with deed() as writing:
        row = writing.get_one(Person, who.person_id)
        keep_recovery_codes(writing, row, made, doer=who.doer(), now=now())
    return render_template("account/recovery.html", here="account.overview", codes=made)


@blueprint.post("/account/sessions/end")
@may("own_account")
def end_sessions() -> Response:
    """End one of the own sessions, or all but this one."""
    who = actor()
    stated = request.form.get("session", "")
    with deed() as writing:
        if stated:
            live = sign_ins_of(writing, int(who.person_id or 0), now())
            found = next((one for one in live if str(one.id) == stated), None)
            if found is None:
                raise NotFound(_("没有这次登录，或已结束"))
            end(writing, found, reason="ended_by_owner", doer=who.doer(), now=now())
        else:
            end_all(
                writing,
                int(who.person_id or 0),
                reason="ended_by_owner",
                doer=who.doer(),
                now=now(),
                but=who.sign_in_id,
            )
    return redirect(url_for(".overview"), 303)


def _proves(password: str) -> bool:
    """Say whether this is the password of whoever is signed in; a wrong one counts as a failed sign-in.

    Else whoever finds a session open could guess the password at leisure.
    """
    who, row = actor(), person()
    doors, subject = (Door.account(row.email), Door.address(who.address)), f"person:{row.id}"
    is_right = is_password(password, row.password)
    if is_right and locked_until(db.session(), doors, now()) is None:
        return True
    with deed() as writing:
        note_failure(writing, doors, tag=Tag.SESSION_REFUSED, subject=subject, doer=who.doer(), now=now())
    return False


def _overview(form: ContactForm, shown: dict[str, str] | None = None) -> str:
    row = person()
    known = {field: confidential(keys(), row, field) for field in _FIELDS}
    return render_template(
        "account/overview.html",
        here="account.overview",
        person=row,
        form=form,
        masked={field: masked(field, value) for field, value in known.items()},
        shown=shown or {},
        sessions=sign_ins_of(db.session(), row.id, now()),
        passkeys=passkeys_of(db.session(), row.id),
        codes_left=recovery_codes_left(db.session(), row.id),
        zone=now().tzinfo,
    )


def _password(form: ChangeForm) -> str:
    return render_template("account/password.html", here="account.overview", form=form, profile=profile())


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
