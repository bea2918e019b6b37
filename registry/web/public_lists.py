"""Pages for everyone: the lists that are or were public 公示, objecting to a firm by real name, and the answer."""

from datetime import date
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.domain.errors import MoveNotAllowed, NotFound, Refused
from registry.domain.lookup_codes import canonical, spaced
from registry.evidence.kinds import KINDS, LARGEST_UPLOAD, MEBIBYTE
from registry.sheets.layout import CoverLine, ListColumn
from registry.sheets.writing import write_table
from registry.store.cases import Application
from registry.store.publicities import Publicity, PublicityEntry
from registry.store.publicity_lists import (
    ENTRIES_SHOWN,
    entries_of,
    entry_at,
    is_running,
    list_public,
    lists_public,
    objection_by_code,
)
from registry.web import db
from registry.web.access import may
from registry.web.asking import count_asked, now, text_asked, today
from registry.web.case_words import post
from registry.web.deeds import deed, stop_reading
from registry.web.desk import init_blueprint, number_asked, page_links
from registry.web.forms import EntryForm, lines, text
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.publicity_words import init_words
from registry.web.security import keys
from registry.web.signed_in import address, visitor
from registry.web.taken_files import Taken, chosen_files, take_files
from registry.web.unread_forms import answer_unread
from registry.web.uploads import takes_files
from registry.work.object_to import MOST_FILES, ensure_open, object_to
from registry.work.objection_words import LONGEST_GROUNDS, Said, read_objection
from registry.work.sign_in import Door, count_try, digest, locked_until

blueprint = Blueprint("public_lists", __name__)
init_blueprint(blueprint)
init_words(blueprint)
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MOST = 999_999
# From one network address in a quarter of an hour.
_OBJECTIONS = 20


class ObjectionForm(EntryForm):
    """Who objects, how he is reached, and to what."""

    name = text(N_("姓名或单位名称"))
    contact = text(N_("联系方式"))
    # A line break of a browser is two characters, of ours one.
    grounds = lines(N_("异议内容和依据"), longest=2 * LONGEST_GROUNDS)

    def read(self) -> Said | None:
        """Return what was said, checked; None, with the faults by their fields, where something is wrong."""
        if not self.validate():
            return None
        try:
            return read_objection(self.name.data, self.contact.data, self.grounds.data)
        except Refused as refused:
            self.blame_for(refused)
        return None


