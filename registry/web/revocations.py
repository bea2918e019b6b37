"""Pages of revocations and bans: proposed, the firm heard, settled; and what the firm sees of its own."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.domain.codes import LADDER
from registry.domain.errors import NotFound, Refused
from registry.domain.revocations import GROUNDS, Cause
from registry.store.firms import Firm
from registry.store.people import Person
from registry.store.recognitions import Ban, RevocationCase
from registry.store.revocation_lists import ban_visible, bans_in_force, revocation_visible, revocations_page
from registry.store.waiting import firm_visible
from registry.web import db
from registry.web.access import acting_seats, may, visible
from registry.web.asking import now, text_asked, today
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import chosen, in_words, init_blueprint, number_asked, options, page_links, told
from registry.web.forms import EntryForm, choice, day, lines, text, wanted
from registry.web.labels import N_, tier
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.case_guards import title_held
from registry.work.report_change import LONGEST
from registry.work.revoke_title import lift, propose, say, settle

blueprint = Blueprint("revocations", __name__)
init_blueprint(blueprint)
_OUTCOMES = {"revoked": ("撤销称号", "Revoke the title"), "dropped": ("不予撤销", "Do not revoke it")}


class ProposeForm(EntryForm):
    """Which title, why, and what shows it."""

    uscc = text(N_("统一社会信用代码"), wanted(N_("请填写统一社会信用代码")))
    tier = choice(N_("称号"), chosen(N_("请选择称号")))
    cause = choice(N_("撤销原因"), chosen(N_("请选择撤销原因")))
    facts = lines(N_("事实与依据"), wanted(N_("请写明事实与依据")), longest=LONGEST)


class SettleForm(EntryForm):
    """What was decided after the firm was heard."""

    outcome = choice(N_("决定"), chosen(N_("请选择撤销或不予撤销")))
    hearing = lines(N_("听取陈述申辩的情况"), wanted(N_("请填写听取陈述申辩的情况")), longest=LONGEST)
    document = text(N_("决定文号"))
    revoked_on = day(N_("自何日起撤销"))


class SayForm(EntryForm):
    """What the firm says to it."""

    words = lines(N_("陈述申辩"), wanted(N_("请填写陈述申辩的内容")), longest=LONGEST)


class LiftForm(EntryForm):
    """Why a ban is lifted."""

    why = lines(N_("解除理由"), wanted(N_("请写明解除的理由")))


@blueprint.get("/revocations")
@may("see_revocations")
def revocations() -> str:
    """Show what is under way and what was settled, and who may not apply."""
    is_open = request.args.get("state") != "settled"
    rows, after = revocations_page(db.session(), visible(RevocationCase), is_open=is_open, after=number_asked("after"))
    return render_template(
        "revocations/list.html",
        here="revocations.revocations",
        rows=rows,
        is_open=is_open,
        bans=bans_in_force(db.session(), visible(Firm), today()),
        cause_word=cause_word,
        links=page_links("revocations.revocations", after),
        zone=now().tzinfo,
    )


@blueprint.get("/revocations/new")
@may("propose_revocations")
def new() -> str:
    """Ask which title is to be revoked, and why."""
    form = _proposing()
    form.uscc.data = text_asked("firm") or form.uscc.data
    return _new_page(form)


@blueprint.post("/revocations/new")
@may("propose_revocations")
def create() -> Response | tuple[str, int]:
    """Propose a revocation."""
    form = _proposing()
    if form.validate():
        try:
            with deed("revocation") as session:
                firm = firm_visible(session, visible(Firm), form.uscc.data.upper())
                if firm is None:
                    raise Refused.at("uscc", "您的辖区内没有这家企业，请核对代码 (no such firm in your reach)")
                row = propose(
                    session,
                    actor(),
                    acting_seats()[0],
                    firm,
                    tier=form.tier.data,
                    cause=form.cause.data,
                    facts=form.facts.data,
                    now=now(),
                    post=post(),
                )
                number = row.id
            return told(_("已提出，并告知企业可以陈述申辩"), url_for(".revocation", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _new_page(form), 422


@blueprint.get("/revocations/<int:number>")
@may("see_revocations")
def revocation(number: int) -> str:
    """Show one, with what the firm says and what may be decided."""
    return _page(number, _settling())


@blueprint.post("/revocations/<int:number>/settle")
@may("revoke_titles")
def decide(number: int) -> Response | tuple[str, int]:
    """Revoke the title, or drop the proposal."""
    form = _settling()
    if form.validate():
        try:
            with deed(f"revocation:{number}") as session:
                row = _found(revocation_visible(session, visible(RevocationCase), number))
                settle(
                    session,
                    actor(),
                    acting_seats()[0],
                    row,
                    outcome=form.outcome.data,
                    hearing=form.hearing.data,
                    document=form.document.data or "",
                    revoked_on=form.revoked_on.data,
                    now=now(),
                    post=post(),
                )
            return told(_("已办结，并告知企业"), url_for(".revocation", number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _page(number, form), 422


@blueprint.get("/bans/<int:number>/lift")
@may("revoke_titles")
def lifting(number: int) -> str:
    """Ask why a ban is lifted."""
    return _lift_page(number, LiftForm())


@blueprint.post("/bans/<int:number>/lift")
@may("revoke_titles")
def lifted(number: int) -> Response | tuple[str, int]:
    """Lift a ban as mistaken."""
    form = LiftForm()
    if form.validate():
        try:
            with deed(f"ban:{number}") as session:
                found = _ban(ban_visible(session, visible(Firm), number))
                lift(session, actor(), acting_seats()[0], found, why=form.why.data, now=now())
            return told(_("已解除禁止申报"), url_for(".revocations"))
        except Refused as refused:
            form.blame_for(refused)
    return _lift_page(number, form), 422


@blueprint.get("/firms/<uscc>/revocations/<int:number>")
@may("see_own_cases")
def own(uscc: str, number: int) -> str:
    """Show the firm what is proposed, and let it say what it has to say."""
    return _own_page(uscc, number, SayForm())


@blueprint.post("/firms/<uscc>/revocations/<int:number>")
@may("keep_papers")
def spoken(uscc: str, number: int) -> Response | tuple[str, int]:
    """Keep what the firm says."""
    form = SayForm()
    if form.validate():
        try:
            with deed(f"revocation:{number}") as session:
                row = _of_firm(revocation_visible(session, visible(RevocationCase), number), uscc)
                seat = next(one for one in acting_seats() if row.firm_id in one.firm_ids)
                say(session, actor(), seat, row, form.words.data, now=now())
            return told(_("已提交陈述申辩"), url_for(".own", uscc=uscc, number=number))
        except Refused as refused:
            form.blame_for(refused)
    return _own_page(uscc, number, form), 422


def cause_word(cause: str) -> str:
    """Return a cause in the reader's language."""
    return in_words(GROUNDS[Cause(cause)].words)


