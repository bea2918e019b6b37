"""Pages of what somebody was told: his notices, how far the mail of each got, and how many he has not opened."""

import json

from flask import Blueprint, g, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from registry.domain.actors import Standing
from registry.domain.errors import NotFound
from registry.store.letters import Letter
from registry.store.notice_lists import NoticeLine, notices_page, own_notice, unread_of
from registry.store.notices import Notice
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, word_asked
from registry.web.deeds import deed
from registry.web.desk import in_words, init_blueprint, number_asked, page_links, told
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.menu import reader
from registry.web.signed_in import actor
from registry.work.notice_words import words_of

blueprint = Blueprint("notices", __name__)
init_blueprint(blueprint)
# How far a mail got: what is said, and the look of it.
_MAIL = {
    "waiting": (N_("待发送"), "open"),
    "sending": (N_("待发送"), "open"),
    "sent": (N_("已发送"), "confirmed"),
    "failed": (N_("发送失败"), "refused"),
}


@blueprint.record_once
def _count_for_every_page(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["unread_count"] = unread_count


def unread_count() -> int:
    """Return how many notices whoever reads the page has not opened; asked once a page, and 0 for nobody."""
    if "unread" not in g:
        who = reader()
        g.unread = 0
        if who.standing is Standing.FULL and who.person_id is not None:
            try:
                g.unread = unread_of(db.session(), who.person_id)
            except SQLAlchemyError:
                # The page may be about the database itself.
                g.quiet = True
    return int(g.unread)


@blueprint.get("/notices")
@may("own_account")
def mine() -> str:
    """List what whoever asks was told, the newest first."""
    only = word_asked("state", ("unread", "all")) or "all"
    found = notices_page(db.session(), _own_id(), unread_only=only == "unread", after=number_asked("after"))
    return render_template(
        "notices/list.html",
        here="notices.mine",
        lines=[_shown(line) for line in found.lines],
        only=only,
        unread=unread_count(),
        links=page_links("notices.mine", found.after),
        zone=now().tzinfo,
    )


@blueprint.post("/notices/<int:number>/open")
@may("own_account")
def open_one(number: int) -> Response:
    """Note that a notice was read, and go where it points."""
    with deed() as session:
        found = own_notice(session, _own_id(), number)
        if found is None:
            raise NotFound(_("没有这条通知"))
        found.read_at = found.read_at or now()
        address = found.address
    # Ours begin with one stroke; two would lead to another host.
    inside = address.startswith("/") and not address.startswith("//")
    return redirect(address if inside else url_for(".mine"), 303)


@blueprint.post("/notices/read-all")
@may("own_account")
def read_all() -> Response:
    """Note that all of one's notices were read."""
    with deed() as session:
        session.execute(
            update(Notice).where(Notice.person_id == _own_id(), Notice.read_at.is_(None)).values(read_at=now())
        )
    return told(_("全部标为已读"), url_for(".mine"))


def _own_id() -> int:
    return int(actor().person_id or 0)


def _shown(line: NoticeLine) -> dict[str, object]:
    text = words_of(line.notice.template, json.loads(line.notice.told))
    subject, body = in_words(text.subject), in_words(text.body).split("\n")
    # The body begins with what the subject says, for the mail; here it stands just above.
    if body and body[0].rstrip("。.") == subject:
        body = body[1:]
    return {"notice": line.notice, "subject": subject, "body": "\n".join(body), "mail": mail_state(line.letter)}


def mail_state(letter: Letter | None) -> tuple[str, str, str]:
    """Return how far a mail got: in words, the key of its look, and what went wrong."""
    if letter is None:
        return _("未发邮件"), "withdrawn", ""
    word, look = _MAIL[letter.state]
    return _(word), look, letter.fault if letter.state == "failed" else ""
