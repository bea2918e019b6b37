"""The API of who holds what: the register of valid titles for everybody, and where a firm stands for a partner."""

from typing import Any

from registry.domain.errors import NotFound
from registry.store.books import last_moment
from registry.store.queries import firm_by_uscc
from registry.store.titles_held import holders_page, stay_on, titles_held
from registry.store.tokens import Scope
from registry.web import db
from registry.web.access import may
from registry.web.api import questions
from registry.web.api.room import blueprint, needs_token, scope
from registry.web.api.shapes_books import RegisterPage, Standing
from registry.web.asking import now, today

_BOOK = "register"
_CODE = {
    "description": "统一社会信用代码 · The firm's code",
    "schema": {"type": "string", "format": "uscc", "minLength": 18},
}


class RegisterQuestion(questions.Question):
    """Which valid titles are asked for."""

    on = questions.on()
    q = questions.Part(**questions.said("名称的一部分，或代码开头 · Part of the name, or the beginning of the code"))
    uscc = questions.Code(**questions.said("统一社会信用代码 · The firm's code"))
    tier = questions.rung()
    district = questions.district()
    limit = questions.limit()
    cursor = questions.Cursor(_BOOK, str, **questions.said("从哪里继续 · Where to go on"))


class StandingQuestion(questions.Question):
    """Of which day a standing is asked."""

    on = questions.on()


@blueprint.get("/register")
@may("public")
@blueprint.answers(RegisterPage, name="list_register", tag="名录 Register")
@blueprint.asks(RegisterQuestion)
def register(asked: dict[str, Any]) -> dict[str, Any]:
    """有效称号名录 · The register of valid titles on a day, with public fields only.

    按统一社会信用代码排列，用 next 翻页；翻页期间新增的企业不会使已有企业遗漏或重复。In the order of the codes.
    """
    day = asked.get("on", today())
    page = holders_page(
        db.session(),
        day,
        tier=asked.get("tier"),
        district=asked.get("district"),
        query=asked.get("q"),
        uscc=asked.get("uscc"),
        after=asked.get("cursor"),
        limit=asked["limit"],
    )
    held = titles_held(db.session(), [firm.id for firm in page.firms], day)
    return {
        "on": day,
        "items": [{"uscc": firm.uscc, "name": firm.name, "titles": held.get(firm.id, [])} for firm in page.firms],
        "next": questions.next_page(_BOOK, page.after),
    }


@blueprint.one("/firms/<uscc>/standing", uscc=_CODE)
@scope(Scope.FIRMS)
@blueprint.answers(Standing, 401, 403, 404, name="get_standing", tag="名录 Register", **needs_token(Scope.FIRMS))
@blueprint.asks(StandingQuestion)
def standing(asked: dict[str, Any], uscc: str) -> dict[str, Any]:
    """一家企业某日的称号与规上状态 · A firm's titles and above-scale standing on a day, by the books."""
    code, day = questions.code_from(uscc, "uscc"), asked.get("on", today())
    firm = firm_by_uscc(db.session(), code)
    if firm is None:
        raise NotFound("没有这家企业 (no such firm)")
    moment = last_moment(db.session())
    return {
        "uscc": firm.uscc,
        "name": firm.name,
        "on": day,
        "titles": titles_held(db.session(), [firm.id], day).get(firm.id, []),
        "above_scale": stay_on(db.session(), firm.id, day),
        "known_at": moment.astimezone(now().tzinfo) if moment else None,
    }
