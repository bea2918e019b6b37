"""Writes the mails that accounts need, in the reader's language, in the transaction of the deed they tell of."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.store.letters import Letter
from registry.store.people import Person
from registry.store.sign_ins import Purpose
from registry.work.open_account import LIFETIMES
from registry.work.seal import Keys, seal

NAME = ("青岛市优质中小企业梯度培育库", "Qingdao registry of SME cultivation")
_FOOT = (
    "这封邮件由系统自动发送，请勿回复。若不是您本人的操作，请忽略；不要把链接转给他人。",
    "This mail was sent by a program; do not answer. If you did not ask for it, ignore it. Pass the link to nobody.",
)


def write_letter(session: Session, keys: Keys, *, to: str, subject: str, body: str, now: datetime) -> Letter:
    """Write a mail that waits to be sent; its text is sealed until then."""
    letter = Letter(to=to, subject=subject, state="waiting", written_at=now, due_at=now, tries=0, fault="")
    session.add(letter)
    session.flush()
    letter.body_sealed = seal(keys, body, about=f"letter:{letter.id}")
    session.flush()
    return letter


def welcome(session: Session, keys: Keys, person: Person, token: str, *, public_url: str, now: datetime) -> Letter:
    """Tell somebody of his new account, with the link under which he chooses a password."""
    days = LIFETIMES[Purpose.WELCOME].days
    return _tell(
        session,
        keys,
        person,
        ("请设置您的账户密码", "Choose your password"),
        (
            f"{person.name}：\n\n已为您开立账户 {person.email}。"
            f"请在 {days} 天内打开下面的链接设置密码，链接只能使用一次：\n\n{public_url}/link/{token}",
            f"{person.name},\n\nan account was opened for {person.email}. Please choose a password within {days} days; "
            f"the link works once:\n\n{public_url}/link/{token}",
        ),
        now,
    )


def reset(session: Session, keys: Keys, person: Person, token: str, *, public_url: str, now: datetime) -> Letter:
    """Send the link under which a person chooses a new password."""
    minutes = int(LIFETIMES[Purpose.RESET].total_seconds() // 60)
    return _tell(
        session,
        keys,
        person,
        ("重设密码", "Choose a new password"),
        (
            f"{person.name}：\n\n请在 {minutes} 分钟内打开下面的链接重设密码，链接只能使用一次：\n\n"
            f"{public_url}/link/{token}",
            f"{person.name},\n\nplease choose a new password within {minutes} minutes; the link works once:\n\n"
            f"{public_url}/link/{token}",
        ),
        now,
    )


def invitation(
    session: Session, keys: Keys, *, to: str, firm: str, by: str, token: str, public_url: str, days: int, now: datetime
) -> Letter:
    """Ask somebody, in both languages since we do not know him, to join a firm's people."""
    body = (
        f"{by} 邀请您担任 {firm} 的经办人。请在 {days} 天内打开下面的链接接受邀请：\n"
        f"{by} invites you to act for {firm}. Please accept within {days} days:\n\n{public_url}/invitation/{token}"
    )
    foot = "\n".join(_FOOT)
    subject = f"{NAME[0]}：经办人邀请 · An invitation"
    return write_letter(session, keys, to=to, subject=subject, body=f"{body}\n\n{foot}\n", now=now)


def answer(session: Session, keys: Keys, person: Person, *, firm: str, told: str, now: datetime) -> Letter:
    """Tell a person how the district answered his request to represent a firm; an empty reason is a yes."""
    if told:
        words = (
            f"{person.name}：\n\n您代表 {firm} 的申请未予确认。理由：{told}\n\n可以补正后重新申请。",
            f"{person.name},\n\nyour request to act for {firm} was refused: {told}\n\nYou may mend it and ask again.",
        )
    else:
        words = (
            f"{person.name}：\n\n您代表 {firm} 的申请已确认，现在可以登录办理。",
            f"{person.name},\n\nyour request to act for {firm} was confirmed; you may sign in and go on.",
        )
    return _tell(session, keys, person, ("代表企业的申请", "Your request to act for a firm"), words, now)


def _tell(
    session: Session, keys: Keys, person: Person, subject: tuple[str, str], body: tuple[str, str], now: datetime
) -> Letter:
    said = 1 if person.language == "en" else 0
    return write_letter(
        session,
        keys,
        to=person.email,
        subject=f"{NAME[said]} · {subject[said]}",
        body=f"{body[said]}\n\n{_FOOT[said]}\n",
        now=now,
    )
