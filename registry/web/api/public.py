"""The API of what everybody may look at: lists that are or were public, and whether a certificate holds."""

from typing import Any

from flask import request

from registry.domain.errors import NotFound
from registry.domain.lookup_codes import canonical
from registry.store.publicities import Publicity
from registry.store.publicity_lists import entries_of, is_running, list_public, lists_public
from registry.store.recognition_lists import certificate_of_code
from registry.store.recognitions import Certificate
from registry.web import db
from registry.web.access import may
from registry.web.api import questions
from registry.web.api.room import blueprint
from registry.web.api.shapes_books import PublicitiesPage, PublicityFirmsPage, PublicityLine, Verification
from registry.web.asking import now, today
from registry.web.deeds import deed
from registry.web.pace import slowly
from registry.web.security import keys
from registry.web.verify import PACE
from registry.work.verify_certificate import Answer, Verified, note_look, verify

_LISTS, _FIRMS = "publicities", "publicity"
# No number of a row is longer than what either database takes.
_NUMBER = {"description": "名单编号 · Number of the list"}
_ONE = "/publicities/<int(min=1,max=999999999):number>"


class PublicitiesQuestion(questions.Question):
    """Which page of the lists."""

    limit = questions.limit()
    cursor = questions.Cursor(_LISTS, **questions.said("从哪里继续 · Where to go on"))


class PublicityFirmsQuestion(questions.Question):
    """Which firms of a list."""

    limit = questions.limit()
    cursor = questions.Cursor(_FIRMS, **questions.said("从哪里继续 · Where to go on"))


@blueprint.get("/publicities")
@may("public")
@blueprint.answers(PublicitiesPage, name="list_publicities", tag="公示 Publicities")
@blueprint.asks(PublicitiesQuestion)
def publicities(asked: dict[str, Any]) -> dict[str, Any]:
    """公示名单 · Lists that are or were public, the newest first."""
    rows, after = lists_public(db.session(), today(), after=questions.number_in(asked, _LISTS), limit=asked["limit"])
    return {
        "items": [_told(listed, firms) for listed, firms in rows],
        "next": questions.next_page(_LISTS, after),
    }


@blueprint.get(_ONE, number=_NUMBER)
@may("public")
@blueprint.answers(PublicityLine, 404, name="get_publicity", tag="公示 Publicities")
@blueprint.asks(questions.Question)
def publicity(_asked: dict[str, Any], number: int) -> dict[str, Any]:
    """一份公示名单 · A list: from when to when, and how many firms are on it."""
    listed = _listed(number)
    return _told(listed, len(entries_of(db.session(), number)))


@blueprint.get(f"{_ONE}/firms", number=_NUMBER)
@may("public")
@blueprint.answers(PublicityFirmsPage, 404, name="list_publicity_firms", tag="公示 Publicities")
@blueprint.asks(PublicityFirmsQuestion)
def publicity_firms(asked: dict[str, Any], number: int) -> dict[str, Any]:
    """名单上的企业 · The firms of a list, in its order."""
    _listed(number)
    limit = asked["limit"]
    rows = entries_of(db.session(), number, after=questions.number_in(asked, _FIRMS), limit=limit + 1)
    after = rows[limit - 1].position if len(rows) > limit else None
    return {"items": rows[:limit], "next": questions.next_page(_FIRMS, after)}


@blueprint.get("/verify/<code>", code={"description": "证书或二维码上的 26 位代码 · Code on the certificate"})
@may("public")
@blueprint.answers(Verification, 404, name="verify_certificate", tag="证书 Certificates")
@blueprint.asks(questions.Question)
def verification(_asked: dict[str, Any], code: str) -> dict[str, Any]:
    """查验证书 · Say whether the certificate of a code holds today; each look-up is noted, who looked is not."""
    with slowly(PACE):
        plain = canonical(code)
        found = certificate_of_code(db.session(), plain) if plain else None
    if found is None:
        raise NotFound("没有这个代码的证书 (no certificate has this code)")
    verified = verify(db.session(), *found, keys=keys(), on=today())
    # Read before the deed, which lets go of all rows.
    told = {"on": today(), "answer": verified.answer.value, "certificate": _printed(verified)}
    if request.method == "GET":
        number, answer = verified.certificate.id, verified.answer
        with deed() as session:
            row = session.get(Certificate, number)
            if row is not None:
                note_look(session, row, answer, now=now())
    return told


def _listed(number: int) -> Publicity:
    found = list_public(db.session(), number, today())
    if found is None:
        raise NotFound("没有这份名单，或尚未开始公示 (no such list, or it is not public yet)")
    return found


def _told(listed: Publicity, firms: int) -> dict[str, Any]:
    names = ("id", "title", "tier", "stage", "level", "district", "first_day", "last_day", "is_provisional")
    told = {name: getattr(listed, name) for name in (*names, "days", "unit", "digest")}
    return {**told, "is_running": is_running(listed, today()), "firms": firms}


def _printed(found: Verified) -> dict[str, Any] | None:
    """Return what is public of a certificate; nothing of one whose seal is broken."""
    if found.answer is Answer.BROKEN:
        return None
    row = found.certificate
    return {
        **{name: getattr(row, name) for name in ("number", "uscc", "name", "tier", "valid_from")},
        "name_now": found.name_now,
        "valid_until": found.valid_until,
        "revoked_on": found.revoked_on,
        "document": found.announcement.number if found.announcement else None,
        "newer": found.newer or None,
    }
