"""Pages by which a person comes to act for a firm: register, ask to represent, withdraw the request."""

from typing import TypeVar

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.actors import Standing
from registry.domain.codes import DISTRICTS
from registry.domain.errors import NotFound, Refused
from registry.domain.trail import Doer, Tag
from registry.store.people import Person
from registry.store.sign_ins import Factor
from registry.web import db
from registry.web.access import may
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, choice, text, wanted
from registry.web.labels import N_, district
from registry.web.language import current
from registry.web.language import say as _
from registry.web.links import PasswordForm, new_passwords
from registry.web.security import hash_password, keys, new_password_faults
from registry.web.sign_in import begin_here
from registry.web.signed_in import actor, address, enter, profile, visitor
from registry.work.claim_firm import ask_to_represent, claims_of, own_claim, withdraw
from registry.work.open_account import open_account
from registry.work.secure_account import set_contact, set_password
from registry.work.sign_in import Door, count_try, locked_until, note_failure

blueprint = Blueprint("joining", __name__)
Form = TypeVar("Form", bound="FirmForm")


class FirmForm(EntryForm):
    """Which firm, and as what."""

    uscc = text(N_("统一社会信用代码"), wanted(N_("请填写统一社会信用代码")))
    firm_name = text(N_("企业名称"), wanted(N_("请填写企业名称")))
    # What is not on the list is refused below, in words of ours.
    district = choice(N_("所在区市"), wanted(N_("请选择所在区市")))
    position = text(N_("您在企业的职务"), wanted(N_("请填写职务")))

    def offer_districts(self) -> None:
        """Offer the districts in the reader's language."""
        self.district.choices = [("", _("请选择"))] + [(code, district(code)) for code in DISTRICTS]


class RegisterForm(FirmForm, PasswordForm):
    """A new account, and the firm it is for."""

    email = text(N_("邮箱"), wanted(N_("请填写邮箱")))
    name = text(N_("姓名"), wanted(N_("请填写姓名")))
    phone = text(N_("手机号码"), wanted(N_("请填写手机号码")))
    # Declared again, so that they come last in the summary of faults too.
    password, again = new_passwords()


@blueprint.get("/register")
@may("sign_in")
def form() -> str | Response:
    """Show the form of registration; whoever is signed in asks without a new account."""
    if actor().standing is Standing.FULL:
        return redirect(url_for(".ask"), 303)
    return _register_page(_blank(RegisterForm()))


@blueprint.post("/register")
@may("sign_in")
def register() -> Response | tuple[str, int]:
    """Open an account and ask to represent the firm, or neither."""
    filled = _blank(RegisterForm())
    if filled.validate():
        filled.check_again()
        about = (filled.firm_name.data,)
        filled.blame_password(new_password_faults(filled.email.data, filled.name.data, filled.password.data, about))
    door = Door.registration(address())
    until = locked_until(db.session(), (door,), now())
    if until is not None:
        filled.above.append(_("从您所在的网络注册的次数过多，请稍后再试"))
    if filled.has_faults:
        return _register_page(filled), 422
    hashed = hash_password(filled.password.data)
    doer = visitor(filled.email.data)
    try:
        with deed() as session:
            person = open_account(
                session, email=filled.email.data, name=filled.name.data, doer=doer, now=now(), language=current()
            )
            own = visitor(known=person)
            set_password(session, person, hashed, doer=own, now=now())
            set_contact(session, keys(), person, "phone", filled.phone.data, doer=own, now=now())
            _ask(session, person, filled, own)
            begun = begin_here(session, person.id, Factor.PASSWORD)
            # What succeeds counts as well: nobody floods a district with requests.
            count_try(session, (door,), now())
    except Refused as refused:
        filled.blame_for(refused)
        with deed() as session:
            note_failure(session, (door,), tag=Tag.SESSION_REFUSED, subject="person:", doer=doer, now=now())
        return _register_page(filled), 422
    enter(begun)
    return redirect(url_for("home.home"), 303)


@blueprint.get("/represent")
@may("represent")
def ask() -> str:
    """Show what was asked before, and the form for another firm."""
    return _ask_page(_blank(FirmForm()))


@blueprint.post("/represent")
@may("represent")
def asked() -> Response | tuple[str, int]:
    """Ask to represent a firm."""
    filled, who = _blank(FirmForm()), actor()
    if filled.validate():
        try:
            with deed() as session:
                _ask(session, session.get_one(Person, who.person_id), filled, who.doer())
            return redirect(url_for("home.home"), 303)
        except Refused as refused:
            filled.blame_for(refused)
    return _ask_page(filled), 422


@blueprint.post("/represent/<int:claim_id>/withdraw")
@may("represent")
def take_back(claim_id: int) -> Response:
    """Take back an own request that nobody decided yet."""
    who = actor()
    with deed() as session:
        found = own_claim(session, int(who.person_id or 0), claim_id)
        if found is None:
            raise NotFound(_("没有这份申请"))
        withdraw(session, found, doer=who.doer(), now=now())
    return redirect(url_for("home.home"), 303)


def _blank(filled: Form) -> Form:
    filled.offer_districts()
    return filled


def _ask(session: Session, person: Person, filled: FirmForm, doer: Doer) -> None:
    ask_to_represent(
        session,
        person,
        # Copied from a licence it often has blanks between its groups.
        uscc="".join(filled.uscc.data.split()),
        firm_name=filled.firm_name.data,
        district=filled.district.data,
        position=filled.position.data,
        doer=doer,
        now=now(),
    )


def _register_page(filled: FirmForm) -> str:
    return render_template("account/register.html", form=filled, profile=profile(), here="joining.form")


def _ask_page(filled: FirmForm) -> str:
    claims = claims_of(db.session(), int(actor().person_id or 0))
    return render_template("account/represent.html", form=filled, claims=claims, here="home.home", zone=now().tzinfo)