def _proposing() -> ProposeForm:
    form = ProposeForm()
    form.tier.choices = [("", _("请选择")), *((one, tier(one)) for one in LADDER)]
    form.cause.choices = options({one: ground.words for one, ground in GROUNDS.items()})
    return form


def _settling() -> SettleForm:
    form = SettleForm()
    form.outcome.choices = options(_OUTCOMES)
    return form


def _new_page(form: ProposeForm) -> str:
    firm = firm_visible(db.session(), visible(Firm), (form.uscc.data or "").upper()) if form.uscc.data else None
    held = [one for one in LADDER if firm and title_held(db.session(), firm.id, one, today())]
    grounds = [(in_words(ground.words), ground.bans) for ground in GROUNDS.values()]
    return render_template(
        "revocations/new.html", here="revocations.revocations", form=form, firm=firm, held=held, grounds=grounds
    )


def _page(number: int, form: SettleForm) -> str:
    row = _found(revocation_visible(db.session(), visible(RevocationCase, "see_revocations"), number))
    people = [one for one in (row.proposed_by, row.settled_by) if one is not None]
    names = {one.id: one.name for one in (db.session.get_one(Person, number) for number in people)}
    return render_template(
        "revocations/revocation.html",
        here="revocations.revocations",
        row=row,
        form=form,
        names=names,
        bans_for=GROUNDS[Cause(row.cause)].bans,
        is_own=row.proposed_by == actor().person_id,
        cause_word=cause_word,
        zone=now().tzinfo,
        today=today(),
    )


def _lift_page(number: int, form: LiftForm) -> str:
    found = _ban(ban_visible(db.session(), visible(Firm, "see_revocations"), number))
    firm = db.session.get_one(Firm, found.firm_id)
    return render_template(
        "revocations/lift.html", here="revocations.revocations", ban=found, firm=firm, form=form, cause_word=cause_word
    )


def _own_page(uscc: str, number: int, form: SayForm) -> str:
    row = _of_firm(revocation_visible(db.session(), visible(RevocationCase, "see_own_cases"), number), uscc)
    return render_template(
        "revocations/own.html",
        here="home.home",
        row=row,
        form=form,
        bans_for=GROUNDS[Cause(row.cause)].bans,
        cause_word=cause_word,
        zone=now().tzinfo,
    )


def _found(row: RevocationCase | None) -> RevocationCase:
    if row is None:
        raise NotFound(_("没有这件撤销"))
    return row


def _of_firm(row: RevocationCase | None, uscc: str) -> RevocationCase:
    found = _found(row)
    return found if found.uscc == uscc else _found(None)


def _ban(found: Ban | None) -> Ban:
    if found is None:
        raise NotFound(_("没有这条禁止申报"))
    return found
