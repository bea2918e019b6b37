"""Pages of one's own account: what must be settled, password, contacts, sessions."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound, Refused
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
from registry.web.security import hash_password, is_password, keys, password_faults
from registry.web.signed_in import actor, person, profile, prove
from registry.work.secure_account import confidential, masked, reveal, set_contact, set_password
from registry.work.sign_in import Door, end, end_all, locked_until, note_failure

blueprint = Blueprint("account", __name__)
_FIELDS = ("phone", "id_number")


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
