"""Pages on which an office makes firms public 公示, watches its lists, and closes them firm by firm."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.errors import NotFound, Refused
from registry.domain.workdays import End
from registry.store.cases import Application
from registry.store.publicities import Publicity
from registry.store.publicity_lists import (
    digest_of,
    entries_of,
    is_running,
    list_visible,
    lists_open,
    lists_past,
    objections_of,
)
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now, text_asked, today
from registry.web.case_words import post, state_word
from registry.web.deeds import deed
from registry.web.desk import in_words, init_blueprint, number_asked, page_links, told
from registry.web.forms import EntryForm, day, lines, text
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.publicity_words import init_words
from registry.web.signed_in import actor
from registry.work.case_guards import LONGEST_OPINION
from registry.work.close_publicity import close_cases, look, overview
from registry.work.notify import OFFICE_CASE
from registry.work.object_to import office_seat
from registry.work.publicise import Waiting, check_cases, check_list, end_from, publicise, usual_title, waiting

blueprint = Blueprint("publicities", __name__)
init_blueprint(blueprint)
init_words(blueprint)
_LONGEST_NUMBER = 15
_AT_ONCE = 50


class ListForm(EntryForm):
    """The heading of a list, and from which day on it is public."""

    title = text(N_("标题"))
    first_day = day(N_("公示首日"))


class ClosingForm(EntryForm):
    """What is noted with each firm whose publicity is closed."""

    opinion = lines(N_("办理意见"), longest=LONGEST_OPINION)


@blueprint.get("/publicities")
@may("review_cases")
def lists() -> str:
    """Show what waits to be made public, what runs, what is to be closed, and what is past."""
    session, on = db.session(), today()
    open_ones = lists_open(session, visible(Publicity))
    past, after = lists_past(session, visible(Publicity), after=number_asked("after"))
    return render_template(
        "publicities/lists.html",
        here="publicities.lists",
        waiting=waiting(session, acting_seats(), visible(Application)),
        running=[one for one in open_ones if on < one.listed.first_day or is_running(one.listed, on)],
        to_close=[one for one in open_ones if on > one.listed.last_day and not one.listed.is_provisional],
        past=past,
        **page_links(".lists", after),
    )


@blueprint.get("/publicities/new")
@may("review_cases")
def new() -> str:
    """Show the form of a list: whom it shall name, all who wait unless unticked, its heading and its first day."""
    asked = text_asked("tier"), text_asked("stage"), text_asked("district")
    found = _group(db.session(), *asked)
    form = ListForm(data={"title": _usual(found), "first_day": today()})
    return _form_page(found, form, [case.id for case in found.cases])


@blueprint.post("/publicities/preview")
@may("review_cases")
def preview() -> str | tuple[str, int]:
    """Show the list as it would be frozen, with the last day of its publicity; nothing is written."""
    found, form, numbers = _group(db.session(), *_asked_of_form()), ListForm(), _ticked()
    if request.form.get("again"):
        return _form_page(found, form, numbers)
    checked = _checked(db.session(), found, form, numbers)
    if checked is None:
        return _form_page(found, form, numbers), 422
    cases, first_day, end = checked
    return render_template(
        "publicities/preview.html",
        here="publicities.lists",
        found=found,
        form=form,
        cases=cases,
        first_day=first_day,
        end=end,
    )


@blueprint.post("/publicities/new")
@may("review_cases")
def make() -> Response | tuple[str, int]:
    """Freeze the list; the firms on it are told, and from its first day on everybody sees it."""
    form, numbers, who = ListForm(), _ticked(), actor()
    if form.validate():
        try:
            with deed() as session:
                found = _group(session, *_asked_of_form())
                cases = _chosen(found, numbers)
                check_list(form.title.data, form.first_day.data, today())
                listed = publicise(
                    session,
                    who,
                    [found.seat],
                    tier=found.tier,
                    stage=found.stage.key,
                    title=form.title.data,
                    case_ids=[case.id for case in cases],
                    first_day=form.first_day.data,
                    now=now(),
                    post=post(),
                )
                number = listed.id
            return told(_("已制作公示名单，共 %(count)s 家", count=len(cases)), url_for(".listed", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _form_page(_group(db.session(), *_asked_of_form()), form, numbers), 422


@blueprint.get("/publicities/<int:number>")
@may("review_cases")
def listed(number: int) -> str:
    """Show a list with where each firm stands, the objections to it, and what keeps it from being closed."""
    return _page(_found(db.session(), number), ClosingForm())


@blueprint.post("/publicities/<int:number>/closing")
@may("review_cases")
def closing(number: int) -> str | tuple[str, int]:
    """Show which of the firms that were ticked would be closed, and which not and why; nothing is done."""
    found, form, numbers = _found(db.session(), number), ClosingForm(), set(_ticked())
    if form.validate() and not numbers:
        form.above.append(_("请至少勾选一家企业"))
    if form.has_faults:
        return _page(found, form), 422
    who, seats = actor(), acting_seats()
    chosen = look(db.session(), who, seats, found, numbers, opinion=form.opinion.data, now=now())
    return render_template(
        "publicities/closing.html",
        here="publicities.lists",
        listed=found,
        form=form,
        ready=[one for one in chosen if one.against is None],
        refused=[one for one in chosen if one.against is not None],
    )


@blueprint.post("/publicities/<int:number>/close")
@may("review_cases")
def close(number: int) -> Response | tuple[str, int]:
    """Close the publicity of the firms that were ticked, each for itself: what was done stays, whatever follows."""
    form, numbers, who = ClosingForm(), _ticked(), actor()
    if not form.validate() or not numbers:
        return _page(_found(db.session(), number), form), 422
    done = refused = 0
    # A few at a time: whoever else writes meanwhile does not wait for a list of hundreds.
    for start in range(0, len(numbers), _AT_ONCE):
        with deed(f"publicity:{number}") as session:
            found, some = _found(session, number), numbers[start : start + _AT_ONCE]
            opinion = form.opinion.data
            came = close_cases(session, who, acting_seats(), found, some, opinion=opinion, now=now(), post=post())
            done, refused = done + len(came.done), refused + len(came.refused)
    message = _("公示已结束：%(count)s 家", count=done)
    if refused:
        message = _("%(done)s；另有 %(refused)s 家没有办理，原因见下表", done=message, refused=refused)
    return told(message, url_for(".listed", number=number))


def _group(session: Session, tier: str, stage: str, district: str) -> Waiting:
    """Return what waits at one desk of whoever asks."""
    for one in waiting(session, acting_seats(), visible(Application)):
        if (one.tier, one.stage.key) == (tier, stage) and district in ("", one.seat.district or ""):
            return one
    raise NotFound(_("没有等待公示的企业"))


def _asked_of_form() -> tuple[str, str, str]:
    return tuple(request.form.get(name, "")[:60] for name in ("tier", "stage", "district"))  # type: ignore[return-value]


def _usual(found: Waiting) -> str:
    return usual_title(found.tier, found.stage, found.seat.district, today().year)


def _ticked() -> list[int]:
    """Return the cases that were ticked; what is no number is passed over."""
    texts = [one for one in request.form.getlist("case") if one.isascii() and one.isdigit()]
    return list(dict.fromkeys(int(one) for one in texts if len(one) <= _LONGEST_NUMBER))


def _chosen(found: Waiting, numbers: Sequence[int]) -> list[Application]:
    """Return the cases that were ticked.

    Raises:
        Refused: at `cases`, one of them waits here no more.
    """
    cases = [case for case in found.cases if case.id in set(numbers)]
    if len(cases) != len(numbers):
        raise Refused.at(
            "cases", "所选企业有的已不在等待公示之列，请重新选择 (some do not wait any more: choose again)"
        )
    return cases


def _checked(
    session: Session, found: Waiting, form: ListForm, numbers: Sequence[int]
) -> tuple[list[Application], date, End] | None:
    if not form.validate():
        return None
    try:
        check_list(form.title.data, form.first_day.data, today())
        cases = _chosen(found, numbers)
        check_cases(session, actor(), [found.seat], cases, found.stage.key, now())
    except Refused as refused:
        form.blame_for(refused)
        return None
    first_day: date = form.first_day.data
    return cases, first_day, end_from(session, found.stage, first_day)


def _form_page(found: Waiting, form: ListForm, numbers: Sequence[int]) -> str:
    return render_template(
        "publicities/new.html",
        here="publicities.lists",
        found=found,
        form=form,
        ticked=set(numbers),
        stage_word=in_words(found.stage.words),
    )


def _found(session: Session, number: int) -> Publicity:
    found = list_visible(session, visible(Publicity), number)
    if found is None:
        raise NotFound(_("没有这份公示名单"))
    return found


def _page(found: Publicity, form: ClosingForm) -> str:
    session = db.session()
    rows, is_own = overview(session, found, today()), office_seat(found, acting_seats()) is not None
    return render_template(
        "publicities/list.html",
        here="publicities.lists",
        listed=found,
        rows=rows,
        objections=objections_of(session, found.id),
        is_own=is_own,
        is_begun=today() >= found.first_day,
        is_over=today() > found.last_day and not found.is_provisional,
        is_whole=digest_of(found, entries_of(session, found.id)) == found.digest,
        may_close=is_own and any(one.against is None for one in rows),
        form=form,
        state_word=state_word,
        case_address=OFFICE_CASE,
        in_language=of_both,
    )
