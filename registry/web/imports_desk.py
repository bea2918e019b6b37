"""Pages of imports: a template to fill in, a list checked as a job, and filed as another once somebody confirms."""

import unicodedata
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from registry.domain.actors import Seat
from registry.domain.errors import MoveNotAllowed, NotFound
from registry.domain.roles import Role
from registry.evidence.kinds import MEBIBYTE, Unfit
from registry.evidence.vault import NotKept
from registry.store.jobs import Job
from registry.web import db
from registry.web.access import acting_seats, may
from registry.web.asking import now, today
from registry.web.books import TYPES
from registry.web.deeds import deed
from registry.web.desk import chosen, init_blueprint, told
from registry.web.forms import EntryForm, choice
from registry.web.jobs import LISTS, line_of, own_job, page_of
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.web.unread_forms import answer_unread
from registry.web.uploads import takes_files, vault
from registry.work.job_templates import LIST_NAMES, write_template
from registry.work.queue_job import outcome_of, queue, told_of

blueprint = Blueprint("imports_desk", __name__)
init_blueprint(blueprint)
MOST_BYTES = 20 * MEBIBYTE
_SHOWN = 10
_LONGEST_NAME = 150
# Who keeps which list (policy §9).
_KEPT_BY = {"firms": Role.CITY_REVIEWER, "titles": Role.CITY_REVIEWER, "scale": Role.STATISTICIAN}


class ListForm(EntryForm):
    """Which list a file is."""

    list = choice(N_("名单"), chosen(N_("请选择这是哪一种名单")))


@blueprint.get("/imports")
@may("import_lists")
def imports() -> str:
    """Offer the templates, ask for a list, and show what was imported lately."""
    return _page(_form())


@blueprint.get("/imports/<which>.xlsx")
@may("import_lists")
def template(which: str) -> Response:
    """Hand out the template of a list; it holds nothing of anybody, so that no entry is left."""
    if which not in LISTS:
        raise NotFound(_("没有这种名单"))
    out = BytesIO()
    write_template(out, which, today())
    out.seek(0)
    return send_file(out, mimetype=TYPES["xlsx"], as_attachment=True, download_name=f"{LIST_NAMES[which]}-模板.xlsx")


@blueprint.post("/imports")
@may("import_lists")
@takes_files(MOST_BYTES)
def check() -> Response | tuple[str, int]:
    """Take a list and have it checked; nothing of it is stored but the file."""
    form = _form()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.above.append(_("请选择名单文件（.xlsx 或 .csv）"))
    name = _name(sent.filename if sent is not None else "")
    if sent is not None and sent.filename and Path(name).suffix.lower() not in (".xlsx", ".csv"):
        form.above.append(_("只接受 .xlsx 或 .csv 文件，请另存后再选"))
    if not form.validate() or form.has_faults or sent is None:
        return _page(form), 422
    try:
        with vault().draft(sent.stream, MOST_BYTES) as draft:
            vault().keep(draft)
            sha256 = draft.sha256
    except (Unfit, NotKept) as failure:
        form.above.append(of_both(str(failure)))
        return _page(form), 503 if isinstance(failure, NotKept) else 422
    what = {"list": form.list.data, "name": name, "sha256": sha256}
    with deed() as session:
        number = queue(session, "check_list", what, actor=actor(), seat=_seat(form.list.data), now=now()).id
    return told(_("正在检查，尚未导入任何数据"), url_for("jobs.job", number=number))


@blueprint.post("/imports/<int:number>")
@may("import_lists")
def file_list(number: int) -> Response | tuple[Response, int]:
    """Have a list that was checked filed: whole, or its good rows where whoever asks says so.

    Raises:
        MoveNotAllowed: it was not checked, or none of its rows can be stored.
        NotFound: somebody else's.
    """
    skip = request.form.get("skip") == "yes"
    looked = own_job(number)
    if looked.kind == "check_list" and outcome_of(looked).get("faults") and _is_fit(outcome_of(looked)) and not skip:
        return page_of(looked, _("有错误的行不能导入：请勾选跳过这些行，或改正名单后重新选择")), 422
    with deed(f"job:{number}") as session:
        found = own_job(number, session)
        if found.kind != "check_list":
            raise NotFound(_("没有这份名单"))
        if found.state != "done":
            raise MoveNotAllowed("名单还没有检查完 (the list has not been checked yet)")
        asked, outcome = told_of(found), outcome_of(found)
        if asked["list"] not in _mine():
            raise NotFound(_("没有这份名单"))
        if not _is_fit(outcome):
            raise MoveNotAllowed("名单没有可以导入的行，请改正后重新选择 (no row can be imported: mend the list)")
        what = {"list": asked["list"], "name": asked["name"], "sha256": asked["sha256"], "skip": skip}
        filing = queue(
            session,
            "file_list",
            {**what, "checked": number},
            actor=actor(),
            seat=_seat(asked["list"]),
            once=f"file_list:{number}",
            now=now(),
        ).id
    return told(_("正在导入"), url_for("jobs.job", number=filing))


def _is_fit(outcome: Mapping[str, Any]) -> bool:
    """Say whether any row of a checked list can be stored."""
    return bool(outcome["header_is_good"] and outcome["good"])


def _too_large() -> str:
    return _("名单文件最大 %(size)s MB，请拆成几份", size=MOST_BYTES // MEBIBYTE)


def _again(message: str) -> str:
    form = _form()
    form.above.append(message)
    return _page(form)


answer_unread(blueprint, _too_large, _again)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates what the page of a checked list asks; it is the page of its job."""
    return {"filing_of": _filing_of}


def _filing_of(number: int) -> int | None:
    """Return the job that files a checked list, once there is one."""
    return db.session().scalars(select(Job.id).where(Job.once == f"file_list:{number}")).one_or_none()


def _mine() -> list[str]:
    """Return the lists that whoever asks keeps."""
    held = {seat.role for seat in acting_seats()}
    return [one for one, role in _KEPT_BY.items() if role in held]


def _seat(which: str) -> Seat:
    """Return the seat in which somebody files a list."""
    return next(seat for seat in acting_seats() if seat.role is _KEPT_BY[which])


def _name(given: str | None) -> str:
    """Return the name of a list as it is shown and kept: without a path, its ending always there."""
    plain = unicodedata.normalize("NFC", given or "").replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in plain if one.isprintable() and one != "\ufffd").strip()
    place = Path(seen)
    return f"{place.stem[:_LONGEST_NAME]}{place.suffix[:10]}"


def _form() -> ListForm:
    form = ListForm()
    mine = _mine()
    form.list.choices = [*([("", _("请选择"))] if len(mine) > 1 else []), *((one, _(LISTS[one])) for one in mine)]
    return form


def _page(form: ListForm) -> str:
    own = select(Job).where(Job.person_id == actor().person_id, Job.kind.in_(("check_list", "file_list")))
    lately = db.session().scalars(own.order_by(Job.id.desc()).limit(_SHOWN)).all()
    return render_template(
        "imports/list.html",
        here="imports_desk.imports",
        form=form,
        lists={one: _(LISTS[one]) for one in _mine()},
        lines=[line_of(job) for job in lately],
        most=MOST_BYTES // MEBIBYTE,
        zone=now().tzinfo,
    )
