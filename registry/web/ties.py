"""Pages of what bars a person from deciding: the own ties to firms, and which firms belong to one group."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain.conflicts import FORMER_EMPLOYER_YEARS, TIE_WORDS, TieKind
from registry.domain.errors import Refused
from registry.store.people_lists import groups_page, ties_listed
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, text_asked, today
from registry.web.deeds import deed
from registry.web.desk import chosen, doer_here, init_blueprint, options, page_links, told
from registry.web.forms import EntryForm, choice, day, lines, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.signed_in import actor
from registry.work.declare_tie import LONGEST_NOTE, declare, note_group

blueprint = Blueprint("ties", __name__)
init_blueprint(blueprint)


class TieForm(EntryForm):
    """A tie to a firm."""

    uscc = text(N_("统一社会信用代码"), wanted(N_("请填写企业的统一社会信用代码")))
    kind = choice(N_("关系"), chosen(N_("请选择关系")))
    ended_on = day(N_("结束日期"))
    note = lines(N_("说明"))

    def offer(self) -> "TieForm":
        """Give the lists their choices."""
        self.kind.choices = options(TIE_WORDS)
        return self


class GroupForm(EntryForm):
    """A firm and the group it belongs to."""

    uscc = text(N_("统一社会信用代码"), wanted(N_("请填写企业的统一社会信用代码")))
    group_name = text(N_("集团名称"), wanted(N_("请填写集团名称")))
    source = text(N_("依据"), wanted(N_("请写明依据，例如公司章程、年报")))


@blueprint.get("/ties")
@may("declare_ties")
def ties() -> str:
    """Show the own ties, and what they bar."""
    return _ties(TieForm())


@blueprint.post("/ties")
@may("declare_ties")
def declare_tie() -> Response | tuple[str, int]:
    """Declare a tie of one's own."""
    form = TieForm().offer()
    if form.validate():
        try:
            with deed() as session:
                row = declare(
                    session,
                    int(actor().person_id or 0),
                    uscc=form.uscc.data,
                    kind=TieKind(form.kind.data),
                    ended_on=form.ended_on.data,
                    note=form.note.data,
                    doer=doer_here(),
                    now=now(),
                )
                code = row.uscc
        except Refused as refused:
            form.blame_for(refused)
        else:
            return told(_("已申报与 %(code)s 的利害关系。", code=code), url_for(".ties"))
    return _ties(form), 422


@blueprint.get("/groups")
@may("run_seats")
def groups() -> str:
    """List the firms that belong to groups."""
    return _groups(GroupForm())


@blueprint.post("/groups")
@may("run_seats")
def note_member() -> Response | tuple[str, int]:
    """Enter that a firm belongs to a group."""
    form = GroupForm()
    if form.validate():
        try:
            with deed() as session:
                note_group(
                    session,
                    form.uscc.data,
                    form.group_name.data,
                    source=form.source.data,
                    doer=doer_here(),
                    now=now(),
                )
        except Refused as refused:
            form.blame_for(refused)
        else:
            return told(_("已记入集团 %(name)s。", name=form.group_name.data), url_for(".groups"))
    return _groups(form), 422


def _ties(form: TieForm) -> str:
    return render_template(
        "ties/list.html",
        here="ties.ties",
        form=form.offer(),
        ties=ties_listed(db.session(), int(actor().person_id or 0)),
        tie_words=TIE_WORDS,
        years=FORMER_EMPLOYER_YEARS,
        longest=LONGEST_NOTE,
        today=today(),
    )


def _groups(form: GroupForm) -> str:
    query = text_asked("q")
    rows, after = groups_page(db.session(), query=query or None, after=text_asked("after") or None)
    return render_template(
        "ties/groups.html", here="people.people", form=form, rows=rows, query=query, **page_links(".groups", after)
    )