def files_told() -> dict[str, object]:
    """Return what a form that takes files says of them before."""
    return {"kinds_taken": KINDS, "most_files": MOST_FILES, "most_bytes": LARGEST_UPLOAD // MEBIBYTE}


@blueprint.get("/public/lists")
@may("public")
def lists() -> str:
    """Show the lists that are public, the newest first, and the place of announcements."""
    rows, after = lists_public(db.session(), today(), after=number_asked("after"))
    return render_template(
        "public_lists/lists.html", here="public_lists.lists", rows=rows, **page_links(".lists", after)
    )


@blueprint.get("/public/lists/<int:number>")
@may("public")
def listed(number: int) -> str:
    """Show a list: its firms, from when to when, and how to object."""
    found = _list(db.session(), number)
    query, after = text_asked("q"), count_asked("after", _MOST) or 0
    rows = entries_of(db.session(), number, query=query, after=after, limit=ENTRIES_SHOWN + 1)
    next_one = rows[ENTRIES_SHOWN - 1].position if len(rows) > ENTRIES_SHOWN else None
    return render_template(
        "public_lists/list.html",
        here="public_lists.lists",
        listed=found,
        entries=rows[:ENTRIES_SHOWN],
        query=query,
        is_running=is_running(found, today()),
        next_page=url_for(".listed", number=number, q=query or None, after=next_one) if next_one else None,
        first_page=url_for(".listed", number=number, q=query or None) if after else None,
    )


@blueprint.get("/public/lists/<int:number>.<form>")
@may("public")
def listed_file(number: int, form: str) -> Response:
    """Hand out a list, for everybody, as a file."""
    if form not in _TYPES:
        raise NotFound(_("没有这种格式：%(form)s", form=form[:20]))
    found, out = _list(db.session(), number), BytesIO()
    columns = [
        ListColumn("position", "序号", width=8),
        ListColumn("name", "企业名称", width=40),
        ListColumn("uscc", "统一社会信用代码", width=22),
        ListColumn("district", "区市", width=20),
        ListColumn("kind", "类型", width=10),
    ]
    rows = [
        [str(one.position), one.name, one.uscc, DISTRICTS.get(one.district, one.district), KIND_WORDS[one.kind]]
        for one in entries_of(db.session(), number)
    ]
    stop_reading()
    write_table(out, "xlsx" if form == "xlsx" else "csv", found.title, columns, rows, _cover(found))
    out.seek(0)
    return send_file(out, mimetype=_TYPES[form], as_attachment=True, download_name=f"publicity-{number}.{form}")


@blueprint.get("/public/lists/<int:number>/<int:position>/objection")
@may("public")
def objecting(number: int, position: int) -> str:
    """Show the form by which somebody objects to a firm, or why that cannot be done now."""
    found, entry, case = _entry(db.session(), number, position)
    return _form_page(found, entry, case, ObjectionForm())


@blueprint.post("/public/lists/<int:number>/<int:position>/objection")
@may("public")
@takes_files(LARGEST_UPLOAD, MOST_FILES)
def object_(number: int, position: int) -> Answer | tuple[str, int]:
    """Take an objection, with its files or not at all; whoever made it is given a code to look for the answer."""
    form = ObjectionForm()
    found, entry, case = _entry(db.session(), number, position)
    ensure_open(found, case, today())
    sent, door = chosen_files(request.files.getlist("files")), Door(digest(f"object:{address()}"), _OBJECTIONS)
    said = form.read()
    if len(sent) > MOST_FILES:
        form.above.append(_("最多附 %(most)s 份文件", most=MOST_FILES))
    if locked_until(db.session(), (door,), now()) is not None:
        form.above.append(_("从您所在的网络提交的次数过多，请一刻钟后再试；紧急的请直接联系主管部门"))
    if said is None or form.has_faults:
        return _form_page(found, entry, case, form), 422
    came = take_files(sent)
    if came.faults:
        with deed() as session:
            count_try(session, (door,), now())
        return _refused_files(number, position, form, came)
    with deed() as session:
        found, entry, case = _entry(session, number, position)
        row = object_to(
            session, found, case, said, files=came.kept, keys=keys(), doer=visitor(), now=now(), post=post()
        )
        count_try(session, (door,), now())
        code = row.code
    flash(_("异议已提交。请记下查询码，答复后可凭它查看。"))
    return redirect(url_for(".answer", code=code), 303)


@blueprint.get("/objections")
@may("public")
def find() -> Answer | tuple[str, int] | str:
    """Show the box for a code, or go to what it stands for."""
    typed = request.args.get("code", "")
    code = canonical(typed)
    if code is not None and objection_by_code(db.session(), code) is not None:
        return redirect(url_for(".answer", code=code), 303)
    page = render_template("public_lists/find.html", here="public_lists.lists", typed=typed[:60], is_wrong=bool(typed))
    return (page, 404) if typed else page


@blueprint.get("/objections/<code>")
@may("public")
def answer(code: str) -> Answer:
    """Show whoever holds its code where an objection is and what the office answers; never who made it."""
    found = objection_by_code(db.session(), canonical(code) or "")
    if found is None:
        raise NotFound(_("没有这个查询码的异议"))
    page = render_template(
        "public_lists/answer.html", here="public_lists.lists", found=found, code=spaced(found.objection.code)
    )
    shown = Response(page, mimetype="text/html")
    # Whoever sits at the same machine next does not see it.
    shown.headers["Cache-Control"] = "no-store"
    shown.headers["X-Robots-Tag"] = "noindex"
    return shown


def _too_large() -> str:
    told = {"count": MOST_FILES, "size": LARGEST_UPLOAD // MEBIBYTE}
    return _("一次最多 %(count)s 份、合计 %(size)s MB，异议没有提交，请减少附件后重新填写", **told)


def _again(message: str) -> str:
    asked, form = request.view_args or {}, ObjectionForm()
    form.above.append(message)
    return _form_page(*_entry(db.session(), asked["number"], asked["position"]), form)


answer_unread(blueprint, _too_large, _again)


def _refused_files(number: int, position: int, form: ObjectionForm, came: Taken) -> tuple[str, int]:
    form.above += came.faults
    return _form_page(*_entry(db.session(), number, position), form), came.status


def _list(session: Session, number: int) -> Publicity:
    found = list_public(session, number, today())
    if found is None:
        raise NotFound(_("没有这份公示名单，或尚未开始公示"))
    return found


def _entry(session: Session, number: int, position: int) -> tuple[Publicity, PublicityEntry, Application]:
    found = _list(session, number)
    entry = entry_at(session, number, position)
    if entry is None:
        raise NotFound(_("公示名单上没有这一家"))
    return found, *entry


def _cover(found: Publicity) -> list[CoverLine]:
    hint = "（暂定）" if found.is_provisional else ""
    period = f"{found.first_day.isoformat()} 至 {found.last_day.isoformat()}{hint}"
    return [
        CoverLine("tier", "梯度", TIER_WORDS[found.tier]),
        CoverLine("period", "公示期", period),
        CoverLine("digest", "摘要 SHA-256", found.digest),
    ]


def _form_page(found: Publicity, entry: PublicityEntry, case: Application, form: ObjectionForm) -> str:
    return render_template(
        "public_lists/object.html",
        here="public_lists.lists",
        listed=found,
        entry=entry,
        against=_against(found, case, today()),
        form=form,
        **files_told(),
    )


def _against(found: Publicity, case: Application, on: date) -> str:
    """Say why nobody may object now; empty when anybody may."""
    try:
        ensure_open(found, case, on)
    except MoveNotAllowed as refused:
        return of_both(str(refused))
    return ""
