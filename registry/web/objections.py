"""Pages on which an office reads objections 异议 to the firms of its list, enters those that came by letter, and
answers each. Who objected, how he is reached and what he sent is shown to the office of the list alone."""

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField

from registry.domain.actors import Seat
from registry.domain.errors import Barred, NotFound, Refused
from registry.evidence.kinds import KINDS, LARGEST_UPLOAD, MEBIBYTE
from registry.store.cases import Application
from registry.store.publicities import ObjectionFile, Publicity, PublicityEntry
from registry.store.publicity_lists import (
    Objected,
    entry_at,
    files_of_objection,
    is_running,
    list_visible,
    objection_on,
)
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now, today
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import init_blueprint, told
from registry.web.forms import EntryForm, day, lines
from registry.web.labels import N_
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.public_lists import ObjectionForm, files_told
from registry.web.publicity_words import init_words
from registry.web.security import keys
from registry.web.signed_in import actor
from registry.web.taken_files import chosen_files, take_files
from registry.web.unread_forms import answer_unread
from registry.web.uploads import as_download, hands_out, kept, takes_files
from registry.work.case_bars import bar_of, procedure_of
from registry.work.case_guards import LONGEST_OPINION
from registry.work.close_publicity import against_it, uphold
from registry.work.decide import tie_against
from registry.work.notify import OFFICE_CASE
from registry.work.object_to import (
    LONGEST_REPLY,
    MOST_FILES,
    enter_objection,
    note_file_seen,
    office_seat,
    reply_to,
    reveal_contact,
)

blueprint = Blueprint("objections", __name__)
init_blueprint(blueprint)
init_words(blueprint)


class LetterForm(ObjectionForm):
    """An objection that came by letter, and when."""

    received_on = day(N_("收到日期"))


class ReplyForm(EntryForm):
    """The answer to an objection."""

    is_upheld = RadioField(N_("核实结果"), choices=[], validate_choice=False)
    # A line break of a browser is two characters, of ours one.
    reply = lines(N_("答复"), longest=2 * LONGEST_REPLY)


class RefusalForm(EntryForm):
    """Why a firm is refused at the end of its publicity."""

    opinion = lines(N_("不予通过的意见（企业会看到）"), longest=LONGEST_OPINION)


@blueprint.get("/publicities/<int:number>/objections/<int:objection_id>")
@may("review_cases")
def objection(number: int, objection_id: int) -> str:
    """Show an objection with its answer, or the form to answer it."""
    return _page(_found(db.session(), number, objection_id))


@blueprint.post("/publicities/<int:number>/objections/<int:objection_id>/reply")
@may("review_cases")
def reply(number: int, objection_id: int) -> Response | tuple[str, int]:
    """Answer an objection; whoever holds its code reads it."""
    form, who = ReplyForm(), actor()
    if form.validate():
        chosen = {"yes": True, "no": False}.get(form.is_upheld.data or "")
        try:
            with deed(f"publicity:{number}") as session:
                found = _found(session, number, objection_id)
                given = {"reply": form.reply.data, "is_upheld": chosen}
                at = found.listed, found.case, found.objection
                reply_to(session, who, acting_seats(), *at, **given, now=now(), post=post())
            return told(_("已答复这条异议"), url_for(".objection", number=number, objection_id=objection_id))
        except Refused as refused:
            form.blame_for(refused)
    return _page(_found(db.session(), number, objection_id), reply=form), 422


@blueprint.post("/publicities/<int:number>/objections/<int:objection_id>/reveal")
@may("review_cases")
def show(number: int, objection_id: int) -> str:
    """Show how the objector is reached, to verify what he says; that it was shown is traced."""
    who = actor()
    with deed(f"objection:{objection_id}") as session:
        found = _found(session, number, objection_id)
        seat = _own_seat(found.listed)
        contact = reveal_contact(session, keys(), found.objection, found.case, actor=who, seat=seat, now=now())
    return _page(_found(db.session(), number, objection_id), contact=contact)


@blueprint.get("/publicities/<int:number>/objections/<int:objection_id>/files/<int:file_id>")
@may("review_cases")
@hands_out
def download(number: int, objection_id: int, file_id: int) -> Response:
    """Hand out a file of an objection as a download, and trace it; to the office of the list alone."""
    row = _file(db.session(), number, objection_id, file_id)
    name, kind = row.name, KINDS[row.kind]
    content = kept(row.sha256)
    # Whoever asks for the headers alone takes nothing away.
    if request.method == "GET":
        with deed() as session:
            row = _file(session, number, objection_id, file_id)
            seat = _own_seat(_list(session, number))
            note_file_seen(session, row, doer=actor().doer(seat), now=now())
    return as_download(content, name, kind.media_type)


@blueprint.get("/publicities/<int:number>/entries/<int:position>/objection")
@may("review_cases")
def letter(number: int, position: int) -> str:
    """Show the form by which the office enters an objection that came by letter."""
    found, entry, case = _entry(db.session(), number, position)
    return _letter_page(found, entry, case, LetterForm(data={"received_on": today()}))


