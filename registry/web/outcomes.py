"""Pages on which a list that was published outside is imported: chosen, compared with what waits here, carried out."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, current_app, render_template, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.domain.codes import TIER_WORDS
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.permissions import permission
from registry.domain.roles import Role
from registry.evidence.vault import Missing, NotKept
from registry.sheets.book_rows import read_scale, read_titles
from registry.store.cases import Application
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import chosen, init_blueprint, told
from registry.web.forms import EntryForm, choice, day, text, wanted
from registry.web.labels import N_, tier
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.web.uploads import takes_files, vault
from registry.work.import_outcomes import OUTSIDE_TIERS, Document, Plan, Row, carry_out, plan, waiting_state

blueprint = Blueprint("outcomes", __name__)
init_blueprint(blueprint)
_MOST_BYTES = 20 * 2**20
_LIFETIME = timedelta(hours=8)
_MOST_FAULTS = 50
# Who records what: the statistics authority's lists are a statistician's (policy §9).
_RECORDED_BY = {"little_giant": Role.CITY_REVIEWER, "above_scale": Role.STATISTICIAN}


class ListForm(EntryForm):
    """Which list."""

    tier = choice(N_("梯度"), chosen(N_("请选择这份名单属于哪一类")))


class DocumentForm(EntryForm):
    """The document in which it was published, and whether it is complete."""

    number = text(N_("文号或名单名称"), wanted(N_("请填写文号或名单名称")))
    title = text(N_("标题"), wanted(N_("请填写标题")))
    decided_on = day(N_("公布日期"))
    closes = choice(N_("名单是否完整"), chosen(N_("请选择名单是否完整")))


@blueprint.get("/outcomes")
@may("import_outcomes")
def outcomes() -> str:
    """Show how many wait for a decision taken outside, and ask for the list."""
    return _first_page(_list_form())


@blueprint.post("/outcomes/compare")
@may("import_outcomes")
@takes_files(_MOST_BYTES)
def compare() -> str | tuple[str, int]:
    """Read a list and show what importing it would do; nothing is written but the file itself."""
    form = _list_form()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.above.append(_("请选择名单文件（.xlsx 或 .csv）"))
    if not form.validate() or form.has_faults or sent is None:
        return _first_page(form), 422
    suffix = Path(sent.filename or "").suffix.lower()
    try:
        with vault().draft(sent.stream, _MOST_BYTES) as draft:
            rows = _read(draft.place, suffix, form.tier.data)
            planned = plan(db.session(), visible(Application), form.tier.data, rows)
            vault().keep(draft)
        return _compared(planned, _document_form(), draft.sha256, suffix)
    except Refused as refused:
        form.blame_for(refused)
    except NotKept as failure:
        form.above.append(str(failure))
    return _first_page(form), 422


@blueprint.post("/outcomes")
@may("import_outcomes")
def carried_out() -> Response | tuple[str, int]:
    """Import the list that was compared."""
    digest, suffix, of_tier, seen = _handed(request.form.get("list", ""))
    form = _document_form()
    try:
        with vault().open(digest) as kept, tempfile.TemporaryDirectory(dir=vault().drafts()) as folder:
            place = Path(folder) / "list"
            with place.open("wb") as copy:
                shutil.copyfileobj(kept, copy)
            rows = _read(place, suffix, of_tier)
    except Missing as missing:
        raise MoveNotAllowed("名单文件已过期，请重新选择 (the list is no longer here: choose it again)") from missing
    if form.validate() and form.decided_on.data is None:
        form.decided_on.errors = [_("请填写公布日期")]
    if not form.has_faults:
        document = Document(form.number.data, form.title.data, form.decided_on.data, form.closes.data == "yes")
        try:
            with deed(f"outcomes:{of_tier}") as session:
                planned = plan(session, visible(Application), of_tier, rows)
                carry_out(session, actor(), acting_seats(), planned, document, seen=seen, now=now(), post=post())
                count, matched = len(planned.listed), len(planned.matched)
            return told(
                _("已导入 %(count)s 家，其中 %(matched)s 家在此申报", count=count, matched=matched),
                url_for(".outcomes"),
            )
        except Refused as refused:
            form.blame_for(refused)
    planned = plan(db.session(), visible(Application), of_tier, rows)
    return _compared(planned, form, digest, suffix), 422


def _read(place: Path, suffix: str, of_tier: str) -> Sequence[Row]:
    """Read a list whole; its faults are told by cell.

    Raises:
        Refused: at `file`.
    """
    read = read_scale if of_tier == "above_scale" else read_titles
    with _named(place, suffix) as named:
        try:
            reading = read(named)
        except Refused as refused:
            raise Refused([Fault("file", fault.message) for fault in refused.faults]) from None
    if reading.faults:
        raise Refused([Fault("", str(one)) for one in reading.faults[:_MOST_FAULTS]])
    return [row for _number, row in reading.rows]


@contextmanager
def _named(place: Path, suffix: str) -> Iterator[Path]:
    """Give a file a name by which its reader knows what it should be."""
    named = place.with_suffix(suffix if suffix in (".xlsx", ".csv") else ".unknown")
    named.hardlink_to(place)
    try:
        yield named
    finally:
        named.unlink()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="outcomes")


def _handed(token: str) -> tuple[str, str, str, str]:
    """Return what was compared: digest, suffix, tier, mark; only by whoever compared it, within a day's work."""
    try:
        digest, suffix, of_tier, person, seen = _signer().loads(token, max_age=int(_LIFETIME.total_seconds()))
    except BadData:
        raise MoveNotAllowed("名单文件已过期，请重新选择 (the list is no longer here: choose it again)") from None
    if person != actor().person_id:
        raise MoveNotAllowed("名单由他人选择，请重新选择 (somebody else chose the list: choose it again)")
    return digest, suffix, of_tier, seen


def _mine() -> list[str]:
    """Return the tiers whose lists whoever asks may import."""
    held = {seat.role for seat in permission("import_outcomes").seats_for(actor())}
    return [one for one in OUTSIDE_TIERS if _RECORDED_BY[one] in held]


def _list_form() -> ListForm:
    form = ListForm()
    form.tier.choices = [("", _("请选择")), *((one, tier(one)) for one in _mine())]
    return form


def _document_form() -> DocumentForm:
    form = DocumentForm()
    form.closes.choices = [
        ("", _("请选择")),
        ("yes", _("完整：不在名单上的申报未通过")),
        ("no", _("不完整：其余申报继续等待")),
    ]
    return form


def _waiting(session: Session, of_tier: str) -> int:
    query = select(func.count()).select_from(Application)
    return session.scalar(query.where(Application.state == waiting_state(of_tier), visible(Application))) or 0


def _first_page(form: ListForm) -> str:
    return render_template(
        "outcomes/list.html",
        here="outcomes.outcomes",
        form=form,
        waiting={one: _waiting(db.session(), one) for one in _mine()},
        tiers=TIER_WORDS,
    )


def _compared(planned: Plan, form: DocumentForm, digest: str, suffix: str) -> str:
    handed = _signer().dumps([digest, suffix, planned.tier, actor().person_id, planned.mark])
    return render_template("outcomes/compare.html", here="outcomes.outcomes", planned=planned, form=form, handed=handed)
