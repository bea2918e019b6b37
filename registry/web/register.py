"""Pages for everyone: the register of valid titles, searched by name, pinyin or code, and a firm's public titles."""

import re
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain import uscc as codes
from registry.domain.codes import DISTRICTS, LADDER
from registry.domain.errors import NotFound, Refused
from registry.store.queries import FirmLine
from registry.store.recognition_lists import certificates_of
from registry.store.title_history import titles_of
from registry.store.titles_held import holders_page, titles_held
from registry.web import db
from registry.web.access import may
from registry.web.asking import day_asked, text_asked, today, word_asked
from registry.web.kept import kept
from registry.web.language import of_both
from registry.web.language import say as _
from registry.work.find_holders import find_holders

blueprint = Blueprint("register", __name__)
_holder_row = kept("register/row.html", "holder_row")
# So the codes of firms begin; a name that is all digits and letters does not.
_CODE = re.compile(r"[1-9][1-9][0-9A-Z]*")
_LONGEST_PLACE = 18


@blueprint.get("/titles")
@may("public")
def titles() -> str:
    """List who holds a title on a day, by what is asked for."""
    session, day, typed = db.session(), day_asked(today()), text_asked("q")
    tier, district = word_asked("tier", LADDER), word_asked("district", tuple(DISTRICTS))
    after = _place()
    former: dict[int, str] = {}
    firms: tuple[FirmLine, ...]
    place: str | int | None
    if typed and not _CODE.fullmatch(typed.upper()):
        found = find_holders(
            session, typed, day, tier=tier, district=district, after=int(after) if after.isdigit() else 0
        )
        firms, place, former = found.firms, found.after, found.former
    else:
        page = holders_page(session, day, tier=tier, district=district, query=typed or None, after=after or None)
        firms, place = page.firms, page.after
    asked = {key: value for key, value in request.args.items() if key not in ("after", "lang") and value}
    return render_template(
        "register/titles.html",
        here="register.titles",
        firms=firms,
        former=former,
        held={number: tuple(held) for number, held in titles_held(session, [one.id for one in firms], day).items()},
        holder_row=_holder_row,
        day=day,
        is_today=day == today(),
        asked={"q": typed, "tier": tier, "district": district},
        next_page=f"{url_for('.titles')}?{urlencode({**asked, 'after': place})}" if place else None,
        first_page=f"{url_for('.titles')}?{urlencode(asked)}" if after else None,
    )


def _place() -> str:
    """Return where a page begins: the code or the number that the page before ended with.

    Raises:
        Refused: at `after`.
    """
    place = text_asked("after")
    if place and (len(place) > _LONGEST_PLACE or not (place.isascii() and place.isalnum())):
        raise Refused.at("after", "应为上一页给出的位置 (what the page before gave expected)")
    return place


@blueprint.get("/titles/<uscc>")
@may("public")
def firm(uscc: str) -> str | Response:
    """Show a firm's titles: those of the day, every recognition, and what came of them."""
    canonical = codes.canonical(uscc)
    wrong = codes.fault_of(canonical)
    if wrong:
        raise NotFound(of_both(wrong))
    if canonical != uscc:
        return redirect(f"{url_for('.firm', uscc=canonical)}?{urlencode(request.args.to_dict())}", 301)
    day: date = day_asked(today())
    found = titles_of(db.session(), canonical, day)
    if found is None:
        raise NotFound(_("名录中没有统一社会信用代码为 %(code)s 的企业：它没有获得过梯度称号", code=canonical))
    certificates = [
        (one, announced) for one, announced in certificates_of(db.session(), found.firm.id) if one.valid_from <= day
    ]
    return render_template(
        "register/firm.html",
        here="register.titles",
        found=found,
        certificates=certificates,
        day=day,
        is_today=day == today(),
    )
