"""Pages of the watch-lists: whom to look at on a day, each with the reason in numbers."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request, send_file, url_for

from registry.domain.codes import LADDER
from registry.domain.errors import NotFound
from registry.policy.watch_lists import WatchList, watch_list, watch_lists
from registry.store.books import last_moment
from registry.store.still import reading_long
from registry.store.tallies import latest_day
from registry.web import db
from registry.web.access import acting_seats, may
from registry.web.asking import count_asked, day_asked, now, text_asked, today, word_asked
from registry.web.books import TYPES
from registry.web.deeds import stop_reading
from registry.web.exported import note_export
from registry.web.language import say as _
from registry.work.lay_out_counts import Made
from registry.work.lay_out_watch import write_watch
from registry.work.watch import MOST_DAYS, watch, watch_all

blueprint = Blueprint("watching", __name__)


@blueprint.get("/watch")
@may("see_watch")
def lists() -> str:
    """Name the watch-lists, and how long each is on a day."""
    day = day_asked(latest_day(db.session(), today()))
    return render_template("watch/lists.html", here="watching.lists", on=day, lists=list(watch_lists().values()))


@blueprint.get("/watch/<key>")
@may("see_watch")
def entries(key: str) -> str:
    """Show a watch-list of a day, a page at a time."""
    of = _list(key)
    day = day_asked(latest_day(db.session(), today()))
    asked = _asked(of)
    after = text_asked("after") or None
    page = watch(db.session(), key, day, after=after, options=current_app.config["POLICY_OPTIONS"], **asked)
    here = url_for(".entries", key=key)
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in ("after", "lang") and value]
    return render_template(
        "watch/entries.html",
        here="watching.lists",
        of=of,
        on=day,
        asked=asked,
        page=page,
        query=urlencode(query),
        next_page=f"{url_for('.entries', key=key)}?{urlencode([*query, ('after', page.after)])}"
        if page.after
        else None,
        first_page=f"{here}?{urlencode(query)}" if after else None,
    )


@blueprint.get("/watch/<key>.<form>")
@may("see_watch")
def file(key: str, form: str) -> Response:
    """Hand out a whole watch-list as a file."""
    of = _list(key)
    if form not in TYPES:
        raise NotFound(_("没有这种格式：%(form)s", form=form[:20]))
    day = day_asked(latest_day(db.session(), today()))
    asked, out = _asked(of), BytesIO()
    stop_reading()
    with reading_long(db.engine) as session:
        whole = watch_all(session, key, day, options=current_app.config["POLICY_OPTIONS"], **asked)
        write_watch(out, form, whole, Made(now()), last_moment(session))
    out.seek(0)
    note_export(f"watch/{key}.{form}", out, day=day)
    return send_file(out, mimetype=TYPES[form], as_attachment=True, download_name=f"{key}-{day}.{form}")


def _list(key: str) -> WatchList:
    if key not in watch_lists():
        raise NotFound(_("没有这份清单：%(key)s", key=key[:40]))
    return watch_list(key)


def _district() -> str | None:
    """Return the district that is asked for, or the reader's own; NotFound for another's."""
    asked = text_asked("district") or None
    seats = acting_seats()
    if any(seat.district is None for seat in seats):
        return asked
    own = [seat.district for seat in seats]
    if asked is not None and asked not in own:
        raise NotFound(_("这不是您所在的区市"))
    return asked or own[0]


def _asked(of: WatchList) -> dict[str, Any]:
    """Return what narrows the list: the district, and the tier and the days where the list takes them."""
    asked: dict[str, Any] = {"district": _district()}
    if "tier" in of.takes:
        asked["tier"] = word_asked("tier", LADDER)
    if "days" in of.takes:
        asked["days"] = count_asked("days", MOST_DAYS)
    return asked
