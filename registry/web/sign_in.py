"""Pages of signing in and out: password, second factor, recovery code. Every account is told of faults alike."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.actors import Standing
from registry.domain.errors import NotFound
from registry.domain.trail import Tag
from registry.store.people import Person
from registry.store.persons import passkeys_of, person_by_email
from registry.store.sign_ins import Factor, SignIn
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, secret, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.redirects import safe_next
from registry.web.security import codes, is_password
from registry.web.signed_in import (
    actor,
    address,
    enter,
    enter_half,
    half_by,
    leave,
    person,
    settings,
    visitor,
    went_idle,
)
from registry.work.secure_account import use_recovery_code
from registry.work.sign_in import Door, begin, end, has_second_factor, locked_until, note_failure, take_step

blueprint = Blueprint("sign_in", __name__)


class SignInForm(EntryForm):
    """An address and a password."""

    email = text(N_("邮箱"), wanted(N_("请填写邮箱")))
    password = secret(N_("密码"), wanted(N_("请填写密码")))


class CodeForm(EntryForm):
    """A code of the authenticator, or a recovery code."""

    code = text(N_("验证码"), wanted(N_("请填写验证码")))


@blueprint.get("/sign-in")
@may("sign_in")
def sign_in() -> str | Response:
    """Show the form; whoever is signed in goes on."""
    if actor().standing >= Standing.BOUND:
        return redirect(safe_next(request.args.get("next")), 303)
    return _page(SignInForm(), idle=went_idle())


@blueprint.post("/sign-in")
@may("sign_in")
def give_password() -> Response | tuple[str, int]:
    """Take an address and a password."""
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    email = str(form.email.data).lower()
    doors = (Door.account(email), Door.address(address()))
    found = person_by_email(db.session(), email)
    until = locked_until(db.session(), doors, now())
    # The hash is worked out whatever was found, before anything is locked for writing.
    is_right = is_password(form.password.data, found.password if found else None)
    if found is None or not found.active or not is_right or until:
        return _refused(form, doors, found, email, until)
    person_id, hashed, handle, token = found.id, found.password, found.fs_uniquifier, ""
    is_half = has_second_factor(db.session(), found)
    with deed() as session:
        # Asked again where nobody else writes: of many guesses at once none gets in behind the lock.
        until = locked_until(session, doors, now())
        is_right = until is None and session.get_one(Person, person_id).password == hashed
        if is_right and is_half:
            end_here(session)
        elif is_right:
            token = begin_here(session, person_id, Factor.PASSWORD)
    if not is_right:
        return _refused(form, doors, found, email, until)
    if is_half:
        return _half(handle, "password")
    enter(token)
    return redirect(safe_next(request.args.get("next")), 303)


@blueprint.get("/sign-in/code")
@may("second_step")
def second_step() -> str:
    """Ask for the second factor."""
    return _second(CodeForm())


@blueprint.post("/sign-in/code")
@may("second_step")
def give_code() -> Response | tuple[str, int]:
    """Take a code of the authenticator, once."""
    form = CodeForm()
    row = person()
    until = locked_until(db.session(), (Door.codes(row.id),), now())
    step = codes().step_of(row.tf_totp_secret, form.code.data or "") if row.tf_totp_secret and not until else None
    return _with_code(form, Factor.TOTP, step)


@blueprint.post("/sign-in/recovery")
@may("second_step")
def give_recovery_code() -> Response | tuple[str, int]:
    """Take a recovery code, once."""
    return _with_code(CodeForm(), Factor.RECOVERY, None)


@blueprint.post("/sign-out")
@may("settle")
def sign_out() -> Response:
    """End this session."""
    who = actor()
    with deed() as session:
        found = session.get(SignIn, who.sign_in_id)
        if found is not None:
            end(session, found, reason="signed_out", doer=who.doer(), now=now())
    leave()
    answer = redirect(url_for("public.front"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _with_code(form: CodeForm, factor: Factor, step: int | None) -> Response | tuple[str, int]:
    if not form.validate():
        return _second(form), 422
    who = actor()
    typed = str(form.code.data)
    doors = (Door.codes(int(who.person_id or 0)), Door.address(address()))
    token, until = "", None
    with deed() as session:
        row = session.get_one(Person, who.person_id)
        until = locked_until(session, doors, now())
        if until is None and (
            use_recovery_code(session, row, typed, doer=who.doer(), now=now())
            if factor is Factor.RECOVERY
            else step is not None and take_step(session, row.id, step)
        ):
            token = begin_here(session, row.id, factor)
        else:
            until = note_failure(
                session, doors, tag=Tag.FACTOR_REFUSED, subject=f"person:{row.id}", doer=who.doer(), now=now()
            )
    if token:
        following = safe_next(request.args.get("next"))
        enter(token)
        return redirect(following, 303)
    form.above.append(
        _locked(until) if until else _("验证码不对或已用过，请等待下一个验证码后重试；每个验证码只能使用一次")
    )
    return _second(form), 422


def begin_here(session: Session, person_id: int, factor: Factor) -> str:
    """Begin a session of a person for the browser that asks; NotFound when the account was closed meanwhile."""
    row = session.get(Person, person_id)
    if row is None or not row.active:
        raise NotFound(_("账户已停用，请联系管理员"))
    agent = request.headers.get("User-Agent", "")
    end_here(session)
    return begin(session, row, factor, doer=visitor(known=row), agent=agent, hours=settings().session_hours, now=now())


def end_here(session: Session) -> None:
    """End the session that the browser has, since another begins: only a copy of its old cookie could still use it."""
    who = actor()
    before = session.get(SignIn, who.sign_in_id) if who.sign_in_id is not None else None
    if before is not None:
        end(session, before, reason="signed_in_anew", doer=who.doer(), now=now())


def _refused(
    form: SignInForm, doors: tuple[Door, Door], found: Person | None, email: str, until: datetime | None
) -> tuple[str, int]:
    """Count the try and tell the same whoever was asked for."""
    subject = f"person:{found.id}" if found else "person:"
    # What is no address may be a password typed into the wrong box, and is not kept.
    doer = visitor(email[:100] if "@" in email else "")
    with deed() as session:
        until = note_failure(session, doors, tag=Tag.SESSION_REFUSED, subject=subject, doer=doer, now=now())
    form.above.append(_locked(until) if until else _("邮箱或密码不对。请核对后重试，或找回密码"))
    return _page(form), 422


def _locked(until: datetime | None) -> str:
    at = until.astimezone(now().tzinfo) if until else now()
    return _("尝试次数过多，请在 %(time)s 之后重试，或找回密码", time=f"{at:%H:%M:%S}")


def _half(handle: str, by: str) -> Response:
    following = request.args.get("next")
    enter_half(handle, by)
    return redirect(url_for("sign_in.second_step", next=following), 303)


def _page(form: SignInForm, idle: bool = False) -> str:
    return render_template("account/sign_in.html", form=form, idle=idle, oidc=bool(settings().oidc_issuer))


def _second(form: CodeForm) -> str:
    row = person()
    return render_template(
        "account/second_step.html",
        form=form,
        has_codes=row.tf_totp_secret is not None,
        has_passkey=bool(passkeys_of(db.session(), row.id)),
        by=half_by(),
    )
