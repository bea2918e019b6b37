"""Pages of accounts and seats: the system administrator opens and closes accounts, the security administrator seats."""

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.conflicts import TIE_WORDS
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import Role
from registry.domain.trail import Tag
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.people_lists import offices_listed, people_page, person_whole, ties_listed
from registry.store.sign_ins import Purpose
from registry.web import db
from registry.web.access import admitted, may
from registry.web.asking import now, text_asked, today, word_asked
from registry.web.deeds import deed
from registry.web.desk import (
    chosen,
    doer_here,
    init_blueprint,
    number_asked,
    office_options,
    page_links,
    role_options,
    told,
)
from registry.web.forms import EntryForm, choice, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import actor, settings
from registry.work.declare_tie import withdraw_tie
from registry.work.open_account import disable, enable, make_link, open_account
from registry.work.seat import end_seat, grant, office_of
from registry.work.secure_account import renew_factors
from registry.work.sign_in import Door, end_all, forgive, locked_until
from registry.work.trace import record
from registry.work.write_letter import reset, welcome

blueprint = Blueprint("people", __name__)
init_blueprint(blueprint)
_ONE = "/people/<int:person_id>"
_STATES = {"enabled": True, "disabled": False}


class AccountForm(EntryForm):
    """A new account."""

    email = text(N_("邮箱"), wanted(N_("请填写邮箱")))
    name = text(N_("姓名"), wanted(N_("请填写姓名")))
    language = choice(N_("邮件语言"), chosen(N_("请选择邮件语言")), default="zh")

    def offer(self) -> "AccountForm":
        """Give the lists their choices."""
        self.language.choices = [("zh", "中文"), ("en", "English")]
        return self


class SeatForm(EntryForm):
    """A role, and the office to sit in."""

    role = choice(N_("角色"), chosen(N_("请选择角色")))
    office = choice(N_("任职机构"), chosen(N_("请选择机构")))

    def offer(self) -> "SeatForm":
        """Give the lists their choices."""
        self.role.choices = role_options()
        self.office.choices = office_options(offices_listed(db.session()))
        return self


@blueprint.get("/people")
@may("see_people")
def people() -> str:
    """List the accounts, the newest first, with the seats they hold."""
    query, role, office_id = text_asked("q"), word_asked("role", tuple(Role)), number_asked("office")
    state = word_asked("state", tuple(_STATES))
    found = people_page(
        db.session(),
        query=query or None,
        role=role,
        office_id=office_id,
        active=_STATES[state] if state else None,
        after=number_asked("after"),
    )
    return render_template(
        "people/list.html",
        here="people.people",
        query=query,
        role=role,
        office_id=office_id,
        state=state,
        found=found,
        roles=role_options()[1:],
        offices=office_options(offices_listed(db.session()))[1:],
        **page_links(".people", found.after),
    )


@blueprint.get("/people/new")
@may("run_accounts")
def new() -> str:
    """Ask for whom an account is to be opened."""
    return _new(AccountForm().offer())


@blueprint.post("/people/new")
@may("run_accounts")
def open_new() -> Response | tuple[str, int]:
    """Open an account and write its owner a link by which he chooses a password."""
    form = AccountForm().offer()
    if form.validate():
        try:
            with deed() as session:
                row = open_account(
                    session,
                    email=form.email.data,
                    name=form.name.data,
                    language=form.language.data,
                    doer=doer_here(),
                    now=now(),
                )
                _welcome(session, row)
                person_id, email = row.id, row.email
        except Refused as refused:
            form.blame_for(refused)
        else:
            return _back(person_id, _("账户已开立，设置密码的邮件已写好，将发往 %(email)s。", email=email))
    return _new(form), 422


@blueprint.get(_ONE)
@may("see_people")
def person(person_id: int) -> str:
    """Show a person: the account, its seats now and before, its sessions."""
    return _person(person_id)


@blueprint.post(f"{_ONE}/disable")
@may("run_accounts")
def disable_account(person_id: int) -> Response:
    """Close an account."""
    with deed() as session:
        disable(session, _row(session, person_id), doer=doer_here(), now=now())
    return _back(person_id, _("账户已停用，登录会话已全部结束。"))


@blueprint.post(f"{_ONE}/enable")
@may("run_accounts")
def enable_account(person_id: int) -> Response:
    """Open a closed account again."""
    with deed() as session:
        enable(session, _row(session, person_id), doer=doer_here(), now=now())
    return _back(person_id, _("账户已启用。"))


