"""`registry user …`: the first administrators, and what an operator does when nobody else can."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from registry.config import Settings, load_settings
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.roles import ADMINISTRATORS, SEATED_IN, OfficeKind, Role
from registry.domain.trail import Doer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from registry.store.people import Person

_ROLES = [role.value for role in Role if role is not Role.APPLICANT]
_EMAIL = click.argument("email")


@click.group("user")
def user_group() -> None:
    """开立首批管理员账户，停用、启用账户 · Accounts of the first administrators; disable and enable.

    No password is ever given here: each command that opens a way in prints a link that works once.
    """


@user_group.command("create")
@_EMAIL
@click.option("--name", required=True, help="姓名 · The person's name.")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="席位 · The seat.")
@click.option("--at", "place", default="city", show_default=True, help="区市代码或部门 · District code or department.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="邮件语言 · Language of mails.")
def create(email: str, name: str, role: str, place: str, language: str) -> None:
    """开立账户并授予席位，打印一次性链接 · Open an account, seat it, print the link to choose a password."""
    from registry.store.sign_ins import Purpose
    from registry.work.open_account import make_link, open_account
    from registry.work.seat import grant, office_at

    doer = Doer.program("user create")
    with _writing() as (session, settings, now):
        person = open_account(session, email=email, name=name, doer=doer, now=now, language=language)
        grant(session, person, Role(role), office=office_at(session, _place(Role(role), place)), doer=doer, now=now)
        token = make_link(session, person, Purpose.WELCOME, doer=doer, now=now)
        address = person.email
    click.echo(f"{address}：已开立 (opened)")
    _tell(settings, token)
    if Role(role) in ADMINISTRATORS:
        click.echo("三员须由三人分别担任 (the three administrators are three persons)", err=True)


@user_group.command("link")
@_EMAIL
def link(email: str) -> None:
    """为忘记密码而收不到邮件的人打印重设链接 · Print a link to choose a new password."""
    from registry.store.sign_ins import Purpose
    from registry.work.open_account import make_link

    with _writing() as (session, settings, now):
        person = _person(session, email)
        if not person.active:
            raise MoveNotAllowed(
                "账户已停用，链接不会有效；请先启用 (it is disabled: no link would work, enable it first)"
            )
        token = make_link(session, person, Purpose.WELCOME, doer=Doer.program("user link"), now=now)
    _tell(settings, token)


@user_group.command("disable")
@_EMAIL
def disable(email: str) -> None:
    """停用账户，立即结束其会话 · Close an account; its sessions end at once."""
    from registry.work.open_account import disable as close

    with _writing() as (session, _settings, now):
        close(session, _person(session, email), doer=Doer.program("user disable"), now=now)
    click.echo(f"{email}：已停用 (disabled)")


@user_group.command("enable")
@_EMAIL
def enable(email: str) -> None:
    """重新启用账户 · Open a closed account again."""
    from registry.work.open_account import enable as reopen

    with _writing() as (session, _settings, now):
        reopen(session, _person(session, email), doer=Doer.program("user enable"), now=now)
    click.echo(f"{email}：已启用 (enabled)")


@user_group.command("list")
def listed() -> None:
    """列出工作人员席位 · List who holds which seat of staff."""
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready
    from registry.store.persons import staff_seats

    engine = open_ready(load_settings().database_url)
    with Session(engine) as session:
        for person, seat, office in staff_seats(session):
            state = "" if person.active else " 已停用 (disabled)"
            click.echo(f"{person.email}\t{person.name}\t{seat.role}\t{office.name}{state}")
    engine.dispose()


@contextmanager
def _writing() -> "Iterator[tuple[Session, Settings, datetime]]":
    from registry.store.engine import open_ready, writing

    settings = load_settings()
    engine = open_ready(settings.database_url)
    with writing(engine) as session:
        yield session, settings, datetime.now(settings.zone)
    engine.dispose()


def _place(role: Role, place: str) -> str:
    if SEATED_IN[role] is OfficeKind.CITY and place != "city":
        raise Refused.at("--at", "这个角色在市级任职 (this role sits at the city bureau)")
    if SEATED_IN[role] is not OfficeKind.CITY and place == "city":
        kinds = "区市代码" if SEATED_IN[role] is OfficeKind.DISTRICT else "机构或部门"
        raise Refused.at("office", f"请用 --at 写明在哪里任职：{kinds} (say where: a code or a department)")
    return place


def _person(session: "Session", email: str) -> "Person":
    from registry.store.persons import person_by_email

    person = person_by_email(session, email.strip().lower())
    if person is None:
        raise NotFound(f"没有邮箱为 {email} 的账户 (no account with this address)")
    return person


def _tell(settings: Settings, token: str) -> None:
    click.echo("请把下面的链接交给本人，三天内有效，只能使用一次 (works once, for three days):")
    click.echo(f"{settings.public_url}/link/{token}")
