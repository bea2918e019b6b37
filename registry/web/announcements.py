"""Pages of announcements: who waits to be recognised, the document made, its list for staff and for everybody."""

from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from registry.domain.errors import Fault, MoveNotAllowed, NotFound, Refused
from registry.domain.periods import last_valid_day
from registry.store.cases import Application
from registry.store.recognition_lists import (
    MOST_ANNOUNCED,
    Told,
    announcement_listed,
    announcements_page,
    cases_in,
    counts_in,
)
from registry.store.recognitions import Announcement
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import count_asked, now, today, word_asked
from registry.web.books import TYPES
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import init_blueprint, page_links, told
from registry.web.exported import note_export
from registry.web.forms import EntryForm, day, lines, text, wanted
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import actor
from registry.work.announce import announce, check_document
from registry.work.lay_out_announcement import write_announcement
from registry.work.weigh_recognition import Line, announced_tiers, waiting_states, weigh

blueprint = Blueprint("announcements", __name__)
init_blueprint(blueprint)
_MOST = 999_999_999
_PAGE = 50
_RECENT = 10
# What the buttons of the page that asks once more say.
_DECIDED, _EDIT = "decided", "edit"


class AnnounceForm(EntryForm):
    """The document by which the firms of a list are recognised."""

    number = text(N_("认定文号"), wanted(N_("请填写认定文号")))
    title = text(N_("公告标题"), wanted(N_("请填写公告标题")))
    announced_on = day(N_("公告日期"))
    source = text(N_("其他依据"))
    opinion = lines(N_("认定意见"), wanted(N_("请填写认定意见")))


@blueprint.app_template_global()
def recent_announcements() -> list[Told]:
    """Return the newest announcements, for the public page of lists."""
    return announcements_page(db.session(), limit=_RECENT)


@blueprint.get("/announcements")
@may("announce")
def announcements() -> str:
    """List the announcements, and say how many cases wait for one."""
    tiers = announced_tiers()
    states = {state for tier in tiers for state in waiting_states(tier)}
    waiting = counts_in(db.session(), visible(Application), states, tiers)
    rows = announcements_page(db.session(), before=count_asked("after", _MOST), limit=_PAGE + 1)
    after = rows[_PAGE - 1].announcement.id if len(rows) > _PAGE else None
    return render_template(
        "announcements/list.html",
        here="announcements.announcements",
        rows=rows[:_PAGE],
        waiting={tier: waiting.get(tier, 0) for tier in tiers},
        **page_links(".announcements", after),
    )


@blueprint.get("/announcements/new")
@may("announce")
def new() -> str:
    """Show who can be recognised now, and who cannot and why, beside the form of the document."""
    tier = _tier()
    form = AnnounceForm(data={"announced_on": today()})
    found = _weighed(tier, form)
    return _form_page(tier, form, found, {line.case.id for line in found if not line.against})


@blueprint.post("/announcements/new")
@may("announce")
def make() -> str | Answer | tuple[str, int]:
    """Show once more exactly what will be decided; decide it when that is confirmed."""
    tier, form, chosen = _tier(), AnnounceForm(), _chosen()
    if not form.validate():
        return _form_page(tier, form, _weighed(tier, form), set(chosen)), 422
    if request.form.get("step") == _EDIT:
        return _form_page(tier, form, _weighed(tier, form), set(chosen))
    document = {
        "tier": tier,
        "number": form.number.data,
        "title": form.title.data,
        "announced_on": form.announced_on.data,
        "case_ids": list(chosen),
        "opinion": form.opinion.data,
        "source": form.source.data,
    }
    status = 422
    try:
        if request.form.get("step") == _DECIDED:
            with deed("announcement") as session:
                row = announce(
                    session, actor(), acting_seats(), **document, versions=chosen, keys=keys(), post=post(), now=now()
                )
                number, count = row.id, len(chosen)
            return told(
                _("已公告认定 %(count)s 家企业，并颁发证书", count=count), url_for(".announcement", number=number)
            )
        check_document(db.session(), **document, now=now())
        lines_ = _weighed(tier, form)
        taken = [line for line in lines_ if line.case.id in chosen]
        if len(taken) == len(chosen) and not any(line.against for line in taken):
            return _confirm_page(tier, form, lines_, chosen)
        form.above.append(_("所选企业中有不能认定的，请看名单中的原因，取消勾选后再提交"))
    except Refused as refused:
        form.blame(Fault("" if fault.path == "cases" else fault.path, fault.message) for fault in refused.faults)
    except MoveNotAllowed as refused:
        form.above.append(of_both(str(refused)))
        status = 409
    return _form_page(tier, form, _weighed(tier, form), set(chosen)), status