@blueprint.post("/publicities/<int:number>/entries/<int:position>/objection")
@may("review_cases")
@takes_files(LARGEST_UPLOAD, MOST_FILES)
def enter(number: int, position: int) -> Response | tuple[str, int]:
    """Enter an objection that came by letter, with what came with it or not at all."""
    form, who = LetterForm(), actor()
    found, entry, case = _entry(db.session(), number, position)
    said, sent = form.read(), chosen_files(request.files.getlist("files"))
    if form.received_on.data is None and not form.received_on.errors:
        form.received_on.errors = [_("请填写收到日期")]
    if len(sent) > MOST_FILES:
        form.above.append(_("最多附 %(most)s 份文件", most=MOST_FILES))
    if said is None or form.has_faults:
        return _letter_page(found, entry, case, form), 422
    came = take_files(sent)
    form.above += came.faults
    if not came.faults:
        try:
            with deed(f"publicity:{number}") as session:
                found, entry, case = _entry(session, number, position)
                row = enter_objection(
                    session, who, acting_seats(), found, case, said,
                    received_on=form.received_on.data, files=came.kept, keys=keys(), now=now(), post=post(),
                )  # fmt: skip
                address = url_for(".objection", number=number, objection_id=row.id)
            return told(_("已登记异议"), address)
        except Refused as refused:
            form.blame_for(refused)
    return _letter_page(*_entry(db.session(), number, position), form), came.status


@blueprint.post("/publicities/<int:number>/objections/<int:objection_id>/refuse")
@may("review_cases")
def refuse(number: int, objection_id: int) -> Response | tuple[str, int]:
    """Refuse a firm after its publicity because an objection was upheld."""
    form, who = RefusalForm(), actor()
    if form.validate() and not form.opinion.data:
        form.opinion.errors = [_("请填写意见")]
    if form.has_faults:
        return _page(_found(db.session(), number, objection_id), refusal=form), 422
    with deed(f"publicity:{number}") as session:
        found = _found(session, number, objection_id)
        opinion = form.opinion.data
        uphold(session, who, acting_seats(), found.listed, found.case, opinion=opinion, now=now(), post=post())
        name = found.entry.name
    return told(_("%(firm)s 不予通过", firm=name), url_for("publicities.listed", number=number))


def _too_large() -> str:
    told = {"count": MOST_FILES, "size": LARGEST_UPLOAD // MEBIBYTE}
    return _("一次最多 %(count)s 份、合计 %(size)s MB，异议没有登记，请减少附件后重新填写", **told)


def _again(message: str) -> str:
    asked, form = request.view_args or {}, LetterForm()
    form.above.append(message)
    return _letter_page(*_entry(db.session(), asked["number"], asked["position"]), form)


answer_unread(blueprint, _too_large, _again)


def _list(session: Session, number: int) -> Publicity:
    found = list_visible(session, visible(Publicity), number)
    if found is None:
        raise NotFound(_("没有这份公示名单"))
    return found


def _found(session: Session, number: int, objection_id: int) -> Objected:
    found = objection_on(session, _list(session, number), objection_id)
    if found is None:
        raise NotFound(_("没有这条异议"))
    return found


def _own_seat(listed: Publicity) -> Seat:
    """Return the seat at the office of a list; to every other office the objector is not there."""
    seat = office_seat(listed, acting_seats())
    if seat is None:
        raise NotFound(_("没有这条异议"))
    return seat


def _file(session: Session, number: int, objection_id: int, file_id: int) -> ObjectionFile:
    found = _found(session, number, objection_id)
    _own_seat(found.listed)
    against = tie_against(session, actor(), found.case.uscc, now())
    if against:
        raise Barred(against)
    for row in files_of_objection(session, objection_id):
        if row.id == file_id:
            return row
    raise NotFound(_("没有这份材料"))


def _entry(session: Session, number: int, position: int) -> tuple[Publicity, PublicityEntry, Application]:
    found = _list(session, number)
    _own_seat(found)
    entry = entry_at(session, number, position)
    if entry is None:
        raise NotFound(_("公示名单上没有这一家"))
    return found, *entry


def _page(
    found: Objected, *, reply: ReplyForm | None = None, refusal: RefusalForm | None = None, contact: str | None = None
) -> str:
    session, form = db.session(), reply or ReplyForm(data={})
    form.is_upheld.choices = [("yes", _("异议成立")), ("no", _("异议不成立"))]
    outcome = against_it(procedure_of(found.case).stage(found.listed.stage))
    is_there = found.case.state == f"stage:{found.listed.stage}"
    is_own = office_seat(found.listed, acting_seats()) is not None
    against = bar_of(session, actor(), found.case, found.listed.level, now()) if is_own and is_there else None
    return render_template(
        "publicities/objection.html",
        here="publicities.lists",
        found=found,
        files=files_of_objection(session, found.objection.id) if is_own else [],
        is_own=is_own,
        tied=tie_against(session, actor(), found.case.uscc, now()) is not None,
        is_there=is_there,
        against=of_both(against) if against else "",
        may_refuse=bool(outcome) and is_own and is_there and found.state == "upheld",
        is_over=not is_running(found.listed, today()),
        form=form,
        refusal=refusal or RefusalForm(data={}),
        contact=contact,
        case_address=OFFICE_CASE.format(found.case.id),
    )


def _letter_page(found: Publicity, entry: PublicityEntry, case: Application, form: LetterForm) -> str:
    return render_template(
        "publicities/letter.html",
        here="publicities.lists",
        listed=found,
        entry=entry,
        is_there=case.state == f"stage:{found.stage}",
        form=form,
        **files_told(),
    )
