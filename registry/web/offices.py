"""Pages of the offices: bureaus and departments stay; auditors and intermediaries are opened and closed here."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain.errors import Refused
from registry.domain.roles import DEPARTMENT_WORDS, OFFICE_WORDS, OfficeKind
from registry.store.people_lists import offices_page
from registry.web import db
from registry.web.access import admitted, may
from registry.web.asking import now, text_asked, word_asked
from registry.web.deeds import deed
from registry.web.desk import chosen, doer_here, init_blueprint, number_asked, options, page_links, told
from registry.web.forms import EntryForm, choice, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.work.seat import close_office, office_of, open_office

blueprint = Blueprint("offices", __name__)
init_blueprint(blueprint)
_COMPANIES = (OfficeKind.AUDITOR, OfficeKind.INTERMEDIARY)


class OfficeForm(EntryForm):
    """A company that audits, or that acts for firms."""

    kind = choice(N_("类别"), chosen(N_("请选择类别")))
    name = text(N_("名称"), wanted(N_("请填写名称")))
    name_en = text(N_("英文名称"))
    uscc = text(N_("统一社会信用代码"), wanted(N_("请填写统一社会信用代码")))

    def offer(self) -> "OfficeForm":
        """Give the lists their choices."""
        self.kind.choices = options({kind: OFFICE_WORDS[kind] for kind in _COMPANIES})
        return self


@blueprint.get("/offices")
@may("see_people")
def offices() -> str:
    """List the offices, with how many seats are held in each."""
    return _page(OfficeForm())


@blueprint.post("/offices")
@may("run_accounts")
def open_company() -> Response | tuple[str, int]:
    """Open an auditor or an intermediary."""
    form = OfficeForm().offer()
    if form.validate():
        try:
            with deed() as session:
                office = open_office(
                    session,
                    OfficeKind(form.kind.data),
                    form.name.data,
                    name_en=form.name_en.data,
                    uscc=form.uscc.data,
                    doer=doer_here(),
                    now=now(),
                )
                name = office.name
        except Refused as refused:
            form.blame_for(refused)
        else:
            return told(_("已开立 %(name)s。", name=name), url_for(".offices", q=name))
    return _page(form), 422


@blueprint.post("/offices/<int:office_id>/close")
@may("run_accounts")
def close(office_id: int) -> Response:
    """Close an auditor or an intermediary."""
    with deed() as session:
        office = office_of(session, office_id)
        close_office(session, office, doer=doer_here(), now=now())
        name = office.name
    return told(_("%(name)s 已关闭，席位不再有效。", name=name), url_for(".offices"))


def _page(form: OfficeForm) -> str:
    query, kind = text_asked("q"), word_asked("kind", tuple(OfficeKind))
    rows, after = offices_page(db.session(), query=query or None, kind=kind, after=number_asked("after"))
    return render_template(
        "offices/list.html",
        here="offices.offices",
        form=form.offer() if admitted("run_accounts") else None,
        query=query,
        kind=kind,
        rows=rows,
        kinds=OfficeKind,
        companies=_COMPANIES,
        departments=DEPARTMENT_WORDS,
        **page_links(".offices", after),
    )