@blueprint.get("/announcements/<int:number>")
@may("announce")
def announcement(number: int) -> str:
    """Show an announcement with its list and the certificates."""
    row = _found(number)
    return render_template(
        "announcements/announcement.html",
        here="announcements.announcements",
        row=row,
        listed=announcement_listed(db.session(), number),
        valid_until=None if row.is_outside else last_valid_day(row.announced_on),
    )


@blueprint.get("/announcements/<int:number>.xlsx")
@may("announce")
def file(number: int) -> Response:
    """Hand out the list as a workbook."""
    row = _found(number)
    out, name = BytesIO(), f"announcement-{number}.xlsx"
    write_announcement(out, row, announcement_listed(db.session(), number))
    out.seek(0)
    note_export(f"announcements/{number}.xlsx", out)
    return send_file(out, mimetype=TYPES["xlsx"], as_attachment=True, download_name=name)


@blueprint.get("/public/announcements/<int:number>")
@may("public")
def listed(number: int) -> str:
    """Show everybody whom an announcement recognised."""
    row = _found(number)
    return render_template(
        "announcements/public.html",
        here="public_lists.lists",
        row=row,
        listed=announcement_listed(db.session(), number),
        valid_until=None if row.is_outside else last_valid_day(row.announced_on),
    )


def _found(number: int) -> Announcement:
    row = db.session().get(Announcement, number)
    if row is None:
        raise NotFound(_("没有这份公告"))
    return row


def _tier() -> str:
    """Return the tier of an announcement, the first of those made here unless another is asked for."""
    tiers = announced_tiers()
    return word_asked("tier", tiers) or tiers[0]


def _chosen() -> dict[int, int]:
    """Return which cases were chosen, each with the version that was looked at.

    Raises:
        Refused: what no page of ours sends.
    """
    chosen: dict[int, int] = {}
    for told_ in request.form.getlist("case")[: MOST_ANNOUNCED + 1]:
        case, _colon, version = told_.partition(":")
        if not all(one.isascii() and one.isdigit() and len(one) <= 15 for one in (case, version)):
            raise Refused.at("case", "请刷新页面后重新选择 (reload the page and choose again)")
        chosen[int(case)] = int(version)
    return chosen


def _weighed(tier: str, form: AnnounceForm) -> list[Line]:
    """Return the cases that wait, each with what stands against it on the day of the document."""
    cases = cases_in(db.session(), visible(Application), waiting_states(tier), tier)
    return weigh(db.session(), actor(), acting_seats(), cases, form.announced_on.data, now())


def _form_page(tier: str, form: AnnounceForm, found: list[Line], ticked: set[int]) -> str:
    return render_template(
        "announcements/new.html",
        here="announcements.announcements",
        tier=tier,
        tiers=announced_tiers(),
        form=form,
        lines=found,
        ready=sum(1 for line in found if not line.against),
        ticked=ticked,
        public_until=_latest(found),
    )


def _confirm_page(tier: str, form: AnnounceForm, found: list[Line], chosen: Mapping[int, int]) -> str:
    return render_template(
        "announcements/confirm.html",
        here="announcements.announcements",
        tier=tier,
        form=form,
        taken=[line for line in found if line.case.id in chosen],
        left=[line for line in found if line.case.id not in chosen],
        chosen=chosen,
        valid_until=last_valid_day(form.announced_on.data),
        step=_DECIDED,
        edit=_EDIT,
    )


def _latest(found: list[Line]) -> object:
    return max((line.public_until for line in found if line.public_until), default=None)