@blueprint.post(f"{_ONE}/link")
@may("run_accounts")
def send_link(person_id: int) -> Response:
    """Write a person a new link: to choose a first password, or another one."""
    with deed() as session:
        row = _row(session, person_id)
        if not row.active:
            raise MoveNotAllowed("账户已停用，请先启用 (the account is disabled: enable it first)")
        if row.password is None:
            _welcome(session, row)
        else:
            token = make_link(session, row, Purpose.RESET, doer=doer_here(), now=now())
            reset(session, keys(), row, token, public_url=settings().public_url, now=now())
        email = row.email
    return _back(person_id, _("带有新链接的邮件已写好，将发往 %(email)s；此前的链接已失效。", email=email))


@blueprint.post(f"{_ONE}/seats")
@may("run_seats")
def give_seat(person_id: int) -> Response | tuple[str, int]:
    """Seat a person in a role at an office."""
    form = SeatForm().offer()
    if form.validate():
        try:
            with deed() as session:
                office = office_of(session, int(form.office.data))
                row = _row(session, person_id)
                grant(session, row, Role(form.role.data), office=office, doer=doer_here(), now=now())
        except Refused as refused:
            form.blame_for(refused)
        else:
            return _back(person_id, _("席位已授予。"))
    return _person(person_id, form), 422


@blueprint.post("/seats/<int:seat_id>/end")
@may("run_seats")
def take_seat(seat_id: int) -> Response:
    """End a seat."""
    with deed() as session:
        seat = session.get(SeatRow, seat_id)
        if seat is None:
            raise NotFound("没有这个席位 (no such seat)")
        end_seat(session, seat, doer=doer_here(), now=now())
        person_id = seat.person_id
    return _back(person_id, _("席位已收回。"))


@blueprint.post(f"{_ONE}/sessions/end")
@may("run_seats")
def end_sessions(person_id: int) -> Response:
    """End every live session of a person."""
    with deed() as session:
        count = end_all(
            session, _row(session, person_id).id, reason="ended_by_administrator", doer=doer_here(), now=now()
        )
    return _back(person_id, _("已结束 %(count)s 个登录会话。", count=count))


@blueprint.post(f"{_ONE}/factors/renew")
@may("run_seats")
def renew(person_id: int) -> Response:
    """Take away the second factors that a person lost."""
    with deed() as session:
        renew_factors(session, _row(session, person_id), doer=doer_here(), now=now())
    return _back(person_id, _("第二步验证已重置，本人下次登录时重新登记。"))


@blueprint.post(f"{_ONE}/unlock")
@may("run_seats")
def unlock(person_id: int) -> Response:
    """Let a person try again whose account or codes were tried in vain too often."""
    with deed() as session:
        row = _row(session, person_id)
        for door in _doors(row):
            forgive(session, door)
        said = {"unlocked": True}
        record(session, Tag.PERSON_CHANGED, doer_here(), now=now(), subject=f"person:{person_id}", after=said)
    return _back(person_id, _("登录锁定已解除。"))


@blueprint.post(f"{_ONE}/ties/<int:tie_id>/withdraw")
@may("run_seats")
def take_back_tie(person_id: int, tie_id: int) -> Response:
    """Take back a tie that a person declared by mistake."""
    with deed() as session:
        withdraw_tie(session, person_id, tie_id, doer=doer_here(), now=now())
    return _back(person_id, _("利害关系已撤回。"))


def _row(session: Session, person_id: int) -> Person:
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("没有这个账户 (no such account)")
    return found


def _welcome(session: Session, row: Person) -> None:
    token = make_link(session, row, Purpose.WELCOME, doer=doer_here(), now=now())
    welcome(session, keys(), row, token, public_url=settings().public_url, now=now())


def _doors(row: Person) -> tuple[Door, Door]:
    return (Door.account(row.email), Door.codes(row.id))


def _back(person_id: int, message: str) -> Response:
    return told(message, url_for(".person", person_id=person_id))


def _new(form: AccountForm) -> str:
    return render_template("people/new.html", here="people.people", form=form)


def _person(person_id: int, form: SeatForm | None = None) -> str:
    whole = person_whole(db.session(), person_id, now())
    if whole is None:
        raise NotFound("没有这个账户 (no such account)")
    # Ties tell of families; they are for whoever may act on them.
    runs_seats = admitted("run_seats")
    return render_template(
        "people/person.html",
        here="people.people",
        whole=whole,
        is_self=whole.person.id == actor().person_id,
        locked_until=locked_until(db.session(), _doors(whole.person), now()),
        ties=ties_listed(db.session(), person_id) if runs_seats else (),
        form=(form or SeatForm().offer()) if runs_seats else None,
        tie_words=TIE_WORDS,
        today=today(),
    )
