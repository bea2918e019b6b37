"""Pages of a firm's evidence: what is on file, uploading, downloading, taking back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import and_
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from registry.domain.actors import Seat
from registry.domain.case_states import Phase
from registry.domain.errors import NotFound, Refused
from registry.domain.roles import Role
from registry.evidence.kinds import KINDS, LARGEST_UPLOAD, MEBIBYTE, MOST_AT_ONCE, MOST_BYTES, MOST_FILES, Unfit
from registry.evidence.names import read_name
from registry.evidence.scan import scan
from registry.evidence.vault import Missing, NotKept
from registry.store.application_lists import applications_listed
from registry.store.cases import Application
from registry.store.evidence import Evidence, evidence_held, evidence_of, evidence_quarantined, evidence_visible
from registry.store.firms import Firm
from registry.store.waiting import firm_visible
from registry.web import db
from registry.web.access import acting_seats, admitted, may, visible
from registry.web.asking import now
from registry.web.deeds import deed
from registry.web.forms import EntryForm, lines, text
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.signed_in import actor, settings
from registry.web.taken_files import NOT_SAVED, lay_down, let_go, shown_name
from registry.web.unread_forms import answer_unread
from registry.web.uploads import as_download, hands_out, kept, takes_files, vault
from registry.work.case_bars import state_of
from registry.work.keep_evidence import (
    About,
    Offered,
    attach,
    check_quota,
    ensure_clean,
    note_look,
    note_refusal,
    read_about,
    remove,
    settle,
)

blueprint = Blueprint("evidence", __name__)
_FILLED_IN = (Phase.DRAFT, Phase.RETURNED)


class UploadForm(EntryForm):
    """What the files prove."""

    criterion = text(N_("证明什么（条款或事项）"))
    year = text(N_("所属年度"))
    note = lines(N_("说明"))


@dataclass
class Outcome:
    """What came of an upload: which files were kept, which were refused and why, which the disk did not take."""

    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    unsaved: list[tuple[str, str]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Return the status of the answer: 503 where the disk failed, 422 where a file was refused."""
        return 503 if self.unsaved else 422 if self.refused else 200


@blueprint.get("/firms/<uscc>/evidence")
@may("see_evidence")
def files(uscc: str) -> str:
    """Show what a firm has on file, and to whom may upload what is taken."""
    return _page(_own(uscc), UploadForm(), Outcome())


@blueprint.post("/firms/<uscc>/evidence")
@may("keep_evidence")
@takes_files(LARGEST_UPLOAD, MOST_AT_ONCE)
def upload(uscc: str) -> Response | tuple[str, int]:
    """Take files; each that is refused is told with its reason while the others are kept."""
    firm, form, came = _own(uscc), UploadForm(), Outcome()
    sent = [one for one in request.files.getlist("files") if one.filename]
    if not sent:
        form.above.append(_("请选择要上传的文件"))
    if len(sent) > MOST_AT_ONCE:
        form.above.append(_("一次最多上传 %(most)s 份文件，请分几次上传", most=MOST_AT_ONCE))
    about = About()
    if form.validate() and not form.has_faults:
        try:
            about = read_about(form.criterion.data, form.year.data, form.note.data)
        except Refused as refused:
            form.blame_for(refused)
    if form.has_faults:
        return _page(firm, form, came), 422
    fault = _quota_fault(firm)
    let_go()
    offered = [one for file in sent if (one := _taken(file, came, fault))]
    _put_on_file(uscc, offered, about, came)
    _scan_waiting(uscc)
    if came.status == 200:
        flash(_("已保存 %(count)s 份文件", count=len(came.kept)))
        return redirect(url_for(".files", uscc=uscc), 303)
    return _page(_own(uscc), form, came), came.status


@blueprint.get("/evidence/<int:number>")
@may("see_evidence")
@hands_out
def download(number: int) -> Response:
    """Hand out a file as a download; where that cannot be traced, or the file is not what was kept, it is not."""
    row, _firm_of = _found(evidence_visible(db.session(), visible(Evidence), number))
    ensure_clean(row)
    name, kind = row.name, KINDS[row.kind]
    content = kept(row.sha256)
    # Whoever asks for the headers alone takes nothing away.
    if request.method == "GET":
        with deed() as session:
            row, firm = _found(evidence_visible(session, visible(Evidence), number))
            note_look(session, row, firm, doer=actor().doer(_seat(firm)), now=now())
    return as_download(content, name, kind.media_type)


@blueprint.post("/evidence/<int:number>/remove")
@may("keep_evidence")
def take_back(number: int) -> Response:
    """Take a file back."""
    with deed() as session:
        row, firm = _found(evidence_visible(session, visible(Evidence), number))
        remove(session, row, firm, doer=actor().doer(_seat(firm)), now=now())
        uscc, name = firm.uscc, row.name
    flash(_("已移除 %(name)s", name=name))
    return redirect(url_for(".files", uscc=uscc), 303)


