"""The API of who holds what: the register of valid titles for everybody, and where a firm stands for a partner."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.domain.errors import NotFound
from registry.store.books import last_moment
from registry.store.queries import FirmLine, firm_by_uscc
from registry.store.titles_held import holders_page, stay_on, titles_held
from registry.store.tokens import Scope
from registry.web import db
from registry.web.access import may
from registry.web.api import questions
from registry.web.api.room import blueprint, needs_token, scope
from registry.web.api.shapes_books import RegisterPage, Standing
from registry.web.asking import now, today
from registry.work.find_holders import find_holders

# By code, and by a part of a name: each list has an order of its own.
_BY_CODE, _BY_NAME = "register", "names"
# So the codes of firms begin; a name that is all digits and letters does not.
_BEGINS_A_CODE = re.compile(r"[1-9][1-9][0-9A-Z]*")
_CODE = {
    "description": "统一社会信用代码 · The firm's code",
    "schema": {"type": "string", "format": "uscc", "minLength": 18},
}


class RegisterQuestion(questions.Question):
    """Which valid titles are asked for."""

    on = questions.on()
    q = questions.Part(
        **questions.said("名称的一部分、其拼音，或代码开头 · Part of a name, its pinyin, or of the code")
    )
    uscc = questions.Code(**questions.said("统一社会信用代码 · The firm's code"))
    tier = questions.rung()
    district = questions.district()
    limit = questions.limit()
    cursor = questions.Cursor(_BY_CODE, _BY_NAME, **questions.said("从哪里继续 · Where to go on"))


class StandingQuestion(questions.Question):
    """Of which day a standing is asked."""

    on = questions.on()


@blueprint.get("/register")
@may("public")
@blueprint.answers(RegisterPage, name="list_register", tag="名录 Register")
@blueprint.asks(RegisterQuestion)
def register(asked: dict[str, Any]) -> dict[str, Any]:
    """有效称号名录 · The register of valid titles on a day, with public fields only.

    用 next 翻页；翻页期间新增的企业不会使已有企业遗漏或重复。按名称查询时，一页可能不足 limit 条而仍有下一页。
    """
    day = asked.get("on", today())
    book, firms, place = _found(asked, day)
    held = titles_held(db.session(), [firm.id for firm in firms], day)
    return {
        "on": day,
        "items": [{"uscc": firm.uscc, "name": firm.name, "titles": held.get(firm.id, [])} for firm in firms],
        "next": questions.next_page(book, place),
    }


def _found(asked: dict[str, Any], day: date) -> tuple[str, Sequence[FirmLine], str | int | None]:
    """Return in which list was looked, a page of it, and where the next one begins."""
    narrowed = {"tier": asked.get("tier"), "district": asked.get("district"), "limit": asked["limit"]}
    typed, code = asked.get("q"), asked.get("uscc")
    if typed and code is None and not _BEGINS_A_CODE.fullmatch(typed.upper()):
        found = find_holders(db.session(), typed, day, after=questions.number_in(asked, _BY_NAME), **narrowed)
        return _BY_NAME, found.firms, found.after
    page = holders_page(db.session(), day, query=typed, uscc=code, after=questions.code_in(asked, _BY_CODE), **narrowed)
    return _BY_CODE, page.firms, page.after


@blueprint.get("/firms/<uscc>/standing", uscc=_CODE)
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
