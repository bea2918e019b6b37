"""Pages of links that work once: a first or new password, the people of the demo city, an invitation; and of asking.

Looking at a link uses nothing up, so that a mail program that looks first does no harm.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain.actors import Standing
from registry.domain.errors import NotFound, Refused
from registry.domain.trail import Tag
from registry.store.people import Person
from registry.store.persons import person_by_email
from registry.store.sign_ins import Factor, Purpose
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, secret, text, wanted
from registry.web.labels import N_
from registry.web.language import current, of_both
from registry.web.language import say as _
from registry.web.security import hash_password, keys, new_password_faults, password_faults
from registry.web.sign_in import begin_here
from registry.web.signed_in import actor, address, enter, profile, settings, visitor
from registry.work.join_firm import accept, invitation_by
from registry.work.open_account import link_owner, make_link, open_account, use_link
from registry.work.secure_account import set_password
from registry.work.sign_in import Door, forgive, locked_until, note_failure
from registry.work.write_letter import reset

blueprint = Blueprint("links", __name__)


def new_passwords() -> tuple[Any, Any]:
    """Return the two boxes of a new password."""
    return secret(N_("新密码"), wanted(N_("请填写新密码"))), secret(
        N_("再填一次新密码"), wanted(N_("请再填一次新密码"))
    )


class PasswordForm(EntryForm):
    """A new password, twice."""

    password, again = new_passwords()

    def check_again(self) -> None:
        """Note that the two differ."""
        if not self.password.errors and self.password.data != self.again.data:
            self.again.errors = [_("两次填写的密码不一样")]

    def blame_password(self, faults: list[str]) -> None:
        """Put what is wrong with the new password by its box."""
        if not self.password.errors:
            self.password.errors = [of_both(fault) for fault in faults]


class ForgotForm(EntryForm):
    """The address of an account."""

    email = text(N_("邮箱"), wanted(N_("请填写邮箱")))


class JoinForm(PasswordForm):
    """Who accepts an invitation without an account."""

    name = text(N_("姓名"), wanted(N_("请填写姓名")))
    password, again = new_passwords()


@blueprint.get("/link/<token>")
@may("sign_in")
def link(token: str) -> str:
    """Say what a link is good for."""
    return _link_page(token, PasswordForm())


@blueprint.post("/link/<token>")
@may("sign_in")
def use(token: str) -> Response | tuple[str, int]:
    """Use a link: sign in as somebody of the demo city, or choose a password and go to the sign-in."""
    found = link_owner(db.session(), token, now())
    if found is None:
        raise _gone()
    if found[0].purpose == Purpose.DEMO:
        with deed() as session:
            _used, person = use_link(session, token, doer=visitor(known=found[1]), now=now())
            begun = begin_here(session, person.id, Factor.LINK)
        enter(begun)
        return redirect(url_for("home.home"), 303)
    form = PasswordForm()
    if form.validate():
        form.check_again()
        form.blame_password(password_faults(db.session(), found[1], form.password.data))
    if form.has_faults:
        return _link_page(token, form), 422
    hashed, doer = hash_password(form.password.data), visitor(known=found[1])
    with deed() as session:
        _used, person = use_link(session, token, doer=doer, now=now())
        set_password(session, person, hashed, doer=doer, now=now())
        # Who reads the owner's mails is the owner: the page that tells of a lock sends him here to get in.
        forgive(session, Door.account(person.email))
    return redirect(url_for("sign_in.sign_in"), 303)


@blueprint.get("/password/forgot")
@may("sign_in")
def forgot() -> str:
    """Ask for the address of the account."""
    return render_template("account/forgot.html", form=ForgotForm(), sent=False)


@blueprint.post("/password/forgot")
@may("sign_in")
def send_link() -> str | tuple[str, int]:
    """Send a link to the address if it has an account; the page says the same if not."""
    form = ForgotForm()
    if not form.validate():
        return render_template("account/forgot.html", form=form, sent=False), 422
    email = str(form.email.data).lower()
    doors = (Door.account(f"reset {email}"), Door.address(f"reset {address()}"))
    doer = visitor(email[:100])
    with deed() as session:
        if locked_until(session, doors, now()) is None:
            # A try is counted whether or not there is such an account: nobody floods a mailbox, nobody learns of one.
            note_failure(session, doors, tag=Tag.PASSWORD_RESET_ASKED, subject="person:", doer=doer, now=now())
            person = person_by_email(session, email)
            if person is not None and person.active:
                token = make_link(session, person, Purpose.RESET, doer=doer, now=now())
                reset(session, keys(), person, token, public_url=settings().public_url, now=now())
    return render_template("account/forgot.html", form=form, sent=True)


@blueprint.get("/invitation/<token>")
@may("sign_in")
def invitation(token: str) -> str:
    """Say who invites to what."""
    return _invitation_page(token, JoinForm())


@blueprint.post("/invitation/<token>")
@may("sign_in")
def join(token: str) -> Response | tuple[str, int]:
    """Accept an invitation: as whoever is signed in, or with a new account of the address it was sent to."""
    found = invitation_by(db.session(), token, now())
    if found is None:
        raise _gone()
    who = actor()
    form = JoinForm()
    if who.standing is Standing.BOUND:
        return redirect(url_for("account.duties"), 303)
    # A password alone is not the person: whoever still owes the second step accepts nothing as him.
    if who.standing is Standing.FULL:
        with deed() as session:
            firm = accept(session, token, session.get_one(Person, who.person_id), doer=who.doer(), now=now())
            uscc = firm.uscc
        return redirect(url_for("bureau.firm", uscc=uscc), 303)
    if person_by_email(db.session(), found[0].email) is not None:
        return redirect(url_for("sign_in.sign_in", next=url_for(".invitation", token=token)), 303)
    if form.validate():
        form.check_again()
        about = (found[1].name,)
        form.blame_password(new_password_faults(found[0].email, form.name.data, form.password.data, about))
    if form.has_faults:
        return _invitation_page(token, form), 422
    email, hashed = found[0].email, hash_password(form.password.data)
    doer = visitor(email)
    try:
        with deed() as session:
            person = open_account(session, email=email, name=form.name.data, doer=doer, now=now(), language=current())
            own = visitor(known=person)
            set_password(session, person, hashed, doer=own, now=now())
            accept(session, token, person, doer=own, now=now())
            begun = begin_here(session, person.id, Factor.PASSWORD)
    except Refused as refused:
        form.blame_for(refused)
        return _invitation_page(token, form), 422
    enter(begun)
    return redirect(url_for("home.home"), 303)


def _link_page(token: str, form: PasswordForm) -> str:
    found = link_owner(db.session(), token, now())
    if found is None:
        raise _gone()
    return render_template("account/link.html", form=form, link=found[0], person=found[1], profile=profile())


def _invitation_page(token: str, form: JoinForm) -> str:
    found = invitation_by(db.session(), token, now())
    if found is None:
        raise _gone()
    known = person_by_email(db.session(), found[0].email) is not None
    return render_template(
        "account/invitation.html", form=form, invitation=found[0], firm=found[1], known=known, profile=profile()
    )


def _gone() -> NotFound:
    return NotFound(of_both("链接已失效或已使用过，请重新获取 (the link was used or ran out: ask for a new one)"))