def _too_large() -> str:
    told = {"count": MOST_AT_ONCE, "size": LARGEST_UPLOAD // MEBIBYTE}
    return _("一次最多 %(count)s 份、合计 %(size)s MB，所选文件均未保存，请分几次上传", **told)


def _again(message: str) -> str:
    firm, form = _own((request.view_args or {}).get("uscc", "")), UploadForm()
    form.above.append(message)
    return _page(firm, form, Outcome())


answer_unread(blueprint, _too_large, _again)


def _quota_fault(firm: Firm) -> str:
    """Say why a firm may upload nothing more; empty when it may. The deed asks again, for each file."""
    try:
        check_quota(db.session(), firm, 1)
    except Refused as refused:
        return refused.faults[0].message
    return ""


def _taken(file: FileStorage, came: Outcome, fault: str) -> Offered | None:
    """Examine one file and lay it into the vault; None, and a reason, for one that is not taken."""
    shown = shown_name(file)
    try:
        name, kind = read_name(file.filename)
        shown = name
        if fault:
            raise Unfit(fault)
        return lay_down(file, name, kind)
    except Unfit as unfit:
        came.refused.append((shown, str(unfit)))
    except NotKept as failure:
        came.unsaved.append((shown, str(failure)))
    except OSError:
        came.unsaved.append((shown, NOT_SAVED))
    return None


def _put_on_file(uscc: str, offered: Sequence[Offered], about: About, came: Outcome) -> None:
    """Write the rows of what lies in the vault, and the trail of what was refused, in one transaction."""
    if not offered and not came.refused:
        return
    with deed() as session:
        firm = _firm(firm_visible(session, visible(Firm), uscc))
        doer, kept = actor().doer(_seat(firm)), []
        for one in offered:
            try:
                attach(session, firm, one, about, is_scanned=bool(settings().clamd), doer=doer, now=now())
                kept.append(one.name)
            except Refused as refused:
                came.refused.append((one.name, refused.faults[0].message))
        for name, reason in came.refused:
            note_refusal(session, firm, name, reason, doer=doer, now=now())
    came.kept = kept


def _scan_waiting(uscc: str) -> None:
    """Have what waits of a firm scanned, outside any transaction; what the scanner says nothing of goes on waiting."""
    if not settings().clamd:
        return
    firm = _own(uscc)
    waiting = [(row.id, row.sha256) for row in evidence_quarantined(db.session(), firm.id, MOST_AT_ONCE)]
    for number, digest in waiting:
        let_go()
        try:
            with vault().open(digest) as file:
                scanned = scan(settings().clamd, file)
        except Missing:
            continue
        with deed() as session:
            found = evidence_visible(session, visible(Evidence), number)
            if found is not None:
                settle(session, *found, scanned, doer=actor().doer(_seat(found[1])), now=now())


def _seat(firm: Firm) -> Seat | None:
    """Return the seat in which somebody acts for a firm, or looks at it."""
    seats = acting_seats()
    return next((seat for seat in seats if firm.id in seat.firm_ids), next(iter(seats), None))


def _own(uscc: str) -> Firm:
    return _firm(firm_visible(db.session(), visible(Firm), uscc))


def _firm(found: Firm | None) -> Firm:
    if found is None:
        raise NotFound(_("没有这家企业"))
    return found


def _found(found: tuple[Evidence, Firm] | None) -> tuple[Evidence, Firm]:
    if found is None:
        raise NotFound(_("没有这份材料"))
    return found


def _filings(firm: Firm) -> list[Application]:
    """Return the applications of a firm that are being filled in by whoever reads, as ways back."""
    if not admitted("apply"):
        return []
    own = and_(visible(Application, "apply"), Application.firm_id == firm.id, Application.filed_role == Role.APPLICANT)
    return [one for one in applications_listed(db.session(), own, 20) if state_of(one).phase in _FILLED_IN]


def _page(firm: Firm, form: UploadForm, came: Outcome) -> str:
    held, size = evidence_held(db.session(), firm.id)
    return render_template(
        "evidence/list.html",
        here="bureau.firms",
        firm=firm,
        rows=evidence_of(db.session(), visible(Evidence), firm.id),
        kinds_taken=KINDS,
        may_keep=admitted("keep_evidence"),
        form=form,
        came=came,
        limits={
            "files": MOST_FILES,
            "bytes": MOST_BYTES // MEBIBYTE,
            "at_once": MOST_AT_ONCE,
            "upload": LARGEST_UPLOAD // MEBIBYTE,
        },
        held=held,
        held_bytes=size,
        filings=_filings(firm),
        zone=now().tzinfo,
    )
