"""What the pages of the administrators share: in which seat one acts, pages of lists, words kept in pairs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, Form
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from registry.domain.errors import Refused
from registry.domain.roles import OFFICE_WORDS, ROLE_WORDS, SEATED_IN, OfficeKind, Role
from registry.domain.trail import Doer
from registry.store.offices import OfficeRow
from registry.web.access import acting_seats
from registry.web.asking import now, text_asked
from registry.web.labels import N_
from registry.web.language import current
from registry.web.language import say as _
from registry.web.signed_in import actor

FACTORS = {
    "password": N_("密码"),
    "totp": N_("验证器"),
    "passkey": N_("通行密钥"),
    "recovery": N_("恢复码"),
    "link": N_("一次性链接"),
    "oidc": N_("单点登录"),
}
# No number of a row is longer; a longer one would not fit into the database's own.
_LONGEST_NUMBER = 15


def init_blueprint(blueprint: Blueprint) -> None:
    """Give the templates of a blueprint the words that stand here."""
    words = {
        "in_words": in_words,
        "clock": clock,
        "office_kind": office_kind,
        "factor_word": factor_word,
        "signed": signed,
    }
    blueprint.context_processor(lambda: words)


def doer_here() -> Doer:
    """Return who acts, in the seat by which he may do what is asked."""
    return actor().doer(next(iter(acting_seats()), None))


def in_words(pair: tuple[str, str]) -> str:
    """Return the half of a Chinese and an English word that the reader understands; Chinese where there is no other."""
    return pair[1] or pair[0] if current() == "en" else pair[0]


def factor_word(factor: str) -> str:
    """Return with what somebody signed in."""
    return _(FACTORS[factor])


def signed(signature: str) -> str:
    """Return whose deed a row keeps, as `name role@place` (see `Doer.signature`), with the role in words."""
    name, _space, seat = signature.rpartition(" ")
    role = seat.partition("@")[0]
    if not name or role not in set(Role):
        return signature
    return f"{name} {in_words(ROLE_WORDS[Role(role)])}"


def office_kind(kind: str) -> str:
    """Return what an office is."""
    return in_words(OFFICE_WORDS[OfficeKind(kind)])


def clock(at: datetime, timespec: str = "minutes") -> str:
    """Return a moment as the clock of the office showed it, without the zone."""
    return at.astimezone(now().tzinfo).replace(tzinfo=None).isoformat(sep=" ", timespec=timespec)


def number_asked(name: str) -> int | None:
    """Return the number of a row that is asked for, None when none is.

    Raises:
        Refused: at the name.
    """
    text = text_asked(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise Refused.at(name, "应为编号，即一个整数 (a number expected)")
    return int(text)


def asked_query() -> list[tuple[str, str]]:
    """Return what narrows a list, without its page and the language."""
    return [(name, value) for name, value in request.args.items(multi=True) if name not in ("after", "lang") and value]


def page_links(endpoint: str, after: object) -> dict[str, str | None]:
    """Return the addresses of the first page and of the next one; None where it is this one, or there is none."""
    here, query = url_for(endpoint), asked_query()
    first = f"{here}?{urlencode(query)}" if query else here
    return {
        "first_page": first if request.args.get("after") else None,
        "next_page": f"{here}?{urlencode([*query, ('after', str(after))])}" if after is not None else None,
    }


def told(message: str, address: str) -> Response:
    """Send the reader on, with a line that says what was done."""
    flash(message)
    return redirect(address, 303)


def chosen(message: str) -> Any:
    """Return a validator that asks for one of the choices, in these words."""

    def check(_form: Form, field: Field) -> None:
        if not field.data or field.data not in {str(one.value) for one in field.iter_choices()}:
            raise ValidationError(_(message))

    return check


def options(words: Mapping[Any, tuple[str, str]]) -> list[SelectChoice]:
    """Return choices of a table of words, below one that says to choose."""
    return [_to_choose(), *(SelectChoice(str(key), in_words(pair)) for key, pair in words.items())]


def role_options() -> list[SelectChoice]:
    """Return the roles, each with the kind of office it sits in."""
    return [
        _to_choose(),
        *(
            SelectChoice(role.value, f"{in_words(ROLE_WORDS[role])} · {office_kind(SEATED_IN[role])}")
            for role in (*(one for one in Role if one is not Role.APPLICANT), Role.APPLICANT)
        ),
    ]


def office_options(offices: Iterable[OfficeRow]) -> list[SelectChoice]:
    """Return offices to choose from, those of a kind together."""
    rows = list(offices)
    return [
        _to_choose(),
        *(
            SelectChoice(str(row.id), in_words((row.name, row.name_en)), optgroup=office_kind(kind))
            for kind in OfficeKind
            for row in rows
            if row.kind == kind
        ),
    ]


def _to_choose() -> SelectChoice:
    return SelectChoice("", _("请选择"))
