"""Pages for everyone: a report 实名举报 on a firm, and the answer to it under the code that the reporter was given."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.domain import uscc as codes
from registry.domain.errors import NotFound, Refused
from registry.domain.lookup_codes import canonical, spaced
from registry.store.queries import firm_by_uscc
from registry.web import db
from registry.web.access import may
from registry.web.asking import now, text_asked
from registry.web.case_words import post
from registry.web.deeds import deed
from registry.web.desk import told
from registry.web.forms import EntryForm, lines, text, wanted
from registry.web.labels import N_
from registry.web.language import say as _
from registry.web.security import keys
from registry.web.signed_in import address, visitor
from registry.work.report_change import LONGEST
from registry.work.report_firm import is_public, public_firms, report_by_code
from registry.work.report_firm import report as make_report
from registry.work.sign_in import Door, count_try, digest, locked_until

blueprint = Blueprint("public_report", __name__)
# From one network address in a quarter of an hour.
MOST_REPORTS = 10


class ReportForm(EntryForm):
    """Who reports what of which firm."""

    uscc = text(N_("企业的统一社会信用代码"), wanted(N_("请填写统一社会信用代码")))
    reporter = text(N_("您的真实姓名"))
    contact = text(N_("您的电话或邮箱"))
    grounds = lines(N_("反映的情况和依据"), longest=LONGEST, render_kw={"rows": 5})


@blueprint.get("/report")
@may("public")
def form() -> str:
    """Show the form; a firm may be looked for by its name first."""
    blank = ReportForm()
    blank.uscc.data = text_asked("uscc")
    return _page(blank)


@blueprint.post("/report")
@may("public")
def send() -> Response | tuple[str, int]:
    """Take a report; what was sent too often from one address is not."""
    filled = ReportForm()
    door = Door(digest(f"report:{address()}"), MOST_REPORTS)
    filled.validate()
    if locked_until(db.session(), (door,), now()) is not None:
        filled.above.append(_("从您所在的网络提交的次数过多，请稍后再试"))
    if not filled.has_faults:
        try:
            with deed() as session:
                row = make_report(
                    session,
                    keys(),
                    uscc=filled.uscc.data,
                    reporter=filled.reporter.data,
                    contact=filled.contact.data,
                    grounds=filled.grounds.data,
                    # The trail tells that one came, not from whom: it is read by more people than the report.
                    doer=visitor(_("举报人")),
                    now=now(),
                    post=post(),
                )
                code = row.code
                count_try(session, (door,), now())
            return told(_("已收到您的举报，请记下查询码"), url_for(".answer", code=code))
        except Refused as refused:
            filled.blame_for(refused)
    return _page(filled), 422


@blueprint.get("/report/answer")
@may("public")
def look() -> str | Response:
    """Go to the answer to a report whose code was typed."""
    typed = text_asked("code")
    code = canonical(typed) if typed else None
    if code is not None:
        return redirect(url_for(".answer", code=code), 303)
    return render_template("papers/look.html", here="", is_wrong=bool(typed))


@blueprint.get("/report/<code>")
@may("public")
def answer(code: str) -> str | Response:
    """Show where a report stands and what was found, to whoever holds its code."""
    known = canonical(code)
    if known is not None and known != code:
        return redirect(url_for(".answer", code=known), 301)
    found = report_by_code(db.session(), known) if known else None
    if found is None:
        raise NotFound(_("没有查到这个查询码的举报，请核对后再试"))
    row, firm = found
    return render_template("papers/answer.html", here="", row=row, firm=firm, code=spaced(row.code), zone=now().tzinfo)


def _page(form: ReportForm) -> str:
    name = text_asked("q")
    code = codes.canonical(form.uscc.data or "")
    # What is no code at all is told by its box, and never asked of the database.
    firm = firm_by_uscc(db.session(), code) if codes.fault_of(code) is None else None
    return render_template(
        "papers/report_form.html",
        here="",
        form=form,
        name=name,
        firms=public_firms(db.session(), name) if name else [],
        firm=firm if firm is not None and is_public(db.session(), firm) else None,
    )
